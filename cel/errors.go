package cel

import (
	"strings"

	"cel.dev/cel-go/common/types/ref"

	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/plan"
)

// fault is what a sub-expression came to that failed. It travels as a value, and goes no further than the engine: no
// function of cel-go ever sees one.
type fault struct {
	notValue
	code policy.Code
	msg  string
	at   *expr.Base
}

// pending is what a sub-expression came to that touches lazy signals not yet given.
type pending struct {
	notValue
	touched []int // indices of policy.Policy.Signals, ascending
}

// failed reports whether v is no value: a fault, or pending.
func failed(v ref.Val) bool {
	switch v.(type) {
	case *fault, *pending:
		return true
	}
	return false
}

// strict is what operands come to of which one has failed: the leftmost error, else pending on all of them.
func strict(operands ...ref.Val) ref.Val {
	var p *pending
	for _, o := range operands {
		switch o := o.(type) {
		case *fault:
			return o
		case *pending:
			p = p.and(o)
		}
	}
	if p == nil {
		return nil
	}
	return p
}

// and merges what two have touched. A nil p is nothing.
func (p *pending) and(o *pending) *pending {
	if p == nil || p == o {
		return o
	}
	if o == nil {
		return p
	}
	merged := make([]int, 0, len(p.touched)+len(o.touched))
	a, b := p.touched, o.touched
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0] < b[0]:
			merged, a = append(merged, a[0]), a[1:]
		case len(a) == 0 || b[0] < a[0]:
			merged, b = append(merged, b[0]), b[1:]
		default:
			merged, a, b = append(merged, a[0]), a[1:], b[1:]
		}
	}
	return &pending{touched: merged}
}

// site is where a node stands, and what may be said of it.
type site struct {
	*expr.Base
	// sensitive says that the node's value comes of a sensitive signal: messages of cel-go may hold parts of it.
	sensitive bool
}

// fault is an error of the node itself.
func (s *site) fault(code policy.Code, msg string) *fault {
	return &fault{code: code, msg: shorten(msg), at: s.Base}
}

// wrap is an error that one of cel-go's functions reports.
func (s *site) wrap(msg string) *fault {
	code, ok := codeOf(msg)
	if !ok {
		code = policy.InvalidArgument
	}
	if s.sensitive {
		msg = strings.ReplaceAll(string(code), "_", " ") + " (sensitive)"
	}
	return s.fault(code, msg)
}

func (s *site) noOverload() *fault { return s.fault(policy.NoSuchOverload, "no such overload") }

// public is the fault as decisions report it.
func (f *fault) public() *plan.Fault {
	p := &plan.Fault{Code: f.code, Message: f.msg}
	if f.at != nil {
		p.At = f.at.Span.Range().String()
	}
	return p
}

// message is an error of cel-go by a part of its text, and the code that it has in the language.
type message struct {
	part   string
	prefix bool // part begins the text
	code   policy.Code
}

// messages is the table of cel-go's errors: docs/language.md, "Error codes". The first row that fits counts. Errors of this
// package have their codes where they are made. A test drives every row.
func messages() []message {
	return []message{
		{"no such overload", true, policy.NoSuchOverload},
		{"unsupported index type", true, policy.NoSuchOverload},
		{"no such key", true, policy.NoSuchKey},

		{"index out of bounds", true, policy.IndexOutOfBounds},
		{"index out of range", true, policy.IndexOutOfBounds},              // charAt, substring, indexOf
		{"list is length", false, policy.IndexOutOfBounds},                 // slice
		{"negative indexes not supported", false, policy.IndexOutOfBounds}, // slice(-1, 2)

		{"integer overflow", true, policy.Overflow},
		{"unsigned integer overflow", true, policy.Overflow},
		{"timestamp overflow", true, policy.Overflow},

		{"division by zero", true, policy.DivideByZero},
		{"modulus by zero", true, policy.DivideByZero},

		{"type conversion error", true, policy.BadValue},
		{"invalid RFC 3339 timestamp", true, policy.BadValue},
		{"invalid UTF-8", true, policy.BadValue},
		{"unknown time zone", true, policy.BadValue},
		{"timezone offset", true, policy.BadValue},
		{"strconv.Atoi", true, policy.BadValue}, // an offset that is no number
		{"illegal base64 data", true, policy.BadValue},
		{"parse error during conversion", false, policy.BadValue}, // ip(), cidr()
		{"with zone value is not allowed", false, policy.BadValue},
		{"IPv4-mapped IPv6 address", true, policy.BadValue},

		{"optional.none() dereference", true, policy.OptionalNone},

		{"NaN values cannot be ordered", true, policy.InvalidArgument},
		{"invalid substring range", true, policy.InvalidArgument},   // substring(2, 1)
		{"start index must be less", false, policy.InvalidArgument}, // slice(2, 1)
		{"insert failed: key", true, policy.InvalidArgument},        // transformMapEntry
		{"unsupported index value", true, policy.InvalidArgument},   // [1][dyn(0.5)]
		{"cannot initialize optional", true, policy.InvalidArgument},
		{"is not optional", false, policy.InvalidArgument},
		{"join: invalid input", true, policy.InvalidArgument},
		{"level must be non-negative", true, policy.InvalidArgument}, // flatten
		{"lists.range: size", true, policy.InvalidArgument},
		{"list elements must", true, policy.InvalidArgument},          // sort
		{"argument must not be empty", false, policy.InvalidArgument}, // math.least([])
		{"negative offset", false, policy.InvalidArgument},            // math.bitShiftLeft
		{"index ", true, policy.IndexOutOfBounds},                     // format: fewer arguments than clauses
		{"could not parse formatting clause", true, policy.InvalidArgument},
		{"unexpected end of string", true, policy.InvalidArgument},
		{"error during formatting", true, policy.InvalidArgument},
		{"more than one capturing group", false, policy.InvalidArgument},
		{"invalid replacement string", true, policy.InvalidArgument},
		{"replacement string references group", true, policy.InvalidArgument},
	}
}

// codeOf returns the code of an error of cel-go; false if no row of [messages] fits.
func codeOf(text string) (policy.Code, bool) {
	for _, m := range messages() {
		if m.prefix && strings.HasPrefix(text, m.part) || !m.prefix && strings.Contains(text, m.part) {
			return m.code, true
		}
	}
	return "", false
}
