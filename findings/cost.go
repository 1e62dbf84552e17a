package findings

import (
	"fmt"
	"math"
	"strconv"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
)

func cost() *Finding {
	return &Finding{
		Code: "cost", Severity: diag.Info,
		Title: "what rules and actions cost at most",
		Explanation: "`rung check --costs` says of every rule what its condition costs at most, in CEL's cost units, with every list as long and every text as large as a request may have it; and of every action the sum, " +
			"which `max_cost` of the policy bounds. A rule at top level counts for each action. Where a rule costs much, bound its lists (`list(string, 50)`), or use `in list.name`.",
		Bad: `action "transfer.create" {
  level = "aal1"

  deny "blocked" { when = "subject.groups.exists(g, g == 'blocked')" }
}
`,
		Good: `action "transfer.create" { level = "aal1" }
`,
		find: findCosts,
	}
}

func findCosts(f *finder) {
	limit := f.Policy.MaxCost
	if limit == 0 {
		limit = policy.DefaultMaxCost
	}
	sums := map[*policy.Action]uint64{}
	for _, r := range f.Policy.Rules {
		if r.Mode == policy.Off {
			continue
		}
		var most uint64
		for _, a := range r.Actions {
			n := f.costOf(r, a)
			most = max(most, n)
			sums[a] = sumOf(sums[a], n)
		}
		if most > 0 {
			f.report(r.Range, "`"+r.ID+"` costs at most "+amount(most), "")
		}
	}
	for _, a := range f.Policy.Actions {
		if sums[a] > 0 {
			f.report(a.Range, "the conditions of action `"+a.Name+"` cost at most "+amount(sums[a]), share(sums[a], limit)+" of the "+amount(limit)+" that they may")
		}
	}
}

// costOf is what a rule costs at most where it reaches an action: its condition, and whom it is for.
func (f *finder) costOf(r *policy.Rule, a *policy.Action) uint64 {
	var n uint64
	use := expr.Use{Rule: r, Action: a}
	if i := f.Conditions.When[use]; i >= 0 {
		n = f.Conditions.All[i].Cost
	}
	if i, ok := f.Conditions.By[use]; ok && i >= 0 {
		n = sumOf(n, f.Conditions.All[i].Cost)
	}
	return n
}

// share is a part of a whole, in percent.
func share(n, of uint64) string {
	const least = 0.01
	percent := 100 * float64(n) / float64(of)
	if percent < least {
		return fmt.Sprintf("less than %v %%", least)
	}
	return fmt.Sprintf("%.2f %%", percent)
}

func sumOf(a, b uint64) uint64 {
	if a > math.MaxUint64-b {
		return math.MaxUint64
	}
	return a + b
}

// amount writes a number with its thousands apart.
func amount(n uint64) string {
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
