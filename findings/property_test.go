package findings_test

import (
	"testing"

	"github.com/rungpolicy/rung/internal/canon"
	"github.com/rungpolicy/rung/internal/gen"
	"github.com/rungpolicy/rung/internal/odd"
)

// TestSound holds what is found in policies drawn at random against decisions; `make figures` draws more.
func TestSound(t *testing.T) {
	t.Parallel()
	var r odd.Result
	for seed := range uint64(50) {
		s := gen.Scattered(seed, 7)
		if err := r.Hold(s, odd.Policy(s), 40); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d policies: found %v, held %v", r.Policies, r.Found, r.Held)
	for _, err := range r.Refuted {
		t.Error(err)
	}
	if r.Held["always-true"]+r.Held["always-false"] < 60 || r.Held["covered"] < 30 || r.Held["unguarded-optional"] < 3 {
		t.Errorf("too little was held: %v", r.Held)
	}
}

// TestCorpus holds what is found in the policies of the repository against decisions. In those that people are shown there is nothing.
func TestCorpus(t *testing.T) {
	t.Parallel()
	for root, shown := range map[string]bool{"../examples": true, "../conformance/cases": false} {
		corpus, err := canon.Corpus(root)
		if err != nil {
			t.Fatal(err)
		}
		var r odd.Result
		for name, files := range corpus {
			if err := r.Hold(gen.Seeded(1), files, 40); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		t.Logf("%s: %d policies: found %v, held %v", root, r.Policies, r.Found, r.Held)
		for _, err := range r.Refuted {
			t.Error(err)
		}
		if shown && r.Total() > 0 {
			t.Errorf("%s: there is something to say: %v", root, r.Found)
		}
		if r.Policies < 5 || !shown && r.Total() < 100 {
			t.Errorf("%s: %d policies, %d findings", root, r.Policies, r.Total())
		}
	}
}
