package rungtest

import (
	"cmp"
	"slices"
	"strings"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/policy"
)

// Coverage is what the tests have seen of a policy: of the rules, how often each has applied and has not; of every sub-condition in them, how often it was true, false and
// in error. What a decision did not have to look at was not seen: a rule that the session meets already, the right side of `&&` where the left one is false.
//
// A sub-condition is a part of a condition that is true or false by itself: the whole of it, the operands of `&&`, `||` and `!`, what stands before the `?`
// of a choice and in its branches, and the predicate of a macro, which is seen once for each element. One in a `let` is one, wherever the let is used.
type Coverage struct {
	// Rules are ordered by id, Conditions by place. Rules that are off are in neither.
	Rules      []RuleCoverage      `json:"rules"`
	Conditions []ConditionCoverage `json:"conditions"`
	// Actions are ordered by name.
	Actions []ActionCoverage `json:"actions"`
}

// RuleCoverage is how a rule came out in the decisions that asked it.
type RuleCoverage struct {
	Rule   string     `json:"rule"`
	Effect string     `json:"effect"`
	Range  diag.Range `json:"at"`
	// Conditional is false of a rule that has no condition: it applies where it is asked.
	Conditional bool `json:"conditional"`
	Applied     int  `json:"applied"`
	NotApplied  int  `json:"not_applied"`
	Errors      int  `json:"errors"`
	Pending     int  `json:"pending"`
}

// ConditionCoverage is how a sub-condition came out.
type ConditionCoverage struct {
	// Text is the condition as it is written, Range where.
	Text  string     `json:"text"`
	Range diag.Range `json:"at"`
	// Let is the name of the let that it stands in; Rules are the ids of the rules that look at it.
	Let     string   `json:"let,omitempty"`
	Rules   []string `json:"rules"`
	True    int      `json:"true"`
	False   int      `json:"false"`
	Errors  int      `json:"errors"`
	Pending int      `json:"pending"`
}

// Covered reports whether the sub-condition was seen both true and false.
func (c *ConditionCoverage) Covered() bool { return c.True > 0 && c.False > 0 }

// ActionCoverage is how the decisions on an action came out.
type ActionCoverage struct {
	Action string     `json:"action"`
	Range  diag.Range `json:"at"`
	Allow  int        `json:"allow"`
	StepUp int        `json:"step_up"`
	Deny   int        `json:"deny"`
	Need   int        `json:"need"`
}

// Decisions is how many there were.
func (a *ActionCoverage) Decisions() int { return a.Allow + a.StepUp + a.Deny + a.Need }

// untested are the actions on which there was no decision, by place.
func (c *Coverage) untested() []ActionCoverage {
	out := slices.DeleteFunc(slices.Clone(c.Actions), func(a ActionCoverage) bool { return a.Decisions() > 0 })
	slices.SortFunc(out, func(a, b ActionCoverage) int { return byPlace(a.Range, b.Range) })
	return out
}

// Outcomes is how many outcomes there are to be seen, and how many were: of each sub-condition true and false, and of each rule without a condition that it
// applies.
func (c *Coverage) Outcomes() (seen, all int) {
	for i := range c.Conditions {
		x := &c.Conditions[i]
		all += 2
		seen += min(x.True, 1) + min(x.False, 1)
	}
	for i := range c.Rules {
		if x := &c.Rules[i]; !x.Conditional {
			all++
			seen += min(x.Applied, 1)
		}
	}
	return seen, all
}

// Percent is the part of the outcomes that was seen; 100 of a policy that has none. It is 100 only where nothing is missing.
func (c *Coverage) Percent() float64 {
	seen, all := c.Outcomes()
	if all == 0 {
		return 100
	}
	return 100 * float64(seen) / float64(all)
}

// Gap is something that no test has seen.
type Gap struct {
	Range diag.Range
	// Text is the condition, or the id of the rule.
	Text string
	// Missing says in words what was not seen: "never true", "never false", "never asked", "never applied".
	Missing string
}

// Gaps are what is missing to 100 percent, by place.
func (c *Coverage) Gaps() []Gap {
	var out []Gap
	for i := range c.Conditions {
		if x := &c.Conditions[i]; !x.Covered() {
			out = append(out, Gap{x.Range, x.Text, x.missing()})
		}
	}
	for i := range c.Rules {
		if x := &c.Rules[i]; !x.Conditional && x.Applied == 0 {
			out = append(out, Gap{x.Range, x.Rule, "never applied"})
		}
	}
	slices.SortStableFunc(out, func(a, b Gap) int { return byPlace(a.Range, b.Range) })
	return out
}

func (c *ConditionCoverage) missing() string {
	switch {
	case c.True > 0:
		return "never false"
	case c.False > 0:
		return "never true"
	case c.Errors+c.Pending > 0:
		return "never true, never false"
	}
	return "never asked"
}

// finish makes a Coverage of what was counted.
func (p *probe) finish(total *tally) *Coverage {
	c := &Coverage{Rules: []RuleCoverage{}, Conditions: []ConditionCoverage{}, Actions: []ActionCoverage{}}
	for i, s := range p.sites {
		n := total.atSites[i]
		x := ConditionCoverage{Text: oneLine(s.text), Range: s.span.Range(), Let: p.letAt(s.span), True: n.yes, False: n.no, Errors: n.erred, Pending: n.pending}
		for id := range s.rules {
			x.Rules = append(x.Rules, id)
		}
		slices.Sort(x.Rules)
		c.Conditions = append(c.Conditions, x)
	}
	slices.SortFunc(c.Conditions, func(a, b ConditionCoverage) int {
		return cmp.Or(byPlace(a.Range, b.Range), cmp.Compare(b.Range.End.Byte, a.Range.End.Byte))
	})
	for i, r := range p.rules {
		n := total.ofRules[i]
		c.Rules = append(c.Rules, RuleCoverage{
			Rule: r.ID, Effect: r.Effect.String(), Range: r.Range, Conditional: p.conditional[r],
			Applied: n.yes, NotApplied: n.no, Errors: n.erred, Pending: n.pending,
		})
	}
	slices.SortFunc(c.Rules, func(a, b RuleCoverage) int { return strings.Compare(a.Rule, b.Rule) })
	for i, a := range p.policy.Actions {
		n := total.ofActions[i]
		c.Actions = append(c.Actions, ActionCoverage{
			Action: a.Name, Range: a.Range, Allow: n[policy.Allow], StepUp: n[policy.StepUp], Deny: n[policy.Deny], Need: n[policy.Need],
		})
	}
	return c
}

// letAt is the let that a place is in.
func (p *probe) letAt(at diag.Span) string {
	for _, l := range p.policy.Lets {
		if inside(at, l.CEL.Span) {
			return l.Name
		}
	}
	return ""
}

func oneLine(s string) string { return diag.Visible(strings.Join(strings.Fields(s), " ")) }
