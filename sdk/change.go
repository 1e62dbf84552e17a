package rung

import (
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/change"
	"github.com/rungpolicy/rung/policy/codec"
)

// Change is a single attribute of a request that, had it another value, would have the decision come out otherwise.
type Change = policy.Change

// Changes says what would change a decision: the single attributes of the request with another value of which the effect would be `to`, [Allow] in most
// cases, each with the value nearest to what it has. Every one of them has been tried. Evidence that a step_up asks for is in its requirement, and not among
// them; where two attributes would have to change together, none is found. Like Explain it is for people, is native always, and calls no hook: it takes as long
// as some hundred decisions. Of sensitive signals only the attribute's name is told.
func (e *Engine) Changes(r *Request, to policy.Effect) (found []Change) {
	defer func() {
		if recover() != nil {
			found = nil
		}
	}()
	s := e.snapshot()
	if s == nil {
		return nil
	}
	return change.Find(s.plan, s.native, s.completed(r), to)
}

// ChangesJSON is Changes for a request written as JSON. There are none for one that cannot be read.
func (e *Engine) ChangesJSON(text []byte, to policy.Effect) []Change {
	s := e.snapshot()
	if s == nil {
		return nil
	}
	r, refused := codec.DecodeRequest(s.plan.Policy, text, s.read)
	if refused != nil {
		return nil
	}
	return e.Changes(r, to)
}
