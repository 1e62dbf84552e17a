package cel

import (
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/rungpolicy/rung/expr"
)

// planLogic plans `a && b` and `a || b`. An absorbing side decides; else a pending side leaves it pending; else the first error
// counts. A chain `a && b && c` comes out the same however it nests.
func (p *planner) planLogic(e *expr.Logic) run {
	left, right, at := p.plan(e.Left), p.plan(e.Right), p.site(e)
	absorbing, neutral := types.False, types.True
	if e.Or {
		absorbing, neutral = types.True, types.False
	}
	return func(f *frame) ref.Val {
		l := left(f)
		if l == absorbing {
			return absorbing
		}
		r := right(f)
		if l == neutral && (r == absorbing || r == neutral) {
			return r
		}
		return at.logic(l, r, absorbing)
	}
}

// logic is what two sides come to of which one is not a bool. The left one does not absorb.
func (s *site) logic(l, r ref.Val, absorbing types.Bool) ref.Val {
	if r == absorbing {
		return absorbing
	}
	pl, _ := l.(*pending)
	pr, _ := r.(*pending)
	if pl != nil || pr != nil {
		return pl.and(pr)
	}
	for _, v := range [...]ref.Val{l, r} {
		switch v.(type) {
		case *fault:
			return v
		case types.Bool:
		default:
			return s.noOverload()
		}
	}
	return r
}

// planCond plans `a ? b : c`.
func (p *planner) planCond(e *expr.Cond) run {
	cond, then, otherwise, at := p.plan(e.If), p.plan(e.Then), p.plan(e.Else), p.site(e)
	return func(f *frame) ref.Val {
		switch v := cond(f).(type) {
		case types.Bool:
			if v {
				return then(f)
			}
			return otherwise(f)
		case *fault, *pending:
			return v
		}
		return at.noOverload()
	}
}

// planOrElse plans `a.or(b)` and `a.orValue(b)`.
func (p *planner) planOrElse(e *expr.OrElse) run {
	of, other, at := p.plan(e.Of), p.plan(e.Other), p.site(e)
	return func(f *frame) ref.Val {
		v := of(f)
		if failed(v) {
			return v
		}
		o, ok := v.(*types.Optional)
		switch {
		case !ok:
			return at.noOverload()
		case o.HasValue() && e.Value:
			return o.GetValue()
		case o.HasValue():
			return o
		}
		v = other(f)
		if _, ok := v.(*types.Optional); !ok && !e.Value && !failed(v) {
			return at.noOverload()
		}
		return v
	}
}

// planOptMap plans `a.optMap(x, b)` and `a.optFlatMap(x, b)`.
func (p *planner) planOptMap(e *expr.OptMap) run {
	of, at := p.plan(e.Of), p.site(e)
	slots, unbind := p.bind([]expr.Var{e.Var}, variable{sensitive: p.sensitive(e.Of)})
	body := p.plan(e.Body)
	unbind()
	slot := slots[0]
	return func(f *frame) ref.Val {
		v := of(f)
		if failed(v) {
			return v
		}
		o, ok := v.(*types.Optional)
		if !ok {
			return at.noOverload()
		}
		if !o.HasValue() {
			return types.OptionalNone
		}
		f.slots[slot] = o.GetValue()
		r := body(f)
		if failed(r) {
			return r
		}
		if !e.Flat {
			return types.OptionalOf(r)
		}
		if _, ok := r.(*types.Optional); !ok {
			return at.noOverload()
		}
		return r
	}
}
