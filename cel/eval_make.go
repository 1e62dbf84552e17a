package cel

import (
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
)

// planList plans `[a, ?b]`.
func (p *planner) planList(e *expr.MakeList) run {
	elems, at := p.plans(e.Elems), p.site(e)
	optional := func(i int) bool { return i < len(e.Optional) && e.Optional[i] }
	if v, ok := p.fixedList(e); ok {
		return always(v)
	}
	return func(f *frame) ref.Val {
		if bad := at.chargeElements(len(elems)); bad != nil {
			return bad
		}
		vals := make([]ref.Val, 0, len(elems))
		var first *fault
		var wait *pending
		for i, elem := range elems {
			v := elem(f)
			switch v := v.(type) {
			case *fault:
				if first == nil {
					first = v
				}
				continue
			case *pending:
				wait = wait.and(v)
				continue
			}
			if optional(i) {
				o, ok := v.(*types.Optional)
				if !ok {
					v = at.wrap("cannot initialize optional list element from non-optional value")
					if first == nil {
						first = v.(*fault)
					}
					continue
				}
				if !o.HasValue() {
					continue
				}
				v = o.GetValue()
			}
			vals = append(vals, v)
		}
		switch {
		case first != nil:
			return first
		case wait != nil:
			return wait
		}
		return types.NewRefValList(adapter, vals)
	}
}

// fixedList is the list of constants that e is, made once.
func (p *planner) fixedList(e *expr.MakeList) (ref.Val, bool) {
	if p.traced || len(e.Elems) > policy.MaxMadeElements {
		return nil, false
	}
	vals := make([]ref.Val, len(e.Elems))
	for i, elem := range e.Elems {
		c, ok := elem.(*expr.Const)
		if !ok || i < len(e.Optional) && e.Optional[i] {
			return nil, false
		}
		vals[i] = constant(c.Value)
	}
	return types.NewRefValList(adapter, vals), true
}

// planMap plans `{a: b, ?c: d}`. Of two equal keys the last counts, as in cel-go; a later optional that is none takes an equal
// earlier one out. A key that is no bool, number or string is an error.
func (p *planner) planMap(e *expr.MakeMap) run {
	keys, values, at := p.plans(e.Keys), p.plans(e.Values), p.site(e)
	optional := func(i int) bool { return i < len(e.Optional) && e.Optional[i] }
	return func(f *frame) ref.Val {
		if bad := at.chargeElements(len(keys)); bad != nil {
			return bad
		}
		entries := make(map[ref.Val]ref.Val, len(keys))
		var first *fault
		var wait *pending
		for i := range keys {
			k, v := keys[i](f), values[i](f)
			bad := strict(k, v)
			if bad == nil && !keyable(k) {
				bad = at.fault(policy.InvalidArgument, notKey(k))
			}
			o, isOptional := v.(*types.Optional)
			if bad == nil && optional(i) && !isOptional {
				bad = at.wrap("cannot initialize optional entry from non-optional value")
			}
			switch bad := bad.(type) {
			case *fault:
				if first == nil {
					first = bad
				}
				continue
			case *pending:
				wait = wait.and(bad)
				continue
			}
			switch {
			case !optional(i):
				entries[k] = v
			case o.HasValue():
				entries[k] = o.GetValue()
			default:
				delete(entries, k)
			}
		}
		switch {
		case first != nil:
			return first
		case wait != nil:
			return wait
		}
		return newSortedMap(entries)
	}
}
