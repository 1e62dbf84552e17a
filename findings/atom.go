package findings

import (
	"strings"
	"unicode"

	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
)

// CEL's names of its operators.
const (
	opNot            = "!_"
	opEqual          = "_==_"
	opNotEqual       = "_!=_"
	opLess           = "_<_"
	opLessOrEqual    = "_<=_"
	opGreater        = "_>_"
	opGreaterOrEqual = "_>=_"
	opIn             = "@in"
	opNegate         = "-_"
)

// atom is a condition that says of one term that its value is in a domain. It has a value if the term has one.
type atom struct {
	key      string // of the term
	range_   domain // what the term can be at all
	pos, neg domain // where it is true, and where false
	// fixed says that it comes to value wherever it comes to one.
	fixed, value bool
	total        bool // the term always has a value
}

// atomOf reads a bool expression as an atom: any is one, about itself, if it is nothing better.
func (a *analysis) atomOf(e expr.Expr) atom {
	at, known := a.atoms[e]
	if !known {
		at = a.atomAnew(e)
		a.atoms[e] = at
	}
	return at
}

func (a *analysis) atomAnew(e expr.Expr) atom {
	if c, ok := e.(*expr.Call); ok {
		if at, ok := a.callAtom(c); ok {
			return at
		}
	}
	return itself(keyOf(e), true)
}

// itself is an atom about a bool term.
func itself(key string, positive bool) atom {
	return atom{key: key, range_: just(true, false), pos: just(positive), neg: just(!positive)}
}

func fixed(value, total bool) atom { return atom{fixed: true, value: value, total: total} }

func (a *analysis) callAtom(c *expr.Call) (atom, bool) {
	switch c.Function {
	case opEqual, opNotEqual, opLess, opLessOrEqual, opGreater, opGreaterOrEqual:
		return a.comparison(c)
	case opIn:
		return a.membership(c)
	case "startsWith", "endsWith", "contains":
		if len(c.Args) == 2 {
			if v, ok := constOf(c.Args[1]); ok && v == "" {
				return fixed(true, false), true
			}
		}
	}
	return atom{}, false
}

// comparison is a comparison with a constant, or of two terms.
func (a *analysis) comparison(c *expr.Call) (atom, bool) {
	if len(c.Args) != 2 {
		return atom{}, false
	}
	left, right, op := c.Args[0], c.Args[1], c.Function
	x, isX := constOf(left)
	y, isY := constOf(right)
	switch {
	case isX && isY:
		order, ok := compare(x, y)
		if !ok {
			return atom{}, false
		}
		return fixed(outcome(op, order), true), true
	case isX:
		left, y, op = right, x, mirrored(op)
	case !isY:
		return relation(op, left, right)
	}
	if !ordered(left) {
		return atom{}, false
	}
	if _, ok := compare(y, sample(left.Node().Type.Kind)); !ok {
		return atom{}, false
	}
	at := atom{key: keyOf(left), range_: a.rangeOf(left), total: total(left)}
	switch op {
	case opEqual, opNotEqual:
		at.pos, at.neg = just(y), except(y)
		if impossible(left, y) {
			at.pos = just()
		}
	case opLess:
		at.pos, at.neg = below(y, true), above(y, false)
	case opLessOrEqual:
		at.pos, at.neg = below(y, false), above(y, true)
	case opGreater:
		at.pos, at.neg = above(y, true), below(y, false)
	case opGreaterOrEqual:
		at.pos, at.neg = above(y, false), below(y, true)
	}
	if op == opNotEqual {
		at.pos, at.neg = at.neg, at.pos
	}
	if left.Node().Type.Kind == policy.KindDouble && !number(left) && op != opEqual && op != opNotEqual {
		return atom{}, false // what is no number is neither below nor above
	}
	return at, true
}

// outcome is what a comparison comes to.
func outcome(op string, order int) bool {
	switch op {
	case opEqual:
		return order == 0
	case opNotEqual:
		return order != 0
	case opLess:
		return order < 0
	case opLessOrEqual:
		return order <= 0
	case opGreater:
		return order > 0
	}
	return order >= 0
}

// mirrored is the operator with its operands changed over.
func mirrored(op string) string {
	switch op {
	case opLess:
		return opGreater
	case opLessOrEqual:
		return opGreaterOrEqual
	case opGreater:
		return opLess
	case opGreaterOrEqual:
		return opLessOrEqual
	}
	return op
}

// relation is a comparison of two terms: an atom about the two together.
func relation(op string, left, right expr.Expr) (atom, bool) {
	if !ordered(left) || !ordered(right) || !number(left) || !number(right) {
		return atom{}, false
	}
	x, y := keyOf(left), keyOf(right)
	if x == y {
		return fixed(outcome(op, 0), total(left)), true
	}
	if left.Node().Type.Kind != right.Node().Type.Kind {
		return atom{}, false
	}
	switch op {
	case opEqual, opNotEqual:
		return itself("equal("+min(x, y)+","+max(x, y)+")", op == opEqual), true
	case opLess, opGreaterOrEqual:
		return itself("less("+x+","+y+")", op == opLess), true
	}
	return itself("less("+y+","+x+")", op == opGreater), true
}

// mostMembers is how many values of a list are looked at.
const mostMembers = 256

// membership is `x in […]` of constants, or in a list of the policy.
func (a *analysis) membership(c *expr.Call) (atom, bool) {
	if len(c.Args) != 2 {
		return atom{}, false
	}
	values, ok := a.membersOf(c.Args[1])
	switch {
	case ok && len(values) == 0:
		return fixed(false, total(c.Args[0])), true
	case !ok || len(values) > mostMembers || !ordered(c.Args[0]):
		return atom{}, false
	}
	kind := sample(c.Args[0].Node().Type.Kind)
	possible := []policy.Value{}
	for _, v := range values {
		if _, ok := compare(v, kind); !ok {
			return atom{}, false
		}
		if !impossible(c.Args[0], v) {
			possible = append(possible, v)
		}
	}
	return atom{key: keyOf(c.Args[0]), range_: a.rangeOf(c.Args[0]), pos: just(possible...), neg: except(values...), total: total(c.Args[0])}, true
}

// membersOf are the values of a list that are known.
func (a *analysis) membersOf(e expr.Expr) ([]policy.Value, bool) {
	switch e := e.(type) {
	case *expr.List:
		return a.in.Policy.Lists[e.Index].Values, true
	case *expr.MakeList:
		var out []policy.Value
		for i, elem := range e.Elems {
			v, ok := constOf(elem)
			if !ok || i < len(e.Optional) && e.Optional[i] {
				return nil, false
			}
			out = append(out, v)
		}
		return out, true
	default:
		return nil, false
	}
}

// constOf is the value of a constant.
func constOf(e expr.Expr) (policy.Value, bool) {
	switch e := e.(type) {
	case *expr.Const:
		_, null := e.Value.(policy.Null)
		return e.Value, !null
	case *expr.Call:
		if len(e.Args) != 1 {
			return nil, false
		}
		v, ok := constOf(e.Args[0])
		if !ok {
			return nil, false
		}
		return converted(e.Function, v)
	default:
		return nil, false
	}
}

// converted is the constant that a function makes of one.
func converted(function string, v policy.Value) (policy.Value, bool) {
	switch v := v.(type) {
	case string:
		switch function {
		case "duration":
			d, err := policy.ParseDuration(v)
			return d, err == nil
		case "timestamp":
			t, err := policy.ParseTimestamp(v)
			return t, err == nil
		}
	case int64:
		if function == opNegate && v > -exact && v < exact {
			return -v, true
		}
	case float64:
		if function == opNegate {
			return -v, true
		}
	}
	return nil, false
}

// ordered reports whether the values of a term have an order that we know, and comparing them never fails.
func ordered(e expr.Expr) bool {
	switch e.Node().Type.Kind {
	case policy.KindBool, policy.KindInt, policy.KindUint, policy.KindDouble, policy.KindString, policy.KindTimestamp, policy.KindDuration:
		return true
	}
	return false
}

// sample is a value of a kind, to see whether another can be compared with it.
func sample(k policy.Kind) policy.Value {
	switch k {
	case policy.KindBool:
		return false
	case policy.KindInt, policy.KindUint, policy.KindDouble:
		return int64(0)
	case policy.KindString:
		return ""
	case policy.KindTimestamp:
		return someTime
	case policy.KindDuration:
		return someDuration
	}
	return nil
}

// number reports whether a term of type double is never NaN: no request has one, what is computed may.
func number(e expr.Expr) bool {
	if e.Node().Type.Kind != policy.KindDouble {
		return true
	}
	switch e := e.(type) {
	case *expr.Param, *expr.Const, *expr.Signal:
		return true
	case *expr.Select:
		_, ok := pathOf(e)
		return ok && e.Slot >= 0 && !throughLocal(e)
	default:
		return false
	}
}

// throughLocal reports whether a chain begins at a variable: which may be of something computed.
func throughLocal(e expr.Expr) bool {
	for {
		s, ok := e.(*expr.Select)
		if !ok {
			_, ok = e.(*expr.Local)
			return ok
		}
		e = s.Of
	}
}

// total reports whether a term always has a value.
func total(e expr.Expr) bool {
	switch e := e.(type) {
	case *expr.Const, *expr.Param, *expr.List, *expr.SessionLevel:
		return true
	case *expr.Signal:
		return e.Index == expr.Now || e.Index == expr.Posture
	default:
		return false
	}
}

// impossible reports whether a function's result is never a text.
func impossible(e expr.Expr, v policy.Value) bool {
	c, ok := e.(*expr.Call)
	text, isText := v.(string)
	if !ok || !isText || len(c.Args) != 1 {
		return false
	}
	switch c.Function {
	case "lowerAscii":
		return strings.ContainsFunc(text, func(r rune) bool { return 'A' <= r && r <= 'Z' })
	case "upperAscii":
		return strings.ContainsFunc(text, func(r rune) bool { return 'a' <= r && r <= 'z' })
	case "trim":
		return text != strings.TrimFunc(text, func(r rune) bool { return r < unicode.MaxASCII && unicode.IsSpace(r) })
	}
	return false
}
