// Package plan puts a policy in order and decides requests by it.
//
// [Build] resolves everything before the first request comes: which rules reach an action, in which order they stand, what each
// requires, which authentications prove a level, what every posture does to the params. [Plan.Decide] then is the whole of
// docs/language.md, "What a decision is", in one function of one file, decide.go; start there. The words it uses have a file each:
// ask.go (which rules apply), evidence.go (what a session proves, and how fresh), ladder.go (levels), requirement.go (joins),
// rollout.go, params.go, explain.go.
//
// Conditions are not this package's: an [Engine] evaluates them. Deciding is pure. It reads no clock, does no I/O, starts
// no goroutine and changes nothing but what it returns, so one Plan serves any number of goroutines.
package plan

import (
	"slices"
	"strings"
	"sync"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
)

// Plan is a policy, resolved and in the order of deciding. It is immutable and safe for concurrent use. Build makes one.
type Plan struct {
	Policy *policy.Policy
	// Conditions are the distinct conditions; an [Engine] is made for them and asked by index.
	Conditions []*expr.Condition

	actions  map[string]*action
	ladder   ladder
	postures []posture // by rank; normal is the first
	session  sessionSlots
	identity policy.Identity
	cases    sync.Pool // of *deciding
}

// action is an action with the rules that reach it, in order of their ids.
type action struct {
	denies, stepUps []bound // enforced
	trials          []bound // in shadow mode
	all             []bound // the above and those that are off: for explain
}

// bound is a rule as it stands in one action: the same rule may have another condition where the resource has another type.
type bound struct {
	*rule
	when int // -1: true
	by   int // where there is a rollout
}

// rule is what all actions share of a rule.
type rule struct {
	id      string
	effect  policy.Effect
	mode    policy.Mode
	skip    bool  // on_error = "skip"
	posture int64 // the least rank
	rollout *rollout
	asks    requirement
	reason  *policy.Reason // shared by all decisions
	where   diag.Range
}

// always is the condition of a rule that has none.
const always = -1

// Build puts a policy and its checked conditions in order.
func Build(p *policy.Policy, c *expr.Conditions) *Plan {
	pl := &Plan{
		Policy:     p,
		Conditions: c.All,
		actions:    make(map[string]*action, len(p.Actions)),
		ladder:     newLadder(p.Levels),
		postures:   newPostures(p),
		session:    newSessionSlots(p),
		identity:   policy.Identity{Name: p.Name, Version: p.Version, Digest: p.Digest},
	}
	pl.cases.New = func() any { return new(deciding) }
	for _, a := range p.Actions {
		pl.actions[a.Name] = new(action)
		if a.Level != nil {
			pl.actions[a.Name].add(bound{rule: pl.baseline(a), when: always})
		}
	}
	for _, r := range p.Rules {
		shared := pl.rule(r)
		for _, a := range r.Actions {
			use := expr.Use{Rule: r, Action: a}
			pl.actions[a.Name].add(bound{rule: shared, when: condition(c.When, use), by: condition(c.By, use)})
		}
	}
	for _, a := range pl.actions {
		a.sort()
	}
	return pl
}

// condition is the index of a use's condition.
func condition(m map[expr.Use]int, u expr.Use) int {
	if i, ok := m[u]; ok {
		return i
	}
	return always
}

func (a *action) add(b bound) {
	a.all = append(a.all, b)
	if b.mode == policy.Shadow {
		a.trials = append(a.trials, b)
	} else if b.mode == policy.Enforce && b.effect == policy.Deny {
		a.denies = append(a.denies, b)
	} else if b.mode == policy.Enforce {
		a.stepUps = append(a.stepUps, b)
	}
}

func (a *action) sort() {
	for _, s := range [][]bound{a.denies, a.stepUps, a.trials, a.all} {
		slices.SortFunc(s, func(x, y bound) int { return strings.Compare(x.id, y.id) })
	}
}

// baseline is an action's level as a rule.
func (pl *Plan) baseline(a *policy.Action) *rule {
	return &rule{
		id: a.Name, effect: policy.StepUp, asks: requirement{level: pl.ladder.place(a.Level)}, where: a.LevelRange,
		reason: &policy.Reason{Rule: a.Name, Effect: policy.StepUp, Level: a.Level.Name},
	}
}

func (pl *Plan) rule(r *policy.Rule) *rule {
	out := &rule{
		id: r.ID, effect: r.Effect, mode: r.Mode, skip: r.OnErrorSkip, where: r.Range,
		reason: &policy.Reason{Rule: r.ID, Effect: r.Effect, MaxAge: r.MaxAge, Methods: r.Methods, Message: r.Reason},
		asks:   requirement{maxAge: r.MaxAge},
	}
	if r.Posture != nil {
		out.posture = int64(r.Posture.Rank)
	}
	if r.Level != nil {
		out.asks.level, out.reason.Level = pl.ladder.place(r.Level), r.Level.Name
	} else if r.Effect == policy.StepUp {
		out.asks.level = 1 // at least somebody must have authenticated
	}
	if len(r.Methods) > 0 {
		out.asks.groups = [][]string{r.Methods}
	}
	if r.Rollout != nil {
		out.rollout = newRollout(pl.Policy.Name, r)
	}
	return out
}
