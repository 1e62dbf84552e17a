package session

import (
	"encoding/json"

	"github.com/rungpolicy/rung/policy/codec"
)

// Decide answers requests, each the JSON of docs/language.md, with their decisions as JSON, in the same order.
func (s *Session) Decide(requests []string) ([]json.RawMessage, error) {
	if s.engine == nil {
		return nil, errNoPolicy
	}
	out := make([]json.RawMessage, len(requests))
	for i, r := range requests {
		out[i] = codec.AppendDecision(nil, s.engine.DecideJSON([]byte(r)))
	}
	return out, nil
}

// Explain decides one request and says why: the decision has the trace of every rule.
func (s *Session) Explain(request string) (json.RawMessage, error) {
	if s.engine == nil {
		return nil, errNoPolicy
	}
	return codec.AppendDecision(nil, s.engine.ExplainJSON([]byte(request))), nil
}
