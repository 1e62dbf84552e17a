package change

import (
	"math"
	"net/netip"
	"time"

	"github.com/rungpolicy/rung/policy"
)

// option is a value of an attribute that reaches a goal, and how to say which others do.
type option struct {
	to    policy.Value
	how   policy.How
	value policy.Value
}

// fit are values of a type that reach a goal, the ones nearest to the goal's.
func fit(t *policy.Type, g goal) []option {
	kind := policy.KindAny
	if t != nil {
		kind = t.Kind
	}
	switch kind {
	case policy.KindInt, policy.KindUint:
		return fitWhole(kind, g)
	case policy.KindDouble:
		return fitDouble(g)
	case policy.KindAny:
		if _, ok := number(g.value); ok {
			return fitDouble(g)
		}
	case policy.KindTimestamp:
		return fitTime(g)
	case policy.KindDuration:
		return fitDuration(g)
	case policy.KindIP:
		return fitAddr(g)
	}
	switch v := g.value.(type) {
	case bool:
		if (kind == policy.KindBool || kind == policy.KindAny) && (g.how == policy.Is || g.how == policy.Not) {
			return []option{{v == (g.how == policy.Is), policy.Is, v == (g.how == policy.Is)}}
		}
	case string:
		if kind == policy.KindString || kind == policy.KindAny {
			return fitText(v, g.how)
		}
	case []byte, netip.Prefix, []policy.Value:
		if g.how == policy.Is && sameKind(kind, v) {
			return []option{{v, policy.Is, v}}
		}
	}
	return nil
}

func sameKind(kind policy.Kind, v policy.Value) bool {
	switch v.(type) {
	case []byte:
		return kind == policy.KindBytes
	case netip.Prefix:
		return kind == policy.KindCIDR
	case []policy.Value:
		return kind == policy.KindList
	}
	return false
}

// maxExact is the largest double below which all whole numbers are doubles.
const maxExact = 1 << 53

func fitWhole(kind policy.Kind, g goal) []option {
	var n int64
	how := g.how
	switch v := g.value.(type) {
	case int64:
		n = v
	case uint64:
		if v > math.MaxInt64 {
			return nil
		}
		n = int64(v)
	case float64:
		floor := math.Floor(v)
		if math.Abs(v) > maxExact || math.IsNaN(v) {
			return nil
		}
		n = int64(floor)
		if floor != v { // between two whole numbers
			switch how {
			case policy.Below:
				how = policy.AtMost
			case policy.AtLeast:
				how = policy.Above
			case policy.Is, policy.Not:
				return nil
			case policy.AtMost, policy.Above, policy.With, policy.Without, policy.Present, policy.Absent:
			}
		}
	default:
		return nil
	}
	value := func(n int64) policy.Value {
		if kind == policy.KindUint {
			return uint64(n)
		}
		return n
	}
	var out []option
	add := func(n int64, how policy.How, said int64) {
		if kind == policy.KindInt || n >= 0 && said >= 0 {
			out = append(out, option{value(n), how, value(said)})
		}
	}
	switch {
	case how == policy.Below && n > math.MinInt64:
		add(n-1, policy.AtMost, n-1)
	case how == policy.Above && n < math.MaxInt64:
		add(n+1, policy.AtLeast, n+1)
	case how == policy.Not:
		if n < math.MaxInt64 {
			add(n+1, how, n)
		}
		if n > math.MinInt64 {
			add(n-1, how, n)
		}
	case how == policy.Is || how == policy.AtMost || how == policy.AtLeast:
		add(n, how, n)
	}
	return out
}

func fitDouble(g goal) []option {
	v, ok := number(g.value)
	if !ok {
		return nil
	}
	switch g.how {
	case policy.Below:
		return []option{{math.Nextafter(v, math.Inf(-1)), policy.Below, v}}
	case policy.Above:
		return []option{{math.Nextafter(v, math.Inf(1)), policy.Above, v}}
	case policy.Not:
		return []option{{v + 1, policy.Not, v}, {v - 1, policy.Not, v}}
	case policy.Is, policy.AtMost, policy.AtLeast:
		return []option{{v, g.how, v}}
	case policy.With, policy.Without, policy.Present, policy.Absent:
	}
	return nil
}

func fitTime(g goal) []option {
	v, ok := g.value.(time.Time)
	if !ok {
		return nil
	}
	var out []option
	for _, o := range around(g.how) {
		if to := v.Add(o.by).UTC(); to.Year() >= 1 && to.Year() <= 9999 {
			out = append(out, option{to, o.how, v.UTC()})
		}
	}
	return out
}

func fitDuration(g goal) []option {
	v, ok := g.value.(time.Duration)
	if !ok {
		return nil
	}
	var out []option
	for _, o := range around(g.how) {
		if n, ok := whole(int64(v), '+', int64(o.by)); ok {
			out = append(out, option{time.Duration(n), o.how, v})
		}
	}
	return out
}

// nearby is a step from a goal's value, of a moment or a span of time.
type nearby struct {
	by  time.Duration
	how policy.How
}

func around(how policy.How) []nearby {
	switch how {
	case policy.Below:
		return []nearby{{-1, how}}
	case policy.Above:
		return []nearby{{1, how}}
	case policy.Not:
		return []nearby{{time.Second, how}, {-time.Second, how}}
	case policy.Is, policy.AtMost, policy.AtLeast:
		return []nearby{{0, how}}
	case policy.With, policy.Without, policy.Present, policy.Absent:
	}
	return nil
}

// others are addresses to try where any but some will do: of documentation, RFC 5737 and RFC 3849.
var others = []netip.Addr{
	netip.AddrFrom4([4]byte{192, 0, 2, 1}), netip.AddrFrom4([4]byte{198, 51, 100, 1}), netip.AddrFrom4([4]byte{203, 0, 113, 1}),
	netip.AddrFrom16([16]byte{0x20, 0x01, 0x0d, 0xb8, 15: 1}),
}

func fitAddr(g goal) []option {
	v, ok := g.value.(netip.Addr)
	switch {
	case !ok:
	case g.how == policy.Is:
		return []option{{v, policy.Is, v}}
	case g.how == policy.Not:
		var out []option
		for _, other := range others {
			if other != v {
				out = append(out, option{other, policy.Not, v})
			}
		}
		return out
	}
	return nil
}

func fitText(v string, how policy.How) []option {
	switch how {
	case policy.Is, policy.AtMost, policy.AtLeast:
		return []option{{v, how, v}}
	case policy.Not:
		return []option{{v + "?", policy.Not, v}, {"", policy.Not, v}}
	case policy.Below:
		if v != "" {
			return []option{{"", policy.Below, v}}
		}
	case policy.Above:
		return []option{{v + " ", policy.Above, v}}
	case policy.With, policy.Without, policy.Present, policy.Absent:
	}
	return nil
}

// samples are values of a type to try where any will do.
func samples(t *policy.Type, now time.Time) []policy.Value {
	if t == nil {
		return []policy.Value{false, ""}
	}
	switch t.Kind {
	case policy.KindBool:
		return []policy.Value{false, true}
	case policy.KindInt:
		return []policy.Value{int64(0)}
	case policy.KindUint:
		return []policy.Value{uint64(0)}
	case policy.KindDouble:
		return []policy.Value{0.0}
	case policy.KindString:
		return []policy.Value{""}
	case policy.KindBytes:
		return []policy.Value{[]byte{}}
	case policy.KindTimestamp:
		return []policy.Value{now}
	case policy.KindDuration:
		return []policy.Value{time.Duration(0)}
	case policy.KindIP:
		return []policy.Value{others[0]}
	case policy.KindCIDR:
		return []policy.Value{netip.PrefixFrom(others[0], 32)}
	case policy.KindList:
		return []policy.Value{[]policy.Value{}}
	case policy.KindMap:
		return []policy.Value{new(policy.Map)}
	case policy.KindObject:
		return []policy.Value{policy.NewObject(t)}
	case policy.KindAny:
		return []policy.Value{false, true, ""}
	case policy.KindInvalid, policy.KindNull, policy.KindOptional, policy.KindType:
	}
	return nil
}
