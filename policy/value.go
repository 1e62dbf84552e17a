package policy

import (
	"net/netip"
	"slices"
	"strings"
	"time"
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
// In a slot of a request, that is in [Request.Signals] and in [Object.Attrs], two kinds of values may also stand by their
// address, which is never nil: a value of a type named in [Scalar], and a list of texts, as *[]string. Nowhere else: the
// elements of lists and maps, params and the values of a policy or a trace stand for themselves. An interface holds an
// address as it is, but needs memory of its own for most other values; so who reads requests into the same memory again
// and again gets by without any. [As], [Texts] and [Plain] read both forms.
//
// Values are not changed once built; a decision may read one from several goroutines. What an address points to is not changed
// while a decision that reads it is under way.
type Value any

// Scalar is what may stand by its address in a slot of a request.
type Scalar interface {
	bool | int64 | uint64 | float64 | string | time.Time | time.Duration | netip.Addr | netip.Prefix
}

// As returns what a slot of a request holds, if it is a T, whether the T stands there itself or by its address.
func As[T Scalar](v Value) (T, bool) {
	switch v := v.(type) {
	case *T:
		return *v, true
	case T:
		return v, true
	}
	var zero T
	return zero, false
}

// Plain returns what a slot of a request holds as a value that stands for itself. Of a list of texts it is a copy.
func Plain(v Value) Value {
	switch v := v.(type) {
	case *bool:
		return *v
	case *int64:
		return *v
	case *uint64:
		return *v
	case *float64:
		return *v
	case *string:
		return *v
	case *time.Time:
		return *v
	case *time.Duration:
		return *v
	case *netip.Addr:
		return *v
	case *netip.Prefix:
		return *v
	case *[]string:
		list := make([]Value, len(*v))
		for i, s := range *v {
			list[i] = s
		}
		return list
	}
	return v
}

// Texts is a list of texts in a slot of a request, in either form.
type Texts struct {
	plain  []string
	values []Value
}

// TextsOf returns the list that a slot of a request holds, and whether it holds one.
func TextsOf(v Value) (Texts, bool) {
	switch v := v.(type) {
	case *[]string:
		return Texts{plain: *v}, true
	case []Value:
		return Texts{values: v}, true
	}
	return Texts{}, false
}

// Len is how many elements the list has.
func (t Texts) Len() int { return len(t.plain) + len(t.values) }

// Has reports whether a text is in the list.
func (t Texts) Has(text string) bool {
	for _, s := range t.plain {
		if s == text {
			return true
		}
	}
	for _, v := range t.values {
		if s, ok := v.(string); ok && s == text {
			return true
		}
	}
	return false
}

// Any reports whether one of the texts passes. It is false, false where an element is no text: none, if the list is of texts.
func (t Texts) Any(passes func(string) bool) (found, texts bool) {
	for _, s := range t.plain {
		if passes(s) {
			return true, true
		}
	}
	for _, v := range t.values {
		s, ok := v.(string)
		if !ok {
			return false, false
		}
		found = found || passes(s)
	}
	return found, true
}

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
