package change

import (
	"slices"
	"strconv"
	"strings"

	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
)

// group is what of a request a place is in; changes are ordered by it.
type group uint8

const (
	ofSignals group = iota
	ofResource
	ofNow
	ofPosture
	ofParams
)

// place is where in a request an attribute stands.
type place struct {
	group      group
	index      int // of the signal or param
	steps      []step
	typ        *policy.Type // of the attribute; nil is `any`
	text, path string
	secret     bool
}

// step is one step down: into an object by its slot, into a list by its index, else into a map by its key.
type step struct {
	key   string
	slot  int // -1 if it is none
	index int // -1 if it is none
}

// place is where an expression reads; false if it computes. Optional selects read where plain ones do.
func (s *search) place(e expr.Expr) (*place, bool) {
	switch e := e.(type) {
	case *expr.Signal:
		return s.root(e)
	case *expr.Param:
		declared := s.plan.Policy.Params[e.Index]
		return &place{group: ofParams, index: e.Index, typ: declared.Type, text: e.Text, path: "/params/" + pointer(e.Name)}, true
	case *expr.Select:
		return s.below(e.Of, step{key: e.Name, slot: e.Slot, index: -1})
	case *expr.Has:
		if e.Name == "" {
			return s.place(e.Of)
		}
		return s.below(e.Of, step{key: e.Name, slot: e.Slot, index: -1})
	case *expr.Index:
		return s.indexed(e)
	case *expr.Local:
		if b := s.bound[e.Slot]; b.expr != nil {
			return s.place(b.expr)
		}
	case *expr.OrElse:
		return s.place(e.Of)
	}
	return nil, false
}

func (s *search) root(e *expr.Signal) (*place, bool) {
	switch e.Index {
	case expr.Resource:
		if s.action.Resource == nil {
			return nil, false
		}
		return &place{group: ofResource, typ: s.action.Resource, text: e.Name, path: "/signals/resource"}, true
	case expr.Now:
		return &place{group: ofNow, typ: policy.Timestamp, text: e.Name, path: "/now"}, true
	case expr.Posture: // a rank here, in a request a name: all of them are tried
		return nil, false
	}
	declared := s.plan.Policy.Signals[e.Index]
	return &place{
		group: ofSignals, index: e.Index, typ: declared.Type, text: e.Name, path: "/signals/" + pointer(e.Name), secret: declared.Sensitive,
	}, true
}

func (s *search) indexed(e *expr.Index) (*place, bool) {
	key, ok := s.engine.Value(e.Key, s.in)
	if !ok {
		return nil, false
	}
	switch key := key.(type) {
	case string:
		return s.below(e.Of, step{key: key, slot: -1, index: -1})
	case int64:
		p, ok := s.place(e.Of)
		if !ok {
			return nil, false
		}
		if list, ok := p.read(s).([]policy.Value); !ok || key < 0 || key >= int64(len(list)) {
			return nil, false
		}
		return p.step(step{key: strconv.FormatInt(key, 10), slot: -1, index: int(key)})
	}
	return nil, false
}

// below is a step below where an expression reads.
func (s *search) below(of expr.Expr, st step) (*place, bool) {
	p, ok := s.place(of)
	if !ok {
		return nil, false
	}
	return p.step(st)
}

func (p *place) step(st step) (*place, bool) {
	out := *p
	out.steps = append(slices.Clone(p.steps), st)
	out.path += "/" + pointer(st.key)
	switch {
	case st.index >= 0:
		out.text += "[" + st.key + "]"
	case isIdentifier(st.key):
		out.text += "." + st.key
	default:
		out.text += "[" + strconv.Quote(st.key) + "]"
	}
	switch {
	case st.slot >= 0 && p.typ != nil && st.slot < len(p.typ.Attrs):
		out.typ = p.typ.Attrs[st.slot].Type
	case st.slot >= 0:
		return nil, false
	case p.typ == nil || p.typ.Kind == policy.KindAny:
		out.typ = policy.Any
	case p.typ.Kind == policy.KindMap || p.typ.Kind == policy.KindList:
		out.typ = p.typ.Elem
	default:
		return nil, false
	}
	return &out, true
}

// read is what stands there; nil if nothing does.
func (p *place) read(s *search) policy.Value {
	v := p.rootOf(s)
	for _, st := range p.steps {
		v = st.into(v)
	}
	if _, null := v.(policy.Null); null && (p.typ == nil || p.typ.Kind != policy.KindAny || len(p.steps) == 0) {
		return nil
	}
	return policy.Plain(v)
}

func (p *place) rootOf(s *search) policy.Value {
	switch p.group {
	case ofSignals:
		if p.index < len(s.in.Signals) {
			return s.in.Signals[p.index]
		}
	case ofResource:
		return s.in.Resource
	case ofNow:
		return s.in.Now
	case ofPosture:
		if s.request.Posture == "" {
			return "normal"
		}
		return s.request.Posture
	case ofParams:
		return s.in.Params[p.index]
	}
	return nil
}

func (st step) into(v policy.Value) policy.Value {
	switch v := v.(type) {
	case *policy.Object:
		if v != nil && st.slot >= 0 && st.slot < len(v.Attrs) {
			return v.Attrs[st.slot]
		}
	case *policy.Map:
		if v != nil && st.slot < 0 {
			found, _ := v.Get(st.key)
			return found
		}
	case []policy.Value:
		if st.index >= 0 && st.index < len(v) {
			return v[st.index]
		}
	}
	return nil
}

// with is a copy of the request that has another value there; nil takes away what there is.
func (p *place) with(s *search, v policy.Value) *policy.Request {
	out := *s.request
	switch p.group {
	case ofSignals:
		out.Signals = make([]policy.Value, len(s.plan.Policy.Signals))
		copy(out.Signals, s.in.Signals)
		out.Signals[p.index] = put(out.Signals[p.index], s.plan.Policy.Signals[p.index].Type, p.steps, v)
		if out.Signals[p.index] == nil {
			out.Signals[p.index] = policy.Null{} // a lazy one is not pending then
		}
	case ofResource:
		out.Resource = put(out.Resource, s.action.Resource, p.steps, v)
	case ofNow:
		out.Now, _ = policy.As[timestamp](v)
		out.HasNow = true
	case ofPosture:
		out.Posture, _ = v.(string)
	case ofParams:
		out.Params = make([]policy.Value, len(s.plan.Policy.Params))
		copy(out.Params, s.request.Params)
		out.Params[p.index] = v
	}
	return &out
}

// put is a copy of a value of type t that has another value down some steps. What is missing on the way is made.
func put(of policy.Value, t *policy.Type, steps []step, v policy.Value) policy.Value {
	if len(steps) == 0 {
		return v
	}
	st := steps[0]
	switch {
	case st.slot >= 0:
		out := policy.NewObject(t)
		if was, ok := of.(*policy.Object); ok && was != nil {
			copy(out.Attrs, was.Attrs)
		}
		out.Attrs[st.slot] = put(out.Attrs[st.slot], t.Attrs[st.slot].Type, steps[1:], v)
		return out
	case st.index >= 0:
		was, _ := policy.Plain(of).([]policy.Value)
		out := slices.Clone(was)
		out[st.index] = put(out[st.index], elem(t), steps[1:], v)
		return out
	}
	out := map[string]policy.Value{}
	if was, ok := of.(*policy.Map); ok && was != nil {
		for i, key := range was.Keys {
			out[key] = was.Values[i]
		}
	}
	if out[st.key] = put(out[st.key], elem(t), steps[1:], v); out[st.key] == nil {
		delete(out, st.key)
	}
	return policy.NewMap(out)
}

// elem is the type of what is in a list or map: of one of type `any`, `any`.
func elem(t *policy.Type) *policy.Type {
	if t == nil || t.Elem == nil {
		return policy.Any
	}
	return t.Elem
}

// pointer is a name as a part of a JSON Pointer.
func pointer(name string) string { return strings.NewReplacer("~", "~0", "/", "~1").Replace(name) }

func isIdentifier(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c != '_' && (c|0x20 < 'a' || c|0x20 > 'z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}
