package plan

import (
	"cmp"
	"slices"
	"strings"

	"github.com/rungpolicy/rung/policy"
)

// deciding is the state of one decision. It is taken from a pool and reused, so nothing that a Decision keeps may point into it.
type deciding struct {
	plan     *Plan
	engine   Engine
	action   *action
	posture  *posture
	in       Input
	evidence evidence
	faults   []policy.Indeterminate
	// verdicts is the memory of all verdicts of the decision; each step has a part of it. touched are the signals of the pending ones.
	verdicts []verdict
	touched  [][]int
}

// Case decides requests for one action, one at a time, in memory of its own that it keeps. [Plan.Case] makes one.
type Case struct{ state deciding }

// Case returns a Case for an action; nil if the policy declares none of that name.
func (pl *Plan) Case(action string) *Case {
	a, ok := pl.actions[action]
	if !ok {
		return nil
	}
	return &Case{deciding{plan: pl, action: a}}
}

// Decide is [Plan.Decide] of a request whose action is the case's.
func (c *Case) Decide(e Engine, r *policy.Request) *policy.Decision {
	x := &c.state
	if refused := x.begin(e, r); refused != nil {
		return &policy.Decision{Error: refused}
	}
	defer x.end()
	return x.decide(r)
}

// open takes memory for a request, and resolves what it names.
func (pl *Plan) open(e Engine, r *policy.Request) (*deciding, *policy.RequestError) {
	a, ok := pl.actions[r.Action]
	if !ok {
		return nil, &policy.RequestError{Code: policy.UnknownAction, Path: "/action", Message: "the policy declares no such action"}
	}
	x := pl.cases.Get().(*deciding)
	x.plan, x.action = pl, a
	if refused := x.begin(e, r); refused != nil {
		pl.cases.Put(x)
		return nil, refused
	}
	return x, nil
}

func (pl *Plan) close(x *deciding) {
	x.end()
	pl.cases.Put(x)
}

// begin reads what a decision needs of a request before any rule is asked.
func (x *deciding) begin(e Engine, r *policy.Request) *policy.RequestError {
	p := x.plan.posture(r.Posture)
	if p == nil {
		return &policy.RequestError{Code: policy.InvalidRequest, Path: "/posture", Message: "the policy declares no such posture"}
	}
	x.engine, x.posture = e, p
	in := &x.in // but for the engine's Frame, all of it is set
	in.Signals, in.Resource, in.Now, in.Posture, in.Params = r.Signals, r.Resource, r.Now, p.rank, p.inForce(r.Params)
	x.evidence.read(x.plan, in)
	in.SessionLevel = x.plan.ladder.rank(x.evidence.level)
	return nil
}

// end keeps memory for the next request, and nothing of this one.
func (x *deciding) end() {
	x.evidence.reset()
	x.engine, x.faults, x.in.Signals, x.in.Resource, x.in.Params = nil, nil, nil, nil, nil
	clear(x.verdicts)
	clear(x.touched)
	x.verdicts, x.touched = x.verdicts[:0], x.touched[:0]
}

// verdict is what a rule came to in a request.
type verdict struct {
	*bound
	fault   *Fault // of the condition, or of the rollout's `by`
	truth   Truth  // True: it applies; Pending; never Erred
	touched int    // where it is pending, its signals in deciding.touched
}

// which of the rules a step asks.
type which uint8

const (
	everyone which = iota
	unmet
	met
)

// ask evaluates those of the rules that the posture and the step let in, and returns the verdicts on those that apply or
// are pending. Errors of enforced rules are noted.
func (x *deciding) ask(rules []bound, who which) (applying, pending []verdict) {
	from := len(x.verdicts)
	waiting := 0
	for i := range rules {
		b := &rules[i]
		if b.posture > x.in.Posture || !x.wants(b, who) {
			continue
		}
		v := x.judge(b)
		if v.fault != nil && b.mode == policy.Enforce {
			x.note(b.rule, v.fault)
		}
		if v.truth == Pending {
			waiting++
		}
		if v.truth != False {
			x.verdicts = append(x.verdicts, v)
		}
	}
	all := x.verdicts[from:]
	if waiting > 0 {
		slices.SortStableFunc(all, func(a, b verdict) int { return cmp.Compare(a.truth, b.truth) }) // True before Pending
	}
	return all[: len(all)-waiting : len(all)-waiting], all[len(all)-waiting:]
}

// wants reports whether a step is for a rule. A deny rule cannot be met.
func (x *deciding) wants(b *bound, who which) bool {
	if who == everyone || b.effect == policy.Deny {
		return who != met
	}
	return x.evidence.meets(&x.plan.ladder, &b.asks) == (who == met)
}

// judge evaluates a rule: true if it applies, false if not, pending. An error makes it apply, unless on_error is "skip".
func (x *deciding) judge(b *bound) verdict {
	v := verdict{bound: b, truth: True}
	if b.rollout != nil {
		in, fault := x.rolledOut(b)
		v.fault = fault
		if !in {
			v.truth = False
			return v
		}
	}
	if b.when == always {
		return v
	}
	res := x.engine.Eval(b.when, &x.in)
	v.truth = res.Truth
	switch res.Truth {
	case True, False:
	case Pending:
		v.touched = len(x.touched)
		x.touched = append(x.touched, res.Touched)
	case Erred:
		v.truth = True
		if b.skip {
			v.truth = False
		}
		if v.fault == nil {
			v.fault = faultOf(res)
		}
	}
	return v
}

// faultOf is never nil: an engine that says "error" and no more must not read as "fine".
func faultOf(res Result) *Fault {
	if res.Fault == nil {
		return &Fault{Code: policy.InvalidArgument, Message: "the condition could not be evaluated"}
	}
	return res.Fault
}

// rolledOut reports whether the subject is in a rule's rollout. One whose `by` errs is in, unless on_error is "skip".
func (x *deciding) rolledOut(b *bound) (bool, *Fault) {
	if b.rollout.bucket == 0 {
		return false, nil
	}
	res := x.engine.Text(b.by, &x.in)
	if res.Truth != True {
		return !b.skip, faultOf(res)
	}
	return b.rollout.holds(res.Text), nil
}

func (x *deciding) note(r *rule, f *Fault) {
	x.faults = append(x.faults, policy.Indeterminate{Rule: r.id, Code: f.Code, Error: f.Message, At: f.At})
}

// erred are the errors noted, ordered by rule.
func (x *deciding) erred() []policy.Indeterminate {
	slices.SortFunc(x.faults, func(a, b policy.Indeterminate) int { return strings.Compare(a.Rule, b.Rule) })
	return x.faults
}
