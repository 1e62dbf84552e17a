package plan

import "github.com/rungpolicy/rung/policy"

// Explain decides like [Plan.Decide] and adds a trace: how every rule that reaches the action came out, those that are met, off or out of
// their posture or rollout too, with the value of every sub-expression. The outcome is that of Decide.
func (pl *Plan) Explain(e Engine, r *policy.Request) *policy.Decision {
	d := pl.Decide(e, r)
	x, refused := pl.open(e, r)
	if refused != nil {
		return d
	}
	defer pl.close(x)
	d.Trace = make([]policy.RuleTrace, len(x.action.all))
	for i := range x.action.all {
		d.Trace[i] = x.trace(&x.action.all[i])
	}
	return d
}

// trace evaluates a rule whatever its state.
func (x *deciding) trace(b *bound) policy.RuleTrace {
	t := policy.RuleTrace{Rule: b.id, At: b.where.String(), State: policy.StateApplies}
	in := true
	if b.rollout != nil {
		res, nodes := x.engine.Trace(b.by, &x.in)
		t.Nodes = nodes
		in = b.rollout.bucket > 0 && (res.Truth == True && b.rollout.holds(res.Text) || res.Truth != True && !b.skip)
	}
	if b.when != always {
		res, nodes := x.engine.Trace(b.when, &x.in)
		t.Nodes = append(t.Nodes, nodes...)
		t.State = stateOf(res.Truth)
	}
	if b.mode == policy.Off {
		t.State = policy.StateOff
	} else if b.posture > x.in.Posture {
		t.State = policy.StatePosture
	} else if x.wants(b, met) {
		t.State = policy.StateMet
	} else if !in {
		t.State = policy.StateRollout
	}
	return t
}

func stateOf(t Truth) policy.RuleState {
	switch t {
	case True:
		return policy.StateApplies
	case False:
		return policy.StateFalse
	case Pending:
		return policy.StatePending
	case Erred:
	}
	return policy.StateError
}
