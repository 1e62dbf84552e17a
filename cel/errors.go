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

// message is how an error of cel-go begins, and, if that says too little, a part of what follows; and the code that it has in the
// language. Nothing of a request stands before the part: texts of a request stand in messages too, and must not be taken for words
// of cel-go's.
type message struct {
	begins string
	part   string
	code   policy.Code
}

func (m message) fits(text string) bool {
	rest, ok := strings.CutPrefix(text, m.begins)
	return ok && strings.Contains(rest, m.part)
}

// messages is the table of cel-go's errors: docs/language.md, "Error codes". The first row that fits counts. Errors of this
// package have their codes where they are made. A test drives every row.
func messages() []message {
	const slice = "cannot slice(" // two numbers follow
	return []message{
		{"no such overload", "", policy.NoSuchOverload},
		{"unsupported index type", "", policy.NoSuchOverload},
		{"no such key", "", policy.NoSuchKey},

		{"index out of bounds", "", policy.IndexOutOfBounds},
		{"index out of range", "", policy.IndexOutOfBounds},                // charAt, substring, indexOf
		{slice, "list is length", policy.IndexOutOfBounds},                 // slice(0, 9)
		{slice, "negative indexes not supported", policy.IndexOutOfBounds}, // slice(-1, 2)

		{"integer overflow", "", policy.Overflow},
		{"unsigned integer overflow", "", policy.Overflow},
		{"timestamp overflow", "", policy.Overflow},

		{"division by zero", "", policy.DivideByZero},
		{"modulus by zero", "", policy.DivideByZero},

		{"type conversion error", "", policy.BadValue},
		{"invalid RFC 3339 timestamp", "", policy.BadValue},
		{"invalid UTF-8", "", policy.BadValue},
		{"unknown time zone", "", policy.BadValue},
		{"timezone offset", "", policy.BadValue},
		{"strconv.Atoi", "", policy.BadValue}, // an offset that is no number
		{"illegal base64 data", "", policy.BadValue},
		{"IP Address ", "", policy.BadValue},
		{"IP address ", "", policy.BadValue}, // with a zone
		{"CIDR ", "", policy.BadValue},
		{"IPv4-mapped IPv6 address", "", policy.BadValue},

		{"optional.none() dereference", "", policy.OptionalNone},

		{"NaN values cannot be ordered", "", policy.InvalidArgument},
		{"invalid substring range", "", policy.InvalidArgument},     // substring(2, 1)
		{slice, "start index must be less", policy.InvalidArgument}, // slice(2, 1)
		{"insert failed: key", "", policy.InvalidArgument},          // transformMapEntry
		{"unsupported index value", "", policy.InvalidArgument},     // [1][dyn(0.5)]
		{"cannot initialize optional", "", policy.InvalidArgument},
		{"value ", "", policy.InvalidArgument}, // unwrapOpt
		{"join: invalid input", "", policy.InvalidArgument},
		{"level must be non-negative", "", policy.InvalidArgument}, // flatten
		{"lists.range: size", "", policy.InvalidArgument},
		{"list elements must", "", policy.InvalidArgument}, // sort
		{"math.@min(list)", "", policy.InvalidArgument},    // math.least([])
		{"math.@max(list)", "", policy.InvalidArgument},
		{"math.bitShift", "", policy.InvalidArgument}, // math.bitShiftLeft
		{"index ", "", policy.IndexOutOfBounds},       // format: fewer arguments than clauses
		{"could not parse formatting clause", "", policy.InvalidArgument},
		{"unexpected end of string", "", policy.InvalidArgument},
		{"error during formatting", "", policy.InvalidArgument},
		{"invalid replacement string", "", policy.InvalidArgument},
		{"replacement string references group", "", policy.InvalidArgument},
	}
}

// codeOf returns the code of an error of cel-go; false if no row of [messages] fits.
func codeOf(text string) (policy.Code, bool) {
	for _, m := range messages() {
		if m.fits(text) {
			return m.code, true
		}
	}
	return "", false
}
