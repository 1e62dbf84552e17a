package policy_test

import (
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/rungpolicy/rung/policy"
)

// both holds the forms of a value against what As and Plain make of them.
func both[T policy.Scalar](t *testing.T, v T) {
	t.Helper()
	for _, form := range []policy.Value{v, &v} {
		if got, ok := policy.As[T](form); !ok || got != v {
			t.Errorf("As of %T: %v, %v", form, got, ok)
		}
		if got := policy.Plain(form); got != policy.Value(v) {
			t.Errorf("Plain of %T: %v", form, got)
		}
	}
	for _, other := range []policy.Value{nil, policy.Null{}, []byte{1}, &policy.Object{}} {
		if got, ok := policy.As[T](other); ok {
			t.Errorf("As of %T: %v", other, got)
		}
	}
}

func TestAddress(t *testing.T) {
	t.Parallel()
	both(t, true)
	both(t, int64(-5))
	both(t, uint64(5))
	both(t, 1.5)
	both(t, "x")
	both(t, time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC))
	both(t, 90*time.Second)
	both(t, netip.MustParseAddr("192.0.2.1"))
	both(t, netip.MustParsePrefix("192.0.2.0/24"))
	texts, list := []string{"x", "y"}, []policy.Value{"x", "y"}
	if got := policy.Plain(&texts); !reflect.DeepEqual(got, policy.Value(list)) {
		t.Errorf("Plain of texts: %v", got)
	}
	for _, v := range []policy.Value{nil, policy.Null{}, "x"} {
		if got := policy.Plain(v); got != v {
			t.Errorf("Plain of %v: %v", v, got)
		}
	}
}

func TestTexts(t *testing.T) {
	t.Parallel()
	is := func(want string) func(string) bool { return func(s string) bool { return s == want } }
	for _, v := range []policy.Value{&[]string{"x", "y"}, []policy.Value{"x", "y"}} {
		l, ok := policy.TextsOf(v)
		if !ok || l.Len() != 2 || !l.Has("x") || !l.Has("y") || l.Has("z") {
			t.Errorf("%T: %v %v", v, l, ok)
		}
		for text, want := range map[string]bool{"x": true, "y": true, "z": false} {
			if found, texts := l.Any(is(text)); found != want || !texts {
				t.Errorf("%T: Any of %s is %v, %v", v, text, found, texts)
			}
		}
	}
	mixed, ok := policy.TextsOf([]policy.Value{"x", int64(1)})
	if !ok || !mixed.Has("x") || mixed.Has("1") {
		t.Errorf("a mixed list: %v %v", mixed, ok)
	}
	if found, texts := mixed.Any(is("x")); found || texts {
		t.Errorf("a mixed list: Any is %v, %v", found, texts)
	}
	for _, v := range []policy.Value{nil, "x", &policy.Map{}} {
		if _, ok := policy.TextsOf(v); ok {
			t.Errorf("%T is a list of texts", v)
		}
	}
}
