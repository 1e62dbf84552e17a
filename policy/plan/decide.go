package plan

import (
	"slices"
	"strings"

	"github.com/rungpolicy/rung/policy"
)

// Decide answers a request: docs/language.md, "What a decision is".
//
// The order of the steps is not the order of the rules. Within a step every rule is asked, none stops another, and what
// comes out is a join of sets: that is why moving rules about cannot change an answer. The steps themselves are lean: a
// rule that the session meets already cannot make it step up, so its condition is not evaluated unless the requirement is
// a join over all, and nothing is asked once the answer stands.
//
// Decide never returns nil. A request that names no declared action or posture is refused: effect deny, with an error.
func (pl *Plan) Decide(e Engine, r *policy.Request) *policy.Decision {
	x, refused := pl.open(e, r)
	if refused != nil {
		return &policy.Decision{Error: refused}
	}
	defer pl.close(x)
	return x.decide(r)
}

func (x *deciding) decide(r *policy.Request) *policy.Decision {
	out := &answer{Decision: policy.Decision{Action: r.Action, Posture: x.posture.name, Policy: x.plan.identity}}
	d := &out.Decision
	d.Satisfied = x.evidence.satisfied(&x.plan.ladder, &out.satisfied)

	// Deny rules, all of them. While none applies, one that is pending might.
	denying, pending := x.ask(x.action.denies, everyone)
	if len(denying) == 0 && len(pending) > 0 {
		return x.need(d, pending)
	}

	// step_up rules that the session does not meet. Those that it meets matter only to the join, and only where the next
	// authentication replaces this one: else the user would be sent from one to the other for ever.
	var applying []verdict
	var join requirement
	if len(denying) == 0 {
		applying, pending = x.ask(x.action.stepUps, unmet)
		join = joined(applying)
		if len(applying) > 0 && !x.evidence.kept {
			met, metPending := x.ask(x.action.stepUps, met)
			for _, v := range met {
				join.join(&v.asks)
			}
			pending = append(pending, metPending...)
		}
		// A pending rule matters if it would change the join. While no unmet rule applies the join asks for nothing, and each does.
		pending = slices.DeleteFunc(pending, func(v verdict) bool { return join.covers(&v.asks) })
		if len(pending) > 0 {
			return x.need(d, pending)
		}
	}

	if len(denying) > 0 {
		d.Effect, d.Reasons = policy.Deny, reasons(make([]*policy.Reason, 0, len(denying)), denying)
	} else if len(applying) > 0 {
		d.Effect = policy.StepUp
		d.Reasons, d.Requirement = x.challenge(applying, &join)
	} else {
		d.Effect = policy.Allow
	}
	x.onTrial(d)
	d.Indeterminate = x.erred()
	return d
}

// answer is a decision, with what nearly every one points to: memory is taken once for both.
type answer struct {
	policy.Decision
	satisfied policy.Satisfied
}

// onTrial evaluates the rules in shadow mode, which change nothing of the outcome.
func (x *deciding) onTrial(d *policy.Decision) {
	if len(x.action.trials) == 0 {
		return
	}
	applying, pending := x.ask(x.action.trials, unmet)
	effect := d.Effect
	for _, v := range applying {
		if v.effect == policy.Deny || effect == policy.Deny {
			effect = policy.Deny
		} else {
			effect = policy.StepUp
		}
		reason := v.reason
		if v.fault != nil {
			inError := *reason
			inError.Code = v.fault.Code
			reason = &inError
		}
		d.Shadow = append(d.Shadow, reason)
	}
	for _, v := range pending {
		waiting := *v.reason
		waiting.Pending = true
		d.Shadow = append(d.Shadow, &waiting)
	}
	slices.SortFunc(d.Shadow, func(a, b *policy.Reason) int { return strings.Compare(a.Rule, b.Rule) })
	if effect != d.Effect {
		d.ShadowEffect, d.ShadowDiffers = effect, true
	}
}

// need ends a decision that cannot be taken without the signals that the verdicts have touched.
func (x *deciding) need(d *policy.Decision, pending []verdict) *policy.Decision {
	d.Effect = policy.Need
	for _, v := range pending {
		for _, i := range x.touched[v.touched] {
			d.Need = append(d.Need, x.plan.Policy.Signals[i].Name)
		}
	}
	slices.Sort(d.Need)
	d.Need = slices.Compact(d.Need)
	d.Indeterminate = x.erred()
	return d
}

func reasons(out []*policy.Reason, applying []verdict) []*policy.Reason {
	for _, v := range applying {
		out = append(out, v.reason)
	}
	return out
}

func joined(applying []verdict) requirement {
	var j requirement
	for _, v := range applying {
		j.join(&v.asks)
	}
	return j
}

// challenge turns the join of those that apply into what to challenge for, and why. Few rules apply at a time; memory for
// their reasons comes with the requirement.
func (x *deciding) challenge(applying []verdict, join *requirement) ([]*policy.Reason, *policy.Requirement) {
	level, out := x.plan.ladder.at(join.level), new(struct {
		policy.Requirement
		reasons [3]*policy.Reason
	})
	out.Requirement = policy.Requirement{
		Level:     level.Name,
		ACRValues: level.acrValues,
		MaxAge:    x.evidence.notBefore.shorten(join.maxAge),
		Methods:   join.groups,
		Reachable: x.reachable(join),
	}
	return reasons(out.reasons[:0], applying), &out.Requirement
}
