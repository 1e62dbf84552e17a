package codec_test

import (
	"bytes"
	"encoding/json"
	"math"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/codec"
)

// oneLine takes the white space out of a JSON text.
func oneLine(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(text)); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return b.String()
}

func secs(n int64) policy.Seconds { return policy.Seconds{Set: true, N: n} }

func TestAppendDecision(t *testing.T) {
	t.Parallel()
	item := policy.ListOf(policy.ObjectOf("", attr("acr", policy.String), attr("time", policy.Timestamp)))
	cases := []struct {
		name string
		d    *policy.Decision
		want string
	}{
		{"nil", nil, `{"effect": "deny"}`},
		{"zero", &policy.Decision{}, `{"effect": "deny"}`},
		{"no effect at all", &policy.Decision{Effect: 77, Reasons: []*policy.Reason{{Rule: "r", Effect: 78}}}, `{"effect": "deny", "reasons": [{"rule": "r", "effect": "deny"}]}`},
		{
			"the example of the language",
			&policy.Decision{
				Effect: policy.StepUp, Action: "transfer.create",
				Requirement: &policy.Requirement{
					Level: "mfa", ACRValues: []string{"urn:bank:acr:mfa", "phr", "phrh"}, MaxAge: secs(300), Methods: [][]string{{"hwk", "otp"}}, Reachable: policy.Yes,
				},
				Satisfied: &policy.Satisfied{Level: "password", Age: secs(5400)},
				Reasons: []*policy.Reason{{
					Rule: "transfer.create/large transfer", Effect: policy.StepUp, Level: "mfa", MaxAge: secs(300), Methods: []string{"hwk", "otp"},
					Message: "Large transfers need a second factor.",
				}},
				Shadow:        []*policy.Reason{{Rule: "transfer.create/velocity, on trial", Effect: policy.StepUp, Level: "mfa"}},
				Indeterminate: []policy.Indeterminate{{Rule: "…", Code: policy.NoSuchAttribute, Error: "no such attribute: device.trusted", At: "bank.rung.hcl:52:15"}},
				Posture:       "elevated",
				Policy:        policy.Identity{Name: "bank", Version: "2026.11.1", Digest: "sha256:…"},
			},
			`{
			  "effect": "step_up",
			  "action": "transfer.create",
			  "requirement": { "level": "mfa", "acr_values": ["urn:bank:acr:mfa", "phr", "phrh"], "max_age": 300,
			                   "methods": [{ "one_of": ["hwk", "otp"] }], "reachable": true },
			  "satisfied": { "level": "password", "age": 5400 },
			  "reasons": [ { "rule": "transfer.create/large transfer", "effect": "step_up", "level": "mfa", "max_age": 300,
			                 "methods": ["hwk", "otp"], "message": "Large transfers need a second factor." } ],
			  "shadow": [ { "rule": "transfer.create/velocity, on trial", "effect": "step_up", "level": "mfa" } ],
			  "indeterminate": [ { "rule": "…", "code": "no_such_attribute", "error": "no such attribute: device.trusted", "at": "bank.rung.hcl:52:15" } ],
			  "posture": "elevated",
			  "policy": { "name": "bank", "version": "2026.11.1", "digest": "sha256:…" }
			}`,
		},
		{
			"allow",
			&policy.Decision{Effect: policy.Allow, Action: "a", Satisfied: &policy.Satisfied{Level: "mfa"}, Posture: "normal", Policy: policy.Identity{Name: "p", Digest: "sha256:0"}},
			`{"effect": "allow", "action": "a", "satisfied": {"level": "mfa"}, "posture": "normal", "policy": {"name": "p", "digest": "sha256:0"}}`,
		},
		{
			"need",
			&policy.Decision{Effect: policy.Need, Action: "a", Need: []string{"geo", "reputation"}, Posture: "normal"},
			`{"effect": "need", "action": "a", "need": ["geo", "reputation"], "posture": "normal"}`,
		},
		{
			"a requirement of methods and age 0 that cannot be met",
			&policy.Decision{Effect: policy.StepUp, Requirement: &policy.Requirement{MaxAge: secs(0), Methods: [][]string{{"hwk"}, {"fpt", "pin"}}, Reachable: policy.No}},
			`{"effect": "step_up", "requirement": {"max_age": 0, "methods": [{"one_of": ["hwk"]}, {"one_of": ["fpt", "pin"]}], "reachable": false}}`,
		},
		{
			"a requirement of a level alone",
			&policy.Decision{Effect: policy.StepUp, Requirement: &policy.Requirement{Level: "mfa"}},
			`{"effect": "step_up", "requirement": {"level": "mfa"}}`,
		},
		{
			"rules on trial",
			&policy.Decision{
				Effect: policy.Allow, ShadowDiffers: true, ShadowEffect: policy.Deny,
				Shadow: []*policy.Reason{
					{Rule: "a/x", Effect: policy.Deny, Message: "no", Code: policy.NoSuchKey},
					{Rule: "a/y", Effect: policy.StepUp, Level: "mfa", Pending: true},
				},
			},
			`{"effect": "allow", "shadow": [{"rule": "a/x", "effect": "deny", "message": "no", "code": "no_such_key"},
			  {"rule": "a/y", "effect": "step_up", "level": "mfa", "pending": true}], "shadow_effect": "deny"}`,
		},
		{
			"a refusal says nothing else, whatever is there",
			&policy.Decision{Effect: policy.Allow, Action: "a", Posture: "normal", Error: &policy.RequestError{Code: policy.InvalidRequest, Message: `expected a number, got the string "5"`, Path: "/signals/x"}},
			`{"effect": "deny", "error": {"code": "invalid_request", "message": "expected a number, got the string \"5\"", "path": "/signals/x"}}`,
		},
		{
			"a refusal without a path",
			&policy.Decision{Error: &policy.RequestError{Code: policy.EngineError, Message: "m"}},
			`{"effect": "deny", "error": {"code": "engine_error", "message": "m"}}`,
		},
		{
			"a trace",
			&policy.Decision{Effect: policy.Allow, Trace: []policy.RuleTrace{
				{Rule: "a", State: policy.StateMet, At: "p.rung.hcl:1:1"},
				{Rule: "a/off", State: policy.StateOff},
				{Rule: "a/x", State: policy.StateFalse, At: "p.rung.hcl:9:3", Nodes: []policy.NodeTrace{
					{Text: "1 + 1", At: "p.rung.hcl:10:5", Value: int64(2), Type: policy.Int},
					{Text: "session.authentications", At: "p.rung.hcl:10:9", Value: []policy.Value{&policy.Object{Attrs: []policy.Value{"phr", nil}}}, Type: item},
					{Text: "reputation", Pending: []string{"reputation"}},
					{Text: "device.trusted", At: "p.rung.hcl:11:5", Error: policy.NoSuchAttribute},
					{Text: "null", Value: policy.Null{}, Type: policy.NullType},
					{Text: "device.?os", Type: policy.String},
				}},
			}},
			`{"effect": "allow", "trace": [
			  {"rule": "a", "state": "met", "at": "p.rung.hcl:1:1"},
			  {"rule": "a/off", "state": "off"},
			  {"rule": "a/x", "state": "false", "at": "p.rung.hcl:9:3", "nodes": [
			    {"text": "1 + 1", "at": "p.rung.hcl:10:5", "value": 2},
			    {"text": "session.authentications", "at": "p.rung.hcl:10:9", "value": [{"acr": "phr"}]},
			    {"text": "reputation", "pending": ["reputation"]},
			    {"text": "device.trusted", "at": "p.rung.hcl:11:5", "error": "no_such_attribute"},
			    {"text": "null", "value": null},
			    {"text": "device.?os", "value": null}
			  ]}
			]}`,
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got, want := string(codec.AppendDecision(nil, c.d)), oneLine(t, c.want); got != want {
				t.Errorf("\n got %s\nwant %s", got, want)
			}
		})
	}
}

// TestAppend appends to what is there.
func TestAppend(t *testing.T) {
	t.Parallel()
	b := codec.AppendDecision([]byte("data: "), nil)
	b = codec.AppendValue(append(b, '\n'), "x")
	if want := "data: {\"effect\":\"deny\"}\n\"x\""; string(b) != want {
		t.Errorf("got %q, want %q", b, want)
	}
}

func TestAppendValue(t *testing.T) {
	t.Parallel()
	cases := []struct {
		v    policy.Value
		want string
	}{
		{nil, `null`},
		{policy.Null{}, `null`},
		{true, `true`},
		{false, `false`},
		{int64(0), `0`},
		{int64(-5), `-5`},
		{int64(1 << 53), `9007199254740992`},
		{int64(-1 << 53), `-9007199254740992`},
		{int64(1<<53 + 1), `"9007199254740993"`},
		{int64(-1<<53 - 1), `"-9007199254740993"`},
		{int64(math.MinInt64), `"-9223372036854775808"`},
		{uint64(1 << 53), `9007199254740992`},
		{uint64(math.MaxUint64), `"18446744073709551615"`},
		{0.0, `0`},
		{math.Copysign(0, -1), `-0`},
		{0.1, `0.1`},
		{1200.0, `1200`},
		{1e-6, `0.000001`},
		{9e-7, `9e-07`},
		{1e20, `100000000000000000000`},
		{-1e21, `-1e+21`},
		{math.MaxFloat64, `1.7976931348623157e+308`},
		{math.SmallestNonzeroFloat64, `5e-324`},
		{math.NaN(), `"NaN"`},
		{math.Inf(1), `"Infinity"`},
		{math.Inf(-1), `"-Infinity"`},
		{"", `""`},
		{"a\"b\\c/d", `"a\"b\\c/d"`},
		{"\b\f\n\r\t\x00\x1f\x7f", `"\b\f\n\r\t\u0000\u001f` + "\x7f\""},
		{"<b>&é€𝄞\u2028\ufffd", "\"<b>&é€𝄞\u2028\ufffd\""},
		{"a\xffb\xc3", "\"a\ufffdb\ufffd\""},
		{"\xed\xa0\x80", "\"\ufffd\ufffd\ufffd\""},
		{[]byte{0, 255}, `"AP8="`},
		{[]byte(nil), `""`},
		{time.Date(2026, 11, 20, 13, 0, 0, 0, time.FixedZone("", 3600)), `"2026-11-20T12:00:00Z"`},
		{time.Date(1, 1, 1, 0, 0, 0, 120_000_000, time.UTC), `"0001-01-01T00:00:00.12Z"`},
		{time.Duration(0), `"0s"`},
		{90 * time.Second, `"90s"`},
		{-250 * time.Millisecond, `"-0.25s"`},
		{time.Duration(1), `"0.000000001s"`},
		{time.Duration(math.MaxInt64), `"9223372036.854775807s"`},
		{time.Duration(math.MinInt64), `"-9223372036.854775808s"`},
		{netip.MustParseAddr("2001:db8::7"), `"2001:db8::7"`},
		{netip.MustParsePrefix("192.0.2.0/24"), `"192.0.2.0/24"`},
		{[]policy.Value{}, `[]`},
		{[]policy.Value{int64(1), "a", []policy.Value{nil, true}}, `[1,"a",[null,true]]`},
		{&policy.Map{}, `{}`},
		{policy.NewMap(map[string]policy.Value{"b": 1.5, "a": &policy.Map{}, "\"": policy.Null{}}), `{"\"":null,"a":{},"b":1.5}`},
		{&policy.Object{Attrs: []policy.Value{"d", nil}}, `["d",null]`},
	}
	for _, c := range cases {
		got := string(codec.AppendValue(nil, c.v))
		if got != c.want {
			t.Errorf("%#v: got %s, want %s", c.v, got, c.want)
		}
		if !json.Valid([]byte(got)) {
			t.Errorf("%#v: %s is not JSON", c.v, got)
		}
	}
}

func TestAppendTyped(t *testing.T) {
	t.Parallel()
	inner := policy.ObjectOf("", attr("a", policy.Int), attr("b", policy.Any))
	outer := policy.ObjectOf("", attr("list", policy.ListOf(inner)), attr("map", policy.MapOf(inner)), attr("one", inner))
	object := func(vs ...policy.Value) *policy.Object { return &policy.Object{Attrs: vs} }
	v := object([]policy.Value{object(int64(1), policy.Null{}), object(nil, nil)}, policy.NewMap(map[string]policy.Value{"k": object(nil, "x")}), object(int64(2), nil))
	if got, want := string(codec.AppendTyped(nil, outer, v)), `{"list":[{"a":1,"b":null},{}],"map":{"k":{"b":"x"}},"one":{"a":2}}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	// A type that is not the value's is none.
	if got, want := string(codec.AppendTyped(nil, inner, object("x"))), `["x"]`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestAppendDecisionEscapes puts what breaks JSON, or a reader, into every text of a decision.
func TestAppendDecisionEscapes(t *testing.T) {
	t.Parallel()
	const evil = "\"},\n\x00\xff</script>\\"
	ss := []string{evil}
	reason := policy.Reason{Rule: evil, Level: evil, Methods: ss, Message: evil, Code: evil}
	d := &policy.Decision{
		Action: evil, Requirement: &policy.Requirement{Level: evil, ACRValues: ss, Methods: [][]string{ss, {}}}, Satisfied: &policy.Satisfied{Level: evil},
		Reasons: []*policy.Reason{&reason, &reason}, Shadow: []*policy.Reason{&reason}, Indeterminate: []policy.Indeterminate{{Rule: evil, Code: evil, Error: evil, At: evil}, {}},
		Need: ss, Posture: evil, Policy: policy.Identity{Name: evil, Version: evil, Digest: evil},
		Trace: []policy.RuleTrace{{Rule: evil, State: evil, At: evil, Nodes: []policy.NodeTrace{{Text: evil, At: evil, Error: evil}, {Pending: ss}, {Value: policy.NewMap(map[string]policy.Value{evil: evil})}}}},
	}
	refusal := &policy.Decision{Error: &policy.RequestError{Code: evil, Message: evil, Path: evil}}
	for _, d := range []*policy.Decision{d, refusal} {
		got := codec.AppendDecision(nil, d)
		if !json.Valid(got) || !bytes.Equal(got, bytes.ToValidUTF8(got, nil)) || bytes.Contains(got, []byte("\n")) {
			t.Errorf("%s", got)
		}
		if n := strings.Count(string(got), `\"},\n\u0000`+"\ufffd"+`</script>\\`); n < 3 {
			t.Errorf("the text stands %d times in %s", n, got)
		}
	}
}
