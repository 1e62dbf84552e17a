package ext

import (
	"cel.dev/cel-go/cel"
	celext "cel.dev/cel-go/ext"
)

// comprehensions is the macros with two variables: index and element, or key and value.
func comprehensions() Library {
	return Library{
		Name:    "comprehensions",
		Doc:     "Macros with two variables: index and element of a list, key and value of a map.",
		Options: []cel.EnvOption{celext.TwoVarComprehensions()},
		Macros:  []string{"all", "exists", "existsOne", "transformList", "transformMap", "transformMapEntry"},
	}
}
