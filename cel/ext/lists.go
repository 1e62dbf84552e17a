package ext

import (
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	celext "cel.dev/cel-go/ext"

	"github.com/rungpolicy/rung/policy"
)

// lists is what is done with lists. `reverse` is of strings too (text).
func lists() Library {
	return Library{
		Name:    "lists",
		Doc:     "What is done with lists.",
		Options: []cel.EnvOption{celext.Lists()},
		Macros: []Macro{
			{Name: "sortBy", Doc: "list.sortBy(x, key) -> list: by what the key is for each element", Example: "['bb', 'a'].sortBy(s, s.size()) == ['a', 'bb']", On: []policy.Kind{policy.KindList}},
		},
		Funcs: []Func{
			{Name: "@sortByAssociatedKeys", Doc: "list.sortBy(e, key) -> list: by what the key is for each element", Example: "['bb', 'a'].sortBy(s, s.size()) == ['a', 'bb']"},
			{Name: "distinct", Doc: "list.distinct() -> list: without repeats, the first of each kept", Example: "[1, 2, 1].distinct() == [1, 2]"},
			{Name: "flatten", Doc: "list.flatten([depth]) -> list: with the elements of the lists in it", Example: "[[1], [2, [3]]].flatten(2) == [1, 2, 3]", Makes: flattenMakes},
			{Name: "hasAll", Doc: "list.hasAll(list) -> bool: it has all of the other", Example: "['pwd', 'otp'].hasAll(['otp'])"},
			{Name: "hasAny", Doc: "list.hasAny(list) -> bool: they share an element", Example: "['pwd', 'otp'].hasAny(['otp', 'hwk'])"},
			{Name: "hasExactly", Doc: "list.hasExactly(list) -> bool: each has all of the other", Example: "['pwd', 'otp'].hasExactly(['otp', 'pwd'])"},
			{Name: "hasOnly", Doc: "list.hasOnly(list) -> bool: the other has all of it", Example: "['pwd'].hasOnly(['pwd', 'otp'])"},
			{Name: "lists.range", Doc: "lists.range(int) -> list(int): from 0 up to it, without it", Example: "lists.range(3) == [0, 1, 2]", Makes: rangeMakes},
			{Name: "reverse", Doc: "list.reverse() -> list", Example: "[1, 2, 3].reverse() == [3, 2, 1]"},
			{Name: "slice", Doc: "list.slice(int, int) -> list: from the first index up to the second, without it", Example: "[1, 2, 3, 4].slice(1, 3) == [2, 3]"},
			{Name: "sort", Doc: "list.sort() -> list: ascending", Example: "[3, 1, 2].sort() == [1, 2, 3]"},
		},
	}
}

func rangeMakes(args []ref.Val) Made {
	n, ok := args[0].(types.Int)
	if !ok || n < 0 {
		return Made{}
	}
	return Made{Elements: int(min(n, types.Int(policy.MaxMadeElements+1)))}
}

func flattenMakes(args []ref.Val) Made {
	list, ok := args[0].(traits.Lister)
	if !ok {
		return Made{}
	}
	depth := types.Int(1)
	if len(args) == 2 {
		if depth, ok = args[1].(types.Int); !ok {
			return Made{}
		}
	}
	f := flattening{}
	f.count(list, depth)
	return Made{Elements: f.elements}
}

// flattening counts what a list is when flattened, up to just past the limit. Lists within lists that are all empty make
// nothing, but are to be gone through: of those there may be as many as bytes in a text.
type flattening struct{ elements, lists int }

func (f *flattening) count(list traits.Lister, depth types.Int) {
	f.lists++
	if f.lists > policy.MaxMadeBytes {
		f.elements = policy.MaxMadeElements + 1
	}
	if depth <= 0 {
		f.elements += length(list)
		return
	}
	for it := list.Iterator(); it.HasNext() == types.True && f.elements <= policy.MaxMadeElements; {
		if inner, ok := it.Next().(traits.Lister); ok {
			f.count(inner, depth-1)
		} else {
			f.elements++
		}
	}
}
