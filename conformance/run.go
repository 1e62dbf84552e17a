package conformance

import (
	"slices"
	"strings"
	"testing"
)

// Run runs every case as a parallel subtest of t. None is skipped.
func Run(t *testing.T, o Opener) {
	cases, err := Cases(Files())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			RunCase(t, o, c)
		})
	}
}

// RunCase holds an engine against one case.
func RunCase(t *testing.T, o Opener, c *Case) {
	t.Helper()
	engine, errors := o.Open(c.Folder)
	if want := sorted(c.Diagnostics); !slices.Equal(sorted(errors), want) {
		t.Fatalf("errors of the policy:\n  %s\nwant:\n  %s", strings.Join(sorted(errors), "\n  "), strings.Join(want, "\n  "))
	}
	for _, r := range c.Requests {
		runRequest(t, engine, c.Reader, r)
	}
}

func runRequest(t *testing.T, engine Engine, reader Reader, r Request) {
	t.Helper()
	compare(t, r, "decision", engine.Decide(r.Request, reader))
	explainer, ok := engine.(Explainer)
	if !ok {
		return
	}
	decision, states := explainer.Explain(r.Request, reader)
	compare(t, r, "decision when explained", decision)
	if r.States != nil && !slices.Equal(states, r.States) {
		t.Errorf("request %s: states:\n  %s\nwant:\n  %s", r.Name, strings.Join(states, "\n  "), strings.Join(r.States, "\n  "))
	}
}

// compare holds a decision against the expected one, both in canonical form.
func compare(t *testing.T, r Request, what string, decision []byte) {
	t.Helper()
	want, err := object(r.Decision)
	if err != nil {
		t.Errorf("request %s: the expected decision: %v", r.Name, err)
		return
	}
	_, withPolicy := want["policy"]
	wantText, err := Canonical(r.Decision, withPolicy)
	if err != nil {
		t.Errorf("request %s: the expected decision: %v", r.Name, err)
		return
	}
	gotText, err := Canonical(decision, withPolicy)
	if err != nil {
		t.Errorf("request %s: %s: %v\n%s", r.Name, what, err, decision)
		return
	}
	if gotText != wantText {
		t.Errorf("request %s: %s:\n%swant:\n%s", r.Name, what, gotText, wantText)
	}
}

func sorted(lines []string) []string {
	lines = slices.Clone(lines)
	slices.Sort(lines)
	return slices.Compact(lines)
}
