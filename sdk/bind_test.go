package rung_test

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rungpolicy/rung/internal/gen"
	"github.com/rungpolicy/rung/policy"
	rung "github.com/rungpolicy/rung/sdk"
)

func ExampleBind() {
	files := fstest.MapFS{"bank.rung.hcl": {Data: []byte(`
policy "bank" { language = 1 }

signal "reputation" {
  type = double
  lazy = true
}

action "transfer.create" {
  level    = "aal1"
  resource = object({ amount = double })

  step_up "large, or from a bad address" {
    when  = "resource.amount > 1000.0 || reputation < 0.3"
    level = "aal2"
  }
}
`)}}
	type Request struct {
		Session struct {
			ACR      string
			AuthTime time.Time
		}
		Network    *struct{ IP netip.Addr } // nil: not known
		Reputation rung.Lazy[float64]
		Transfer   struct {
			Amount float64
		} `rung:"resource"`
	}

	engine, err := rung.Load(files)
	if err != nil {
		panic(err)
	}
	binding, err := rung.Bind[Request](engine, "transfer.create")
	if err != nil {
		panic(err) // every field that does not fit the policy
	}

	var r Request
	r.Session.ACR = "aal1"
	r.Transfer.Amount = 250
	d := binding.Decide("transfer.create", &r)
	fmt.Println(d.Effect, d.Need)

	r.Reputation = rung.Found(0.9)
	fmt.Println(binding.Decide("transfer.create", &r).Effect)
	// Output:
	// need [reputation]
	// allow
}

func bind[T any](t testing.TB, e *rung.Engine, actions ...string) *rung.Binding[T] {
	t.Helper()
	b, err := rung.Bind[T](e, actions...)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestBindRefusals: what is refused in a struct is refused in JSON, at the same place.
func TestBindRefusals(t *testing.T) {
	t.Parallel()
	type object = map[string]any
	long := strings.Repeat("x", 64<<10+1)
	deep := func(n int) any {
		var v any = []any{}
		for range n - 1 {
			v = []any{v}
		}
		return v
	}
	e := typedEngine(t, rung.Strict())
	read, err := rung.BindValue(e, object{})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		action  string
		signals object
		path    string
	}{
		"long text":              {"act", object{"o": object{"s": long}}, "/signals/o/s"},
		"long key":               {"act", object{"o": object{"m": object{long: "x"}}}, "/signals/o/m"},
		"a list's type":          {"act", object{"o": object{"l": "x"}}, "/signals/o/l"},
		"too many":               {"act", object{"o": object{"l": []any{1, 2, 3, 4}}}, "/signals/o/l"},
		"a null in a list":       {"act", object{"o": object{"l": []any{1, nil}}}, "/signals/o/l/1"},
		"a null in a map":        {"act", object{"o": object{"m": object{"k": nil}}}, "/signals/o/m/k"},
		"inside an object":       {"act", object{"o": object{"lo": []any{object{"x": 1}, object{"x": true}}}}, "/signals/o/lo/1/x"},
		"an unknown attribute":   {"act", object{"o": object{"new": 1}}, "/signals/o/new"},
		"a long unknown one":     {"act", object{"o": object{strings.Repeat("é", 50): 1}}, "/signals/o/" + strings.Repeat("é", 50)},
		"an unknown signal":      {"act", object{"new": 1}, "/signals/new"},
		"an unknown inner one":   {"act", object{"o": object{"lo": []any{object{"z": 1}}}}, "/signals/o/lo/0/z"},
		"the level":              {"act", object{"session": object{"level": 3}}, "/signals/session/level"},
		"no level":               {"act", object{"session": object{"level": nil}}, ""},
		"now":                    {"act", object{"now": 3}, "/signals/now"},
		"a resource":             {"bare", object{"resource": object{}}, "/signals/resource"},
		"no resource":            {"bare", object{"resource": nil}, ""},
		"another's resource":     {"other", object{"resource": object{"x": 1}}, "/signals/resource/x"},
		"a bad resource":         {"other", object{"resource": object{"y": "x"}}, "/signals/resource/y"},
		"a resource of no kind":  {"other", object{"resource": 5}, "/signals/resource"},
		"a signal's type":        {"act", object{"price": "1"}, "/signals/price"},
		"a null signal":          {"act", object{"price": nil}, ""},
		"nested 64":              {"act", object{"o": object{"j": deep(61)}}, ""},
		"nested 65":              {"act", object{"o": object{"j": deep(62)}}, "/signals/o/j" + strings.Repeat("/0", 60)},
		"many in any":            {"act", object{"o": object{"j": make([]int, 1001)}}, "/signals/o/j"},
		"a secret's key":         {"act", object{"secret": object{"m": object{"4711": "x"}}}, "/signals/secret/m"},
		"a secret's any":         {"act", object{"secret": object{"j": object{"4711": []any{make([]int, 1001)}}}}, "/signals/secret/j"},
		"a secret's attribute":   {"act", object{"secret": object{"4711": 1}}, "/signals/secret"},
		"a secret's list":        {"act", object{"secret": object{"l": []any{"192.0.2.7", "x"}}}, "/signals/secret/l/1"},
		"an action not declared": {"none", object{}, "/action"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := json.Marshal(object{"action": c.action, "signals": c.signals})
			if err != nil {
				t.Fatal(err)
			}
			d := e.DecideJSON(text)
			_, bad := read(c.action, c.signals)
			if (bad == nil) != (c.path == "") || (d.Error == nil) != (c.path == "") {
				t.Fatalf("refused %v, JSON %v, want a refusal at %q", bad, d.Error, c.path)
			}
			if bad != nil && (bad.Path != d.Error.Path || bad.Code != d.Error.Code || bad.Path != c.path) {
				t.Errorf("refused %v, JSON %v, want a refusal at %q", bad, d.Error, c.path)
			}
			if bad != nil && strings.Count(bad.Message, "é") > 40 {
				t.Errorf("%v shows more than 40 characters", bad)
			}
			if bad != nil && strings.Contains(bad.Error(), "4711") {
				t.Errorf("%v shows what is sensitive", bad)
			}
		})
	}
}

// TestBindSize: all texts of a request have a bound together, as in JSON.
func TestBindSize(t *testing.T) {
	t.Parallel()
	b := bind[map[string]any](t, typedEngine(t, rung.Strict()))
	texts := make([]string, 18)
	for i := range texts {
		texts[i] = strings.Repeat("x", 60<<10)
	}
	d := b.Decide("act", &map[string]any{"o": map[string]any{"ll": [][]string{texts}}})
	if d.Error == nil || d.Error.Path != "" || d.Error.Code != policy.InvalidRequest || !strings.Contains(d.Error.Message, "1048576") {
		t.Errorf("%+v", d.Error)
	}
	var loop any
	loop = []any{&loop}
	if d := b.Decide("act", &map[string]any{"o": map[string]any{"j": loop}}); d.Error == nil {
		t.Error("a list that holds itself")
	}
	type P *P
	var p P
	p = &p
	if d := b.Decide("act", &map[string]any{"o": map[string]any{"j": p}}); d.Error == nil {
		t.Error("a pointer to itself")
	}
}

// TestBindNames has structs whose fields cannot be bound, and what is said of them.
func TestBindNames(t *testing.T) {
	t.Parallel()
	type inner struct{ X int }
	for name, c := range map[string]struct {
		request any
		says    string // strict; "" is fine
		lenient string // what is said without Strict
	}{
		"empty":   {struct{}{}, "", ""},
		"by name": {struct{ O inner }{}, "there is no declared attribute `X`", ""},
		"by tag": {struct {
			Thing struct{} `rung:"o"`
		}{}, "", ""},
		"left out": {struct {
			Thing chan int `rung:"-"`
		}{}, "", ""},
		"unexported": {struct{ o inner }{}, "", ""},
		"tagged for naught": {struct {
			o int `rung:"o"`
		}{}, "not exported", "not exported"},
		"unknown": {struct{ Thing int }{}, "request.Thing: there is no declared signal `Thing`", ""},
		"unknown tag": {struct {
			O int `rung:"thing"`
		}{}, "there is no declared signal `thing`", ""},
		"options": {struct {
			O struct{} `rung:"o,omitempty"`
		}{}, "`omitempty`", "`omitempty`"},
		"twice": {struct {
			O, O2 struct{} `rung:"o"`
		}{}, "request.O and request.O2 are both `o`", "both"},
		"now":    {struct{ Now time.Time }{}, "`now` is the host's", "`now` is the host's"},
		"action": {struct{ Action string }{}, "`action` is an argument", "argument"},
		"params": {struct {
			P int `rung:"params"`
		}{}, "`params` is the host's", "host's"},
		"posture":           {struct{ Posture string }{}, "`posture`", "`posture`"},
		"level":             {struct{ Session struct{ Level int } }{}, "request.Session.Level: `level` is computed", "computed"},
		"a level elsewhere": {struct{ Device struct{ Level int } }{}, "no declared attribute", ""},
		"twice by name":     {struct{ Twin struct{ AB int } }{}, "request.Twin.AB may be `a_b` or `ab`", "say which with a tag"},
		"all at once": {struct {
			Price string
			O     int
		}{}, "request.O is int, and `o` is object", "request.Price is string, and `price` is double"},
		"not a struct": {5, "a request is a struct", "a request is a struct"},
		"a list":       {[]string{}, "a request is a struct", "a request is a struct"},
		"bad map":      {map[int]any{}, "a request is a struct", "a request is a struct"},
		"typed map":    {map[string]map[string]any{}, "[price] is map", "[price] is map"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for says, opts := range map[string][]rung.Option{"strict " + c.says: {rung.Strict()}, "lenient " + c.lenient: nil} {
				says = says[strings.Index(says, " ")+1:]
				e, err := rung.Load(fstest.MapFS{"t.rung.hcl": {Data: []byte(typed + "signal \"twin\" {\n type = object({ a_b = int, ab = int })\n}\n")}}, opts...)
				if err != nil {
					t.Fatal(err)
				}
				_, err = rung.BindValue(e, c.request)
				if (err == nil) != (says == "") || err != nil && !strings.Contains(err.Error(), says) {
					t.Errorf("Bind says %v, want %q", err, says)
				}
			}
		})
	}
}

type (
	// Base is embedded.
	Base struct {
		Price rung.Lazy[float64]
	}
	more struct {
		O struct {
			B bool
			S string `rung:",omitzero"`
		} `rung:"o,omitzero"`
	}
)

func TestBindEmbedded(t *testing.T) {
	t.Parallel()
	type request struct {
		*Base
		more
	}
	e := typedEngine(t, rung.Strict())
	read, err := rung.BindValue(e, request{})
	if err != nil {
		t.Fatal(err)
	}
	o, price := e.Policy().SignalIndex("o"), e.Policy().SignalIndex("price")
	r, bad := read("act", request{})
	if bad != nil || r.Signals[o] != nil || r.Signals[price] != nil {
		t.Errorf("nothing given: %v, %v", bad, r)
	}
	full := request{Base: &Base{Price: rung.Found(1.5)}}
	full.O.B = true
	r, bad = read("act", full)
	if bad != nil || r.Signals[price] != 1.5 {
		t.Fatalf("%v, %v", bad, r)
	}
	slot := e.Policy().Signals[o].Type.Slot("s")
	if got := r.Signals[o].(*policy.Object).Attrs[slot]; got != nil {
		t.Errorf("an empty text with omitzero is %v", got)
	}
}

// TestBindLazy: pending, null and found.
func TestBindLazy(t *testing.T) {
	t.Parallel()
	e, err := rung.Load(fstest.MapFS{"t.rung.hcl": {Data: []byte(`policy "t" { language = 1 }
signal "score" {
  type = double
  lazy = true
}
action "act" {
  level = "none"
  step_up "bad" {
    when  = "has(score) && score > 0.5"
    level = "aal1"
  }
}
`)}})
	if err != nil {
		t.Fatal(err)
	}
	type request struct{ Score rung.Lazy[float64] }
	b := bind[request](t, e)
	for want, r := range map[policy.Effect]request{
		policy.Need: {}, policy.Allow: {Score: rung.Lazy[float64]{Asked: true}}, policy.StepUp: {Score: rung.Found(0.9)},
	} {
		if d := b.Decide("act", &r); d.Effect != want {
			t.Errorf("%+v: %v, want %v", r, d.Effect, want)
		}
	}
	byName := bind[map[string]any](t, e)
	for name, c := range map[string]struct {
		r    map[string]any
		want policy.Effect
	}{"not there": {map[string]any{}, policy.Need}, "null": {map[string]any{"score": nil}, policy.Allow}, "there": {map[string]any{"score": 0.9}, policy.StepUp}} {
		if d := byName.Decide("act", &c.r); d.Effect != c.want {
			t.Errorf("%s: %v, want %v", name, d.Effect, c.want)
		}
	}
}

// TestBindActions: one type for all actions, and one for each.
func TestBindActions(t *testing.T) {
	t.Parallel()
	e := typedEngine(t, rung.Strict())
	type all struct {
		Resource struct{ X, Y int }
	}
	type each struct{ Resource *struct{ X int } }
	type any1 struct{ Resource any }
	b := bind[all](t, e)
	for _, action := range []string{"act", "other", "bare"} {
		if d := b.Decide(action, &all{}); !d.Allowed() {
			t.Errorf("%s: %+v", action, d.Error)
		}
	}
	if _, err := rung.Bind[each](e); err == nil || !strings.Contains(err.Error(), "request.Resource.X") && !strings.Contains(err.Error(), "each.Resource.X") {
		// X is known to act: the field is fine for all.
		if err != nil {
			t.Errorf("a field that one action knows: %v", err)
		}
	}
	one := bind[each](t, e, "act", "bare")
	if d := one.Decide("bare", &each{}); !d.Allowed() {
		t.Errorf("no resource where none is: %+v", d.Error)
	}
	if d := one.Decide("bare", &each{Resource: &struct{ X int }{}}); d.Error == nil || d.Error.Path != "/signals/resource" {
		t.Errorf("a resource where none is: %+v", d.Error)
	}
	if d := one.Decide("other", &each{}); d.Error == nil || d.Error.Code != policy.InvalidRequest || d.Error.Path != "/action" {
		t.Errorf("an action that is not bound: %+v", d.Error)
	}
	if d := one.Explain("none", &each{}); d.Error == nil || d.Error.Code != policy.UnknownAction {
		t.Errorf("an action that is not there: %+v", d.Error)
	}
	open := bind[any1](t, e)
	for action, r := range map[string]any1{"act": {struct{ X int }{1}}, "other": {&struct{ Y int }{1}}, "bare": {}} {
		if d := open.Decide(action, &r); !d.Allowed() {
			t.Errorf("%s %+v: %v", action, r, d.Error)
		}
	}
	if d := open.Decide("other", &any1{struct{ X int }{1}}); d.Error == nil || d.Error.Path != "/signals/resource/X" {
		t.Errorf("another's resource: %v", d.Error)
	}
	if _, err := rung.Bind[all](e, "act", "none"); err == nil || !strings.Contains(err.Error(), "`none`") {
		t.Errorf("an action that is not there: %v", err)
	}
	if _, err := rung.Bind[struct{ Resource struct{ Z int } }](e); err == nil || !strings.Contains(err.Error(), "`Z`") {
		t.Errorf("a field that no action knows: %v", err)
	}
}

type panicking struct{}

func (panicking) MarshalText() ([]byte, error) { panic("in the request") }

// TestBindNothing: what is nil, typed or not, and what panics is denied.
func TestBindNothing(t *testing.T) {
	t.Parallel()
	e := typedEngine(t, rung.Strict())
	type request struct {
		O        any
		Resource any
	}
	b := bind[request](t, e)
	pointed := bind[*request](t, e)
	open := bind[any](t, e)
	var none *request
	var nothing any
	text := bind[struct{ O struct{ S panicking } }](t, e)
	for name, d := range map[string]*rung.Decision{
		"no request":            b.Decide("act", nil),
		"no request, explain":   b.Explain("act", nil),
		"no binding":            (*rung.Binding[request])(nil).Decide("act", &request{}),
		"an empty binding":      new(rung.Binding[request]).Decide("act", &request{}),
		"an empty one, explain": new(rung.Binding[request]).Explain("act", &request{}),
		"a nil pointer":         pointed.Decide("act", &none),
		"nothing at all":        open.Decide("act", &nothing),
		"a panic":               text.Decide("act", new(struct{ O struct{ S panicking } })),
	} {
		if d == nil || d.Allowed() || d.Error == nil {
			t.Errorf("%s: %+v", name, d)
		}
	}
	for name, v := range map[string]any{"a typed nil": none, "a nil map": map[string]any(nil), "a nil interface": nil, "a nil pointer's pointer": new(*request)} {
		if d := b.Decide("act", &request{O: nil, Resource: v}); name != "a typed nil" && name != "a nil pointer's pointer" && !d.Allowed() {
			t.Errorf("%s: %+v", name, d.Error)
		}
	}
	var full any = request{}
	if d := open.Decide("act", &full); !d.Allowed() {
		t.Error(d.Error)
	}
	if _, err := rung.Bind[request](nil); err == nil {
		t.Error("no engine, no error")
	}
}

// TestBindReadsLittle: what the action's rules cannot look at is neither converted nor checked, unless Strict; Explain reads all.
func TestBindReadsLittle(t *testing.T) {
	t.Parallel()
	fsys := fstest.MapFS{"t.rung.hcl": {Data: []byte(`policy "t" { language = 1 }
signal "deep" {
  type = object({ one = object({ a = string, b = string }), map = map(string), list = list(object({ s = string })) })
}
action "act" {
  level = "none"
  step_up "r" {
    when  = "device.id == 'x' || has(network) || deep.one.a == '' || has(deep.map.k) || behavior.?score.orValue(0.0) > 1.0"
    level = "aal1"
  }
  step_up "off" {
    mode  = "off"
    when  = "device.os == 'x'"
    level = "aal1"
  }
  step_up "some" {
    rollout {
      percent = 50
      by      = "subject.id"
    }
    when  = "deep.list.exists(e, e.s == 'x')"
    level = "aal1"
  }
}
`)}}
	type request struct {
		Subject  struct{ ID, Country string }
		Session  struct{ ACR, ID string }
		Device   struct{ ID, OS string }
		Network  struct{ City string }
		Behavior struct{ Score float64 }
		Deep     struct {
			One  struct{ A, B string }
			Map  map[string]string
			List []struct{ S string }
		}
	}
	e, err := rung.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	b := bind[request](t, e)
	var r request
	r.Deep.Map, r.Deep.List = map[string]string{}, []struct{ S string }{{"x"}}
	for name, c := range map[string]struct {
		field *string
		read  bool
	}{
		"in a condition": {&r.Device.ID, true}, "evidence": {&r.Session.ACR, true}, "in by": {&r.Subject.ID, true}, "nested": {&r.Deep.One.A, true}, "in a list": {&r.Deep.List[0].S, true},
		"not in a condition": {&r.Subject.Country, false}, "no evidence": {&r.Session.ID, false}, "of a rule that is off": {&r.Device.OS, false}, "beside": {&r.Deep.One.B, false},
		"of a signal that may be there": {&r.Network.City, false},
	} {
		*c.field = "\xff"
		if d := b.Decide("act", &r); (d.Error != nil) != c.read {
			t.Errorf("%s: %v", name, d.Error)
		}
		if d := b.Explain("act", &r); d.Error == nil {
			t.Errorf("%s: explain does not read it", name)
		}
		*c.field = ""
	}
	if d := b.Explain("act", &r); d.Error != nil || len(d.Trace) == 0 {
		t.Errorf("explained: %+v", d)
	}
	got, bad := b.Request("act", &r)
	if bad != nil || got.Signals[e.Policy().SignalIndex("network")] == nil {
		t.Error("that the network is there is not seen")
	}
	strict, err := rung.Load(fsys, rung.Strict())
	if err != nil {
		t.Fatal(err)
	}
	r.Device.OS = "\xff"
	if d := bind[request](t, strict).Decide("act", &r); d.Error == nil {
		t.Error("Strict does not check all")
	}
}

// TestBindKeepsNothing: the memory of a request serves the next; nothing of it shows there.
func TestBindKeepsNothing(t *testing.T) {
	t.Parallel()
	e := bank(t)
	b := bind[bankRequest](t, e)
	want := b.Decide("transfer.create", largeTransfer())
	kept := *want
	for range 50 {
		var empty bankRequest
		_ = b.Decide("transfer.create", &empty)
		bad := largeTransfer()
		bad.Transfer.PayeeCountry = "\xff"
		if d := b.Decide("transfer.create", bad); d.Error == nil {
			t.Fatal("not refused")
		}
		big := largeTransfer()
		big.Subject.Groups = slices.Repeat([]string{"g"}, 10_000)
		if d := b.Decide("transfer.create", big); d.Error != nil {
			t.Fatal(d.Error)
		}
		if d := cmp.Diff(&kept, b.Decide("transfer.create", largeTransfer())); d != "" {
			t.Fatal(d)
		}
	}
	if d := cmp.Diff(e.DecideJSON([]byte(largeTransferJSON)), want); d != "" {
		t.Errorf("JSON and struct (-json +struct):\n%s", d)
	}
}

// genRequest is a request of generated policies as a struct.
type genRequest struct {
	Subject *struct {
		ID, Country *string
		Groups      []string
		Tenure      *time.Duration
		Enrolled    []string
		Attributes  map[string]any
	}
	Session *struct {
		ID, ACR         *string
		AMR             []string
		AuthTime        *time.Time
		IP              string `rung:"ip,omitzero"`
		Authentications []struct {
			ACR  *string
			AMR  []string
			Time time.Time
		}
	}
	Device *struct {
		Trusted, Managed *bool
		OS               *string
		FirstSeen        time.Time
	}
	Network *struct {
		IP         netip.Addr
		Country    *string
		Tor        *bool
		ASN        *int
		Reputation *float64
	}
	Behavior *struct {
		FailedLogins1h *int64
	}
	Cart *struct {
		Total *float64
		Count *int
		Items []struct {
			Price *float64
			Tag   *string
		}
		Note  *string
		Extra any
	}
	Resource *struct {
		Amount *float64
		Owner  *string
		Flag   *bool
	}
	Score rung.Lazy[float64]
	Risk  rung.Lazy[struct {
		Points *int
		Why    []string
		Seen   map[string]int64
	}]
}

// fill sets a Go value to what stands in JSON; null, and what is not there, leaves it.
func fill(v reflect.Value, from any) {
	if v.Type() == reflect.TypeFor[time.Duration]() && from != nil {
		l, err := time.ParseDuration(from.(string))
		if err != nil {
			panic(err)
		}
		v.SetInt(int64(l))
		return
	}
	switch from := from.(type) {
	case nil:
		return
	case gen.Object:
		if v.Kind() == reflect.Pointer {
			v.Set(reflect.New(v.Type().Elem()))
			fill(v.Elem(), from)
			return
		}
		if v.Kind() == reflect.Map {
			v.Set(reflect.MakeMap(v.Type()))
			for k, e := range from {
				in := reflect.New(v.Type().Elem()).Elem()
				fill(in, e)
				v.SetMapIndex(reflect.ValueOf(k), in)
			}
			return
		}
		if v.Kind() == reflect.Interface {
			v.Set(reflect.ValueOf(from))
			return
		}
		for k, e := range from {
			fill(v.FieldByNameFunc(func(n string) bool { return strings.EqualFold(n, strings.ReplaceAll(k, "_", "")) }), e)
		}
		return
	case []any:
		if v.Kind() == reflect.Interface {
			v.Set(reflect.ValueOf(from))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), len(from), len(from)))
		for i, e := range from {
			fill(v.Index(i), e)
		}
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), from)
		return
	case reflect.Interface:
		v.Set(reflect.ValueOf(from))
		return
	}
	text, isText := from.(string)
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		at, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			panic(err)
		}
		v.Set(reflect.ValueOf(at.In(time.FixedZone("", 7200))))
	case v.Type() == reflect.TypeFor[netip.Addr]():
		v.Set(reflect.ValueOf(netip.MustParseAddr(text)))
	case isText && v.CanInt():
		n, err := policy.ParseInt(text)
		if err != nil {
			panic(err)
		}
		v.SetInt(n)
	default:
		v.Set(reflect.ValueOf(from).Convert(v.Type()))
	}
}

// structAgrees: a request decides alike as JSON, as a struct and as a map.
func structAgrees(t *testing.T, choices []byte) {
	s := gen.NewSource(choices)
	files := gen.NewPolicy(s, gen.Options{}, 8).Files(s)
	for range 4 {
		r := gen.NewRequest(s)
		opts := []rung.Option{rung.Trusted(), rung.WithClock(func() time.Time { return gen.Now }), rung.WithPosture(r.Posture)}
		if s.Chance(2) {
			opts = append(opts, rung.Strict())
		}
		e, err := rung.Load(files, opts...)
		if err != nil {
			t.Fatal(err)
		}
		// What a struct can say: null is missing, but for lazy signals.
		var in genRequest
		for name, v := range r.Signals {
			if slices.Contains(gen.LazySignals, name) {
				lazy := reflect.ValueOf(&in).Elem().FieldByName(strings.ToUpper(name[:1]) + name[1:])
				lazy.FieldByName("Asked").SetBool(true)
				fill(lazy.FieldByName("Value"), v)
			} else if v == nil {
				delete(r.Signals, name)
			}
		}
		if cart, ok := r.Signals["cart"].(gen.Object); ok && cart["extra"] == nil {
			delete(cart, "extra") // in a struct, null in any is Lazy, or missing
		}
		rest := gen.Object{}
		for name, v := range r.Signals {
			if !slices.Contains(gen.LazySignals, name) {
				rest[name] = v
			}
		}
		fill(reflect.ValueOf(&in).Elem(), rest)
		want := e.DecideJSON(r.JSON())
		signals := any(r.Signals)
		again := bind[genRequest](t, e)
		_, _ = again.Decide(r.Action, &in), again.Decide(r.Action, new(genRequest))
		for name, got := range map[string]*rung.Decision{
			"struct": bind[genRequest](t, e).Decide(r.Action, &in), "struct, again": again.Decide(r.Action, &in), "map": bind[gen.Object](t, e).Decide(r.Action, &r.Signals), "any": bind[any](t, e).Decide(r.Action, &signals),
		} {
			if d := cmp.Diff(want, got); d != "" {
				t.Fatalf("as a %s (-json +%s):\n%s\n%s\n%s", name, name, d, r.JSON(), dump(files))
			}
		}
		if d := cmp.Diff(e.ExplainJSON(r.JSON()), bind[genRequest](t, e).Explain(r.Action, &in), explained); d != "" {
			t.Fatalf("explained (-json +struct):\n%s\n%s\n%s", d, r.JSON(), dump(files))
		}
	}
}

// explained compares the values of traces.
var explained = cmp.Options{
	cmp.Comparer(func(a, b netip.Addr) bool { return a == b }), cmp.Comparer(func(a, b netip.Prefix) bool { return a == b }),
	cmp.Comparer(func(a, b *policy.Object) bool { return (a == nil) == (b == nil) }),
}

func TestBindAgrees(t *testing.T) {
	t.Parallel()
	for i := range 150 {
		structAgrees(t, fmt.Appendf(nil, "bind %d", i))
	}
}

func FuzzBindAgrees(f *testing.F) { fuzz(f, structAgrees) }

// TestBindConcurrent: one binding serves many goroutines.
func TestBindConcurrent(t *testing.T) {
	t.Parallel()
	b := bind[bankRequest](t, bank(t))
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for n := range 200 {
				r, want := largeTransfer(), rung.StepUp
				switch (i + n) % 3 {
				case 1:
					r.Transfer.PayeeCountry, want = "KP", rung.Deny
				case 2:
					r.Session.AMR, r.Session.AuthTime, want = []string{"hwk", "mfa"}, benchNow, rung.Allow
				}
				if d := b.Decide("transfer.create", r); d.Effect != want {
					t.Errorf("%v, want %v: %+v", d.Effect, want, d.Error)
				}
			}
		})
	}
	all.Wait()
}

// TestBindDesk: what a pooled desk keeps of one request does not show in the next, whatever was refused, and where.
func TestBindDesk(t *testing.T) {
	t.Parallel()
	type inner struct {
		X  int
		AB *string
	}
	type request struct {
		O *struct {
			O *inner
			S string
			B bool
			L []int
		}
		Session struct{ ACR string }
	}
	e := typedEngine(t, rung.Strict())
	b := bind[request](t, e)
	o := e.Policy().SignalIndex("o")
	for range 20 {
		var bad request
		bad.Session.ACR = "aal1"
		bad.O = new(struct {
			O *inner
			S string
			B bool
			L []int
		})
		bad.O.S, bad.O.B, bad.O.L = "x", true, []int{1}
		if d := b.Decide("act", &bad); d.Satisfied == nil {
			t.Fatal(d.Error)
		}
		bad.O.O = &inner{X: 5, AB: ptr("\xff")}
		if d := b.Decide("act", &bad); d.Error == nil || d.Error.Path != "/signals/o/o/a_b" {
			t.Fatal(d.Error)
		}
		if d := b.Decide("act", new(request)); d.Error != nil || d.Satisfied != nil {
			t.Fatal(d)
		}
		got, refused := b.Request("act", new(request))
		if refused != nil || got.Signals[o] != nil {
			t.Fatal(got, refused)
		}
	}
}
