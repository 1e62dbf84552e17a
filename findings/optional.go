package findings

import (
	"slices"
	"strconv"
	"strings"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
)

func unguardedOptional() *Finding {
	return &Finding{
		Code: "unguarded-optional", Severity: diag.Warning,
		Title: "an optional attribute that is read as if it were there",
		Explanation: "`optional(T)` says that absence is normal. Reading what is absent is an error, and a rule in error applies: so whoever has no such attribute is asked for more, or denied, by a rule that was " +
			"not meant for them. Say what absence means: `has(x) && x > 5`, `!has(x) || x > 5`, `x.?y.orValue(false)`.\n\n" +
			"Attributes that are not declared `optional`, those of the standard signals among them, can be absent too; there it is no normal case, and a rule that applies then is as it should be.",
		Bad: `action "transfer.create" {
  level = "aal1"

  resource = object({
    amount = double
    limit  = optional(double)
  })

  step_up "above the limit" {
    when  = "resource.amount > resource.limit"
    level = "aal2"
  }
}
`,
		Good: `action "transfer.create" {
  level = "aal1"

  resource = object({
    amount = double
    limit  = optional(double)
  })

  step_up "above the limit" {
    when  = "resource.amount > resource.?limit.orValue(1000.0)"
    level = "aal2"
  }
}
`,
		find: findUnguarded,
	}
}

func findUnguarded(f *finder) {
	g := &guards{analysis: f.analysis()}
	f.conditions(func(r *policy.Rule, root expr.Expr) {
		g.work = workPerCondition
		g.parents = nil
		g.walk(root, func(e expr.Expr) {
			if s, ok := e.(*expr.Select); ok && g.unguarded(s) {
				f.report(s.Span.Range(), "`"+shortText(s)+"` may be absent, and is read unguarded",
					"where it is, `"+r.ID+"` is in error: say what absence means, with `has(…)` or `.?`")
			}
		})
	})
}

// conditions calls f for each condition once, with a rule that has it.
func (f *finder) conditions(visit func(*policy.Rule, expr.Expr)) {
	done := map[int]bool{}
	for _, r := range f.Policy.Rules {
		for _, a := range r.Actions {
			if i := f.Conditions.When[expr.Use{Rule: r, Action: a}]; i >= 0 && !done[i] {
				done[i] = true
				visit(r, f.Conditions.All[i].Root)
			}
		}
	}
}

// guards says whether an expression matters where something is missing.
type guards struct {
	*analysis
	parents []expr.Expr // of the expression that is looked at, outermost first
}

// walk visits what is below an expression, with its parents at hand.
func (g *guards) walk(e expr.Expr, visit func(expr.Expr)) {
	visit(e)
	g.parents = append(g.parents, e)
	for _, c := range expr.Children(e) {
		g.walk(c, visit)
	}
	g.parents = g.parents[:len(g.parents)-1]
}

// unguarded reports whether a select reads an optional attribute, and nothing sees to that where it is absent.
func (g *guards) unguarded(s *expr.Select) bool {
	of := s.Of.Node().Type
	if s.Optional || s.Slot < 0 || of.Kind != policy.KindObject || s.Slot >= len(of.Attrs) || !of.Attrs[s.Slot].Optional {
		return false
	}
	if n := len(g.parents); n > 0 {
		switch p := g.parents[n-1].(type) {
		case *expr.Has:
			if p.Chain {
				return false // it looks through what is missing
			}
		case *expr.Select:
			if p.Optional {
				return false // so does `.?`
			}
		default:
		}
	}
	path, ok := pathOf(s)
	return ok && !g.guarded(s, &scope{missing: path}, path)
}

// guarded reports whether an expression does not matter under a supposition about a subject, a path or key: something beside it, or around it, decides.
func (g *guards) guarded(e expr.Expr, s *scope, subject string) bool {
	child := e
	for i := len(g.parents) - 1; i >= 0; i-- {
		switch p := g.parents[i].(type) {
		case *expr.Logic:
			other := p.Left
			if other == child {
				other = p.Right
			}
			if t := g.truth(other, s); t == truthOf(p.Or) || s.void != "" && t.values() == truthOf(p.Or) { // what is empty is there
				return true
			}
		case *expr.Cond:
			t := g.truth(p.If, s)
			if s.void != "" {
				t = t.values()
			}
			if child == p.Then && t == mayFalse || child == p.Else && t == mayTrue {
				return true
			}
		case *expr.Fold:
			if child != p.Range {
				if g.filtered(p, subject) || child == p.Body && p.Filter != nil && g.truth(p.Filter, s) == mayFalse {
					return true
				}
				if aboutAny(subject, p.Vars) {
					return false // beyond, the variable is another one's
				}
			}
		case *expr.Bind:
			if child == p.Body && aboutAny(subject, []expr.Var{p.Var}) {
				return false
			}
		case *expr.OptMap:
			if child == p.Body && aboutAny(subject, []expr.Var{p.Var}) {
				return false
			}
		default:
		}
		child = g.parents[i]
	}
	return false
}

// aboutAny reports whether a path or key is about one of some variables.
func aboutAny(subject string, vars []expr.Var) bool {
	return slices.ContainsFunc(vars, func(v expr.Var) bool { return strings.Contains(subject, local(v)) })
}

// filtered reports whether the elements that a macro goes over have passed a filter that lets none through of which the supposition holds.
func (g *guards) filtered(f *expr.Fold, path string) bool {
	over, ok := f.Range.(*expr.Fold)
	if !ok || over.Macro != expr.Filter || len(over.Vars) != 1 || len(f.Vars) != 1 {
		return false
	}
	rest, ok := strings.CutPrefix(path, local(f.Vars[0])+pathSep)
	return ok && g.truth(over.Body, &scope{missing: local(over.Vars[0]) + pathSep + rest}) == mayFalse
}

func local(v expr.Var) string { return "$" + strconv.Itoa(v.Slot) }
