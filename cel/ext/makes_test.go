package ext_test

import (
	"math"
	"testing"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/rungpolicy/rung/cel/ext"
)

// TestMakes holds what the table says a call makes against what the call then makes.
func TestMakes(t *testing.T) {
	t.Parallel()
	env, err := cel.NewEnv(ext.Options()...)
	if err != nil {
		t.Fatal(err)
	}
	makers := ext.Makers()
	s := func(v string) ref.Val { return types.String(v) }
	n := func(v int) ref.Val { return types.Int(v) }
	list := func(v ...ref.Val) ref.Val { return types.NewRefValList(types.DefaultTypeAdapter, v) }
	driven := make(map[string]bool)
	for _, tt := range []struct {
		function string
		args     []ref.Val
	}{
		{"_+_", []ref.Val{s("é"), s("abc")}},
		{"_+_", []ref.Val{types.Bytes("a"), types.Bytes("bc")}},
		{"_+_", []ref.Val{list(n(1)), list(n(2), n(3))}},
		{"replace", []ref.Val{s("abcabc"), s("b"), s("xyz")}},
		{"replace", []ref.Val{s("aaa"), s("aa"), s("")}},
		{"replace", []ref.Val{s("héé"), s(""), s("--")}},
		{"replace", []ref.Val{s("abab"), s("a"), s("xx"), n(1)}},
		{"replace", []ref.Val{s("abab"), s("a"), s("xx"), n(-1)}},
		{"replace", []ref.Val{s("abab"), s("a"), s("xx"), n(0)}},
		{"split", []ref.Val{s("a,b,c"), s(",")}},
		{"split", []ref.Val{s(""), s(",")}},
		{"split", []ref.Val{s("héé"), s("")}},
		{"split", []ref.Val{s(""), s("")}},
		{"split", []ref.Val{s("a,b,c"), s(","), n(2)}},
		{"split", []ref.Val{s("a,b,c"), s(","), n(0)}},
		{"split", []ref.Val{s("a,b,c"), s(","), n(-1)}},
		{"join", []ref.Val{list(s("a"), s("bc"))}},
		{"join", []ref.Val{list(s("a"), s("bc"), s("")), s(", ")}},
		{"join", []ref.Val{list(), s(", ")}},
		{"format", []ref.Val{s("a %s%% %x"), list(s("bcd"), types.Bytes("xy"))}},
		{"format", []ref.Val{s("%s|%s"), list(list(n(1), types.True, types.NullValue, s("x"), types.Double(1e300)), list())}},
		{"format", []ref.Val{s("%s %s"), list(types.DefaultTypeAdapter.NativeToValue(map[string]int{"a": 1, "bc": -20}), types.DefaultTypeAdapter.NativeToValue(map[string]int{}))}},
		{"format", []ref.Val{s("%d %d %d %d"), list(n(-5), types.Uint(77), types.Double(1e300), types.Double(math.Inf(-1)))}},
		{"format", []ref.Val{s("%f %.3f %.100f %f %.0f"), list(types.Double(-1e308), n(7), types.Uint(9), types.Double(math.NaN()), types.Double(math.Inf(1)))}},
		{"format", []ref.Val{s("%e %.3e %.0e"), list(types.Double(-1e308), n(7), types.Uint(900))}},
		{"format", []ref.Val{s("%b %b %b %o %x %X %x"), list(types.True, n(-9), types.Uint(9), n(64), n(-255), types.Uint(255), s("é"))}},
		{"format", []ref.Val{s("%s %s %s"), list(types.Duration{Duration: 1500 * time.Millisecond}, types.Timestamp{Time: time.Unix(0, 5)}, types.IntType)}},
		{"strings.quote", []ref.Val{s("a\"b\\\n\té\x01")}},
		{"base64.encode", []ref.Val{types.Bytes("abcd")}},
		{"base64.encode", []ref.Val{types.Bytes("")}},
		{"base64.encodeUrl", []ref.Val{types.Bytes("abc")}},
		{"base64.encodeUrl", []ref.Val{types.Bytes("abcd")}},
		{"lists.range", []ref.Val{n(0)}},
		{"lists.range", []ref.Val{n(7)}},
		{"flatten", []ref.Val{list(list(n(1), n(2)), list(), list(n(3)))}},
		{"flatten", []ref.Val{list(list(list(n(1)), n(2))), n(1)}},
		{"flatten", []ref.Val{list(list(list(n(1)), n(2))), n(9)}},
		{"flatten", []ref.Val{list(n(1), list(n(2))), n(0)}},
		{"optional.unwrap", []ref.Val{list(types.OptionalOf(n(1)))}},
		{"unwrapOpt", []ref.Val{list(types.OptionalNone)}},
	} {
		driven[tt.function] = true
		made, got := makers[tt.function](tt.args), call(t, env, tt.function, tt.args)
		var want ext.Made
		switch got := got.(type) {
		case types.String:
			want.Bytes = len(got)
		case types.Bytes:
			want.Bytes = len(got)
		case traits.Lister:
			if tt.function != "optional.unwrap" && tt.function != "unwrapOpt" {
				want.Elements = int(got.Size().(types.Int))
			}
		default:
			t.Fatalf("%s makes %v", tt.function, got)
		}
		if made != want {
			t.Errorf("%s of %v: %+v, but it makes %+v", tt.function, tt.args, made, want)
		}
	}
	for name, makes := range makers {
		if !driven[name] {
			t.Errorf("%s is not driven", name)
		}
		if made := makes([]ref.Val{types.NullValue, types.NullValue, types.NullValue}); made != (ext.Made{}) {
			t.Errorf("%s of nulls: %+v", name, made)
		}
	}
}

// call calls the implementation that looks at its operands.
func call(t *testing.T, env *cel.Env, function string, args []ref.Val) ref.Val {
	t.Helper()
	bindings, err := env.Functions()[function].Bindings()
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range bindings {
		if b.Operator != function {
			continue
		}
		switch {
		case len(args) == 1 && b.Unary != nil:
			return b.Unary(args[0])
		case len(args) == 2 && b.Binary != nil:
			return b.Binary(args[0], args[1])
		}
		return b.Function(args...)
	}
	t.Fatalf("%s has no implementation", function)
	return nil
}
