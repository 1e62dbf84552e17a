package cel

import (
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
)

// chain is a run of selects: `device.id`, `subject.attributes.?a.b`. It is one node: for traces, and for where errors stand.
type chain struct {
	*site
	// root is what is selected from; nil if that is a signal, which is then signal, or expr.Resource.
	root   run
	signal int
	lazy   *pending // what an unknown signal is; nil if the signal is not lazy
	// absent is the fault of reading the signal, where it is missing.
	absent *fault
	steps  []step
}

// step is one select of a chain.
type step struct {
	name     types.String
	slot     int  // of an object's attribute; -1: a key
	nullable bool // the attribute is of type any, null its value
	optional bool
	absent   *fault
}

// newChain takes e apart.
func (p *planner) newChain(e expr.Expr) *chain {
	c := &chain{site: p.site(e)}
	for {
		sel, ok := e.(*expr.Select)
		if !ok {
			break
		}
		c.steps = append(c.steps, p.newStep(sel, sel.Of, sel.Name, sel.Slot, sel.Optional))
		e = sel.Of
	}
	for i, j := 0, len(c.steps)-1; i < j; i, j = i+1, j-1 {
		c.steps[i], c.steps[j] = c.steps[j], c.steps[i]
	}
	p.setRoot(c, e)
	c.explain(e)
	return c
}

func (p *planner) newStep(e expr.Expr, of expr.Expr, name string, slot int, optional bool) step {
	t := of.Node().Type
	if t != nil && t.Kind == policy.KindOptional {
		t = t.Elem
	}
	nullable := slot < 0
	if slot >= 0 && t != nil && t.Kind == policy.KindObject && slot < len(t.Attrs) {
		nullable = t.Attrs[slot].Type.Kind == policy.KindAny
	}
	return step{name: types.String(name), slot: slot, nullable: nullable, optional: optional}
}

func (p *planner) setRoot(c *chain, e expr.Expr) {
	sig, ok := e.(*expr.Signal)
	switch {
	case !ok:
		c.root = p.plan(e)
	case sig.Index == expr.Now:
		c.root = func(f *frame) ref.Val { return types.Timestamp{Time: f.in.Now.UTC()} }
	case sig.Index == expr.Posture:
		c.root = func(f *frame) ref.Val { return types.Int(f.in.Posture) }
	case sig.Index == expr.Resource:
		c.signal = expr.Resource
	case sig.Index >= 0 && sig.Index < len(p.policy.Signals):
		c.signal = sig.Index
		if sig.Lazy || p.policy.Signals[sig.Index].Lazy {
			c.lazy = p.pending[sig.Index]
		}
	default:
		c.root = p.fail("no signal %s", sig.Name)
	}
}

// explain makes the faults of what may be missing, once.
func (c *chain) explain(root expr.Expr) {
	name := ""
	if sig, ok := root.(*expr.Signal); ok {
		name = sig.Name
	}
	c.absent = c.fault(policy.NoSuchAttribute, "no such attribute: "+name)
	for i := range c.steps {
		s := &c.steps[i]
		if name == "" {
			name = string(s.name)
		} else {
			name += "." + string(s.name)
		}
		if s.slot >= 0 {
			s.absent = c.fault(policy.NoSuchAttribute, "no such attribute: "+name)
		} else {
			s.absent = c.fault(policy.NoSuchKey, "no such key: "+string(s.name))
		}
	}
}

// planChain plans a signal or a select.
func (p *planner) planChain(e expr.Expr) run {
	if r := p.sessionLevel(e); r != nil {
		return r
	}
	c := p.newChain(e)
	if len(c.steps) == 0 && c.root != nil {
		return c.root
	}
	if c.simple() {
		return func(f *frame) ref.Val {
			v, instead := c.attribute(f)
			if instead != nil {
				return instead
			}
			return toVal(v)
		}
	}
	return c.eval
}

// sessionLevel plans `session.?level`, and `session.level` where the checker has left it a select. It is computed: there even
// if the session is not.
func (p *planner) sessionLevel(e expr.Expr) run {
	sel, ok := e.(*expr.Select)
	if !ok || !isSessionLevel(sel.Of, sel.Name) {
		return nil
	}
	if sel.Optional {
		return func(f *frame) ref.Val { return types.OptionalOf(types.Int(f.in.SessionLevel)) }
	}
	return func(f *frame) ref.Val { return types.Int(f.in.SessionLevel) }
}

func isSessionLevel(of expr.Expr, name string) bool {
	sig, ok := of.(*expr.Signal)
	return ok && sig.Index >= 0 && sig.Name == "session" && name == "level"
}

// simple reports whether the chain leads through attributes of a signal alone.
func (c *chain) simple() bool {
	if c.root != nil {
		return false
	}
	for i := range c.steps {
		if c.steps[i].optional || c.steps[i].slot < 0 {
			return false
		}
	}
	return true
}

// start is the value of the signal: nil and nil if it is missing.
func (c *chain) start(f *frame) (policy.Value, ref.Val) {
	var v policy.Value
	if c.signal == expr.Resource {
		v = f.in.Resource
	} else if c.signal < len(f.in.Signals) {
		v = f.in.Signals[c.signal]
	}
	if v == nil && c.lazy != nil {
		return nil, c.lazy
	}
	if _, null := v.(policy.Null); null {
		return nil, nil
	}
	return v, nil
}

// attribute reads a simple chain: the value, or what the chain comes to instead.
func (c *chain) attribute(f *frame) (policy.Value, ref.Val) {
	cur, instead := c.start(f)
	if instead != nil {
		return nil, instead
	}
	if len(c.steps) == 0 {
		if cur == nil {
			return nil, c.absent
		}
		return cur, nil
	}
	for i := range c.steps {
		s := &c.steps[i]
		o, ok := cur.(*policy.Object)
		if !ok || s.slot >= len(o.Attrs) {
			return nil, s.absent
		}
		cur = o.Attrs[s.slot]
		if missing(cur, s.nullable) {
			return nil, s.absent
		}
	}
	return cur, nil
}

// eval reads any chain. From the first optional on, select or value, what is not there is none and the result an optional, as in cel-go.
func (c *chain) eval(f *frame) ref.Val {
	var cur any
	if c.root != nil {
		v := c.root(f)
		if failed(v) {
			return v
		}
		cur = v
	} else {
		v, instead := c.start(f)
		switch {
		case instead != nil:
			return instead
		case v == nil && len(c.steps) > 0 && c.steps[0].optional:
			return types.OptionalNone
		case v == nil && len(c.steps) > 0 && c.steps[0].slot >= 0:
			return c.steps[0].absent
		case v == nil:
			return c.absent
		}
		cur = v
	}
	isOptional := false
	for i := range c.steps {
		s := &c.steps[i]
		if o, ok := cur.(*types.Optional); ok {
			if !o.HasValue() {
				return types.OptionalNone
			}
			isOptional, cur = true, o.GetValue()
		}
		isOptional = isOptional || s.optional
		next, bad := s.of(c.site, cur)
		switch {
		case bad != nil:
			return bad
		case next == nil && isOptional:
			return types.OptionalNone
		case next == nil:
			return s.absent
		}
		cur = next
	}
	v := toVal(cur)
	if isOptional {
		return types.OptionalOf(v)
	}
	return v
}

// of selects from a value; nil if it is not there.
func (s *step) of(at *site, v any) (any, *fault) {
	switch v := v.(type) {
	case *policy.Object:
		return s.attribute(v), nil
	case *object:
		return s.attribute((*policy.Object)(v)), nil
	case *policy.Map:
		e, ok := v.Get(string(s.name))
		if !ok {
			return nil, nil
		}
		return e, nil
	case traits.Mapper:
		e, ok := v.Find(s.name)
		if !ok {
			return nil, nil
		}
		return e, nil
	case []policy.Value, *[]string, traits.Lister:
		return nil, at.wrap("unsupported index type 'string' in list")
	}
	return nil, nil // nothing is in a number or a text
}

func (s *step) attribute(o *policy.Object) policy.Value {
	if s.slot < 0 || s.slot >= len(o.Attrs) || missing(o.Attrs[s.slot], s.nullable) {
		return nil
	}
	return o.Attrs[s.slot]
}

// planHas plans `has(a.b)`.
func (p *planner) planHas(e *expr.Has) run {
	if isSessionLevel(e.Of, e.Name) {
		return always(types.True)
	}
	if e.Name == "" {
		c := p.newChain(e.Of)
		return func(f *frame) ref.Val {
			v, instead := c.start(f)
			if instead != nil {
				return instead
			}
			return types.Bool(v != nil)
		}
	}
	last := p.newStep(e, e.Of, e.Name, e.Slot, false)
	if e.Chain {
		c := p.untracedChain(e.Of)
		if c.root == nil {
			c.steps = append(c.steps, last)
			return c.has
		}
	}
	of, at := p.plan(e.Of), p.site(e)
	return func(f *frame) ref.Val {
		v := of(f)
		if failed(v) {
			return v
		}
		if o, ok := v.(*types.Optional); ok {
			if !o.HasValue() {
				return types.False
			}
			v = o.GetValue()
		}
		next, bad := last.of(at, v)
		if bad != nil {
			return bad
		}
		return types.Bool(next != nil)
	}
}

func (p *planner) untracedChain(e expr.Expr) *chain {
	var c *chain
	p.untraced(func() run { c = p.newChain(e); return nil })
	return c
}

// has walks the chain from its signal: true iff every step is there.
func (c *chain) has(f *frame) ref.Val {
	v, instead := c.start(f)
	if instead != nil {
		return instead
	}
	var cur any = v
	for i := range c.steps {
		next, bad := c.steps[i].of(c.site, cur)
		if next == nil || bad != nil {
			return types.False
		}
		cur = next
	}
	return types.True
}

// planIndex plans `of[key]` and `of[?key]`. Of an optional, both look into it, and come to an optional.
func (p *planner) planIndex(e *expr.Index) run {
	of, key, at := p.plan(e.Of), p.plan(e.Key), p.site(e)
	return func(f *frame) ref.Val {
		v, k := of(f), key(f)
		if failed(v) || failed(k) {
			return strict(v, k)
		}
		isOptional := e.Optional
		if o, ok := v.(*types.Optional); ok {
			if !o.HasValue() {
				return types.OptionalNone
			}
			isOptional, v = true, o.GetValue()
		}
		found, bad := at.index(v, k, isOptional)
		switch {
		case bad != nil:
			return bad
		case found == nil:
			return types.OptionalNone
		case isOptional:
			return types.OptionalOf(found)
		}
		return found
	}
}

// index is v[k]. Where it is not there, it is nil if that may be, else a fault.
func (s *site) index(v, k ref.Val, optional bool) (ref.Val, *fault) {
	switch v := v.(type) {
	case traits.Mapper:
		e, ok := v.Find(k)
		switch {
		case types.IsError(e):
			return nil, s.wrap(e.(*types.Err).Error())
		case ok:
			return e, nil
		}
	case traits.Lister:
		i, err := types.GetOrError(k)
		switch {
		case err != nil:
			return nil, s.wrap(err.Error())
		case i >= 0 && i < sizeOf(v):
			return v.Get(types.Int(i)), nil
		case !optional:
			return nil, s.wrap("index out of bounds: " + label(k))
		}
	}
	if optional {
		return nil, nil
	}
	return nil, s.wrap("no such key: " + label(k))
}
