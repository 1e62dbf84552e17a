package httpguard_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/rungpolicy/rung/policy"
	rung "github.com/rungpolicy/rung/sdk"
	"github.com/rungpolicy/rung/sdk/httpguard"
	"github.com/rungpolicy/rung/wasm"
	"github.com/rungpolicy/rung/wasm/host"
)

// TestModule: a module that package wasm/host runs has its patterns too.
func TestModule(t *testing.T) {
	t.Parallel()
	checked, err := rung.Check(fstest.MapFS{"bank.rung.hcl": {Data: []byte(bank)}})
	if err != nil {
		t.Fatal(err)
	}
	m, err := rung.Build(checked, wasm.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := host.Open(context.Background(), m.Bytes, host.WithClock(func() time.Time { return noon }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	g, err := httpguard.New(p.Policy, func(r *http.Request, action string) (*policy.Decision, error) {
		session, err := claimed(r)
		if err != nil {
			return nil, err
		}
		text, err := json.Marshal(map[string]any{"action": action, "signals": map[string]any{"session": map[string]any{"acr": session.ACR}}})
		return p.DecideJSON(text), err
	})
	if err != nil {
		t.Fatal(err)
	}
	h := g.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for target, want := range map[string]int{"GET /accounts/7": 200, "POST /keys": 401, "POST /other": 403} {
		w := httptest.NewRecorder()
		method, path, _ := strings.Cut(target, " ")
		r := httptest.NewRequestWithContext(t.Context(), method, path, nil)
		r.Header.Set("Authorization", weak)
		h.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%s: %d %s", target, w.Code, w.Body)
		}
	}
}

// TestSwapped has eight clients ask while the policy is exchanged for one in which the path is of another action: the answer is that of one of the two, never of a mixture.
func TestSwapped(t *testing.T) {
	t.Parallel()
	texts := []string{
		"policy \"one\" { language = 1 }\naction \"a\" {\n  http  = [\"GET /x\"]\n  level = \"none\"\n}\naction \"b\" {\n  http  = [\"GET /y\"]\n  level = \"aal3\"\n}\n",
		"policy \"two\" { language = 1 }\naction \"b\" {\n  http  = [\"GET /x\"]\n  level = \"none\"\n}\naction \"a\" {\n  http  = [\"GET /y\"]\n  level = \"aal3\"\n}\n",
	}
	var versions []*rung.Checked
	for _, text := range texts {
		c, err := rung.Check(fstest.MapFS{"p.rung.hcl": {Data: []byte(text)}})
		if err != nil {
			t.Fatal(err)
		}
		versions = append(versions, c)
	}
	engine, err := versions[0].Engine()
	if err != nil {
		t.Fatal(err)
	}
	requests, err := rung.Bind[map[string]any](engine)
	if err != nil {
		t.Fatal(err)
	}
	g, err := httpguard.New(engine.Policy, func(_ *http.Request, action string) (*policy.Decision, error) {
		return requests.Decide(action, &map[string]any{}), nil
	}, httpguard.WithReport(func(*http.Request, error) {}))
	if err != nil {
		t.Fatal(err)
	}
	h := g.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	var clients sync.WaitGroup
	done := make(chan struct{})
	for range 8 {
		clients.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				for path, want := range map[string]int{"/x": 200, "/y": 401} {
					w := httptest.NewRecorder()
					h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", path, nil))
					if w.Code != want && w.Code != 503 { // 503: exchanged three times meanwhile
						t.Errorf("%s: %d", path, w.Code)
						return
					}
				}
			}
		})
	}
	for i := range 200 {
		if err := engine.Swap(versions[(i+1)%2]); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Millisecond)
	}
	close(done)
	clients.Wait()
}
