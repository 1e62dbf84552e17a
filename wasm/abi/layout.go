package abi

import (
	"slices"

	"github.com/rungpolicy/rung/policy"
)

// SizeOf returns how many bytes a value of type t takes in memory: in a slot, in an object's body, or as an element of a list. What it points to
// is not counted.
func SizeOf(t *policy.Type) int {
	switch t.Kind {
	case policy.KindBool, policy.KindNull:
		return 1
	case policy.KindIP, policy.KindCIDR, policy.KindMap, policy.KindObject:
		return 4
	case policy.KindTimestamp, policy.KindAny:
		return 16
	case policy.KindOptional:
		return align(PayloadOffset(t)+SizeOf(t.Elem), AlignOf(t))
	}
	return 8
}

// AlignOf returns of what number the address of a value of type t is a multiple.
func AlignOf(t *policy.Type) int {
	switch t.Kind {
	case policy.KindBool, policy.KindNull:
		return 1
	case policy.KindIP, policy.KindCIDR, policy.KindMap, policy.KindObject:
		return 4
	case policy.KindOptional:
		return AlignOf(t.Elem)
	}
	return 8
}

// Stride returns how far apart the elements of a list of t stand.
func Stride(t *policy.Type) int { return align(SizeOf(t), AlignOf(t)) }

// PayloadOffset returns where in an optional its value stands, behind the byte that says whether there is one.
func PayloadOffset(t *policy.Type) int { return align(1, AlignOf(t.Elem)) }

// The body of an address or range: a byte with the family, one with the length of the prefix, two of zeros, and 16 bytes, big-endian, in which IPv4 is ::ffff:a.b.c.d.
const (
	AddressFamily = 0 // u8: 4 or 6
	AddressPrefix = 1 // u8: of a range, counted in 128 bits: IPv4's /24 is 96+24; of an address 0
	AddressBytes  = 4
	AddressSize   = 20
)

// The body of a map.
const (
	MapCount  = 0 // u32
	MapKeys   = 4 // u32: address of the keys, ascending, [MapStride] bytes each
	MapValues = 8 // u32: address of the values, in the order of the keys
	MapSize   = 12
	MapStride = 8
)

// Body is how an object lies in memory: presence words, then the attributes.
type Body struct {
	// Fields are those of the type's Attrs, by the same index.
	Fields []Field
	Words  int
	Size   int
}

// Field is where an attribute of an object stands.
type Field struct {
	// Bit is its presence bit: bit Bit%32 of the u32 at 4*(Bit/32).
	Bit    int
	Offset int
}

// BodyAlign is the alignment of an object's body.
const BodyAlign = 8

// BodyOf returns the layout of objects of a type: the attributes in the order of their names, each at the next place that its alignment
// allows. In an authentication (an object with acr, amr and time, of the types that evidence has) these three come first, so that they stand at the same
// place whatever a policy adds.
func BodyOf(t *policy.Type) Body {
	b := Body{Fields: make([]Field, len(t.Attrs)), Words: Words(len(t.Attrs))}
	b.Size = 4 * b.Words
	for bit, i := range order(t) {
		attr := t.Attrs[i].Type
		offset := align(b.Size, AlignOf(attr))
		b.Fields[i] = Field{Bit: bit, Offset: offset}
		b.Size = offset + SizeOf(attr)
	}
	b.Size = align(b.Size, BodyAlign)
	return b
}

// authentication are the attributes of an authentication that have a fixed place.
var authentication = []policy.Attr{
	{Name: "acr", Type: policy.String},
	{Name: "amr", Type: policy.ListOf(policy.String)},
	{Name: "time", Type: policy.Timestamp},
}

// isAuthentication reports whether an object type has what an authentication has.
func isAuthentication(t *policy.Type) bool {
	return t.Kind == policy.KindObject && !slices.ContainsFunc(authentication, func(a policy.Attr) bool {
		i := t.Slot(a.Name)
		return i < 0 || !t.Attrs[i].Type.Equal(a.Type)
	})
}

// order returns the attributes of an object as they stand in memory.
func order(t *policy.Type) []int {
	out := make([]int, 0, len(t.Attrs))
	if isAuthentication(t) {
		for _, a := range authentication {
			out = append(out, t.Slot(a.Name))
		}
	}
	first := out
	for i := range t.Attrs {
		if !slices.Contains(first, i) {
			out = append(out, i)
		}
	}
	return out
}

func align(n, to int) int { return (n + to - 1) / to * to }
