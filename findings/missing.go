package findings

import (
	"slices"
	"strings"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
)

func missingSignal() *Finding {
	return &Finding{
		Code: "missing-signal", Severity: diag.Info,
		Title: "a rule that does not apply where a signal is missing",
		Explanation: "Reading what is missing is an error, and a rule in error applies: that is the safe side. A condition may say otherwise, by `has()`, `.?` and `orValue`, or the rule by `on_error = \"skip\"`. " +
			"`rung check --missing` lists the rules that surely do not apply where a signal is missing as a whole: an outage of whoever fetches it turns them off. Look through the list, and be sure that each is meant so.",
		Bad: `action "transfer.create" {
  level = "aal1"

  step_up "from tor" {
    when  = "network.?tor.orValue(false)"
    level = "aal2"
  }
}
`,
		Good: `action "transfer.create" {
  level = "aal1"

  step_up "from tor" {
    when  = "network.tor"
    level = "aal2"
  }
}
`,
		find: findMissing,
	}
}

func findMissing(f *finder) {
	a := f.analysis()
	for _, r := range f.Policy.Rules {
		if r.Mode == policy.Off {
			continue
		}
		var without []string
		for _, name := range f.signalsOf(r) {
			a.work = workPerCondition
			if a.offWithout(r, name) {
				without = append(without, "`"+name+"`")
			}
		}
		if len(without) > 0 {
			f.report(r.Range, "`"+r.ID+"` does not apply where "+strings.Join(without, " or ")+" is missing", "")
		}
	}
}

// signalsOf are the names of the signals that a rule's condition reads.
func (f *finder) signalsOf(r *policy.Rule) []string {
	var names []string
	for _, a := range r.Actions {
		i := f.Conditions.When[expr.Use{Rule: r, Action: a}]
		if i < 0 {
			return nil
		}
		expr.Walk(f.Conditions.All[i].Root, func(e expr.Expr) bool {
			if s, ok := e.(*expr.Signal); ok && s.Index != expr.Now && s.Index != expr.Posture {
				names = append(names, s.Name)
			}
			return true
		})
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// offWithout reports whether a rule surely does not apply to any of its actions where a signal is missing, though it may where it is not.
func (a *analysis) offWithout(r *policy.Rule, signal string) bool {
	for _, action := range r.Actions {
		root := a.in.Conditions.All[a.in.Conditions.When[expr.Use{Rule: r, Action: action}]].Root
		t := a.truth(root, &scope{missing: signal})
		if r.OnErrorSkip {
			t = t.values() // an error does not count
		}
		if t&^mayFalse != 0 || a.truth(root, nil) == mayFalse {
			return false
		}
	}
	return true
}
