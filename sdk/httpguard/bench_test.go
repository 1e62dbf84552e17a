package httpguard_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/sdk/httpguard"
)

// BenchmarkGuard is what a guard takes besides the decision: of a guarded route, and of an open one behind all of a policy's.
func BenchmarkGuard(b *testing.B) {
	engine := load(b, bank)
	allowed := &policy.Decision{Effect: policy.Allow, Action: "account.read", Policy: policy.Identity{Digest: engine.Policy().Digest}}
	g, err := httpguard.New(engine.Policy, func(*http.Request, string) (*policy.Decision, error) { return allowed, nil }, httpguard.WithOpen("GET /"))
	if err != nil {
		b.Fatal(err)
	}
	served := 0
	h := g.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served++ }))
	for name, target := range map[string]string{"guarded": "/accounts/7", "open": "/pages"} {
		b.Run(name, func(b *testing.B) {
			r := httptest.NewRequestWithContext(b.Context(), "GET", target, nil)
			w := httptest.NewRecorder()
			b.ReportAllocs()
			for b.Loop() {
				h.ServeHTTP(w, r)
			}
		})
	}
	if served == 0 {
		b.Fatal("nothing was served")
	}
}
