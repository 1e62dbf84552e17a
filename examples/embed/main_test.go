package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rungpolicy/rung/challenge"
	rung "github.com/rungpolicy/rung/sdk"
)

// tokens are claims that a library would have verified.
func tokens(token string) (map[string]any, error) {
	ago := func(d time.Duration) float64 { return float64(time.Now().Add(-d).Unix()) }
	claims, ok := map[string]map[string]any{
		"password":   {"amr": []any{"pwd"}, "auth_time": ago(time.Hour)},
		"old-mfa":    {"acr": "aal2", "auth_time": ago(time.Hour)},
		"fresh-mfa":  {"acr": "aal2", "auth_time": ago(time.Minute)},
		"key":        {"acr": "aal3", "auth_time": ago(time.Minute)},
		"ill-formed": {"acr": 2.0},
	}[token]
	if !ok {
		return nil, errors.New("the signature is wrong")
	}
	return claims, nil
}

// TestService asks the service, one request after the other: the dial is turned in between. In a bubble no time passes while it works, so that who is asked for a
// signal answers in time, however busy the machine is.
func TestService(t *testing.T) {
	t.Parallel()
	synctest.Test(t, asksService)
}

func asksService(t *testing.T) {
	var fetched atomic.Int64
	score := any(0.9)
	service, err := open(os.DirFS("policy"), tokens, func(context.Context, *rung.Lookup) (any, error) {
		fetched.Add(1)
		return score, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	const transfer = "POST /accounts/7/transfers"
	for _, c := range []struct {
		name, token, request, body string
		score                      any
		want                       int
		says                       string // the answer, or the acr asked for
		fetched                    int64
	}{
		{"open", "", "GET /healthz", "", 0.9, 200, "well", 0},
		{"not open", "", "GET /healthz/", "", 0.9, 403, "No action", 0},
		{"nobody", "", "GET /accounts/7", "", 0.9, 401, "", 0},
		{"a token that is none", "forged", "GET /accounts/7", "", 0.9, 401, "", 0},
		{"claims that are none", "ill-formed", "GET /accounts/7", "", 0.9, 401, "", 0},
		{"a read", "password", "GET /accounts/7", "", 0.9, 200, "account 7", 0},
		{"a small transfer asks nobody", "password", transfer, `{"amount": 10}`, 0.9, 200, "sent from 7", 0},
		{"a larger one looks at the address", "password", transfer, `{"amount": 200}`, 0.9, 200, "sent from 7", 1},
		{"which is bad", "password", transfer, `{"amount": 200}`, 0.1, 401, "aal2", 1},
		{"or not known", "password", transfer, `{"amount": 200}`, nil, 401, "aal2", 1},
		{"with a second factor nobody asks", "old-mfa", transfer, `{"amount": 200}`, 0.1, 200, "sent from 7", 0},
		{"a large one", "old-mfa", transfer, `{"amount": 2000}`, 0.9, 401, "aal2", 0},
		{"a large one, fresh", "fresh-mfa", transfer, `{"amount": 2000}`, 0.9, 200, "sent from 7", 0},
		{"a closed account", "key", "POST /accounts/closed/transfers", `{"amount": 1}`, 0.9, 403, "The account is closed.", 0},
		{"no JSON", "key", transfer, `{`, 0.9, 400, "cannot be read", 0},
		{"another path to it", "password", "POST /accounts/7//transfers", `{"amount": 2000}`, 0.9, 400, "", 0},
		{"the dial is not for all", "fresh-mfa", "PUT /posture/elevated", "", 0.9, 401, "aal3", 0},
		{"the dial", "key", "PUT /posture/elevated", "", 0.9, 200, "posture elevated", 0},
		{"a small transfer now", "password", transfer, `{"amount": 10}`, 0.9, 401, "aal2", 0},
		{"an odd posture", "key", "PUT /posture/odd", "", 0.9, 404, "odd", 0},
		{"back", "key", "PUT /posture/normal", "", 0.9, 200, "posture normal", 0},
		{"a small transfer again", "password", transfer, `{"amount": 10}`, 0.9, 200, "sent from 7", 0},
	} {
		score = c.score
		before := fetched.Load()
		status, text, asked := send(t, service, c.request, c.token, c.body)
		if status != c.want || !strings.Contains(text, c.says) && !slices.Contains(asked, c.says) {
			t.Errorf("%s: %d, %q, asked for %q", c.name, status, text, asked)
		}
		if got := fetched.Load() - before; got != c.fetched {
			t.Errorf("%s: the reputation was fetched %d times", c.name, got)
		}
	}
}

// send sends a request and returns status, body and the acr values of the challenge.
func send(t *testing.T, service http.Handler, request, token, body string) (status int, text string, acr []string) {
	t.Helper()
	method, path, _ := strings.Cut(request, " ")
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	service.ServeHTTP(w, r)
	resp := w.Result()
	all, err := challenge.Parse(resp.Header.Values("WWW-Authenticate")...)
	if err != nil {
		t.Fatal(err)
	}
	if up, err := challenge.Find(all); err != nil {
		t.Fatal(err)
	} else if up != nil {
		acr = up.ACRValues
	}
	return resp.StatusCode, w.Body.String(), acr
}

// TestReputation: the stand-in, by the address that a decision has.
func TestReputation(t *testing.T) {
	t.Parallel()
	if v, err := reputation(t.Context(), &rung.Lookup{}); v != nil || err != nil {
		t.Errorf("without an address: %v, %v", v, err)
	}
	if _, err := verify(""); err == nil {
		t.Error("a service without an issuer takes a token")
	}
	if _, err := open(os.DirFS("nowhere"), verify, reputation); err == nil {
		t.Error("a service without a policy opens")
	}
}
