package grpcguard_test

import (
	"context"
	"fmt"
	"log"
	"testing/fstest"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	rung "github.com/rungpolicy/rung/sdk"
	"github.com/rungpolicy/rung/sdk/grpcguard"
	"github.com/rungpolicy/rung/sdk/guard"
)

// Claims of a token come from a library for JWTs, which has verified it: here they are always the same.
func claims(context.Context) map[string]any { return map[string]any{"amr": []any{"pwd"}} }

func Example() {
	engine, err := rung.Load(fstest.MapFS{"bank.rung.hcl": {Data: []byte(`
policy "bank" { language = 1 }
action "account.close" {
  grpc  = ["/bank.v1.Accounts/Close"]
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
	g, err := grpcguard.New(engine.Policy, func(ctx context.Context, action string, _ any) (*rung.Decision, error) {
		session, err := guard.SessionOf(claims(ctx))
		if err != nil {
			return nil, err
		}
		return requests.DecideContext(ctx, action, &map[string]any{"session": session}), nil
	}, grpcguard.WithOpen("/grpc.health.v1.Health/*"), grpcguard.WithReport(func(context.Context, error) {}))
	if err != nil {
		log.Fatal(err)
	}
	// In a program: grpc.NewServer(grpc.ChainUnaryInterceptor(g.Unary), grpc.ChainStreamInterceptor(g.Stream)).
	ctx := metadata.NewIncomingContext(context.Background(), metadata.Pairs("authorization", "Bearer …"))
	for _, method := range []string{"/bank.v1.Accounts/Close", "/bank.v1.Accounts/Other", "/grpc.health.v1.Health/Check"} {
		_, err := g.Unary(ctx, nil, &grpc.UnaryServerInfo{FullMethod: method}, func(context.Context, any) (any, error) { return nil, nil })
		fmt.Println(method, status.Code(err))
	}
	// Output:
	// /bank.v1.Accounts/Close Unauthenticated
	// /bank.v1.Accounts/Other PermissionDenied
	// /grpc.health.v1.Health/Check OK
}
