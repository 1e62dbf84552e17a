package ext

import (
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/rungpolicy/rung/policy"
)

// optional is optional values: `a.?b`, `a[?b]`, `[?a]`, `{?a: b}`.
func optional() Library {
	return Library{
		Name:    "optional",
		Doc:     "Values that may be there or not.",
		Options: []cel.EnvOption{cel.OptionalTypes()},
		Macros: []Macro{
			{Name: "optFlatMap", Doc: "optional.optFlatMap(x, optional) -> optional: of its value, what the expression comes to; none if it is none", Example: "optional.of([1]).optFlatMap(x, x.first()).value() == 1", On: []policy.Kind{policy.KindOptional}},
			{Name: "optMap", Doc: "optional.optMap(x, value) -> optional: with what the expression makes of its value; none if it is none", Example: "optional.of(2).optMap(x, x * 2).value() == 4", On: []policy.Kind{policy.KindOptional}},
		},
		Funcs: []Func{
			{Name: "first", Doc: "list.first() -> optional: its first element", Example: "[1, 2].first().orValue(0) == 1"},
			{Name: "hasValue", Doc: "optional.hasValue([value]) -> bool: it is there (and equals the value)", Example: "optional.of(1).hasValue()"},
			{Name: "last", Doc: "list.last() -> optional: its last element", Example: "[1, 2].last().orValue(0) == 2"},
			{Name: "optional.none", Doc: "optional.none() -> optional: without a value", Example: "!optional.none().hasValue()"},
			{Name: "optional.of", Doc: "optional.of(any) -> optional: with the value", Example: "optional.of(1).value() == 1"},
			{Name: "optional.ofNonZeroValue", Doc: "optional.ofNonZeroValue(any) -> optional: none if the value is zero, empty or null", Example: "!optional.ofNonZeroValue('').hasValue()"},
			{Name: "optional.unwrap", Doc: "optional.unwrap(list(optional)) -> list: the values that are there", Example: "optional.unwrap([optional.of(1), optional.none()]) == [1]", Makes: unwrapMakes},
			{Name: "or", Doc: "optional.or(optional) -> optional: the first if it is there, else the second", Example: "optional.none().or(optional.of(2)).value() == 2"},
			{Name: "orValue", Doc: "optional.orValue(any) -> any: its value if it is there, else the operand", Example: "optional.none().orValue(3) == 3"},
			{Name: "unwrapOpt", Doc: "list(optional).unwrapOpt() -> list: the values that are there", Example: "[optional.of(1), optional.none()].unwrapOpt() == [1]", Makes: unwrapMakes},
			{Name: "value", Doc: "optional.value() -> any: an error if it is none", Example: "optional.of(1).value() == 1"},
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
