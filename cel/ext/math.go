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
		Macros: []Macro{
			{Name: "math.greatest", Doc: "math.greatest(number, …) or of a list -> the largest", Example: "math.greatest(1, 3, 2) == 3"},
			{Name: "math.least", Doc: "math.least(number, …) or of a list -> the smallest", Example: "math.least([4, 2, 3]) == 2"},
		},
		Funcs: []Func{
			{Name: "math.@max", Doc: "math.greatest(number, …) or of a list -> the largest", Example: "math.greatest(1, 3, 2) == 3"},
			{Name: "math.@min", Doc: "math.least(number, …) or of a list -> the smallest", Example: "math.least([4, 2, 3]) == 2"},
			{Name: "math.abs", Doc: "math.abs(number) -> number", Example: "math.abs(-1.5) == 1.5"},
			{Name: "math.bitAnd", Doc: "math.bitAnd(int, int) -> int, of uint too", Example: "math.bitAnd(6, 3) == 2"},
			{Name: "math.bitNot", Doc: "math.bitNot(int) -> int, of uint too", Example: "math.bitNot(0) == -1"},
			{Name: "math.bitOr", Doc: "math.bitOr(int, int) -> int, of uint too", Example: "math.bitOr(6, 3) == 7"},
			{Name: "math.bitShiftLeft", Doc: "math.bitShiftLeft(int, int) -> int, of uint too", Example: "math.bitShiftLeft(1, 4) == 16"},
			{Name: "math.bitShiftRight", Doc: "math.bitShiftRight(int, int) -> int, of uint too; zeros come in", Example: "math.bitShiftRight(16, 4) == 1"},
			{Name: "math.bitXor", Doc: "math.bitXor(int, int) -> int, of uint too", Example: "math.bitXor(6, 3) == 5"},
			{Name: "math.ceil", Doc: "math.ceil(double) -> double", Example: "math.ceil(1.2) == 2.0"},
			{Name: "math.floor", Doc: "math.floor(double) -> double", Example: "math.floor(1.8) == 1.0"},
			{Name: "math.isFinite", Doc: "math.isFinite(double) -> bool", Example: "math.isFinite(1.5)"},
			{Name: "math.isInf", Doc: "math.isInf(double) -> bool", Example: "math.isInf(1.0 / 0.0)"},
			{Name: "math.isNaN", Doc: "math.isNaN(double) -> bool", Example: "math.isNaN(0.0 / 0.0)"},
			{Name: "math.round", Doc: "math.round(double) -> double: halves away from zero", Example: "math.round(2.5) == 3.0"},
			{Name: "math.sign", Doc: "math.sign(number) -> number: -1, 0 or 1", Example: "math.sign(-3) == -1"},
			{Name: "math.sqrt", Doc: "math.sqrt(number) -> double", Example: "math.sqrt(16) == 4.0"},
			{Name: "math.trunc", Doc: "math.trunc(double) -> double: towards zero", Example: "math.trunc(-1.8) == -1.0"},
		},
	}
}
