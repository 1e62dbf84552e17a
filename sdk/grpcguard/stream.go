package grpcguard

import (
	"context"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/rungpolicy/rung/sdk/guard"
)

// guarded is a stream that gives its handler nothing, and takes nothing from it, before the call is decided about. Where the client sends a single message, the handler
// receives it before it does anything else; so that is when it is decided.
type guarded struct {
	grpc.ServerStream
	guard  *Guard
	method string
	ctx    context.Context
	// entered says that the call was let through.
	entered atomic.Bool
}

func (s *guarded) enter(message any) error {
	d, err := s.guard.enter(s.ServerStream.Context(), s.method, message)
	if err != nil {
		return err
	}
	s.ctx = with(s.ServerStream.Context(), d)
	s.entered.Store(true)
	return nil
}

// Context has the decision once there is one.
func (s *guarded) Context() context.Context { return s.ctx }

func (s *guarded) RecvMsg(message any) error {
	if err := s.ServerStream.RecvMsg(message); err != nil || s.entered.Load() {
		return err
	}
	return s.enter(message)
}

func (s *guarded) SendMsg(message any) error {
	if err := s.closed(); err != nil {
		return err
	}
	return s.ServerStream.SendMsg(message)
}

func (s *guarded) SendHeader(md metadata.MD) error {
	if err := s.closed(); err != nil {
		return err
	}
	return s.ServerStream.SendHeader(md)
}

// closed is the status of a handler that answers what it has not read: nobody has decided about that.
func (s *guarded) closed() error {
	if s.entered.Load() {
		return nil
	}
	return s.guard.status(s.ServerStream.Context(), guard.Refuse(500, "", errUndecided))
}
