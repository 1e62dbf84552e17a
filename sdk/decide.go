package rung

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/codec"
)

// Decide answers a request. A zero Now without HasNow is the engine's clock; an empty Posture, and params that are nil, are the engine's. It never
// returns nil and never panics: whatever goes wrong is a deny with an error.
func (e *Engine) Decide(r *Request) (d *Decision) {
	defer guard(&d)
	s := e.snapshot()
	if s == nil {
		return noEngine()
	}
	return s.decideRequest(nil, r)
}

// DecideInto is Decide for a caller that uses a decision's memory again: it sets all of d, and writes over what d.Satisfied points to. With [Wasm], if
// the answer is allow, it takes no memory.
func (e *Engine) DecideInto(d *Decision, r *Request) {
	if made := e.decideInto(d, r); made != d {
		*d = *made
	}
}

func (e *Engine) decideInto(d *Decision, r *Request) (made *Decision) {
	defer guard(&made)
	s := e.snapshot()
	if s == nil {
		return noEngine()
	}
	return s.decideRequest(d, r)
}

// Explain decides like Decide and adds the trace of every rule. It evaluates everything: it is for people, not for every request. No hook is called.
func (e *Engine) Explain(r *Request) (d *Decision) {
	defer guard(&d)
	s := e.snapshot()
	if s == nil {
		return noEngine()
	}
	return s.explain(r)
}

// DecideJSON answers a request written as JSON. One that cannot be read is denied, with the error in the decision.
func (e *Engine) DecideJSON(text []byte) (d *Decision) {
	defer guard(&d)
	s := e.snapshot()
	if s == nil {
		return noEngine()
	}
	reader := s.decoders.Get().(*codec.Decoder)
	r, refused := reader.Decode(text)
	if refused != nil {
		d = s.refuse("", refused)
		reader.Forget()
		s.decoders.Put(reader)
		return d
	}
	s.fill(r)
	d = s.answer(nil, r)
	reader.Forget()
	s.decoders.Put(reader)
	return d
}

// ExplainJSON is Explain of a request written as JSON.
func (e *Engine) ExplainJSON(text []byte) (d *Decision) {
	defer guard(&d)
	s := e.snapshot()
	if s == nil {
		return noEngine()
	}
	r, refused := codec.DecodeRequest(s.plan.Policy, text, s.read)
	if refused != nil {
		return &Decision{Error: refused}
	}
	return s.explain(r)
}

func (s *snapshot) explain(r *Request) *Decision { return s.plan.Explain(s.native, s.completed(r)) }

// requests are copies of callers' requests, to be filled in.
var requests = sync.Pool{New: func() any { return new(Request) }}

// decideRequest decides what a caller asks, with what is the host's filled in; his request is not changed.
func (s *snapshot) decideRequest(d *Decision, r *Request) *Decision {
	if s.complete(r) {
		return s.answer(d, r)
	}
	if r == nil {
		r = new(Request)
	}
	if s.other == nil && s.hooks == nil { // then nothing keeps the request, and a copy on the stack will do
		full := *r
		s.fill(&full)
		return s.plan.Decide(s.native, &full)
	}
	full := requests.Get().(*Request)
	*full = *r
	s.fill(full)
	d = s.answer(d, full)
	*full = Request{}
	requests.Put(full)
	return d
}

// complete reports whether nothing is to be filled in.
func (s *snapshot) complete(r *Request) bool {
	return r != nil && timed(r) && r.Posture != "" && (s.params == nil || r.Params != nil)
}

// completed is a request with what is the host's, in memory of its own.
func (s *snapshot) completed(r *Request) *Request {
	full := new(Request)
	if r != nil {
		*full = *r
	}
	s.fill(full)
	return full
}

// fill fills in what is the host's.
func (s *snapshot) fill(r *Request) {
	if !timed(r) {
		r.Now = s.clock()
	}
	if r.Posture == "" {
		r.Posture = s.posture
	}
	if s.params == nil {
		return
	}
	if r.Params == nil {
		r.Params = s.params
		return
	}
	own := r.Params // of a trusted request: they count, and for the rest those of the engine
	r.Params = append([]policy.Value(nil), s.params...)
	for i, v := range own {
		if v != nil && i < len(r.Params) {
			r.Params[i] = v
		}
	}
}

// timed reports whether a request says for which moment.
func timed(r *Request) bool { return r.HasNow || !r.Now.IsZero() }

// answer decides a complete request and tells the hooks. d is memory for the decision, or nil.
func (s *snapshot) answer(d *Decision, r *Request) *Decision {
	if s.hooks != nil {
		return s.observed(d, r)
	}
	return s.decide(d, r)
}

// decide decides a complete request.
func (s *snapshot) decide(d *Decision, r *Request) *Decision {
	d = s.loaded.decide(d, r)
	runtime.KeepAlive(s) // with it goes the module
	return d
}

// guard makes a panic a deny. It is to be deferred.
func guard(d **Decision) {
	if p := recover(); p != nil {
		*d = failed(fmt.Sprintf("deciding failed: %.200v", p))
	}
}

// refuse is the decision of a request that could not be read; the hooks are told.
func (s *snapshot) refuse(action string, why *policy.RequestError) *Decision {
	d := &Decision{Error: why}
	if s.hooks != nil {
		s.tellHooks(context.Background(), d, &Request{Action: action, Now: s.clock()}, nil, time.Now(), nil)
	}
	return d
}
