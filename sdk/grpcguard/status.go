package grpcguard

import (
	"context"
	"errors"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"

	"github.com/rungpolicy/rung/sdk/guard"
)

// The keys of metadata. A client that has authenticated on account of a challenge sends the value of MarkKey back, with the call that it repeats: if the same is still required, it
// is refused with PERMISSION_DENIED, and not sent round in circles.
const (
	ChallengeKey = "www-authenticate"
	MarkKey      = "rung-challenge"
)

// Domain is the domain of the details' ErrorInfo.
const Domain = "rungpolicy"

// maxReasons bounds what reasons take of a trailer: what is beyond is left out.
const maxReasons = 2 << 10

var errUndecided = errors.New("a handler has answered a message that it has not received")

var statusCodes = map[int]codes.Code{
	400: codes.InvalidArgument, 401: codes.Unauthenticated, 403: codes.PermissionDenied, 500: codes.Internal, 503: codes.Unavailable,
}

// status is the error that refuses a call.
func (g *Guard) status(ctx context.Context, a guard.Answer) error {
	if a.Problem == nil {
		a = guard.Refuse(500, "", errors.New("an answer without a problem"))
	}
	if a.Err != nil {
		g.report(ctx, a.Err)
	}
	message := a.Problem.Detail
	if message == "" {
		message = a.Problem.Title
	}
	s := status.New(statusCodes[a.Problem.Status], message)
	if a.Problem.Status == 401 {
		if err := grpc.SetTrailer(ctx, g.trailer(ctx, a)); err != nil {
			g.report(ctx, err)
		}
	}
	detailed, err := s.WithDetails(details(a)...)
	if err != nil {
		return s.Err()
	}
	return detailed.Err()
}

func (g *Guard) trailer(ctx context.Context, a guard.Answer) metadata.MD {
	md := metadata.MD{}
	credential := strings.Join(metadata.ValueFromIncomingContext(ctx, "authorization"), "")
	for _, c := range g.schemes.Challenges(a, credential) {
		md.Append(ChallengeKey, c.String())
	}
	if a.Mark != "" {
		md.Set(MarkKey, a.Mark)
	}
	return md
}

// details are what a client may know, as in the body of an answer of HTTP.
func details(a guard.Answer) []protoadapt.MessageV1 {
	var out []protoadapt.MessageV1
	if p := a.Problem; p.Error != "" {
		info := &errdetails.ErrorInfo{Reason: strings.ToUpper(p.Error), Domain: Domain, Metadata: a.Challenge.Query()}
		for _, group := range p.Methods {
			if info.Metadata["methods"] != "" {
				info.Metadata["methods"] += " "
			}
			info.Metadata["methods"] += strings.Join(group.OneOf, "|")
		}
		out = append(out, info)
	}
	room := maxReasons
	for _, reason := range a.Problem.Reasons {
		if room -= len(reason); room >= 0 {
			out = append(out, &errdetails.LocalizedMessage{Locale: "und", Message: reason})
		}
	}
	return out
}
