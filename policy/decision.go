package policy

import "strconv"

// Effect is the outcome of a decision. The zero value is Deny.
type Effect uint8

// The effects.
const (
	Deny Effect = iota
	Allow
	StepUp
	Need
)

var effectNames = [...]string{Deny: "deny", Allow: "allow", StepUp: "step_up", Need: "need"}

// String returns the effect as it stands in JSON.
func (e Effect) String() string {
	if int(e) < len(effectNames) {
		return effectNames[e]
	}
	return "effect(" + strconv.Itoa(int(e)) + ")"
}

// Decision is the answer to a [Request]. The zero value denies. Slices are ordered by rule id or name, bytewise. A decision may be
// kept, and read from several goroutines; its slices may be shared with the policy and must not be changed.
type Decision struct {
	Effect Effect
	Action string
	// Requirement is what to challenge for: on StepUp alone.
	Requirement *Requirement
	// Satisfied is the highest level the session meets; nil at level 0 and on a refusal.
	Satisfied *Satisfied
	// Reasons are the rules that made the effect; none on Allow and Need.
	Reasons []*Reason
	// Shadow are the rules on trial that would deny or step up, err, or are pending.
	Shadow []*Reason
	// ShadowEffect is what the effect would be with them; only where ShadowDiffers.
	ShadowEffect  Effect
	ShadowDiffers bool
	// Indeterminate are the conditions that erred.
	Indeterminate []Indeterminate
	// Need are the lazy signals to fetch before asking again: on Need alone.
	Need []string
	// Posture is the name of the current one, "normal" too; "" on a refusal.
	Posture string
	Policy  Identity
	// Error is why the request was refused; the effect is then Deny.
	Error *RequestError
	// Trace is how every rule came out: Explain alone fills it.
	Trace []RuleTrace
}

// Allowed reports whether the action may go on: true for Allow alone.
func (d *Decision) Allowed() bool { return d != nil && d.Effect == Allow && d.Error == nil }

// Requirement is what a session is to prove: RFC 9470's acr_values and max_age, and methods.
type Requirement struct {
	Level     string
	ACRValues []string
	MaxAge    Seconds
	// Methods: of each group, the evidence must hold one. Each sorted, the groups sorted, no group within another.
	Methods [][]string
	// Reachable says whether the subject's enrolled methods can meet it.
	Reachable Tristate
}

// Tristate is a bool that may be unknown. The zero value is Unknown.
type Tristate uint8

// The states.
const (
	Unknown Tristate = iota
	No
	Yes
)

// Satisfied is the highest level that a session meets with no max_age.
type Satisfied struct {
	Level string
	Age   Seconds
}

// Reason is a rule that made an effect, or would have.
type Reason struct {
	Rule    string
	Effect  Effect
	Level   string
	MaxAge  Seconds
	Methods []string
	Message string
	// Code and Pending are for rules on trial: the error, or that a signal is not known.
	Code    Code
	Pending bool
}

// Indeterminate is a rule whose condition, or rollout, could not be decided.
type Indeterminate struct {
	Rule  string
	Code  Code
	Error string
	// At is file:line:column of the smallest failing expression.
	At string
}

// Identity says which policy decided.
type Identity struct {
	Name    string
	Version string
	Digest  string
}

// Code is the class of a condition's error.
type Code string

// The codes of a condition's error.
const (
	NoSuchAttribute  Code = "no_such_attribute"
	NoSuchKey        Code = "no_such_key"
	IndexOutOfBounds Code = "index_out_of_bounds"
	Overflow         Code = "overflow"
	DivideByZero     Code = "divide_by_zero"
	NoSuchOverload   Code = "no_such_overload"
	BadValue         Code = "bad_value"
	InvalidArgument  Code = "invalid_argument"
	OptionalNone     Code = "optional_none"
	Limit            Code = "limit"
)

// RuleState is how a rule came out in a trace.
type RuleState string

// The states.
const (
	StateApplies RuleState = "applies"
	StateMet     RuleState = "met"
	StateFalse   RuleState = "false"
	StateError   RuleState = "error"
	StatePending RuleState = "pending"
	StateOff     RuleState = "off"
	StatePosture RuleState = "posture"
	StateRollout RuleState = "rollout"
)

// RuleTrace is how one rule came out, and why.
type RuleTrace struct {
	Rule  string
	State RuleState
	At    string
	Nodes []NodeTrace
}

// NodeTrace is the value of one sub-expression.
type NodeTrace struct {
	Text string
	At   string
	// Value is the value; its Go types are those of [Value], of Type. nil if there is Error or Pending.
	Value Value
	Type  *Type
	// Error is the code of the error; Pending lists the signals not known.
	Error   Code
	Pending []string
}
