package conformance_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/fstest"

	"github.com/rungpolicy/rung/conformance"
	"github.com/rungpolicy/rung/internal/texts"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/codec"
	"github.com/rungpolicy/rung/wasm"
	"github.com/rungpolicy/rung/wasm/host"
)

// pairOf is a module that reads JSON, and the same with Go's reader before it.
type pairOf struct {
	texts  *textEngine
	policy *host.Policy
	view   *policy.Policy
}

func newPair(t testing.TB) *pairOf {
	t.Helper()
	module := everyModule(t)
	p, err := host.Open(context.Background(), module, patience)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return &pairOf{instanceOf(t, module), p, p.Policy()}
}

// everyModule is the module of package texts's policy, with the entry for texts.
func everyModule(t testing.TB) []byte {
	t.Helper()
	pl, bad := planOf(fstest.MapFS{"every.rung.hcl": {Data: []byte(texts.Policy)}})
	if bad {
		t.Fatal("the policy is not in order")
	}
	m, err := wasm.Compile(pl, wasm.Options{JSON: true})
	if err != nil {
		t.Fatal(err)
	}
	return m.Bytes
}

// instanceOf is an instance of a module on machine code.
func instanceOf(t testing.TB, module []byte) *textEngine {
	t.Helper()
	e, _ := (&textual{t: t, module: module, large: true}).Open(nil)
	return e.(*textEngine)
}

// check reports what the two answer if it differs, in canonical form; and whether the request was refused.
func (p *pairOf) check(request string) (difference string, refused bool) {
	var want []byte
	r, err := codec.DecodeRequest(p.view, []byte(request), codec.Options{Trusted: true})
	switch {
	case err != nil:
		want = codec.AppendDecision(nil, &policy.Decision{Error: err})
	case !r.HasNow:
		want = codec.AppendDecision(nil, &policy.Decision{Error: &policy.RequestError{Code: policy.InvalidRequest, Path: "/now"}})
	default:
		want = codec.AppendDecision(nil, p.policy.Decide(r))
	}
	got := p.texts.decide(nil, []byte(request))
	one, e1 := conformance.Canonical(want, true)
	other, e2 := conformance.Canonical(got, true)
	if e1 != nil || e2 != nil || one != other {
		return fmt.Sprintf("%q\n%s\nwant\n%s", request, got, want), err != nil
	}
	return "", err != nil
}

// TestMutated holds the module's reader of JSON against Go's, over requests that somebody has changed. Where both take one, the decisions are the same; where one
// refuses it the other does so with the same code, at the same path.
func TestMutated(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	if difference, refused := p.check(texts.Request); difference != "" || refused {
		t.Fatalf("refused %t %s", refused, difference)
	}
	rng := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a test's
	const all = 10000
	refused := 0
	for i := range all {
		difference, bad := p.check(texts.Mutated(rng, texts.Request))
		if difference != "" {
			t.Fatalf("%d: %s", i, difference)
		}
		if bad {
			refused++
		}
	}
	t.Logf("%d requests, of which %d are refused", all, refused)
	if refused < all/4 || refused > all*19/20 {
		t.Errorf("%d of %d are refused", refused, all)
	}
}

// FuzzText is TestMutated for a fuzzer: it looks for other texts.
func FuzzText(f *testing.F) {
	f.Add(texts.Request)
	rng := rand.New(rand.NewPCG(3, 4)) //nolint:gosec // a test's
	for range 50 {
		f.Add(texts.Mutated(rng, texts.Request))
	}
	p := newPair(f)
	f.Fuzz(func(t *testing.T, request string) {
		if difference, _ := p.check(request); difference != "" {
			t.Error(difference)
		}
	})
}
