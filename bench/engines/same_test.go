package engines_test

import (
	"testing"

	"github.com/rungpolicy/rung/bench/bank"
	"github.com/rungpolicy/rung/bench/engines"
)

// TestSameDecisions holds every engine to the same decisions on the same questions, as a figure that compares two answers compares nothing.
func TestSameDecisions(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]*bank.Policy{
		"bank": bank.Bank(), "scale100": bank.Scale(100, 5), "scale100one": bank.Scale(100, 0), "scale1000": bank.Scale(1000, 5),
		"few1": bank.Scale(240, 1), "few5": bank.Scale(240, 5), "few20": bank.Scale(240, 20),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			same(t, p, name == "bank")
		})
	}
}

// questions of each mix, on each policy.
const questions = 1000

func same(t *testing.T, p *bank.Policy, base bool) {
	reference, err := engines.Named(engines.Closures).Load(p)
	if err != nil {
		t.Fatal(err)
	}
	mixes := map[bank.Mix][]*bank.Context{}
	want := map[bank.Mix][]bank.Decision{}
	for _, mix := range bank.Mixes() {
		mixes[mix] = p.Questions(mix, questions)
		effects := map[bank.Effect]int{}
		for _, c := range mixes[mix] {
			d, err := reference.Decide(reference.Prepare(c))
			if err != nil {
				t.Fatal(err)
			}
			want[mix] = append(want[mix], d)
			effects[d.Effect]++
		}
		t.Logf("%s: %v", mix, effects)
		if mix == bank.Counted && effects[bank.Deny] > 0 {
			t.Errorf("%d of the questions that count are denied", effects[bank.Deny])
		}
	}
	for _, e := range engines.All() {
		if e.BaseOnly && !base {
			continue
		}
		l, err := e.Load(p)
		if err != nil {
			t.Fatalf("%s: %v", e.Name, err)
		}
		decide := engines.DecideStruct(l)
		for mix, cs := range mixes {
			for i, c := range cs {
				if got, err := l.Decide(l.Prepare(c)); err != nil || got != want[mix][i] {
					t.Fatalf("%s, %s, question %d (%s): got %v %v, want %v\n%+v", e.Name, mix, i, c.Action, got, err, want[mix][i], *c)
				}
				if got, err := decide(c); err != nil || got != want[mix][i] {
					t.Fatalf("%s from a struct, %s, question %d (%s): got %v %v, want %v\n%+v", e.Name, mix, i, c.Action, got, err, want[mix][i], *c)
				}
				if r, ok := l.(*engines.RungLoaded); ok {
					if got, err := r.DecideJSON(engines.JSON(c)); err != nil || got != want[mix][i] {
						t.Fatalf("%s from JSON, %s, question %d (%s): got %v %v, want %v\n%+v", e.Name, mix, i, c.Action, got, err, want[mix][i], *c)
					}
				}
			}
		}
	}
}
