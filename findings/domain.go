package findings

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/rungpolicy/rung/policy"
)

// domain is a set of values that a term may have: those within its bounds, among in if that is there, and not among out. It may be larger than what is
// known, never smaller. The zero value is every value.
type domain struct {
	lo, hi   *bound
	in       []policy.Value // counts if finite
	finite   bool
	out      []policy.Value
	integral bool // its values are whole numbers
}

// bound is an end of a domain; an open one is not in it.
type bound struct {
	value policy.Value
	open  bool
}

func just(values ...policy.Value) domain   { return domain{in: values, finite: true} }
func except(values ...policy.Value) domain { return domain{out: values} }
func below(v policy.Value, open bool) domain {
	return domain{hi: &bound{v, open}}
}

func above(v policy.Value, open bool) domain {
	return domain{lo: &bound{v, open}}
}
func between(lo, hi int64) domain { return domain{lo: &bound{lo, false}, hi: &bound{hi, false}} }

// compare orders two values; ok is false where they have no order that is sure.
func compare(a, b policy.Value) (order int, ok bool) {
	switch x := a.(type) {
	case string:
		if y, is := b.(string); is {
			return strings.Compare(x, y), true
		}
	case bool:
		if y, is := b.(bool); is {
			switch {
			case x == y:
				return 0, true
			case y:
				return -1, true
			}
			return 1, true
		}
	case time.Time:
		if y, is := b.(time.Time); is {
			return x.Compare(y), true
		}
	case time.Duration:
		if y, is := b.(time.Duration); is {
			return cmp.Compare(x, y), true
		}
	}
	return compareNumbers(a, b)
}

// exact is the largest magnitude up to which all whole numbers are doubles.
const exact = 1 << 53

func compareNumbers(a, b policy.Value) (int, bool) {
	switch x := a.(type) {
	case int64:
		if y, is := b.(int64); is {
			return cmp.Compare(x, y), true
		}
	case uint64:
		if y, is := b.(uint64); is {
			return cmp.Compare(x, y), true
		}
	case float64:
		if y, is := b.(float64); is {
			return cmp.Compare(x, y), !math.IsNaN(x) && !math.IsNaN(y)
		}
	}
	x, okX := small(a)
	y, okY := small(b)
	return cmp.Compare(x, y), okX && okY
}

// small is a number as a double, where that is the same number.
func small(v policy.Value) (float64, bool) {
	var f float64
	switch v := v.(type) {
	case int64:
		f = float64(v)
	case uint64:
		f = float64(v)
	case float64:
		f = v
	default:
		return 0, false
	}
	return f, f >= -exact && f <= exact
}

// holds reports whether a value is in the domain; a value whose place is not sure is.
func (d *domain) holds(v policy.Value) bool {
	if d.lo != nil {
		if c, ok := compare(v, d.lo.value); ok && (c < 0 || c == 0 && d.lo.open) {
			return false
		}
	}
	if d.hi != nil {
		if c, ok := compare(v, d.hi.value); ok && (c > 0 || c == 0 && d.hi.open) {
			return false
		}
	}
	if d.finite && !slices.ContainsFunc(d.in, func(x policy.Value) bool { return mayEqual(x, v) }) {
		return false
	}
	return !slices.ContainsFunc(d.out, func(x policy.Value) bool { return equal(x, v) })
}

func equal(a, b policy.Value) bool {
	c, ok := compare(a, b)
	return ok && c == 0
}

func mayEqual(a, b policy.Value) bool {
	c, ok := compare(a, b)
	return !ok || c == 0
}

// empty reports whether the domain surely has no value.
func (d *domain) empty() bool {
	if d.finite {
		rest := domain{lo: d.lo, hi: d.hi, out: d.out}
		return !slices.ContainsFunc(d.in, rest.holds)
	}
	if d.lo == nil || d.hi == nil {
		return false
	}
	lo, hi := d.lo, d.hi
	if d.integral {
		lo, hi = whole(lo, 1), whole(hi, -1)
	}
	c, ok := compare(lo.value, hi.value)
	switch {
	case !ok:
		return false
	case c == 0:
		return lo.open || hi.open || slices.ContainsFunc(d.out, func(x policy.Value) bool { return equal(x, lo.value) })
	}
	return c > 0
}

// whole moves the end of a domain of whole numbers inwards, to one that is in it.
func whole(b *bound, step float64) *bound {
	f, ok := small(b.value)
	if !ok {
		return b
	}
	to := math.Ceil(f)
	if step < 0 {
		to = math.Floor(f)
	}
	if to == f && b.open {
		to += step
	}
	return &bound{to, false}
}

// both is what is in two domains.
func both(a, b domain) domain {
	out := domain{lo: tighter(a.lo, b.lo, 1), hi: tighter(a.hi, b.hi, -1), integral: a.integral || b.integral}
	out.out = append(slices.Clip(a.out), b.out...)
	switch {
	case a.finite && b.finite:
		out.finite, out.in = true, slices.DeleteFunc(slices.Clone(a.in), func(v policy.Value) bool { return !b.holds(v) })
	case a.finite:
		out.finite, out.in = true, a.in
	case b.finite:
		out.finite, out.in = true, b.in
	}
	return out
}

// tighter is the end that leaves less: the higher one where sign is 1, the lower one where it is -1.
func tighter(a, b *bound, sign int) *bound {
	if a == nil {
		return b
	}
	if b == nil {
		return a
	}
	c, ok := compare(a.value, b.value)
	if !ok || c*sign > 0 || c == 0 && a.open {
		return a
	}
	return b
}

// either is what is in one of two domains at least, and perhaps more.
func either(a, b domain) domain {
	var out domain
	out.integral = a.integral && b.integral
	if a.finite && b.finite {
		out.finite = true
		out.in = append(slices.Clip(a.members()), b.members()...)
		return out
	}
	for _, pair := range [][2]*domain{{&a, &b}, {&b, &a}} {
		for _, v := range pair[0].out {
			if !pair[1].holds(v) {
				out.out = append(out.out, v)
			}
		}
	}
	if !a.finite && !b.finite {
		out.lo, out.hi = looser(a.lo, b.lo, 1), looser(a.hi, b.hi, -1)
	}
	return out
}

// members are the values of a finite domain.
func (d *domain) members() []policy.Value {
	return slices.DeleteFunc(slices.Clone(d.in), func(v policy.Value) bool { return !d.holds(v) })
}

func looser(a, b *bound, sign int) *bound {
	if a == nil || b == nil {
		return nil
	}
	c, ok := compare(a.value, b.value)
	switch {
	case !ok:
		return nil
	case c*sign < 0 || c == 0 && !a.open:
		return a
	}
	return b
}
