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
		Macros:  []string{"sortBy"},
		Funcs: []Func{
			{Name: "@sortByAssociatedKeys", Doc: "list.sortBy(e, key) -> list: by what the key is for each element"},
			{Name: "distinct", Doc: "list.distinct() -> list: without repeats, the first of each kept"},
			{Name: "flatten", Doc: "list.flatten([depth]) -> list: with the elements of the lists in it", Makes: flattenMakes},
			{Name: "hasAll", Doc: "list.hasAll(list) -> bool: it has all of the other"},
			{Name: "hasAny", Doc: "list.hasAny(list) -> bool: they share an element"},
			{Name: "hasExactly", Doc: "list.hasExactly(list) -> bool: each has all of the other"},
			{Name: "hasOnly", Doc: "list.hasOnly(list) -> bool: the other has all of it"},
			{Name: "lists.range", Doc: "lists.range(int) -> list(int): from 0 up to it, without it", Makes: rangeMakes},
			{Name: "reverse", Doc: "list.reverse() -> list"},
			{Name: "slice", Doc: "list.slice(int, int) -> list: from the first index up to the second, without it"},
			{Name: "sort", Doc: "list.sort() -> list: ascending"},
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
	return Made{Elements: flattened(list, depth, 0)}
}

// flattened counts on from n, up to just past the limit.
func flattened(list traits.Lister, depth types.Int, n int) int {
	if depth <= 0 {
		return n + length(list)
	}
	for it := list.Iterator(); it.HasNext() == types.True && n <= policy.MaxMadeElements; {
		if inner, ok := it.Next().(traits.Lister); ok {
			n = flattened(inner, depth-1, n)
		} else {
			n++
		}
	}
	return n
}
