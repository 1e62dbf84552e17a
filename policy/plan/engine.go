package plan

import (
	"time"

	"github.com/rungpolicy/rung/policy"
)

// Engine evaluates the conditions of a plan, by their index in [Plan.Conditions]. It is safe for concurrent use, reads no clock, and
// does not panic: what it cannot decide is an error.
type Engine interface {
	// Eval evaluates a condition of a rule.
	Eval(condition int, in *Input) Result
	// Text evaluates the `by` of a rollout: on True, the result's Text is its value.
	Text(condition int, in *Input) Result
	// Trace is Eval, or Text where the condition is a string, with the value of every sub-expression that was evaluated, in that order.
	Trace(condition int, in *Input) (Result, []policy.NodeTrace)
}

// Input is what conditions read. It is used by one goroutine at a time.
type Input struct {
	// Signals are the request's, one for each of Policy.Signals: nil is missing, or pending if the signal is lazy; Null is missing.
	Signals  []policy.Value
	Resource policy.Value // *policy.Object, or nil or Null if missing
	Now      time.Time
	Posture  int64 // the current posture's rank
	// Params are the values in force, one for each of Policy.Params.
	Params []policy.Value
	// SessionLevel is the rank of the highest level that the session meets; 0: none.
	SessionLevel int64
	// Frame is the engine's own: what it needs to evaluate, kept from one condition to the next, and from one request to another. It is nil at
	// first and is not read by anybody else.
	Frame any
}

// Truth is what a condition came to.
type Truth uint8

// The truths. The zero value is Erred: what was not evaluated is not false.
const (
	Erred Truth = iota
	False
	True
	Pending
)

// Result is what a condition came to.
type Result struct {
	Truth Truth
	// Fault says what went wrong; set if Erred.
	Fault *Fault
	// Touched are the pending signals that the condition has touched, as indices of Policy.Signals, ascending; set if Pending.
	Touched []int
	// Text is the value of a rollout's `by`.
	Text string
}

// Fault is an error of a condition.
type Fault struct {
	Code policy.Code
	// Message is for people; At is file:line:column of the smallest failing expression.
	Message string
	At      string
}
