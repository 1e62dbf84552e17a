package rung_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/internal/gen"
	"github.com/rungpolicy/rung/policy"
	rung "github.com/rungpolicy/rung/sdk"
)

// inWords leaves out what engines may say in their own way: the texts of errors, and the columns of places.
var inWords = cmp.Options{
	cmpopts.IgnoreFields(policy.Indeterminate{}, "Error"),
	cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".At" }, cmp.Comparer(func(a, b string) bool { return line(a) == line(b) })),
}

func line(at string) string {
	if i := strings.LastIndexByte(at, ':'); i >= 0 {
		return at[:i]
	}
	return at
}

// drawnStruct is a generated request as a struct; what a struct cannot say is taken out of the request.
func drawnStruct(r *gen.Request) *genRequest {
	var in genRequest
	rest := gen.Object{}
	for name, v := range r.Signals {
		switch {
		case slices.Contains(gen.LazySignals, name):
			lazy := reflect.ValueOf(&in).Elem().FieldByName(strings.ToUpper(name[:1]) + name[1:])
			lazy.FieldByName("Asked").SetBool(true)
			fill(lazy.FieldByName("Value"), v)
		case v == nil:
			delete(r.Signals, name)
		default:
			rest[name] = v
		}
	}
	if cart, ok := r.Signals["cart"].(gen.Object); ok && cart["extra"] == nil {
		delete(cart, "extra") // in a struct, null in any is Lazy, or missing
	}
	fill(reflect.ValueOf(&in).Elem(), rest)
	return &in
}

// enginesAgree: a module decides as the native engine does, from JSON and from structs. It reports whether there was a module.
func enginesAgree(t *testing.T, choices []byte) bool {
	t.Helper()
	s := gen.NewSource(choices)
	files := gen.NewPolicy(s, gen.Options{}, 8).Files(s)
	clock := rung.WithClock(func() time.Time { return gen.Now })
	native, err := rung.Load(files, rung.Trusted(), clock)
	if err != nil {
		t.Fatal(err)
	}
	module, err := rung.Load(files, rung.Trusted(), clock, rung.WithEngine(rung.Wasm))
	if list := diag.List(nil); errors.As(err, &list) {
		return false
	} else if err != nil {
		t.Fatalf("%v\n%s", err, dump(files))
	}
	defer module.Close()
	b := bind[genRequest](t, module)
	for range 6 {
		r := gen.NewRequest(s)
		r.Posture = "normal"
		in := drawnStruct(r)
		want := native.DecideJSON(r.JSON())
		var again rung.Decision
		b.DecideInto(&again, r.Action, in)
		for name, got := range map[string]*rung.Decision{"json": module.DecideJSON(r.JSON()), "struct": b.Decide(r.Action, in), "struct, again": &again} {
			if d := cmp.Diff(want, got, inWords); d != "" {
				t.Fatalf("%s (-native +module):\n%s\n%s\n%s", name, d, r.JSON(), dump(files))
			}
		}
	}
	return true
}

func TestEnginesAgree(t *testing.T) {
	t.Parallel()
	modules := 0
	for i := range 80 {
		if enginesAgree(t, fmt.Appendf(nil, "engines %d", i)) {
			modules++
		}
	}
	t.Logf("%d of 80 policies have modules", modules)
	if modules < 10 {
		t.Errorf("%d of 80 policies have modules", modules)
	}
}

func FuzzEnginesAgree(f *testing.F) {
	fuzz(f, func(t *testing.T, choices []byte) { enginesAgree(t, choices) })
}

// TestModuleRefuses: what is refused of a struct is refused in the same words, whoever decides.
func TestModuleRefuses(t *testing.T) {
	t.Parallel()
	native, module := typedEngine(t), typedEngine(t, rung.WithEngine(rung.Wasm))
	type request struct {
		Session struct {
			ACR string
			AMR []string
		}
		O struct{ S string }
	}
	for _, r := range []request{
		{}, {Session: struct {
			ACR string
			AMR []string
		}{ACR: "\xff"}}, {Session: struct {
			ACR string
			AMR []string
		}{AMR: []string{"", "\xff"}}}, {Session: struct {
			ACR string
			AMR []string
		}{ACR: strings.Repeat("x", policy.MaxStringBytes+1)}}, {Session: struct {
			ACR string
			AMR []string
		}{AMR: make([]string, 33)}},
	} {
		if d := cmp.Diff(bind[request](t, native).Decide("act", &r), bind[request](t, module).Decide("act", &r), inWords); d != "" {
			t.Error(d)
		}
	}
	if d := bind[request](t, module).Decide("nope", new(request)); d.Error == nil || d.Error.Code != policy.UnknownAction {
		t.Errorf("%+v", d)
	}
}

// TestBoth compares the first decision and every nth one.
func TestBoth(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	told := 0
	e := engine(t, rung.WithEngine(rung.Both), rung.WithSample(2), rung.WithDifference(func(rung.Difference) {
		mu.Lock()
		defer mu.Unlock()
		told++
	}))
	defer e.Close()
	for range 20 {
		if d := e.Decide(&rung.Request{Action: "send"}); d.Error != nil {
			t.Fatal(d.Error)
		}
	}
	if told != 0 || e.Differences() != 0 {
		t.Errorf("%d, %d differences", told, e.Differences())
	}
}

func TestCloseEngine(t *testing.T) {
	t.Parallel()
	for _, using := range []rung.Using{rung.Native, rung.Wasm, rung.Both} {
		e := engine(t, rung.WithEngine(using))
		before := e.Decide(&rung.Request{Action: "send"})
		e.Close()
		after := e.Decide(&rung.Request{Action: "send"})
		if before.Error != nil || after.Allowed() && !before.Allowed() {
			t.Errorf("%+v, then %+v", before, after)
		}
	}
}

// TestNoModule: a policy with what modules cannot do is an error with its place.
func TestNoModule(t *testing.T) {
	t.Parallel()
	_, err := rung.Load(fstest.MapFS{"a.rung.hcl": {Data: []byte(`policy "p" { language = 1 }
action "a" {
  level = "none"
  deny "d" { when = "string(posture).matches('a{999}b{999}c{999}d{999}e{999}f{999}g{999}h{999}i{999}')" }
}
`)}}, rung.WithEngine(rung.Wasm))
	var list diag.List
	if !errors.As(err, &list) || list[0].Range.String() == "" {
		t.Errorf("%v", err)
	}
}
