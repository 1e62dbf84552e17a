package cel

import (
	"math"
	"net/netip"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
)

// Short ways for what conditions are mostly made of: an attribute of a signal, compared with a constant or a param. They come to what the
// long ways come to, without making a value of the attribute.

// inMembers is the short way for an attribute that is text or an address.
func (p *planner) inMembers(e *expr.Call, m *members) run {
	if p.traced {
		return nil
	}
	c := p.attributeOf(e.Args[0])
	if c == nil {
		return nil
	}
	return func(f *frame) ref.Val {
		v, instead := c.attribute(f)
		if instead != nil {
			return instead
		}
		if s, ok := policy.As[string](v); ok {
			return types.Bool(m.hasText(s))
		}
		if a, ok := policy.As[netip.Addr](v); ok {
			return types.Bool(m.hasAddr(a))
		}
		return types.Bool(m.has(toVal(v)))
	}
}

// attributeOf returns the chain of attributes of a signal that e is, or nil.
func (p *planner) attributeOf(e expr.Expr) *chain {
	if p.traced {
		return nil
	}
	switch sel := e.(type) {
	case *expr.Select:
		if isSessionLevel(sel.Of, sel.Name) {
			return nil
		}
	case *expr.Signal:
	default:
		return nil
	}
	c := p.newChain(e)
	if !c.simple() {
		return nil
	}
	return c
}

// planCompare plans the comparison of an attribute of a signal with a constant or param of the same type, without making values of either.
func (p *planner) planCompare(e *expr.Call) run {
	if len(e.Args) != 2 || !isOneOf(e.Function, "_<_", "_<=_", "_>_", "_>=_") {
		return nil
	}
	c, other := p.attributeOf(e.Args[0]), p.number(e.Args[1])
	if c == nil || other == nil || e.Args[0].Node().Type.Kind != e.Args[1].Node().Type.Kind {
		return nil
	}
	holds := comparison(e.Function)
	o := p.lib.overload(e.Function, e.Overloads)
	if o == nil || o.Binary == nil {
		return nil
	}
	slow := &call{site: p.site(e), trait: o.OperandTrait}
	return func(f *frame) ref.Val {
		v, instead := c.attribute(f)
		if instead != nil {
			return instead
		}
		k := other(f)
		switch k := k.(type) {
		case int64:
			if n, ok := policy.As[int64](v); ok {
				return types.Bool(holds(order(n, k)))
			}
		case float64:
			if n, ok := policy.As[float64](v); ok && !math.IsNaN(n) && !math.IsNaN(k) {
				return types.Bool(holds(order(n, k)))
			}
		case time.Duration:
			if n, ok := policy.As[time.Duration](v); ok {
				return types.Bool(holds(order(n, k)))
			}
		}
		return slow.result(o.Binary(toVal(v), toVal(k)))
	}
}

// number reads a constant or a param that is a number or a duration; nil if e is neither.
func (p *planner) number(e expr.Expr) func(f *frame) policy.Value {
	if k := e.Node().Type.Kind; k != policy.KindInt && k != policy.KindDouble && k != policy.KindDuration {
		return nil
	}
	switch e := e.(type) {
	case *expr.Param:
		if e.Index >= 0 && e.Index < len(p.policy.Params) {
			return p.paramValue(e.Index)
		}
	case *expr.Const:
		return func(*frame) policy.Value { return e.Value }
	case *expr.Call:
		if v, ok := p.constantOf(e); ok {
			value, _ := fromVal(v)
			return func(*frame) policy.Value { return value }
		}
	}
	return nil
}

func order[T int64 | float64 | time.Duration](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func comparison(function string) func(int) bool {
	switch function {
	case "_<_":
		return func(c int) bool { return c < 0 }
	case "_<=_":
		return func(c int) bool { return c <= 0 }
	case "_>_":
		return func(c int) bool { return c > 0 }
	}
	return func(c int) bool { return c >= 0 }
}

// equalConstant plans `a == 'x'` for an attribute of a signal and a constant text, bool or int, without making values of either.
func (p *planner) equalConstant(e *expr.Call, equal, unequal types.Bool) run {
	attr, k := e.Args[0], e.Args[1]
	if _, ok := attr.(*expr.Const); ok {
		attr, k = k, attr
	}
	c, lit := p.attributeOf(attr), policy.Value(nil)
	if con, ok := k.(*expr.Const); ok {
		lit = con.Value
	}
	same := equalTo(lit)
	if c == nil || same == nil {
		return nil
	}
	kv := toVal(lit)
	return func(f *frame) ref.Val {
		v, instead := c.attribute(f)
		if instead != nil {
			return instead
		}
		is, ok := same(v)
		if !ok {
			is = types.Equal(toVal(v), kv) == types.True
		}
		if is {
			return equal
		}
		return unequal
	}
}

// equalTo compares values with a text, bool or int; it does not know of values of other types. It is nil if k is none of these.
func equalTo(k policy.Value) func(v policy.Value) (same, known bool) {
	switch k := k.(type) {
	case string:
		return func(v policy.Value) (bool, bool) { s, ok := policy.As[string](v); return s == k, ok }
	case bool:
		return func(v policy.Value) (bool, bool) { b, ok := policy.As[bool](v); return b == k, ok }
	case int64:
		return func(v policy.Value) (bool, bool) { n, ok := policy.As[int64](v); return n == k, ok }
	}
	return nil
}
