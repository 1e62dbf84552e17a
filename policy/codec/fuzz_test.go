package codec_test

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/codec"
)

// failer is what *testing.T and *rapid.T have in common.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// agree reads a text with both readers, and holds one against the other; then writes what was read, and reads it again.
func agree(t failer, p *policy.Policy, text []byte, o codec.Options) (accepted bool) {
	t.Helper()
	got, err := decode(p, text, o)
	want, ok := second(p, text, o)
	if ok != (err == nil) {
		t.Fatalf("%q, %+v: the second reader says %v, this one %v", text, o, ok, err)
	}
	if err != nil {
		// A path is absent where the text is not JSON; encoding/json ends at 10,000 deep.
		grammar := err.Path == "" && strings.Contains(err.Message, "not JSON")
		if len(text) <= 10_000 && grammar == json.Valid(text) {
			t.Fatalf("%q: %v, but valid: %v", text, err, json.Valid(text))
		}
		return false
	}
	// Not cmp.Diff, whose time doubles with every level of nesting.
	if !reflect.DeepEqual(want, got) {
		t.Fatalf("%q: the second reader has %s, this one %s", text, write(p, want), write(p, got))
	}
	again, err := decode(p, write(p, got), o)
	if err != nil {
		t.Fatalf("%q, written: %s: %v", text, write(p, got), err)
	}
	again.Ignored = got.Ignored // They are not written.
	if !reflect.DeepEqual(got, again) {
		t.Fatalf("%q: read as %s, and once more as %s", text, write(p, got), write(p, again))
	}
	return true
}

// write makes a text of a request.
func write(p *policy.Policy, r *policy.Request) []byte {
	b := []byte(`{"signals":{`)
	if r.Resource != nil {
		b = append(codec.AppendTyped(append(b, `"resource":`...), p.Action(r.Action).Resource, r.Resource), ',')
	}
	for i, v := range r.Signals {
		if v != nil {
			b = append(codec.AppendValue(b, p.Signals[i].Name), ':')
			b = append(codec.AppendTyped(b, p.Signals[i].Type, v), ',')
		}
	}
	b = append([]byte(strings.TrimSuffix(string(b), ",")), `},"action":`...)
	b = codec.AppendValue(b, r.Action)
	if r.HasNow {
		b = codec.AppendValue(append(b, `,"now":`...), r.Now)
	}
	if r.Posture != "" {
		b = codec.AppendValue(append(b, `,"posture":`...), r.Posture)
	}
	if r.Params != nil {
		b = append(b, `,"params":{`...)
		for i, v := range r.Params {
			if v != nil {
				b = append(codec.AppendValue(b, p.Params[i].Name), ':')
				b = append(codec.AppendTyped(b, p.Params[i].Type, v), ',')
			}
		}
		b = append([]byte(strings.TrimSuffix(string(b), ",")), '}')
	}
	return append(b, '}')
}

// both is a policy with what bank and everything have: standard signals, and one of every type.
func both() *policy.Policy {
	p, q := bank(), everything()
	p.Actions = append(q.Actions, p.Actions...)
	p.Signals = merge(p.Signals, q.Signals)
	return p
}

func merge(a, b []*policy.Signal) []*policy.Signal {
	var out []*policy.Signal
	for len(a) > 0 && len(b) > 0 {
		if a[0].Name < b[0].Name {
			out, a = append(out, a[0]), a[1:]
		} else {
			out, b = append(out, b[0]), b[1:]
		}
	}
	return append(append(out, a...), b...)
}

func FuzzRequest(f *testing.F) {
	seeds := []string{
		everyday, ``, `null`, `{}`, `{"action":"a"}`, `{"action":"profile.view","now":"2026-11-20T12:00:00Z","posture":"elevated","params":{"limit":1e3,"tags":[{}],"window":"90s","zone":{"country":"FR"}}}`,
		`{"action":"a","action":"a"}`, `{"action":"a","signals":{"int":"9007199254740993","uint":18446744073709551615,"double":-0.0,"bytes":"AP8=","timestamp":"2026-11-20T12:00:00.5+01:00"}}`,
		`{"action":"a","signals":{"any":{"b":[1e5,"\ud834\udd1e",null],"a":{"":true}},"map":{"z":0,"a":50e-1},"cidr":"10.0.0.0/8","ip":"::ffff:192.0.2.7","duration":"-1.5h"}}`,
		`{"action":"a","signals":{"list":[1,2,3,4],"secret":{"map":{"k":"v"}}}}`, `{"signals":{"session":{"level":3}},"action":"profile.view"}`, `{"signals":{"session":{"level":null},"resource":null},"action":"profile.view"}`,
		`{"action":"a","signals":{"string":"\ud800","object":{"any":null,"deep":{"n":5.0}}}}`, "{\"action\":\"a\",\"signals\":{\"string\":\"\xff\"}}", `{"action":"a","signals":{"x":{"a":1,"\u0061":1}}}`,
		`{"action":"a","signals":{"any":` + nested(62) + `}}`, `{"action":"a","signals":{"any":` + nested(63) + `}}`, `{"action":"a","signals":{"int":1e999999999,"double":1e999}}`,
	}
	for _, s := range seeds {
		f.Add([]byte(s), true, false)
		f.Add([]byte(s), false, true)
	}
	p := both()
	f.Fuzz(func(t *testing.T, text []byte, trusted, lenient bool) {
		agree(t, p, text, codec.Options{Trusted: trusted, Lenient: lenient})
	})
}

// TestReadersAgree makes requests by the types of a policy, most of them right, and reads them with both readers.
func TestReadersAgree(t *testing.T) {
	t.Parallel()
	p := both()
	accepted := 0
	rapid.Check(t, func(t *rapid.T) {
		g := generator{T: t}
		action := rapid.SampledFrom(p.Actions).Draw(t, "action")
		o := codec.Options{Trusted: rapid.Bool().Draw(t, "trusted"), Lenient: rapid.Bool().Draw(t, "lenient")}
		members := []string{g.quoted("action") + ":" + g.quoted(action.Name)}
		var signals []string
		for range g.n(6) {
			s := rapid.SampledFrom(p.Signals).Draw(t, "signal")
			signals = append(signals, g.quoted(s.Name)+":"+g.value(s.Type))
		}
		if action.Resource != nil && g.one(2) {
			signals = append(signals, g.quoted("resource")+":"+g.value(action.Resource))
		}
		members = append(members, g.quoted("signals")+":"+g.braces(signals))
		if o.Trusted != g.one(20) {
			members = append(members, `"now":`+g.value(policy.Timestamp), `"posture":`+g.quoted(rapid.SampledFrom([]string{"normal", "elevated", "elevated", "x"}).Draw(t, "posture")))
			param := rapid.SampledFrom(p.Params).Draw(t, "param")
			members = append(members, `"params":`+g.braces([]string{g.quoted(param.Name) + ":" + g.value(param.Type)}))
		}
		if agree(t, p, []byte(g.braces(rapid.Permutation(members).Draw(t, "order"))), o) {
			accepted++
		}
	})
	if accepted == 0 {
		t.Error("no request was accepted: the test says nothing")
	}
}

// generator draws texts.
type generator struct{ *rapid.T }

func (g generator) n(most int) int { return rapid.IntRange(0, most).Draw(g.T, "n") }

// one is true once in n times.
func (g generator) one(n int) bool { return rapid.IntRange(1, n).Draw(g.T, "one") == n }

func (g generator) space() string {
	return rapid.SampledFrom([]string{"", "", "", " ", "\n", "\t\r"}).Draw(g.T, "space")
}

func (g generator) braces(members []string) string {
	return "{" + g.space() + strings.Join(members, g.space()+","+g.space()) + "}" + g.space()
}

// quoted writes a string in one of the many ways that JSON has.
func (g generator) quoted(s string) string {
	if !g.one(8) {
		return strconv.Quote(s)
	}
	var b strings.Builder
	for _, r := range s {
		b.WriteString(`\u` + strconv.FormatInt(0x10000+int64(r), 16)[1:])
	}
	return `"` + b.String() + `"`
}

func (g generator) of(texts ...string) string { return rapid.SampledFrom(texts).Draw(g.T, "text") }

// value writes a value of a type, now and then another.
func (g generator) value(t *policy.Type) string {
	if g.one(60) {
		return g.of("null", "true", "-1", "1.5", `"x"`, "[]", "{}", `[{"a":1,"a":2}]`, `"\udc00"`, `{"x":null}`, "01", "1e400")
	}
	switch t.Kind {
	case policy.KindBool:
		return g.of("true", "false")
	case policy.KindInt, policy.KindUint:
		return g.of("0", "5", "5.0", "1e3", "120e-1", "9007199254740992", `"18"`, `"9007199254740993"`, "0.5e1", strconv.Itoa(rapid.IntRange(0, 1<<40).Draw(g.T, "int")))
	case policy.KindDouble:
		return g.of("0", "-0", "0.1", "1E5", "-12.5e-3", strconv.FormatFloat(rapid.Float64Range(-1e300, 1e300).Draw(g.T, "double"), 'g', -1, 64))
	case policy.KindString:
		return g.of(`""`, `"x"`, `"\ud834\udd1e\n\/"`, `"é€𝄞"`, g.quoted("bank"))
	case policy.KindBytes:
		return g.of(`""`, `"AP8="`, `"YWJj"`)
	case policy.KindTimestamp:
		return g.of(`"2026-11-20T12:00:00Z"`, `"2026-11-20T12:00:00.000000001-01:30"`, `"0001-01-01T00:00:00Z"`)
	case policy.KindDuration:
		return g.of(`"90s"`, `"-1h30m0.5s"`, `"2562047h47m16.854775807s"`)
	case policy.KindIP:
		return g.of(`"192.0.2.7"`, `"2001:db8::7"`, `"::ffff:192.0.2.7"`)
	case policy.KindCIDR:
		return g.of(`"192.0.2.0/24"`, `"::/0"`, `"::ffff:0.0.0.0/96"`)
	case policy.KindList:
		entries := make([]string, g.n(3))
		for i := range entries {
			entries[i] = g.value(t.Elem)
		}
		return "[" + g.space() + strings.Join(entries, g.space()+",") + "]"
	case policy.KindMap:
		var members []string
		for _, name := range []string{"b", "", "a", "é"}[:g.n(4)] {
			members = append(members, g.quoted(name)+":"+g.value(t.Elem))
		}
		return g.braces(members)
	case policy.KindObject:
		var members []string
		for _, a := range t.Attrs {
			if g.one(3) && (a.Name != "level" || g.one(20)) {
				members = append(members, g.quoted(a.Name)+":"+g.space()+g.value(a.Type))
			}
		}
		return g.braces(members)
	}
	return g.of("null", "true", "1.5", `"x"`, "[[1],{}]", `{"b":{"c":null},"a":[]}`)
}
