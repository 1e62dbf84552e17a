package ext

import (
	"cel.dev/cel-go/cel"
	celext "cel.dev/cel-go/ext"
)

// sets is lists taken as sets.
func sets() Library {
	return Library{
		Name:    "sets",
		Doc:     "Lists taken as sets.",
		Options: []cel.EnvOption{celext.Sets()},
		Funcs: []Func{
			{Name: "sets.contains", Doc: "sets.contains(list, list) -> bool: the first has all of the second"},
			{Name: "sets.equivalent", Doc: "sets.equivalent(list, list) -> bool: each has all of the other"},
			{Name: "sets.intersects", Doc: "sets.intersects(list, list) -> bool: they share an element"},
		},
	}
}
