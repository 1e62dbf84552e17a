package grpcguard_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/rungpolicy/rung/challenge"
	"github.com/rungpolicy/rung/policy"
	rung "github.com/rungpolicy/rung/sdk"
	"github.com/rungpolicy/rung/sdk/grpcguard"
	"github.com/rungpolicy/rung/sdk/guard"
)

const bank = `policy "bank" { language = 1 }
action "transfer.create" {
  grpc     = ["/bank.v1.Transfers/Create", "/bank.v1.Transfers/Watch", "/bank.v1.Transfers/Upload", "/bank.v1.Transfers/Chat", "/bank.v1.Transfers/Early"]
  level    = "aal1"
  resource = object({ amount = double })
  step_up "large" {
    when    = "resource.amount > 100.0"
    level   = "aal2"
    max_age = "5m"
    reason  = "Große Überweisung"
  }
  deny "odd" {
    when   = "has(resource.amount) && resource.amount == 13.0"
    reason = "Not thirteen."
  }
}
action "key.add" {
  grpc  = ["/bank.v1.Transfers/AddKey"]
  level = "aal2"
  step_up "hardware" { methods = ["hwk", "pop"] }
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

// service counts what has reached it.
type service struct{ calls, messages atomic.Int64 }

func unary(s *service) grpc.MethodHandler {
	return func(_ any, ctx context.Context, decode func(any) error, intercept grpc.UnaryServerInterceptor) (any, error) {
		in := new(structpb.Struct)
		if err := decode(in); err != nil {
			return nil, err
		}
		name, _ := grpc.Method(ctx)
		return intercept(ctx, in, &grpc.UnaryServerInfo{FullMethod: name}, func(ctx context.Context, message any) (any, error) {
			s.calls.Add(1)
			effect := "open"
			if d := grpcguard.DecisionOf(ctx); d != nil {
				effect = d.Effect.String()
			}
			return structpb.NewStringValue(effect), nil
		})
	}
}

// once is what generated code does for a call whose client sends a single message: it receives that before the method runs.
func (s *service) once(_ any, stream grpc.ServerStream) error {
	if err := stream.RecvMsg(new(structpb.Struct)); err != nil {
		return err
	}
	s.calls.Add(1)
	if grpcguard.DecisionOf(stream.Context()) == nil {
		return errors.New("no decision")
	}
	return stream.SendMsg(structpb.NewStringValue("watched"))
}

// early answers before it has received anything.
func (s *service) early(_ any, stream grpc.ServerStream) error {
	if err := stream.SendHeader(metadata.MD{}); err == nil {
		s.calls.Add(1)
	}
	return stream.SendMsg(structpb.NewStringValue("early"))
}

func (s *service) many(_ any, stream grpc.ServerStream) error {
	s.calls.Add(1)
	for {
		err := stream.RecvMsg(new(structpb.Struct))
		if errors.Is(err, io.EOF) {
			return stream.SendMsg(structpb.NewStringValue("taken"))
		}
		if err != nil {
			return err
		}
		s.messages.Add(1)
	}
}

func (s *service) describe() *grpc.ServiceDesc {
	d := &grpc.ServiceDesc{ServiceName: "bank.v1.Transfers", HandlerType: (*any)(nil)}
	for _, name := range []string{"Create", "AddKey", "Unlisted", "Ping"} {
		d.Methods = append(d.Methods, grpc.MethodDesc{MethodName: name, Handler: unary(s)})
	}
	d.Streams = []grpc.StreamDesc{
		{StreamName: "Watch", Handler: s.once, ServerStreams: true},
		{StreamName: "Early", Handler: s.early, ServerStreams: true},
		{StreamName: "Upload", Handler: s.many, ClientStreams: true},
		{StreamName: "Chat", Handler: s.many, ClientStreams: true, ServerStreams: true},
	}
	return d
}

func claimed(ctx context.Context) (guard.Session, error) {
	md, _ := metadata.FromIncomingContext(ctx)
	_, text, _ := strings.Cut(strings.Join(md.Get("authorization"), ""), " ")
	if text == "" {
		return guard.Session{}, nil
	}
	var claims map[string]any
	if err := json.Unmarshal([]byte(text), &claims); err != nil {
		return guard.Session{}, fmt.Errorf("%w: %w", guard.ErrUnauthenticated, err)
	}
	return guard.SessionOf(claims)
}

func decider(t *testing.T, engine *rung.Engine) grpcguard.Decide {
	t.Helper()
	requests, err := rung.Bind[map[string]any](engine)
	if err != nil {
		t.Fatal(err)
	}
	return func(ctx context.Context, action string, message any) (*policy.Decision, error) {
		md, _ := metadata.FromIncomingContext(ctx)
		switch strings.Join(md.Get("break"), "") {
		case "panic":
			panic("broken")
		case "error":
			return nil, errors.New("the store is down")
		case "nil":
			return nil, nil
		}
		session, err := claimed(ctx)
		if err != nil {
			return nil, err
		}
		signals := map[string]any{"session": session}
		if in, ok := message.(*structpb.Struct); ok && action == "transfer.create" {
			signals["resource"] = in.AsMap()
		}
		return requests.DecideContext(ctx, action, &signals), nil
	}
}

// dial starts a server behind a guard and returns a client's connection, and what stands behind.
func dial(t *testing.T, opts ...grpcguard.Option) (*grpc.ClientConn, *service) {
	t.Helper()
	engine := load(t, bank)
	opts = append([]grpcguard.Option{grpcguard.WithReport(func(context.Context, error) {}), grpcguard.WithClock(func() time.Time { return noon })}, opts...)
	g, err := grpcguard.New(engine.Policy, decider(t, engine), opts...)
	if err != nil {
		t.Fatal(err)
	}
	s := &service{}
	server := grpc.NewServer(grpc.ChainUnaryInterceptor(g.Unary), grpc.ChainStreamInterceptor(g.Stream))
	server.RegisterService(s.describe(), nil)
	l := bufconn.Listen(1 << 16)
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	t.Cleanup(func() {
		server.Stop()
		if err := <-served; err != nil && !errors.Is(err, grpc.ErrServerStopped) { // of one that was stopped before it began
			t.Error(err)
		}
	})
	conn, err := grpc.NewClient("passthrough:bufconn", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return l.DialContext(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn, s
}

const (
	weak   = `Bearer {"acr": "aal1", "auth_time": 1795172400}`
	strong = `Bearer {"acr": "aal2", "auth_time": 1795175940}`
)

func message(t *testing.T, amount any) *structpb.Struct {
	t.Helper()
	m, err := structpb.NewStruct(map[string]any{"amount": amount})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestUnary(t *testing.T) {
	t.Parallel()
	conn, s := dial(t, grpcguard.WithOpen("/bank.v1.Transfers/Ping", "/bank.v1.Transfers/Create"))
	for name, c := range map[string]struct {
		method string
		amount any
		md     []string
		want   codes.Code
	}{
		"allow":                     {"Create", 1.0, []string{"authorization", weak}, codes.OK},
		"nobody":                    {"Create", 1.0, nil, codes.Unauthenticated},
		"a token that is none":      {"Create", 1.0, []string{"authorization", "Bearer {"}, codes.Unauthenticated},
		"two credentials":           {"Create", 1.0, []string{"authorization", weak, "authorization", strong}, codes.InvalidArgument},
		"large":                     {"Create", 1000.0, []string{"authorization", weak}, codes.Unauthenticated},
		"large, strong":             {"Create", 1000.0, []string{"authorization", strong}, codes.OK},
		"deny":                      {"Create", 13.0, []string{"authorization", strong}, codes.PermissionDenied},
		"of another type":           {"Create", "1", []string{"authorization", strong}, codes.InvalidArgument},
		"methods of a higher level": {"AddKey", 1.0, []string{"authorization", strong}, codes.Unauthenticated},
		"an error":                  {"Create", 1.0, []string{"authorization", strong, "break", "error"}, codes.Unavailable},
		"a panic":                   {"Create", 1.0, []string{"authorization", strong, "break", "panic"}, codes.Internal},
		"no decision":               {"Create", 1.0, []string{"authorization", strong, "break", "nil"}, codes.Internal},
		"a method of no action":     {"Unlisted", 1.0, []string{"authorization", strong}, codes.PermissionDenied},
		"an open method":            {"Ping", 1.0, nil, codes.OK},
	} {
		before := s.calls.Load()
		ctx := metadata.AppendToOutgoingContext(t.Context(), c.md...)
		err := conn.Invoke(ctx, "/bank.v1.Transfers/"+c.method, message(t, c.amount), new(structpb.Value))
		if status.Code(err) != c.want {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if (s.calls.Load() > before) != (c.want == codes.OK) {
			t.Errorf("%s: the method has run: %v", name, c.want != codes.OK)
		}
	}
}

func TestChallenge(t *testing.T) {
	t.Parallel()
	conn, _ := dial(t, grpcguard.WithSchemes(challenge.Challenge{Scheme: challenge.Bearer}, challenge.Challenge{Scheme: challenge.DPoP, Params: challenge.Algs("ES256")}))
	ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", "DPoP"+strings.TrimPrefix(weak, "Bearer"))
	var trailer metadata.MD
	err := conn.Invoke(ctx, "/bank.v1.Transfers/Create", message(t, 1000), new(structpb.Value), grpc.Trailer(&trailer))
	all, parseErr := challenge.Parse(trailer.Get(grpcguard.ChallengeKey)...)
	if parseErr != nil || len(all) != 2 || len(all[0].Params) != 0 || !all[1].Is(challenge.DPoP) {
		t.Fatalf("%v, %v", all, parseErr)
	}
	up, findErr := challenge.Find(all)
	if findErr != nil || up.ACRValues[0] != "aal2" || up.MaxAge != 300 {
		t.Errorf("%+v, %v", up, findErr)
	}
	var info *errdetails.ErrorInfo
	var reasons []string
	for _, d := range status.Convert(err).Details() {
		switch d := d.(type) {
		case *errdetails.ErrorInfo:
			info = d
		case *errdetails.LocalizedMessage:
			reasons = append(reasons, d.GetMessage())
		default:
			t.Errorf("%T", d)
		}
	}
	if info.GetReason() != "INSUFFICIENT_USER_AUTHENTICATION" || info.GetDomain() != grpcguard.Domain || info.GetMetadata()["max_age"] != "300" || !strings.HasPrefix(info.GetMetadata()["acr_values"], "aal2 ") {
		t.Errorf("%v", info)
	}
	if len(reasons) != 1 || reasons[0] != "Große Überweisung" {
		t.Errorf("%q", reasons)
	}
	// Back from the challenge with what does not do.
	mark := trailer.Get(grpcguard.MarkKey)
	if len(mark) != 1 {
		t.Fatalf("marks %q", mark)
	}
	ctx = metadata.AppendToOutgoingContext(ctx, grpcguard.MarkKey, mark[0])
	if err := conn.Invoke(ctx, "/bank.v1.Transfers/Create", message(t, 1000), new(structpb.Value)); status.Code(err) != codes.PermissionDenied {
		t.Errorf("back from the challenge: %v", err)
	}
}

func TestStream(t *testing.T) {
	t.Parallel()
	conn, s := dial(t)
	for name, c := range map[string]struct {
		method string
		amount any
		md     []string
		want   codes.Code
	}{
		"watch":                     {"Watch", 1.0, []string{"authorization", weak}, codes.OK},
		"watch, nobody":             {"Watch", 1.0, nil, codes.Unauthenticated},
		"watch, by its message":     {"Watch", 1000.0, []string{"authorization", weak}, codes.Unauthenticated},
		"watch, denied":             {"Watch", 13.0, []string{"authorization", strong}, codes.PermissionDenied},
		"upload, without a message": {"Upload", 1.0, []string{"authorization", weak}, codes.Unauthenticated}, // the rule that reads it applies
		"upload, strong":            {"Upload", 1.0, []string{"authorization", strong}, codes.OK},
		"chat, nobody":              {"Chat", 1.0, nil, codes.Unauthenticated},
		"chat, strong":              {"Chat", 1.0, []string{"authorization", strong}, codes.OK},
		"an answer to nothing read": {"Early", 1.0, []string{"authorization", strong}, codes.Internal},
	} {
		before := s.calls.Load()
		ctx := metadata.AppendToOutgoingContext(t.Context(), c.md...)
		err := stream(ctx, t, conn, c.method, c.amount)
		if status.Code(err) != c.want {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if (s.calls.Load() > before) != (c.want == codes.OK) {
			t.Errorf("%s: the method has run: %v", name, c.want != codes.OK)
		}
	}
	if s.messages.Load() != 2 {
		t.Errorf("%d messages", s.messages.Load())
	}
}

// stream sends a message and waits for the answer.
func stream(ctx context.Context, t *testing.T, conn *grpc.ClientConn, method string, amount any) error {
	t.Helper()
	desc := &grpc.StreamDesc{ServerStreams: true, ClientStreams: method == "Upload" || method == "Chat"}
	c, err := conn.NewStream(ctx, desc, "/bank.v1.Transfers/"+method)
	if err != nil {
		return err
	}
	if err := c.SendMsg(message(t, amount)); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if err := c.CloseSend(); err != nil {
		return err
	}
	return c.RecvMsg(new(structpb.Value))
}

// TestNames: a name that is not of the form is open to nobody, whatever is open.
func TestNames(t *testing.T) {
	t.Parallel()
	engine := load(t, bank)
	g, err := grpcguard.New(engine.Policy, decider(t, engine), grpcguard.WithOpen("/open.v1.Service/*", "/bank.v1.Transfers/*"), grpcguard.WithReport(func(context.Context, error) {}))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]codes.Code{
		"/open.v1.Service/Any": codes.OK, "/bank.v1.Transfers/Ping": codes.OK, "/bank.v1.Transfers/Create": codes.Unauthenticated,
		"bank.v1.Transfers/Create": codes.PermissionDenied, "//bank.v1.Transfers/Create": codes.PermissionDenied, "/bank.v1.Transfers//Create": codes.PermissionDenied,
		"/bank.v1.Transfers/Create/": codes.PermissionDenied, "/open.v1.Service/": codes.PermissionDenied, "/open.v1.Service/*": codes.PermissionDenied,
		"/open.v1.Service/../bank.v1.Transfers/Create": codes.PermissionDenied, "": codes.PermissionDenied, "/": codes.PermissionDenied, "//": codes.PermissionDenied,
		"/Open.v1.Service/Any": codes.PermissionDenied, "/*/*": codes.PermissionDenied,
	} {
		_, err := g.Unary(t.Context(), nil, &grpc.UnaryServerInfo{FullMethod: name}, func(context.Context, any) (any, error) { return nil, nil })
		if status.Code(err) != want {
			t.Errorf("%q: %v, want %v", name, err, want)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	engine := load(t, bank)
	decide := decider(t, engine)
	for name, build := range map[string]func() (*grpcguard.Guard, error){
		"no policies":    func() (*grpcguard.Guard, error) { return grpcguard.New(nil, decide) },
		"no policy":      func() (*grpcguard.Guard, error) { return grpcguard.New(func() *policy.Policy { return nil }, decide) },
		"nobody decides": func() (*grpcguard.Guard, error) { return grpcguard.New(engine.Policy, nil) },
		"no method": func() (*grpcguard.Guard, error) {
			return grpcguard.New(engine.Policy, decide, grpcguard.WithOpen("Ping"))
		},
		"no schemes": func() (*grpcguard.Guard, error) { return grpcguard.New(engine.Policy, decide, grpcguard.WithSchemes()) },
	} {
		if _, err := build(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestPolicyChanges: method and decision are of one policy.
func TestPolicyChanges(t *testing.T) {
	t.Parallel()
	engines := []*rung.Engine{
		load(t, "policy \"one\" { language = 1 }\naction \"a\" {\n  grpc  = [\"/x.X/X\"]\n  level = \"none\"\n}\naction \"b\" { level = \"aal3\" }\n"),
		load(t, "policy \"two\" { language = 1 }\naction \"b\" {\n  grpc  = [\"/x.X/X\"]\n  level = \"none\"\n}\naction \"a\" { level = \"aal3\" }\n"),
	}
	current, asked, always := 0, 0, true
	g, err := grpcguard.New(func() *policy.Policy { return engines[current].Policy() }, func(_ context.Context, action string, _ any) (*policy.Decision, error) {
		if asked++; asked == 1 || always {
			current = 1 - current
		}
		return engines[current].Decide(&rung.Request{Action: action}), nil
	}, grpcguard.WithReport(func(context.Context, error) {}))
	if err != nil {
		t.Fatal(err)
	}
	call := func() codes.Code {
		asked = 0
		_, err := g.Unary(t.Context(), nil, &grpc.UnaryServerInfo{FullMethod: "/x.X/X"}, func(context.Context, any) (any, error) { return nil, nil })
		return status.Code(err)
	}
	if got := call(); got != codes.Unavailable || asked != 3 {
		t.Errorf("a policy that never rests: %v after %d", got, asked)
	}
	always = false
	if got := call(); got != codes.OK || asked != 2 {
		t.Errorf("a policy that changes once: %v after %d", got, asked)
	}
}
