package findings

import (
	"slices"
	"strings"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
)

func alwaysTrue() *Finding {
	return &Finding{
		Code: "always-true", Severity: diag.Warning,
		Title: "a condition, or a part of one, that is always true",
		Explanation: "Whatever the request, it comes to true if it comes to anything: for what its terms can be at all (`getHours()` is 0 to 23), or because of what stands beside it " +
			"(`x > 5` where `x > 10` is asked too). Such a part decides nothing, and often should have: a wrong bound, a copied name, `||` where `&&` was meant.\n\n" +
			"In an `unless` it is worse: the rule never applies. A part that can fail (its signal may be missing) can still make the condition fail, which is no answer to a question " +
			"that it does not ask: test with `has()`. A `when` of just `true` is not reported: that is how a rule is written that always applies.",
		Bad: `action "transfer.create" {
  level    = "aal1"
  resource = object({ amount = double })

  step_up "large or at night" {
    when  = "resource.amount > 1000.0 || now.getHours('UTC') < 24"
    level = "aal2"
  }
}
`,
		Good: `action "transfer.create" {
  level    = "aal1"
  resource = object({ amount = double })

  step_up "large or at night" {
    when  = "resource.amount > 1000.0 || now.getHours('UTC') < 6"
    level = "aal2"
  }
}
`,
		find: func(f *finder) { findAlways(f, true) },
	}
}

func alwaysFalse() *Finding {
	return &Finding{
		Code: "always-false", Severity: diag.Warning,
		Title: "a condition, or a part of one, that is always false",
		Explanation: "Whatever the request, it comes to false if it comes to anything: for what its terms can be at all (`getDayOfWeek()` is 0 to 6, and 0 is Sunday), or because of what stands " +
			"beside it (`x == 'a' && x == 'b'`). If the whole is never true, the rule never applies, and protects nobody: `mode = \"off\"` says so, if it is meant.",
		Bad: `action "transfer.create" {
  level    = "aal1"
  resource = object({ amount = double })

  step_up "on Sundays" {
    when  = "now.getDayOfWeek('UTC') == 7"
    level = "aal2"
  }
}
`,
		Good: `action "transfer.create" {
  level    = "aal1"
  resource = object({ amount = double })

  step_up "on Sundays" {
    when  = "now.getDayOfWeek('UTC') == 0"
    level = "aal2"
  }
}
`,
		find: func(f *finder) { findAlways(f, false) },
	}
}

func findAlways(f *finder, value bool) {
	for _, v := range f.verdicts() {
		if v.value != value {
			continue
		}
		summary := "`" + v.text + "` is always " + word(value) + v.here()
		if v.text == word(value) {
			summary = "this is just `" + v.text + "`"
		}
		d := f.report(v.at, summary, v.detail())
		if v.because != nil {
			d.Related = append(d.Related, diag.Related{Message: "because of this", Range: v.because.Node().Span.Range()})
		}
	}
}

func word(value bool) string {
	if value {
		return "true"
	}
	return "false"
}

// verdict is a part of a condition that always comes to the same.
type verdict struct {
	at      diag.Range
	text    string
	value   bool
	or      bool      // it is an operand of `||`, else of `&&`, where because is set
	because expr.Expr // the operand beside it that makes it so; nil if it is so by itself
	beside  bool      // it is so by what stands beside it, by several together if because is nil
	whole   string    // what comes of the rule
}

func (v *verdict) here() string {
	if v.beside {
		return " here"
	}
	return ""
}

func (v *verdict) detail() string {
	var parts []string
	switch {
	case v.because == nil && v.beside:
		parts = append(parts, "because of what stands beside it")
	case v.because == nil:
	case v.or == v.value: // the whole is decided
		parts = append(parts, "it contradicts `"+shortText(v.because)+"`")
		if v.or {
			parts[0] = "one of it and `" + shortText(v.because) + "` is always true"
		}
	case v.or:
		parts = append(parts, "it adds nothing: where it is true, `"+shortText(v.because)+"` is")
	default:
		parts = append(parts, "it asks for nothing more than `"+shortText(v.because)+"` does")
	}
	if v.whole != "" {
		parts = append(parts, v.whole)
	}
	return strings.Join(parts, "; ")
}

// scan looks for verdicts in conditions.
type scan struct {
	*analysis
	at map[part]*tally
	// spared are parts of lets that are not always the same wherever the let is used.
	spared map[part]bool
	rule   string // what becomes of the rule that is looked at, if its condition is always false
}

// part is a part of a condition, by where it is written. What `when` and `unless` come to together has the place of the first, and another text.
type part struct {
	at   diag.Span
	text string
}

func partOf(e expr.Expr) part { return part{e.Node().Span, e.Node().Text} }

// tally counts what a part came to, over all conditions that it stands in.
type tally struct {
	seen, isTrue, isFalse int
	first                 verdict
}

// verdicts are the parts of conditions that always come to the same, wherever they stand: those of a let in all its uses, those of a rule for all
// actions.
func (f *finder) verdicts() []verdict {
	if f.scanned != nil {
		return *f.scanned
	}
	s := &scan{analysis: f.analysis(), spared: map[part]bool{}}
	var out []verdict
	const rounds = 4 // what is spared may make what is above it a verdict
	for range rounds {
		s.at = map[part]*tally{}
		s.all()
		again := false
		out = nil
		for at, t := range s.at {
			switch {
			case t.isTrue+t.isFalse == 0:
			case t.isTrue == t.seen || t.isFalse == t.seen:
				out = append(out, t.first)
			default:
				s.spared[at], again = true, true
			}
		}
		if !again {
			break
		}
	}
	f.scanned = &out
	return out
}

// all scans the conditions of all rules.
func (s *scan) all() {
	left := workInAll
	done := map[int]bool{}
	for _, r := range s.in.Policy.Rules {
		if r.When != nil && r.Unless == nil && isWord(r.When, "true") {
			continue
		}
		for _, a := range r.Actions {
			i := s.in.Conditions.When[expr.Use{Rule: r, Action: a}]
			if i < 0 || done[i] || left <= 0 {
				continue
			}
			done[i] = true
			s.work = min(workPerCondition, left)
			budget := s.work
			s.condition(r, s.in.Conditions.All[i].Root)
			left -= budget - s.work
		}
	}
}

func isWord(t *policy.Text, w string) bool { return strings.TrimSpace(t.Value) == w }

// condition scans the condition of a rule.
func (s *scan) condition(r *policy.Rule, root expr.Expr) {
	s.rule = ""
	if t := s.truth(root, nil).values(); t == mayFalse {
		s.rule = "so `" + r.ID + "` never applies"
	} else if t == mayTrue {
		s.rule = "so `" + r.ID + "` always applies"
	}
	s.bool(root, nil, true)
}

// bool scans an expression, and reports whether something in it has a verdict. asked says that it stands where a question is asked, so that a constant there
// is odd.
func (s *scan) bool(e expr.Expr, in *scope, asked bool) bool {
	if !s.spend(1) {
		return true
	}
	if e.Node().Type.Kind != policy.KindBool {
		return s.children(e, in)
	}
	found := false
	switch e := e.(type) {
	case *expr.Logic:
		return s.run(e, in)
	case *expr.Const:
		if !asked {
			return false
		}
	case *expr.Call:
		if e.Function == opNot && len(e.Args) == 1 {
			return s.bool(e.Args[0], in, true)
		}
		found = s.children(e, in)
	case *expr.Cond:
		found = s.bool(e.If, in, true)
		then := s.bool(e.Then, in.with(s.factsOf(e.If, true)), false)
		found = s.bool(e.Else, in.with(s.factsOf(e.If, false)), false) || then || found
	case *expr.Fold:
		found = s.bool(e.Range, in, false)
		if e.Filter != nil {
			found = s.bool(e.Filter, in, true) || found
		}
		found = s.bool(e.Body, in, true) || found
	default:
		found = s.children(e, in)
	}
	if found {
		s.note(e, nil)
		return true
	}
	return s.whole(e, in)
}

// whole notes what an expression comes to in which nothing has a verdict.
func (s *scan) whole(e expr.Expr, in *scope) bool {
	t := s.truth(e, in).values()
	return s.hold(e, t, verdict{beside: s.truth(e, nil).values() != t})
}

// children scans what is below an expression whose operands are all evaluated.
func (s *scan) children(e expr.Expr, in *scope) bool {
	found := false
	for _, c := range expr.Children(e) {
		_, constant := c.(*expr.Const)
		found = !constant && s.bool(c, in, false) || found
	}
	return found
}

// hold notes what a part comes to, and reports whether that is a verdict.
func (s *scan) hold(e expr.Expr, t truths, v verdict) bool {
	if t != mayTrue && t != mayFalse {
		s.note(e, nil)
		return false
	}
	v.at, v.text, v.value, v.whole = e.Node().Span.Range(), shortText(e), t == mayTrue, s.rule
	s.note(e, &v)
	return !s.spared[partOf(e)]
}

// note counts a part.
func (s *scan) note(e expr.Expr, v *verdict) {
	at := partOf(e)
	t := s.at[at]
	if t == nil {
		t = &tally{}
		s.at[at] = t
	}
	t.seen++
	if v == nil || s.spared[at] {
		return
	}
	if t.isTrue+t.isFalse == 0 {
		t.first = *v
	}
	if v.value {
		t.isTrue++
	} else {
		t.isFalse++
	}
}

// run scans the operands of a run of `&&` or `||`: each by what those before it leave, and then those that came to nothing by all the others.
func (s *scan) run(e *expr.Logic, in *scope) bool {
	ops := operands(e)
	facts := make([][]fact, len(ops))
	for i, x := range ops {
		facts[i] = s.factsOf(x, !e.Or)
	}
	found := make([]bool, len(ops))
	here := in
	for i, x := range ops {
		here2 := here
		here = here.with(facts[i])
		if t := s.truth(x, here2).values(); t == mayTrue || t == mayFalse {
			if s.truth(x, in).values() == t { // by itself
				found[i] = s.bool(x, in, true)
				continue
			}
			found[i] = s.hold(x, t, s.beside(e.Or, ops, facts, found, i, i, in, t))
			continue
		}
		found[i] = s.later(e.Or, ops, facts, found, i, in, here2)
	}
	if slices.Contains(found, true) {
		s.note(e, nil)
		return true
	}
	return s.whole(e, in)
}

// later is an operand that those before it leave open: those behind it may say more. Of two that say the same, the second has the verdict.
func (s *scan) later(or bool, ops []expr.Expr, facts [][]fact, found []bool, i int, in, before *scope) bool {
	all := before
	for j := i + 1; j < len(ops); j++ {
		if !s.spend(1) {
			break
		}
		all = all.with(facts[j])
	}
	t := s.truth(ops[i], all).values()
	redundant := t == mayTrue && !or || t == mayFalse && or
	if !redundant || s.implied(or, ops, facts, i, before) {
		return s.bool(ops[i], before, true)
	}
	v := s.beside(or, ops, facts, found, i, len(ops), in, t)
	facts[i] = nil // it goes, so it makes no other go
	return s.hold(ops[i], t, v)
}

// implied reports whether an operand behind the i-th would have a verdict by what stands before it: then that one has it, and not the i-th.
func (s *scan) implied(or bool, ops []expr.Expr, facts [][]fact, i int, before *scope) bool {
	here := before.with(facts[i])
	for j := i + 1; j < len(ops); j++ {
		t := s.truth(ops[j], here).values()
		if t == mayTrue || t == mayFalse {
			return true
		}
		here = here.with(facts[j])
	}
	return false
}

// beside is a verdict by what stands beside an operand: by one of the first n, if one is enough.
func (s *scan) beside(or bool, ops []expr.Expr, facts [][]fact, found []bool, i, n int, in *scope, t truths) verdict {
	v := verdict{or: or, beside: true}
	for j := range n {
		if j != i && !found[j] && s.truth(ops[i], in.with(facts[j])).values() == t {
			v.because = ops[j]
			break
		}
	}
	return v
}
