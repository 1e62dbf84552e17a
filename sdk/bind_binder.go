package rung

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/rungpolicy/rung/policy"
)

// bound is how requests of a type are read for one policy.
type bound struct {
	*loaded
	actions map[string]*boundAction
	// few are the actions, if they are: to compare each is then faster.
	few    []*boundAction
	memory sync.Pool // of *reading
	// again makes the plan for another policy.
	again binder
}

// binder makes the plan of a binding for a policy.
type binder func(*loaded) (*bound, error)

// boundAction is how requests for one action are read.
type boundAction struct {
	name string
	// lean reads what deciding looks at; full, which is made when it is first asked for, all.
	lean rootReader
	full func() rootReader
	// desks are for structs; nil for other types. tuned are those that read the host's params, too.
	desks, tuned *sync.Pool // of *desk
}

// rootReader reads a request into the signals, and the resource after them.
type rootReader func(attrs []policy.Value, x *reading, v reflect.Value) *refusal

// bind adds a binding, and returns its number.
func (e *Engine) bind(make binder) (int, error) {
	n := 0
	if e.snapshot() == nil {
		return 0, errors.New("rung: there is no engine to bind to")
	}
	return n, e.change(func(s *snapshot) error {
		b, err := make(s.loaded)
		if err != nil {
			return err
		}
		b.again = make
		if n = slices.Index(s.bound, nil); n < 0 {
			n = len(s.bound)
			s.bound = append(slices.Clone(s.bound), nil)
		} else {
			s.bound = slices.Clone(s.bound)
		}
		s.bound[n] = b
		return nil
	})
}

// unbind forgets a binding that nobody has any more.
func (e *Engine) unbind(n int) {
	_ = e.change(func(s *snapshot) error {
		s.bound = slices.Clone(s.bound)
		s.bound[n] = nil
		return nil
	})
}

// rebound are the plans of bindings for another policy.
func rebound(all []*bound, l *loaded) ([]*bound, error) {
	out := make([]*bound, len(all))
	for i, b := range all {
		if b == nil {
			continue
		}
		made, err := b.again(l)
		if err != nil {
			return nil, err
		}
		made.again = b.again
		out[i] = made
	}
	return out, nil
}

func newBound(l *loaded, g reflect.Type, actions []string) (*bound, error) {
	b := &bound{loaded: l, actions: map[string]*boundAction{}}
	b.memory.New = func() any { return new(reading) }
	named, err := named(l.plan.Policy, actions)
	if err != nil {
		return nil, err
	}
	c := &compiler{policy: l.plan.Policy, strict: !l.read.Lenient, known: map[string]bool{}}
	for _, a := range named {
		action := b.add(c, g, a)
		b.actions[a.Name] = action
		if b.few = append(b.few, action); len(named) > fewActions {
			b.few = nil
		}
	}
	return b, c.err(g)
}

// add makes the readers for an action.
func (b *bound) add(c *compiler, g reflect.Type, a *policy.Action) *boundAction {
	made := c
	full := c.root(g, a, nil) // everything is checked, read or not
	out := &boundAction{name: a.Name, lean: full, full: func() rootReader { return full }}
	if !c.strict {
		made = &compiler{policy: c.policy, known: map[string]bool{}}
		out.lean = made.root(g, a, b.reads()[a])
		out.full = sync.OnceValue(func() rootReader {
			return (&compiler{policy: c.policy, known: map[string]bool{}}).root(g, a, nil)
		})
	}
	if fields := made.made; g.Kind() == reflect.Struct && fields != nil {
		desks := func(tuned bool) *sync.Pool {
			return &sync.Pool{New: func() any {
				f := b.form(a.Name)
				d := newDesk(g, fields, b.plan.Case(a.Name), f)
				if f != nil && tuned {
					d.bindParams(c.policy.Params)
				}
				return d
			}}
		}
		out.desks, out.tuned = desks(false), desks(true)
	}
	return out
}

// named are the actions of these names; all, if there are none.
func named(p *policy.Policy, names []string) ([]*policy.Action, error) {
	if len(names) == 0 {
		return p.Actions, nil
	}
	var out []*policy.Action
	for _, name := range names {
		a := p.Action(name)
		if a == nil {
			return nil, fmt.Errorf("rung: the policy declares no action `%s`", name)
		}
		out = append(out, a)
	}
	return out, nil
}

// decide decides a request by reflect.
func (b *bound) decide(s *snapshot, d *Decision, a *boundAction, v reflect.Value) *Decision {
	x := b.memory.Get().(*reading)
	if refused := b.read(s, x, a, a.lean, v); refused != nil {
		d = s.refuse(a.name, refused)
	} else {
		d = s.answer(d, &x.request)
	}
	x.reset()
	b.memory.Put(x)
	return d
}

// decideAt decides the request that lies at a desk.
func (b *bound) decideAt(s *snapshot, d *Decision, a *boundAction, x *desk) *Decision {
	if !x.read() {
		return b.decide(s, d, a, x.copy)
	}
	if x.form != nil {
		copy(x.params, s.params)
		d = filled(d, x.form, s.clock(), s.posture)
		runtime.KeepAlive(s) // with it goes the module
		if d.Error != nil && d.Error.Code == policy.InvalidRequest {
			return b.decide(s, d, a, x.copy) // which says what is wrong in the words of all readers
		}
		return d
	}
	s.own(&x.request, a, x.attrs)
	if s.other != nil {
		return s.answer(d, &x.request)
	}
	return x.deciding.Decide(s.native, &x.request)
}

// filled decides what stands in a form.
func filled(d *Decision, f form, now time.Time, posture string) *Decision {
	if d == nil {
		return f.Decide(now, posture)
	}
	f.DecideInto(d, now, posture)
	return d
}

func (b *bound) explain(s *snapshot, action string, v reflect.Value) *Decision {
	a, refused := b.action(action)
	if refused != nil {
		return &Decision{Error: refused}
	}
	x := new(reading) // its values are in the trace
	if refused := b.read(s, x, a, a.full(), v); refused != nil {
		return &Decision{Error: refused}
	}
	return s.plan.Explain(s.native, &x.request)
}

// fewActions is how many actions are compared one by one; most differ in length.
const fewActions = 16

func (b *bound) action(name string) (*boundAction, *policy.RequestError) {
	for _, a := range b.few {
		if a.name == name {
			return a, nil
		}
	}
	if a := b.actions[name]; a != nil {
		return a, nil
	}
	if b.plan.Policy.Action(name) == nil {
		return nil, &policy.RequestError{Code: policy.UnknownAction, Path: "/action", Message: "the policy declares no such action"}
	}
	return nil, &policy.RequestError{Code: policy.InvalidRequest, Path: "/action", Message: "requests of this type are not bound to the action"}
}

// read fills in x.request. A panic, of a method of the request's or because it is being changed, is an error.
func (b *bound) read(s *snapshot, x *reading, a *boundAction, read rootReader, v reflect.Value) (refused *policy.RequestError) {
	defer func() {
		if p := recover(); p != nil {
			refused = &policy.RequestError{Code: policy.EngineError, Message: "reading the request failed"}
		}
	}()
	attrs := x.slots(len(b.plan.Policy.Signals) + 1)
	if bad := read(attrs, x, v); bad != nil {
		return bad.error()
	}
	s.own(&x.request, a, attrs)
	return nil
}

// own makes a request of its signals and the resource after them, and of what is the host's.
func (s *snapshot) own(r *policy.Request, a *boundAction, attrs []policy.Value) {
	n := len(attrs) - 1
	r.Action, r.Signals, r.Resource = a.name, attrs[:n:n], attrs[n]
	r.Now, r.Posture, r.Params = s.clock(), s.posture, s.params
}
