package policy

import (
	"slices"
	"strings"
)

// Value is a value of a request, a param or a list, in one of these Go types and no other:
//
//	nil            missing, or a lazy signal that is not yet known
//	Null           null: looked for, and there is none; or a null inside `any`
//	bool           KindBool
//	int64          KindInt
//	uint64         KindUint
//	float64        KindDouble, and every number inside `any`
//	string         KindString, valid UTF-8
//	[]byte         KindBytes
//	time.Time      KindTimestamp, in UTC
//	time.Duration  KindDuration
//	netip.Addr     KindIP, never IPv4-mapped, without a zone
//	netip.Prefix   KindCIDR, masked
//	[]Value        KindList, and arrays inside `any`
//	*Map           KindMap, and objects inside `any`
//	*Object        KindObject
//
// Values are not changed once built; a decision may read one from several goroutines.
type Value any

// Null is the value null. In a request, a signal or attribute that is null is missing, except where its type is `any`.
type Null struct{}

// Map is a map with string keys, kept in their order: bytewise, without repeats. The zero value is an empty map.
type Map struct {
	Keys   []string
	Values []Value
}

// Get returns the value of a key and whether it is there.
func (m *Map) Get(key string) (Value, bool) {
	i, ok := slices.BinarySearch(m.Keys, key)
	if !ok {
		return nil, false
	}
	return m.Values[i], true
}

// NewMap returns a Map of the entries of m.
func NewMap(m map[string]Value) *Map {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, strings.Compare)
	values := make([]Value, len(keys))
	for i, k := range keys {
		values[i] = m[k]
	}
	return &Map{Keys: keys, Values: values}
}

// Object is a value of an object type: one slot for each of the type's attributes, nil where it is missing.
type Object struct {
	Attrs []Value
}

// NewObject returns an object of type t with all attributes missing.
func NewObject(t *Type) *Object { return &Object{Attrs: make([]Value, len(t.Attrs))} }
