package rung

import (
	"fmt"
	"reflect"

	"github.com/rungpolicy/rung/policy"
)

// Request reads a request as deciding does, and keeps it.
func (b *Binding[T]) Request(action string, r *T) (*policy.Request, *policy.RequestError) {
	s, by := b.current()
	a, refused := by.action(action)
	if refused != nil {
		return nil, refused
	}
	x := new(reading)
	if refused := by.read(s, x, a, a.lean, reflect.ValueOf(r).Elem()); refused != nil {
		return nil, refused
	}
	return &x.request, nil
}

// ReadOnly reads a request as deciding does, and forgets it.
func (b *Binding[T]) ReadOnly(action string, r *T) {
	s, by := b.current()
	a := by.actions[action]
	x := a.desks.Get().(*desk)
	*x.root.(*T) = *r
	if !x.read() {
		panic("not in order")
	}
	s.own(&x.request, a, x.attrs)
	x.clear()
	a.desks.Put(x)
}

// BindValue binds the type of a value, and returns what reads values of it for an action: the long way, and at a desk, if
// there is one.
func BindValue(e *Engine, of any, actions ...string) (func(action string, v any) (*policy.Request, *policy.RequestError), error) {
	n, err := e.bind(func(l *loaded) (*bound, error) { return newBound(l, reflect.TypeOf(of), actions) })
	if err != nil {
		return nil, err
	}
	s := e.snapshot()
	b := s.bound[n]
	return func(action string, v any) (*policy.Request, *policy.RequestError) {
		a, refused := b.action(action)
		if refused != nil {
			return nil, refused
		}
		in := reflect.New(reflect.TypeOf(v)).Elem()
		in.Set(reflect.ValueOf(v))
		x := new(reading)
		refused = b.read(s, x, a, a.lean, in)
		if err := b.sameAtDesk(s, a, in, &x.request, refused); err != nil {
			return nil, &policy.RequestError{Code: policy.EngineError, Message: err.Error()}
		}
		if refused != nil {
			return nil, refused
		}
		return &x.request, nil
	}, nil
}

// sameAtDesk reads a request at a desk, twice with another one between, and compares with what was read the long way.
func (b *bound) sameAtDesk(s *snapshot, a *boundAction, v reflect.Value, want *policy.Request, refused *policy.RequestError) error {
	if a.desks == nil {
		return nil
	}
	x := a.desks.Get().(*desk)
	for range 2 {
		x.copy.Set(v)
		if ok := x.read(); ok != (refused == nil) {
			return fmt.Errorf("in order at a desk: %v, else %v", ok, refused == nil)
		} else if !ok {
			continue
		}
		got := new(policy.Request)
		s.own(got, a, x.attrs)
		for i := range got.Signals {
			if g, w := plainSlot(got.Signals[i]), plainSlot(want.Signals[i]); !reflect.DeepEqual(g, w) {
				return fmt.Errorf("at a desk %v, else %v", g, w)
			}
		}
		if g, w := plainSlot(got.Resource), plainSlot(want.Resource); !reflect.DeepEqual(g, w) {
			return fmt.Errorf("at a desk %v, else %v", g, w)
		}
		x.copy.SetZero()
		x.clear()
		x.read()
	}
	return nil
}

// plainSlot is a slot with values that stand for themselves.
func plainSlot(v policy.Value) policy.Value {
	o, ok := v.(*policy.Object)
	if !ok || o == nil {
		return policy.Plain(v)
	}
	out := &policy.Object{Attrs: make([]policy.Value, len(o.Attrs))}
	for i, a := range o.Attrs {
		out.Attrs[i] = plainSlot(a)
	}
	return out
}
