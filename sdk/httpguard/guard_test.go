package httpguard_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rungpolicy/rung/challenge"
	"github.com/rungpolicy/rung/policy"
	rung "github.com/rungpolicy/rung/sdk"
	"github.com/rungpolicy/rung/sdk/guard"
	"github.com/rungpolicy/rung/sdk/httpguard"
)

const bank = `policy "bank" { language = 1 }
level "password" {
  rank = 1
  acr  = ["urn:pwd"]
  amr  = [["pwd"]]
}
level "mfa" {
  rank = 2
  acr  = ["urn:mfa"]
  amr  = [["pwd", "otp"], ["pwd", "sms"]]
}
level "passkey" {
  rank = 3
  acr  = ["phr"]
  amr  = [["hwk", "mfa"]]
}
signal "reputation" {
  type = double
  lazy = true
}
action "transfer.create" {
  http     = ["POST /accounts/{account}/transfers"]
  level    = "password"
  resource = object({ account = string, amount = double })
  step_up "large" {
    when    = "resource.amount > 100.0"
    level   = "mfa"
    max_age = "5m"
    reason  = "Große Überweisung"
  }
  deny "closed" {
    when   = "resource.account == 'closed'"
    reason = "The account is closed."
  }
}
action "account.read" {
  http  = ["GET /accounts/{account}", "GET api.example/private"]
  level = "password"
}
action "key.add" {
  http  = ["POST /keys"]
  level = "password"
  step_up "hardware" { methods = ["hwk"] }
}
action "code.add" {
  http  = ["POST /codes"]
  level = "password"
  step_up "sms" { methods = ["sms"] }
}
action "export" {
  http  = ["POST /export"]
  level = "password"
  deny "listed" { when = "reputation < 0.2" }
}
`

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func load(t testing.TB, text string) *rung.Engine {
	t.Helper()
	e, err := rung.Load(fstest.MapFS{"bank.rung.hcl": {Data: []byte(text)}}, rung.WithClock(func() time.Time { return noon }))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// claimed reads the session out of a header, as if a token had been verified.
func claimed(r *http.Request) (guard.Session, error) {
	_, text, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if text == "" {
		return guard.Session{}, nil
	}
	var claims map[string]any
	if err := json.Unmarshal([]byte(text), &claims); err != nil {
		return guard.Session{}, fmt.Errorf("%w: %w", guard.ErrUnauthenticated, err)
	}
	return guard.SessionOf(claims)
}

type fixture struct {
	*httptest.Server
	served atomic.Int64
	mu     sync.Mutex
	errs   []error
}

// serve is a server whose handler says which account it has seen.
func serve(t *testing.T, opts ...httpguard.Option) *fixture {
	t.Helper()
	engine := load(t, bank)
	requests, err := rung.Bind[map[string]any](engine)
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{}
	decide := func(r *http.Request, action string) (*policy.Decision, error) {
		switch r.Header.Get("Break") {
		case "panic":
			panic("broken")
		case "error":
			return nil, errors.New("the store is down")
		case "nil":
			return nil, nil
		case "both":
			return &policy.Decision{Effect: policy.Allow, Action: action}, errors.New("odd")
		case "other":
			action = "account.read"
		case "unknown":
			action = "unknown"
		}
		session, err := claimed(r)
		if err != nil {
			return nil, err
		}
		signals := map[string]any{"session": session}
		if e := r.Header.Get("Enrolled"); e != "" {
			signals["subject"] = map[string]any{"enrolled": strings.Fields(e)}
		}
		if action == "transfer.create" {
			var sent struct{ Amount any }
			text, err := httpguard.Body(r, 1<<10)
			if err != nil {
				return nil, err
			}
			if err := json.Unmarshal(text, &sent); err != nil {
				return nil, err
			}
			signals["resource"] = map[string]any{"account": r.PathValue("account"), "amount": sent.Amount}
		}
		return requests.Decide(action, &signals), nil
	}
	opts = append([]httpguard.Option{
		httpguard.WithClock(func() time.Time { return noon }),
		httpguard.WithReport(func(_ *http.Request, err error) {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.errs = append(f.errs, err)
		}),
	}, opts...)
	g, err := httpguard.New(engine.Policy, decide, opts...)
	if err != nil {
		t.Fatal(err)
	}
	f.Server = httptest.NewServer(g.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.served.Add(1)
		text, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		effect := "open"
		if d := httpguard.DecisionOf(r.Context()); d != nil {
			effect = d.Action + " " + d.Effect.String()
		}
		fmt.Fprintf(w, "%s %s %s", effect, r.PathValue("account"), text)
	})))
	t.Cleanup(f.Close)
	return f
}

type answer struct {
	status     int
	header     http.Header
	challenges []challenge.Challenge
	problem    challenge.Problem
	body       string
}

func (f *fixture) do(t *testing.T, method, path, body string, header ...string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, f.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	resp, err := f.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{status: resp.StatusCode, header: resp.Header, body: string(text)}
	if a.challenges, err = challenge.Parse(resp.Header.Values("WWW-Authenticate")...); err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != 200 && method != "HEAD" {
		if err := json.Unmarshal(text, &a.problem); err != nil || a.problem.Status != resp.StatusCode || a.problem.Title != http.StatusText(resp.StatusCode) {
			t.Errorf("the body of %d is %s (%v)", resp.StatusCode, text, err)
		}
		if h := resp.Header; h.Get("Content-Type") != "application/problem+json" || h.Get("Cache-Control") != "no-store" {
			t.Errorf("header %v", h)
		}
	}
	return a
}

const (
	weak   = `Bearer {"acr": "urn:pwd", "auth_time": 1795172400}` // an hour ago
	strong = `Bearer {"acr": "urn:mfa", "auth_time": 1795175940}` // a minute ago
)

func TestAnswers(t *testing.T) {
	t.Parallel()
	f := serve(t)
	for name, c := range map[string]struct {
		method, path, body string
		header             []string
		status             int
		errorCode, detail  string
	}{
		"allow":                      {"GET", "/accounts/7", "", []string{"Authorization", weak}, 200, "", ""},
		"allow, HEAD is GET":         {"HEAD", "/accounts/7", "", []string{"Authorization", weak}, 200, "", ""},
		"nobody, HEAD":               {"HEAD", "/accounts/7", "", nil, 401, "", ""},
		"nobody":                     {"GET", "/accounts/7", "", nil, 401, "", ""},
		"a token that is none":       {"GET", "/accounts/7", "", []string{"Authorization", "Bearer {"}, 401, guard.InvalidToken, ""},
		"claims of another type":     {"GET", "/accounts/7", "", []string{"Authorization", `Bearer {"acr": ["urn:mfa"]}`}, 401, guard.InvalidToken, ""},
		"a token that proves nought": {"GET", "/accounts/7", "", []string{"Authorization", `Bearer {"acr": "odd"}`}, 401, challenge.Insufficient, ""},
		"two credentials":            {"GET", "/accounts/7", "", []string{"Authorization", weak, "Authorization", strong}, 400, "", "credentials"},
		"small":                      {"POST", "/accounts/7/transfers", `{"amount": 10}`, []string{"Authorization", weak}, 200, "", ""},
		"large":                      {"POST", "/accounts/7/transfers", `{"amount": 1000}`, []string{"Authorization", weak}, 401, challenge.Insufficient, ""},
		"large, strong":              {"POST", "/accounts/7/transfers", `{"amount": 1000}`, []string{"Authorization", strong}, 200, "", ""},
		"deny":                       {"POST", "/accounts/closed/transfers", `{"amount": 1}`, []string{"Authorization", strong}, 403, "", ""},
		"of another type":            {"POST", "/accounts/7/transfers", `{"amount": "1"}`, []string{"Authorization", strong}, 400, "", "cannot be decided"},
		"too large a body":           {"POST", "/accounts/7/transfers", strings.Repeat(" ", 1025), []string{"Authorization", strong}, 400, "", "cannot be read"},
		"need":                       {"POST", "/export", "", []string{"Authorization", strong}, 503, "", "not available"},
		"an error":                   {"GET", "/accounts/7", "", []string{"Authorization", weak, "Break", "error"}, 503, "", "not available"},
		"an error and a decision":    {"GET", "/accounts/7", "", []string{"Authorization", weak, "Break", "both"}, 503, "", ""},
		"no decision":                {"GET", "/accounts/7", "", []string{"Authorization", weak, "Break", "nil"}, 500, "", ""},
		"a panic":                    {"GET", "/accounts/7", "", []string{"Authorization", weak, "Break", "panic"}, 500, "", ""},
		"another action's decision":  {"POST", "/keys", "", []string{"Authorization", weak, "Break", "other"}, 500, "", ""},
		"an unknown action":          {"POST", "/keys", "", []string{"Authorization", weak, "Break", "unknown"}, 500, "", ""},
		"no route":                   {"GET", "/", "", []string{"Authorization", strong}, 403, "", "No action"},
		"no such method":             {"DELETE", "/accounts/7", "", []string{"Authorization", strong}, 403, "", "No action"},
		"methods":                    {"POST", "/keys", "", []string{"Authorization", weak}, 401, challenge.Insufficient, ""},
		"methods, as good as can be": {"POST", "/codes", "", []string{"Authorization", `Bearer {"acr": "phr", "amr": ["hwk", "mfa"], "auth_time": 1795175940}`}, 403, guard.Unmet, "all that a challenge"},
		"not enrolled":               {"POST", "/accounts/7/transfers", `{"amount": 1000}`, []string{"Authorization", weak, "Enrolled", "pwd"}, 403, guard.Unmet, "enrolled"},
	} {
		before := f.served.Load()
		a := f.do(t, c.method, c.path, c.body, c.header...)
		if a.status != c.status || a.problem.Error != c.errorCode || !strings.Contains(a.problem.Detail, c.detail) {
			t.Errorf("%s: %d, %+v", name, a.status, a.problem)
		}
		if (f.served.Load() > before) != (c.status == 200) {
			t.Errorf("%s: the handler has run: %v", name, c.status != 200)
		}
		if (len(a.challenges) > 0) != (c.status == 401) {
			t.Errorf("%s: challenges %v", name, a.challenges)
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.errs) != 12 {
		t.Errorf("%d errors were told: %v", len(f.errs), f.errs)
	}
}

func TestHandlerSees(t *testing.T) {
	t.Parallel()
	f := serve(t, httpguard.WithOpen("GET /healthz"))
	if a := f.do(t, "POST", "/accounts/7/transfers", `{"amount": 10}`, "Authorization", weak); a.body != `transfer.create allow 7 {"amount": 10}` {
		t.Errorf("%q", a.body)
	}
	if a := f.do(t, "GET", "/healthz", ""); a.body != "open  " {
		t.Errorf("%q", a.body)
	}
}

func TestChallengeHeader(t *testing.T) {
	t.Parallel()
	f := serve(t)
	a := f.do(t, "POST", "/accounts/7/transfers", `{"amount": 1000}`, "Authorization", weak)
	want := `Bearer error="insufficient_user_authentication", error_description="A different authentication level is required", acr_values="urn:mfa phr", max_age="300"`
	if got := a.header.Get("WWW-Authenticate"); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if got := a.header.Get("Access-Control-Expose-Headers"); got != "WWW-Authenticate, Rung-Challenge" {
		t.Errorf("exposed: %s", got)
	}
	age := int64(300)
	problem := challenge.Problem{
		Title: "Unauthorized", Status: 401, Detail: "A different authentication level is required", Error: challenge.Insufficient,
		ACRValues: []string{"urn:mfa", "phr"}, MaxAge: &age, Reasons: []string{"Große Überweisung"},
	}
	if d := cmp.Diff(problem, a.problem); d != "" {
		t.Error(d)
	}
	// A rule's name is nobody's business.
	if strings.Contains(a.body, "large") {
		t.Errorf("%s", a.body)
	}
	deny := f.do(t, "POST", "/accounts/closed/transfers", `{"amount": 1}`, "Authorization", strong)
	if d := cmp.Diff([]string{"The account is closed."}, deny.problem.Reasons); d != "" {
		t.Error(d)
	}
	// Where methods are required, those levels are asked for that imply them.
	if up, err := challenge.Find(f.do(t, "POST", "/keys", "", "Authorization", weak).challenges); err != nil || cmp.Diff(up.ACRValues, []string{"phr"}) != "" {
		t.Errorf("%+v, %v", up, err)
	}
	if up, err := challenge.Find(f.do(t, "POST", "/codes", "", "Authorization", `Bearer {"acr": "odd"}`).challenges); err != nil || cmp.Diff(up.ACRValues, []string{"urn:pwd", "urn:mfa", "phr"}) != "" {
		t.Errorf("%+v, %v", up, err)
	}
}

func TestSchemes(t *testing.T) {
	t.Parallel()
	both := httpguard.WithSchemes(
		challenge.Challenge{Scheme: challenge.Bearer, Params: []challenge.Param{{Name: "realm", Value: "bank"}}},
		challenge.Challenge{Scheme: challenge.DPoP, Params: challenge.Algs("ES256", "PS256")},
	)
	const insufficient = `error="insufficient_user_authentication", error_description="A different authentication level is required", acr_values="urn:mfa phr", max_age="300"`
	f := serve(t, both)
	for credential, want := range map[string][]string{
		"":                                      {`Bearer realm="bank"`, `DPoP algs="ES256 PS256"`},
		weak:                                    {`Bearer realm="bank", ` + insufficient, `DPoP algs="ES256 PS256"`},
		strings.Replace(weak, "B", "b", 1):      {`Bearer realm="bank", ` + insufficient, `DPoP algs="ES256 PS256"`},
		"DPoP" + strings.TrimLeft(weak, "Bear"): {`Bearer realm="bank"`, `DPoP algs="ES256 PS256", ` + insufficient},
		"dpop {":                                {`Bearer realm="bank"`, `DPoP algs="ES256 PS256", error="invalid_token"`},
	} {
		var header []string
		if credential != "" {
			header = []string{"Authorization", credential}
		}
		a := f.do(t, "POST", "/accounts/7/transfers", `{"amount": 1000}`, header...)
		if d := cmp.Diff(want, a.header.Values("WWW-Authenticate")); d != "" {
			t.Errorf("%q:\n%s", credential, d)
		}
	}
}

// TestLoop: a client that comes back from a challenge with what does not do is told so, and not sent away again.
func TestLoop(t *testing.T) {
	t.Parallel()
	const large = `{"amount": 1000}`
	f := serve(t, httpguard.WithCookie())
	first := f.do(t, "POST", "/accounts/7/transfers", large, "Authorization", weak)
	mark := first.header.Get(httpguard.MarkHeader)
	cookie := first.header.Get("Set-Cookie")
	if first.status != 401 || mark == "" || !strings.HasPrefix(cookie, "__Host-rung-challenge="+mark+"; Path=/; Max-Age=900; HttpOnly; Secure") {
		t.Fatalf("%d, mark %q, cookie %q", first.status, mark, cookie)
	}
	// What the server gave is not what was asked for: the header says that the client comes back.
	const still = `Bearer {"acr": "urn:pwd", "auth_time": 1795175999}`
	if a := f.do(t, "POST", "/accounts/7/transfers", large, "Authorization", still, httpguard.MarkHeader, mark); a.status != 403 || a.problem.Error != guard.Unmet {
		t.Errorf("a client that comes back: %d, %+v", a.status, a.problem)
	}
	if a := f.do(t, "POST", "/accounts/7/transfers", large, "Authorization", strong, httpguard.MarkHeader, mark); a.status != 200 {
		t.Errorf("a client that comes back with what was asked for: %d", a.status)
	}
	if a := f.do(t, "POST", "/keys", "", "Authorization", weak, httpguard.MarkHeader, mark); a.status != 401 {
		t.Errorf("another requirement: %d", a.status)
	}
	// A cookie comes with every request: it counts where somebody has authenticated since.
	early := guard.Mark(&policy.Requirement{Level: "mfa", ACRValues: []string{"urn:mfa", "phr"}, MaxAge: policy.Seconds{Set: true, N: 300}}, noon.Add(-time.Minute))
	for session, want := range map[string]int{weak: 401, still: 403, `Bearer {"acr": "odd"}`: 401} {
		if a := f.do(t, "POST", "/accounts/7/transfers", large, "Authorization", session, "Cookie", "__Host-rung-challenge="+early); a.status != want {
			t.Errorf("%s with a cookie: %d", session, a.status)
		}
	}
	for _, odd := range []string{"", ".", "x", mark + "0", "zzzzzzzzzzzzzzzzz" + mark, "0" + mark[strings.IndexByte(mark, '.'):], "-" + mark, strings.Repeat("9", 1<<10) + ".x"} {
		if a := f.do(t, "POST", "/accounts/7/transfers", large, "Authorization", weak, httpguard.MarkHeader, odd); a.status != 401 {
			t.Errorf("the mark %q: %d", odd, a.status)
		}
	}
	plain := serve(t)
	if a := plain.do(t, "POST", "/accounts/7/transfers", large, "Authorization", still, "Cookie", "__Host-rung-challenge="+early); a.status != 401 || a.header.Get("Set-Cookie") != "" {
		t.Errorf("without cookies: %d, %v", a.status, a.header)
	}
}

func TestAction(t *testing.T) {
	t.Parallel()
	engine := load(t, bank)
	requests, err := rung.Bind[map[string]any](engine)
	if err != nil {
		t.Fatal(err)
	}
	g, err := httpguard.New(engine.Policy, func(r *http.Request, action string) (*policy.Decision, error) {
		session, err := claimed(r)
		return requests.Decide(action, &map[string]any{"session": session}), err
	}, httpguard.WithReport(func(*http.Request, error) {}))
	if err != nil {
		t.Fatal(err)
	}
	for action, want := range map[string]int{"account.read": 200, "account.write": 500, "": 500} {
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), "PUT", "/anything", nil)
		r.Header.Set("Authorization", weak)
		g.Action(action, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})).ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("action %q: %d, want %d", action, w.Code, want)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	engine := load(t, bank)
	decide := func(*http.Request, string) (*policy.Decision, error) { return nil, nil }
	for name, build := range map[string]func() (*httpguard.Guard, error){
		"no policies":    func() (*httpguard.Guard, error) { return httpguard.New(nil, decide) },
		"no policy":      func() (*httpguard.Guard, error) { return httpguard.New(func() *policy.Policy { return nil }, decide) },
		"nobody decides": func() (*httpguard.Guard, error) { return httpguard.New(engine.Policy, nil) },
		"a conflict": func() (*httpguard.Guard, error) {
			return httpguard.New(engine.Policy, decide, httpguard.WithOpen("GET /a/{x}", "GET /a/{y}"))
		},
		"no pattern": func() (*httpguard.Guard, error) {
			return httpguard.New(engine.Policy, decide, httpguard.WithOpen("GET  keys {"))
		},
		"a path that never comes": func() (*httpguard.Guard, error) {
			return httpguard.New(engine.Policy, decide, httpguard.WithOpen("//health"))
		},
		"another that never comes": func() (*httpguard.Guard, error) {
			return httpguard.New(engine.Policy, decide, httpguard.WithOpen("//"))
		},
		"a path above where it began": func() (*httpguard.Guard, error) {
			return httpguard.New(engine.Policy, decide, httpguard.WithOpen("CONNECT /a/../b"))
		},
		"no schemes": func() (*httpguard.Guard, error) { return httpguard.New(engine.Policy, decide, httpguard.WithSchemes()) },
		"an unnamed scheme": func() (*httpguard.Guard, error) {
			return httpguard.New(engine.Policy, decide, httpguard.WithSchemes(challenge.Challenge{}))
		},
	} {
		if _, err := build(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestPolicyChanges: a request is answered by routes and rules of one policy, whichever; a policy that is broken for the guard lets nothing through.
func TestPolicyChanges(t *testing.T) {
	t.Parallel()
	const one, two = `policy "one" { language = 1 }
action "a" {
  http  = ["GET /x"]
  level = "none"
}
action "b" { level = "aal3" }
`, `policy "two" { language = 1 }
action "b" {
  http  = ["GET /x"]
  level = "none"
}
action "a" { level = "aal3" }
`
	engines := []*rung.Engine{load(t, one), load(t, two)}
	var current, asked atomic.Int64
	change := true
	g, err := httpguard.New(func() *policy.Policy { return engines[current.Load()].Policy() }, func(_ *http.Request, action string) (*policy.Decision, error) {
		if asked.Add(1) == 1 || change {
			current.Store(1 - current.Load()) // between the route and the decision
		}
		return engines[current.Load()].Decide(&rung.Request{Action: action}), nil
	}, httpguard.WithReport(func(*http.Request, error) {}))
	if err != nil {
		t.Fatal(err)
	}
	served := 0
	h := g.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served++ }))
	get := func() int {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/x", nil))
		return w.Code
	}
	if code := get(); code != 503 || asked.Load() != 3 || served != 0 {
		t.Errorf("a policy that never rests: %d after %d", code, asked.Load())
	}
	change = false
	asked.Store(0)
	if code := get(); code != 200 || asked.Load() != 2 || served != 1 {
		t.Errorf("a policy that changes once: %d after %d", code, asked.Load())
	}
}
