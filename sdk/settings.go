package rung

import (
	"fmt"
	"reflect"

	"github.com/rungpolicy/rung/policy"
)

// SetPosture turns the dial: every decision that begins after it has this posture, unless its request brings one. The error says that the policy does not
// declare it; then all stays as it was. "" is normal.
func (e *Engine) SetPosture(name string) error {
	return e.change(func(s *snapshot) error {
		s.posture = name
		return s.knows(name)
	})
}

// SetParams sets the host's values of params, by name, in the place of all that it has set before: a param that is not named has its default. Values have
// the Go types that [Bind] takes. If one does not fit, or is not declared, nothing is changed.
func (e *Engine) SetParams(values map[string]any) error {
	return e.change(func(s *snapshot) (err error) {
		s.params, err = s.loaded.params(values)
		return err
	})
}

// Set sets posture and params at once: no decision sees the one without the other.
func (e *Engine) Set(posture string, params map[string]any) error {
	return e.change(func(s *snapshot) (err error) {
		s.posture = posture
		if err = s.knows(posture); err == nil {
			s.params, err = s.loaded.params(params)
		}
		return err
	})
}

// Posture is the current posture.
func (e *Engine) Posture() string {
	if s := e.snapshot(); s != nil && s.posture != "" {
		return s.posture
	}
	return "normal"
}

// change puts a changed copy in the place of what the engine decides by, if there is no error.
func (e *Engine) change(by func(*snapshot) error) error {
	if e.snapshot() == nil {
		return errNoEngine
	}
	e.changing.Lock()
	defer e.changing.Unlock()
	next := *e.now.Load()
	if err := by(&next); err != nil {
		return err
	}
	next.paramsHash = hashed(next.plan.Policy, next.params)
	e.now.Store(&next)
	return nil
}

// params reads the host's values; nil if there are none.
func (l *loaded) params(values map[string]any) ([]policy.Value, error) {
	if len(values) == 0 {
		return nil, nil
	}
	out := make([]policy.Value, len(l.plan.Policy.Params))
	for name, v := range values {
		i := l.plan.Policy.ParamIndex(name)
		if i < 0 {
			return nil, fmt.Errorf("the policy declares no param `%s`", name)
		}
		read, err := l.value("param."+name, l.plan.Policy.Params[i].Type, v)
		if err != nil {
			return nil, err
		}
		out[i] = read
	}
	return out, nil
}

// value reads a Go value as one of a type, in memory of its own.
func (l *loaded) value(name string, t *policy.Type, v any) (out policy.Value, err error) {
	defer func() {
		if p := recover(); p != nil {
			out, err = nil, fmt.Errorf("`%s`: reading the value failed", name)
		}
	}()
	c := &compiler{policy: l.plan.Policy, strict: true, known: map[string]bool{}}
	g := reflect.TypeOf(v)
	if g == nil {
		return nil, fmt.Errorf("`%s` is nil, and is to be %s", name, outline(t))
	}
	read := c.value(place{field: "the value", name: name, depth: 3, dynamic: true}, g, t)
	if len(c.problems) > 0 {
		return nil, fmt.Errorf("`%s`: %s", name, c.problems[0].text)
	}
	value, bad := read(new(reading), reflect.ValueOf(v))
	if bad != nil {
		return nil, fmt.Errorf("`%s`: %s", name+bad.path, bad.message)
	}
	if value == nil {
		return nil, fmt.Errorf("`%s` is nil, and is to be %s", name, outline(t))
	}
	return frozen(value), nil
}

// moved are the host's values of another policy's params as those of this one. It is an error if one is not declared any more, or has another type.
func (l *loaded) moved(from *policy.Policy, values []policy.Value) ([]policy.Value, error) {
	var out []policy.Value
	for i, v := range values {
		if v == nil {
			continue
		}
		was := from.Params[i]
		at := l.plan.Policy.ParamIndex(was.Name)
		if at < 0 {
			return nil, fmt.Errorf("the host has set the param `%s`, which the policy does not declare", was.Name)
		}
		if is := l.plan.Policy.Params[at].Type; !is.Equal(was.Type) {
			return nil, fmt.Errorf("the host has set the param `%s` to %s, and the policy has %s", was.Name, outline(was.Type), outline(is))
		}
		if out == nil {
			out = make([]policy.Value, len(l.plan.Policy.Params))
		}
		out[at] = v
	}
	return out, nil
}

// frozen is a value that shares no memory with the host's.
func frozen(v policy.Value) policy.Value {
	switch v := v.(type) {
	case []policy.Value:
		return frozenAll(v)
	case *policy.Map:
		if v == nil {
			return nil
		}
		return &policy.Map{Keys: append([]string(nil), v.Keys...), Values: frozenAll(v.Values)}
	case *policy.Object:
		if v == nil {
			return nil
		}
		return &policy.Object{Attrs: frozenAll(v.Attrs)}
	case []byte:
		return append([]byte{}, v...)
	}
	return policy.Plain(v)
}

func frozenAll(values []policy.Value) []policy.Value {
	out := make([]policy.Value, len(values))
	for i, v := range values {
		out[i] = frozen(v)
	}
	return out
}
