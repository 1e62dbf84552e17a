package abi_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/abi"
)

func TestSizes(t *testing.T) {
	t.Parallel()
	optional := func(t *policy.Type) *policy.Type { return &policy.Type{Kind: policy.KindOptional, Elem: t} }
	for _, c := range []struct {
		t           *policy.Type
		size, align int
	}{
		{policy.Bool, 1, 1},
		{policy.Int, 8, 8},
		{policy.Uint, 8, 8},
		{policy.Double, 8, 8},
		{policy.Duration, 8, 8},
		{policy.String, 8, 8},
		{policy.Bytes, 8, 8},
		{policy.Timestamp, 16, 8},
		{policy.IP, 4, 4},
		{policy.CIDR, 4, 4},
		{policy.ListOf(policy.Bool), 8, 8},
		{policy.MapOf(policy.Bool), 4, 4},
		{policy.ObjectOf(""), 4, 4},
		{policy.NullType, 1, 1},
		{policy.Any, 16, 8},
		{optional(policy.Bool), 2, 1},
		{optional(policy.IP), 8, 4},
		{optional(policy.Timestamp), 24, 8},
		{optional(optional(policy.Int)), 24, 8},
	} {
		if s, a := abi.SizeOf(c.t), abi.AlignOf(c.t); s != c.size || a != c.align {
			t.Errorf("%s takes %d, %d; want %d, %d", c.t, s, a, c.size, c.align)
		}
		if s := abi.Stride(c.t); s%c.align != 0 || s < c.size || s >= c.size+c.align {
			t.Errorf("%s: stride %d", c.t, s)
		}
	}
}

func TestBody(t *testing.T) {
	t.Parallel()
	attr := func(name string, t *policy.Type) policy.Attr { return policy.Attr{Name: name, Type: t} }
	plain := policy.ObjectOf("", attr("d", policy.Timestamp), attr("a", policy.Bool), attr("b", policy.IP), attr("c", policy.Bool))
	want := abi.Body{Words: 1, Size: 32, Fields: []abi.Field{{Bit: 0, Offset: 4}, {Bit: 1, Offset: 8}, {Bit: 2, Offset: 12}, {Bit: 3, Offset: 16}}}
	if d := cmp.Diff(want, abi.BodyOf(plain)); d != "" {
		t.Error(d)
	}
	authentication := policy.ObjectOf("", attr("acr", policy.String), attr("aaa", policy.Bool), attr("amr", policy.ListOf(policy.String)), attr("time", policy.Timestamp))
	want = abi.Body{Words: 1, Size: 48, Fields: []abi.Field{{Bit: 3, Offset: 40}, {Bit: 0, Offset: 8}, {Bit: 1, Offset: 16}, {Bit: 2, Offset: 24}}}
	if d := cmp.Diff(want, abi.BodyOf(authentication)); d != "" {
		t.Error(d)
	}
	var many []policy.Attr
	for i := range 33 {
		many = append(many, attr("a"+string(rune('A'+i)), policy.Bool))
	}
	if b := abi.BodyOf(policy.ObjectOf("", many...)); b.Words != 2 || b.Fields[32] != (abi.Field{Bit: 32, Offset: 40}) || b.Size != 48 {
		t.Errorf("33 attributes: %+v", b)
	}
	if b := abi.BodyOf(policy.ObjectOf("")); b.Words != 1 || b.Size != 8 {
		t.Errorf("no attributes: %+v", b)
	}
}

func TestRecord(t *testing.T) {
	t.Parallel()
	for bit, want := range map[int]int{0: 20, 31: 20, 32: 96, 63: 96, 64: 100} {
		if got := abi.PresenceOffset(bit); got != want {
			t.Errorf("bit %d is at %d, want %d", bit, got, want)
		}
	}
	for words, want := range map[int]int{1: 96, 2: 104, 3: 104, 4: 112} {
		if got := abi.SlotsOffset(words); got != want {
			t.Errorf("with %d words slots begin at %d, want %d", words, got, want)
		}
	}
}

func TestCodes(t *testing.T) {
	t.Parallel()
	seen := map[policy.Code]bool{}
	texts := map[string]bool{}
	for n := range uint32(20) {
		code, ok := abi.Code(n)
		if ok != (3 <= n && n <= 12) || ok && (abi.NumberOf(code) != n || seen[code] || texts[abi.Text(n)]) {
			t.Errorf("%d is %q, %v", n, code, ok)
		}
		seen[code], texts[abi.Text(n)] = true, true
	}
	if abi.NumberOf("") != 0 || abi.NumberOf("other") != 0 {
		t.Error("no code has a number")
	}
}

func TestTagOf(t *testing.T) {
	t.Parallel()
	optional := func(t *policy.Type) *policy.Type { return &policy.Type{Kind: policy.KindOptional, Elem: t} }
	deep := policy.Int
	for range 7 {
		deep = policy.ListOf(deep)
	}
	for _, c := range []struct {
		t    *policy.Type
		want abi.Tag
		ok   bool
	}{
		{policy.NullType, 1, true},
		{policy.Bool, 2, true},
		{policy.Double, 5, true},
		{policy.String, 6, true},
		{policy.ListOf(policy.Any), 12, true},
		{policy.MapOf(policy.Any), 109, true},
		{policy.ListOf(policy.MapOf(policy.Int)), 0x36dc, true},
		{&policy.Type{Kind: policy.KindMap, Key: policy.Any, Elem: optional(policy.IP)}, 0xae0d, true},
		{deep, 0x3ccccccc, true},
		{policy.ListOf(deep), 0, false},
		{policy.ObjectOf(""), 0, false},
		{policy.ListOf(policy.ObjectOf("")), 0, false},
		{nil, 0, false},
	} {
		tag, ok := abi.TagOf(c.t)
		if ok != c.ok || ok && tag != c.want {
			t.Errorf("%s: %#x, %v", c.t, tag, ok)
		}
	}
}
