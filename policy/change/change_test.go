package change_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/rungpolicy/rung/internal/gen"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/codec"
	rung "github.com/rungpolicy/rung/sdk"
)

const head = `
policy "changes" { language = 1 }
signal "account" {
  sensitive = true
  type      = object({
    balance = double
    flags   = list(string)
  })
}
signal "score" {
  type = double
  lazy = true
}
param "limit" {
  type    = double
  default = 100.0
}
list "bad" { values = ["KP", "IR"] }
list "nets" {
  type   = cidr
  values = ["10.0.0.0/8"]
}
posture "high" { rank = 3 }
let { far = "network.country != subject.country" }
action "pay" {
  level    = "none"
  resource = object({
    amount = double
    count  = int
    size   = uint
    when   = timestamp
    span   = duration
    note   = optional(string)
    urgent = optional(bool)
    tags   = list(string)
    lines  = list(object({ price = double }))
    more   = any
    raw    = bytes
  })
`

func load(t *testing.T, rules string) *rung.Engine {
	t.Helper()
	e, err := rung.Load(fstest.MapFS{"p.rung.hcl": {Data: []byte(head + rules + "\n}\n")}}, rung.Trusted(), rung.Strict())
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func request(signals string) []byte {
	return []byte(`{"action": "pay", "now": "2026-11-20T12:00:00Z", "signals": {` + signals + `}}`)
}

// said is a change in a line.
func said(c *policy.Change) string {
	show := func(v policy.Value) string { return string(codec.AppendTyped(nil, c.Type, v)) }
	return fmt.Sprintf("%s %s %s: %s → %s", c.Attribute, c.How, show(c.Value), show(c.From), show(c.To))
}

func TestAllow(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, when, signals, want string }{
		{"more", "resource.amount > 100.0", `"resource":{"amount":250}`, "resource.amount at_most 100: 250 → 100"},
		{"not less", "resource.amount >= 100.0", `"resource":{"amount":250}`, "resource.amount below 100: 250 → 99.99999999999999"},
		{"constant first", "100.0 < resource.amount", `"resource":{"amount":250}`, "resource.amount at_most 100: 250 → 100"},
		{"whole", "resource.count >= 3", `"resource":{"count":5}`, "resource.count at_most 2: 5 → 2"},
		{"unsigned", "resource.size < 3u", `"resource":{"size":1}`, "resource.size at_least 3: 1 → 3"},
		{"the nearer one", "resource.count < 3 || resource.count == 5", `"resource":{"count":5}`, "resource.count not 5: 5 → 6"},
		{"one that works", "resource.count > 3 || resource.count == 3", `"resource":{"count":5}`, "resource.count at_most 2: 5 → 2"},
		{"missing", "resource.amount > 100.0", ``, "resource.amount at_most 100: null → 100"},
		{"a param", "resource.amount > param.limit * 2.0", `"resource":{"amount":250}`, "resource.amount at_most 200: 250 → 200\nparam.limit at_least 125: 100 → 125"},
		{"arithmetic", "2.0 * resource.amount - 50.0 > 100.0", `"resource":{"amount":250}`, "resource.amount at_most 75: 250 → 75"},
		{"a negative factor", "-2 * resource.count < -10", `"resource":{"count":9}`, "resource.count at_most 5: 9 → 5"},
		{"taken away", "10 - resource.count < 4", `"resource":{"count":9}`, "resource.count at_most 6: 9 → 6"},
		{"between whole numbers", "double(resource.count) > 2.5", `"resource":{"count":9}`, "resource.count at_most 2: 9 → 2"},
		{"equal", "resource.count == 3", `"resource":{"count":3}`, "resource.count not 3: 3 → 4"},
		{
			"age", "now - resource.when < duration('24h')", `"resource":{"when":"2026-11-20T10:00:00Z"}`,
			`resource.when at_most "2026-11-19T12:00:00Z": "2026-11-20T10:00:00Z" → "2026-11-19T12:00:00Z"` + "\n" +
				`now at_least "2026-11-21T10:00:00Z": "2026-11-20T12:00:00Z" → "2026-11-21T10:00:00Z"`,
		},
		{"duration", "resource.span > duration('1h')", `"resource":{"span":"2h"}`, `resource.span at_most "3600s": "7200s" → "3600s"`},
		{"bool", "resource.urgent", `"resource":{"urgent":true}`, "resource.urgent is false: true → false"},
		{"not bool", "!resource.urgent", `"resource":{"urgent":false}`, "resource.urgent is true: false → true"},
		{"default", "!resource.?urgent.orValue(false)", ``, "resource.urgent is true: null → true"},
		{"text", "resource.note == 'a'", `"resource":{"note":"a"}`, `resource.note not "a": "a" → "a?"`},
		{"begins", "!resource.note.startsWith('ok:')", `"resource":{"note":"a"}`, `resource.note is "ok:": "a" → "ok:"`},
		{"two attributes", "far", `"network":{"country":"FR"},"subject":{"country":"DE"}`, `network.country is "DE": "FR" → "DE"` + "\n" + `subject.country is "FR": "DE" → "FR"`},
		{"in a list", "subject.country in list.bad", `"subject":{"country":"KP"}`, `subject.country not "KP": "KP" → "KP?"`},
		{"in none", "!(subject.country in ['FR', 'DE'])", `"subject":{"country":"KP"}`, `subject.country is "FR": "KP" → "FR"`},
		{"in a range", "!(network.ip in list.nets)", `"network":{"ip":"192.0.2.9"}`, `network.ip is "10.0.0.0": "192.0.2.9" → "10.0.0.0"`},
		{"out of a range", "network.ip in list.nets", `"network":{"ip":"10.1.1.1"}`, `network.ip not "10.1.1.1": "10.1.1.1" → "192.0.2.1"`},
		{"a group that is missing", "!('vpn' in subject.groups)", `"subject":{"groups":["staff"]}`, `subject.groups with ["vpn"]: ["staff"] → ["staff","vpn"]`},
		{"no groups", "!('vpn' in subject.?groups.orValue([]))", ``, `subject.groups with ["vpn"]: null → ["vpn"]`},
		{"a group too many", "'guest' in subject.groups", `"subject":{"groups":["staff","guest"]}`, `subject.groups without ["guest"]: ["staff","guest"] → ["staff"]`},
		{"elements", "resource.tags.exists(x, x.startsWith('b'))", `"resource":{"tags":["a","b","bc"]}`, `resource.tags without ["b","bc"]: ["a","b","bc"] → ["a"]`},
		{
			"all elements", "!resource.lines.all(l, l.price < 10.0)", `"resource":{"lines":[{"price":5},{"price":50}]}`,
			`resource.lines without [{"price":50}]: [{"price":5},{"price":50}] → [{"price":5}]`,
		},
		{"an element", "!resource.tags.exists(x, x == 'ok')", `"resource":{"tags":[]}`, `resource.tags with ["ok"]: [] → ["ok"]`},
		{"too many", "size(resource.tags) > 1", `"resource":{"tags":["a","b","c"]}`, `resource.tags without ["b","c"]: ["a","b","c"] → ["a"]`},
		{"there", "has(resource.note)", `"resource":{"note":"a"}`, `resource.note absent null: "a" → null`},
		{"not there", "!has(resource.note)", ``, `resource.note present null: null → ""`},
		{"a signal that is not there", "!has(device)", ``, "device present null: null → {}"},
		{"there, and old", "!has(resource.when) || now - resource.when < duration('1h')", ``, `resource.when at_most "2026-11-20T11:00:00Z": null → "2026-11-20T11:00:00Z"`},
		{"a key", "subject.attributes['vip level'] != 3", ``, `subject.attributes["vip level"] is 3: null → 3`},
		{"any", "resource.more.a.b > 3.0", `"resource":{"more":{"a":{"b":5,"c":1}}}`, "resource.more.a.b at_most 3: 5 → 3"},
		{
			"choice", "resource.urgent ? resource.count > 5 : resource.count > 1", `"resource":{"urgent":false,"count":4}`,
			"resource.count at_most 1: 4 → 1\nresource.urgent is true: false → true",
		},
		{"bound", "cel.bind(n, resource.count * 2, n > 5 || n < 0)", `"resource":{"count":4}`, "resource.count at_most 2: 4 → 2"},
		{"mapped", "resource.?note.optMap(n, n == 'x').orValue(false)", `"resource":{"note":"x"}`, `resource.note not "x": "x" → "x?"`},
		{"lazy", "score < 0.3", `"score":null`, "score at_least 0.3: null → 0.3"},
		{"either", "resource.urgent && resource.count > 3", `"resource":{"urgent":true,"count":5}`, "resource.count at_most 3: 5 → 3\nresource.urgent is false: true → false"},
		{"two together", "resource.urgent || resource.count > 3", `"resource":{"urgent":true,"count":5}`, ""},
		{"nothing to change", "session.level < 5", ``, ""},
		{"sensitive", "account.balance < 100.0", `"account":{"balance":7}`, `account.balance at_least "(sensitive)": "(sensitive)" → "(sensitive)"`},
		{
			"held against what is sensitive", "resource.amount > account.balance", `"account":{"balance":7},"resource":{"amount":9}`,
			`account.balance at_least "(sensitive)": "(sensitive)" → "(sensitive)"` + "\n" + `resource.amount at_most "(sensitive)": "(sensitive)" → "(sensitive)"`,
		},
		{"sensitive elements", "account.flags.exists(f, f == 'x')", `"account":{"flags":["x","y"]}`, `account.flags without "(sensitive)": "(sensitive)" → "(sensitive)"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := load(t, "deny \"x\" { when = "+strconv.Quote(tt.when)+" }")
			text := request(tt.signals)
			if d := e.DecideJSON(text); d.Effect != policy.Deny || d.Error != nil {
				t.Fatalf("want a deny to begin with, got %s %v", d.Effect, d.Error)
			}
			var got []string
			for _, c := range e.ChangesJSON(text, policy.Allow) {
				got = append(got, said(&c))
			}
			if d := cmp.Diff(tt.want, strings.Join(got, "\n")); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestRules: several rules are in the way, or the posture, or nothing but evidence.
func TestRules(t *testing.T) {
	t.Parallel()
	e := load(t, `
  step_up "some" {
    when  = "resource.amount > 10.0"
    level = "aal1"
  }
  step_up "more" {
    when  = "resource.amount > 100.0"
    level = "aal2"
  }
  step_up "high"  {
    level   = "aal1"
    posture = "high"
    when    = "resource.count == 1"
  }
  deny "large" { when = "resource.amount > 1000.0" }`)
	changes := func(signals, posture string, to policy.Effect) string {
		text := strings.Replace(string(request(signals)), `"action"`, `"posture": "`+posture+`", "action"`, 1)
		var got []string
		for _, c := range e.ChangesJSON([]byte(text), to) {
			got = append(got, said(&c))
		}
		return strings.Join(got, "; ")
	}
	for _, tt := range []struct {
		signals, posture string
		to               policy.Effect
		want             string
	}{
		{`"resource":{"amount":500}`, "normal", policy.Allow, "resource.amount at_most 10: 500 → 10"},
		{`"resource":{"amount":5000}`, "normal", policy.Allow, "resource.amount at_most 10: 5000 → 10"},
		{`"resource":{"amount":5000}`, "normal", policy.StepUp, "resource.amount at_most 1000: 5000 → 1000"},
		{`"resource":{"amount":5}`, "normal", policy.StepUp, `resource.amount above 10: 5 → 10.000000000000002; posture is "high": "normal" → "high"`},
		{`"resource":{"amount":5}`, "normal", policy.Deny, "resource.amount above 1000: 5 → 1000.0000000000001"},
		{`"resource":{"amount":5,"count":1}`, "high", policy.Allow, `resource.count not 1: 1 → 2; posture is "normal": "high" → "normal"`},
		{`"resource":{"amount":5,"count":1}`, "normal", policy.StepUp, `resource.amount above 10: 5 → 10.000000000000002; posture is "high": "normal" → "high"`},
		{`"resource":{"amount":5,"count":1}`, "normal", policy.Allow, ""},
		{`"resource":{"amount":5,"count":1}`, "none", policy.Allow, ""},
	} {
		if got := changes(tt.signals, tt.posture, tt.to); got != tt.want {
			t.Errorf("%s at %s to %s: got %q, want %q", tt.signals, tt.posture, tt.to, got, tt.want)
		}
	}
}

// TestGenerated decides once more what is found: from JSON, into which each change is put by its path. It is to hold of every policy, and of enough of them.
func TestGenerated(t *testing.T) {
	t.Parallel()
	tried := map[policy.How]int{}
	for i := range 150 {
		s := gen.Seeded(uint64(i))
		e, err := rung.Load(gen.NewPolicy(s, gen.Options{}, 4).Files(s), rung.Trusted(), rung.Strict())
		if err != nil {
			t.Fatal(err)
		}
		for range 6 {
			r := gen.NewRequest(s)
			for _, name := range gen.LazySignals {
				r.Answer(name)
			}
			text := r.JSON()
			for _, to := range []policy.Effect{policy.Allow, policy.StepUp, policy.Deny} {
				for _, c := range e.ChangesJSON(text, to) {
					tried[c.How]++
					if d := e.DecideJSON(changed(t, text, &c)); d.Effect != to || d.Error != nil {
						t.Errorf("seed %d: %s: %s %v, want %s\n%s", i, said(&c), d.Effect, d.Error, to, text)
					}
				}
			}
			if d := e.DecideJSON(text); len(e.ChangesJSON(text, d.Effect)) > 0 || len(e.ChangesJSON(text, policy.Need)) > 0 {
				t.Error("changes to what it is already, or to need")
			}
		}
	}
	t.Log(tried)
	for _, how := range []policy.How{policy.Is, policy.Not, policy.AtMost, policy.AtLeast, policy.Below, policy.Above, policy.With, policy.Without, policy.Present, policy.Absent} {
		if tried[how] == 0 {
			t.Errorf("no change of the kind %s", how)
		}
	}
}

// changed is a request's JSON with a change in it.
func changed(t *testing.T, text []byte, c *policy.Change) []byte {
	t.Helper()
	var request, to any
	if err := json.Unmarshal(text, &request); err != nil {
		t.Fatal(err)
	}
	if c.To != nil {
		if err := json.Unmarshal(codec.AppendTyped(nil, c.Type, c.To), &to); err != nil {
			t.Fatal(err)
		}
	}
	path := strings.Split(strings.TrimPrefix(c.Path, "/"), "/")
	at := &request
	for _, name := range path[:len(path)-1] {
		at = step(t, at, name)
	}
	last := path[len(path)-1]
	if list, ok := (*at).([]any); ok {
		i, err := strconv.Atoi(last)
		if err != nil {
			t.Fatal(err)
		}
		list[i] = to
	} else if object := *step(t, at, ""); c.To == nil && len(path) > 2 {
		delete(object.(map[string]any), last)
	} else {
		object.(map[string]any)[last] = to
	}
	out, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// step goes down into a JSON value; "" makes an object of what is none.
func step(t *testing.T, at *any, name string) *any {
	t.Helper()
	if list, ok := (*at).([]any); ok && name != "" {
		i, err := strconv.Atoi(name)
		if err != nil {
			t.Fatal(err)
		}
		return &list[i]
	}
	object, ok := (*at).(map[string]any)
	if !ok {
		object = map[string]any{}
		*at = object
	}
	if name == "" {
		return at
	}
	next := object[name]
	if _, isList := next.([]any); !isList {
		if _, isObject := next.(map[string]any); !isObject {
			next = map[string]any{}
		}
	}
	object[name] = next
	return &next
}

// TestRequestStays: looking for changes changes nothing.
func TestRequestStays(t *testing.T) {
	t.Parallel()
	e := load(t, `deny "x" { when = "resource.more.a > 3.0 || 'guest' in subject.groups || resource.amount > 1.0 || resource.tags.exists(t, t == 'x')" }`)
	p := e.Policy()
	resource := policy.NewObject(p.Action("pay").Resource)
	resource.Attrs[p.Action("pay").Resource.Slot("more")] = policy.NewMap(map[string]policy.Value{"a": 5.0})
	resource.Attrs[p.Action("pay").Resource.Slot("tags")] = &[]string{"x", "y"}
	r := &rung.Request{Action: "pay", Resource: resource, Now: gen.Now}
	before := string(codec.AppendTyped(nil, p.Action("pay").Resource, resource))
	e.Changes(r, policy.Allow)
	if after := string(codec.AppendTyped(nil, p.Action("pay").Resource, resource)); after != before || r.Signals != nil || r.Posture != "" {
		t.Errorf("%s has become %s", before, after)
	}
	if got := (*rung.Engine)(nil).Changes(r, policy.Allow); got != nil {
		t.Error(got)
	}
}
