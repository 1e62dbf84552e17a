package rung_test

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/policy"
	rung "github.com/rungpolicy/rung/sdk"
)

const tiny = `policy "tiny" { language = 1 }
posture "elevated" { rank = 1 }
action "send" {
  level    = "aal1"
  resource = object({ amount = double })
  step_up "large" {
    when    = "resource.amount > 100.0"
    level   = "aal2"
    max_age = "5m"
  }
  step_up "watchful" {
    posture = "elevated"
    level   = "aal3"
  }
}
`

func files(text string) fstest.MapFS { return fstest.MapFS{"tiny.rung.hcl": {Data: []byte(text)}} }

func engine(t *testing.T, opts ...rung.Option) *rung.Engine {
	t.Helper()
	at := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	e, err := rung.Load(files(tiny), append([]rung.Option{rung.WithClock(func() time.Time { return at })}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

const session = `"session": {"acr": "aal2", "auth_time": "2026-01-01T11:58:00Z"}`

func TestDecideJSON(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		opts    []rung.Option
		request string
		effect  policy.Effect
		refused string
	}{
		"the engine's clock":     {nil, `{"action": "send", "signals": {` + session + `, "resource": {"amount": 500}}}`, rung.Allow, ""},
		"a later clock":          {[]rung.Option{rung.WithClock(func() time.Time { return time.Date(2026, 1, 1, 12, 3, 1, 0, time.UTC) })}, `{"action": "send", "signals": {` + session + `, "resource": {"amount": 500}}}`, rung.StepUp, ""},
		"the engine's posture":   {[]rung.Option{rung.WithPosture("elevated")}, `{"action": "send", "signals": {` + session + `}}`, rung.StepUp, ""},
		"now is the host's":      {nil, `{"action": "send", "now": "2026-01-01T00:00:00Z"}`, rung.Deny, "/now"},
		"posture is the host's":  {nil, `{"action": "send", "posture": "normal"}`, rung.Deny, "/posture"},
		"params are the host's":  {nil, `{"action": "send", "params": {}}`, rung.Deny, "/params"},
		"trusted now":            {[]rung.Option{rung.Trusted()}, `{"action": "send", "now": "2026-01-01T12:04:00Z", "signals": {` + session + `, "resource": {"amount": 500}}}`, rung.StepUp, ""},
		"the first moment":       {[]rung.Option{rung.Trusted()}, `{"action": "send", "now": "0001-01-01T00:00:00Z", "signals": {` + session + `, "resource": {"amount": 500}}}`, rung.StepUp, ""},
		"trusted posture":        {[]rung.Option{rung.Trusted()}, `{"action": "send", "posture": "elevated", "signals": {` + session + `, "resource": {"amount": 1}}}`, rung.StepUp, ""},
		"an unknown signal":      {nil, `{"action": "send", "signals": {` + session + `, "resource": {"amount": 1}, "extra": 1}}`, rung.Allow, ""},
		"an unknown one, strict": {[]rung.Option{rung.Strict()}, `{"action": "send", "signals": {"extra": 1}}`, rung.Deny, "/signals/extra"},
		"not JSON":               {nil, `{`, rung.Deny, ""},
		"an undeclared action":   {nil, `{"action": "receive"}`, rung.Deny, "/action"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := engine(t, c.opts...)
			for _, d := range []*rung.Decision{e.DecideJSON([]byte(c.request)), e.ExplainJSON([]byte(c.request))} {
				if d.Effect != c.effect || d.Allowed() != (c.effect == rung.Allow) {
					t.Errorf("effect %v, want %v", d.Effect, c.effect)
				}
				if (d.Error != nil) != (c.refused != "" || name == "not JSON") || d.Error != nil && d.Error.Path != c.refused {
					t.Errorf("error %v, want one at %q", d.Error, c.refused)
				}
			}
		})
	}
}

func TestDecide(t *testing.T) {
	t.Parallel()
	e := engine(t)
	if d := e.Decide(nil); d.Allowed() || d.Error == nil {
		t.Errorf("no request: %+v", d)
	}
	r := &rung.Request{Action: "send"}
	if d := e.Decide(r); d.Effect != rung.StepUp || d.Posture != "normal" {
		t.Errorf("nobody: %+v", d)
	}
	if !r.Now.IsZero() || r.Posture != "" {
		t.Error("the request was changed")
	}
	first := &rung.Request{Action: "send", HasNow: true}
	if d := e.Decide(first); d.Effect != rung.StepUp || !first.Now.IsZero() {
		t.Errorf("the first moment: %+v", d)
	}
	full := &rung.Request{Action: "send", Now: time.Now(), Posture: "elevated"}
	if d := e.Explain(full); d.Posture != "elevated" || len(d.Trace) != 3 {
		t.Errorf("explained: %+v", d)
	}
	if e.Policy().Name != "tiny" {
		t.Errorf("policy %q", e.Policy().Name)
	}
}

func TestLoadErrors(t *testing.T) {
	t.Parallel()
	_, err := rung.Load(files(strings.ReplaceAll(tiny, "amount >", "amuont >")))
	var list diag.List
	if !errors.As(err, &list) || len(list) != 1 || list[0].Suggestion != "amount" {
		t.Errorf("a mistake in a condition: %v", err)
	}
	if _, err := rung.Load(fstest.MapFS{}); err == nil {
		t.Error("an empty folder loads")
	}
	if _, err := rung.Load(files(tiny), rung.WithPosture("odd")); err == nil || !strings.Contains(err.Error(), "`odd`") {
		t.Errorf("an undeclared posture: %v", err)
	}
	if _, err := rung.Load(files(tiny), rung.WithPosture("normal"), rung.WithFiles("tiny.rung.hcl")); err != nil {
		t.Error(err)
	}
	if _, err := rung.Load(files(tiny), rung.WithFiles("other.rung.hcl")); err == nil {
		t.Error("a missing file loads")
	}
}
