package rung

import (
	"reflect"
	"sync"

	"github.com/rungpolicy/rung/policy"
)

// dynamic makes the reader of an interface: what is in it gets a reader when it first comes.
func (c *compiler) dynamic(at place, t *policy.Type) reader {
	at.dynamic = true
	if t.Kind == policy.KindAny {
		return anyReader{depth: at.depth, sensitive: at.sensitive}.read
	}
	types := &found[reader]{compile: func(g reflect.Type) (reader, *refusal) {
		of := &compiler{policy: c.policy, action: c.action, strict: c.strict, known: map[string]bool{}}
		in := at
		in.path = ""
		r := of.value(in, g, t)
		return r, of.refusal(t)
	}}
	return func(x *reading, v reflect.Value) (policy.Value, *refusal) {
		if v.Kind() == reflect.Interface {
			v = v.Elem()
		}
		if !v.IsValid() {
			return nil, nil
		}
		r, bad := types.of(v.Type())
		if bad != nil {
			return nil, bad
		}
		return r(x, v)
	}
}

// dynamicRoot is dynamic for the whole request.
func (c *compiler) dynamicRoot(at place) rootReader {
	action := c.action
	types := &found[rootReader]{compile: func(g reflect.Type) (rootReader, *refusal) {
		of := &compiler{policy: c.policy, action: action, strict: c.strict, known: map[string]bool{}}
		return of.request(at, g), of.refusal(&policy.Type{Kind: policy.KindObject})
	}}
	return func(attrs []policy.Value, x *reading, v reflect.Value) *refusal {
		if v.IsNil() {
			return &refusal{message: "there is no request", whole: true}
		}
		r, bad := types.of(v.Elem().Type())
		if bad != nil {
			return bad
		}
		return r(attrs, x, v.Elem())
	}
}

// found are the readers for the Go types that have come in an interface.
type found[R any] struct {
	compile func(reflect.Type) (R, *refusal)
	types   sync.Map // of reflect.Type to *foundType[R]
}

type foundType[R any] struct {
	read R
	bad  *refusal
}

func (f *found[R]) of(g reflect.Type) (R, *refusal) {
	known, ok := f.types.Load(g)
	if !ok {
		t := new(foundType[R])
		t.read, t.bad = f.compile(g)
		known, _ = f.types.LoadOrStore(g, t)
	}
	t := known.(*foundType[R])
	if t.bad != nil {
		bad := *t.bad // its path grows
		return t.read, &bad
	}
	return t.read, nil
}

// refusal is what is wrong with a type that came in a request.
func (c *compiler) refusal(t *policy.Type) *refusal {
	if len(c.problems) == 0 {
		return nil
	}
	p := c.problems[0]
	if p.path == "" {
		return &refusal{message: "expected " + noun(t) + ", got something else"}
	}
	return &refusal{message: "the value does not fit the policy", path: p.path}
}

// noun says for people what a value of a type is.
func noun(t *policy.Type) string {
	switch t.Kind {
	case policy.KindBool:
		return "true or false"
	case policy.KindInt, policy.KindUint:
		return "a whole number (" + t.String() + ")"
	case policy.KindDouble:
		return "a number"
	case policy.KindString:
		return "a string"
	case policy.KindBytes:
		return "bytes"
	case policy.KindTimestamp:
		return "a timestamp"
	case policy.KindDuration:
		return "a duration"
	case policy.KindIP:
		return "an IP address"
	case policy.KindCIDR:
		return "an address range"
	case policy.KindList:
		return "a list"
	}
	return "an object"
}
