// Package findings says what is odd about a policy in which nothing is wrong: conditions that are always true, rules that never matter, names that
// nothing reads.
//
// A kind of finding is one value, a [Finding]: its code, what it means, an example of it and of the way out, and the function that looks for it. [All]
// is the table of them; the pages in docs/diagnostics are generated from it. [Find] runs them all over a checked policy and drops what the author has
// silenced:
//
//	# rung:ignore unused  read by the tests of the mobile app
//	list "blocked" { values = ["a"] }
//
// Findings never stop a policy from being loaded. They are meant to be right: each has a claim that can be tested by deciding, and a test that
// does so over generated policies and requests. Where it cannot be known whether something is odd, nothing is said.
//
// The package is pure: the time is an input, and it imports neither HCL nor CEL.
package findings

import (
	"slices"
	"time"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
)

// Finding is a kind of thing to find.
type Finding struct {
	// Code is short and stable; silencing goes by it.
	Code     string
	Severity diag.Severity
	// Title says what is found, in a few words: "a rule that can never change an outcome".
	Title string
	// Explanation is what it means and why it matters, in Markdown.
	Explanation string
	// Bad is an example, in which this is found once; Good is the same without anything to find. Both lack the policy block.
	Bad, Good string

	find func(*finder)
}

// All returns every kind of finding, ordered by code.
func All() []*Finding {
	return []*Finding{
		alwaysFalse(),
		alwaysTrue(),
		amrSubset(),
		cost(),
		covered(),
		emptyAll(),
		ignoreReason(),
		ignoreUnused(),
		levelWithoutACR(),
		lookAlike(),
		methodNotImplied(),
		missingSignal(),
		pastUntil(),
		unguardedOptional(),
		unregisteredMethod(),
		unused(),
	}
}

// ByCode returns the finding of a code, or nil.
func ByCode(code string) *Finding {
	all := All()
	i := slices.IndexFunc(all, func(f *Finding) bool { return f.Code == code })
	if i < 0 {
		return nil
	}
	return all[i]
}

// Input is a policy in which nothing is wrong, and what is known besides.
type Input struct {
	Policy     *policy.Policy
	Conditions *expr.Conditions
	// Comments are those of the policy's files, and of the conditions in them: what silences findings is in some.
	Comments []diag.Span
	// Now is the time that shadow rules are held against. The zero value holds them against none.
	Now time.Time
	// Ignore are the codes of warnings that nobody wants to hear of, Show those of what is shown on request only.
	Ignore, Show []string
}

// Find returns the warnings about a policy and what is to be shown besides, sorted. It does not change the input, and is safe for concurrent use.
func Find(in Input) diag.List {
	var found diag.List
	common := shared{memo: newMemo()}
	for _, kind := range All() {
		if kind.find != nil && (kind.Severity == diag.Warning || slices.Contains(in.Show, kind.Code)) {
			kind.find(&finder{Input: &in, kind: kind, found: &found, shared: &common})
		}
	}
	found.Sort()
	found = silence(&in, found)
	found = slices.DeleteFunc(found, func(d diag.Diagnostic) bool { return slices.Contains(in.Ignore, d.Code) })
	found.Sort()
	return found
}

// finder is what a kind of finding looks at, and reports to.
type finder struct {
	*Input
	kind  *Finding
	found *diag.List
	*shared
}

// shared is what several kinds of findings go by.
type shared struct {
	scanned *[]verdict // nil until somebody asks
	*memo
}

// analysis is one with a budget of its own.
func (f *finder) analysis() *analysis {
	return &analysis{in: f.Input, memo: f.memo, work: workPerCondition}
}

// report notes a finding. The pointer is good until the next one.
func (f *finder) report(at diag.Range, summary, detail string) *diag.Diagnostic {
	f.found.Add(diag.Diagnostic{Severity: f.kind.Severity, Code: f.kind.Code, Summary: summary, Detail: detail, Range: at})
	return &(*f.found)[len(*f.found)-1]
}

// walk calls f for every node of every condition.
func (f *finder) walk(visit func(expr.Expr)) {
	for _, c := range f.Conditions.All {
		expr.Walk(c.Root, func(e expr.Expr) bool {
			visit(e)
			return true
		})
	}
}
