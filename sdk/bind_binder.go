package rung

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
	"time"

	"github.com/rungpolicy/rung/policy"
)

// binder is a Binding without its type parameter.
type binder struct {
	engine  *Engine
	actions map[string]*boundAction
	// few are the actions, if they are: to compare each is then faster.
	few    []*boundAction
	memory sync.Pool // of *reading
}

// boundAction is how requests for one action are read.
type boundAction struct {
	name string
	// lean reads what deciding looks at; full, which is made when it is first asked for, all.
	lean rootReader
	full func() rootReader
	// desks are for structs; nil for other types.
	desks *sync.Pool // of *desk
}

// rootReader reads a request into the signals, and the resource after them.
type rootReader func(attrs []policy.Value, x *reading, v reflect.Value) *refusal

func (b *binder) bind(e *Engine, g reflect.Type, actions []string) error {
	if e == nil || e.plan == nil {
		return errors.New("rung: there is no engine to bind to")
	}
	b.engine, b.actions = e, map[string]*boundAction{}
	b.memory.New = func() any { return new(reading) }
	bound, err := named(e.Policy(), actions)
	if err != nil {
		return err
	}
	c := &compiler{policy: e.Policy(), strict: !e.read.Lenient, known: map[string]bool{}}
	read := e.reads()
	for _, a := range bound {
		made := c
		full := c.root(g, a, nil) // everything is checked, read or not
		action := &boundAction{name: a.Name, lean: full, full: func() rootReader { return full }}
		if !c.strict {
			made = &compiler{policy: c.policy, known: map[string]bool{}}
			action.lean = made.root(g, a, read[a])
			action.full = sync.OnceValue(func() rootReader {
				return (&compiler{policy: c.policy, known: map[string]bool{}}).root(g, a, nil)
			})
		}
		if fields := made.made; g.Kind() == reflect.Struct && fields != nil {
			action.desks = &sync.Pool{New: func() any { return newDesk(g, fields, e.plan.Case(a.Name), e.form(a.Name)) }}
		}
		b.actions[a.Name] = action
		if b.few = append(b.few, action); len(bound) > fewActions {
			b.few = nil
		}
	}
	return c.err(g)
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
func (b *binder) decide(d *Decision, a *boundAction, v reflect.Value) *Decision {
	x := b.memory.Get().(*reading)
	if refused := b.read(x, a, a.lean, v); refused != nil {
		d = &Decision{Error: refused}
	} else {
		d = b.engine.decide(d, &x.request)
	}
	x.reset()
	b.memory.Put(x)
	return d
}

// decideAt decides the request that lies at a desk.
func (b *binder) decideAt(d *Decision, a *boundAction, x *desk) *Decision {
	if !x.read() {
		return b.decide(d, a, x.copy)
	}
	if x.form != nil {
		d = filled(d, x.form, b.engine.clock(), b.engine.posture)
		if d.Error != nil && d.Error.Code == policy.InvalidRequest {
			return b.decide(d, a, x.copy) // which says what is wrong in the words of all readers
		}
		return d
	}
	b.fill(&x.request, a, x.attrs)
	if b.engine.other != nil {
		return b.engine.decide(d, &x.request)
	}
	return x.deciding.Decide(b.engine.native, &x.request)
}

// filled decides what stands in a form.
func filled(d *Decision, f form, now time.Time, posture string) *Decision {
	if d == nil {
		return f.Decide(now, posture)
	}
	f.DecideInto(d, now, posture)
	return d
}

func (b *binder) explain(action string, v reflect.Value) *Decision {
	a, refused := b.action(action)
	if refused != nil {
		return &Decision{Error: refused}
	}
	x := new(reading) // its values are in the trace
	if refused := b.read(x, a, a.full(), v); refused != nil {
		return &Decision{Error: refused}
	}
	return b.engine.plan.Explain(b.engine.native, &x.request)
}

// fewActions is how many actions are compared one by one; most differ in length.
const fewActions = 16

func (b *binder) action(name string) (*boundAction, *policy.RequestError) {
	for _, a := range b.few {
		if a.name == name {
			return a, nil
		}
	}
	if a := b.actions[name]; a != nil {
		return a, nil
	}
	if b.engine == nil || b.engine.plan.Policy.Action(name) == nil {
		return nil, &policy.RequestError{Code: policy.UnknownAction, Path: "/action", Message: "the policy declares no such action"}
	}
	return nil, &policy.RequestError{Code: policy.InvalidRequest, Path: "/action", Message: "requests of this type are not bound to the action"}
}

// read fills in x.request. A panic, of a method of the request's or because it is being changed, is an error.
func (b *binder) read(x *reading, a *boundAction, read rootReader, v reflect.Value) (refused *policy.RequestError) {
	defer func() {
		if p := recover(); p != nil {
			refused = &policy.RequestError{Code: policy.EngineError, Message: "reading the request failed"}
		}
	}()
	attrs := x.slots(len(b.engine.plan.Policy.Signals) + 1)
	if bad := read(attrs, x, v); bad != nil {
		return bad.error()
	}
	b.fill(&x.request, a, attrs)
	return nil
}

// fill makes a request of its signals and the resource after them.
func (b *binder) fill(r *policy.Request, a *boundAction, attrs []policy.Value) {
	n := len(attrs) - 1
	r.Action, r.Signals, r.Resource = a.name, attrs[:n:n], attrs[n]
	r.Now, r.Posture = b.engine.clock(), b.engine.posture
}
