package rung_test

import (
	"encoding/json"
	"math"
	"net"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rungpolicy/rung/policy"
	rung "github.com/rungpolicy/rung/sdk"
)

// typed is a policy with an attribute of each type, and actions with and without a resource.
const typed = `policy "typed" { language = 1 }
signal "o" {
  type = object({
    b = bool
    i = int
    u = uint
    d = double
    s = string
    y = bytes
    t = timestamp
    p = duration
    a = ip
    c = cidr
    j = any
    l = list(int, 3)
    ll = list(list(string))
    lo = list(object({ x = int }))
    la = list(any)
    m = map(string)
    mo = map(object({ x = int }))
    o = object({ x = int, a_b = string })
  })
}
signal "secret" {
  sensitive = true
  type = object({
    m = map(ip)
    j = any
    a = ip
    l = list(ip)
  })
}
signal "price" {
  type = double
  lazy = true
}
action "act" {
  level = "none"
  resource = object({ x = int })
}
action "other" {
  level = "none"
  resource = object({ y = int })
}
action "bare" { level = "none" }
`

func typedEngine(t testing.TB, opts ...rung.Option) *rung.Engine {
	t.Helper()
	e, err := rung.Load(fstest.MapFS{"typed.rung.hcl": {Data: []byte(typed)}}, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// with is a struct whose `o` has one attribute, with a value.
func with(attr string, v any) any {
	inner := reflect.StructOf([]reflect.StructField{{Name: "V", Type: reflect.TypeOf(v), Tag: reflect.StructTag(`rung:"` + attr + `"`)}})
	outer := reflect.New(reflect.StructOf([]reflect.StructField{{Name: "O", Type: inner}})).Elem()
	outer.Field(0).Field(0).Set(reflect.ValueOf(v))
	return outer.Interface()
}

type (
	named    string
	flag     bool
	flagByte byte
	seconds  time.Duration
	uuid     [2]byte
	failing  struct{}
	itself   *itself
	nested   []nested
	pair     struct{ X int }
	folded   struct{ AB string }
)

func (u uuid) MarshalText() ([]byte, error)  { return []byte("u-" + string(u[:])), nil }
func (failing) MarshalText() ([]byte, error) { return nil, strings.NewReader("").UnreadByte() }

func ptr[T any](v T) *T { return &v }

var (
	noon   = time.Date(2026, 11, 20, 12, 0, 0, 7, time.UTC)
	attrOf = func(r *policy.Request, e *rung.Engine, name string) policy.Value {
		i := e.Policy().SignalIndex("o")
		return r.Signals[i].(*policy.Object).Attrs[e.Policy().Signals[i].Type.Slot(name)]
	}
)

// TestBindTypes has Go values and what they come to as an attribute: a value, a problem of Bind, or a refusal.
func TestBindTypes(t *testing.T) {
	t.Parallel()
	e := typedEngine(t, rung.Strict())
	type problem string // of Bind
	type refused string // path
	xy := policy.NewMap(map[string]policy.Value{"x": 1.0, "y": policy.Null{}})
	cases := []struct {
		attr string
		v    any
		want any
	}{
		{"b", true, true},
		{"b", flag(false), false},
		{"b", ptr(ptr(true)), true},
		{"b", (*bool)(nil), nil},
		{"b", 1, problem("use a bool")},
		{"b", "true", problem("use a bool")},

		{"i", 7, int64(7)},
		{"i", int64(math.MinInt64), int64(math.MinInt64)},
		{"i", int8(-3), int64(-3)},
		{"i", uint8(200), int64(200)},
		{"i", uint64(math.MaxInt64), int64(math.MaxInt64)},
		{"i", uint64(math.MaxInt64 + 1), refused("/signals/o/i")},
		{"i", uintptr(3), int64(3)},
		{"i", 1.0, problem("use an integer")},
		{"i", time.Second, problem("time.Duration")},
		{"i", "5", problem("use an integer")},
		{"i", seconds(5), int64(5)},

		{"u", uint(7), uint64(7)},
		{"u", uint64(math.MaxUint64), uint64(math.MaxUint64)},
		{"u", 7, uint64(7)},
		{"u", -7, refused("/signals/o/u")},
		{"u", 7.0, problem("integer")},

		{"d", 1.5, 1.5},
		{"d", float32(0.5), 0.5},
		{"d", 3, 3.0},
		{"d", uint(3), 3.0},
		{"d", math.NaN(), refused("/signals/o/d")},
		{"d", math.Inf(-1), refused("/signals/o/d")},
		{"d", float32(math.Inf(1)), refused("/signals/o/d")},
		{"d", 0.0, 0.0},
		{"d", "1.5", problem("use a float")},
		{"d", time.Second, problem("use a float")},
		{"d", complex(1, 1), problem("use a float")},

		{"s", "é", "é"},
		{"s", "", ""},
		{"s", named("x"), "x"},
		{"s", uuid{'a', 'b'}, "u-ab"},
		{"s", "\xff", refused("/signals/o/s")},
		{"s", named("\xff"), refused("/signals/o/s")},
		{"s", strings.Repeat("x", 64<<10), strings.Repeat("x", 64<<10)},
		{"s", strings.Repeat("x", 64<<10+1), refused("/signals/o/s")},
		{"s", failing{}, refused("/signals/o/s")},
		{"s", []byte("x"), problem("use a string")},
		{"s", 5, problem("use a string")},
		{"s", noon, problem("use a string")},
		{"s", uuid{0xff}, refused("/signals/o/s")},
		{"s", func() {}, problem("use a string")},
		{"s", itself(nil), problem("points to itself")},

		{"y", []byte("x"), []byte("x")},
		{"y", [2]byte{1, 2}, []byte{1, 2}},
		{"y", []byte(nil), nil},
		{"y", []byte{}, []byte{}},
		{"y", "eA==", problem("use []byte")},
		{"y", make([]byte, 49153), refused("/signals/o/y")},
		{"y", json.RawMessage("1"), []byte("1")},
		{"y", []flagByte{1}, problem("use []byte")},

		{"t", noon, noon},
		{"t", noon.In(time.FixedZone("", 3600)), noon},
		{"t", time.Time{}, nil},
		{"t", &noon, noon},
		{"t", noon.Unix(), problem("use time.Time")},
		{"t", "2026-11-20T12:00:00Z", problem("use time.Time")},
		{"t", time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), refused("/signals/o/t")},
		{"t", time.Date(0, 12, 31, 0, 0, 0, 0, time.UTC), refused("/signals/o/t")},
		{"t", time.Date(9999, 12, 31, 23, 59, 59, 0, time.FixedZone("", -3600)), refused("/signals/o/t")},
		{"t", time.Date(9999, 12, 31, 23, 59, 59, 999, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999, time.UTC)},

		{"p", time.Minute, time.Minute},
		{"p", time.Duration(0), time.Duration(0)},
		{"p", seconds(1), problem("use time.Duration")},
		{"p", 5, problem("use time.Duration")},
		{"p", "90s", problem("use time.Duration")},

		{"a", netip.MustParseAddr("192.0.2.7"), netip.MustParseAddr("192.0.2.7")},
		{"a", netip.MustParseAddr("::ffff:192.0.2.7"), netip.MustParseAddr("192.0.2.7")},
		{"a", netip.MustParseAddr("fe80::1%eth0"), refused("/signals/o/a")},
		{"a", netip.Addr{}, nil},
		{"a", net.ParseIP("192.0.2.7"), netip.MustParseAddr("192.0.2.7")},
		{"a", net.IP(nil), nil},
		{"a", net.IP{1, 2}, refused("/signals/o/a")},
		{"a", "2001:db8::1", netip.MustParseAddr("2001:db8::1")},
		{"a", "", refused("/signals/o/a")},
		{"a", "192.0.2.07", refused("/signals/o/a")},
		{"a", named("192.0.2.7"), netip.MustParseAddr("192.0.2.7")},
		{"a", 7, problem("use netip.Addr")},
		{"a", netip.Prefix{}, problem("use netip.Addr")},

		{"c", netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8")},
		{"c", netip.MustParsePrefix("10.0.0.1/8"), refused("/signals/o/c")},
		{"c", netip.Prefix{}, nil},
		{"c", netip.MustParsePrefix("::ffff:10.0.0.0/104"), netip.MustParsePrefix("10.0.0.0/8")},
		{"c", netip.PrefixFrom(netip.MustParseAddr("10.0.0.0"), 64), refused("/signals/o/c")},
		{"c", "10.0.0.0/8", netip.MustParsePrefix("10.0.0.0/8")},
		{"c", "10.0.0.1", refused("/signals/o/c")},
		{"c", netip.Addr{}, problem("use netip.Prefix")},

		{"l", []int{1, 2}, []policy.Value{int64(1), int64(2)}},
		{"l", [1]int8{5}, []policy.Value{int64(5)}},
		{"l", []int(nil), nil},
		{"l", []int{}, []policy.Value{}},
		{"l", []int{1, 2, 3, 4}, refused("/signals/o/l")},
		{"l", []*int{ptr(1), nil}, refused("/signals/o/l/1")},
		{"l", []uint64{1, math.MaxUint64}, refused("/signals/o/l/1")},
		{"l", []string{"1"}, problem("V[] is string")},
		{"l", 5, problem("use a slice")},
		{"l", map[string]int{}, problem("use a slice")},
		{"l", []any{1, 2.0, "3"}, []policy.Value{int64(1), int64(2), int64(3)}},
		{"l", []any{1, nil}, refused("/signals/o/l/1")},
		{"l", []any{2.5}, refused("/signals/o/l/0")},
		{"l", []any{true}, refused("/signals/o/l/0")},
		{"ll", [][]string{{"a"}, {}}, []policy.Value{[]policy.Value{"a"}, []policy.Value{}}},
		{"ll", [][]string{{"a", "\xff"}}, refused("/signals/o/ll/0/1")},
		{"ll", [][]string{nil}, refused("/signals/o/ll/0")},
		{"ll", make([][]string, 1001), refused("/signals/o/ll")},
		{"lo", []pair{{1}, {2}}, []policy.Value{&policy.Object{Attrs: []policy.Value{int64(1)}}, &policy.Object{Attrs: []policy.Value{int64(2)}}}},
		{"lo", []map[string]any{{"x": 1.0}}, []policy.Value{&policy.Object{Attrs: []policy.Value{int64(1)}}}},
		{"lo", []*pair{nil}, refused("/signals/o/lo/0")},
		{"la", []any{nil, 1}, []policy.Value{policy.Null{}, 1.0}},
		{"la", []*int{nil}, []policy.Value{policy.Null{}}},

		{"m", map[string]string{"b": "2", "a": "1"}, policy.NewMap(map[string]policy.Value{"a": "1", "b": "2"})},
		{"m", map[named]named{"a": "1"}, policy.NewMap(map[string]policy.Value{"a": "1"})},
		{"m", map[string]string(nil), nil},
		{"m", map[string]string{"a/~": "\xff"}, refused("/signals/o/m/a~1~0")},
		{"m", map[string]string{"\xff": ""}, refused("/signals/o/m")},
		{"m", map[int]string{}, problem("string keys")},
		{"m", pair{}, problem("string keys")},
		{"m", map[string]*string{"a": nil}, refused("/signals/o/m/a")},
		{"m", map[string]int{}, problem("V[] is int")},
		{"mo", map[string]pair{"a": {1}}, policy.NewMap(map[string]policy.Value{"a": &policy.Object{Attrs: []policy.Value{int64(1)}}})},

		{"o", pair{3}, &policy.Object{Attrs: []policy.Value{nil, int64(3)}}},
		{"o", &pair{3}, &policy.Object{Attrs: []policy.Value{nil, int64(3)}}},
		{"o", (*pair)(nil), nil},
		{"o", folded{"x"}, &policy.Object{Attrs: []policy.Value{"x", nil}}},
		{"o", map[string]int{"x": 3}, problem("V[a_b] is int")},
		{"o", map[string]any{"x": 3, "a_b": nil}, &policy.Object{Attrs: []policy.Value{nil, int64(3)}}},
		{"o", map[string]any{"y": 3}, refused("/signals/o/o/y")},
		{"o", map[string]any(nil), nil},
		{"o", 5, problem("use a struct")},
		{"o", struct{ Y int }{}, problem("`Y`")},
		{"o", map[string]any{"x": "five"}, refused("/signals/o/o/x")},
		{"o", map[named]any{"x": json.Number("12")}, &policy.Object{Attrs: []policy.Value{nil, int64(12)}}},
		{"o", map[string]any{"x": []int{}}, refused("/signals/o/o/x")},

		{"j", 5, 5.0},
		{"j", uint8(5), 5.0},
		{"j", true, true},
		{"j", named("x"), "x"},
		{"j", json.Number("1e3"), 1000.0},
		{"j", []string{"a"}, []policy.Value{"a"}},
		{"j", map[string]any{"x": 1, "y": nil}, xy},
		{"j", (*int)(nil), nil},
		{"j", map[string]any(nil), nil},
		{"j", []any{[]any(nil)}, []policy.Value{policy.Null{}}},
		{"j", policy.Null{}, policy.Null{}},
		{"j", rung.Lazy[int]{Asked: true}, policy.Null{}},
		{"j", noon, problem("declare the attribute as timestamp")},
		{"j", pair{}, problem("use a map")},
		{"j", time.Second, problem("duration")},
		{"j", []byte{}, problem("bytes")},
		{"j", map[int]int{}, problem("string keys")},
		{"j", make(chan int), problem("takes what JSON has")},
		{"j", map[string]any{"x": noon}, refused("/signals/o/j/x")},
		{"j", []any{1, math.NaN()}, refused("/signals/o/j/1")},
		{"j", make([]int, 1001), refused("/signals/o/j")},
		{"j", map[string]any{"x": "\xff"}, refused("/signals/o/j/x")},
		{"j", nested{nested{}}, []policy.Value{[]policy.Value{}}},
		{"j", json.Number("x"), refused("/signals/o/j")},
		{"j", []any{complex(1, 1)}, refused("/signals/o/j/0")},
		{"j", []chan int{}, problem("takes what JSON has")},
	}
	for _, c := range cases {
		t.Run(c.attr+" "+reflect.TypeOf(c.v).String(), func(t *testing.T) {
			t.Parallel()
			v := with(c.attr, c.v)
			read, err := rung.BindValue(e, v)
			if p, ok := c.want.(problem); ok {
				if err == nil || !strings.Contains(err.Error(), string(p)) || !strings.Contains(err.Error(), "request.O") {
					t.Fatalf("Bind says %v, want %q", err, p)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			r, bad := read("act", v)
			if path, ok := c.want.(refused); ok {
				if bad == nil || bad.Path != string(path) || bad.Code != policy.InvalidRequest {
					t.Fatalf("refused %v, want at %s", bad, path)
				}
				return
			}
			if bad != nil {
				t.Fatal(bad)
			}
			same := cmp.Options{cmp.Comparer(func(a, b netip.Addr) bool { return a == b }), cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })}
			if d := cmp.Diff(c.want, attrOf(r, e, c.attr), same); d != "" {
				t.Fatal(d)
			}
		})
	}
}

// TestBindDynamic has what an interface takes: what a field of the same type takes, and what encoding/json makes of a request.
func TestBindDynamic(t *testing.T) {
	t.Parallel()
	e := typedEngine(t, rung.Strict())
	cases := []struct {
		attr string
		v    any
		want policy.Value // nil: refused
	}{
		{"i", 5.0, int64(5)},
		{"i", 5.5, nil},
		{"i", 1e16, nil},
		{"i", math.NaN(), nil},
		{"i", "-5", int64(-5)},
		{"i", "05", nil},
		{"u", 5.0, uint64(5)},
		{"u", -5.0, nil},
		{"u", "5", uint64(5)},
		{"d", 5.5, 5.5},
		{"d", "5.5", nil},
		{"d", json.Number("5.5"), 5.5},
		{"d", json.Number("1e999"), nil},
		{"d", json.Number("nan"), nil},
		{"t", "2026-11-20T12:00:00.000000007Z", noon},
		{"t", "noon", nil},
		{"p", "90s", 90 * time.Second},
		{"y", "eA==", []byte("x")},
		{"y", "x", nil},
		{"a", "192.0.2.7", netip.MustParseAddr("192.0.2.7")},
		{"c", "10.0.0.0/8", netip.MustParsePrefix("10.0.0.0/8")},
		{"c", "10.0.0.1/8", nil},
		{"t", noon, noon},
		{"b", ptr(true), true},
		{"b", "true", nil},
		{"s", named("x"), "x"},
		{"s", 5, nil},
		{"b", make(chan int), nil},
		{"l", "x", nil},
		{"m", []int{}, nil},
		{"o", "x", nil},
		{"j", any(5), 5.0},
	}
	for _, c := range cases {
		inner := reflect.StructOf([]reflect.StructField{{Name: "V", Type: reflect.TypeFor[any](), Tag: reflect.StructTag(`rung:"` + c.attr + `"`)}})
		outer := reflect.New(reflect.StructOf([]reflect.StructField{{Name: "O", Type: inner}})).Elem()
		outer.Field(0).Field(0).Set(reflect.ValueOf(c.v))
		for name, v := range map[string]any{"a field": outer.Interface(), "a map": map[string]any{"o": map[string]any{c.attr: c.v}}} {
			read, err := rung.BindValue(e, v)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 { // the second time, the type is known
				r, bad := read("act", v)
				if c.want == nil {
					if bad == nil || bad.Path != "/signals/o/"+c.attr {
						t.Errorf("%s %s %v: %v, want a refusal", name, c.attr, c.v, bad)
					}
					continue
				}
				if bad != nil {
					t.Errorf("%s %s %v: %v", name, c.attr, c.v, bad)
				} else if got := attrOf(r, e, c.attr); !reflect.DeepEqual(got, c.want) {
					t.Errorf("%s %s %v: got %v, want %v", name, c.attr, c.v, got, c.want)
				}
			}
		}
	}
}
