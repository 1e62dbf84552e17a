package cel

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/plan"
)

// setup is a policy's vocabulary with values for it.
type setup struct {
	env    *Env
	policy *policy.Policy
	in     plan.Input
	// resource is the type of the resource; nil if there is none.
	resource *policy.Type
}

func newSetup(p *policy.Policy, values map[string]policy.Value) *setup {
	s := &setup{policy: p, env: NewEnv(p)}
	s.in.Now = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s.in.Signals = make([]policy.Value, len(p.Signals))
	for i, sig := range p.Signals {
		s.in.Signals[i] = values[sig.Name]
	}
	return s
}

func textOf(src string) *policy.Text {
	source := diag.NewSource("test.rung.hcl", []byte(src))
	return &policy.Text{Value: src, Span: source.Span(0, len(src)), Segments: []policy.Segment{{Value: 0, File: 0, End: len(src)}}}
}

func (s *setup) check(src string) (*expr.Condition, diag.List) {
	return s.env.Check(textOf(src), s.resource)
}

// engine makes an engine for one expression.
func (s *setup) engine(t testing.TB, src string) *Engine {
	t.Helper()
	c, diags := s.check(src)
	if diags.HasErrors() {
		t.Fatalf("%s: %v", src, diags)
	}
	e, err := NewEngine(&plan.Plan{Policy: s.policy, Conditions: []*expr.Condition{c}})
	if err != nil {
		t.Fatalf("%s: %v", src, err)
	}
	return e
}

// value evaluates an expression of any type: a value, a *fault or *pending.
func (s *setup) value(t testing.TB, src string) ref.Val {
	t.Helper()
	e := s.engine(t, src)
	in := s.in // its frame is for one evaluation at a time, and tests run beside each other
	v := e.evaluate(e.conds[0].run, e.conds[0].slots, &in, nil)
	traced, slots := e.conds[0].traced()
	again := e.evaluate(traced, slots, &in, &tracer{policy: s.policy})
	if a, b := show(s.policy, v), show(s.policy, again); a != b {
		t.Errorf("%s is %s, traced %s", src, a, b)
	}
	addressed := byAddress(&s.in)
	if a, b := show(s.policy, v), show(s.policy, e.evaluate(e.conds[0].run, e.conds[0].slots, &addressed, nil)); a != b {
		t.Errorf("%s is %s, of values by their address %s", src, a, b)
	}
	tracing := &tracer{policy: s.policy}
	if e.evaluate(traced, slots, &addressed, tracing); !plainTrace(tracing.nodes) {
		t.Errorf("the trace of %s has addresses: %v", src, tracing.nodes)
	}
	if q := e.conds[0].quick; q != nil {
		if a := q(&in); a != unsure && v != ref.Val(types.Bool(a == yes)) {
			t.Errorf("%s is %s, the short way says %d", src, show(s.policy, v), a)
		}
	}
	if e.Panics() != 0 {
		t.Errorf("%s: a panic", src)
	}
	return v
}

// plainTrace reports whether all values of a trace stand for themselves.
func plainTrace(nodes []policy.NodeTrace) bool {
	return !slices.ContainsFunc(nodes, func(n policy.NodeTrace) bool { return hasAddress(n.Value) })
}

func hasAddress(v policy.Value) bool {
	switch v := v.(type) {
	case *policy.Object:
		return slices.ContainsFunc(v.Attrs, hasAddress)
	case []policy.Value:
		return slices.ContainsFunc(v, hasAddress)
	case *policy.Map:
		return slices.ContainsFunc(v.Values, hasAddress)
	}
	return reflect.ValueOf(v).Kind() == reflect.Pointer
}

// show writes what an expression came to: a value as CEL writes it, `error code: message`, `pending a b`.
func show(p *policy.Policy, v ref.Val) string {
	switch v := v.(type) {
	case *fault:
		return "error " + string(v.code)
	case *pending:
		var names []string
		for _, i := range v.touched {
			names = append(names, p.Signals[i].Name)
		}
		return "pending " + strings.Join(names, " ")
	}
	return types.Format(v)
}
