// Package grpcguard lets a call of gRPC through where the policy allows its action, and answers it otherwise: UNAUTHENTICATED with a challenge (RFC 9470), or
// PERMISSION_DENIED.
//
//	g, err := grpcguard.New(engine.Policy, func(ctx context.Context, action string, message any) (*policy.Decision, error) {
//		session, err := guard.SessionOf(claims(ctx)) // claims that your JWT library has verified
//		if err != nil {
//			return nil, err
//		}
//		return requests.DecideContext(ctx, action, &Request{Session: session, Resource: resource(message)}), nil
//	}, grpcguard.WithOpen("/grpc.health.v1.Health/*"))
//	…
//	server := grpc.NewServer(grpc.ChainUnaryInterceptor(g.Unary), grpc.ChainStreamInterceptor(g.Stream))
//
// The action is found by the `grpc` names of the policy, which are full names of methods. A method that none of them names is refused, unless [WithOpen] lets it through.
//
// What is decided by is the message of the call. A call with a stream of messages from the client is decided about when it begins, without a message: what reads the
// resource then misses it, and so such rules apply.
//
// A refusal has a [errdetails.ErrorInfo] with acr_values and max_age, a [errdetails.LocalizedMessage] for each reason of the rules' authors, and the challenges in the
// trailer `www-authenticate`, which package challenge reads. Nothing is let through on failure: INTERNAL, UNAVAILABLE.
package grpcguard

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/rungpolicy/rung/challenge"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/sdk/guard"
)

// Decide collects the evidence and the signals of a call, and has an engine decide about the action. It may be called twice for one call, if the policy is changed meanwhile.
// The message is nil where the client sends a stream of them. An error is answered with UNAVAILABLE, one that wraps [guard.ErrUnauthenticated] with
// UNAUTHENTICATED, and [guard.ErrUnreadable] with INVALID_ARGUMENT.
type Decide func(ctx context.Context, action string, message any) (*policy.Decision, error)

// Guard guards the methods of a server. It is safe for concurrent use.
type Guard struct {
	policies func() *policy.Policy
	decide   Decide
	options
	current atomic.Pointer[methods]
}

type options struct {
	open    map[string]bool
	unknown []string
	schemes guard.Schemes
	clock   func() time.Time
	report  func(ctx context.Context, err error)
}

// Option changes what a guard does.
type Option func(*options)

// WithOpen lets methods through without a decision, unless they are an action's: `/package.Service/Method`, or `/package.Service/*` for all of a service.
func WithOpen(names ...string) Option {
	return func(o *options) {
		for _, name := range names {
			if service, method := split(name); service == "" || method == "" {
				o.unknown = append(o.unknown, name)
			}
			o.open[name] = true
		}
	}
}

// WithSchemes sets what a client may authenticate by, as the challenges that one without a credential gets; the default is a bare Bearer.
func WithSchemes(schemes ...challenge.Challenge) Option {
	return func(o *options) { o.schemes = schemes }
}

// WithClock sets what time challenges are marked with; the default is time.Now.
func WithClock(now func() time.Time) Option { return func(o *options) { o.clock = now } }

// WithReport sets who is told of what goes wrong; what is said may quote the call. The default is [slog.Default].
func WithReport(report func(context.Context, error)) Option {
	return func(o *options) { o.report = report }
}

// New makes a guard. The policy is asked for at every call, so that it may change: it must be cheap to ask for, and the same pointer as long as it is the same. The error
// says what is missing, or is no name of a method.
func New(policies func() *policy.Policy, decide Decide, opts ...Option) (*Guard, error) {
	g := &Guard{policies: policies, decide: decide, options: options{
		open: map[string]bool{}, schemes: guard.Schemes{{Scheme: challenge.Bearer}}, clock: time.Now,
		report: func(ctx context.Context, err error) { slog.ErrorContext(ctx, "rung: a call was refused", "error", err) },
	}}
	for _, set := range opts {
		set(&g.options)
	}
	if policies == nil || policies() == nil || decide == nil {
		return nil, errors.New("a guard needs a policy and what decides")
	}
	if len(g.unknown) > 0 {
		return nil, fmt.Errorf("`%s` is no full name of a method", g.unknown[0])
	}
	return g, g.schemes.Check()
}

// Unary guards calls of one message and one answer: a [grpc.UnaryServerInterceptor].
func (g *Guard) Unary(ctx context.Context, message any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	d, err := g.enter(ctx, info.FullMethod, message)
	if err != nil {
		return nil, err
	}
	return handler(with(ctx, d), message)
}

// Stream guards the other calls: a [grpc.StreamServerInterceptor]. Where the client sends a single message, that is decided by.
func (g *Guard) Stream(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	in := &guarded{ServerStream: stream, guard: g, method: info.FullMethod, ctx: stream.Context()}
	if info.IsClientStream {
		if err := in.enter(nil); err != nil {
			return err
		}
	}
	return handler(srv, in)
}

// methods are the actions of a policy by the full names of their methods.
type methods struct {
	policy  *policy.Policy
	actions map[string]string
}

func (g *Guard) methods() *methods {
	p := g.policies()
	if m := g.current.Load(); m != nil && m.policy == p {
		return m
	}
	m := &methods{policy: p, actions: map[string]string{}}
	if p != nil {
		for _, a := range p.Actions {
			for _, name := range a.GRPC {
				m.actions[name] = a.Name
			}
		}
	}
	g.current.Store(m)
	return m
}

// attempts bounds how often a call is decided anew because the policy has changed.
const attempts = 3

// enter lets a call through, or is the status that it is answered with. Method and decision are of one policy: where it has changed in between, both are taken anew.
func (g *Guard) enter(ctx context.Context, method string, message any) (*policy.Decision, error) {
	for range attempts {
		m := g.methods()
		if m.policy == nil {
			return nil, g.status(ctx, guard.Refuse(500, "", errors.New("there is no policy")))
		}
		action, ok := m.actions[method]
		if !ok {
			if g.opens(method) {
				return nil, nil
			}
			return nil, g.status(ctx, guard.Refuse(403, "No action is known for this method.", nil))
		}
		d, a := g.ask(ctx, action, message)
		if d == nil || d.Error != nil || d.Policy.Digest == m.policy.Digest {
			if a.Pass {
				return d, nil
			}
			return nil, g.status(ctx, a)
		}
	}
	return nil, g.status(ctx, guard.Refuse(503, "", errors.New("the policy changes faster than it decides, or the function decides by another one")))
}

// opens reports whether a method is open. A name that is not of the form is nobody's.
func (g *Guard) opens(method string) bool {
	service, name := split(method)
	return service != "" && name != "" && name != "*" && (g.open[method] || g.open["/"+service+"/*"])
}

// split is the service and the method of a full name; both are "" if it is none.
func split(name string) (service, method string) {
	parts := strings.Split(name, "/")
	if len(parts) != 3 || parts[0] != "" {
		return "", ""
	}
	return parts[1], parts[2]
}

// ask has an action decided. What panics is a failure.
func (g *Guard) ask(ctx context.Context, action string, message any) (d *policy.Decision, a guard.Answer) {
	q := guard.Query{Now: g.clock()}
	defer func() {
		if x := recover(); x != nil {
			d, a = nil, guard.Refuse(500, "", fmt.Errorf("deciding about %s: panic: %v", action, x))
		}
	}()
	credentials, marks := metadata.ValueFromIncomingContext(ctx, "authorization"), metadata.ValueFromIncomingContext(ctx, MarkKey)
	if len(credentials) > 1 {
		return nil, guard.Refuse(400, "The call has several credentials.", errors.New("several authorization values"))
	}
	q.Credential = len(credentials) == 1
	if len(marks) == 1 {
		q.Mark = marks[0]
	}
	d, err := g.decide(ctx, action, message)
	if err != nil {
		d = nil
	}
	return d, guard.To(g.policies(), action, d, err, q)
}

type decisionKey struct{}

func with(ctx context.Context, d *policy.Decision) context.Context {
	return context.WithValue(ctx, decisionKey{}, d)
}

// DecisionOf is the decision that has let a call through; nil in open methods, and in a stream whose message has not come yet.
func DecisionOf(ctx context.Context) *policy.Decision {
	d, _ := ctx.Value(decisionKey{}).(*policy.Decision)
	return d
}
