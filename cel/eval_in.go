package cel

import (
	"math"
	"net/netip"
	"slices"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	celext "cel.dev/cel-go/ext"

	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
)

// members is a list that does not change, made for `in`: of texts a set, of addresses and ranges sorted ranges. How long it takes to look a
// value up grows with the logarithm of the list at most, where the value has the type of the entries; a number of another
// type, by way of dyn, is searched for.
type members struct {
	list    traits.Lister
	texts   map[string]struct{}
	others  map[any]struct{}
	numbers bool // there are numbers among others
	rest    bool // there is something that is in neither map
	v4, v6  []span
}

// span is a range of addresses, both ends in it.
type span struct{ first, last netip.Addr }

func newMembers(values []policy.Value) *members {
	m := &members{list: constant(values).(traits.Lister)}
	for _, v := range values {
		m.add(v)
	}
	m.v4, m.v6 = join(m.v4), join(m.v6)
	return m
}

func (m *members) add(v policy.Value) {
	switch v := v.(type) {
	case string:
		if m.texts == nil {
			m.texts = make(map[string]struct{})
		}
		m.texts[v] = struct{}{}
	case netip.Addr:
		m.addSpan(span{v, v})
	case netip.Prefix:
		m.addSpan(span{v.Masked().Addr(), lastOf(v)})
	default:
		key, ok := hashKey(toVal(v))
		if !ok {
			m.rest = true
			return
		}
		if m.others == nil {
			m.others = make(map[any]struct{})
		}
		m.others[key] = struct{}{}
		m.numbers = m.numbers || isNumber(toVal(v))
	}
}

func (m *members) addSpan(s span) {
	if s.first.Is4() {
		m.v4 = append(m.v4, s)
	} else {
		m.v6 = append(m.v6, s)
	}
}

// lastOf is the last address of a range.
func lastOf(p netip.Prefix) netip.Addr {
	b := p.Masked().Addr().AsSlice()
	for i := p.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

// join sorts ranges and joins those that overlap, so that at most one holds an address.
func join(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int { return a.first.Compare(b.first) })
	var out []span
	for _, s := range spans {
		if n := len(out); n > 0 && s.first.Compare(out[n-1].last) <= 0 {
			if s.last.Compare(out[n-1].last) > 0 {
				out[n-1].last = s.last
			}
			continue
		}
		out = append(out, s)
	}
	return out
}

// hashKey is what equal values of one type have in common.
func hashKey(v ref.Val) (any, bool) {
	switch v := v.(type) {
	case types.Bool, types.Int, types.Uint, types.Double, types.Duration:
		return v, true
	case types.Bytes:
		return [1]string{string(v)}, true
	case types.Timestamp:
		return [2]int64{v.Unix(), int64(v.Nanosecond())}, true
	}
	return nil, false
}

func isNumber(v ref.Val) bool {
	switch v.(type) {
	case types.Int, types.Uint, types.Double:
		return true
	}
	return false
}

// has reports whether a value is among the members.
func (m *members) has(v ref.Val) bool {
	switch v := v.(type) {
	case types.String:
		return m.hasText(string(v))
	case celext.IP:
		return m.hasAddr(v.Addr)
	}
	if key, ok := hashKey(v); ok {
		if _, found := m.others[key]; found {
			return true
		}
		if !m.rest && !(m.numbers && isNumber(v)) {
			return false
		}
	}
	return m.list.Contains(v) == types.True
}

func (m *members) hasText(s string) bool {
	_, ok := m.texts[s]
	return ok
}

// hasAddr looks an address up among addresses and ranges.
func (m *members) hasAddr(a netip.Addr) bool {
	spans := m.v6
	if a.Is4() {
		spans = m.v4
	}
	i, found := slices.BinarySearchFunc(spans, a, func(s span, a netip.Addr) int { return s.first.Compare(a) })
	return found || i > 0 && a.Compare(spans[i-1].last) <= 0
}

// fixedMembers returns the list that e is, if it never changes.
func (p *planner) fixedMembers(e expr.Expr) *members {
	if p.traced {
		// An observed list is evaluated; the policy's lists are looked up nevertheless: they are for nothing else.
		if l, ok := e.(*expr.List); ok && l.Index >= 0 && l.Index < len(p.lists) {
			return p.lists[l.Index]
		}
		return nil
	}
	switch e := e.(type) {
	case *expr.List:
		if e.Index >= 0 && e.Index < len(p.lists) {
			return p.lists[e.Index]
		}
	case *expr.Const:
		if values, ok := e.Value.([]policy.Value); ok {
			return plainMembers(values)
		}
	case *expr.MakeList:
		values := make([]policy.Value, len(e.Elems))
		for i, elem := range e.Elems {
			c, ok := elem.(*expr.Const)
			if !ok || i < len(e.Optional) && e.Optional[i] {
				return nil
			}
			values[i] = c.Value
		}
		return plainMembers(values)
	}
	return nil
}

// plainMembers is the members of a list literal, where an address is not in a range: that is for the policy's lists alone.
func plainMembers(values []policy.Value) *members {
	for _, v := range values {
		switch v.(type) {
		case string, bool, int64, uint64, float64, []byte, time.Time, time.Duration:
		default:
			return nil
		}
	}
	return newMembers(values)
}

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
		switch v := v.(type) {
		case string:
			return types.Bool(m.hasText(v))
		case netip.Addr:
			return types.Bool(m.hasAddr(v))
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
		switch v := v.(type) {
		case int64:
			if k, ok := k.(int64); ok {
				return types.Bool(holds(order(v, k)))
			}
		case float64:
			if k, ok := k.(float64); ok && !math.IsNaN(v) && !math.IsNaN(k) {
				return types.Bool(holds(order(v, k)))
			}
		case time.Duration:
			if k, ok := k.(time.Duration); ok {
				return types.Bool(holds(order(v, k)))
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
	switch lit.(type) {
	case string, bool, int64:
	default:
		return nil
	}
	if c == nil {
		return nil
	}
	kv := toVal(lit)
	return func(f *frame) ref.Val {
		v, instead := c.attribute(f)
		if instead != nil {
			return instead
		}
		same := false
		switch v := v.(type) {
		case string, bool:
			same = v == lit
		case int64:
			n, ok := lit.(int64)
			same = ok && n == v
		default:
			same = types.Equal(toVal(v), kv) == types.True
		}
		if same {
			return equal
		}
		return unequal
	}
}
