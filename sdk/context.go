package rung

import (
	"context"
	"reflect"
	"time"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/codec"
)

// DecideContext is [Engine.Decide] that asks the providers for the lazy signals that the outcome turns on: never [Need]. Those that are needed together
// are asked together, each once; a signal without a provider, or whose provider does not answer in time, is absent. All of it is decided by one policy,
// posture and set of params, and for one moment. With a context that is nil, or done, the answer is deny.
func (e *Engine) DecideContext(ctx context.Context, r *Request) (d *Decision) {
	defer guard(&d)
	s := e.snapshot()
	if s == nil {
		return noEngine()
	}
	if d = s.over(ctx, r); d != nil {
		return d
	}
	if s.hooks == nil {
		if d = s.decideRequest(nil, r); d.Effect != policy.Need {
			return d
		}
	}
	return s.resolved(ctx, s.completed(r), true)
}

// DecideJSONContext is DecideContext of a request written as JSON.
func (e *Engine) DecideJSONContext(ctx context.Context, text []byte) (d *Decision) {
	defer guard(&d)
	s := e.snapshot()
	if s == nil {
		return noEngine()
	}
	if d = s.over(ctx, nil); d != nil {
		return d
	}
	r, refused := codec.DecodeRequest(s.plan.Policy, text, s.read)
	if refused != nil {
		return s.refuse("", refused)
	}
	s.fill(r)
	return s.resolved(ctx, r, false)
}

// DecideContext is [Binding.Decide] that asks the providers, as [Engine.DecideContext] does.
func (b *Binding[T]) DecideContext(ctx context.Context, action string, r *T) (d *Decision) {
	defer guard(&d)
	s, by := b.current()
	if s == nil || r == nil {
		return noRequest()
	}
	if d = s.over(ctx, &Request{Action: action}); d != nil {
		return d
	}
	if s.hooks == nil {
		if d = b.decideBy(s, by, nil, action, r); d.Effect != policy.Need {
			return d
		}
	}
	a, refused := by.action(action)
	if refused != nil {
		return s.refuse(action, refused)
	}
	v := reflect.ValueOf(r).Elem()
	if d = by.decideContext(ctx, s, a, v); d != nil {
		return d
	}
	x := new(reading)
	if by.read(s, x, a, a.full(), v) != nil { // of what deciding does not look at
		x = new(reading)
		if refused := by.read(s, x, a, a.lean, v); refused != nil {
			return s.refuse(action, refused)
		}
	}
	return s.resolved(ctx, &x.request, true)
}

// decideContext is the decision of what deciding looks at; nil if that needs more. Providers may look at all.
func (b *bound) decideContext(ctx context.Context, s *snapshot, a *boundAction, v reflect.Value) *Decision {
	began, x := time.Now(), new(reading)
	if refused := b.read(s, x, a, a.lean, v); refused != nil {
		return s.refuse(a.name, refused)
	}
	d := s.guarded(nil, &x.request)
	if d.Effect == policy.Need && d.Error == nil {
		return nil
	}
	if s.hooks != nil {
		s.observe(ctx, d, &x.request, began, nil)
	}
	return d
}

// over is the decision where the context is done, else nil.
func (s *snapshot) over(ctx context.Context, r *Request) *Decision {
	var why string
	switch {
	case ctx == nil:
		why = "there is no context"
	case ctx.Err() != nil:
		why = "the context is done: " + ctx.Err().Error()
	default:
		return nil
	}
	action := ""
	if r != nil {
		action = r.Action
	}
	return s.refuse(action, &policy.RequestError{Code: policy.EngineError, Message: why})
}

// resolved decides a request that is in memory of its own; shared says that some of it is the caller's still.
func (s *snapshot) resolved(ctx context.Context, r *Request, shared bool) *Decision {
	began := time.Now()
	d := s.guarded(nil, r)
	var fetches []Fetch
	if d.Effect == policy.Need && d.Error == nil {
		if shared { // a provider that is late looks at it after the caller has gone on
			r.Signals, r.Resource = frozenAll(r.Signals), frozen(r.Resource)
		}
		for len(r.Signals) < len(s.plan.Policy.Signals) {
			r.Signals = append(r.Signals, nil)
		}
		if d, fetches = s.resolve(ctx, d, r); ctx.Err() != nil {
			d = failed("the context is done: " + ctx.Err().Error())
		}
	}
	if s.hooks != nil {
		s.observe(ctx, d, r, began, fetches)
	}
	return d
}

// isNilAny reports whether there is nothing in an interface, or a pointer or the like that is nil.
func isNilAny(v any) bool {
	if v == nil {
		return true
	}
	return isNil(reflect.ValueOf(v))
}
