package change

import (
	"net/netip"
	"strings"

	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
)

// binding is what a variable of a macro stands for: the expression that it is bound to, or any element of a list.
type binding struct {
	expr expr.Expr
	list *place
}

// seek looks for what would make a condition come to want. Of what is made of several parts any part may do: all of them are looked at, and trying tells.
func (s *search) seek(e expr.Expr, want bool) {
	switch e := e.(type) {
	case *expr.Signal, *expr.Select, *expr.Param, *expr.Index:
		s.solve(e, goal{value: want, how: policy.Is})
	case *expr.Local:
		if b := s.bound[e.Slot]; b.expr != nil {
			s.seek(b.expr, want)
		}
	case *expr.Logic:
		s.seek(e.Left, want)
		s.seek(e.Right, want)
	case *expr.Cond:
		s.seek(e.If, true)
		s.seek(e.If, false)
		s.seek(e.Then, want)
		s.seek(e.Else, want)
	case *expr.Has:
		if p, ok := s.place(e); ok {
			s.presence(p, want)
		}
	case *expr.OrElse:
		s.seek(e.Of, want)
		s.absent(e.Of)
	case *expr.OptMap:
		s.seekBound(e.Var, binding{expr: e.Of}, e.Body, want)
		s.absent(e.Of)
	case *expr.Bind:
		s.seekBound(e.Var, binding{expr: e.Init}, e.Body, want)
	case *expr.Fold:
		s.fold(e, want)
	case *expr.Call:
		s.call(e, want)
	case *expr.Const, *expr.TypeConst, *expr.List, *expr.SessionLevel, *expr.MakeList, *expr.MakeMap:
	}
}

func (s *search) seekBound(v expr.Var, b binding, body expr.Expr, want bool) {
	before, shadowed := s.bound[v.Slot]
	s.bound[v.Slot] = b
	s.seek(body, want)
	delete(s.bound, v.Slot)
	if shadowed {
		s.bound[v.Slot] = before
	}
}

// presence is that something is there, or not.
func (s *search) presence(p *place, want bool) {
	if !want {
		s.add(candidate{place: p, how: policy.Absent})
		return
	}
	for _, v := range samples(p.typ, s.in.Now) {
		s.add(candidate{place: p, to: v, how: policy.Present})
	}
}

// absent is that what an expression reads is not there, where that is not an error.
func (s *search) absent(e expr.Expr) {
	if p, ok := s.place(e); ok {
		s.presence(p, false)
	}
}

// comparisons are the operators by what they want of their left side, and of their right side; and what they want if they are to be false.
var comparisons = map[string]struct{ left, right, notLeft, notRight policy.How }{
	"_<_":  {policy.Below, policy.Above, policy.AtLeast, policy.AtMost},
	"_<=_": {policy.AtMost, policy.AtLeast, policy.Above, policy.Below},
	"_>_":  {policy.Above, policy.Below, policy.AtMost, policy.AtLeast},
	"_>=_": {policy.AtLeast, policy.AtMost, policy.Below, policy.Above},
	"_==_": {policy.Is, policy.Is, policy.Not, policy.Not},
	"_!=_": {policy.Not, policy.Not, policy.Is, policy.Is},
}

func (s *search) call(e *expr.Call, want bool) {
	if c, ok := comparisons[e.Function]; ok && len(e.Args) == 2 {
		left, right := c.left, c.right
		if !want {
			left, right = c.notLeft, c.notRight
		}
		s.compare(e.Args[0], e.Args[1], left)
		s.compare(e.Args[1], e.Args[0], right)
		return
	}
	switch {
	case e.Function == "!_":
		s.seek(e.Args[0], !want)
	case e.Function == "@in" && len(e.Args) == 2:
		s.within(e.Args[0], e.Args[1], want)
	case e.Function == "hasValue" && len(e.Args) == 1:
		if p, ok := s.place(e.Args[0]); ok {
			s.presence(p, want)
		}
	case len(e.Args) == 2 && want && (e.Function == "startsWith" || e.Function == "endsWith" || e.Function == "contains"):
		s.compare(e.Args[0], e.Args[1], policy.Is)
	case e.Function == "containsIP" && len(e.Args) == 2:
		s.inRange(e.Args[1], e.Args[0], want)
	}
}

// compare is that an expression stands in some way to the value of another.
func (s *search) compare(e, other expr.Expr, how policy.How) {
	v, ok := s.engine.Value(other, s.in)
	if !ok {
		return
	}
	g := goal{value: v, how: how, secret: s.secret(e) || s.secret(other)}
	if b, ok := v.(bool); ok && how != policy.AtMost && how != policy.AtLeast {
		if _, reads := s.place(e); !reads {
			s.seek(e, b == (how == policy.Is))
			return
		}
	}
	s.solve(e, g)
}

// mostMembers is how many members of a list are tried.
const mostMembers = 16

// within is `e in of`.
func (s *search) within(e, of expr.Expr, want bool) {
	secret := s.secret(e) || s.secret(of)
	if p, ok := s.place(of); ok {
		if v, ok := s.engine.Value(e, s.in); ok {
			s.membership(p, v, want, secret)
		}
		if local, ok := e.(*expr.Local); !ok || s.bound[local.Slot].expr != nil {
			return
		}
	}
	if !want {
		if v, ok := s.engine.Value(e, s.in); ok {
			s.solve(e, goal{value: v, how: policy.Not, secret: secret})
		}
		return
	}
	for i, v := range s.members(of) {
		if i == mostMembers {
			return
		}
		if prefix, ok := v.(netip.Prefix); ok && typeOf(e).Kind == policy.KindIP {
			v = prefix.Addr()
		}
		s.solve(e, goal{value: v, how: policy.Is, secret: secret})
	}
}

// inRange is `of.containsIP(e)`.
func (s *search) inRange(e, of expr.Expr, want bool) {
	v, ok := s.engine.Value(of, s.in)
	prefix, isRange := v.(netip.Prefix)
	if !ok || !isRange {
		return
	}
	g := goal{value: prefix.Addr(), how: policy.Is, secret: s.secret(e) || s.secret(of)}
	if !want {
		g.how = policy.Not
		if current, ok := s.engine.Value(e, s.in); ok {
			g.value = current
		}
	}
	s.solve(e, g)
}

// members are the values of a list, or the keys of a map.
func (s *search) members(of expr.Expr) []policy.Value {
	if l, ok := of.(*expr.List); ok {
		return s.plan.Policy.Lists[l.Index].Values
	}
	v, _ := s.engine.Value(of, s.in)
	switch v := v.(type) {
	case []policy.Value:
		return v
	case *policy.Map:
		out := make([]policy.Value, len(v.Keys))
		for i, key := range v.Keys {
			out[i] = key
		}
		return out
	}
	return nil
}

// membership is that a list of the request has an element, or has not.
func (s *search) membership(p *place, v policy.Value, want, secret bool) {
	list, _ := p.read(s).([]policy.Value)
	if p.typ != nil && p.typ.Kind != policy.KindList && p.typ.Kind != policy.KindAny {
		return
	}
	if want {
		if limit := policy.DefaultMax; p.typ != nil && len(list) >= max(limit, p.typ.Max) {
			return
		}
		more := append(append([]policy.Value{}, list...), v)
		s.add(candidate{place: p, to: more, how: policy.With, value: []policy.Value{v}, secret: secret})
		return
	}
	kept := []policy.Value{}
	if !isScalar(v) {
		return
	}
	for _, x := range list {
		if x != v {
			kept = append(kept, x)
		}
	}
	s.add(candidate{place: p, to: kept, how: policy.Without, value: []policy.Value{v}, secret: secret})
}

// isScalar reports whether a value has no parts, so that `==` compares it.
func isScalar(v policy.Value) bool {
	switch v.(type) {
	case []policy.Value, []byte, *policy.Map, *policy.Object:
		return false
	}
	return true
}

// fold is a macro over a list of the request. That no element is such, or all are, is had by leaving out those that are in the way; else an element may be
// missing, and what it must be follows from the macro's body.
func (s *search) fold(e *expr.Fold, want bool) {
	p, ok := s.place(e.Range)
	if !ok || len(e.Vars) != 1 || p.typ == nil || p.typ.Kind != policy.KindList || e.Macro > expr.ExistsOne {
		return
	}
	if e.Macro == expr.All == want { // every element must be: so, or not so
		keep, drop := e.Body, not(e.Body)
		if e.Macro != expr.All {
			keep, drop = drop, keep
		}
		s.leaveOut(e, p, keep, drop)
		return
	}
	s.seekBound(e.Vars[0], binding{list: p}, e.Body, want == (e.Macro != expr.All))
}

func (s *search) leaveOut(e *expr.Fold, p *place, keep, drop expr.Expr) {
	if p.read(s) == nil {
		s.add(candidate{place: p, to: []policy.Value{}, how: policy.Is, value: []policy.Value{}})
		return
	}
	part := func(body expr.Expr) ([]policy.Value, bool) {
		v, ok := s.engine.Value(&expr.Fold{Base: expr.Base{Type: e.Range.Node().Type}, Macro: expr.Filter, Range: e.Range, Vars: e.Vars, Body: body}, s.in)
		list, isList := v.([]policy.Value)
		return list, ok && isList
	}
	kept, ok := part(keep)
	left, also := part(drop)
	if ok && also && len(left) > 0 {
		s.add(candidate{place: p, to: kept, how: policy.Without, value: left, secret: s.secret(e.Body)})
	}
}

func not(e expr.Expr) expr.Expr {
	return &expr.Call{Base: expr.Base{Type: policy.Bool}, Function: "!_", Overloads: []string{"logical_not"}, Args: []expr.Expr{e}}
}

// secret reports whether something of a sensitive signal is in an expression.
func (s *search) secret(e expr.Expr) bool {
	found := false
	expr.Walk(e, func(e expr.Expr) bool {
		switch e := e.(type) {
		case *expr.Signal:
			found = found || e.Index >= 0 && s.plan.Policy.Signals[e.Index].Sensitive
		case *expr.Local:
			b := s.bound[e.Slot]
			found = found || b.list != nil && b.list.secret || b.expr != nil && b.expr != expr.Expr(e) && s.secret(b.expr)
		}
		return !found
	})
	return found
}

// typeOf is the type of an expression, that of what an optional holds.
func typeOf(e expr.Expr) *policy.Type {
	t := e.Node().Type
	if t == nil {
		return policy.Any
	}
	if t.Kind == policy.KindOptional && t.Elem != nil {
		return t.Elem
	}
	return t
}

// cased is a text as it must be for a function that makes another of it to come to v; false if none does.
func cased(function, v string) bool {
	switch function {
	case "lowerAscii":
		return strings.ToLower(v) == v
	case "upperAscii":
		return strings.ToUpper(v) == v
	case "trim":
		return strings.TrimSpace(v) == v
	}
	return false
}
