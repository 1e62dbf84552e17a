package policy_test

import (
	"testing"

	"github.com/rungpolicy/rung/policy"
)

func TestKind(t *testing.T) {
	t.Parallel()
	want := map[policy.Kind]string{
		policy.KindInvalid: "invalid", policy.KindBool: "bool", policy.KindInt: "int", policy.KindUint: "uint", policy.KindDouble: "double",
		policy.KindString: "string", policy.KindBytes: "bytes", policy.KindTimestamp: "timestamp", policy.KindDuration: "duration", policy.KindIP: "ip",
		policy.KindCIDR: "cidr", policy.KindAny: "any", policy.KindList: "list", policy.KindMap: "map", policy.KindObject: "object", policy.KindNull: "null",
		policy.KindOptional: "optional", policy.KindType: "type", policy.KindType + 1: "kind(18)", 255: "kind(255)",
	}
	for k, name := range want {
		if k.String() != name {
			t.Errorf("kind %d is %q, want %q", uint8(k), k, name)
		}
	}
}

func of(k policy.Kind, elem *policy.Type) *policy.Type { return &policy.Type{Kind: k, Elem: elem} }

func TestTypeString(t *testing.T) {
	t.Parallel()
	cases := []struct {
		t    *policy.Type
		want string
	}{
		{nil, "invalid"},
		{policy.Bool, "bool"},
		{policy.CIDR, "cidr"},
		{policy.NullType, "null"},
		{policy.ListOf(policy.String), "list(string)"},
		{policy.ListOfMax(policy.Int, policy.DefaultMax), "list(int)"},
		{policy.ListOfMax(policy.Int, 5), "list(int, 5)"},
		{of(policy.KindList, policy.Any), "list(any)"},
		{policy.MapOf(policy.Any), "map(any)"},
		{&policy.Type{Kind: policy.KindMap, Key: policy.Int, Elem: policy.ListOf(policy.Bool)}, "map(int, list(bool))"},
		{of(policy.KindOptional, policy.Int), "optional(int)"},
		{of(policy.KindOptional, nil), "optional"},
		{of(policy.KindType, policy.MapOf(policy.IP)), "type(map(ip))"},
		{of(policy.KindType, nil), "type"},
		{policy.ObjectOf("x"), "object({})"},
		{
			policy.ObjectOf("device", policy.Attr{Name: "trusted", Type: policy.Bool, Optional: true}, policy.Attr{Name: "id", Type: policy.String}),
			"object({id = string, trusted = optional(bool)})",
		},
	}
	for _, c := range cases {
		if got := c.t.String(); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

// TestTypeEqual compares every type with every other: one is equal to itself and to a copy, and to no other.
func TestTypeEqual(t *testing.T) {
	t.Parallel()
	object := func(name string, attrs ...policy.Attr) func() *policy.Type {
		return func() *policy.Type { return policy.ObjectOf(name, attrs...) }
	}
	a := policy.Attr{Name: "a", Type: policy.Int}
	types := []func() *policy.Type{
		func() *policy.Type { return nil },
		func() *policy.Type { return &policy.Type{Kind: policy.KindInt} },
		func() *policy.Type { return &policy.Type{Kind: policy.KindUint} },
		func() *policy.Type { return policy.ListOf(policy.Int) },
		func() *policy.Type { return policy.ListOf(policy.ListOf(policy.Int)) },
		func() *policy.Type { return of(policy.KindOptional, policy.Int) },
		func() *policy.Type { return of(policy.KindOptional, nil) },
		func() *policy.Type { return policy.MapOf(policy.Int) },
		func() *policy.Type { return &policy.Type{Kind: policy.KindMap, Key: policy.Int, Elem: policy.Int} },
		object(""),
		object("", a),
		object("", policy.Attr{Name: "b", Type: policy.Int}),
		object("", policy.Attr{Name: "a", Type: policy.Uint}),
		object("", policy.Attr{Name: "a", Type: policy.Int, Optional: true}),
		object("", a, policy.Attr{Name: "b", Type: policy.Int}),
	}
	for i, x := range types {
		for j, y := range types {
			if got := x().Equal(y()); got != (i == j) {
				t.Errorf("%v equals %v: %v", x(), y(), got)
			}
		}
	}
	if !policy.ListOfMax(policy.Int, 3).Equal(policy.ListOf(policy.Int)) || !object("x", a)().Equal(object("y", a)()) {
		t.Error("sizes and names of types count")
	}
}

func TestObjectOf(t *testing.T) {
	t.Parallel()
	attrs := []policy.Attr{{Name: "z", Type: policy.Int}, {Name: "a", Type: policy.Bool}, {Name: "m", Type: policy.String}}
	typ := policy.ObjectOf("x", attrs...)
	if attrs[0].Name != "z" {
		t.Error("the caller's attributes were sorted")
	}
	for name, slot := range map[string]int{"a": 0, "m": 1, "z": 2, "": -1, "b": -1, "zz": -1} {
		if got := typ.Slot(name); got != slot {
			t.Errorf("the slot of %q is %d, want %d", name, got, slot)
		}
	}
	o := policy.NewObject(typ)
	if len(o.Attrs) != 3 || o.Attrs[0] != nil || o.Attrs[1] != nil || o.Attrs[2] != nil {
		t.Errorf("a new object has %v", o.Attrs)
	}
}

func TestMap(t *testing.T) {
	t.Parallel()
	m := policy.NewMap(map[string]policy.Value{"b": int64(2), "": nil, "é": true, "a": policy.Null{}})
	for _, c := range []struct {
		key  string
		want policy.Value
		ok   bool
	}{{"", nil, true}, {"a", policy.Null{}, true}, {"b", int64(2), true}, {"é", true, true}, {"c", nil, false}, {"B", nil, false}} {
		if got, ok := m.Get(c.key); got != c.want || ok != c.ok {
			t.Errorf("Get(%q) = %v, %v, want %v, %v", c.key, got, ok, c.want, c.ok)
		}
	}
	if got := m.Keys; len(got) != 4 || got[0] != "" || got[1] != "a" || got[2] != "b" || got[3] != "é" {
		t.Errorf("the keys are %q", got)
	}
	if _, ok := (&policy.Map{}).Get("a"); ok {
		t.Error("the zero map has a key")
	}
}
