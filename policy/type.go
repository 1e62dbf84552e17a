package policy

import (
	"slices"
	"strconv"
	"strings"
)

// Kind is the outermost form of a [Type].
type Kind uint8

// The kinds that a signal, param, list or resource attribute may have, then those that only conditions compute with.
const (
	KindInvalid   Kind = iota
	KindBool           // bool
	KindInt            // 64-bit signed
	KindUint           // 64-bit unsigned
	KindDouble         // IEEE 754 binary64
	KindString         // UTF-8 text
	KindBytes          // octets
	KindTimestamp      // a moment, nanoseconds, years 0001–9999
	KindDuration       // signed nanoseconds in 64 bits
	KindIP             // an IPv4 or IPv6 address
	KindCIDR           // an address range
	KindAny            // any JSON value; in a condition, CEL's dyn
	KindList           // list(Elem)
	KindMap            // map(Key, Elem); a signal's keys are strings
	KindObject         // object({Attrs})

	KindNull     // null
	KindOptional // optional_type(Elem)
	KindType     // type(Elem), the type of types
)

var kindNames = [...]string{
	KindInvalid: "invalid", KindBool: "bool", KindInt: "int", KindUint: "uint", KindDouble: "double",
	KindString: "string", KindBytes: "bytes", KindTimestamp: "timestamp", KindDuration: "duration", KindIP: "ip",
	KindCIDR: "cidr", KindAny: "any", KindList: "list", KindMap: "map", KindObject: "object", KindNull: "null",
	KindOptional: "optional", KindType: "type",
}

// String returns the kind's name as it is written in a policy.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "kind(" + strconv.Itoa(int(k)) + ")"
}

// Type is the type of a signal, a param, a list's entries, or a sub-expression. Types are immutable once built and
// compared with [Type.Equal].
type Type struct {
	Kind Kind
	// Elem is the type of a list's elements, a map's values, or what an optional or type holds; nil for other kinds.
	Elem *Type
	// Key is the type of a map's keys; nil for other kinds.
	Key *Type
	// Max is the most entries a list or map of a request may have.
	Max int
	// Attrs are an object's attributes, ordered by name; an attribute's index is its slot in an [Object].
	Attrs []Attr
	// Name is what messages call an object ("device"); it takes no part in equality.
	Name string
}

// Attr is an attribute of an object type.
type Attr struct {
	Name string
	Type *Type
	// Optional says that absence is normal. Any attribute may be absent.
	Optional bool
}

// DefaultMax is the most entries of a list or map whose type does not say.
const DefaultMax = 1000

// The types without parameters.
var (
	Bool      = &Type{Kind: KindBool}
	Int       = &Type{Kind: KindInt}
	Uint      = &Type{Kind: KindUint}
	Double    = &Type{Kind: KindDouble}
	String    = &Type{Kind: KindString}
	Bytes     = &Type{Kind: KindBytes}
	Timestamp = &Type{Kind: KindTimestamp}
	Duration  = &Type{Kind: KindDuration}
	IP        = &Type{Kind: KindIP}
	CIDR      = &Type{Kind: KindCIDR}
	Any       = &Type{Kind: KindAny}
	NullType  = &Type{Kind: KindNull}
)

// ListOf returns list(elem) of up to DefaultMax entries.
func ListOf(elem *Type) *Type { return ListOfMax(elem, DefaultMax) }

// ListOfMax returns list(elem, limit).
func ListOfMax(elem *Type, limit int) *Type { return &Type{Kind: KindList, Elem: elem, Max: limit} }

// MapOf returns map(elem) with string keys.
func MapOf(elem *Type) *Type {
	return &Type{Kind: KindMap, Key: String, Elem: elem, Max: DefaultMax}
}

// ObjectOf returns an object type; attrs may come in any order and are kept by name.
func ObjectOf(name string, attrs ...Attr) *Type {
	attrs = slices.Clone(attrs)
	slices.SortFunc(attrs, func(a, b Attr) int { return strings.Compare(a.Name, b.Name) })
	return &Type{Kind: KindObject, Name: name, Attrs: attrs}
}

// Slot returns the index of an object's attribute, or -1.
func (t *Type) Slot(name string) int {
	i, ok := slices.BinarySearchFunc(t.Attrs, name, func(a Attr, n string) int { return strings.Compare(a.Name, n) })
	if !ok {
		return -1
	}
	return i
}

// Equal reports whether two types are the same; names and sizes do not count.
func (t *Type) Equal(o *Type) bool {
	if t == o {
		return true
	}
	if t == nil || o == nil || t.Kind != o.Kind || len(t.Attrs) != len(o.Attrs) || !t.Elem.Equal(o.Elem) || !t.Key.Equal(o.Key) {
		return false
	}
	for i, a := range t.Attrs {
		if a.Name != o.Attrs[i].Name || a.Optional != o.Attrs[i].Optional || !a.Type.Equal(o.Attrs[i].Type) {
			return false
		}
	}
	return true
}

// String returns the type as a policy writes it.
func (t *Type) String() string {
	if t == nil {
		return "invalid"
	}
	switch t.Kind {
	case KindList:
		if t.Max != 0 && t.Max != DefaultMax {
			return "list(" + t.Elem.String() + ", " + strconv.Itoa(t.Max) + ")"
		}
		return "list(" + t.Elem.String() + ")"
	case KindMap:
		if t.Key.Equal(String) {
			return "map(" + t.Elem.String() + ")"
		}
		return "map(" + t.Key.String() + ", " + t.Elem.String() + ")"
	case KindOptional, KindType:
		if t.Elem == nil {
			return t.Kind.String()
		}
		return t.Kind.String() + "(" + t.Elem.String() + ")"
	case KindObject:
		attrs := make([]string, len(t.Attrs))
		for i, a := range t.Attrs {
			attrs[i] = a.Name + " = " + a.Type.String()
			if a.Optional {
				attrs[i] = a.Name + " = optional(" + a.Type.String() + ")"
			}
		}
		return "object({" + strings.Join(attrs, ", ") + "})"
	}
	return t.Kind.String()
}
