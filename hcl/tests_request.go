package hcl

import (
	"time"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/policy"
)

// testNow is the moment of a test that says none.
var testNow = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// request reads what is said of a request by the policy's types.
func (t *testReader) request(l layer) (*policy.Request, bool) {
	r := &policy.Request{Now: testNow, HasNow: true}
	a := t.action(l.action)
	if a != nil {
		r.Action = a.Name
	}
	r.Signals, r.Resource = t.signals(a, l.signals)
	r.Params = t.params(l.params)
	r.Posture = t.posture(l.posture)
	if now, ok := t.now(l.now); ok {
		r.Now = now
	}
	return r, a != nil
}

// action resolves the action of a request.
func (t *testReader) action(l *lit) *policy.Action {
	if l == nil {
		return nil // reported
	}
	name, ok := t.text(*l, false)
	if !ok {
		return nil
	}
	a := t.policy.Action(name.Value)
	if a == nil {
		t.suggest(t.errorf(l.inner(), codeUnknownName, "there is no action `"+short(name.Value)+"`", ""), name.Value, func() []string { return policyActions(t.policy) })
	}
	return a
}

func policyActions(p *policy.Policy) []string {
	names := make([]string, len(p.Actions))
	for i, a := range p.Actions {
		names[i] = a.Name
	}
	return names
}

// signals reads the signals of a request for an action. Of a fixture, which has none, the resource is left for the tests.
func (t *testReader) signals(a *policy.Action, l *lit) (signals []policy.Value, resource policy.Value) {
	signals = make([]policy.Value, len(t.policy.Signals))
	if l == nil {
		return signals, nil
	}
	for _, f := range l.fields {
		if f.name == "resource" {
			if a != nil {
				resource = t.resource(a, f)
			}
			continue
		}
		i := t.policy.SignalIndex(f.name)
		if i < 0 {
			t.noSignal(f)
			continue
		}
		if f.val.kind == litNull {
			signals[i] = policy.Null{}
			continue
		}
		s := t.policy.Signals[i]
		v, ok := t.value(f.val, s.Type)
		if ok {
			signals[i] = v
		}
		if f.name == "session" {
			t.computed(f.val)
		}
	}
	return signals, resource
}

func (t *testReader) noSignal(f field) {
	what, detail := "there is no signal `"+short(f.name)+"`", ""
	switch f.name {
	case "now", "posture", "params", "action":
		detail = "write `" + f.name + " = …` beside `signals`"
	}
	t.suggest(t.errorf(f.key, codeUnknownName, what, detail), f.name, func() []string { return signalNames(t.policy) })
}

func signalNames(p *policy.Policy) []string {
	names := []string{"resource"}
	for _, s := range p.Signals {
		names = append(names, s.Name)
	}
	return names
}

// computed reports a session that comes with its level.
func (t *testReader) computed(session lit) {
	for _, f := range session.fields {
		if f.name == "level" && f.val.kind != litNull {
			t.errorf(f.key, codeValue, "the level of a session is computed, and not sent", "write what proves it: `acr`, `amr`, `auth_time`")
		}
	}
}

func (t *testReader) resource(a *policy.Action, f field) policy.Value {
	switch {
	case f.val.kind == litNull:
		return policy.Null{}
	case a.Resource == nil:
		dg := t.errorf(f.key, codeUnknownAttribute, "the action `"+a.Name+"` declares no resource", "")
		dg.Related = append(dg.Related, diag.Related{Message: "the action", Range: a.Range})
		return nil
	}
	v, ok := t.value(f.val, a.Resource)
	if !ok {
		return nil
	}
	return v
}

// params reads the host's values.
func (t *testReader) params(l *lit) []policy.Value {
	if l == nil {
		return nil
	}
	values := make([]policy.Value, len(t.policy.Params))
	for _, f := range l.fields {
		i := t.policy.ParamIndex(f.name)
		if i < 0 {
			t.suggest(t.errorf(f.key, codeUnknownName, "there is no param `"+short(f.name)+"`", ""), f.name, func() []string { return paramNames(t.policy) })
			continue
		}
		if v, ok := t.value(f.val, t.policy.Params[i].Type); ok {
			values[i] = v
		}
	}
	return values
}

// posture reads the current posture; "" is normal.
func (t *testReader) posture(l *lit) string {
	if l == nil {
		return ""
	}
	name, ok := t.text(*l, false)
	if !ok || name.Value == "normal" {
		return ""
	}
	if t.policy.Posture(name.Value) == nil {
		t.suggest(t.errorf(l.inner(), codeUnknownName, "there is no posture `"+short(name.Value)+"`", ""), name.Value, func() []string { return allPostures(t.policy) })
		return ""
	}
	return name.Value
}

func allPostures(p *policy.Policy) []string { return append([]string{"normal"}, postureNames(p)...) }

func (t *testReader) now(l *lit) (time.Time, bool) {
	if l == nil {
		return time.Time{}, false
	}
	v, ok := t.textValue(*l, policy.Timestamp, false)
	if !ok {
		return time.Time{}, false
	}
	now, ok := v.(time.Time)
	return now, ok
}
