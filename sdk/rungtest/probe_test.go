package rungtest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rungpolicy/rung/policy/codec"
)

// TestProbe: to count what a decision looks at does not change the decision, on any case of the examples.
func TestProbe(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../examples/*/*.rungtest.hcl")
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	for _, file := range files {
		dir := filepath.Dir(file)
		if seen[dir] {
			continue
		}
		seen[dir] = true
		s, err := Read(os.DirFS(dir))
		if err != nil {
			t.Fatal(err)
		}
		_, e, err := Native(s.Policy)
		if err != nil {
			t.Fatal(err)
		}
		p, err := newProbe(s.Policy)
		if err != nil {
			t.Fatal(err)
		}
		counted := p.tally()
		for _, c := range s.Cases {
			want, got := codec.AppendDecision(nil, e.Decide(c.Request)), codec.AppendDecision(nil, p.plan.Decide(counted, c.Request))
			if string(want) != string(got) {
				t.Errorf("%s, %s: %s, watched %s", dir, c.FullName(), want, got)
			}
		}
	}
	if len(seen) < 5 {
		t.Errorf("tests in %d examples", len(seen))
	}
}
