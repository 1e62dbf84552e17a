package rungdiff_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"log/slog"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rungpolicy/rung/internal/gen"
	rung "github.com/rungpolicy/rung/sdk"
	"github.com/rungpolicy/rung/sdk/rungdiff"
	"github.com/rungpolicy/rung/wasm"
	"github.com/rungpolicy/rung/wasm/host"
)

const before = `
policy "shop" { language = 1 }
level "pwd" {
  rank = 1
  amr  = [["pwd"]]
}
level "mfa" {
  rank = 2
  amr  = [["pwd", "otp"]]
}
signal "score" {
  type = double
  lazy = true
}
action "pay" {
  level    = "none"
  resource = object({ amount = double })
  step_up "large" {
    when  = "resource.amount > 1000.0"
    level = "mfa"
  }
  step_up "odd" {
    when  = "score < 0.5 && resource.amount == 7.0"
    level = "mfa"
  }
  step_up "trial" {
    mode  = "shadow"
    when  = "resource.amount == 8.0"
    level = "pwd"
  }
  deny "huge" { when = "resource.amount > 9000.0" }
}
action "gone" { level = "none" }
`

func load(t testing.TB, text string) *rung.Engine {
	t.Helper()
	e, err := rung.Load(fstest.MapFS{"p.rung.hcl": {Data: []byte(text)}}, rung.Trusted())
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// compare compares policies over requests for amounts.
func compare(t *testing.T, old, new rungdiff.Decider, amounts ...float64) *rungdiff.Report {
	t.Helper()
	c := rungdiff.New(old, new)
	for _, amount := range amounts {
		c.Add(fmt.Appendf(nil, `{"action": "pay", "now": "2026-11-20T12:00:00Z", "signals": {"resource": {"amount": %v}, "session": {"amr": ["pwd"]}}}`, amount))
	}
	return c.Report()
}

func TestCounts(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, from, to string
		amount         float64
		want           rungdiff.Counts
		rules          string
	}{
		{"a lower limit", "> 1000.0", "> 100.0", 500, rungdiff.Counts{PromptsAdded: 1}, "pay/large"},
		{"a higher limit", "> 1000.0", "> 3000.0", 2000, rungdiff.Counts{PromptsRemoved: 1}, "pay/large"},
		{"another requirement", `> 1000.0"`, `> 1000.0"` + "\n    max_age = \"5m\"", 2000, rungdiff.Counts{PromptsChanged: 1}, "pay/large"},
		{"another name", `"large"`, `"big"`, 2000, rungdiff.Counts{Other: 1}, "pay/big pay/large"},
		{"denied", "> 9000.0", "> 900.0", 950, rungdiff.Counts{DenialsAdded: 1}, "pay/huge"},
		{"denied, and was prompted", "> 9000.0", "> 900.0", 2000, rungdiff.Counts{DenialsAdded: 1}, "pay/huge pay/large"},
		{"not denied, but prompted", "> 9000.0", "> 90000.0", 9500, rungdiff.Counts{DenialsRemoved: 1, PromptsAdded: 1}, "pay/huge pay/large"},
		{"a signal that is needed", "== 7.0", "== 5.0", 5, rungdiff.Counts{NeedsAdded: 1}, ""},
		{"a signal that is not needed", "== 7.0", "== 5.0", 7, rungdiff.Counts{NeedsRemoved: 1}, ""},
		{"on trial", "== 8.0", "== 5.0", 5, rungdiff.Counts{}, ""}, // pwd is what the session proves
		{"a level that is proved otherwise", `[["pwd"]]`, `[["hwk"]]`, 5, rungdiff.Counts{Other: 1}, ""},
		{"an error", "resource.amount > 1000.0", "resource.amount > 1000.0 || int(1.0 / resource.amount) > 5", 0, rungdiff.Counts{PromptsAdded: 1}, "pay/large"},
		{"another message", `> 1000.0"`, `> 1000.0"` + "\n    reason = \"x\"", 2000, rungdiff.Counts{}, ""},
		{"no such action", `action "pay"`, `action "buy"`, 5, rungdiff.Counts{DenialsAdded: 1}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			changed := strings.ReplaceAll(before, tt.from, tt.to)
			if changed == before {
				t.Fatal("the policy is the same")
			}
			r := compare(t, load(t, before), load(t, changed), tt.amount)
			var rules []string
			for _, x := range r.Rules {
				rules = append(rules, x.ID)
				if x.Different != 1 || x.Counts != tt.want || x.Example.Request != 1 || x.Example.Old == nil || x.Example.New == nil {
					t.Errorf("%+v", x)
				}
			}
			differs := 1
			if tt.want == (rungdiff.Counts{}) {
				differs = 0
			}
			if r.All != tt.want || strings.Join(rules, " ") != tt.rules || r.Different != differs || r.Requests != 1 {
				t.Errorf("%+v by %q, want %+v by %q", r.All, rules, tt.want, tt.rules)
			}
		})
	}
}

func TestReport(t *testing.T) {
	t.Parallel()
	after := strings.Replace(before, "> 1000.0", "> 100.0", 1)
	c := rungdiff.New(load(t, before), load(t, after))
	for _, line := range []string{`{"action": "gone"}`, `{"action": "none"}`, `nothing`, `{"action": "pay", "signals": {"resource": {"amount": 500}}}`, `{"action": "pay", "signals": {"resource": {"amount": 600}}}`} {
		c.Add([]byte(line))
	}
	r := c.Report()
	if r.Requests != 5 || r.Refused != 2 || r.Different != 2 || len(r.Rules) != 1 || r.Rules[0].Example.Request != 4 || r.Rules[0].PromptsAdded != 2 {
		t.Errorf("%+v", r)
	}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Different int
		Added     int `json:"prompts_added"`
		Rules     []struct {
			Rule    string
			Added   int `json:"prompts_added"`
			Example struct {
				Request  int
				Old, New struct{ Effect string }
			}
		}
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if got.Different != 2 || got.Added != 2 || got.Rules[0].Rule != "pay/large" || got.Rules[0].Added != 2 || got.Rules[0].Example.Old.Effect != "allow" || got.Rules[0].Example.New.Effect != "step_up" {
		t.Errorf("%s", text)
	}
}

// TestEngines: a policy differs from nothing that decides by it, and what differs does so whatever decides.
func TestEngines(t *testing.T) {
	t.Parallel()
	for i := range 20 {
		s := gen.Seeded(uint64(i))
		p := gen.NewPolicy(s, gen.Options{}, 6)
		files, moved := p.Files(s), p.Reordered(s).Files(s)
		open := func(files fstest.MapFS) (*rung.Engine, *host.Policy) {
			checked, err := rung.Check(files)
			if err != nil {
				t.Fatal(err)
			}
			e, err := checked.Engine(rung.Trusted())
			if err != nil {
				t.Fatal(err)
			}
			m, err := rung.Build(checked, wasm.Options{})
			if err != nil {
				return e, nil // with what modules cannot do
			}
			h, err := host.Open(context.Background(), m.Bytes, host.Trusted())
			if err != nil {
				t.Fatal(err)
			}
			return e, h
		}
		native, module := open(files)
		other, _ := open(moved)
		sides := []rungdiff.Decider{other}
		if module != nil {
			defer module.Close()
			sides = append(sides, module)
		}
		for _, side := range sides {
			c := rungdiff.New(native, side)
			for range 10 {
				c.Add(gen.NewRequest(s).JSON())
			}
			if r := c.Report(); r.Different != 0 {
				t.Errorf("seed %d: %+v", i, r.Rules[0])
			}
		}
	}
}

func Example() {
	policy := func(limit string) *rung.Engine {
		e, err := rung.Load(fstest.MapFS{"p.rung.hcl": {Data: []byte(`
policy "shop" { language = 1 }
action "pay" {
  level    = "none"
  resource = object({ amount = double })
  step_up "large" {
    when  = "resource.amount > ` + limit + `"
    level = "aal2"
  }
}`)}})
		if err != nil {
			log.Fatal(err)
		}
		return e
	}
	comparison := rungdiff.New(policy("1000.0"), policy("500.0"))
	for _, amount := range []int{100, 700, 900, 5000} {
		comparison.Add(fmt.Appendf(nil, `{"action": "pay", "signals": {"resource": {"amount": %d}}}`, amount))
	}
	report := comparison.Report()
	fmt.Println(report.Different, "of", report.Requests, "differ")
	for _, rule := range report.Rules {
		fmt.Println(rule.ID, "prompts added:", rule.PromptsAdded, "as in request", rule.Example.Request)
	}
	// Output:
	// 2 of 4 differ
	// pay/large prompts added: 2 as in request 2
}

// TestRequestOf: what a log holds is what was asked, but for what is sensitive.
func TestRequestOf(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{"p.rung.hcl": {Data: []byte(`
policy "shop" { language = 1 }
signal "person" {
  sensitive = true
  type      = object({ name = string })
}
param "limit" {
  type    = double
  default = 5.0
}
posture "high" { rank = 1 }
action "pay" {
  level    = "none"
  resource = object({ amount = double, id = int })
  step_up "large" {
    when  = "resource.amount > param.limit"
    level = "aal1"
  }
}
`)}}
	var lines bytes.Buffer
	decisions := rung.NewLog(slog.New(slog.NewJSONHandler(&lines, nil)), 16)
	e, err := rung.Load(files, rung.WithHook(decisions.Hook), rung.WithPosture("high"), rung.WithParams(map[string]any{"limit": 7}))
	if err != nil {
		t.Fatal(err)
	}
	asked := []byte(`{"action": "pay", "signals": {"person": {"name": "canary"}, "resource": {"amount": 6.5, "id": "9007199254740993"}, "subject": {"id": "a"}}}`)
	e.DecideJSON(asked)
	e.DecideJSON([]byte(`{`))
	if err := decisions.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	records := bytes.Split(bytes.TrimSpace(lines.Bytes()), []byte("\n"))
	got := string(rungdiff.RequestOf(records[0]))
	want := `{"action":"pay","now":`
	if !strings.HasPrefix(got, want) || !strings.Contains(got, `"params":{"limit":7}`) || !strings.Contains(got, `"posture":"high"`) ||
		!strings.Contains(got, `"signals":{"resource":{"amount":6.5,"id":"9007199254740993"},"subject":{"id":"a"}}`) {
		t.Errorf("%s", got)
	}
	trusting, err := rung.Load(files, rung.Trusted(), rung.Strict())
	if err != nil {
		t.Fatal(err)
	}
	if d := trusting.DecideJSON([]byte(got)); d.Effect != rung.Allow {
		t.Errorf("%s %v", d.Effect, d.Error)
	}
	if got := rungdiff.RequestOf(records[1]); got != nil {
		t.Errorf("%s", got)
	}
	for _, line := range []string{string(asked), `{`, ``, `[]`, `{"input": {}}`} {
		if got := rungdiff.RequestOf([]byte(line)); string(got) != line {
			t.Errorf("%s has become %s", line, got)
		}
	}
}
