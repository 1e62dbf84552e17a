package cel

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	celgo "cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/functions"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/rungpolicy/rung/cel/ext"
	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
)

// functionTable is cel-go's implementations of the profile's functions, and some of our own.
type functionTable struct {
	env *celgo.Env
	// overloads are found by the id of an overload and by the name of a function, where the implementation then looks at its operands.
	overloads map[string]*functions.Overload
	makers    map[string]func([]ref.Val) ext.Made
}

// library returns the table; it is made once.
var library = sync.OnceValues(func() (*functionTable, error) {
	env := theBasis().env
	t := &functionTable{env: env, overloads: make(map[string]*functions.Overload), makers: ext.Makers()}
	for name, d := range env.Functions() {
		bindings, err := d.Bindings()
		if err != nil {
			return nil, fmt.Errorf("cel: %s: %w", name, err)
		}
		for _, b := range bindings {
			t.overloads[b.Operator] = b
		}
	}
	t.instead()
	return t, nil
})

// shared is what the conditions of a policy have in common.
type shared struct {
	policy  *policy.Policy
	lib     *functionTable
	pending []*pending // by index of signal
	lists   []*members
}

func newShared(p *policy.Policy, lib *functionTable) *shared {
	s := &shared{policy: p, lib: lib}
	for i := range p.Signals {
		s.pending = append(s.pending, &pending{touched: []int{i}})
	}
	for _, l := range p.Lists {
		s.lists = append(s.lists, newMembers(l.Values))
	}
	return s
}

// condition plans a condition.
func (s *shared) condition(c *expr.Condition) (*condition, error) {
	r, slots, err := s.plan(c, false)
	if err != nil {
		return nil, err
	}
	traced := sync.OnceValues(func() (run, int) {
		r, slots, err := s.plan(c, true)
		if err != nil { // it was planned before
			return func(*frame) ref.Val { return &fault{code: policy.InvalidArgument, msg: "internal error"} }, 0
		}
		return r, slots
	})
	short := &planner{shared: s, scope: make(map[int]variable)}
	return &condition{expr: c, run: r, slots: slots, quick: short.quick(c.Root), traced: traced}, nil
}

func (s *shared) plan(c *expr.Condition, traced bool) (run, int, error) {
	p := &planner{shared: s, traced: traced, scope: make(map[int]variable)}
	p.hides = slices.ContainsFunc(s.policy.Signals, func(sig *policy.Signal) bool { return sig.Sensitive })
	r := p.plan(c.Root)
	return r, p.slots, p.err
}

// planner plans one condition.
type planner struct {
	*shared
	traced bool
	// scope has the variables that are bound where the planner is, by the slot that the checker gave them. Here every variable has a slot
	// of its own: the value of a cel.bind is computed late, when the slots of ended macros may be in use by others.
	scope map[int]variable
	slots int
	err   error
	// folding says that a constant is being evaluated: what is below it need not be folded once more.
	folding bool
	// hides says that the policy has sensitive signals.
	hides bool
}

// variable is a bound variable.
type variable struct {
	slot      int
	lazy      bool
	sensitive bool
}

// bind puts variables into scope and returns what takes them out again.
func (p *planner) bind(vars []expr.Var, v variable) (slots []int, unbind func()) {
	before := maps.Clone(p.scope)
	for _, x := range vars {
		v.slot = p.slots
		p.slots++
		p.scope[x.Slot] = v
		slots = append(slots, v.slot)
	}
	return slots, func() { p.scope = before }
}

func (p *planner) fail(format string, args ...any) run {
	if p.err == nil {
		p.err = fmt.Errorf(format, args...)
	}
	return func(*frame) ref.Val { return &fault{code: policy.InvalidArgument, msg: "internal error"} }
}

// site is where e stands.
func (p *planner) site(e expr.Expr) *site {
	return &site{Base: e.Node(), sensitive: p.sensitive(e)}
}

// sensitive reports whether the value of e comes of a sensitive signal.
func (p *planner) sensitive(e expr.Expr) bool {
	if !p.hides {
		return false
	}
	found := false
	expr.Walk(e, func(e expr.Expr) bool {
		switch e := e.(type) {
		case *expr.Signal:
			found = found || e.Index >= 0 && e.Index < len(p.policy.Signals) && p.policy.Signals[e.Index].Sensitive
		case *expr.Local:
			found = found || p.scope[e.Slot].sensitive
		}
		return !found
	})
	return found
}

// plan plans a node, and an observer around it where the condition is traced.
func (p *planner) plan(e expr.Expr) run {
	r := p.node(e)
	if !p.traced || !observable(e) {
		return r
	}
	s := p.site(e)
	return func(f *frame) ref.Val {
		v := r(f)
		if f.trace != nil {
			f.trace.add(s, v)
		}
		return v
	}
}

func (p *planner) plans(es []expr.Expr) []run {
	rs := make([]run, len(es))
	for i, e := range es {
		rs[i] = p.plan(e)
	}
	return rs
}

func (p *planner) node(e expr.Expr) run {
	switch e := e.(type) {
	case *expr.Const:
		return always(constant(e.Value))
	case *expr.TypeConst:
		v, ok := p.lib.env.CELTypeProvider().FindIdent(e.Name)
		if !ok {
			return p.fail("no type %s", e.Name)
		}
		return always(v)
	case *expr.Signal, *expr.Select:
		return p.planChain(e)
	case *expr.SessionLevel:
		return func(f *frame) ref.Val { return types.Int(f.in.SessionLevel) }
	case *expr.Param:
		return p.planParam(e)
	case *expr.List:
		if e.Index < 0 || e.Index >= len(p.lists) {
			return p.fail("no list %s", e.Name)
		}
		return always(p.lists[e.Index].list)
	case *expr.Local:
		return p.planLocal(e)
	case *expr.Has:
		return p.planHas(e)
	case *expr.Index:
		return p.planIndex(e)
	case *expr.Logic:
		return p.planLogic(e)
	case *expr.Cond:
		return p.planCond(e)
	case *expr.Call:
		return p.planCall(e)
	case *expr.OrElse:
		return p.planOrElse(e)
	case *expr.MakeList:
		return p.planList(e)
	case *expr.MakeMap:
		return p.planMap(e)
	case *expr.Fold:
		return p.planFold(e)
	case *expr.Bind:
		return p.planBind(e)
	case *expr.OptMap:
		return p.planOptMap(e)
	}
	return p.fail("unknown node %T", e)
}

func always(v ref.Val) run { return func(*frame) ref.Val { return v } }

// constant is the value of a constant. Its lists and maps are cel-go's own, made once.
func constant(v policy.Value) ref.Val {
	switch v := v.(type) {
	case []policy.Value:
		elems := make([]ref.Val, len(v))
		for i, e := range v {
			elems[i] = constant(e)
		}
		return types.NewRefValList(adapter, elems)
	case *policy.Map:
		entries := make(map[ref.Val]ref.Val, len(v.Keys))
		for i, k := range v.Keys {
			entries[types.String(k)] = constant(v.Values[i])
		}
		return newSortedMap(entries)
	}
	return toVal(v)
}

// constantOf evaluates e while planning, if nothing in it depends on a request.
func (p *planner) constantOf(e expr.Expr) (ref.Val, bool) {
	fixed := true
	expr.Walk(e, func(e expr.Expr) bool {
		switch e.(type) {
		case *expr.Signal, *expr.Param, *expr.List, *expr.Local, *expr.SessionLevel, *expr.Fold, *expr.Bind, *expr.OptMap:
			fixed = false
		}
		return fixed
	})
	if !fixed {
		return nil, false
	}
	before := p.folding
	p.folding = true
	v := p.untraced(func() run { return p.node(e) })(new(frame))
	p.folding = before
	return v, !failed(v)
}

// untraced plans without observers.
func (p *planner) untraced(plan func() run) run {
	traced := p.traced
	p.traced = false
	defer func() { p.traced = traced }()
	return plan()
}

func (p *planner) planParam(e *expr.Param) run {
	if e.Index < 0 || e.Index >= len(p.policy.Params) {
		return p.fail("no param %s", e.Name)
	}
	value := p.paramValue(e.Index)
	return func(f *frame) ref.Val { return toVal(value(f)) }
}

// paramValue reads the value in force of a param, which is its default where the input has none.
func (p *planner) paramValue(i int) func(f *frame) policy.Value {
	def := p.policy.Params[i].Default
	return func(f *frame) policy.Value {
		if i < len(f.in.Params) && f.in.Params[i] != nil {
			return f.in.Params[i]
		}
		return def
	}
}

func (p *planner) planLocal(e *expr.Local) run {
	v, ok := p.scope[e.Slot]
	if !ok {
		return p.fail("no variable %s", e.Name)
	}
	slot := v.slot
	if !v.lazy {
		return func(f *frame) ref.Val { return f.slots[slot] }
	}
	return func(f *frame) ref.Val {
		t, ok := f.slots[slot].(*thunk)
		if !ok {
			return f.slots[slot]
		}
		v := t.init(f)
		f.slots[slot] = v
		return v
	}
}

// thunk is the value of a cel.bind that nobody has asked for yet.
type thunk struct {
	notValue
	init run
}

// planBind plans `cel.bind(x, init, body)`. Init is evaluated when x is first read; what it fails with is then the value of x, as
// often as x is read.
func (p *planner) planBind(e *expr.Bind) run {
	sensitive := p.sensitive(e.Init)
	init := &thunk{init: p.plan(e.Init)}
	slots, unbind := p.bind([]expr.Var{e.Var}, variable{lazy: true, sensitive: sensitive})
	body := p.plan(e.Body)
	unbind()
	slot := slots[0]
	return func(f *frame) ref.Val {
		f.slots[slot] = init
		return body(f)
	}
}

// overload finds the implementation of a call as cel-go does: that of its one overload, else the one that looks at its operands.
func (t *functionTable) overload(function string, ids []string) *functions.Overload {
	if len(ids) == 1 {
		if o := t.overloads[ids[0]]; o != nil {
			return o
		}
	}
	return t.overloads[function]
}

// isOneOf reports whether s is one of the names.
func isOneOf(s string, names ...string) bool { return slices.Contains(names, s) }
