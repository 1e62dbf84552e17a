package findings

import (
	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
)

func emptyAll() *Finding {
	return &Finding{
		Code: "empty-all", Severity: diag.Warning,
		Title: "`all()` over a list that may be empty",
		Explanation: "Of no elements at all, `all()` is true. In an `unless`, or behind a `!`, an empty list then opens what should have been asked for: `unless = \"session.amr.all(m, m in ['hwk', 'pin'])\"` lets in " +
			"who has shown nothing. Elsewhere it asks those who have nothing to ask about. Say what is meant of an empty list: `size(x) > 0 && x.all(…)`, or `size(x) == 0 || x.all(…)`.",
		Bad: `action "report.share" {
  level    = "aal1"
  resource = object({ recipients = list(string) })

  step_up "outside" {
    unless = "resource.recipients.all(r, r.endsWith('@example.com'))"
    level  = "aal2"
  }
}
`,
		Good: `action "report.share" {
  level    = "aal1"
  resource = object({ recipients = list(string) })

  step_up "outside" {
    when  = "resource.recipients.exists(r, !r.endsWith('@example.com'))"
    level = "aal2"
  }
}
`,
		find: findEmptyAll,
	}
}

func findEmptyAll(f *finder) {
	g := &guards{analysis: f.analysis()}
	f.conditions(func(_ *policy.Rule, root expr.Expr) {
		g.work = workPerCondition
		g.parents = nil
		g.walk(root, func(e expr.Expr) {
			if a, ok := e.(*expr.Fold); ok && a.Macro == expr.All && g.mayBeEmpty(a) {
				f.report(a.Span.Range(), "`"+shortText(a.Range)+"` may be empty, and then `all` is true", "say what is meant then: `size(…) > 0 && …`, or `size(…) == 0 || …`")
			}
		})
	})
}

// mayBeEmpty reports whether what a macro goes over may have no elements where it matters.
func (g *guards) mayBeEmpty(a *expr.Fold) bool {
	switch over := a.Range.(type) {
	case *expr.List:
		if len(g.in.Policy.Lists[over.Index].Values) > 0 {
			return false
		}
	case *expr.MakeList:
		for i := range over.Elems {
			if i >= len(over.Optional) || !over.Optional[i] {
				return false
			}
		}
	case *expr.MakeMap:
		for i := range over.Keys {
			if i >= len(over.Optional) || !over.Optional[i] {
				return false
			}
		}
	default:
	}
	key := keyOf(a.Range)
	none := &scope{void: key, facts: []fact{{"call[size](" + key + ")", just(int64(0))}}}
	return !g.guarded(a, none, key)
}
