package cel

import (
	"net/netip"
	"testing"
	"time"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/plan"
)

// byAddress is an input whose slots hold addresses, wherever they may.
func byAddress(in *plan.Input) plan.Input {
	out := *in
	out.Signals = make([]policy.Value, len(in.Signals))
	for i, v := range in.Signals {
		out.Signals[i] = addressOf(v)
	}
	out.Resource = addressOf(in.Resource)
	return out
}

func addressOf(v policy.Value) policy.Value {
	switch v := v.(type) {
	case bool:
		return &v
	case int64:
		return &v
	case uint64:
		return &v
	case float64:
		return &v
	case string:
		return &v
	case time.Time:
		return &v
	case time.Duration:
		return &v
	case netip.Addr:
		return &v
	case netip.Prefix:
		return &v
	case *policy.Object:
		o := &policy.Object{Attrs: make([]policy.Value, len(v.Attrs))}
		for i, a := range v.Attrs {
			o.Attrs[i] = addressOf(a)
		}
		return o
	case []policy.Value:
		return listAddress(v)
	}
	return v
}

// listAddress is that of a list of texts; another list has its objects' slots changed.
func listAddress(list []policy.Value) policy.Value {
	texts := make([]string, len(list))
	for i, e := range list {
		s, ok := e.(string)
		if !ok {
			break
		}
		if texts[i] = s; i == len(list)-1 {
			return &texts
		}
	}
	out := make([]policy.Value, len(list))
	for i, e := range list {
		out[i] = e
		if o, ok := e.(*policy.Object); ok {
			out[i] = addressOf(o)
		}
	}
	return out
}

// TestByAddress: a value may stand by its address in a slot, and conditions come to the same.
func TestByAddress(t *testing.T) {
	t.Parallel()
	typ := policy.ObjectOf("o",
		policy.Attr{Name: "b", Type: policy.Bool}, policy.Attr{Name: "i", Type: policy.Int}, policy.Attr{Name: "u", Type: policy.Uint},
		policy.Attr{Name: "d", Type: policy.Double}, policy.Attr{Name: "s", Type: policy.String}, policy.Attr{Name: "t", Type: policy.Timestamp},
		policy.Attr{Name: "dur", Type: policy.Duration}, policy.Attr{Name: "ip", Type: policy.IP}, policy.Attr{Name: "net", Type: policy.CIDR},
		policy.Attr{Name: "l", Type: policy.ListOf(policy.String)}, policy.Attr{Name: "e", Type: policy.ListOf(policy.String)})
	o := policy.NewObject(typ)
	for name, v := range map[string]policy.Value{
		"b": true, "i": int64(-5), "u": uint64(7), "d": 2.5, "s": "text", "t": time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC), "dur": 90 * time.Second,
		"ip": netip.MustParseAddr("10.1.2.3"), "net": netip.MustParsePrefix("10.0.0.0/8"), "l": []policy.Value{"x", "y", "x"}, "e": []policy.Value{},
	} {
		o.Attrs[typ.Slot(name)] = v
	}
	s := newSetup(&policy.Policy{Signals: []*policy.Signal{{Name: "o", Type: typ}}}, map[string]policy.Value{"o": o})
	for _, c := range []struct{ src, want string }{
		{"!o.b", "false"},
		{"o.i + 1", "-4"},
		{"o.u * 2u", "14u"},
		{"o.d / 2.0", "1.25"},
		{"o.s + '!'", `"text!"`},
		{"o.s.size()", "4"},
		{"o.t < timestamp('2027-01-01T00:00:00Z')", "true"},
		{"o.t.getHours()", "12"},
		{"o.dur > duration('60s')", "true"},
		{"o.ip == ip('10.1.2.3')", "true"},
		{"o.net.containsIP(o.ip)", "true"},
		{"o.?s.orValue('')", `"text"`},
		{"o.l", `["x", "y", "x"]`},
		{"o.l[1]", `"y"`},
		{"o.l[3]", "error index_out_of_bounds"},
		{"o.l.size()", "3"},
		{"o.e.size()", "0"},
		{"o.e == []", "true"},
		{"o.l == ['x', 'y', 'x']", "true"},
		{"o.l == ['x', 'y']", "false"},
		{"o.l + ['z']", `["x", "y", "x", "z"]`},
		{"'y' in o.l", "true"},
		{"dyn(1) in o.l", "false"},
		{"dyn('y') in o.l", "true"},
		{"o.s in o.l", "false"},
		{"o.l.exists(e, e == 'y')", "true"},
		{"o.l.map(e, e + o.s)", `["xtext", "ytext", "xtext"]`},
		{"o.l.all(i, e, i < 3 && e in o.l)", "true"},
		{"o.l.join('-')", `"x-y-x"`},
		{"[o.s, o.l[0]]", `["text", "x"]`},
		{"{'k': o.i}.k", "-5"},
		{"has(o.s) && has(o.l)", "true"},
		{"type(o.l) == list", "true"},
	} {
		s.in.Signals = []policy.Value{o}
		if got := show(s.policy, s.value(t, c.src)); got != c.want {
			t.Errorf("%s is %s, want %s", c.src, got, c.want)
		}
	}
}
