package httpguard_test

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"testing/fstest"

	"github.com/rungpolicy/rung/challenge"
	rung "github.com/rungpolicy/rung/sdk"
	"github.com/rungpolicy/rung/sdk/guard"
	"github.com/rungpolicy/rung/sdk/httpguard"
)

// Claims of a token come from a library for JWTs, which has verified it: here they are always the same.
func claims(*http.Request) map[string]any { return map[string]any{"amr": []any{"pwd"}} }

func Example() {
	engine, err := rung.Load(fstest.MapFS{"bank.rung.hcl": {Data: []byte(`
policy "bank" { language = 1 }
action "account.read" {
  http  = ["GET /accounts/{account}"]
  level = "aal1"
}
action "account.close" {
  http  = ["DELETE /accounts/{account}"]
  level = "aal2"
}
`)}})
	if err != nil {
		log.Fatal(err)
	}
	requests, err := rung.Bind[map[string]any](engine)
	if err != nil {
		log.Fatal(err)
	}
	g, err := httpguard.New(engine.Policy, func(r *http.Request, action string) (*rung.Decision, error) {
		session, err := guard.SessionOf(claims(r))
		if err != nil {
			return nil, err
		}
		return requests.Decide(action, &map[string]any{"session": session}), nil
	}, httpguard.WithOpen("GET /healthz"))
	if err != nil {
		log.Fatal(err)
	}
	handler := g.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {}))

	for _, line := range []string{"GET /accounts/7", "DELETE /accounts/7", "GET /healthz", "GET /other", "GET /accounts//7"} {
		var method, path string
		fmt.Sscan(line, &method, &path)
		r := httptest.NewRequest(method, path, nil)
		r.Header.Set("Authorization", "Bearer …")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		fmt.Println(line, w.Code)
		if up, err := findChallenge(w.Header()); err == nil && up != nil {
			fmt.Println("  ask for", up.Query()["acr_values"])
		}
	}
	// Output:
	// GET /accounts/7 200
	// DELETE /accounts/7 401
	//   ask for aal2 http://idmanagement.gov/ns/assurance/aal/2 aal3 http://idmanagement.gov/ns/assurance/aal/3
	// GET /healthz 200
	// GET /other 403
	// GET /accounts//7 400
}

func findChallenge(h http.Header) (*challenge.StepUp, error) {
	all, err := challenge.Parse(h.Values("WWW-Authenticate")...)
	if err != nil {
		return nil, err
	}
	return challenge.Find(all)
}
