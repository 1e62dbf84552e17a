package ext

import (
	"cel.dev/cel-go/cel"
	celext "cel.dev/cel-go/ext"
)

// math is arithmetic beyond the operators.
func math() Library {
	return Library{
		Name:    "math",
		Doc:     "Arithmetic beyond the operators.",
		Options: []cel.EnvOption{celext.Math()},
		Macros:  []string{"math.least", "math.greatest"},
		Funcs: []Func{
			{Name: "math.@max", Doc: "math.greatest(number, …) or of a list -> the largest"},
			{Name: "math.@min", Doc: "math.least(number, …) or of a list -> the smallest"},
			{Name: "math.abs", Doc: "math.abs(number) -> number"},
			{Name: "math.bitAnd", Doc: "math.bitAnd(int, int) -> int, of uint too"},
			{Name: "math.bitNot", Doc: "math.bitNot(int) -> int, of uint too"},
			{Name: "math.bitOr", Doc: "math.bitOr(int, int) -> int, of uint too"},
			{Name: "math.bitShiftLeft", Doc: "math.bitShiftLeft(int, int) -> int, of uint too"},
			{Name: "math.bitShiftRight", Doc: "math.bitShiftRight(int, int) -> int, of uint too; zeros come in"},
			{Name: "math.bitXor", Doc: "math.bitXor(int, int) -> int, of uint too"},
			{Name: "math.ceil", Doc: "math.ceil(double) -> double"},
			{Name: "math.floor", Doc: "math.floor(double) -> double"},
			{Name: "math.isFinite", Doc: "math.isFinite(double) -> bool"},
			{Name: "math.isInf", Doc: "math.isInf(double) -> bool"},
			{Name: "math.isNaN", Doc: "math.isNaN(double) -> bool"},
			{Name: "math.round", Doc: "math.round(double) -> double: halves away from zero"},
			{Name: "math.sign", Doc: "math.sign(number) -> number: -1, 0 or 1"},
			{Name: "math.sqrt", Doc: "math.sqrt(number) -> double"},
			{Name: "math.trunc", Doc: "math.trunc(double) -> double: towards zero"},
		},
	}
}
