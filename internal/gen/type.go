package gen

import (
	"fmt"
	"strings"
)

// Type is a type of the policy language, as conditions compute with it.
type Type struct {
	// Kind is its outermost word: "int", "list", "object", and "optional", which only conditions have.
	Kind string
	// Key is the type of a map's keys, Elem that of a list's elements, a map's values, and what an optional holds.
	Key, Elem *Type
	// Max is the most entries that a list or map of a request has.
	Max   int
	Attrs []Attr
}

// Attr is an attribute of an object.
type Attr struct {
	Name string
	Type *Type
}

// The types without parts.
var (
	boolean  = &Type{Kind: "bool"}
	integer  = &Type{Kind: "int"}
	unsigned = &Type{Kind: "uint"}
	double   = &Type{Kind: "double"}
	text     = &Type{Kind: "string"}
	octets   = &Type{Kind: "bytes"}
	moment   = &Type{Kind: "timestamp"}
	span     = &Type{Kind: "duration"}
	address  = &Type{Kind: "ip"}
	network  = &Type{Kind: "cidr"}
)

var scalars = []*Type{boolean, integer, unsigned, double, text, octets, moment, span, address, network}

func listOf(t *Type) *Type         { return &Type{Kind: "list", Elem: t} }
func mapOf(k, v *Type) *Type       { return &Type{Kind: "map", Key: k, Elem: v} }
func optionalOf(t *Type) *Type     { return &Type{Kind: "optional", Elem: t} }
func (t *Type) equal(u *Type) bool { return t.String() == u.String() }

// String writes a type as equal types are written alike.
func (t *Type) String() string {
	switch t.Kind {
	case "list", "optional":
		return t.Kind + "(" + t.Elem.String() + ")"
	case "map":
		return "map(" + t.Key.String() + ", " + t.Elem.String() + ")"
	case "object":
		var b strings.Builder
		for _, a := range t.Attrs {
			b.WriteString(a.Name + " " + a.Type.String() + "; ")
		}
		return "object(" + b.String() + ")"
	}
	return t.Kind
}

// declared writes a type as a policy does.
func (t *Type) declared() string {
	switch t.Kind {
	case "list", "map":
		return fmt.Sprintf("%s(%s, %d)", t.Kind, t.Elem.declared(), t.Max)
	case "object":
		var b strings.Builder
		b.WriteString("object({ ")
		for i, a := range t.Attrs {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(a.Name + " = " + a.Type.declared())
		}
		return b.String() + " })"
	}
	return t.Kind
}

// compares reports whether == takes two of a type: no objects.
func (t *Type) compares() bool { return t.Kind != "object" && (t.Elem == nil || t.Elem.compares()) }

// scalar draws a type without parts.
func (s *Source) scalar() *Type { return Pick(s, scalars...) }

// signalType draws the type of a signal or attribute.
func (s *Source) signalType(depth int) *Type {
	if depth > 0 {
		switch s.N(9) {
		case 0, 1:
			l := listOf(s.signalType(depth - 1))
			l.Max = 4 + s.N(5)
			return l
		case 2:
			m := mapOf(text, s.signalType(depth-1))
			m.Max = 3 + s.N(4)
			return m
		case 3, 4:
			return s.objectType(depth - 1)
		}
	}
	if s.Chance(5) {
		return anything
	}
	return s.scalar()
}

func (s *Source) objectType(depth int) *Type {
	t := &Type{Kind: "object"}
	for i := range 1 + s.N(4) {
		t.Attrs = append(t.Attrs, Attr{fmt.Sprintf("a%d", i), s.signalType(depth)})
	}
	return t
}
