package diff

import (
	"maps"
	"runtime"
	"slices"
	"testing"
)

// TestPairs holds every engine against the native one over 20,000 pairs, whose shares are what makes them worth something.
func TestPairs(t *testing.T) {
	t.Parallel()
	o := Options{From: 1, Pairs: 20_000, Each: 50, Workers: runtime.GOMAXPROCS(0), Folder: "."}
	if testing.Short() {
		o.Pairs = 2000
	}
	r, err := Run(o)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range r.Differences {
		t.Errorf("engines differ:\n%s", d.Case())
	}
	if !r.V8 {
		t.Log(ErrNoNode)
	}
	t.Log(r.String())
	for _, what := range slices.Sorted(maps.Keys(r.Refused)) {
		t.Logf("drawn anew: %d of %s", r.Refused[what], what)
	}
	if len(r.Differences) == 0 && r.Pairs < o.Pairs {
		t.Errorf("%d pairs, want %d", r.Pairs, o.Pairs)
	}
	for _, share := range []struct {
		what  string
		n     int
		least float64
	}{{"reach an error", r.Erred, 30}, {"are pending", r.Pending, 15}, {"do not allow", r.Denied, 20}} {
		if r.Part(share.n) < share.least {
			t.Errorf("%.1f %% of the pairs %s, want %v", r.Part(share.n), share.what, share.least)
		}
	}
}

// TestSame: what JavaScript writes in another order is the same, and nothing else is.
func TestSame(t *testing.T) {
	t.Parallel()
	const native = `{"effect":"deny","action":"a","indeterminate":[{"rule":"r","code":"overflow","at":"a.rung.hcl:7:20"}],"posture":"normal"}`
	for other, want := range map[string]bool{
		`{"effect":"deny","posture":"normal","action":"a","indeterminate":[{"code":"overflow","rule":"r","at":"a.rung.hcl:7:9"}]}`:  true,
		`{"effect":"deny","posture":"normal","action":"a","indeterminate":[{"code":"overflow","rule":"r","at":"a.rung.hcl:8:9"}]}`:  false,
		`{"effect":"allow","posture":"normal","action":"a","indeterminate":[{"code":"overflow","rule":"r","at":"a.rung.hcl:7:9"}]}`: false,
		`{"effect":"deny","posture":"normal","action":"a"}`:                                                                         false,
		`{"error":"RuntimeError: unreachable"}`: false,
		`{"error":`:                             false,
	} {
		if same(native, other) != want {
			t.Errorf("%s: %v, want %v", other, !want, want)
		}
	}
}
