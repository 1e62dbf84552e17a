package main

import (
	"fmt"
	"path/filepath"

	"github.com/rungpolicy/rung/internal/canon"
	"github.com/rungpolicy/rung/internal/gen"
	"github.com/rungpolicy/rung/internal/odd"
)

// formatted formats policies drawn at random, half of them with comments, and every policy in the repository, as it is and with comments. The form of a
// form is itself, means what the policy meant, to the last constant of every condition, and has all comments: package canon.
func formatted(s *setting) (string, bool, error) {
	const generated = 10_000
	var total canon.Result
	failed := 0
	var first error
	hold := func(name string, r canon.Result, err error) {
		total.Formatted += r.Formatted
		total.Comments += r.Comments
		if err != nil {
			failed++
			if first == nil {
				first = fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	for seed := range uint64(generated) {
		r, err := canon.Hold(canon.Generated(seed))
		hold(fmt.Sprint("seed ", seed), r, err)
	}
	corpus, err := canon.Corpus(s.root)
	if err != nil {
		return "", false, err
	}
	for name, files := range corpus {
		r, err := canon.Hold(files)
		hold(name, r, err)
		r, err = canon.Hold(canon.Sprinkled(gen.Seeded(1), files))
		hold(name, r, err)
	}
	text := fmt.Sprintf("%d generated and %d of the repository, %d files, %d comments: %d are not", generated, len(corpus), total.Formatted, total.Comments, failed)
	if first != nil {
		text += ", first " + first.Error()
	}
	return text, failed == 0 && len(corpus) >= 500 && total.Comments > 0, nil
}

// falseFindings holds what is found in the examples and the conformance policies against decisions: package odd. In the examples there is nothing at all.
func falseFindings(s *setting) (string, bool, error) {
	results := map[string]*odd.Result{}
	for _, root := range []string{"examples", "conformance/cases"} {
		corpus, err := canon.Corpus(filepath.Join(s.root, root))
		if err != nil {
			return "", false, err
		}
		r := &odd.Result{}
		for name, files := range corpus {
			if err := r.Hold(gen.Seeded(1), files, 200); err != nil {
				return "", false, fmt.Errorf("%s: %w", name, err)
			}
		}
		results[root] = r
	}
	examples, cases := results["examples"], results["conformance/cases"]
	text := fmt.Sprintf("%d in %d examples; %d in %d conformance policies, %d of %d held against decisions refuted",
		examples.Total(), examples.Policies, cases.Total(), cases.Policies, len(cases.Refuted), sum(cases.Held))
	return text, examples.Total() == 0 && examples.Policies >= 5 && len(cases.Refuted) == 0 && sum(cases.Held) >= 100, nil
}

// soundFindings does the same over policies drawn at random, whose conditions often contradict themselves.
func soundFindings(*setting) (string, bool, error) {
	const generated = 400
	var r odd.Result
	for seed := range uint64(generated) {
		s := gen.Scattered(seed, 7)
		if err := r.Hold(s, odd.Policy(s), 40); err != nil {
			return "", false, err
		}
	}
	text := fmt.Sprintf("%d always the same, %d covered, in %d policies: %d refuted", r.Held["always-true"]+r.Held["always-false"], r.Held["covered"], r.Policies, len(r.Refuted))
	return text, len(r.Refuted) == 0 && r.Held["covered"] >= 500, nil
}

func sum(counts map[string]int) int {
	n := 0
	for _, k := range counts {
		n += k
	}
	return n
}
