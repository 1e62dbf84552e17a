package findings

import (
	"cmp"
	"slices"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
)

func covered() *Finding {
	return &Finding{
		Code: "covered", Severity: diag.Warning,
		Title: "a rule that can never change an outcome",
		Explanation: "For every action that it reaches, another rule applies wherever it does and asks for as much: its condition is the same, or always true; its posture is not higher; its " +
			"rollout is the same, or there is none; and it denies, or its level, `max_age` and `methods` ask for no less. The action's own `level` counts as a rule. So the covered rule adds a reason at most. " +
			"Often its level was to be a higher one, or its condition another.\n\n" +
			"Of rules that cover each other, the later one is reported. Rules on trial and rules that are off neither cover nor are covered.",
		Bad: `action "transfer.create" {
  level    = "aal2"
  resource = object({ amount = double })

  step_up "large transfer" {
    when  = "resource.amount > 1000.0"
    level = "aal2"
  }
}
`,
		Good: `action "transfer.create" {
  level    = "aal1"
  resource = object({ amount = double })

  step_up "large transfer" {
    when  = "resource.amount > 1000.0"
    level = "aal2"
  }
}
`,
		find: findCovered,
	}
}

func findCovered(f *finder) {
	c := newCoverage(f)
	// Those that come last go first, so that of two that cover each other the first stays; what has gone covers nothing.
	rules := slices.Clone(f.Policy.Rules)
	slices.SortStableFunc(rules, func(a, b *policy.Rule) int { return -comparePlaces(a.Range, b.Range) })
	for _, r := range rules {
		if r.Mode != policy.Enforce || len(r.Actions) == 0 {
			continue
		}
		by, ok := c.of(r)
		if !ok {
			continue
		}
		c.gone[r] = true
		detail, at := "the action's own level asks for as much", r.Actions[0].LevelRange
		if by != nil {
			detail, at = "wherever it applies, `"+by.ID+"` does, and asks for as much", by.Range
			if by.Effect == policy.Deny {
				detail = "wherever it applies, `" + by.ID + "` denies"
			}
		}
		d := f.report(r.Range, "`"+r.ID+"` can never change an outcome", detail)
		d.Related = append(d.Related, diag.Related{Message: "covered by this", Range: at})
	}
}

func comparePlaces(a, b diag.Range) int {
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Start.Byte, b.Start.Byte))
}

// coverage finds the rules that cover others.
type coverage struct {
	*finder
	// rules are those that may cover, by action and the key of their condition; "" is that of what is always true.
	rules map[condition][]*policy.Rule
	keys  map[int]string // of conditions
	gone  map[*policy.Rule]bool
	work  int
}

type condition struct {
	action *policy.Action
	key    string
}

func newCoverage(f *finder) *coverage {
	c := &coverage{finder: f, rules: map[condition][]*policy.Rule{}, keys: map[int]string{}, gone: map[*policy.Rule]bool{}, work: workInAll}
	for _, r := range f.Policy.Rules {
		if r.Mode != policy.Enforce {
			continue
		}
		for _, a := range r.Actions {
			at := condition{a, c.key(r, a)}
			c.rules[at] = append(c.rules[at], r)
		}
	}
	return c
}

// key is what the conditions of rules that apply together have in common: "" where a rule always applies.
func (c *coverage) key(r *policy.Rule, a *policy.Action) string {
	i := c.Conditions.When[expr.Use{Rule: r, Action: a}]
	if i < 0 {
		return ""
	}
	if key, known := c.keys[i]; known {
		return key
	}
	root := c.Conditions.All[i].Root
	key := keyOf(root)
	always := c.analysis().truth(root, nil)
	// What fails applies, unless it is skipped; what is pending does not yet.
	if always == mayTrue || always.values() == mayTrue && !r.OnErrorSkip && !lazy(root) {
		key = ""
	}
	c.keys[i] = key
	return key
}

// lazy reports whether a condition looks at a lazy signal.
func lazy(root expr.Expr) bool {
	found := false
	expr.Walk(root, func(e expr.Expr) bool {
		s, ok := e.(*expr.Signal)
		found = found || ok && s.Lazy
		return !found
	})
	return found
}

// of is a rule that covers another, for one of its actions; nil is the action's level. ok says that all its actions are covered.
func (c *coverage) of(r *policy.Rule) (by *policy.Rule, ok bool) {
	for i, a := range r.Actions {
		found, ok := c.ofAction(r, a)
		if !ok {
			return nil, false
		}
		if i == 0 {
			by = found
		}
	}
	return by, true
}

func (c *coverage) ofAction(r *policy.Rule, a *policy.Action) (*policy.Rule, bool) {
	if r.Effect == policy.StepUp && a.Level != nil && r.Level.Rank <= a.Level.Rank && !r.MaxAge.Set && len(r.Methods) == 0 {
		return nil, true
	}
	keys := []string{"", c.key(r, a)}
	for _, key := range slices.Compact(keys) {
		for _, q := range c.rules[condition{a, key}] {
			if c.work--; c.work < 0 {
				return nil, false
			}
			if q != r && !c.gone[q] && c.covers(q, r, a, key == "") {
				return q, true
			}
		}
	}
	return nil, false
}

// covers reports whether a rule whose condition is always true, or that of another, applies wherever that does and asks for no less.
func (c *coverage) covers(q, r *policy.Rule, a *policy.Action, always bool) bool {
	switch {
	case q.Posture != nil && (r.Posture == nil || r.Posture.Rank < q.Posture.Rank):
		return false
	case !always && q.OnErrorSkip && !r.OnErrorSkip:
		return false
	case q.Rollout != nil && !c.sameRollout(q, r, a):
		return false
	case q.Effect == policy.Deny:
		return true
	case r.Effect == policy.Deny:
		return false
	}
	return r.Level.Rank <= q.Level.Rank && (!r.MaxAge.Set || q.MaxAge.Set && q.MaxAge.N <= r.MaxAge.N) && coversMethods(q.Methods, r.Methods)
}

// coversMethods reports whether evidence with one of the first methods has one of the others.
func coversMethods(q, r []string) bool {
	if len(r) == 0 {
		return true
	}
	return len(q) > 0 && !slices.ContainsFunc(q, func(m string) bool { return !slices.Contains(r, m) })
}

// sameRollout reports whether whoever is in the rollout of r is in that of q: without a seed, each rule draws its own.
func (c *coverage) sameRollout(q, r *policy.Rule, a *policy.Action) bool {
	if r.Rollout == nil || q.OnErrorSkip && !r.OnErrorSkip || q.Rollout.Seed == "" || q.Rollout.Seed != r.Rollout.Seed || r.Rollout.Bucket > q.Rollout.Bucket {
		return false
	}
	i, j := c.Conditions.By[expr.Use{Rule: q, Action: a}], c.Conditions.By[expr.Use{Rule: r, Action: a}]
	return i >= 0 && j >= 0 && keyOf(c.Conditions.All[i].Root) == keyOf(c.Conditions.All[j].Root)
}
