// Package httpguard lets a request of net/http through where the policy allows its action, and answers it otherwise: 401 with a challenge
// (RFC 9470), 403, or a failure.
//
//	g, err := httpguard.New(engine.Policy, func(r *http.Request, action string) (*policy.Decision, error) {
//		session, err := guard.SessionOf(claims(r)) // claims that your JWT library has verified
//		if err != nil {
//			return nil, err
//		}
//		return requests.Decide(action, &Request{Session: session, Resource: resource(r)}), nil
//	}, httpguard.WithOpen("GET /healthz"))
//	…
//	http.ListenAndServe(address, g.Handler(mux))
//
// # Which action
//
// [Guard.Handler] stands before a router and finds the action by the `http` patterns of the policy, which are those of [http.ServeMux] and are matched by
// one. A request that none of them matches is refused, unless a pattern given to [WithOpen] lets it through. Path values of the policy's pattern
// are there for the function that decides ([http.Request.PathValue]).
//
// The router behind must see the request that was decided about. So what routers read in different ways is refused with 400: paths that are not clean (`//`,
// `..`, encoded too), with encoded slashes, backslashes, semicolons, question marks and number signs, percent signs that decode twice, control characters or bytes that
// are not UTF-8; CONNECT, and upgrades to HTTP/2 in clear text; headers, and a `_method` in the query, that override the method or the path. What rewrites paths or
// methods stands before the guard: what is in the body of a form, say, which the guard does not read. CORS stands before it too: a preflight has no credentials.
//
// [Guard.Action] guards a single handler for an action by name; then the application's own router says what is what, and there are no patterns to agree on.
//
// # What it answers
//
//	401  step_up; who came without a credential, or with an invalid one
//	403  deny; no action; a challenge that would not help
//	400  a request that routers read in different ways, or that cannot be decided about
//	503  the function that decides has failed, or nobody looked for a lazy signal
//	500  the engine has failed, or something has panicked
//
// The body is a [challenge.Problem]. Nothing is let through on failure. The package links no engine: what decides is the function's affair.
package httpguard

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rungpolicy/rung/challenge"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/sdk/guard"
)

// Decide collects the evidence and the signals of a request, and has an engine decide about the action. It may be called twice for one request, if the
// policy is changed meanwhile. It must not write to the response; the body it reads by [Body]. An error is answered with 503, one that wraps
// [guard.ErrUnauthenticated] with 401, and [guard.ErrUnreadable] with 400.
type Decide func(r *http.Request, action string) (*policy.Decision, error)

// Guard guards handlers. It is safe for concurrent use.
type Guard struct {
	policies func() *policy.Policy
	decide   Decide
	options

	building sync.Mutex
	current  atomic.Pointer[routes]
}

type options struct {
	open    []string
	schemes guard.Schemes
	cookie  bool
	anyPath bool
	clock   func() time.Time
	report  func(*http.Request, error)
}

// Option changes what a guard does.
type Option func(*options)

// WithOpen lets the requests that match these patterns, and none of an action, through without a decision. A pattern without a method or host lets nothing through that
// an action has with one, and none lets through what would be an action's with a slash more or less at its end, without dots or spaces there, or in small letters. So `GET /` is for pages, and `/` for what is none of the
// policy's in any way.
func WithOpen(patterns ...string) Option {
	return func(o *options) { o.open = append(o.open, patterns...) }
}

// WithSchemes sets what a client may authenticate by, as the challenges that one without a credential gets; the default is a bare Bearer. The error goes into the one
// that the request came with, or into the first (RFC 9449, section 7.2):
//
//	httpguard.WithSchemes(
//		challenge.Challenge{Scheme: challenge.Bearer},
//		challenge.Challenge{Scheme: challenge.DPoP, Params: challenge.Algs("ES256")},
//	)
func WithSchemes(schemes ...challenge.Challenge) Option {
	return func(o *options) { o.schemes = schemes }
}

// WithCookie has browsers carry the mark of a challenge in a cookie, so that the guard sees who comes back from one: for sessions that are cookies themselves. Other
// clients give the header [MarkHeader] back.
func WithCookie() Option { return func(o *options) { o.cookie = true } }

// WithAnyPath takes encoded slashes, question marks and number signs, semicolons, backslashes and what decodes twice: for a router behind that reads paths as net/http does. Paths that are not clean
// are refused all the same.
func WithAnyPath() Option { return func(o *options) { o.anyPath = true } }

// WithClock sets what time challenges are marked with; the default is time.Now.
func WithClock(now func() time.Time) Option { return func(o *options) { o.clock = now } }

// WithReport sets who is told of what goes wrong; what is said may quote the request. The default is [slog.Default]: as an error what is wrong on this side, as information
// what is wrong with requests.
func WithReport(report func(*http.Request, error)) Option {
	return func(o *options) { o.report = report }
}

// New makes a guard. The policy is asked for at every request, so that it may change: it must be cheap to ask for, and the same pointer as long as it is the same.
// The error says what is missing, or which open patterns are in conflict.
func New(policies func() *policy.Policy, decide Decide, opts ...Option) (*Guard, error) {
	g := &Guard{policies: policies, decide: decide, options: options{
		schemes: guard.Schemes{{Scheme: challenge.Bearer}}, clock: time.Now,
		report: func(r *http.Request, err error) {
			level := slog.LevelError
			if errors.Is(err, guard.ErrUnauthenticated) || errors.Is(err, guard.ErrUnreadable) {
				level = slog.LevelInfo // anybody can have that happen, as often as he likes
			}
			slog.Log(r.Context(), level, "rung: a request was refused", "error", err)
		},
	}}
	for _, set := range opts {
		set(&g.options)
	}
	if policies == nil || decide == nil {
		return nil, errors.New("a guard needs a policy and what decides")
	}
	if err := g.schemes.Check(); err != nil {
		return nil, err
	}
	_, err := g.routes()
	return g, err
}

// Handler guards all that next serves.
func (g *Guard) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if why := unclear(r, g.anyPath); why != "" {
			g.answer(w, r, guard.Refuse(http.StatusBadRequest, why, nil))
			return
		}
		if in, a := g.route(r); a.Pass {
			next.ServeHTTP(w, in)
		} else {
			g.answer(w, r, a)
		}
	})
}

// Action guards a handler for an action, whatever the request's path. An action that the policy does not declare is never allowed.
func (g *Guard) Action(action string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d, a := g.ask(r, action)
		if !a.Pass {
			g.answer(w, r, a)
			return
		}
		next.ServeHTTP(w, with(r, d))
	})
}

// attempts bounds how often a request is decided anew because the policy has changed.
const attempts = 3

// route finds a request's action and has it decided. Routes and decision are of one policy: where it has changed in between, both are taken anew.
func (g *Guard) route(r *http.Request) (*http.Request, guard.Answer) {
	for range attempts {
		routes, err := g.routes()
		if err != nil {
			return nil, guard.Refuse(http.StatusInternalServerError, "", err)
		}
		found, in := routes.find(r)
		switch {
		case found == nil:
			return nil, guard.Refuse(http.StatusForbidden, "No action is known for this request.", nil)
		case found.open:
			return r, guard.Answer{Pass: true}
		}
		d, a := g.ask(in, found.action)
		if d == nil || d.Policy.Digest == routes.policy.Digest || d.Error != nil {
			return with(in, d), a
		}
		r.Body = in.Body // which may have been read, and made anew
	}
	return nil, guard.Refuse(http.StatusServiceUnavailable, "", errors.New("the policy changes faster than it decides, or the function decides by another one"))
}

// ask has an action decided. What panics is a failure; http.ErrAbortHandler goes through, as it says that nothing is to be answered.
func (g *Guard) ask(r *http.Request, action string) (d *policy.Decision, a guard.Answer) {
	q := g.query(r)
	defer func() {
		if x := recover(); x == http.ErrAbortHandler { //nolint:errorlint // what is thrown is this value
			panic(x)
		} else if x != nil {
			d, a = nil, guard.Refuse(http.StatusInternalServerError, "", fmt.Errorf("deciding about %s: panic: %v", action, x))
		}
	}()
	if len(r.Header["Authorization"]) > 1 {
		return nil, guard.Refuse(http.StatusBadRequest, "The request has several credentials.", errors.New("several Authorization lines"))
	}
	d, err := g.decide(r, action)
	if d != nil && err != nil {
		d = nil
	}
	return d, guard.To(g.policies(), action, d, err, q)
}

type decisionKey struct{}

func with(r *http.Request, d *policy.Decision) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), decisionKey{}, d))
}

// DecisionOf is the decision that has let a request through; nil in open routes.
func DecisionOf(ctx context.Context) *policy.Decision {
	d, _ := ctx.Value(decisionKey{}).(*policy.Decision)
	return d
}
