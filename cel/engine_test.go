package cel

import (
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/plan"
)

func TestResults(t *testing.T) {
	t.Parallel()
	s := statesSetup()
	for _, tt := range []struct {
		src     string
		truth   plan.Truth
		code    policy.Code
		touched []int
	}{
		{"o.t", plan.True, "", nil},
		{"o.f", plan.False, "", nil},
		{"o.absent == 1", plan.Erred, policy.NoSuchAttribute, nil},
		{"g1.t || g2 > 0.1", plan.Pending, "", []int{1, 2}},
		{"dyn(1)", plan.Erred, policy.NoSuchOverload, nil},
	} {
		r := s.engine(t, tt.src).Eval(0, &s.in)
		var code policy.Code
		if r.Fault != nil {
			code = r.Fault.Code
		}
		if r.Truth != tt.truth || code != tt.code || !slices.Equal(r.Touched, tt.touched) {
			t.Errorf("%s: %+v", tt.src, r)
		}
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	s := statesSetup()
	for _, tt := range []struct {
		src, text string
		truth     plan.Truth
	}{
		{"o.s", "x", plan.True},
		{"o.s + 'y'", "xy", plan.True},
		{"gone.s", "", plan.Erred},
		{"g1.s", "", plan.Pending},
	} {
		e := s.engine(t, tt.src)
		r := e.Text(0, &s.in)
		traced, nodes := e.Trace(0, &s.in)
		if r.Truth != tt.truth || r.Text != tt.text || traced.Text != tt.text || traced.Truth != tt.truth || len(nodes) == 0 {
			t.Errorf("%s: %+v, traced %+v with %d nodes", tt.src, r, traced, len(nodes))
		}
	}
}

// TestShortInput: what a short input does not have is missing, or pending.
func TestShortInput(t *testing.T) {
	t.Parallel()
	s := statesSetup()
	for src, want := range map[string]plan.Truth{
		"has(o)": plan.False, "o.t": plan.Erred, "g1.t": plan.Pending, "has(g2)": plan.Pending, "param.limit == 5": plan.True, "session.level == 0": plan.True,
	} {
		if r := s.engine(t, src).Eval(0, &plan.Input{}); r.Truth != want {
			t.Errorf("%s: %+v, want %d", src, r, want)
		}
	}
}

func TestResource(t *testing.T) {
	t.Parallel()
	typ := policy.ObjectOf("resource", policy.Attr{Name: "amount", Type: policy.Double})
	p := &policy.Policy{Actions: []*policy.Action{{Name: "a", Resource: typ}}}
	s := newSetup(p, nil)
	s.resource = typ
	for _, tt := range []struct {
		resource  policy.Value
		src, want string
	}{
		{&policy.Object{Attrs: []policy.Value{5.5}}, "resource.amount > 5.0", "true"},
		{&policy.Object{Attrs: []policy.Value{nil}}, "resource.amount > 5.0", "error no_such_attribute"},
		{&policy.Object{Attrs: []policy.Value{nil}}, "has(resource)", "true"},
		{nil, "has(resource)", "false"},
		{policy.Null{}, "has(resource.amount)", "false"},
		{nil, "resource.amount > 5.0", "error no_such_attribute"},
		{nil, "resource.?amount.orValue(1.0)", "1.0"},
	} {
		s.in.Resource = tt.resource
		if got := show(p, s.value(t, tt.src)); got != tt.want {
			t.Errorf("%s of %v is %s, want %s", tt.src, tt.resource, got, tt.want)
		}
	}
}

func TestZones(t *testing.T) {
	t.Parallel()
	s := statesSetup()
	s.in.Now = time.Date(2026, 3, 29, 0, 30, 0, 999e6, time.UTC) // half an hour before clocks change in Europe
	for _, tt := range []struct{ src, want string }{
		{"now.getHours('Europe/Zurich')", "1"},
		{"(now + duration('1h')).getHours('Europe/Zurich')", "3"},
		{"now.getHours('UTC')", "0"},
		{"now.getHours('')", "0"},
		{"now.getHours('+05:30')", "6"},
		{"now.getMinutes('05:45')", "15"},
		{"now.getHours('-01:00')", "23"},
		{"now.getMinutes('-00:15')", "15"},
		{"now.getDate('-01:00')", "28"},
		{"now.getDayOfMonth('-01:00')", "27"},
		{"now.getDayOfWeek('UTC')", "0"},
		{"now.getDayOfYear('UTC')", "87"},
		{"now.getMonth('UTC')", "2"},
		{"now.getFullYear('UTC')", "2026"},
		{"now.getSeconds('UTC')", "0"},
		{"now.getMilliseconds('UTC')", "999"},
		{"now.getHours(o.s + 'UTC')", "error bad_value"},
		{"now.getHours(o.s == 'x' ? '+01:00' : '-01:00')", "1"},
		{"now.getHours(dyn(1))", "error no_such_overload"},
	} {
		if _, diags := s.check(tt.src); diags.HasErrors() {
			continue // the checker may refuse a computed name outright
		}
		if got := show(s.policy, s.value(t, tt.src)); got != tt.want {
			t.Errorf("%s is %s, want %s", tt.src, got, tt.want)
		}
	}
}

func TestMembers(t *testing.T) {
	t.Parallel()
	var values []policy.Value
	for _, c := range []string{"10.0.0.0/8", "10.1.0.0/16", "192.0.2.1/32", "0.0.0.0/32", "255.255.255.255/32", "2001:db8::/32", "::/128", "ffff::/16"} {
		values = append(values, netip.MustParsePrefix(c))
	}
	m := newMembers(values)
	for a := range map[string]bool{
		"9.255.255.255": true, "10.0.0.0": true, "10.255.255.255": true, "11.0.0.0": true, "192.0.2.0": true, "192.0.2.1": true, "192.0.2.2": true, "0.0.0.0": true, "0.0.0.1": true,
		"255.255.255.255": true, "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff": true, "2001:db8::": true, "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff": true, "2001:db9::": true, "::": true, "::1": true,
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff": true, "::ffff:10.0.0.1": true,
	} {
		addr := netip.MustParseAddr(a)
		want := slices.ContainsFunc(values, func(v policy.Value) bool { return v.(netip.Prefix).Contains(addr) })
		if got := m.hasAddr(addr); got != want {
			t.Errorf("%s: %t, want %t", a, got, want)
		}
	}
	mixed := newMembers([]policy.Value{int64(1), 2.5, true, []byte("b"), time.Unix(5, 0).UTC(), time.Second, "s", policy.Null{}})
	for _, tt := range []struct {
		v    ref.Val
		want bool
	}{
		{types.Int(1), true},
		{types.Double(1), true},
		{types.Uint(1), true},
		{types.Int(2), false},
		{types.Double(2.5), true},
		{types.True, true},
		{types.False, false},
		{types.Bytes("b"), true},
		{types.Bytes("c"), false},
		{types.Timestamp{Time: time.Unix(5, 0).In(time.FixedZone("", 60))}, true},
		{types.Duration{Duration: time.Second}, true},
		{types.String("s"), true},
		{types.String("b"), false},
		{types.NullValue, true},
	} {
		if got := mixed.has(tt.v); got != tt.want {
			t.Errorf("%s: %t, want %t", types.Format(tt.v), got, tt.want)
		}
	}
}

// TestPanic: a panic is an error of the condition, so its rule applies, and the engine goes on.
func TestPanic(t *testing.T) {
	t.Parallel()
	e := &Engine{policy: new(policy.Policy), conds: []*condition{
		{expr: &expr.Condition{Root: &expr.Const{}}, run: func(*frame) ref.Val { panic("a bug") }},
		{expr: &expr.Condition{Root: &expr.Const{}}, run: always(types.True)},
	}}
	if r := e.Eval(0, new(plan.Input)); r.Truth != plan.Erred || r.Fault == nil || r.Fault.Message != "internal error" || e.Panics() != 1 {
		t.Errorf("%+v, %d panics", r, e.Panics())
	}
	if r := e.Eval(1, new(plan.Input)); r.Truth != plan.True {
		t.Errorf("%+v", r)
	}
}

func TestUnchecked(t *testing.T) {
	t.Parallel()
	base := expr.Base{Type: policy.Bool}
	for _, root := range []expr.Expr{
		&expr.Call{Base: base, Function: "no.such"},
		&expr.Call{Base: base, Function: "size"},
		&expr.Signal{Base: base, Name: "s", Index: 7},
		&expr.Param{Base: base, Name: "p", Index: 7},
		&expr.List{Base: base, Name: "l", Index: 7},
		&expr.Local{Base: base, Name: "v", Slot: 7},
		&expr.TypeConst{Base: base, Name: "no.such"},
		&expr.Fold{Base: base, Range: &expr.MakeList{Base: base}, Body: &expr.Const{Base: base, Value: true}},
	} {
		if _, err := NewEngine(&plan.Plan{Policy: new(policy.Policy), Conditions: []*expr.Condition{{Root: root}}}); err == nil {
			t.Errorf("%T is planned", root)
		}
	}
}

// TestConcurrent evaluates with one engine from many goroutines; the race detector looks on.
func TestConcurrent(t *testing.T) {
	t.Parallel()
	s := statesSetup()
	e := s.engine(t, "o.items.exists(e, e.k == 2) && cel.bind(v, o.n + 1, v == 2 || v == 3) && {'b': 1, 'a': 2}.map(k, k) == ['a', 'b'] && o.s in list.words")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			in := s.in // each goroutine has its own
			for range 200 {
				if r := e.Eval(0, &in); r.Truth != plan.True {
					t.Errorf("%+v", r)
					return
				}
				if _, nodes := e.Trace(0, &in); len(nodes) == 0 {
					t.Error("no trace")
					return
				}
			}
		})
	}
	wg.Wait()
}

// TestAllocations: what most conditions are made of allocates nothing.
func TestAllocations(t *testing.T) {
	s, _ := benchSetup()
	for _, src := range []string{"o.t", "o.n > 5", "o.s == 'y'", "o.s in ['KP', 'IR']", "o.t && o.n > param.limit && !(o.s != 'y')"} {
		e := s.engine(t, src)
		if n := testing.AllocsPerRun(100, func() { e.Eval(0, &s.in) }); n > 0 {
			t.Errorf("%s allocates %v times", src, n)
		}
	}
}

func ExampleEngine() {
	p := &policy.Policy{Signals: policy.StandardSignals()}
	condition, _ := NewEnv(p).Check(&policy.Text{Value: "network.tor || network.country in ['KP', 'IR']"}, nil)
	engine, _ := NewEngine(&plan.Plan{Policy: p, Conditions: []*expr.Condition{condition}})

	in := plan.Input{Signals: make([]policy.Value, len(p.Signals))}
	network := policy.NewObject(p.Signal("network").Type)
	network.Attrs[p.Signal("network").Type.Slot("country")] = "IR"
	in.Signals[p.SignalIndex("network")] = network

	fmt.Println(engine.Eval(0, &in).Truth == plan.True)
	// Output: true
}
