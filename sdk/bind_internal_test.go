package rung

import (
	"reflect"

	"github.com/rungpolicy/rung/policy"
)

// Request reads a request as deciding does, and keeps it.
func (b *Binding[T]) Request(action string, r *T) (*policy.Request, *policy.RequestError) {
	a, refused := b.action(action)
	if refused != nil {
		return nil, refused
	}
	x := new(reading)
	if refused := b.read(x, a, a.lean, reflect.ValueOf(r).Elem()); refused != nil {
		return nil, refused
	}
	return &x.request, nil
}

// ReadOnly reads a request as deciding does, and forgets it.
func (b *Binding[T]) ReadOnly(action string, r *T) {
	a := b.actions[action]
	x := a.desks.Get().(*desk)
	if refused := b.readAt(x, a, reflect.ValueOf(r).Elem()); refused != nil {
		panic(refused)
	}
	x.clear()
	a.desks.Put(x)
}

// BindValue binds the type of a value, and returns what reads values of it for an action.
func BindValue(e *Engine, of any, actions ...string) (func(action string, v any) (*policy.Request, *policy.RequestError), error) {
	b := new(binder)
	if err := b.bind(e, reflect.TypeOf(of), actions); err != nil {
		return nil, err
	}
	return func(action string, v any) (*policy.Request, *policy.RequestError) {
		a, refused := b.action(action)
		if refused != nil {
			return nil, refused
		}
		in := reflect.New(reflect.TypeOf(v)).Elem()
		in.Set(reflect.ValueOf(v))
		x := new(reading)
		if refused := b.read(x, a, a.lean, in); refused != nil {
			return nil, refused
		}
		return &x.request, nil
	}, nil
}
