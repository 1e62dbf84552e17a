package plan

import "github.com/rungpolicy/rung/policy"

// Steps are what a decision on an action goes through, for those who compile a plan instead of running it: the rules in order of their ids, those that
// are off left out.
type Steps struct {
	Action *policy.Action
	Rules  []Step
}

// Step is a rule as it stands in an action.
type Step struct {
	// Reason is the rule as decisions report it; of a baseline too.
	Reason *policy.Reason
	Shadow bool
	// Skip says that the rule does not apply where its condition errs.
	Skip bool
	// Posture is the least rank at which it counts.
	Posture int64
	// Level is the place of the level that it requires, from 1; 0 of a deny rule.
	Level int
	// When is the index of its condition in [Plan.Conditions], -1 if it always applies.
	When int
	// Rollout is nil if it is for everybody.
	Rollout *Part
}

// Part is a rollout.
type Part struct {
	// By is the index of the condition that yields who it is.
	By int
	// Prefix is hashed before that. Who falls in one of the first Bucket of 10,000 buckets is in.
	Prefix string
	Bucket uint64
}

// Steps returns the steps of every action, by the actions' names.
func (pl *Plan) Steps() []Steps {
	out := make([]Steps, len(pl.Policy.Actions))
	for i, a := range pl.Policy.Actions {
		out[i] = pl.steps(a)
	}
	return out
}

// StepsOf returns the steps of one action; false if the policy declares none of that name.
func (pl *Plan) StepsOf(action string) (Steps, bool) {
	a := pl.Policy.Action(action)
	if a == nil {
		return Steps{}, false
	}
	return pl.steps(a), true
}

func (pl *Plan) steps(a *policy.Action) Steps {
	out := Steps{Action: a}
	for _, b := range pl.actions[a.Name].all {
		if b.mode != policy.Off {
			out.Rules = append(out.Rules, b.step())
		}
	}
	return out
}

// Input is what the conditions of a request read, its posture, params and evidence looked up: for those who evaluate conditions, or parts of them, by
// themselves.
func (pl *Plan) Input(e Engine, r *policy.Request) (*Input, *policy.RequestError) {
	x, refused := pl.open(e, r)
	if refused != nil {
		return nil, refused
	}
	defer pl.close(x)
	in := x.in
	in.Frame = nil
	return &in, nil
}

func (b *bound) step() Step {
	s := Step{Reason: b.reason, Shadow: b.mode == policy.Shadow, Skip: b.skip, Posture: b.posture, Level: b.asks.level, When: b.when}
	if b.rollout != nil {
		s.Rollout = &Part{By: b.by, Prefix: b.rollout.prefix, Bucket: b.rollout.bucket}
	}
	return s
}

// ACRValues returns the acr values that satisfy the level of a place from 1: its own, then the higher ones'.
func (pl *Plan) ACRValues(place int) []string { return pl.ladder.at(place).acrValues }
