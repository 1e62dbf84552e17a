package policy

import "time"

// Request asks whether a session may do an action now. Package codec reads one from JSON.
//
// Now, Posture and Params are the host's: they come from its clock and its engine, never from the caller.
type Request struct {
	// Action is the name of a declared action.
	Action string
	// Signals has one value for each of Policy.Signals, by index: nil if missing (pending, if the signal is lazy), [Null] if
	// looked for and not there. A short slice stands for missing ones.
	Signals []Value
	// Resource is the action's resource: *Object, nil or Null.
	Resource Value
	// Now is the moment that is decided for. The zero time stands for the host's clock, unless HasNow says that it is meant.
	Now    time.Time
	HasNow bool
	// Posture is a name; "" is normal.
	Posture string
	// Params has the host's value for each of Policy.Params, by index; nil, or a short slice, leaves the default.
	Params []Value
	// Ignored counts the unknown signals and attributes that were left out on reading.
	Ignored int
}

// ErrorCode says why a request was refused.
type ErrorCode string

// The codes of a refusal.
const (
	UnknownAction  ErrorCode = "unknown_action"
	InvalidRequest ErrorCode = "invalid_request"
	EngineError    ErrorCode = "engine_error"
)

// RequestError is why a request was refused: it comes with a deny.
type RequestError struct {
	Code    ErrorCode
	Message string
	// Path is a JSON Pointer (RFC 6901) into the request: "/signals/network/ip"; absent where the text is not JSON.
	Path string
}

// Error implements error.
func (e *RequestError) Error() string {
	if e.Path == "" {
		return string(e.Code) + ": " + e.Message
	}
	return string(e.Code) + " at " + e.Path + ": " + e.Message
}
