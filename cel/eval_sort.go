package cel

import (
	"math"
	"slices"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// ordered puts what differs from cel-go's order in its place: elements with equal keys stay as they stand, and what is no number has no
// place in an order. cel-go's sort is not stable, and leaves NaN wherever its algorithm does.
func (t *functionTable) ordered() {
	for name, o := range t.overloads {
		own := *o
		switch {
		case o.Unary != nil && (name == "sort" || isSort(name, "_sort")):
			own.Unary = func(v ref.Val) ref.Val { return sortBy(v, v) }
		case o.Binary != nil && (name == "@sortByAssociatedKeys" || isSort(name, "_sortByAssociatedKeys")):
			own.Binary = sortBy
		default:
			continue
		}
		t.overloads[name] = &own
	}
}

// isSort reports whether an overload is one of `list_int_sort` and its like.
func isSort(id, suffix string) bool {
	const prefix = "list_"
	return len(id) > len(prefix)+len(suffix) && id[:len(prefix)] == prefix && id[len(id)-len(suffix):] == suffix
}

// sortBy is a list in the order of its elements' keys.
func sortBy(list, keys ref.Val) ref.Val {
	of, ok := list.(traits.Lister)
	by, also := keys.(traits.Lister)
	if !ok || !also {
		return types.NoSuchOverloadErr()
	}
	n := sizeOf(by)
	if n == 0 {
		return list
	}
	vals, order := make([]ref.Val, n), make([]int, n)
	for i := range n {
		vals[i], order[i] = by.Get(types.Int(i)), i
		if d, ok := vals[i].(types.Double); ok && math.IsNaN(float64(d)) {
			return types.NewErr("NaN values cannot be ordered")
		}
		if vals[i].Type() != vals[0].Type() {
			return types.NewErr("list elements must have the same type")
		}
	}
	if _, ok := vals[0].(traits.Comparer); !ok {
		return types.NewErr("list elements must be comparable")
	}
	slices.SortStableFunc(order, func(i, j int) int {
		c, _ := vals[i].(traits.Comparer).Compare(vals[j]).(types.Int)
		return int(c)
	})
	sorted := make([]ref.Val, n)
	for i, from := range order {
		sorted[i] = of.Get(types.Int(from))
	}
	return types.NewRefValList(adapter, sorted)
}
