package main

import (
	"testing"

	celgo "cel.dev/cel-go/cel"

	"github.com/rungpolicy/rung/policy"
)

// BenchmarkDecide is a decision by twelve rules, and the bare loop over the same conditions as cel-go's programs. For profiles; the figure that counts
// is measured in interleaved rounds.
func BenchmarkDecide(b *testing.B) {
	e, progs := prepared(b)
	for _, q := range []struct{ name, text string }{{"allow", quiet}, {"step_up", loud}} {
		r, err := e.request(q.text)
		if err != nil {
			b.Fatal(err)
		}
		vars, err := activation(e.policy, r)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(q.name+"/rung", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				e.plan.Decide(e.engine, r)
			}
		})
		b.Run(q.name+"/cel-go", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := loop(progs, vars); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestSameConditions: both sides of the comparison find the same conditions true, or it compares nothing.
func TestSameConditions(t *testing.T) {
	t.Parallel()
	e, progs := prepared(t)
	for text, effect := range map[string]policy.Effect{quiet: policy.Allow, loud: policy.StepUp} {
		r, err := e.request(text)
		if err != nil {
			t.Fatal(err)
		}
		vars, err := activation(e.policy, r)
		if err != nil {
			t.Fatal(err)
		}
		n, err := loop(progs, vars)
		if err != nil {
			t.Fatal(err)
		}
		if d := e.plan.Decide(e.engine, r); d.Effect != effect || len(d.Reasons) != n || len(d.Indeterminate) > 0 {
			t.Errorf("%s with %d reasons, want %s with %d; in error: %v", d.Effect, len(d.Reasons), effect, n, d.Indeterminate)
		}
	}
}

// TestLeanness: where the session meets every rule no condition of a step_up rule runs.
func TestLeanness(t *testing.T) {
	t.Parallel()
	if got, lean, err := leanness(nil); err != nil || !lean {
		t.Errorf("%s, %v", got, err)
	}
}

// TestWritten: the policies that sizes are measured with have as many rules as is said.
func TestWritten(t *testing.T) {
	t.Parallel()
	for _, others := range []int{0, 10, 25, 988} {
		e, err := open(written(others))
		if err != nil {
			t.Fatal(err)
		}
		if got := len(e.policy.Rules); got != len(conditions)+others {
			t.Errorf("%d rules beside the measured action: %d in all", others, got)
		}
	}
}

func prepared(tb testing.TB) (*ready, []celgo.Program) {
	tb.Helper()
	e, err := open(written(0))
	if err != nil {
		tb.Fatal(err)
	}
	progs, err := programs()
	if err != nil {
		tb.Fatal(err)
	}
	return e, progs
}
