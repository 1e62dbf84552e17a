package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rungpolicy/rung/policy"
	rung "github.com/rungpolicy/rung/sdk"
)

const large = `{"action": "payment.create", "signals": {"session": {"amr": ["pwd"]}, "resource": {"amount": 100}}}`

// TestOperate turns the dial, breaks the policy and mends it, while decisions are taken.
func TestOperate(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "policy")
	if err := os.CopyFS(dir, os.DirFS("../start")); err != nil {
		t.Fatal(err)
	}
	var logged bytes.Buffer
	engine, closing, err := open(context.Background(), dir, "", &logged)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(onCall(engine))
	t.Cleanup(s.Close)
	expect := func(want policy.Effect) {
		t.Helper()
		if d := engine.DecideJSON([]byte(large)); d.Effect != want || d.Error != nil {
			t.Errorf("%s, want %s: %+v", d.Effect, want, d.Error)
		}
	}
	expect(rung.Allow)
	ask(t, "PUT", s.URL+"/dial", `{"posture": "elevated"}`, 200, "")
	expect(rung.StepUp)
	ask(t, "GET", s.URL+"/status", "", 200, `"posture":"elevated"`)
	ask(t, "PUT", s.URL+"/dial", `{"posture": "normal", "params": {"pay_limit": 90.0}}`, 200, "")
	expect(rung.StepUp)
	ask(t, "PUT", s.URL+"/dial", `{"posture": "loud"}`, 400, "loud")
	expect(rung.StepUp)
	ask(t, "PUT", s.URL+"/dial", `{}`, 200, "")
	expect(rung.Allow)

	file := filepath.Join(dir, "app.rung.hcl")
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	change := func(from, to string) error {
		t.Helper()
		if err := os.WriteFile(file, bytes.Replace(good, []byte(from), []byte(to), 1), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := engine.Refresh(context.Background())
		return err
	}
	if err := change("resource.amount", "resource.amuont"); err == nil {
		t.Error("a policy with a mistake is taken")
	}
	expect(rung.Allow)
	ask(t, "GET", s.URL+"/status", "", 500, "amuont")
	if err := change("250.0", "99.0"); err != nil {
		t.Error(err)
	}
	expect(rung.StepUp)
	ask(t, "GET", s.URL+"/status", "", 200, "digest")

	closing()
	for _, want := range []string{`"msg":"the policy was not taken"`, `"msg":"another policy"`, `"prompted":true`, "decision_id"} {
		if !strings.Contains(logged.String(), want) {
			t.Errorf("the log does not have %s:\n%s", want, logged.String())
		}
	}
}

// ask sends a request and holds status and body against what is wanted.
func ask(t *testing.T, method, url, body string, status int, says string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	text, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	if a.StatusCode != status || !strings.Contains(string(text), says) {
		t.Errorf("%s %s: %s %s", method, url, a.Status, text)
	}
}
