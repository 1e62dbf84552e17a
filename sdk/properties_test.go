package rung_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rungpolicy/rung/internal/gen"
	"github.com/rungpolicy/rung/policy"
	rung "github.com/rungpolicy/rung/sdk"
)

// These properties hold whatever a policy says (docs/language.md, "Five principles"). Each draws a policy and requests
// from a string of bytes.

func load(t *testing.T, files fstest.MapFS) *rung.Engine {
	t.Helper()
	e, err := rung.Load(files, rung.Trusted(), rung.Strict())
	if err != nil {
		for name, f := range files {
			t.Logf("%s:\n%s", name, f.Data)
		}
		t.Fatalf("a generated policy does not load: %v", err)
	}
	return e
}

func decide(t *testing.T, e *rung.Engine, r *gen.Request) *rung.Decision {
	t.Helper()
	d := e.DecideJSON(r.JSON())
	if d.Error != nil {
		t.Fatalf("a generated request is refused: %v\n%s", d.Error, r.JSON())
	}
	return d
}

// settled decides, answering every need, as a host would.
func settled(t *testing.T, e *rung.Engine, r *gen.Request) *rung.Decision {
	t.Helper()
	r = r.Clone()
	d := decide(t, e, r)
	for rounds := 0; d.Effect == policy.Need; rounds++ {
		if rounds > len(gen.LazySignals) {
			t.Fatalf("still needs %v", d.Need)
		}
		for _, name := range d.Need {
			r.Answer(name)
		}
		d = decide(t, e, r)
	}
	return d
}

// lower reports whether a is milder than b: allow < step_up by its join < deny. Two step_ups are compared by what they ask for.
func lower(e *rung.Engine, a, b *rung.Decision) bool {
	severity := map[policy.Effect]int{policy.Allow: 0, policy.StepUp: 1, policy.Deny: 2}
	if a.Effect != b.Effect || a.Effect != policy.StepUp {
		return severity[a.Effect] < severity[b.Effect]
	}
	ra, rb := a.Requirement, b.Requirement
	if e.Policy().Level(ra.Level).Rank < e.Policy().Level(rb.Level).Rank || rb.MaxAge.Set && (!ra.MaxAge.Set || ra.MaxAge.N > rb.MaxAge.N) {
		return true
	}
	covered := func(group []string) bool {
		return slices.ContainsFunc(ra.Methods, func(g []string) bool {
			return !slices.ContainsFunc(g, func(m string) bool { return !slices.Contains(group, m) })
		})
	}
	return slices.ContainsFunc(rb.Methods, func(g []string) bool { return !covered(g) })
}

func show(d *rung.Decision) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v %+v", d.Effect, d.Requirement)
	for _, r := range d.Reasons {
		fmt.Fprintf(&b, "\n  %s", r.Rule)
	}
	for _, i := range d.Indeterminate {
		fmt.Fprintf(&b, "\n  ! %s %s %s", i.Rule, i.Code, i.Error)
	}
	return b.String()
}

func dump(files fstest.MapFS) string {
	var b strings.Builder
	for name, f := range files {
		fmt.Fprintf(&b, "-- %s --\n%s", name, f.Data)
	}
	return b.String()
}

// orderNeverMatters: rules, blocks and files may be moved, split and merged.
func orderNeverMatters(t *testing.T, choices []byte) {
	s := gen.NewSource(choices)
	p := gen.NewPolicy(s, gen.Options{}, 8)
	files, moved := p.Files(s), p.Reordered(s).Files(s)
	a, b := load(t, files), load(t, moved)
	for range 4 {
		r := gen.NewRequest(s)
		da, db := decide(t, a, r), decide(t, b, r)
		places := cmp.Options{cmpopts.IgnoreFields(policy.Indeterminate{}, "At"), cmpopts.IgnoreFields(policy.Identity{}, "Digest")}
		if d := cmp.Diff(da, db, places); d != "" {
			t.Fatalf("another order, another decision:\n%s\n%s\n%s\n%s", d, r.JSON(), dump(files), dump(moved))
		}
	}
}

// postureOnlyTightens: raising the posture never lowers a decision, where conditions read neither posture nor an overlaid param.
func postureOnlyTightens(t *testing.T, choices []byte) {
	s := gen.NewSource(choices)
	files := gen.NewPolicy(s, gen.Options{SteadyPosture: true}, 8).Files(s)
	e := load(t, files)
	for range 4 {
		r := gen.NewRequest(s)
		var before *rung.Decision
		for _, posture := range []string{"normal", "elevated", "critical"} {
			r.Posture = posture
			d := settled(t, e, r)
			if before != nil && lower(e, d, before) {
				t.Fatalf("%s lowers the decision from\n%s\nto\n%s\n%s\n%s", posture, show(before), show(d), r.JSON(), dump(files))
			}
			before = d
		}
	}
}

// absenceOnlyTightens: a signal or attribute that is null, or left out, never lowers a decision.
func absenceOnlyTightens(t *testing.T, choices []byte) {
	s := gen.NewSource(choices)
	files := gen.NewPolicy(s, gen.Options{Monotone: true}, 8).Files(s)
	e := load(t, files)
	for range 6 {
		r := gen.NewRequest(s)
		before := settled(t, e, r)
		less := r.Clone()
		if !less.Drop(s) {
			continue
		}
		if after := settled(t, e, less); lower(e, after, before) {
			t.Fatalf("less is known, and the decision falls from\n%s\nto\n%s\n%s\n%s\n%s", show(before), show(after), r.JSON(), less.JSON(), dump(files))
		}
	}
}

// explainAgrees: the outcome of Explain is that of Decide.
func explainAgrees(t *testing.T, choices []byte) {
	s := gen.NewSource(choices)
	files := gen.NewPolicy(s, gen.Options{}, 6).Files(s)
	e := load(t, files)
	for range 3 {
		r := gen.NewRequest(s)
		plain, explained := decide(t, e, r), e.ExplainJSON(r.JSON())
		if len(explained.Trace) == 0 && len(plain.Reasons) > 0 {
			t.Fatal("no trace")
		}
		explained.Trace = nil
		if d := cmp.Diff(plain, explained); d != "" {
			t.Fatalf("explain decides otherwise:\n%s\n%s\n%s", d, r.JSON(), dump(files))
		}
	}
}

var properties = map[string]func(*testing.T, []byte){
	"order": orderNeverMatters, "posture": postureOnlyTightens, "absence": absenceOnlyTightens, "explain": explainAgrees,
}

func TestProperties(t *testing.T) {
	t.Parallel()
	for name, holds := range properties {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for i := range 60 {
				holds(t, fmt.Appendf(nil, "%s %d", name, i))
			}
		})
	}
}

func fuzz(f *testing.F, holds func(*testing.T, []byte)) {
	for i := range 8 {
		f.Add(fmt.Appendf(nil, "seed %d", i))
	}
	f.Add([]byte{})
	f.Fuzz(holds)
}

func FuzzOrderNeverMatters(f *testing.F)   { fuzz(f, orderNeverMatters) }
func FuzzPostureOnlyTightens(f *testing.F) { fuzz(f, postureOnlyTightens) }
func FuzzAbsenceOnlyTightens(f *testing.F) { fuzz(f, absenceOnlyTightens) }
func FuzzExplainAgrees(f *testing.F)       { fuzz(f, explainAgrees) }

// TestGeneratedVary keeps the properties from holding of nothing: generated requests come out every way, and err and wait often enough.
func TestGeneratedVary(t *testing.T) {
	t.Parallel()
	const policies, requests = 60, 10
	share := map[string]int{}
	for i := range policies {
		s := gen.Seeded(uint64(i))
		e := load(t, gen.NewPolicy(s, gen.Options{}, 8).Files(s))
		for range requests {
			r := gen.NewRequest(s)
			d := decide(t, e, r)
			share[d.Effect.String()]++
			if len(d.Indeterminate) > 0 {
				share["in error"]++
			}
			if len(d.Shadow) > 0 {
				share["on trial"]++
			}
			share["settled "+settled(t, e, r).Effect.String()]++
		}
	}
	t.Log(share)
	for what, percent := range map[string]int{
		"allow": 5, "deny": 10, "step_up": 15, "need": 5, "in error": 15, "on trial": 5, "settled allow": 5, "settled step_up": 15,
	} {
		if share[what]*100 < percent*policies*requests {
			t.Errorf("%s: %d of %d, want at least %d %%", what, share[what], policies*requests, percent)
		}
	}
}
