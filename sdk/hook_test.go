package rung_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/codec"
	rung "github.com/rungpolicy/rung/sdk"
)

const secretPolicy = `
policy "p" {
  language = 1
  version  = "7"
}
signal "health" {
  type      = object({ diagnosis = string })
  sensitive = true
}
signal "score" {
  type      = double
  lazy      = true
  sensitive = true
}
param "limit" {
  type    = double
  default = 100.0
}
action "pay" {
  level    = "aal1"
  resource = object({ amount = double })
  deny "ill" { when = "resource.amount > param.limit && (health.diagnosis == 'canary-1' || score > 0.77)" }
}
`

const secretRequest = `{"action": "pay", "signals": {"resource": {"amount": 500}, "health": {"diagnosis": "canary-2"}, "network": {"country": "FR"}}}`

func TestHook(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	decisions := rung.NewLog(slog.New(slog.NewJSONHandler(&out, nil)), 16)
	e, err := rung.Load(policyOf(secretPolicy), rung.WithHook(decisions.Hook), rung.WithParams(map[string]any{"limit": 50}), rung.WithMaskKey([]byte("key")),
		rung.WithClock(func() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }),
		rung.WithProvider("score", time.Minute, func(context.Context, *rung.Lookup) (any, error) { return 0.123456, nil }))
	if err != nil {
		t.Fatal(err)
	}
	d := e.DecideJSONContext(t.Context(), []byte(secretRequest))
	e.DecideJSON([]byte(`{`))
	e.Explain(&rung.Request{Action: "pay"})
	if err := decisions.Close(t.Context()); err != nil || decisions.Dropped() != 0 {
		t.Fatal(err, decisions.Dropped())
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 {
		t.Fatalf("%d lines:\n%s", len(lines), out.String())
	}
	if strings.Contains(out.String(), "canary") || strings.Contains(out.String(), "0.123456") {
		t.Errorf("a sensitive value is in the log:\n%s", out.String())
	}
	type line struct {
		ID       string `json:"decision_id"`
		Duration int64  `json:"duration_ns"`
		Engine   string
		Policy   struct{ Name, Version, Digest string }
		Posture  string
		Params   string `json:"params_digest"`
		Decision struct{ Effect string }
		Effect   string
		Prompted bool
		Input    struct {
			Signals map[string]any
			Params  map[string]any
			Now     string
		}
		Masked  []string
		Fetched []struct {
			Signal   string
			Duration int64 `json:"duration_ns"`
		} `json:"signals_fetched"`
	}
	var got line
	if err := json.Unmarshal([]byte(lines[0]), &got); err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(got.ID) {
		t.Errorf("ID %s", got.ID)
	}
	if d.Effect != rung.StepUp || got.Effect != "step_up" || got.Decision.Effect != "step_up" || !got.Prompted || got.Duration <= 0 || got.Engine != "native" || got.Posture != "normal" {
		t.Errorf("%s", lines[0])
	}
	if got.Policy.Version != "7" || got.Policy.Digest != e.Policy().Digest || !strings.HasPrefix(got.Params, "sha256:") || got.Input.Now != "2026-01-01T00:00:00Z" || got.Input.Params["limit"] != 50.0 {
		t.Errorf("%s", lines[0])
	}
	health, _ := got.Input.Signals["health"].(string)
	if !strings.HasPrefix(health, "hmac-sha256:") || strings.Join(got.Masked, " ") != "/signals/health /signals/score" || len(got.Fetched) != 1 || got.Fetched[0].Signal != "score" {
		t.Errorf("%s", lines[0])
	}
	if !strings.Contains(lines[1], `"effect":"deny"`) || !strings.Contains(lines[1], `"invalid_request"`) {
		t.Errorf("%s", lines[1])
	}
}

// TestLogOfSensitive: a sensitive value is in no text that the engine makes, whatever goes wrong with it.
func TestLogOfSensitive(t *testing.T) {
	t.Parallel()
	const text = `
policy "p" { language = 1 }
signal "person" {
  sensitive = true
  type      = object({
    name  = string
    age   = int
    born  = timestamp
    codes = list(string)
  })
}
signal "file" {
  sensitive = true
  lazy      = true
  type      = object({ name = string })
}
let { coded = "int(person.name) > 3" }
action "see" {
  level = "none"
  deny "int"   { when = "coded" }
  deny "time"  { when = "timestamp(person.name) < now" }
  deny "list"  { when = "person.codes.map(c, int(c)).exists(n, n > 3)" }
  deny "bind"  { when = "cel.bind(n, person.name + '!', duration(n) > duration('1s'))" }
  deny "opt"   { when = "person.?name.optMap(n, int(n)).orValue(0) > 2" }
  deny "index" { when = "person.codes[person.age] == 'x'" }
  deny "text"  { when = "person.name.charAt(99) == 'x'" }
  deny "form"  { when = "'%d'.format([person.name]) == 'x'" }
  deny "file"  { when = "int(file.name) > 3" }
}
action "late" {
  level = "none"
  deny "file" { when = "file.name == 'x'" }
}
`
	var out bytes.Buffer
	decisions := rung.NewLog(slog.New(slog.NewJSONHandler(&out, nil)), 64, func(ctx context.Context) []slog.Attr {
		return []slog.Attr{slog.Any("request_id", ctx.Value(requestID{}))}
	})
	e, err := rung.Load(policyOf(text), rung.WithHook(decisions.Hook), rung.Strict(), rung.WithProvider("file", time.Minute, func(context.Context, *rung.Lookup) (any, error) {
		return nil, errors.New("no file of canary")
	}))
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.WithValue(t.Context(), requestID{}, "r-1")
	var said bytes.Buffer
	say := func(d *rung.Decision) { said.Write(codec.AppendDecision(nil, d)) }
	for _, person := range []string{
		`{"name": "canary", "age": 77123, "codes": ["canary"]}`, `{"name": ["canary"]}`, `{"canary": 1}`, `{"age": "canary"}`, `{"born": "canary"}`, `"canary"`,
		`{"name": "\` + `ud800canary"}`, `{"name": "a", "name": "canary"}`, `{"codes": {"canary": 1}}`, `{"age": 77123.5}`,
	} {
		for _, action := range []string{"see", "late"} {
			request := []byte(`{"action": "` + action + `", "signals": {"person": ` + person + `}}`)
			d := e.DecideJSONContext(ctx, request)
			if d.Effect != rung.Deny {
				t.Errorf("%s: %s", person, d.Effect)
			}
			say(d)
			say(e.ExplainJSON(request))
			said.Write(codec.AppendChanges(nil, e.ChangesJSON(request, rung.Allow)))
		}
	}
	type person struct {
		Name  any      `rung:"name"`
		Codes []string `rung:"codes"`
	}
	b, err := rung.Bind[struct {
		Person person `rung:"person"`
	}](e, "see")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []any{"canary", []string{"canary"}, map[string]any{"canary": "canary"}, strings.Repeat("canary", 20_000), "\xffcanary"} {
		r := struct {
			Person person `rung:"person"`
		}{person{name, []string{"canary"}}}
		say(b.DecideContext(ctx, "see", &r))
		say(b.Explain("see", &r))
	}
	if err := decisions.Close(t.Context()); err != nil || decisions.Dropped() > 0 {
		t.Fatal(err, decisions.Dropped())
	}
	all := out.String() + said.String()
	for _, secret := range []string{"canary", "77123"} {
		if i := strings.Index(all, secret); i >= 0 {
			t.Errorf("a sensitive value is told: %q", all[max(0, i-300):min(len(all), i+60)])
		}
	}
	for _, want := range []string{`"bad_value"`, `"index_out_of_bounds"`, `"request_id":"r-1"`, `"error":"(sensitive)"`, `"engine_version":"`, `"invalid_request"`} {
		if !strings.Contains(all, want) {
			t.Errorf("there is no %s, so the test is about nothing", want)
		}
	}
}

type requestID struct{}

// TestHookOfBinding: a binding's decisions are told of, with what they have looked at.
func TestHookOfBinding(t *testing.T) {
	t.Parallel()
	for _, using := range []rung.Using{rung.Native, rung.Wasm, rung.Both} {
		var texts []string
		e, err := rung.Load(policyOf(secretPolicy), rung.WithEngine(using), rung.WithHook(func(e *rung.Event) {
			text, masked := e.Request()
			texts = append(texts, string(text)+strings.Join(masked, " ")+" "+e.Decision.Effect.String())
		}))
		if err != nil {
			t.Fatal(err)
		}
		var r struct {
			Resource struct{ Amount float64 }
			Health   struct{ Diagnosis string }
		}
		r.Resource.Amount, r.Health.Diagnosis = 5, "canary-1"
		b := bind[struct {
			Resource struct{ Amount float64 }
			Health   struct{ Diagnosis string }
		}](t, e)
		b.Decide("pay", &r)
		b.DecideContext(t.Context(), "pay", &r)
		var d rung.Decision
		b.DecideInto(&d, "pay", &r)
		b.Decide("nope", &r)
		b.Decide("pay", nil)
		if len(texts) != 4 || !strings.Contains(texts[0], `"amount":5`) || !strings.Contains(texts[2], `(sensitive)`) || !strings.HasSuffix(texts[1], "/signals/health step_up") {
			t.Errorf("%q", texts)
		}
		if strings.Contains(strings.Join(texts, ""), "canary") {
			t.Errorf("%q", texts)
		}
	}
}

// slowHandler does not write before it may.
type slowHandler struct {
	slog.Handler
	may <-chan struct{}
}

func (h slowHandler) Handle(ctx context.Context, r slog.Record) error {
	<-h.may
	return h.Handler.Handle(ctx, r)
}

// TestLogNeverBlocks: what the log cannot keep up with is dropped, and counted.
func TestLogNeverBlocks(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	may := make(chan struct{})
	decisions := rung.NewLog(slog.New(slowHandler{slog.NewJSONHandler(&out, nil), may}), 4)
	e, err := rung.Load(policyOf(lazyPolicy), rung.WithHook(decisions.Hook))
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		e.Decide(pay(e, 5))
	}
	short, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := decisions.Close(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	close(may)
	if err := decisions.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	e.Decide(pay(e, 5))
	written := uint64(strings.Count(out.String(), "\n"))
	if written < 4 || written > 5 || written+decisions.Dropped() != 101 {
		t.Errorf("%d written, %d dropped", written, decisions.Dropped())
	}
}

// TestHostile: whatever comes from the host's side, nothing panics and nothing is allowed.
func TestHostile(t *testing.T) {
	t.Parallel()
	none, noContext := (*rung.Engine)(nil), context.Context(nil)
	zero := new(rung.Engine)
	calls, allowed := 0, 0
	count := func(d *rung.Decision) bool { // a panic ends the test
		calls++
		if d == nil || d.Allowed() {
			allowed++
			return false
		}
		return true
	}
	defer func() { t.Logf("%d hostile calls, 0 panics, %d allowed", calls, allowed) }()
	policyText := `
policy "p" { language = 1 }
signal "x" { type = object({ s = string, l = list(string), m = map(string), t = timestamp, a = int, o = object({ n = int }) }) }
action "pay" {
  level    = "aal1"
  resource = object({ amount = double })
  deny "d" { when = "resource.amount > 1.0 || x.s == 'a' || 'a' in x.l || 'a' in x.m || x.t > now || x.a == 1 || x.o.n > 1" }
}
action "open" { level = "none" }
`
	for _, using := range []rung.Using{rung.Native, rung.Wasm} {
		e, err := rung.Load(policyOf(policyText), rung.WithEngine(using))
		if err != nil {
			t.Fatal(err)
		}
		clockless, err := rung.Load(policyOf(policyText), rung.WithEngine(using), rung.WithClock(func() time.Time { panic("no clock") }))
		if err != nil {
			t.Fatal(err)
		}
		panics, err := rung.Load(policyOf(policyText), rung.WithEngine(using), rung.WithHook(func(e *rung.Event) {
			e.Decision.Effect = rung.Allow
			panic("of the host's")
		}))
		if err != nil {
			t.Fatal(err)
		}
		p := e.Policy()
		x := p.SignalIndex("x")
		n := len(p.Signal("x").Type.Attrs)
		with := func(v policy.Value) *rung.Request {
			signals := make([]policy.Value, len(p.Signals))
			signals[x] = v
			return &rung.Request{Action: "pay", Signals: signals}
		}
		attrs := func(v policy.Value) *policy.Object {
			o := &policy.Object{Attrs: make([]policy.Value, n)}
			for i := range o.Attrs {
				o.Attrs[i] = v
			}
			return o
		}
		deep := policy.Value("x")
		for range 100_000 {
			deep = []policy.Value{deep}
		}
		var text *string
		var texts *[]string
		type any1 struct{ X map[string]any }
		b := bind[any1](t, e)
		requests := map[string]*rung.Request{
			"nil": nil, "zero": {}, "no signals": {Action: "pay"}, "more signals": {Action: "pay", Signals: make([]policy.Value, 1000)},
			"typed nil object": with((*policy.Object)(nil)), "typed nil attributes": with(attrs((*policy.Object)(nil))), "typed nil text": with(attrs(text)), "typed nil texts": with(attrs(texts)),
			"typed nil map": with(attrs((*policy.Map)(nil))), "no values of ours": with(attrs(struct{}{})), "ints": with(attrs(7)), "a channel": with(make(chan int)),
			"short object": with(&policy.Object{}), "wrong resource": {Action: "pay", Resource: "x"}, "wrong session": {Action: "pay", Signals: []policy.Value{1, 2, 3, 4, 5, 6, 7}},
			"map without values": with(attrs(&policy.Map{Keys: []string{"a"}})), "deep": with(attrs(deep)), "huge text": with(attrs(strings.Repeat("x", 64<<20))),
			"unknown posture": {Action: "pay", Posture: "x"}, "wrong params": {Action: "pay", Params: []policy.Value{1, 2, 3}}, "unknown action": {Action: "x"},
		}
		for name, r := range requests {
			for who, d := range map[string]*rung.Decision{
				"decide": e.Decide(r), "explain": e.Explain(r), "context": e.DecideContext(t.Context(), r), "clockless": clockless.Decide(r), "hooked": panics.Decide(r), "hooked context": panics.DecideContext(t.Context(), r),
				"no context": e.DecideContext(noContext, r), "nil": none.Decide(r), "zero": zero.Decide(r), "nil context": none.DecideContext(t.Context(), r),
			} {
				if !count(d) {
					t.Errorf("%s, %s: %+v", name, who, d)
				}
			}
			var d rung.Decision
			e.DecideInto(&d, r)
			none.DecideInto(&d, r)
			if !count(&d) {
				t.Errorf("%s: %+v", name, d)
			}
		}
		self := map[string]any{}
		self["a"] = self
		for name, v := range map[string]map[string]any{
			"nil": nil, "itself": {"x": map[string]any{"a": self}}, "func": {"x": map[string]any{"a": func() {}}}, "typed nil": {"x": (*any1)(nil)},
			"wrong": {"x": 7}, "huge": {"x": map[string]any{"s": strings.Repeat("x", 2<<20)}}, "many": {"x": map[string]any{"l": make([]string, 1<<20)}},
		} {
			in := &any1{X: v}
			for _, d := range []*rung.Decision{b.Decide("pay", in), b.DecideContext(t.Context(), "pay", in), b.Explain("pay", in), b.DecideContext(noContext, "open", in), (*rung.Binding[any1])(nil).Decide("pay", in)} {
				if !count(d) {
					t.Errorf("%s: %+v", name, d)
				}
			}
		}
		for _, d := range []*rung.Decision{b.Decide("pay", nil), b.Decide("", &any1{}), new(rung.Binding[any1]).Decide("open", &any1{}), none.DecideJSON(nil), zero.ExplainJSON(nil), none.DecideJSONContext(t.Context(), nil), e.DecideJSONContext(noContext, nil)} {
			if !count(d) {
				t.Errorf("%+v", d)
			}
		}
	}
	if none.SetPosture("x") == nil || zero.SetParams(nil) == nil || none.Status().Refused == nil || none.Policy() != nil || zero.Posture() != "normal" {
		t.Error("an engine that is none takes something")
	}
	if _, err := zero.Refresh(t.Context()); err == nil {
		t.Error("an engine that is none refreshes")
	}
	if _, err := rung.Bind[struct{}](none); err == nil {
		t.Error("an engine that is none is bound to")
	}
	none.Close()
	zero.Watch(canceled(t), 0)
	if _, err := rung.Load(fstest.MapFS(nil)); err == nil {
		t.Error("a typed nil is loaded")
	}
}

func canceled(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

// TestTogether is for the race detector: hooks, providers and changes of one engine at once.
func TestTogether(t *testing.T) {
	t.Parallel()
	decisions := rung.NewLog(slog.New(slog.DiscardHandler), 4)
	defer decisions.Close(t.Context())
	e, err := rung.Load(policyOf(lazyPolicy), rung.WithHook(decisions.Hook),
		rung.WithProvider("reputation", 50*time.Microsecond, func(_ context.Context, about *rung.Lookup) (any, error) {
			time.Sleep(100 * time.Microsecond)
			return about.Value("resource", "amount"), nil // late, and looks all the same
		}))
	if err != nil {
		t.Fatal(err)
	}
	b := bind[payment](t, e)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			p := paying(20)
			for i := range 200 {
				p.Resource.Amount = float64(i)
				b.DecideContext(t.Context(), "pay", p)
				e.DecideJSONContext(t.Context(), []byte(`{"action": "pay", "signals": {"resource": {"amount": 20}}}`))
				_ = e.Status()
			}
		})
	}
	all.Wait()
}
