// Command embed is a small service behind a policy: three guarded routes, a signal that is fetched only where the outcome turns on it, and a dial that somebody
// on call may turn while it runs.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"time"

	rung "github.com/rungpolicy/rung/sdk"
	"github.com/rungpolicy/rung/sdk/guard"
	"github.com/rungpolicy/rung/sdk/httpguard"
)

func main() {
	service, err := open(os.DirFS("policy"), verify, reputation)
	if err != nil {
		log.Fatal(err) // every mistake in the policy, each with its place
	}
	log.Fatal(http.ListenAndServe("localhost:8080", service))
}

// Request is what the policy's conditions may look at. What is lazy is not in it.
type Request struct {
	Session  guard.Session
	Network  Network
	Transfer *Transfer `rung:"resource"`
}

// Network is the standard signal, as far as this service knows it.
type Network struct{ IP netip.Addr }

// Transfer is the resource of transfer.create, and what a client sends.
type Transfer struct {
	Account string  `json:"-"`
	Amount  float64 `json:"amount"`
}

// open makes the service.
func open(policy fs.FS, verify func(token string) (claims map[string]any, err error), reputation rung.Provider) (http.Handler, error) {
	engine, err := rung.Load(policy, rung.WithProvider("reputation", 100*time.Millisecond, reputation))
	if err != nil {
		return nil, err
	}
	requests, err := rung.Bind[Request](engine)
	if err != nil {
		return nil, err
	}
	guarded, err := httpguard.New(engine.Policy, func(r *http.Request, action string) (*rung.Decision, error) {
		q, err := evidence(r, action, verify)
		if err != nil {
			return nil, err
		}
		return requests.DecideContext(r.Context(), action, q), nil
	}, httpguard.WithOpen("GET /healthz"))
	if err != nil {
		return nil, err
	}
	return guarded.Handler(routes(engine)), nil
}

// evidence reads what a request is decided by. An error fails closed.
func evidence(r *http.Request, action string, verify func(string) (map[string]any, error)) (*Request, error) {
	q := &Request{}
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		claims, err := verify(token)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", guard.ErrUnauthenticated, err)
		}
		if q.Session, err = guard.SessionOf(claims); err != nil {
			return nil, err
		}
	}
	if peer, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		q.Network.IP = peer.Addr()
	}
	if action == "transfer.create" {
		text, err := httpguard.Body(r, 1<<10)
		if err != nil {
			return nil, err
		}
		q.Transfer = &Transfer{}
		if err := json.Unmarshal(text, q.Transfer); err != nil {
			return nil, fmt.Errorf("%w: %w", guard.ErrUnreadable, err)
		}
		q.Transfer.Account = r.PathValue("account")
	}
	return q, nil
}

// routes is the application. It knows nothing of levels and challenges.
func routes(engine *rung.Engine) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "well") })
	mux.HandleFunc("GET /accounts/{account}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "account", r.PathValue("account"))
	})
	mux.HandleFunc("POST /accounts/{account}/transfers", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "sent from", r.PathValue("account"))
	})
	mux.HandleFunc("PUT /posture/{name}", func(w http.ResponseWriter, r *http.Request) {
		if err := engine.SetPosture(r.PathValue("name")); err != nil {
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		}
		fmt.Fprintln(w, "posture", engine.Posture())
	})
	return mux
}

// verify stands for a JWT library: it checks signature, issuer, audience and expiry, and returns the claims.
func verify(string) (map[string]any, error) {
	return nil, errors.New("no issuer is set up")
}

// reputation stands for a service that costs money: it says nothing of addresses but that those of the documentation (RFC 5737) are bad.
func reputation(_ context.Context, about *rung.Lookup) (any, error) {
	ip, ok := about.Value("network", "ip").(netip.Addr)
	if !ok {
		return nil, nil
	}
	if netip.MustParsePrefix("192.0.2.0/24").Contains(ip) {
		return 0.1, nil
	}
	return 0.9, nil
}
