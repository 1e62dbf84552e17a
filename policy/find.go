package policy

import (
	"slices"
	"strings"
)

// indexByName searches a slice that is ordered by name.
func indexByName[T any](s []T, name string, of func(T) string) int {
	i, ok := slices.BinarySearchFunc(s, name, func(x T, n string) int { return strings.Compare(of(x), n) })
	if !ok {
		return -1
	}
	return i
}

// find searches a short slice in any order.
func find[T any](s []*T, name string, of func(*T) string) *T {
	for _, x := range s {
		if of(x) == name {
			return x
		}
	}
	return nil
}
