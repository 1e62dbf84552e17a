package cel

import (
	"fmt"
	"math"
	"net/netip"
	"testing"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/plan"
)

// quickConditions have a short way.
func quickConditions() []string {
	out := []string{
		"o.t", "!o.t", "true", "o.s == 'x'", "'x' == o.s", "o.s != 'x'", "o.s == o.s2", "o.n == 5", "o.n != 5", "o.t == true", "o.any == 'x'", "o.any == 5", "o.sub.n == 5",
		"o.s in ['x', 'y']", "o.n in [5, 6]", "o.n in [5, 6u, 7.0]", "o.s in list.words", "o.ip in list.nets", "'x' in o.names", "o.any in ['x']",
		"cidr('10.0.0.0/8').containsIP(o.ip)", "o.s.startsWith('x')", "o.s.endsWith('x')", "o.s.contains('x')", "o.s.matches('^x+$')",
		"o.names.exists(e, e.startsWith('x'))", "o.names.exists(e, e == 'x')", "o.names.exists(e, e.matches('y'))", "has(o.s)", "!has(o.n)", "has(o.sub.n)", "o.n > param.limit", "lazy", "resource.d > 1.5",
		"'x' in texts", "flag", "has(resource.d)",
		"o.?t.orValue(false)", "o.?t.orValue(true) && o.t", "o.?s.orValue('x') == 'x'", "o.?n.orValue(5) > 4", "o.?d.orValue(0.5) < 1.5", "o.sub.?n.orValue(5) == 5",
		"resource.?d.orValue(2.0) > 1.5", "o.?s.orValue('y') in list.words",
		"now - o.ts < duration('24h')", "now - o.ts >= param.window", "now - o.ts > o.dur", "o.dur > duration('1h')", "o.dur <= param.window", "param.window < o.dur",
		"o.d > 2.0 * param.ratio", "o.d < param.ratio * o.d", "o.d <= resource.d", "o.n < o.sub.n", "param.limit >= o.n", "5 < o.n",
	}
	for _, op := range []string{"<", "<=", ">", ">="} {
		out = append(out, "o.n "+op+" 5", "o.d "+op+" 1.5", "o.d "+op+" -1.5")
	}
	plain := len(out)
	for i := range plain {
		a, b, c := out[i], out[(i*7+3)%plain], out[(i*11+5)%plain]
		out = append(out, fmt.Sprintf("%s && %s", a, b), fmt.Sprintf("%s || %s", a, b), fmt.Sprintf("!(%s || %s) && %s", a, b, c), fmt.Sprintf("%s && %s && %s", a, b, c),
			fmt.Sprintf("%s || %s || %s", a, b, c))
	}
	return out
}

func quickSetup() *setup {
	o := policy.ObjectOf("o",
		policy.Attr{Name: "t", Type: policy.Bool}, policy.Attr{Name: "n", Type: policy.Int}, policy.Attr{Name: "d", Type: policy.Double},
		policy.Attr{Name: "s", Type: policy.String}, policy.Attr{Name: "s2", Type: policy.String}, policy.Attr{Name: "any", Type: policy.Any},
		policy.Attr{Name: "ts", Type: policy.Timestamp}, policy.Attr{Name: "dur", Type: policy.Duration}, policy.Attr{Name: "ip", Type: policy.IP}, policy.Attr{Name: "names", Type: policy.ListOf(policy.String)},
		policy.Attr{Name: "sub", Type: policy.ObjectOf("o.sub", policy.Attr{Name: "n", Type: policy.Int})})
	p := &policy.Policy{
		Signals: []*policy.Signal{
			{Name: "flag", Type: policy.Bool}, {Name: "lazy", Type: policy.Bool, Lazy: true}, {Name: "o", Type: o}, {Name: "texts", Type: policy.ListOf(policy.String)},
		},
		Params: []*policy.Param{
			{Name: "limit", Type: policy.Int, Default: int64(5)}, {Name: "ratio", Type: policy.Double, Default: 0.5}, {Name: "window", Type: policy.Duration, Default: time.Hour},
		},
		Lists: []*policy.List{
			{Name: "nets", Type: policy.CIDR, Values: []policy.Value{netip.MustParsePrefix("10.0.0.0/8")}},
			{Name: "words", Type: policy.String, Values: []policy.Value{"x", "z"}},
		},
	}
	resource := policy.ObjectOf("resource", policy.Attr{Name: "d", Type: policy.Double})
	p.Actions = []*policy.Action{{Name: "a", Resource: resource}}
	s := newSetup(p, nil)
	s.resource = resource
	return s
}

// TestQuick holds the short way against the long one over values in every state, of wrong types too: it is unsure, or says the same.
func TestQuick(t *testing.T) {
	t.Parallel()
	s := quickSetup()
	values := []policy.Value{
		nil,
		policy.Null{},
		true, false, int64(5), int64(7), -1.5, 1.5, math.NaN(), "x", "y", "",
		[]policy.Value{},
		[]policy.Value{"y", "xx"},
		[]policy.Value{"x"},
		[]policy.Value{int64(1), "x"},
		netip.MustParseAddr("10.1.2.3"), netip.MustParseAddr("2001:db8::1"), 90 * time.Minute, quickNow.Add(-25 * time.Hour), time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 0, 0, 0, 5, time.UTC), &policy.Object{}, &policy.Object{Attrs: []policy.Value{int64(5)}},
	}
	typ := s.policy.Signals[2].Type
	short := map[string]bool{}
	for _, src := range quickConditions() {
		e := s.engine(t, src)
		c := e.conds[0]
		if c.quick == nil {
			t.Errorf("%s has no short way", src)
			continue
		}
		for i := range 8 * len(values) {
			at := func(k int) policy.Value { return values[(i*k+i/len(values)+k)%len(values)] }
			o := policy.NewObject(typ)
			for k := range o.Attrs {
				o.Attrs[k] = at(k + 1)
				if right := fitting(typ.Attrs[k].Type, i+k); i%2 == 0 && right != nil {
					o.Attrs[k] = right
				}
			}
			s.in.Signals = []policy.Value{at(2), at(3), o, at(5)}
			s.in.Resource = &policy.Object{Attrs: []policy.Value{at(6)}}
			s.in.Params = [][]policy.Value{nil, {int64(7), 2.5}, {nil, nil, 2 * time.Hour}}[i%3]
			switch i % 23 {
			case 1:
				s.in.Signals[2] = at(4)
			case 2:
				s.in.Signals = nil
			case 3:
				s.in.Resource = nil
			}
			v := e.evaluate(c.run, c.slots, &s.in, nil)
			addressed := byAddress(&s.in)
			for _, in := range []*plan.Input{&s.in, &addressed} {
				switch a := c.quick(in); {
				case a == unsure:
				case v != ref.Val(types.Bool(a == yes)):
					t.Fatalf("%s of %v: %s, the short way says %d", src, in, show(s.policy, v), a)
				default:
					short[src] = true
				}
			}
			if a, b := c.quick(&s.in), c.quick(&addressed); a != b {
				t.Fatalf("%s of %v: %d, by addresses %d", src, s.in, a, b)
			}
			if _, ok := v.(*object); ok { // it is shown as a pointer
				continue
			}
			if w := e.evaluate(c.run, c.slots, &addressed, nil); show(s.policy, w) != show(s.policy, v) {
				t.Fatalf("%s of %v: %s, by addresses %s", src, s.in, show(s.policy, v), show(s.policy, w))
			}
		}
		if !short[src] {
			t.Errorf("%s is never decided the short way", src)
		}
	}
}

var quickNow = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// fitting is a value of a type.
func fitting(t *policy.Type, i int) policy.Value {
	switch t.Kind {
	case policy.KindBool:
		return i%3 == 0
	case policy.KindTimestamp:
		return quickNow.Add([]time.Duration{-24 * time.Hour, -time.Minute, time.Nanosecond, 250 * 8766 * time.Hour}[i%4])
	case policy.KindDuration:
		return []policy.Value{time.Hour, 2 * time.Hour, -time.Second}[i%3]
	case policy.KindInt:
		return int64(4 + i%3)
	case policy.KindDouble:
		return []policy.Value{-1.5, 1.5, 0.0}[i%3]
	case policy.KindString, policy.KindAny:
		return []policy.Value{"x", "y", "xy"}[i%3]
	case policy.KindIP:
		return []policy.Value{netip.MustParseAddr("10.1.2.3"), netip.MustParseAddr("192.0.2.1")}[i%2]
	case policy.KindList:
		return []policy.Value{"y", []string{"x", "z"}[i%2]}
	case policy.KindObject:
		return &policy.Object{Attrs: []policy.Value{int64(4 + i%2)}}
	}
	return nil
}

// TestNoQuick: what is not in the table of short ways has none, and is decided all the same.
func TestNoQuick(t *testing.T) {
	t.Parallel()
	s := quickSetup()
	for _, src := range []string{
		"o.n + 1 > 5", "o.s.size() > 1 && o.t", "o.names.all(e, e == 'x')", "o.names.exists(e, 'x'.startsWith(e))", "has(o)", "has(o.any)", "o.?s.orValue(o.s2) == 'x'", "o.?sub.?n.orValue(5) == 5", "o.?any.orValue('x') == 'x'", "o.?s.or(o.?s2).orValue('x') == 'x'", "o.ts - now < duration('1h')", "o.n > 2 * param.limit", "now > timestamp('2026-01-01T00:00:00Z')",
		"o.names.exists(i, e, e == 'x')", "o.t ? o.t : o.t", "5 in [5, 6] || o.n + 1 == 3",
	} {
		if s.engine(t, src).conds[0].quick != nil {
			t.Errorf("%s has a short way", src)
		}
	}
}
