package cel

import (
	"fmt"
	"net/netip"
	"testing"

	celgo "cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"

	"github.com/rungpolicy/rung/policy"
)

// benchConditions are the shapes that policies are made of.
func benchConditions() []string {
	return []string{
		"o.t",
		"o.n > 5",
		"o.s == 'y'",
		"o.s in ['KP', 'IR', 'SY', 'CU']",
		"o.t && o.n > 0 && !(o.s == 'y')",
		"o.n > param.limit && o.s != 'x' || o.f",
		"o.names.exists(e, e == 'admin')",
		"'admin' in o.names",
		"o.s.startsWith('a') || o.s.matches('^[a-z]+$')",
		"now - o.at < duration('24h')",
	}
}

func benchSetup() (*setup, map[string]any) {
	t := policy.ObjectOf("o",
		policy.Attr{Name: "t", Type: policy.Bool}, policy.Attr{Name: "f", Type: policy.Bool}, policy.Attr{Name: "n", Type: policy.Int},
		policy.Attr{Name: "s", Type: policy.String}, policy.Attr{Name: "names", Type: policy.ListOf(policy.String)}, policy.Attr{Name: "at", Type: policy.Timestamp})
	p := &policy.Policy{
		Signals: []*policy.Signal{{Name: "o", Type: t}},
		Params:  []*policy.Param{{Name: "limit", Type: policy.Int, Default: int64(1000)}},
	}
	s := newSetup(p, nil)
	o := policy.NewObject(t)
	names := []string{"staff", "sales", "emea", "admin"}
	values := map[string]any{"t": true, "f": false, "n": int64(7), "s": "x", "at": s.in.Now}
	list := make([]policy.Value, len(names))
	for i, n := range names {
		list[i] = n
	}
	for name, v := range values {
		o.Attrs[t.Slot(name)] = v
	}
	o.Attrs[t.Slot("names")] = list
	values["names"] = names
	s.in.Signals[0] = o
	s.in.Params = []policy.Value{int64(1000)}
	return s, map[string]any{"o": values, "now": s.in.Now, "param.limit": int64(1000)}
}

// BenchmarkEval measures the engine, and beside it cel-go's Program of the same text over the same values.
func BenchmarkEval(b *testing.B) {
	s, vars := benchSetup()
	env, err := theBasis().env.Extend(
		celgo.Variable("o", celgo.MapType(celgo.StringType, celgo.DynType)), celgo.Variable("now", celgo.TimestampType), celgo.Variable("param.limit", celgo.IntType))
	if err != nil {
		b.Fatal(err)
	}
	for _, src := range benchConditions() {
		b.Run(src+"/rung", func(b *testing.B) {
			e := s.engine(b, src)
			b.ReportAllocs()
			for b.Loop() {
				if e.Eval(0, &s.in).Fault != nil {
					b.Fatal("a fault")
				}
			}
		})
		b.Run(src+"/cel-go", func(b *testing.B) {
			ast, iss := env.Compile(src)
			if iss.Err() != nil {
				b.Fatal(iss.Err())
			}
			prg, err := env.Program(ast, celgo.EvalOptions(celgo.OptOptimize))
			if err != nil {
				b.Fatal(err)
			}
			activation, err := celgo.NewActivation(vars)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if v, _, err := prg.Eval(activation); err != nil || v.Type() != types.BoolType {
					b.Fatal(v, err)
				}
			}
		})
	}
}

// BenchmarkMembership shows that looking up an address in a long list takes no longer than in a short one, but for a logarithm.
func BenchmarkMembership(b *testing.B) {
	for _, n := range []int{100, 10_000, 200_000} {
		values := make([]policy.Value, n)
		for i := range values {
			values[i] = netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i >> 14), byte(i >> 6), byte(i << 2)}), 31)
		}
		p := &policy.Policy{
			Signals: []*policy.Signal{{Name: "ip", Type: policy.IP}},
			Lists:   []*policy.List{{Name: "nets", Type: policy.CIDR, Values: values}},
		}
		s := newSetup(p, map[string]policy.Value{"ip": netip.MustParseAddr("10.0.1.1")})
		e := s.engine(b, "ip in list.nets")
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				e.Eval(0, &s.in)
			}
		})
	}
}
