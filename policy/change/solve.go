package change

import (
	"cmp"
	"math"
	"net/netip"
	"time"

	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
)

type timestamp = time.Time

// goal is what an expression is to come to: how it is to stand to a value.
type goal struct {
	value policy.Value
	how   policy.How
	// secret says that the value comes of a sensitive signal.
	secret bool
}

// solve looks for attributes in an expression with which it reaches a goal, the rest of it as it is.
func (s *search) solve(e expr.Expr, g goal) {
	switch e := e.(type) {
	case *expr.Local:
		switch b := s.bound[e.Slot]; {
		case b.expr != nil:
			s.solve(b.expr, g)
		case b.list != nil:
			for _, o := range fit(b.list.typ.Elem, g) {
				s.membership(b.list, o.to, true, g.secret)
			}
		}
		return
	case *expr.OrElse:
		s.solve(e.Of, g)
		s.absent(e.Of)
		return
	case *expr.OptMap:
		before := s.bound[e.Var.Slot]
		s.bound[e.Var.Slot] = binding{expr: e.Of}
		s.solve(e.Body, g)
		s.bound[e.Var.Slot] = before
		return
	case *expr.Call:
		s.invert(e, g)
		return
	}
	if p, ok := s.place(e); ok {
		s.attribute(p, g)
	}
}

// attribute is that what stands at a place reaches a goal.
func (s *search) attribute(p *place, g goal) {
	from, options := p.read(s), fit(p.typ, g)
	if beyond, ok := map[policy.How]policy.How{policy.AtMost: policy.Below, policy.AtLeast: policy.Above}[g.how]; ok {
		options = append(options, fit(p.typ, goal{value: g.value, how: beyond})...) // what is at the boundary may be in another rule's way
	}
	for _, o := range options {
		if o.how == policy.Not && from != nil && isScalar(from) && isScalar(o.value) && from != o.value {
			continue // it is something else already
		}
		if holds(from, o) { // and yet another rule is in the way: so this value is meant, and not all on its side
			o.how, o.value = policy.Is, o.to
		}
		s.add(candidate{place: p, to: o.to, how: o.how, value: o.value, secret: g.secret})
	}
}

// holds reports whether a value stands to an option's as that says.
func holds(from policy.Value, o option) bool {
	order, ok := compare(from, o.value)
	switch {
	case !ok:
		return false
	case o.how == policy.AtMost:
		return order <= 0
	case o.how == policy.AtLeast:
		return order >= 0
	case o.how == policy.Below:
		return order < 0
	}
	return o.how == policy.Above && order > 0
}

// compare orders two numbers, moments or spans of time; false if they are none.
func compare(a, b policy.Value) (int, bool) {
	switch a := a.(type) {
	case time.Time:
		b, ok := b.(time.Time)
		return a.Compare(b), ok
	case time.Duration:
		b, ok := b.(time.Duration)
		return cmp.Compare(a, b), ok
	case int64:
		if b, ok := b.(int64); ok {
			return cmp.Compare(a, b), true
		}
	}
	x, ok := number(a)
	y, also := number(b)
	return cmp.Compare(x, y), ok && also
}

// invert takes a goal through a function to its operands.
func (s *search) invert(e *expr.Call, g goal) {
	switch e.Function {
	case "_+_", "_-_", "_*_", "_/_":
		if len(e.Args) == 2 {
			s.arithmetic(e, g)
		}
	case "-_":
		if v, ok := negated(g.value); ok {
			s.solve(e.Args[0], goal{v, flipped(g.how), g.secret})
		}
	case "double", "int", "uint":
		s.solve(e.Args[0], g)
	case "lowerAscii", "upperAscii", "trim":
		if text, ok := g.value.(string); ok && cased(e.Function, text) {
			s.solve(e.Args[0], g)
		}
	case "ip":
		if addr, ok := g.value.(netip.Addr); ok {
			s.solve(e.Args[0], goal{addr.String(), g.how, g.secret})
		}
	case "size":
		s.size(e.Args[0], g)
	}
}

// arithmetic solves `a op b` for a and for b.
func (s *search) arithmetic(e *expr.Call, g goal) {
	if right, ok := s.engine.Value(e.Args[1], s.in); ok {
		how := g.how
		if (e.Function == "_*_" || e.Function == "_/_") && negative(right) {
			how = flipped(how)
		}
		inverse := map[string]byte{"_+_": '-', "_-_": '+', "_*_": '/', "_/_": '*'}[e.Function]
		if v, ok := compute(g.value, inverse, right); ok {
			s.solve(e.Args[0], goal{v, how, g.secret})
		}
	}
	left, ok := s.engine.Value(e.Args[0], s.in)
	if !ok || e.Function == "_/_" {
		return
	}
	v, how := policy.Value(nil), g.how
	switch e.Function {
	case "_+_":
		v, ok = compute(g.value, '-', left)
	case "_-_":
		v, ok = compute(left, '-', g.value)
		how = flipped(how)
	case "_*_":
		v, ok = compute(g.value, '/', left)
		if negative(left) {
			how = flipped(how)
		}
	}
	if ok {
		s.solve(e.Args[1], goal{v, how, g.secret})
	}
}

// size is that a list has at most so many elements: the first ones.
func (s *search) size(e expr.Expr, g goal) {
	p, ok := s.place(e)
	if !ok {
		return
	}
	list, _ := p.read(s).([]policy.Value)
	for _, o := range fit(policy.Int, g) {
		if n := o.to.(int64); n >= 0 && n < int64(len(list)) {
			s.add(candidate{place: p, to: list[:n:n], how: policy.Without, value: list[n:], secret: g.secret})
		}
	}
}

func flipped(how policy.How) policy.How {
	switch how {
	case policy.AtMost:
		return policy.AtLeast
	case policy.AtLeast:
		return policy.AtMost
	case policy.Below:
		return policy.Above
	case policy.Above:
		return policy.Below
	case policy.Is, policy.Not, policy.With, policy.Without, policy.Present, policy.Absent:
	}
	return how
}

// compute is `a op b` of two numbers, or of moments and spans of time; false if there is none.
func compute(a policy.Value, op byte, b policy.Value) (policy.Value, bool) {
	switch a := a.(type) {
	case time.Time:
		switch b := b.(type) {
		case time.Time:
			d := a.Sub(b)
			return d, op == '-' && b.Add(d).Equal(a)
		case time.Duration:
			if op == '-' {
				b = -b
			}
			return a.Add(b).UTC(), op == '-' || op == '+'
		}
	case time.Duration:
		if t, ok := b.(time.Time); ok {
			return t.Add(a).UTC(), op == '+'
		}
		if d, ok := b.(time.Duration); ok {
			n, fits := whole(int64(a), op, int64(d))
			return time.Duration(n), fits && (op == '+' || op == '-')
		}
	case int64:
		if b, ok := b.(int64); ok && op != '/' {
			return whole(a, op, b)
		}
	}
	x, ok := number(a)
	y, also := number(b)
	if !ok || !also {
		return nil, false
	}
	r := map[byte]float64{'+': x + y, '-': x - y, '*': x * y, '/': x / y}[op]
	return r, !math.IsNaN(r) && !math.IsInf(r, 0)
}

func whole(a int64, op byte, b int64) (int64, bool) {
	switch op {
	case '+':
		return a + b, (b >= 0) == (a+b >= a)
	case '-':
		return a - b, (b >= 0) == (a-b <= a)
	case '*':
		f := float64(a) * float64(b)
		return a * b, math.Abs(f) < 1<<62
	}
	return 0, false
}

// number is a number as a double.
func number(v policy.Value) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case uint64:
		return float64(v), true
	case float64:
		return v, !math.IsNaN(v) && !math.IsInf(v, 0)
	}
	return 0, false
}

func negated(v policy.Value) (policy.Value, bool) {
	switch v := v.(type) {
	case int64:
		return -v, v != math.MinInt64
	case time.Duration:
		return -v, v != math.MinInt64
	case float64:
		return -v, true
	}
	return nil, false
}

func negative(v policy.Value) bool {
	f, ok := number(v)
	return ok && f < 0
}

// distance is how far a value is from another, in their own measure; 0 where they have none.
func distance(from, to policy.Value) float64 {
	switch from := from.(type) {
	case time.Time:
		if to, ok := to.(time.Time); ok {
			return math.Abs(to.Sub(from).Seconds())
		}
	case time.Duration:
		if to, ok := to.(time.Duration); ok {
			return math.Abs((to - from).Seconds())
		}
	case []policy.Value:
		if to, ok := to.([]policy.Value); ok {
			return math.Abs(float64(len(to) - len(from)))
		}
	}
	a, ok := number(from)
	b, also := number(to)
	if !ok || !also {
		return 0
	}
	return math.Abs(a - b)
}
