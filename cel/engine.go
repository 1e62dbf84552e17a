package cel

import (
	"fmt"
	"sync/atomic"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/plan"
)

// Engine evaluates conditions in this process. It implements [plan.Engine].
//
// Every condition is planned, once, into Go closures over cel-go's values, which call cel-go's own implementations of the
// functions: what cel-go decides is what it decides here. The closures decide the rest, where docs/language.md differs from
// cel-go: what is missing or pending, which error is reported, the order of maps, zones, and how much may be made.
//
// An Engine is immutable, and safe for concurrent use.
type Engine struct {
	policy *policy.Policy
	shared *shared
	conds  []*condition
	faults atomic.Int64
}

var _ plan.Engine = (*Engine)(nil)

// run evaluates a node. It returns a value, a [*fault] or [*pending], never nil.
type run func(f *frame) ref.Val

// condition is a planned condition.
type condition struct {
	expr  *expr.Condition
	run   run
	slots int
	quick quick // nil if there is no short way
	// traced is the condition planned once more with an observer around each node; when first asked for.
	traced func() (run, int)
}

// frame is an evaluation under way.
type frame struct {
	in *plan.Input
	// slots are the variables of macros. A variable of cel.bind is a [*thunk].
	slots []ref.Val
	trace *tracer
}

// NewEngine plans the conditions of a plan. What the checker has passed it plans; an error is a fault of this package, or
// of a tree that was not checked.
func NewEngine(pl *plan.Plan) (*Engine, error) {
	lib, err := library()
	if err != nil {
		return nil, err
	}
	e := &Engine{policy: pl.Policy, shared: newShared(pl.Policy, lib), conds: make([]*condition, len(pl.Conditions))}
	for i, c := range pl.Conditions {
		if e.conds[i], err = e.shared.condition(c); err != nil {
			return nil, fmt.Errorf("cel: condition %d: %w", i, err)
		}
	}
	return e, nil
}

// Eval implements [plan.Engine].
func (e *Engine) Eval(condition int, in *plan.Input) plan.Result {
	c := e.conds[condition]
	if c.quick != nil {
		switch c.quick(in) {
		case yes:
			return plan.Result{Truth: plan.True}
		case no:
			return plan.Result{Truth: plan.False}
		case unsure:
		}
	}
	v := e.evaluate(c.run, c.slots, in, nil)
	return truth(c, v)
}

// Text implements [plan.Engine].
func (e *Engine) Text(condition int, in *plan.Input) plan.Result {
	c := e.conds[condition]
	v := e.evaluate(c.run, c.slots, in, nil)
	return text(c, v)
}

// Trace implements [plan.Engine]. It keeps at most 100 nodes.
func (e *Engine) Trace(condition int, in *plan.Input) (plan.Result, []policy.NodeTrace) {
	c := e.conds[condition]
	traced, slots := c.traced()
	t := &tracer{policy: e.policy}
	v := e.evaluate(traced, slots, in, t)
	if c.expr.Root.Node().Type.Equal(policy.String) {
		return text(c, v), t.nodes
	}
	return truth(c, v), t.nodes
}

// Value evaluates an expression, a part of a condition, say. It is false if that errs or is pending, and if a variable in it is bound outside of it. The
// expression is planned each time: this is for tools.
func (e *Engine) Value(of expr.Expr, in *plan.Input) (policy.Value, bool) {
	p := &planner{shared: e.shared, scope: make(map[int]variable)}
	r := p.plan(of)
	if p.err != nil {
		return nil, false
	}
	v := e.evaluate(r, p.slots, in, nil)
	if failed(v) {
		return nil, false
	}
	out, _ := fromVal(v)
	return out, true
}

// Watch is Eval, or Text where the condition is a string, that tells of each sub-expression that comes to a bool or an error, or is pending, as it does: the
// nodes are those of the condition's tree, as often as they are evaluated. What need not be evaluated is not told of.
func (e *Engine) Watch(condition int, in *plan.Input, told func(*expr.Base, plan.Truth)) plan.Result {
	c := e.conds[condition]
	traced, slots := c.traced()
	v := e.evaluate(traced, slots, in, &tracer{policy: e.policy, told: told})
	if c.expr.Root.Node().Type.Equal(policy.String) {
		return text(c, v)
	}
	return truth(c, v)
}

// Panics is how many evaluations ended in a panic since the engine was made: each one is a bug of this package or of
// cel-go. The condition was an error each time, so its rule applied.
func (e *Engine) Panics() int64 { return e.faults.Load() }

// evaluate runs a condition. A panic, which is always a bug, becomes an error of the condition: its rule applies.
func (e *Engine) evaluate(r run, slots int, in *plan.Input, t *tracer) (v ref.Val) {
	f, _ := in.Frame.(*frame)
	if f == nil {
		f = new(frame)
		in.Frame = f
	}
	if cap(f.slots) < slots {
		f.slots = make([]ref.Val, slots)
	}
	f.slots = f.slots[:slots]
	f.in, f.trace = in, t
	defer func() {
		if p := recover(); p != nil {
			e.faults.Add(1)
			v = &fault{code: policy.InvalidArgument, msg: "internal error"}
			in.Frame = nil // the frame is not used again
			return
		}
		clear(f.slots)
		f.in, f.trace = nil, nil
	}()
	return r(f)
}

// truth is the result of a condition that is a bool.
func truth(c *condition, v ref.Val) plan.Result {
	switch v := v.(type) {
	case types.Bool:
		if v {
			return plan.Result{Truth: plan.True}
		}
		return plan.Result{Truth: plan.False}
	case *pending:
		return plan.Result{Truth: plan.Pending, Touched: v.touched}
	case *fault:
		return plan.Result{Fault: v.public()}
	}
	// A condition of type dyn that comes to something else.
	s := site{Base: c.expr.Root.Node()}
	return plan.Result{Fault: s.noOverload().public()}
}

// text is the result of a rollout's `by`.
func text(c *condition, v ref.Val) plan.Result {
	if s, ok := v.(types.String); ok {
		return plan.Result{Truth: plan.True, Text: string(s)}
	}
	if _, ok := v.(types.Bool); ok {
		v = nil
	}
	return truth(c, v)
}
