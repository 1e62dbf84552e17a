package cel

import (
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
	ints    map[int64]struct{}
	numbers bool // there are numbers among others
	// fractions says that there are numbers that are not in ints.
	fractions bool
	rest      bool // there is something that is in neither map
	v4, v6    []span
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
		if n, ok := v.(int64); ok {
			if m.ints == nil {
				m.ints = make(map[int64]struct{})
			}
			m.ints[n] = struct{}{}
		} else if isNumber(toVal(v)) {
			m.fractions = true
		}
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
