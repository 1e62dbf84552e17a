package gen

import (
	"maps"
	"slices"
)

func sortedKeys(o Object) []string { return slices.Sorted(maps.Keys(o)) }

func clone(v any) any {
	switch v := v.(type) {
	case Object:
		return cloneObject(v)
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = clone(x)
		}
		return out
	}
	return v
}

func cloneObject(o Object) Object {
	out := make(Object, len(o))
	for k, v := range o {
		out[k] = clone(v)
	}
	return out
}
