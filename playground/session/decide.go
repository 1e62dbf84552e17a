package session

import (
	"encoding/json"

	"github.com/rungpolicy/rung/policy/codec"
	rung "github.com/rungpolicy/rung/sdk"
)

// Decide answers requests, each the JSON of docs/language.md, with their decisions as JSON, in the same order.
func (s *Session) Decide(requests []string) ([]json.RawMessage, error) {
	if s.engine == nil {
		return nil, errNoPolicy
	}
	return decide(s.engine, requests), nil
}

func decide(e *rung.Engine, requests []string) []json.RawMessage {
	out := make([]json.RawMessage, len(requests))
	for i, r := range requests {
		out[i] = codec.AppendDecision(nil, e.DecideJSON([]byte(r)))
	}
	return out
}

// Asked are requests, and how they are read: by "tools", as Decide does, or by an application's "sdk", which ignores what the policy does not know, and takes nothing
// of the host's from a text.
type Asked struct {
	Requests []string `json:"requests"`
	Reader   string   `json:"reader"`
}

// DecideAs is Decide by another reader.
func (s *Session) DecideAs(a Asked) ([]json.RawMessage, error) {
	if s.engine == nil || a.Reader != "sdk" {
		return s.Decide(a.Requests)
	}
	e, err := s.checked.Engine(rung.WithClock(epoch))
	if err != nil {
		return nil, err
	}
	return decide(e, a.Requests), nil
}

// Explain decides one request and says why: the decision has the trace of every rule.
func (s *Session) Explain(request string) (json.RawMessage, error) {
	if s.engine == nil {
		return nil, errNoPolicy
	}
	return codec.AppendDecision(nil, s.engine.ExplainJSON([]byte(request))), nil
}
