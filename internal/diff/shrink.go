package diff

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/rungpolicy/rung/internal/gen"
)

// shrinker makes a difference small.
type shrinker struct {
	model   *gen.Model
	request *gen.Request
	// differs reports whether a smaller pair is still what is looked for.
	differs func(*gen.Model, *gen.Request) bool
	left    int // attempts
}

// Shrink returns a smaller pair that the engines still answer differently, in the same way.
func (c *Comparer) Shrink(d *Difference) *Difference {
	s := &shrinker{model: d.Model.Clone(), request: d.Request.Clone(), left: 4000}
	s.differs = func(m *gen.Model, r *gen.Request) bool {
		kind, _ := c.judge(d.Seed, m, r)
		return kind == d.Kind
	}
	s.run()
	out := &Difference{Seed: d.Seed, N: d.N, Kind: d.Kind, Model: s.model, Request: s.request}
	_, out.Answers = c.judge(d.Seed, s.model, s.request)
	return out
}

// run makes the pair smaller until nothing of it can be.
func (s *shrinker) run() {
	for before := -1; before != s.size() && s.left > 0; {
		before = s.size()
		s.rules()
		s.declarations()
		s.fields()
		s.expressions()
		s.types()
		s.requests()
	}
}

func (s *shrinker) size() int { return len(s.model.Text()) + len(s.request.JSON()) }

// try keeps a change to the policy if the difference stays.
func (s *shrinker) try(change func(*gen.Model)) bool {
	m := s.model.Clone()
	change(m)
	if s.left--; s.left < 0 || !s.differs(m, s.request) {
		return false
	}
	s.model = m
	return true
}

// ask keeps a change to the request.
func (s *shrinker) ask(change func(*gen.Request)) bool {
	r := s.request.Clone()
	change(r)
	if s.left--; s.left < 0 || !s.differs(s.model, r) {
		return false
	}
	s.request = r
	return true
}

func (s *shrinker) rules() {
	for i := range s.model.Rules {
		if s.try(func(m *gen.Model) { m.Rules = m.Rules[i : i+1] }) {
			return
		}
	}
	drop(s, func(m *gen.Model) *[]*gen.Rule { return &m.Rules })
}

// drop leaves out parts, one by one.
func drop[T any](s *shrinker, of func(*gen.Model) *[]*T) {
	for i := len(*of(s.model)) - 1; i >= 0; i-- {
		s.try(func(m *gen.Model) { *of(m) = slices.Delete(*of(m), i, i+1) })
	}
}

func (s *shrinker) declarations() {
	s.try(func(m *gen.Model) { m.Levels = nil })
	drop(s, func(m *gen.Model) *[]*gen.Action { return &m.Actions })
	drop(s, func(m *gen.Model) *[]*gen.Let { return &m.Lets })
	drop(s, func(m *gen.Model) *[]*gen.Signal { return &m.Signals })
	drop(s, func(m *gen.Model) *[]*gen.Posture { return &m.Postures })
	drop(s, func(m *gen.Model) *[]*gen.Param { return &m.Params })
	drop(s, func(m *gen.Model) *[]*gen.List { return &m.Lists })
	drop(s, func(m *gen.Model) *[]*gen.Level { return &m.Levels })
	for i := range s.model.Lists {
		for j := len(s.model.Lists[i].Values) - 1; j >= 0; j-- {
			s.try(func(m *gen.Model) { m.Lists[i].Values = slices.Delete(slices.Clone(m.Lists[i].Values), j, j+1) })
		}
	}
}

func (s *shrinker) fields() {
	for i := range s.model.Actions {
		s.try(func(m *gen.Model) { m.Actions[i].Level = "none" })
	}
	for i := range s.model.Rules {
		for _, change := range []func(*gen.Rule){
			func(r *gen.Rule) { r.Unless = nil },
			func(r *gen.Rule) { r.When = nil },
			func(r *gen.Rule) { r.When, r.Unless = r.Unless, nil },
			func(r *gen.Rule) { r.By, r.Percent, r.Seed = nil, "", "" },
			func(r *gen.Rule) { r.Seed = "" },
			func(r *gen.Rule) { r.Mode = "" },
			func(r *gen.Rule) { r.MaxAge = "" },
			func(r *gen.Rule) { r.Methods = nil },
			func(r *gen.Rule) { r.Posture = "" },
			func(r *gen.Rule) { r.Skip = false },
			func(r *gen.Rule) { r.Deny, r.Level, r.MaxAge, r.Methods, r.Skip = true, "", "", nil, false },
			func(r *gen.Rule) { r.In, r.Actions = s.request.Action, nil },
		} {
			changed := *s.model.Rules[i]
			change(&changed)
			if s.shorter(&changed, i) {
				s.try(func(m *gen.Model) { m.Rules[i] = &changed })
			}
		}
	}
}

// shorter reports whether a rule is less than the one that is there.
func (s *shrinker) shorter(r *gen.Rule, i int) bool {
	m := s.model.Clone()
	m.Rules[i] = r
	return len(m.Text()) < len(s.model.Text())
}

// expressions puts parts and constants in the place of expressions.
func (s *shrinker) expressions() {
	for i := range s.model.Rules {
		for _, at := range []func(*gen.Rule) **gen.Expr{
			func(r *gen.Rule) **gen.Expr { return &r.When },
			func(r *gen.Rule) **gen.Expr { return &r.Unless },
			func(r *gen.Rule) **gen.Expr { return &r.By },
		} {
			s.expression(*at(s.model.Rules[i]), func(m *gen.Model, e *gen.Expr) { *at(m.Rules[i]) = e })
		}
	}
	for i := range s.model.Lets {
		s.expression(s.model.Lets[i].Expr, func(m *gen.Model, e *gen.Expr) { m.Lets[i].Expr = e })
	}
}

// expression makes e smaller, from the outside in; put sets what stands in its place.
func (s *shrinker) expression(e *gen.Expr, put func(*gen.Model, *gen.Expr)) *gen.Expr {
	if e == nil {
		return nil
	}
	for changed := true; changed; {
		changed = false
		for _, x := range e.Simpler() {
			if s.try(func(m *gen.Model) { put(m, x) }) {
				e, changed = x, true
				break
			}
		}
	}
	for i := range e.Args {
		arg := s.expression(e.Args[i], func(m *gen.Model, x *gen.Expr) { put(m, e.With(i, x)) })
		e = e.With(i, arg)
	}
	return e
}

// types leaves out attributes.
func (s *shrinker) types() {
	for i := range s.model.Signals {
		s.attributes(func(m *gen.Model) **gen.Type { return &m.Signals[i].Type })
	}
	for i := range s.model.Actions {
		s.attributes(func(m *gen.Model) **gen.Type { return &m.Actions[i].Resource })
	}
}

func (s *shrinker) attributes(of func(*gen.Model) **gen.Type) {
	for i := len((*of(s.model)).Attrs) - 1; i >= 0; i-- {
		s.try(func(m *gen.Model) {
			t := **of(m)
			t.Attrs = slices.Delete(slices.Clone(t.Attrs), i, i+1)
			*of(m) = &t
		})
	}
}

func (s *shrinker) requests() {
	s.ask(func(r *gen.Request) { r.Signals = gen.Object{} })
	s.ask(func(r *gen.Request) { r.Params = gen.Object{} })
	s.ask(func(r *gen.Request) { r.Posture = "" })
	s.ask(func(r *gen.Request) { r.Now = "2026-01-01T00:00:00Z" })
	s.value(func(r *gen.Request) any { return r.Signals }, func(*gen.Request, any) {})
	s.value(func(r *gen.Request) any { return r.Params }, func(*gen.Request, any) {})
}

// value makes what stands at a place of the request smaller.
func (s *shrinker) value(at func(*gen.Request) any, put func(*gen.Request, any)) {
	switch v := at(s.request).(type) {
	case gen.Object:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			in := func(r *gen.Request) gen.Object { return at(r).(gen.Object) }
			if !s.ask(func(r *gen.Request) { delete(in(r), name) }) {
				s.value(func(r *gen.Request) any { return in(r)[name] }, func(r *gen.Request, x any) { in(r)[name] = x })
			}
		}
	case []any:
		for i := len(v) - 1; i >= 0; i-- {
			list := func(r *gen.Request) []any { return at(r).([]any) }
			if !s.ask(func(r *gen.Request) { put(r, slices.Delete(list(r), i, i+1)) }) {
				s.value(func(r *gen.Request) any { return list(r)[i] }, func(r *gen.Request, x any) { list(r)[i] = x })
			}
		}
	default:
		for _, x := range simpler(v) {
			if s.ask(func(r *gen.Request) { put(r, x) }) {
				return
			}
		}
	}
}

// simpler are values that say less than v, of all types: what does not fit is no request.
func simpler(v any) []any {
	switch v := v.(type) {
	case json.Number:
		if len(v) > 1 {
			return []any{json.Number("0"), json.Number("1")}
		}
	case string:
		var out []any
		for _, x := range []any{"", "a", json.Number("0"), json.Number("1"), "0s", "1s", "2026-01-01T00:00:00Z", "::", "0.0.0.0", "0.0.0.0/0"} {
			if text, ok := x.(string); ok && (len(text) >= len(v) || strings.HasPrefix(v, "2026-01-01")) {
				continue
			}
			out = append(out, x)
		}
		return out
	case bool:
		if v {
			return []any{false}
		}
	}
	return nil
}
