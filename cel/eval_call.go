package cel

import (
	"cel.dev/cel-go/common/functions"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/rungpolicy/rung/expr"
)

// planCall plans a strict call: all operands are evaluated, then the function of cel-go is called with their values. A call of constants
// is made now; one that fails is left to fail in its time.
func (p *planner) planCall(e *expr.Call) run {
	if !p.traced && !p.folding {
		if v, ok := p.constantOf(e); ok {
			return always(v)
		}
	}
	switch {
	case e.Function == operators.Equals && len(e.Args) == 2:
		return p.planEqual(e, types.True, types.False)
	case e.Function == operators.NotEquals && len(e.Args) == 2:
		return p.planEqual(e, types.False, types.True)
	case isOneOf(e.Function, operators.In, operators.OldIn) && len(e.Args) == 2:
		return p.planIn(e)
	}
	if r := p.planGetter(e); r != nil {
		return r
	}
	if r := p.planRegex(e); r != nil {
		return r
	}
	if r := p.planCompare(e); r != nil {
		return r
	}
	o := p.lib.overload(e.Function, e.Overloads)
	if o == nil {
		return p.fail("no function %s", e.Function)
	}
	return p.planFunction(e, o)
}

// planFunction plans a call of o, by how many operands there are, as cel-go's planner does.
func (p *planner) planFunction(e *expr.Call, o *functions.Overload) run {
	args, c := p.plans(e.Args), &call{site: p.site(e), trait: o.OperandTrait}
	if makes := p.lib.makers[e.Function]; makes != nil {
		c.before = func(vals []ref.Val) *fault { return c.charge(makes, vals) }
	}
	switch {
	case comparesEach(e.Function):
		c.before = c.crossable
	case e.Function == "hasValue" && len(args) == 2:
		c.before = func(vals []ref.Val) *fault { return c.comparable(vals[0], vals[1]) }
	}
	switch {
	case len(args) == 1 && o.Unary != nil:
		return c.unary(args[0], o.Unary)
	case len(args) == 2 && o.Binary != nil:
		return c.binary(args[0], args[1], o.Binary)
	case o.Function != nil:
		return c.variadic(args, o.Function)
	}
	return p.fail("%s does not take %d operands", e.Function, len(args))
}

// call is what all calls have.
type call struct {
	*site
	// before is asked before the function is called: whether it may. nil: it may.
	before func(vals []ref.Val) *fault
	trait  int
}

// fits reports whether the first operand can do what the function wants of it.
func (c *call) fits(v ref.Val) bool { return c.trait == 0 || v.Type().HasTrait(c.trait) }

// result is what a function of cel-go came to.
func (c *call) result(v ref.Val) ref.Val {
	switch v := v.(type) {
	case *types.Err:
		return c.wrap(v.Error())
	case nil:
		return c.noOverload()
	}
	return v
}

func (c *call) unary(arg run, fn functions.UnaryOp) run {
	return func(f *frame) ref.Val {
		v := arg(f)
		if failed(v) {
			return v
		}
		if !c.fits(v) {
			return c.noOverload()
		}
		if c.before != nil {
			if bad := c.before([]ref.Val{v}); bad != nil {
				return bad
			}
		}
		return c.result(fn(v))
	}
}

func (c *call) binary(left, right run, fn functions.BinaryOp) run {
	return func(f *frame) ref.Val {
		l, r := left(f), right(f)
		if failed(l) || failed(r) {
			return strict(l, r)
		}
		if !c.fits(l) {
			return c.noOverload()
		}
		if c.before != nil {
			if bad := c.before([]ref.Val{l, r}); bad != nil {
				return bad
			}
		}
		return c.result(fn(l, r))
	}
}

func (c *call) variadic(args []run, fn functions.FunctionOp) run {
	return func(f *frame) ref.Val {
		vals := make([]ref.Val, len(args))
		bad := false
		for i, a := range args {
			vals[i] = a(f)
			bad = bad || failed(vals[i])
		}
		if bad {
			return strict(vals...)
		}
		if len(vals) > 0 && !c.fits(vals[0]) {
			return c.noOverload()
		}
		if c.before != nil {
			if bad := c.before(vals); bad != nil {
				return bad
			}
		}
		return c.result(fn(vals...))
	}
}

// planEqual plans `a == b`, and `a != b` with the results exchanged.
func (p *planner) planEqual(e *expr.Call, equal, unequal types.Bool) run {
	if r := p.equalConstant(e, equal, unequal); r != nil {
		return r
	}
	left, right, at := p.plan(e.Args[0]), p.plan(e.Args[1]), p.site(e)
	return func(f *frame) ref.Val {
		l, r := left(f), right(f)
		if failed(l) || failed(r) {
			return strict(l, r)
		}
		same, bad := at.equal(l, r)
		switch {
		case bad != nil:
			return bad
		case same:
			return equal
		}
		return unequal
	}
}

// equal is l == r, as cel-go has it; the first cases are short ways.
func (s *site) equal(l, r ref.Val) (bool, *fault) {
	switch l := l.(type) {
	case types.String:
		if r, ok := r.(types.String); ok {
			return l == r, nil
		}
	case types.Int:
		if r, ok := r.(types.Int); ok {
			return l == r, nil
		}
	}
	if bad := s.comparable(l, r); bad != nil {
		return false, bad
	}
	return types.Equal(l, r) == types.True, nil
}

// planIn plans `a in b`. In a policy's list, and in one of constants, membership is looked up, not searched.
func (p *planner) planIn(e *expr.Call) run {
	elem, at := p.plan(e.Args[0]), p.site(e)
	if m := p.fixedMembers(e.Args[1]); m != nil {
		if r := p.inMembers(e, m); r != nil {
			return r
		}
		return func(f *frame) ref.Val {
			v := elem(f)
			if failed(v) {
				return v
			}
			return types.Bool(m.has(v))
		}
	}
	in := p.plan(e.Args[1])
	return func(f *frame) ref.Val {
		v, l := elem(f), in(f)
		if failed(v) || failed(l) {
			return strict(v, l)
		}
		switch l := l.(type) {
		case traits.Mapper:
			found, ok := l.Find(v)
			if types.IsError(found) {
				return at.wrap(found.(*types.Err).Error())
			}
			return types.Bool(ok)
		case traits.Container:
			if bad := at.searchable(v, l.(ref.Val)); bad != nil {
				return bad
			}
			c := l.Contains(v)
			if err, ok := c.(*types.Err); ok {
				return at.wrap(err.Error())
			}
			return c
		}
		return at.noOverload()
	}
}
