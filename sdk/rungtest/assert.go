package rungtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/rungpolicy/rung/hcl"
	"github.com/rungpolicy/rung/internal/traced"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/codec"
	rung "github.com/rungpolicy/rung/sdk"
)

// Allow reports an error unless a decision is allow.
func Allow(t T, d *rung.Decision) {
	t.Helper()
	expect(t, d, text("effect", "allow"))
}

// StepUp reports an error unless a decision is step_up and asks for a level; "" is any.
func StepUp(t T, d *rung.Decision, level string) {
	t.Helper()
	fields := []hcl.ExpectField{text("effect", "step_up")}
	if level != "" {
		fields = append(fields, hcl.ExpectField{Name: "requirement", Expect: object(text("level", level))})
	}
	expect(t, d, fields...)
}

// Deny reports an error unless a decision is deny and these rules, by their ids, are what denies; none is any rule. A request that was refused, because something is wrong
// with it, is not denied by a rule: that is an error of the test.
func Deny(t T, d *rung.Decision, rules ...string) {
	t.Helper()
	fields := []hcl.ExpectField{text("effect", "deny"), {Name: "error"}}
	if len(rules) > 0 {
		list := hcl.Expect{Kind: hcl.ExpectList}
		for _, id := range slices.Sorted(slices.Values(rules)) {
			list.Items = append(list.Items, object(text("rule", id)))
		}
		fields = append(fields, hcl.ExpectField{Name: "reasons", Expect: list})
	}
	expect(t, d, fields...)
}

// Need reports an error unless a decision is need, with these signals to fetch; none is any.
func Need(t T, d *rung.Decision, signals ...string) {
	t.Helper()
	fields := []hcl.ExpectField{text("effect", "need")}
	if len(signals) > 0 {
		list := hcl.Expect{Kind: hcl.ExpectList}
		for _, name := range slices.Sorted(slices.Values(signals)) {
			list.Items = append(list.Items, hcl.Expect{Kind: hcl.ExpectText, Text: name})
		}
		fields = append(fields, hcl.ExpectField{Name: "need", Expect: list})
	}
	expect(t, d, fields...)
}

// Expect reports an error unless a part of a decision is as expected: JSON, as `rung eval` prints it, of which what is named must be so. Lists are compared as a whole;
// null, like an empty list, is what is not there.
//
//	rungtest.Expect(t, d, `{"effect": "step_up", "requirement": {"level": "mfa", "max_age": 300}}`)
func Expect(t T, d *rung.Decision, part string) {
	t.Helper()
	in := json.NewDecoder(strings.NewReader(part))
	in.UseNumber()
	var v map[string]any
	if err := in.Decode(&v); err != nil {
		t.Fatalf("what is expected is no JSON object: %v", err)
		return
	}
	want, err := expected(v)
	if err != nil {
		t.Fatalf("what is expected: %v", err)
		return
	}
	expect(t, d, want.Fields...)
}

// expect compares, and tells.
func expect(t T, d *rung.Decision, fields ...hcl.ExpectField) {
	t.Helper()
	want := object(fields...)
	found := compare(&want, codec.AppendDecision(nil, d))
	if len(found) == 0 {
		return
	}
	var out strings.Builder
	out.WriteString("the decision is not as expected\n")
	differences(&out, found, traced.Plain)
	bare := rung.Decision{}
	if d != nil {
		bare = *d
	}
	trace := bare.Trace
	bare.Trace, bare.Policy = nil, policy.Identity{} // which the test knows
	out.WriteString("  decision  " + oneLine(string(codec.AppendDecision(nil, &bare))) + "\n")
	if len(trace) > 0 {
		out.WriteString("  rules\n")
		traced.Write(&out, trace, nil, "    ", traced.Plain)
	}
	t.Errorf("%s", strings.TrimSuffix(out.String(), "\n"))
}

func text(name, value string) hcl.ExpectField {
	return hcl.ExpectField{Name: name, Expect: hcl.Expect{Kind: hcl.ExpectText, Text: value}}
}

func object(fields ...hcl.ExpectField) hcl.Expect {
	return hcl.Expect{Kind: hcl.ExpectObject, Fields: fields}
}

// expected makes an expectation of plain values.
func expected(v any) (hcl.Expect, error) {
	e := hcl.Expect{}
	switch v := v.(type) {
	case nil:
	case string:
		e.Kind, e.Text = hcl.ExpectText, v
	case bool:
		e.Kind, e.Bool = hcl.ExpectBool, v
	case json.Number:
		n, err := v.Int64()
		if err != nil {
			return e, fmt.Errorf("%s is no whole number, and a decision has no other", v)
		}
		e.Kind, e.Number = hcl.ExpectNumber, n
	case []any:
		e.Kind = hcl.ExpectList
		for _, x := range v {
			item, err := expected(x)
			if err != nil {
				return e, err
			}
			e.Items = append(e.Items, item)
		}
	case map[string]any:
		e.Kind = hcl.ExpectObject
		for _, name := range slices.Sorted(maps.Keys(v)) {
			x, err := expected(v[name])
			if err != nil {
				return e, err
			}
			e.Fields = append(e.Fields, hcl.ExpectField{Name: name, Expect: x})
		}
	}
	return e, nil
}
