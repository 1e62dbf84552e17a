package ext

import (
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// optional is optional values: `a.?b`, `a[?b]`, `[?a]`, `{?a: b}`.
func optional() Library {
	return Library{
		Name:    "optional",
		Doc:     "Values that may be there or not.",
		Options: []cel.EnvOption{cel.OptionalTypes()},
		Macros:  []string{"optMap", "optFlatMap"},
		Funcs: []Func{
			{Name: "first", Doc: "list.first() -> optional: its first element"},
			{Name: "hasValue", Doc: "optional.hasValue([value]) -> bool: it is there (and equals the value)"},
			{Name: "last", Doc: "list.last() -> optional: its last element"},
			{Name: "optional.none", Doc: "optional.none() -> optional: without a value"},
			{Name: "optional.of", Doc: "optional.of(any) -> optional: with the value"},
			{Name: "optional.ofNonZeroValue", Doc: "optional.ofNonZeroValue(any) -> optional: none if the value is zero, empty or null"},
			{Name: "optional.unwrap", Doc: "optional.unwrap(list(optional)) -> list: the values that are there", Makes: unwrapMakes},
			{Name: "or", Doc: "optional.or(optional) -> optional: the first if it is there, else the second"},
			{Name: "orValue", Doc: "optional.orValue(any) -> any: its value if it is there, else the operand"},
			{Name: "unwrapOpt", Doc: "list(optional).unwrapOpt() -> list: the values that are there", Makes: unwrapMakes},
			{Name: "value", Doc: "optional.value() -> any: an error if it is none"},
		},
	}
}

// unwrapMakes says what the error prints of an element that is no optional; else nothing is made.
func unwrapMakes(args []ref.Val) Made {
	list, ok := args[0].(traits.Lister)
	if !ok {
		return Made{}
	}
	for it := list.Iterator(); it.HasNext() == types.True; {
		v := it.Next()
		if _, ok := v.(*types.Optional); !ok {
			return Made{Bytes: printed(v, 0)}
		}
	}
	return Made{}
}
