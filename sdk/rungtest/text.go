package rungtest

import (
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/hcl"
	"github.com/rungpolicy/rung/internal/traced"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/codec"
)

// Text is what went wrong in a case, for people: expected and got side by side, the trace of the rules that matter with the value of every sub-expression, and what would
// change the decision. It is "" if nothing went wrong.
func (r *Result) Text() string {
	var out strings.Builder
	r.write(&out, traced.Plain)
	return out.String()
}

// WriteText is [Result.Text] for a terminal, in colours if they are asked for.
func (r *Result) WriteText(w io.Writer, color bool) error {
	paint := traced.Plain
	if color {
		paint = func(sgr, s string) string { return "\x1b[" + sgr + "m" + s + "\x1b[0m" }
	}
	var out strings.Builder
	r.write(&out, paint)
	_, err := io.WriteString(w, out.String())
	return err
}

// The colours of terminals, as SGR parameters.
const (
	bold  = "1"
	dim   = "2"
	red   = "1;31"
	green = "1;32"
)

// mostRules is how many rules a failure shows the trace of.
const mostRules = 12

func (r *Result) write(out *strings.Builder, paint traced.Paint) {
	if r.Passed {
		return
	}
	out.WriteString(paint(red, "FAIL") + "  " + paint(bold, oneLine(r.Name)) + "  " + paint(dim, r.Range.String()) + "\n")
	differences(out, r.Differences, paint)
	if r.Decision.Error != nil {
		out.WriteString("  refused: " + oneLine(r.Decision.Error.Error()) + "\n")
	}
	for _, o := range r.Others {
		out.WriteString("  the engine " + o.Engine + " has decided otherwise, which is a bug of rung:\n    " + oneLine(string(codec.AppendDecision(nil, o.Decision))) + "\n")
	}
	if effect, other := r.otherEffect(); other {
		for i := range r.Changes {
			out.WriteString("  " + paint(dim, "it would be "+effect.String()+" if ") + oneLine(traced.Change(&r.Changes[i])) + "\n")
		}
	}
	if rules := r.Rules(); len(rules) > 0 {
		out.WriteString("  " + paint(dim, "rules") + "\n")
		traced.Write(out, rules[:min(len(rules), mostRules)], r.lets, "    ", paint)
		if more := len(rules) - mostRules; more > 0 {
			out.WriteString("    and " + plural(more, "more rule") + "\n")
		}
	}
}

// differences writes a table: what, expected, got.
func differences(out *strings.Builder, all []Difference, paint traced.Paint) {
	if len(all) == 0 {
		return
	}
	rows := [][3]string{{"", "expected", "got"}}
	for _, d := range all {
		rows = append(rows, [3]string{d.Path, cell(d.Expected), cell(d.Got)})
	}
	var width [3]int
	for _, row := range rows {
		for i, text := range row {
			width[i] = max(width[i], utf8.RuneCountInString(text))
		}
	}
	colors := [3]string{"", green, red}
	for n, row := range rows {
		line := " "
		for i, text := range row {
			shown := text
			if n == 0 {
				shown = paint(dim, text)
			} else if i > 0 {
				shown = paint(colors[i], text)
			}
			line += " " + shown
			if i < 2 {
				line += strings.Repeat(" ", width[i]-utf8.RuneCountInString(text)+1)
			}
		}
		out.WriteString(line + "\n")
	}
}

// cell is a value in the table; of a long one, as much as a screen takes.
func cell(s string) string { return traced.Cut(orNothing(s), 160) }

func orNothing(s string) string {
	if s == "" {
		return "(nothing)"
	}
	return diag.Visible(s)
}

// Rules is the trace of the rules that matter for a case that failed: those that made the decision or were in error, those that the test names, and where another effect is
// expected, or another requirement, those that could have made it.
func (r *Result) Rules() []policy.RuleTrace {
	d := r.Decision
	if d == nil {
		return nil
	}
	matter := make(map[string]bool)
	for _, x := range d.Reasons {
		matter[x.Rule] = true
	}
	for _, x := range d.Indeterminate {
		matter[x.Rule] = true
	}
	named(r.expect, matter)
	wanted := r.wanted()
	var out, rest []policy.RuleTrace
	for _, t := range d.Trace {
		if matter[t.Rule] {
			out = append(out, t)
		} else if wanted(t) {
			rest = append(rest, t)
		}
	}
	return append(out, rest...)
}

// named collects the rules that an expectation names.
func named(e *hcl.Expect, into map[string]bool) {
	if rule := e.Field("rule"); rule != nil && rule.Kind == hcl.ExpectText {
		into[rule.Text] = true
	}
	for i := range e.Items {
		named(&e.Items[i], into)
	}
	for i := range e.Fields {
		named(&e.Fields[i].Expect, into)
	}
}

// wanted says which rules could have made what was expected.
func (r *Result) wanted() func(policy.RuleTrace) bool {
	effect, pending, trial := "", false, false
	for _, d := range r.Differences {
		part := strings.FieldsFunc(d.Path, func(c rune) bool { return c == '.' || c == '[' })[0]
		switch part {
		case "effect":
			effect = strings.Trim(d.Expected, `"`)
		case "requirement":
			if effect == "" && r.Decision.Effect == policy.StepUp {
				effect = "step_up"
			}
		case "shadow", "shadow_effect":
			trial = true
		case "need":
			pending = true
		}
	}
	pending = pending || effect == "need" || r.Decision.Effect == policy.Need
	return func(t policy.RuleTrace) bool {
		rule, known := r.rules[t.Rule]
		switch {
		case pending && t.State == policy.StatePending:
			return true
		case !known:
			return effect == "step_up" // the baseline
		case trial && rule.Mode == policy.Shadow:
			return true
		}
		return rule.Mode == policy.Enforce && rule.Effect.String() == effect && t.State != policy.StatePosture
	}
}

// rulesByID are the rules of a policy.
func rulesByID(p *policy.Policy) map[string]*policy.Rule {
	m := make(map[string]*policy.Rule, len(p.Rules))
	for _, r := range p.Rules {
		m[r.ID] = r
	}
	return m
}

// plural is a number of things.
func plural(n int, word string) string {
	s := word
	if n != 1 {
		s += "s"
	}
	return strconv.Itoa(n) + " " + s
}
