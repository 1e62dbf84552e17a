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
			{Name: "sets.contains", Doc: "sets.contains(list, list) -> bool: the first has all of the second", Example: "sets.contains([1, 2, 3], [2])"},
			{Name: "sets.equivalent", Doc: "sets.equivalent(list, list) -> bool: each has all of the other", Example: "sets.equivalent([1, 2], [2, 1, 1])"},
			{Name: "sets.intersects", Doc: "sets.intersects(list, list) -> bool: they share an element", Example: "sets.intersects([1, 2], [2, 3])"},
		},
	}
}
