package cel

import (
	"math"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/common/operators"
	celext "cel.dev/cel-go/ext"

	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/plan"
)

// quick is a test of a request: the short way for conditions made of what most of them are made of, attributes held
// against constants. It says yes and no only where the long way comes to true and to false. What is missing, unknown, of
// another type or wrong in any way makes it unsure, and the condition is evaluated the long way: both are pure, so nothing
// is lost but time, and the language's rules on absence, errors and pending signals are written once, in the long way.
type quick func(in *plan.Input) answer

type answer uint8

const (
	unsure answer = iota
	no
	yes
)

func answerOf(b bool) answer {
	if b {
		return yes
	}
	return no
}

// quick plans the short way of a condition; nil if it has none.
func (p *planner) quick(e expr.Expr) quick {
	switch e := e.(type) {
	case *expr.Const:
		if b, ok := e.Value.(bool); ok {
			a := answerOf(b)
			return func(*plan.Input) answer { return a }
		}
	case *expr.Select, *expr.Signal, *expr.OrElse:
		return quickBool(e)
	case *expr.Has:
		return quickHas(p.policy, e)
	case *expr.Logic:
		return p.quickLogic(e)
	case *expr.Call:
		return p.quickCall(e)
	case *expr.Fold:
		return p.quickFold(e)
	}
	return nil
}

// path is the way to an attribute of a signal.
type path struct {
	signal int // or expr.Resource
	slots  []int
	// only is the slot, if the path is one of a signal's attributes and no more, as nearly all are; else -1.
	only int
	// or is what stands for the attribute where its object is there and it is not: `a.?b.orValue(or)`. nil if nothing does.
	or policy.Value
}

// pathOf is the way to what e reads; nil if e is not selects of declared attributes, down to a signal.
func pathOf(e expr.Expr) *path {
	a := &path{only: -1}
	if o, ok := e.(*expr.OrElse); ok {
		if e = a.orValue(o); e == nil {
			return nil
		}
	}
	for {
		switch n := e.(type) {
		case *expr.Select:
			if n.Slot < 0 || n.Optional && (a.or == nil || len(a.slots) > 0) || isSessionLevel(n.Of, n.Name) {
				return nil
			}
			a.slots = append(a.slots, n.Slot)
			e = n.Of
			continue
		case *expr.Signal:
			if n.Index < 0 && n.Index != expr.Resource {
				return nil
			}
			a.signal = n.Index
			slices.Reverse(a.slots)
			if len(a.slots) == 1 && a.or == nil {
				a.only = a.slots[0]
			}
			return a
		}
		return nil
	}
}

// orValue takes in what e falls back to, and returns what it falls back from; nil if e is not `a.?b.orValue(constant)`.
func (a *path) orValue(e *expr.OrElse) expr.Expr {
	of, ok := e.Of.(*expr.Select)
	k, constant := e.Other.(*expr.Const)
	if !ok || !constant || !e.Value || !of.Optional {
		return nil
	}
	t := of.Of.Node().Type
	if t == nil || t.Kind != policy.KindObject || of.Slot < 0 || of.Slot >= len(t.Attrs) || t.Attrs[of.Slot].Type.Kind == policy.KindAny {
		return nil
	}
	switch k.Value.(type) {
	case bool, int64, float64, string:
		a.or = k.Value
		return of
	}
	return nil
}

// get is the attribute, in either form of a slot; nil, or Null, which no test takes, if it is missing.
func (a *path) get(in *plan.Input) policy.Value {
	v := in.Resource
	if a.signal != expr.Resource {
		if a.signal >= len(in.Signals) {
			return nil
		}
		v = in.Signals[a.signal]
	}
	if a.only < 0 {
		return a.walk(v)
	}
	o, ok := v.(*policy.Object)
	if !ok || o == nil || a.only >= len(o.Attrs) {
		return nil
	}
	return o.Attrs[a.only]
}

// walk is get of any path, from the signal on.
func (a *path) walk(v policy.Value) policy.Value {
	for i, slot := range a.slots {
		o, ok := v.(*policy.Object)
		if !ok || o == nil || slot >= len(o.Attrs) {
			return nil
		}
		v = o.Attrs[slot]
		if a.or != nil && i == len(a.slots)-1 && missing(v, false) {
			return a.or
		}
	}
	return v
}

func quickBool(e expr.Expr) quick {
	a := pathOf(e)
	if a == nil {
		return nil
	}
	return func(in *plan.Input) answer {
		if b, ok := policy.As[bool](a.get(in)); ok {
			return answerOf(b)
		}
		return unsure
	}
}

// quickHas is `has(a.b)`, where a is given.
func quickHas(p *policy.Policy, e *expr.Has) quick {
	of := pathOf(e.Of)
	if of == nil || e.Name == "" || e.Slot < 0 || !e.Chain || isSessionLevel(e.Of, e.Name) {
		return nil
	}
	t := e.Of.Node().Type
	if t == nil || t.Kind != policy.KindObject || e.Slot >= len(t.Attrs) || t.Attrs[e.Slot].Type.Kind == policy.KindAny {
		return nil
	}
	return func(in *plan.Input) answer {
		o, ok := of.get(in).(*policy.Object)
		if !ok || o == nil || e.Slot >= len(o.Attrs) {
			return unsure
		}
		return answerOf(!missing(o.Attrs[e.Slot], false))
	}
}

// quickLogic joins a chain of one operator. An operand that absorbs decides, whatever the others are.
func (p *planner) quickLogic(e *expr.Logic) quick {
	var sides []quick
	for _, operand := range operands(e, e.Or) {
		q := p.quick(operand)
		if q == nil {
			return nil
		}
		sides = append(sides, q)
	}
	neutral := yes
	if e.Or {
		neutral = no
	}
	if len(sides) == 2 {
		a, b := sides[0], sides[1]
		return func(in *plan.Input) answer {
			if l := a(in); l != neutral {
				return l
			}
			return b(in)
		}
	}
	return func(in *plan.Input) answer {
		for _, q := range sides {
			if a := q(in); a != neutral {
				return a // it absorbs, or is unsure
			}
		}
		return neutral
	}
}

// operands are those of `a && b && c`, however it nests.
func operands(e expr.Expr, or bool) []expr.Expr {
	l, ok := e.(*expr.Logic)
	if !ok || l.Or != or {
		return []expr.Expr{e}
	}
	return append(operands(l.Left, or), operands(l.Right, or)...)
}

func negated(a answer) answer {
	switch a {
	case yes:
		return no
	case no:
		return yes
	case unsure:
	}
	return unsure
}

func (p *planner) quickCall(e *expr.Call) quick {
	switch {
	case e.Function == operators.LogicalNot && len(e.Args) == 1:
		q := p.quick(e.Args[0])
		if q == nil {
			return nil
		}
		return func(in *plan.Input) answer { return negated(q(in)) }
	case len(e.Args) != 2:
		return nil
	case e.Function == operators.Equals:
		return p.quickEqual(e)
	case e.Function == operators.NotEquals:
		q := p.quickEqual(e)
		if q == nil {
			return nil
		}
		return func(in *plan.Input) answer { return negated(q(in)) }
	case isOneOf(e.Function, operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals):
		return p.quickCompare(e)
	case isOneOf(e.Function, operators.In, operators.OldIn):
		return p.quickIn(e)
	case e.Function == "containsIP":
		return p.quickContains(e)
	}
	return p.quickText(e)
}

// quickEqual is the equality of an attribute with a constant or another attribute, both texts, bools or ints.
func (p *planner) quickEqual(e *expr.Call) quick {
	a, b := pathOf(e.Args[0]), pathOf(e.Args[1])
	switch {
	case a != nil && b != nil:
		return func(in *plan.Input) answer { return alike(a.get(in), b.get(in)) }
	case a != nil:
		return p.quickIs(a, e.Args[1])
	case b != nil:
		return p.quickIs(b, e.Args[0])
	}
	return nil
}

func (p *planner) quickIs(a *path, other expr.Expr) quick {
	switch k := p.quickConst(other).(type) {
	case string:
		return func(in *plan.Input) answer {
			if s, ok := policy.As[string](a.get(in)); ok {
				return answerOf(s == k)
			}
			return unsure
		}
	case bool:
		return func(in *plan.Input) answer { return sameAs(a.get(in), k) }
	case int64:
		return func(in *plan.Input) answer { return sameAs(a.get(in), k) }
	}
	return nil
}

func alike(a, b policy.Value) answer {
	if a, ok := policy.As[string](a); ok {
		return sameAs(b, a)
	}
	if a, ok := policy.As[bool](a); ok {
		return sameAs(b, a)
	}
	if a, ok := policy.As[int64](a); ok {
		return sameAs(b, a)
	}
	return unsure
}

func sameAs[T string | bool | int64](v policy.Value, k T) answer {
	if t, ok := policy.As[T](v); ok {
		return answerOf(t == k)
	}
	return unsure
}

// quickConst is the value of a literal, nil if e is none.
func (p *planner) quickConst(e expr.Expr) policy.Value {
	if c, ok := e.(*expr.Const); ok {
		return c.Value
	}
	if v, ok := p.constantOf(e); ok {
		value, _ := fromVal(v)
		return value
	}
	return nil
}

// quickCompare is the order of two ints, two doubles or two durations.
func (p *planner) quickCompare(e *expr.Call) quick {
	var holds [3]bool // for less, equal, greater
	for i, c := range []int{-1, 0, 1} {
		holds[i] = comparison(e.Function)(c)
	}
	if a := pathOf(e.Args[0]); a != nil { // the most common form
		switch k := p.quickConst(e.Args[1]).(type) {
		case int64:
			return func(in *plan.Input) answer { return ordered(a.get(in), k, &holds) }
		case float64:
			return func(in *plan.Input) answer { return orderedDouble(a.get(in), k, &holds) }
		}
	}
	if q := quickOrder(quickNumber[int64](p, e.Args[0]), quickNumber[int64](p, e.Args[1]), holds); q != nil {
		return q
	}
	if q := quickOrder(p.quickDouble(e.Args[0]), p.quickDouble(e.Args[1]), holds); q != nil {
		return q
	}
	return quickOrder(p.quickDuration(e.Args[0]), p.quickDuration(e.Args[1]), holds)
}

// operand reads a number, if there is one.
type operand[T any] func(in *plan.Input) (T, bool)

func quickOrder[T int64 | float64 | time.Duration](left, right operand[T], holds [3]bool) quick {
	if left == nil || right == nil {
		return nil
	}
	return func(in *plan.Input) answer {
		l, ok := left(in)
		r, ok2 := right(in)
		if !ok || !ok2 || l != l || r != r { // NaN
			return unsure
		}
		return answerOf(holds[order(l, r)+1])
	}
}

// quickNumber is a constant, a param or an attribute whose type is that of T; nil if e is none.
func quickNumber[T int64 | float64 | time.Duration](p *planner, e expr.Expr) operand[T] {
	if k, ok := p.quickConst(e).(T); ok {
		return func(*plan.Input) (T, bool) { return k, true }
	}
	if param, ok := e.(*expr.Param); ok && param.Index >= 0 && param.Index < len(p.policy.Params) {
		def, ok := p.policy.Params[param.Index].Default.(T)
		if !ok {
			return nil
		}
		return func(in *plan.Input) (T, bool) {
			if param.Index < len(in.Params) && in.Params[param.Index] != nil {
				k, ok := in.Params[param.Index].(T)
				return k, ok
			}
			return def, true
		}
	}
	a := pathOf(e)
	if a == nil || e.Node().Type == nil || e.Node().Type.Kind != kindOf[T]() {
		return nil
	}
	return func(in *plan.Input) (T, bool) { return policy.As[T](a.get(in)) }
}

func kindOf[T int64 | float64 | time.Duration]() policy.Kind {
	var zero T
	switch any(zero).(type) {
	case int64:
		return policy.KindInt
	case float64:
		return policy.KindDouble
	}
	return policy.KindDuration
}

// quickDouble is a double, or the product of two: `2.0 * param.limit`.
func (p *planner) quickDouble(e expr.Expr) operand[float64] {
	c, ok := e.(*expr.Call)
	if !ok || c.Function != operators.Multiply || len(c.Args) != 2 {
		return quickNumber[float64](p, e)
	}
	left, right := quickNumber[float64](p, c.Args[0]), quickNumber[float64](p, c.Args[1])
	if left == nil || right == nil {
		return nil
	}
	return func(in *plan.Input) (float64, bool) {
		l, ok := left(in)
		r, ok2 := right(in)
		return l * r, ok && ok2
	}
}

// quickDuration is a duration, or an age: `now - device.first_seen`.
func (p *planner) quickDuration(e expr.Expr) operand[time.Duration] {
	c, ok := e.(*expr.Call)
	if !ok || c.Function != operators.Subtract || len(c.Args) != 2 {
		return quickNumber[time.Duration](p, e)
	}
	now, ok := c.Args[0].(*expr.Signal)
	a := pathOf(c.Args[1])
	if !ok || now.Index != expr.Now || a == nil {
		return nil
	}
	return func(in *plan.Input) (time.Duration, bool) {
		t, ok := policy.As[time.Time](a.get(in))
		seconds := in.Now.Unix() - t.Unix()
		if !ok || seconds > mostSeconds || seconds < -mostSeconds { // it may be out of a duration's range
			return 0, false
		}
		return time.Duration(seconds)*time.Second + time.Duration(in.Now.Nanosecond()-t.Nanosecond()), true
	}
}

// mostSeconds is within what a duration spans.
const mostSeconds = math.MaxInt64/int64(time.Second) - 1

func ordered(v policy.Value, k int64, holds *[3]bool) answer {
	if n, ok := policy.As[int64](v); ok {
		return answerOf(holds[order(n, k)+1])
	}
	return unsure
}

func orderedDouble(v policy.Value, k float64, holds *[3]bool) answer {
	if n, ok := policy.As[float64](v); ok && !math.IsNaN(n) && !math.IsNaN(k) {
		return answerOf(holds[order(n, k)+1])
	}
	return unsure
}

// quickIn is an attribute in a list that does not change, and a constant text in a list of the request.
func (p *planner) quickIn(e *expr.Call) quick {
	if a := pathOf(e.Args[1]); a != nil {
		k, ok := p.quickConst(e.Args[0]).(string)
		if !ok {
			return nil
		}
		return anyText(a, func(s string) bool { return s == k })
	}
	a := pathOf(e.Args[0])
	if a == nil {
		return nil
	}
	m := p.fixedMembers(e.Args[1])
	if m == nil {
		return nil
	}
	return func(in *plan.Input) answer {
		switch v := a.get(in).(type) {
		case string:
			return answerOf(m.hasText(v))
		case *string:
			return answerOf(m.hasText(*v))
		case netip.Addr:
			return answerOf(m.hasAddr(v))
		case *netip.Addr:
			return answerOf(m.hasAddr(*v))
		case int64:
			return m.hasInt(v)
		case *int64:
			return m.hasInt(*v)
		}
		return unsure
	}
}

// anyText asks a list of the request for a text that passes. A list with anything but texts is left to the long way.
func anyText(a *path, passes func(string) bool) quick {
	return func(in *plan.Input) answer {
		list, ok := policy.TextsOf(a.get(in))
		if !ok {
			return unsure
		}
		found, texts := list.Any(passes)
		if !texts {
			return unsure
		}
		return answerOf(found)
	}
}

// quickContains is a constant range and an attribute that is an address.
func (p *planner) quickContains(e *expr.Call) quick {
	a := pathOf(e.Args[1])
	if a == nil {
		return nil
	}
	v, ok := p.constantOf(e.Args[0])
	if !ok {
		return nil
	}
	cidr, ok := v.(celext.CIDR)
	if !ok {
		return nil
	}
	return func(in *plan.Input) answer {
		if addr, ok := policy.As[netip.Addr](a.get(in)); ok {
			return answerOf(cidr.Prefix.Contains(addr))
		}
		return unsure
	}
}

// quickText is a question to an attribute that is text.
func (p *planner) quickText(e *expr.Call) quick {
	a := pathOf(e.Args[0])
	if a == nil {
		return nil
	}
	passes := p.textTest(e)
	if passes == nil {
		return nil
	}
	return func(in *plan.Input) answer {
		if s, ok := policy.As[string](a.get(in)); ok {
			return answerOf(passes(s))
		}
		return unsure
	}
}

// textTest is what a call with a constant asks of its first operand, a text; nil if it is none of these.
func (p *planner) textTest(e *expr.Call) func(string) bool {
	k, ok := p.quickConst(e.Args[1]).(string)
	if !ok {
		return nil
	}
	switch e.Function {
	case operators.Equals:
		return func(s string) bool { return s == k }
	case "startsWith":
		return func(s string) bool { return strings.HasPrefix(s, k) }
	case "endsWith":
		return func(s string) bool { return strings.HasSuffix(s, k) }
	case "contains":
		return func(s string) bool { return strings.Contains(s, k) }
	case "matches":
		if re, err := regexp.Compile(k); err == nil {
			return re.MatchString
		}
	}
	return nil
}

// quickFold is `list.exists(x, …)` over a list of texts, where the predicate is one question to x.
func (p *planner) quickFold(e *expr.Fold) quick {
	a := pathOf(e.Range)
	body, ok := e.Body.(*expr.Call)
	if a == nil || !ok || e.Macro != expr.Exists || len(e.Vars) != 1 || e.Filter != nil || len(body.Args) != 2 {
		return nil
	}
	if x, ok := body.Args[0].(*expr.Local); !ok || x.Slot != e.Vars[0].Slot {
		return nil
	}
	passes := p.textTest(body)
	if passes == nil {
		return nil
	}
	return anyText(a, passes)
}

// hasInt looks an int up where it can only be found as one.
func (m *members) hasInt(n int64) answer {
	if _, found := m.ints[n]; found {
		return yes
	}
	if m.rest || m.fractions {
		return unsure
	}
	return no
}
