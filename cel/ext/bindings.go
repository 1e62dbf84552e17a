package ext

import (
	"cel.dev/cel-go/cel"
	celext "cel.dev/cel-go/ext"
)

// bindings is `cel.bind(name, value, expression)`.
func bindings() Library {
	return Library{
		Name:    "bindings",
		Doc:     "A name for a value inside one expression.",
		Options: []cel.EnvOption{celext.Bindings()},
		Macros: []Macro{
			{Name: "cel.bind", Doc: "cel.bind(x, value, expression): the expression, in which x is the value", Example: "cel.bind(n, 2, n * n) == 4"},
		},
	}
}
