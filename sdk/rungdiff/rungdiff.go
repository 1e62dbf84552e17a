// Package rungdiff says what another policy would decide otherwise: of requests as they came in, which rules ask for more prompts, and which for fewer.
//
//	comparison := rungdiff.New(old, new)
//	for lines.Scan() {
//		comparison.Add(lines.Bytes())
//	}
//	report := comparison.Report()
//
// Requests are decided by both, and what decides may be engines, modules, or one of each. Two decisions are the same if effect, requirement, reasons, need, what
// the session proves and what rules on trial would do are the same; the identity of the policy, the messages of rules, the wording of errors and the places of conditions
// do not count. The order of requests makes no difference but for which of them are the examples: the first ones.
package rungdiff

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/codec"
	rung "github.com/rungpolicy/rung/sdk"
)

// Decider takes decisions: a [rung.Engine], or a module that package wasm/host has opened. Both sides of a comparison should have the same clock, or requests that
// say no `now` are decided for two moments; and should trust requests, where these carry `now`, posture and params.
type Decider interface {
	// DecideJSON answers a request; what it returns is kept, as an example.
	DecideJSON(text []byte) *rung.Decision
}

// Comparison compares what two policies decide. It is used by one goroutine. New makes one.
type Comparison struct {
	old, new Decider
	report   Report
	rules    map[string]*Rule
}

// New begins a comparison.
func New(old, new Decider) *Comparison {
	return &Comparison{old: old, new: new, rules: map[string]*Rule{}}
}

// Report is what came of a comparison.
type Report struct {
	// Requests is how many there were; Refused of them were refused by both policies, for the same reason; Different were decided otherwise.
	Requests, Refused, Different int
	// All counts what became of the decisions that differ.
	All Counts
	// Rules are the rules that had a part in it, those with the most differences first. One decision may differ by several rules.
	Rules []*Rule
}

// Counts counts decisions that differ, each by what has become of it. A prompt is a step_up.
type Counts struct {
	PromptsAdded   int `json:"prompts_added"`   // step_up, and was allow or need
	PromptsRemoved int `json:"prompts_removed"` // allow or need, and was step_up
	PromptsChanged int `json:"prompts_changed"` // step_up for something else
	DenialsAdded   int `json:"denials_added"`   // deny, and was not: refused requests too
	DenialsRemoved int `json:"denials_removed"`
	NeedsAdded     int `json:"needs_added"` // need, and was allow; or a need of other signals
	NeedsRemoved   int `json:"needs_removed"`
	Other          int `json:"other"` // the effect and what is asked for are the same, and reasons, rules on trial or errors are not
}

// Rule is a rule by which decisions differ: one that has a part in one of the two, or in both in another way.
type Rule struct {
	// ID is the rule's; "" of decisions that differ by none: by what a level takes to prove, say, or by the requests that are refused.
	ID string
	// Different is how many decisions differ by it.
	Different int
	Counts
	Example Example
}

// Example is a request, by its number from 1, and what the two decide.
type Example struct {
	Request  int
	Old, New *rung.Decision
}

// Add decides a request by both policies. Its text is not kept.
func (c *Comparison) Add(request []byte) {
	c.report.Requests++
	was, is := c.old.DecideJSON(request), c.new.DecideJSON(request)
	if same(was, is) {
		if was.Error != nil {
			c.report.Refused++
		}
		return
	}
	c.report.Different++
	c.report.All.count(was, is)
	ids := differing(was, is)
	if len(ids) == 0 {
		ids = []string{""}
	}
	for _, id := range ids {
		r := c.rules[id]
		if r == nil {
			r = &Rule{ID: id, Example: Example{c.report.Requests, was, is}}
			c.rules[id] = r
		}
		r.Different++
		r.count(was, is)
	}
}

// Report is what has come of it so far.
func (c *Comparison) Report() *Report {
	out := c.report
	out.Rules = slices.SortedFunc(maps.Values(c.rules), func(a, b *Rule) int {
		return cmp.Or(cmp.Compare(b.Different, a.Different), strings.Compare(a.ID, b.ID))
	})
	return &out
}

// count counts a decision that differs as one of the kinds.
func (c *Counts) count(was, is *rung.Decision) {
	switch {
	case was.Effect != is.Effect && is.Effect == rung.Deny:
		c.DenialsAdded++
	case was.Effect != is.Effect && was.Effect == rung.Deny:
		if c.DenialsRemoved++; is.Effect == rung.StepUp {
			c.PromptsAdded++
		}
	case was.Effect != is.Effect && is.Effect == rung.StepUp:
		c.PromptsAdded++
	case was.Effect != is.Effect && was.Effect == rung.StepUp:
		c.PromptsRemoved++
	case was.Effect != is.Effect && is.Effect == rung.Need:
		c.NeedsAdded++
	case was.Effect != is.Effect:
		c.NeedsRemoved++
	case is.Effect == rung.StepUp && !sameRequirement(was, is):
		c.PromptsChanged++
	case is.Effect == rung.Need && !slices.Equal(was.Need, is.Need):
		c.NeedsAdded++
	default:
		c.Other++
	}
}

func sameRequirement(a, b *rung.Decision) bool {
	bare := func(d *rung.Decision) []byte {
		return codec.AppendDecision(nil, &rung.Decision{Requirement: d.Requirement})
	}
	return bytes.Equal(bare(a), bare(b))
}

// same reports whether two decisions are the same, but for what may differ.
func same(a, b *rung.Decision) bool { return bytes.Equal(bare(a), bare(b)) }

// bare is a decision as JSON without what does not count.
func bare(d *rung.Decision) []byte {
	out := *d
	out.Policy, out.Trace, out.Indeterminate = policy.Identity{}, nil, nil
	out.Reasons, out.Shadow = wordless(d.Reasons), wordless(d.Shadow)
	for _, x := range d.Indeterminate {
		out.Indeterminate = append(out.Indeterminate, policy.Indeterminate{Rule: x.Rule, Code: x.Code})
	}
	if d.Error != nil {
		out.Error = &policy.RequestError{Code: d.Error.Code, Path: d.Error.Path}
	}
	return codec.AppendDecision(nil, &out)
}

// wordless are reasons without their messages.
func wordless(all []*policy.Reason) []*policy.Reason {
	out := make([]*policy.Reason, len(all))
	for i, r := range all {
		said := *r
		said.Message = ""
		out[i] = &said
	}
	return out
}

// differing are the rules that have a part in one of two decisions, or another part in both.
func differing(a, b *rung.Decision) []string {
	was, is := parts(a), parts(b)
	var out []string
	for id, part := range was {
		if is[id] != part {
			out = append(out, id)
		}
	}
	for id := range is {
		if _, ok := was[id]; !ok {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// parts are what each rule has to do with a decision, as text.
func parts(d *rung.Decision) map[string]string {
	out := map[string]string{}
	for _, r := range wordless(d.Reasons) {
		out[r.Rule] += string(codec.AppendDecision(nil, &rung.Decision{Reasons: []*policy.Reason{r}}))
	}
	for _, r := range wordless(d.Shadow) {
		out[r.Rule] += string(codec.AppendDecision(nil, &rung.Decision{Shadow: []*policy.Reason{r}}))
	}
	for _, x := range d.Indeterminate {
		out[x.Rule] += string(x.Code)
	}
	return out
}
