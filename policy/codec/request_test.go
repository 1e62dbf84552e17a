package codec_test

import (
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/codec"
)

// values compares what cmp cannot look into.
var values = cmp.Comparer(func(a, b netip.Addr) bool { return a == b })

var prefixes = cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })

// list is a list of n entries.
func list(n int, entry string) string {
	return "[" + strings.TrimSuffix(strings.Repeat(entry+",", n), ",") + "]"
}

// object is an object of n members.
func object(n int, value string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(",\"k" + strconv.Itoa(i) + "\":" + value)
	}
	return "{" + strings.TrimPrefix(b.String(), ",") + "}"
}

func nested(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }

func TestDecodeRequest(t *testing.T) {
	t.Parallel()
	p := bank()
	r, err := decode(p, []byte(everyday), codec.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := &policy.Request{
		Action: "transfer.create",
		Signals: []policy.Value{
			&policy.Object{Attrs: []policy.Value{int64(0), nil, false, 0.12, nil}},
			&policy.Object{Attrs: []policy.Value{"Safari", nil, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), "d-4", false, "iOS", "19.1", true}},
			&policy.Object{Attrs: []policy.Value{int64(64500), nil, "FR", nil, netip.MustParseAddr("192.0.2.7"), 48.85, 2.35, nil, nil, false, false}},
			&policy.Object{Attrs: []policy.Value{
				"urn:bank:acr:pwd",
				[]policy.Value{"pwd", "otp"},
				time.Date(2026, 11, 20, 11, 0, 0, 0, time.UTC), nil, "FR", "s-9f2",
				netip.MustParseAddr("192.0.2.7"), nil, nil,
			}},
			&policy.Object{Attrs: []policy.Value{nil, "FR", nil, []policy.Value{"staff", "retail"}, "u-17", nil, 8760 * time.Hour, "user"}},
		},
		Resource: &policy.Object{Attrs: []policy.Value{1200.5, "EUR", "FR", true}},
	}
	if diff := cmp.Diff(want, r, values, prefixes); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestDecodeRequestMembers(t *testing.T) {
	t.Parallel()
	p := bank()
	signals := func(i int, v policy.Value) []policy.Value {
		out := make([]policy.Value, len(p.Signals))
		out[i] = v
		return out
	}
	none := make([]policy.Value, len(p.Signals))
	device := p.SignalIndex("device")
	id := func(s string) *policy.Object {
		o := policy.NewObject(p.Signals[device].Type)
		o.Attrs[p.Signals[device].Type.Slot("id")] = s
		return o
	}
	resource := func(amount policy.Value) *policy.Object {
		return &policy.Object{Attrs: []policy.Value{amount, nil, nil, nil}}
	}
	trusted, lenient := codec.Options{Trusted: true}, codec.Options{Lenient: true}
	cases := []struct {
		name, text string
		options    codec.Options
		want       *policy.Request
	}{
		{"action alone", `{"action":"profile.view"}`, codec.Options{}, &policy.Request{Action: "profile.view", Signals: none}},
		{"white space", " { \"action\" :\t\"profile.view\" ,\r\n\"signals\" : { } } ", codec.Options{}, &policy.Request{Action: "profile.view", Signals: none}},
		{"escaped names", `{"\u0061ction":"profile\u002eview","signals":{"devic\u0065":{"i\u0064":"\ud83d\ude00"}}}`, codec.Options{}, &policy.Request{Action: "profile.view", Signals: signals(device, id("😀"))}},
		{"signals before the action", `{"signals":{"resource":{"amount":5}},"action":"transfer.create"}`, codec.Options{}, &policy.Request{Action: "transfer.create", Signals: none, Resource: resource(5.0)}},
		{"empty signal", `{"action":"profile.view","signals":{"device":{}}}`, codec.Options{}, &policy.Request{Action: "profile.view", Signals: signals(device, policy.NewObject(p.Signals[device].Type))}},
		{"null signal", `{"action":"profile.view","signals":{"device":null}}`, codec.Options{}, &policy.Request{Action: "profile.view", Signals: signals(device, policy.Null{})}},
		{"null attribute", `{"action":"profile.view","signals":{"device":{"os":null,"id":"d"}}}`, codec.Options{}, &policy.Request{Action: "profile.view", Signals: signals(device, id("d"))}},
		{"null level", `{"action":"profile.view","signals":{"session":{"level":null}}}`, codec.Options{}, &policy.Request{Action: "profile.view", Signals: signals(p.SignalIndex("session"), policy.NewObject(p.Signal("session").Type))}},
		{"null resource", `{"action":"transfer.create","signals":{"resource":null}}`, codec.Options{}, &policy.Request{Action: "transfer.create", Signals: none, Resource: policy.Null{}}},
		{"null resource of an action without", `{"action":"profile.view","signals":{"resource":null}}`, codec.Options{}, &policy.Request{Action: "profile.view", Signals: none, Resource: policy.Null{}}},

		{"the host's", `{"action":"profile.view","now":"2026-11-20T13:00:00+01:00","posture":"elevated","params":{"window":"5m","tags":null}}`, trusted, &policy.Request{
			Action: "profile.view", Signals: none, Now: time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC), HasNow: true, Posture: "elevated", Params: []policy.Value{nil, policy.Null{}, 5 * time.Minute, nil},
		}},
		{"the first moment", `{"action":"profile.view","now":"0001-01-01T00:00:00Z"}`, trusted, &policy.Request{Action: "profile.view", Signals: none, HasNow: true}},
		{"posture normal", `{"action":"profile.view","posture":"normal"}`, trusted, &policy.Request{Action: "profile.view", Signals: none}},
		{"no params", `{"action":"profile.view","params":{}}`, trusted, &policy.Request{Action: "profile.view", Signals: none, Params: make([]policy.Value, 4)}},

		{"unknown signals", `{"action":"profile.view","signals":{"velocity":{"n":[1,2]},"weather":null,"now":1,"device":{"id":"d"}}}`, lenient, &policy.Request{Action: "profile.view", Signals: signals(device, id("d")), Ignored: 3}},
		{"unknown attributes", `{"action":"transfer.create","signals":{"device":{"colour":"red","id":"d"},"resource":{"memo":"x","amount":5,"iban":{}}}}`, lenient, &policy.Request{Action: "transfer.create", Signals: signals(device, id("d")), Resource: resource(5.0), Ignored: 3}},
		{"long lists in unknown signals", `{"action":"profile.view","signals":{"x":` + list(2000, "1e999") + `}}`, lenient, &policy.Request{Action: "profile.view", Signals: none, Ignored: 1}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, err := decode(p, []byte(c.text), c.options)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, r, values, prefixes); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestOptionalSession reads a session that somebody has declared as something else.
func TestOptionalSession(t *testing.T) {
	t.Parallel()
	for _, typ := range []*policy.Type{policy.Any, policy.ObjectOf("session", attr("acr", policy.String))} {
		p := &policy.Policy{Actions: []*policy.Action{{Name: "a"}}, Signals: []*policy.Signal{{Name: "session", Type: typ}}}
		r, err := decode(p, []byte(`{"action":"a","signals":{"session":{"acr":"x"}}}`), codec.Options{})
		if err != nil || r.Signals[0] == nil {
			t.Errorf("%v: %+v, %v", typ, r, err)
		}
	}
}

// TestComputedLevel sends the level where it is the session's first attribute.
func TestComputedLevel(t *testing.T) {
	t.Parallel()
	p := &policy.Policy{Actions: []*policy.Action{{Name: "a"}}, Signals: []*policy.Signal{{Name: "session", Type: policy.ObjectOf("session", attr("level", policy.Int))}}}
	_, err := decode(p, []byte(`{"action":"a","signals":{"session":{"level":0}}}`), codec.Options{Trusted: true, Lenient: true})
	if err == nil || err.Path != "/signals/session/level" {
		t.Errorf("got %v", err)
	}
}

func TestDecodeRequestRefuses(t *testing.T) {
	t.Parallel()
	p := bank()
	trusted, lenient := codec.Options{Trusted: true}, codec.Options{Lenient: true}
	both := codec.Options{Trusted: true, Lenient: true}
	cases := []struct {
		text    string
		options codec.Options
		path    string
		message string // a part of it
	}{
		// Not JSON: no path, whatever else is wrong.
		{``, both, "", "not JSON: expected a value at byte 0"},
		{"\ufeff{}", both, "", "not JSON"},
		{`{"action":"profile.view"} x`, both, "", "not JSON: expected the end of the text at byte 26"},
		{`{"action":"profile.view","signals":{"device":{"id":"\ud800","id":1}}`, both, "", "not JSON"},
		{strings.Repeat("[", 1<<20), both, "", "not JSON"},
		{`{"action":"profile.view"}` + strings.Repeat(" ", 1<<20), both, "", "longer than 1048576 bytes"},

		// The request itself.
		{`[]`, codec.Options{}, "", "expected a request, which is an object, got a list"},
		{`null`, codec.Options{}, "", "got null"},
		{`{}`, codec.Options{}, "/action", "no action"},
		{`{"Action":"profile.view"}`, codec.Options{}, "/action", "no action"},
		{`{"action":null}`, codec.Options{}, "/action", "expected the name of an action, got null"},
		{`{"action":["profile.view"]}`, codec.Options{}, "/action", "got a list"},
		{`{"x":1,"action":5}`, codec.Options{}, "/action", "got the number 5"},
		{`{"action":"profile.view","x":1}`, both, "/x", "no member `x`"},
		{`{"action":"profile.view","a/b~c":1}`, both, "/a~1b~0c", "no member `a/b~c`"},
		{`{"action":"profile.view","signals":null}`, codec.Options{}, "/signals", "expected an object of signals, got null"},
		{`{"action":"profile.view","signals":[]}`, codec.Options{}, "/signals", "got a list"},
		{`{"action":"profile.view","resource":{}}`, both, "/resource", "no member `resource`"},

		// The host's.
		{`{"action":"profile.view","now":"2026-11-20T12:00:00Z"}`, lenient, "/now", "`now` is the host's"},
		{`{"action":"profile.view","posture":"normal"}`, lenient, "/posture", "`posture` is the host's"},
		{`{"action":"profile.view","params":null}`, lenient, "/params", "`params` is the host's"},
		{`{"action":"profile.view","now":1}`, trusted, "/now", "expected a timestamp such as"},
		{`{"action":"profile.view","now":"2026-11-20"}`, trusted, "/now", `the string "2026-11-20" is not a timestamp`},
		{`{"action":"profile.view","posture":"high"}`, both, "/posture", "no posture `high`"},
		{`{"action":"profile.view","posture":""}`, both, "/posture", "no posture ``"},
		{`{"action":"profile.view","posture":1}`, trusted, "/posture", "expected the name of a posture, got the number 1"},
		{`{"action":"profile.view","params":[]}`, trusted, "/params", "expected an object of params, got a list"},
		{`{"action":"profile.view","params":{"limt":5}}`, both, "/params/limt", "no param `limt`"},
		{`{"action":"profile.view","params":{"limit":"5"}}`, trusted, "/params/limit", `expected a number, got the string "5"`},
		{`{"action":"profile.view","params":{"limit":null}}`, trusted, "/params/limit", "expected a number, got null"},
		{`{"action":"profile.view","signals":{"x":1},"params":{"zone":{"country":"FR","x":1}}}`, both, "/params/zone/x", "no attribute `x`"},

		// Signals.
		{`{"action":"profile.view","signals":{"devise":{}}}`, trusted, "/signals/devise", "no signal `devise`"},
		{`{"action":"profile.view","signals":{"now":"2026-11-20T12:00:00Z"}}`, trusted, "/signals/now", "no signal `now`"},
		{`{"action":"profile.view","signals":{"device":{"colour":"red"}}}`, trusted, "/signals/device/colour", "`device` has no attribute `colour`"},
		{`{"action":"profile.view","signals":{"device":{"colour":null}}}`, trusted, "/signals/device/colour", "`device` has no attribute `colour`"},
		{`{"action":"profile.view","signals":{"device":"d"}}`, both, "/signals/device", `expected an object, got the string "d"`},
		{`{"action":"profile.view","signals":{"device":{"trusted":"yes"}}}`, both, "/signals/device/trusted", `expected true or false, got the string "yes"`},
		{`{"action":"profile.view","signals":{"device":{"id":true}}}`, both, "/signals/device/id", "expected a string, got true"},
		{`{"action":"profile.view","signals":{"session":{"level":3}}}`, both, "/signals/session/level", "the level of a session is computed"},
		{`{"action":"profile.view","signals":{"session":{"authentications":[{"time":"2026-11-20T12:00:00Z"},{"amr":["pwd",null]}]}}}`, both, "/signals/session/authentications/1/amr/1", "expected a string, got null"},
		{`{"action":"profile.view","signals":{"subject":{"enrolled":` + list(33, `"otp"`) + `}}}`, both, "/signals/subject/enrolled", "there are 33 entries; at most 32"},
		{`{"action":"profile.view","signals":{"resource":{}}}`, both, "/signals/resource", "`profile.view` declares no resource"},
		{`{"action":"profile.view","signals":{"resource":5}}`, both, "/signals/resource", "`profile.view` declares no resource"},
		{`{"action":"transfer.create","signals":{"resource":{"memo":"x"}}}`, trusted, "/signals/resource/memo", "`resource` has no attribute `memo`"},
		{`{"action":"transfer.create","signals":{"resource":{"amount":1e400}}}`, both, "/signals/resource/amount", "the number 1e400 is beyond the range of double"},

		// Sizes, nesting, duplicate names and bad text come before the policy is asked, in what is ignored too.
		{`{"action":"profile.view","action":"profile.view"}`, both, "", "has the name `action` twice"},
		{`{"action":"nobody.knows","signals":{"device":{"id":1,"i\u0064":2}}}`, both, "/signals/device", "has the name `id` twice"},
		{`{"action":"profile.view","signals":{"x":{"y":[0,{"a":1,"a":1}]}}}`, both, "/signals/x/y/1", "has the name `a` twice"},
		{`{"action":"profile.view","signals":{"x":` + strings.TrimSuffix(object(20, "1"), "}") + `,"k7":1}}}`, both, "/signals/x", "has the name `k7` twice"},
		{`{"action":"profile.view","signals":{"device":{"id":"\ud800"}}}`, both, "/signals/device/id", "half of a surrogate pair"},
		{`{"action":"profile.view","signals":{"device":{"\udc00":1}}}`, both, "/signals/device", "half of a surrogate pair"},
		{"{\"action\":\"profile.view\",\"signals\":{\"device\":{\"id\":\"\xff\"}}}", both, "/signals/device/id", "not UTF-8"},
		{"{\"action\":\"profile.view\",\"signals\":{\"x\":[{\"\xff\":\"\\ud800\"}]}}", both, "/signals/x/0", "not UTF-8"},
		{`{"action":"profile.view","signals":{"device":{"id":"` + strings.Repeat("x", 65_537) + `"}}}`, both, "/signals/device/id", "has 65537 bytes; at most 65536"},
		{`{"action":"profile.view","signals":{"x":["` + strings.Repeat("é", 32_769) + `","` + strings.Repeat("x", 70_000) + `"]}}`, both, "/signals/x/0", "has 65538 bytes"},
		// The size is that of the text which is meant.
		{`{"action":"profile.view","signals":{"x":"` + strings.Repeat(`\n`, 65_537) + `"}}`, both, "/signals/x", "has 65537 bytes"},
		{`{"action":"profile.view","signals":{"x":"` + strings.Repeat(`\u0041`, 65_537) + `"}}`, both, "/signals/x", "has 65537 bytes"},
		{`{"action":"profile.view","signals":{"x":"a` + strings.Repeat(`\ud834\udd1e`, 16_384) + `"}}`, both, "/signals/x", "has 65537 bytes"},
		{`{"action":"profile.view","signals":{"x":"` + strings.Repeat(`\u20ac\u00e9`, 13_108) + `"}}`, both, "/signals/x", "has 65540 bytes"},
		{`{"action":"profile.view","signals":{"device":{"` + strings.Repeat("x", 65_537) + `":1}}}`, both, "/signals/device", "has 65537 bytes"},
		{`{"action":"profile.view","signals":{"x":` + nested(63) + `}}`, both, "/signals/x" + strings.Repeat("/0", 61), "nested 65 deep; at most 64"},
		{nested(65), both, strings.Repeat("/0", 63), "nested 65 deep"},
		{nested(1000), both, strings.Repeat("/0", 63), "nested 65 deep"},
		// The first place that ends counts.
		{`{"action":"profile.view","signals":{"x":{"a":"\ud800","a":1}}}`, both, "/signals/x/a", "half of a surrogate pair"},
		{`{"action":"profile.view","signals":{"x":{"a":1,"a":1},"y":"\ud800"}}`, both, "/signals/x", "twice"},

		// The action comes before the rest.
		{`{"x":1,"signals":{"device":5}}`, both, "/action", "no action"},
		// Then the text's order counts.
		{`{"action":"profile.view","signals":{"device":5},"x":1}`, both, "/signals/device", "expected an object"},
		{`{"action":"profile.view","x":1,"signals":{"device":5}}`, both, "/x", "no member"},
	}
	for _, c := range cases {
		r, err := decode(p, []byte(c.text), c.options)
		if err == nil {
			t.Errorf("%.120s: accepted as %+v", c.text, r)
			continue
		}
		if r != nil || err.Code != policy.InvalidRequest || err.Path != c.path || !strings.Contains(err.Message, c.message) {
			t.Errorf("%.120s:\n got %v, %v\nwant %v at %q: %s", c.text, r, err, policy.InvalidRequest, c.path, c.message)
		}
	}
}

func TestUnknownAction(t *testing.T) {
	t.Parallel()
	for text, message := range map[string]string{
		`{"action":"transfer.creat"}`:                             "no action `transfer.creat` is declared; did you mean `transfer.create`?",
		`{"x":1,"action":""}`:                                     "no action `` is declared",
		`{"action":"Profile.View","signals":{"device":5}}`:        "no action `Profile.View` is declared; did you mean `profile.view`?",
		`{"action":"a\u202eb\u0000\"` + "`" + `c"}`:               "no action `a\\u202eb\\x00\\\"`c` is declared",
		`{"action":"` + strings.Repeat("é", 39) + `ab"}`:          "no action `" + strings.Repeat("é", 39) + "a…` is declared",
		`{"action":"` + strings.Repeat("é", 40) + `"}`:            "no action `" + strings.Repeat("é", 40) + "` is declared",
		`{"action":"` + strings.Repeat("profile.view", 10) + `"}`: "no action `profile.viewprofile.viewprofile.viewprof…` is declared",
	} {
		_, err := decode(bank(), []byte(text), codec.Options{Trusted: true})
		want := &policy.RequestError{Code: policy.UnknownAction, Path: "/action", Message: message}
		if diff := cmp.Diff(want, err); diff != "" {
			t.Errorf("%s: -want +got:\n%s", text, diff)
		}
	}
}

// TestLikely shows that a mistyped name is told from what it likely is, in bounded time, and that a sensitive signal says nothing.
func TestLikely(t *testing.T) {
	t.Parallel()
	p := &policy.Policy{Signals: []*policy.Signal{
		{Name: "device", Type: policy.ObjectOf("device", policy.Attr{Name: "trusted", Type: policy.Bool})},
		{Name: "secret", Sensitive: true, Type: policy.ObjectOf("secret", policy.Attr{Name: "number", Type: policy.String})},
	}}
	for i := range 20_000 {
		p.Actions = append(p.Actions, &policy.Action{Name: fmt.Sprintf("a%05d", i)})
	}
	few := &policy.Policy{Signals: p.Signals, Actions: p.Actions[:3]}
	for _, tt := range []struct {
		policy        *policy.Policy
		text, message string
	}{
		{few, `{"action":"a0000"}`, "no action `a0000` is declared; did you mean `a00000`?"},
		{p, `{"action":"b0000"}`, "no action `b0000` is declared"}, // too many to look at
		{few, `{"action":"a00000","signals":{"devcie":{}}}`, "no signal `devcie` is declared; did you mean `device`?"},
		{few, `{"action":"a00000","signals":{"wholly":{}}}`, "no signal `wholly` is declared"},
		{few, `{"action":"a00000","signals":{"device":{"trsuted":"hidden"}}}`, "`device` has no attribute `trsuted`; did you mean `trusted`?"},
		{few, `{"action":"a00000","signals":{"secret":{"nubmer":"hidden"}}}`, "an attribute is not declared"},
	} {
		_, err := decode(tt.policy, []byte(tt.text), codec.Options{})
		if err == nil || err.Message != tt.message {
			t.Errorf("%s: %v, want %s", tt.text, err, tt.message)
		}
	}
}

// TestShown shows that of a name or value 40 characters are shown, and how many there are beyond does not matter.
func TestShown(t *testing.T) {
	t.Parallel()
	attr := strings.Repeat("x", 60)
	p := &policy.Policy{
		Actions: []*policy.Action{{Name: "a", Resource: policy.ObjectOf("resource", policy.Attr{Name: attr, Type: policy.Bool})}},
		Signals: []*policy.Signal{{Name: "n", Type: policy.Int}},
	}
	forty := strings.Repeat("7", 40)
	for text, message := range map[string]string{
		`{"action":"a","signals":{"n":"` + forty + `"}}`:                   "the string \"" + forty + "\"",
		`{"action":"a","signals":{"n":"` + forty + `8"}}`:                  "the string \"" + forty + "…\"",
		`{"action":"a","signals":{"n":` + forty + `}}`:                     "the number " + forty,
		`{"action":"a","signals":{"n":` + forty + `8}}`:                    "the number " + forty + "…",
		`{"action":"a","signals":{"` + forty + `8":1}}`:                    "no signal `" + forty + "…` is declared",
		`{"action":"a","signals":{"resource":{"` + attr[1:] + `":1}}}`:     "`resource` has no attribute `" + attr[:40] + "…`; did you mean `" + attr[:40] + "…`?",
		`{"action":"a","posture":"` + forty + `8"}`:                        "no posture `" + forty + "…` is declared",
		`{"action":"a","params":{"` + strings.Repeat("é", 41) + `":1}}`:    "no param `" + strings.Repeat("é", 40) + "…` is declared",
		`{"action":"a","` + strings.Repeat("é", 41) + `":1}`:               "a request has no member `" + strings.Repeat("é", 40) + "…`",
		`{"action":"a","signals":{"` + forty + `8":1,"` + forty + `8":2}}`: "the object has the name `" + forty + "…` twice",
	} {
		_, err := decode(p, []byte(text), codec.Options{Trusted: true})
		if err == nil || !strings.HasSuffix(err.Message, message) && !strings.HasPrefix(err.Message, message) {
			t.Errorf("%s: %v, want %s", text, err, message)
		}
	}
}

// TestValues reads values of every type.
func TestValues(t *testing.T) {
	t.Parallel()
	p := everything()
	m := func(keysAndValues ...any) *policy.Map {
		out := &policy.Map{Keys: []string{}, Values: []policy.Value{}}
		for i := 0; i < len(keysAndValues); i += 2 {
			out.Keys = append(out.Keys, keysAndValues[i].(string))
			out.Values = append(out.Values, keysAndValues[i+1])
		}
		return out
	}
	l := func(vs ...policy.Value) []policy.Value { return append([]policy.Value{}, vs...) }
	cases := []struct {
		signal, text string
		want         policy.Value
	}{
		{"bool", "true", true},
		{"bool", "false", false},
		{"int", "5", int64(5)},
		{"int", "5.0", int64(5)},
		{"int", "1e3", int64(1000)},
		{"int", "1.5E+1", int64(15)},
		{"int", "-0", int64(0)},
		{"int", "-0.0e5", int64(0)},
		{"int", "0e999999999999999999999", int64(0)},
		{"int", "0.000e-99999999999", int64(0)},
		{"int", "500e-2", int64(5)},
		{"int", "0.005e3", int64(5)},
		{"int", "100000000000000000000e-18", int64(100)},
		{"int", "-12.340e2", int64(-1234)},
		{"int", "9007199254740992", int64(1 << 53)},
		{"int", "-9007199254740992", int64(-1 << 53)},
		{"int", "9007199254740992.000", int64(1 << 53)},
		{"int", "900719925474099200e-2", int64(1 << 53)},
		{"int", "0." + strings.Repeat("0", 5000) + "7e5001", int64(7)},
		{"int", `"5"`, int64(5)},
		{"int", `"-9223372036854775808"`, int64(math.MinInt64)},
		{"int", `"9007199254740993"`, int64(1<<53 + 1)},
		{"uint", "5", uint64(5)},
		{"uint", "-0", uint64(0)},
		{"uint", "5.00", uint64(5)},
		{"uint", "9007199254740992", uint64(1 << 53)},
		{"uint", `"18446744073709551615"`, uint64(math.MaxUint64)},
		{"double", "5", 5.0},
		{"double", "0.1", 0.1},
		{"double", "-1.5e-3", -0.0015},
		{"double", "1e-400", 0.0},
		{"double", "1.7976931348623157e308", math.MaxFloat64},
		{"double", "123456789012345678901234567890", 123456789012345678901234567890.0},
		{"string", `""`, ""},
		{"string", `"a\"\\\/\b\f\n\r\t\u0041\u00e9\u20ac\ud834\udd1e\u0000é€𝄞"`, "a\"\\/\b\f\n\r\tAé€𝄞\x00é€𝄞"},
		{"string", `"` + strings.Repeat(`\u0041`, 65_536) + `"`, strings.Repeat("A", 65_536)},
		{"string", `"` + strings.Repeat(`\ud834\udd1e`, 16_384) + `"`, strings.Repeat("𝄞", 16_384)},
		{"bytes", `"AP8="`, []byte{0, 255}},
		{"timestamp", `"2026-11-20T12:00:00.5Z"`, time.Date(2026, 11, 20, 12, 0, 0, 5e8, time.UTC)},
		{"duration", `"1h30m"`, 90 * time.Minute},
		{"ip", `"::ffff:192.0.2.7"`, netip.MustParseAddr("192.0.2.7")},
		{"cidr", `"2001:db8::/32"`, netip.MustParsePrefix("2001:db8::/32")},
		{"list", "[]", l()},
		{"list", "[1,2,3]", l(int64(1), int64(2), int64(3))},
		{"open", list(1000, "true"), slices.Repeat(l(true), 1000)},
		{"list_any", `[null,[null],{"a":null}]`, l(policy.Null{}, l(policy.Null{}), m("a", policy.Null{}))},
		{"map", "{}", m()},
		{"map", `{"b":2,"":0,"a":1,"\u0041":3,"é":4}`, m("", int64(0), "A", int64(3), "a", int64(1), "b", int64(2), "é", int64(4))},
		{"map", `{"a":1,"b":2}`, m("a", int64(1), "b", int64(2))},
		{"map_any", `{"x":null,"device":{"x":1}}`, m("device", m("x", 1.0), "x", policy.Null{})},
		{"any", "true", true},
		{"any", "false", false},
		{"any", "5", 5.0},
		{"any", `"x"`, "x"},
		{"any", `{"b":[1,"2",false,null],"a":{}}`, m("a", m(), "b", l(1.0, "2", false, policy.Null{}))},
		{"any", "null", policy.Null{}},
		{"object", `{"any":null,"deep":{"n":null,"any":[null],"tags":["a"]}}`, &policy.Object{Attrs: l(policy.Null{}, &policy.Object{Attrs: l(l(policy.Null{}), nil, l("a"))}, nil)}},
		{"list_object", `[{},{"n":1}]`, l(&policy.Object{Attrs: l(nil, nil, nil)}, &policy.Object{Attrs: l(nil, int64(1), nil)})},
	}
	for _, c := range cases {
		r, err := decode(p, []byte(`{"action":"a","signals":{"`+c.signal+`":`+c.text+`}}`), codec.Options{})
		if err != nil {
			t.Errorf("%s %.80s: %v", c.signal, c.text, err)
			continue
		}
		if diff := cmp.Diff(c.want, r.Signals[p.SignalIndex(c.signal)], values, prefixes); diff != "" {
			t.Errorf("%s %.80s: -want +got:\n%s", c.signal, c.text, diff)
		}
	}
	r, err := decode(p, []byte(`{"action":"a","signals":{"many":{"z":26,"a":1}}}`), codec.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if o := r.Signals[p.SignalIndex("many")].(*policy.Object); o.Attrs[0] != int64(1) || o.Attrs[25] != int64(26) || o.Attrs[1] != nil {
		t.Errorf("many: %v", o.Attrs)
	}
}

func TestValuesRefused(t *testing.T) {
	t.Parallel()
	p := everything()
	cases := []struct{ signal, text, path, message string }{
		{"bool", "1", "", "expected true or false, got the number 1"},
		{"bool", `"true"`, "", `got the string "true"`},
		{"int", "5.5", "", "the number 5.5 is not a whole number"},
		{"int", "1e-1", "", "not a whole number"},
		{"int", "1e-99999999999999999999", "", "not a whole number"},
		{"int", "9007199254740992.5", "", "not a whole number"},
		{"int", "9007199254740993", "", "the number 9007199254740993 is beyond 2^53, where numbers are rounded; send it as a string"},
		{"int", "-9007199254740993", "", "beyond 2^53"},
		{"int", "1e16", "", "beyond 2^53"},
		{"int", "1e99999999999999999999", "", "beyond 2^53"},
		{"int", strings.Repeat("9", 41), "", "the number " + strings.Repeat("9", 40) + "… is beyond"},
		{"int", `"05"`, "", `the string "05" is not an integer as JSON writes it: no leading zeros`},
		{"int", `"5.0"`, "", "is not an integer"},
		{"int", `"9223372036854775808"`, "", "is beyond the range of int"},
		{"int", "true", "", "expected a whole number (int), got true"},
		{"uint", "-1", "", "the number -1 is below the range of uint"},
		{"uint", "1.5", "", "not a whole number"},
		{"uint", `"-1"`, "", "beyond the range of uint"},
		{"uint", "[]", "", "expected a whole number (uint), got a list"},
		{"double", `"NaN"`, "", `expected a number, got the string "NaN"`},
		{"double", "1.8e308", "", "beyond the range of double"},
		{"double", "-1e999", "", "beyond the range of double"},
		{"string", "5", "", "expected a string, got the number 5"},
		{"bytes", `"AP8"`, "", "is not base64"},
		{"bytes", "[0]", "", "expected a string of base64, got a list"},
		{"timestamp", `"2026-11-20t12:00:00Z"`, "", "is not a timestamp"},
		{"timestamp", "0", "", "expected a timestamp such as"},
		{"duration", `"1d"`, "", "is not a duration"},
		{"duration", "90", "", `expected a duration such as "90s", got the number 90`},
		{"ip", `"fe80::1%eth0"`, "", "is not an IP address"},
		{"ip", "{}", "", "expected an IP address as a string, got an object"},
		{"cidr", `"192.0.2.7"`, "", "is not an address range"},
		{"cidr", `"192.0.2.7/24"`, "", `the string "192.0.2.7/24" is not an address range: bits below the prefix are set; write 192.0.2.0/24`},
		{"cidr", "24", "", "expected an address range as a string, got the number 24"},
		{"list", "{}", "", "expected a list, got an object"},
		{"list", "[1,2,3,4]", "", "there are 4 entries; at most 3 are allowed"},
		{"list", "[1,null]", "/1", "expected a whole number (int), got null"},
		{"open", list(1001, "true"), "", "at most 1000"},
		{"list_object", "[{},null]", "/1", "expected an object, got null"},
		{"list_object", `[{"x":1}]`, "/0/x", "no attribute `x` is declared"},
		{"map", "[]", "", "expected an object, got a list"},
		{"map", object(1001, "1"), "", "there are 1001 entries; at most 1000"},
		{"map", `{"a":null}`, "/a", "got null"},
		{"map", `{"a":1,"b/~":"x"}`, "/b~1~0", "is not an integer"},
		{"map_any", `{"a":` + list(1001, "1") + `}`, "/a", "at most 1000"},
		{"any", list(1001, "null"), "", "at most 1000"},
		{"any", `{"a":[` + object(1001, "null") + `]}`, "/a/0", "at most 1000"},
		{"any", `[[1e999]]`, "/0/0", "beyond the range of double"},
		{"object", `{"deep":{"tags":["a",["b"]]}}`, "/deep/tags/1", "expected a string, got a list"},
		{"many", `{"a":1,"aa":1}`, "/aa", "`many` has no attribute `aa`"},
		{"null", "5", "", "a value of type null cannot be sent"},
	}
	for _, c := range cases {
		r, err := decode(p, []byte(`{"action":"a","signals":{"`+c.signal+`":`+c.text+`}}`), codec.Options{})
		if err == nil {
			t.Errorf("%s %.80s: accepted as %+v", c.signal, c.text, r)
			continue
		}
		if want := "/signals/" + c.signal + c.path; err.Path != want || !strings.Contains(err.Message, c.message) {
			t.Errorf("%s %.80s:\n got %v\nwant %s: %s", c.signal, c.text, err, want, c.message)
		}
	}
}

// TestSensitive looks for the secret in errors about sensitive signals: neither text nor path may have it, names of a map included.
func TestSensitive(t *testing.T) {
	t.Parallel()
	p := everything()
	cases := []struct {
		text, path, message string
		options             codec.Options
	}{
		{`"hunter2"`, "", "expected an object, got a string", codec.Options{}},
		{`31337`, "", "expected an object, got a number", codec.Options{}},
		{`false`, "", "expected an object, got true or false", codec.Options{}},
		{`{"hunter2":1}`, "", "an attribute is not declared", codec.Options{}},
		{`{"bool":31337}`, "/bool", "expected true or false, got a number", codec.Options{}},
		{`{"int":"31337x"}`, "/int", "expected a whole number (int); the value is none", codec.Options{}},
		{`{"int":31337.5}`, "/int", "expected a whole number (int); the value is none", codec.Options{}},
		{`{"cidr":"31.33.7.0/8"}`, "/cidr", "expected an address range as a string; the value is none", codec.Options{}},
		{`{"map":{"hunter2":"x"}}`, "/map", "expected a whole number (int); the value is none", codec.Options{}},
		{`{"map":{"hunter2":{"x":[1]}}}`, "/map", "expected a whole number (int), got an object", codec.Options{}},
		{`{"items":[{},{"tags":["x",31337]}]}`, "/items/1/tags/1", "expected a string, got a number", codec.Options{}},
		{`{"items":[{},{"any":{"hunter2":{"x":[1e999]}}}]}`, "/items/1/any", "expected a number; the value is none", codec.Options{}},
		// What does not fit the type is not known to be anybody's to read either.
		{`[{"hunter2":"\ud800"}]`, "", "half of a surrogate pair", codec.Options{}},
		{`{"items":{"hunter2":"\ud800"}}`, "/items", "half of a surrogate pair", codec.Options{}},
		{`{"map":{"hunter2":1,"hunter2":2}}`, "/map", "the object has a name twice", codec.Options{Lenient: true}},
		{`{"hunter2":{"a":1,"a":2}}`, "", "the object has a name twice", codec.Options{Lenient: true}},
	}
	for _, c := range cases {
		_, err := decode(p, []byte(`{"action":"a","signals":{"secret":`+c.text+`}}`), c.options)
		want := &policy.RequestError{Code: policy.InvalidRequest, Path: "/signals/secret" + c.path, Message: c.message}
		if err == nil || err.Path != want.Path || !strings.Contains(err.Message, want.Message) {
			t.Errorf("%s:\n got %v\nwant %v", c.text, err, want)
			continue
		}
		if s := err.Error(); strings.Contains(s, "hunter") || strings.Contains(s, "31") {
			t.Errorf("%s: %s tells the secret", c.text, s)
		}
	}
	// The next signal is shown again, and so is the member of another name at the same depth.
	for text, want := range map[string]string{
		`{"action":"a","signals":{"secret":{"int":1},"int":"x"}}`: `"x"`,
		`{"action":"a","x":{"secret":{"k":1,"k":1}}}`:             "`k`",
	} {
		if _, err := decode(p, []byte(text), codec.Options{}); err == nil || !strings.Contains(err.Message, want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

// TestNesting goes to the limit, and at once beyond what a recursive reader survives.
func TestNesting(t *testing.T) {
	t.Parallel()
	p := everything()
	// The request, its signals, and 62 more.
	if _, err := decode(p, []byte(`{"action":"a","signals":{"any":`+nested(62)+`}}`), codec.Options{}); err != nil {
		t.Errorf("64 deep: %v", err)
	}
	deep := strings.Repeat(`{"a":`, 100_000) + "1" + strings.Repeat("}", 100_000)
	if _, err := decode(p, []byte(deep), codec.Options{}); err == nil || err.Path != strings.Repeat("/a", 63) {
		t.Errorf("100,000 deep: %v", err)
	}
}

// TestNoSharedMemory overwrites the text after reading.
func TestNoSharedMemory(t *testing.T) {
	t.Parallel()
	p, text := everything(), []byte(`{"action":"a","signals":{"string":"before"}}`)
	r, err := decode(p, text, codec.Options{})
	if err != nil {
		t.Fatal(err)
	}
	clear(text)
	if got := r.Signals[p.SignalIndex("string")]; got != "before" || r.Action != "a" {
		t.Errorf("%q, %q", r.Action, got)
	}
}
