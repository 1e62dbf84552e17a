package cel

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rungpolicy/rung/internal/spent"
	"github.com/rungpolicy/rung/policy"
)

// statesSetup has signals in every state: g1 and g2 are lazy and unknown, h is lazy and null, gone is missing.
func statesSetup() *setup {
	object := policy.ObjectOf("o",
		policy.Attr{Name: "t", Type: policy.Bool}, policy.Attr{Name: "f", Type: policy.Bool},
		policy.Attr{Name: "n", Type: policy.Int}, policy.Attr{Name: "absent", Type: policy.Int},
		policy.Attr{Name: "nul", Type: policy.Any}, policy.Attr{Name: "s", Type: policy.String},
		policy.Attr{Name: "m", Type: policy.MapOf(policy.Any)},
		policy.Attr{Name: "sub", Type: policy.ObjectOf("o.sub", policy.Attr{Name: "x", Type: policy.Int})},
		policy.Attr{Name: "out", Type: policy.ObjectOf("o.out", policy.Attr{Name: "x", Type: policy.Int})},
		policy.Attr{Name: "items", Type: policy.ListOf(policy.ObjectOf("o.items",
			policy.Attr{Name: "k", Type: policy.Int}, policy.Attr{Name: "v", Type: policy.Bool}))},
	)
	given := policy.NewObject(object)
	set := func(o *policy.Object, t *policy.Type, name string, v policy.Value) { o.Attrs[t.Slot(name)] = v }
	set(given, object, "t", true)
	set(given, object, "f", false)
	set(given, object, "n", int64(1))
	set(given, object, "s", "x")
	set(given, object, "nul", policy.Null{})
	set(given, object, "absent", policy.Null{})
	set(given, object, "m", policy.NewMap(map[string]policy.Value{"a": policy.NewMap(map[string]policy.Value{"b": 1.0}), "nul": policy.Null{}}))
	set(given, object, "sub", &policy.Object{Attrs: []policy.Value{int64(2)}})
	set(given, object, "items", []policy.Value{
		&policy.Object{Attrs: []policy.Value{int64(1), true}}, &policy.Object{Attrs: []policy.Value{int64(2), nil}},
	})
	session := policy.ObjectOf("session", policy.Attr{Name: "acr", Type: policy.String}, policy.Attr{Name: "level", Type: policy.Int})
	p := &policy.Policy{
		Signals: []*policy.Signal{
			{Name: "any", Type: policy.Any},
			{Name: "g1", Type: object, Lazy: true},
			{Name: "g2", Type: policy.Double, Lazy: true},
			{Name: "g3", Type: policy.ListOf(policy.Bool), Lazy: true},
			{Name: "gone", Type: object},
			{Name: "h", Type: policy.Double, Lazy: true},
			{Name: "o", Type: object},
			{Name: "session", Type: session},
		},
		Params: []*policy.Param{{Name: "limit", Type: policy.Int, Default: int64(5)}},
		Lists: []*policy.List{
			{Name: "nets", Type: policy.CIDR, Values: []policy.Value{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::/32")}},
			{Name: "words", Type: policy.String, Values: []policy.Value{"x", "y"}},
		},
	}
	s := newSetup(p, map[string]policy.Value{"o": given, "h": policy.Null{}})
	s.in.SessionLevel = 2
	s.in.Posture = 1
	s.in.Params = []policy.Value{int64(7)}
	return s
}

const (
	// Operands of each kind, as bools.
	errorA   = "o.absent == 1"
	pending1 = "g1.t"
	pending2 = "g2 > 0.5"
)

func TestStates(t *testing.T) {
	t.Parallel()
	noAttr, noKey := "error no_such_attribute", "error no_such_key"
	tables := map[string][]struct{ src, want string }{
		"absence": {
			{"o.t", "true"},
			{"o.sub.x", "2"},
			{"o.absent", noAttr},
			{"o.nul", "null"},
			{"o.nul == null", "true"},
			{"o.out.x", noAttr},
			{"gone.t", noAttr},
			{"gone.sub.x", noAttr},
			{"h > 0.1", noAttr},
			{"any", noAttr},
			{"any.a", noAttr},
			{"o.m.zz", noKey},
			{"o.m.a.zz", noKey},
			{"o.m.nul", "null"},
			{"o.s == 'x' && o.n == 1", "true"},
			{"o.items[0].k", "1"},
			{"o.items[1].v", noAttr},
			{"o.items.exists(e, e.v)", "true"},
			{"o.items.all(e, e.v)", noAttr},
			{"o.items.all(e, has(e.v))", "false"},
			{"o.items.map(e, e.?v.orValue(false))", "[true, false]"},
			{"o.items[2].k", "error index_out_of_bounds"},
			{"o.items.size()", "2"},
		},
		"has": {
			{"has(o)", "true"},
			{"has(gone)", "false"},
			{"has(h)", "false"},
			{"has(any)", "false"},
			{"has(o.t)", "true"},
			{"has(o.f)", "true"},
			{"has(o.absent)", "false"},
			{"has(o.nul)", "true"},
			{"has(o.out)", "false"},
			{"has(o.out.x)", "false"},
			{"has(o.sub.x)", "true"},
			{"has(gone.t)", "false"},
			{"has(gone.sub.x)", "false"},
			{"has(o.m.a.b)", "true"},
			{"has(o.m.a.b.c)", "false"},
			{"has(o.m.zz.b)", "false"},
			{"has(o.m.nul)", "true"},
			{"has(any.a)", "false"},
			{"has({'a': 1}.a)", "true"},
			{"has({'a': 1}.b)", "false"},
			{"has({'a': dyn(1)}.b.c)", noKey},
			{"has(g1)", "pending g1"},
			{"has(g1.t)", "pending g1"},
			{"has(g2)", "pending g2"},
			{"has(session.level)", "true"},
			{"has(session)", "false"},
		},
		"optional": {
			{"o.?t", "optional.of(true)"},
			{"o.?absent", "optional.none()"},
			{"o.?nul", "optional.of(null)"},
			{"o.?out.?x", "optional.none()"},
			{"o.?out.x", "optional.none()"},
			{"o.?sub.x", "optional.of(2)"},
			{"gone.?t", "optional.none()"},
			{"gone.?sub.?x", "optional.none()"},
			{"any.?a", "optional.none()"},
			{"o.m.?a.?b", "optional.of(1.0)"},
			{"o.m.?zz.?b", "optional.none()"},
			{"o.m[?'zz']", "optional.none()"},
			{"o.out.?x", noAttr}, // out is read, and not there
			{"o.?absent.orValue(9)", "9"},
			{"o.?n.orValue(9)", "1"},
			{"o.?n.or(o.?absent)", "optional.of(1)"},
			{"o.?n.optMap(v, v + 1)", "optional.of(2)"},
			{"o.?absent.optMap(v, v + 1)", "optional.none()"},
			{"o.?n.optFlatMap(v, o.?n)", "optional.of(1)"},
			{"o.?n.optMap(v, " + errorA + ")", noAttr},
			{"g1.?t", "pending g1"},
			{"g1.?t.orValue(true)", "pending g1"},
			{"o.?n.orValue(g1.n)", "1"},
			{"o.?absent.orValue(g1.n)", "pending g1"},
			{"session.level", "2"},
			{"session.acr", noAttr},
		},
		"logic": {
			{pending1 + " && false", "false"},
			{"false && " + pending1, "false"},
			{pending1 + " && true", "pending g1"},
			{pending1 + " || true", "true"},
			{pending1 + " || false", "pending g1"},
			{pending1 + " && " + pending2, "pending g1 g2"},
			{pending2 + " || " + pending1, "pending g1 g2"},
			{errorA + " && false", "false"},
			{errorA + " && true", noAttr},
			{errorA + " || true", "true"},
			{errorA + " || false", noAttr},
			{errorA + " && " + pending1, "pending g1"},
			{pending1 + " && " + errorA, "pending g1"},
			{errorA + " || " + pending1, "pending g1"},
			{"o.n / 0 == 1 && " + errorA, "error divide_by_zero"},
			{errorA + " && o.n / 0 == 1", noAttr},
			{errorA + " && " + pending1 + " && false", "false"},
			{errorA + " && " + pending1 + " && " + pending2, "pending g1 g2"},
			{"!(" + errorA + ")", noAttr},
			{"!" + pending1, "pending g1"},
		},
		"strict": {
			{"o.absent + o.n / 0", noAttr},
			{"o.n / 0 + o.absent", "error divide_by_zero"},
			{"g1.n + o.absent", noAttr}, // an error in any operand
			{"o.absent + g1.n", noAttr},
			{"g1.n + 1", "pending g1"},
			{"double(g1.n) + g2", "pending g1 g2"},
			{"g2 + double(g1.n)", "pending g1 g2"},
			{"g1.n == o.absent", noAttr},
			{"g1.n in [1]", "pending g1"},
			{"g1.s in list.words", "pending g1"},
			{"o.absent in [g1.n]", noAttr},
			{"[g1.n, o.absent]", noAttr},
			{"[g1.n, int(g2)]", "pending g1 g2"},
			{"{'a': g1.n, 'b': o.absent}", noAttr},
			{"{'a': g1.n}", "pending g1"},
			{"[1][g1.n]", "pending g1"},
			{"[g1.n][o.absent]", noAttr},
			{"math.greatest(g1.n, 1)", "pending g1"},
			{"'abc'.substring(g1.n, o.absent)", noAttr},
			{"'%d'.format([g1.n])", "pending g1"},
			{"g1.s.matches('a')", "pending g1"},
			{"now.getHours(g1.s)", "pending g1"},
		},
		"lazy": {
			{"o.t ? 1 : g1.n", "1"},
			{"o.f ? 1 : g1.n", "pending g1"},
			{"g1.t ? int(g2) : 1", "pending g1"},
			{errorA + " ? g1.n : 1", noAttr},
			{"o.t ? o.absent : g1.n", noAttr},
			{"cel.bind(v, g1.n, true || v == 1)", "true"},
			{"cel.bind(v, g1.n, v == 1 || true)", "true"},
			{"cel.bind(v, g1.n, v == 1)", "pending g1"},
			{"cel.bind(v, o.absent, false && v == 1)", "false"},
			{"cel.bind(v, o.absent, v == 1)", noAttr},
			{"cel.bind(v, [1, 2].map(e, e * 2), [3].map(e, v.map(d, d + e)))", "[[5, 7]]"},
			{"cel.bind(v, [1, 2].map(e, [e].map(d, d)), [7, 8].map(a, [9].map(b, v.size() + a + b)))", "[[18], [19]]"},
		},
		"folds": {
			{"[true, g1.t].all(e, e)", "pending g1"}, // the list is strict
			{"[1, 2].all(e, e == 1 && g1.t)", "false"},
			{"[1, 2].all(e, e == 1 || g1.t)", "pending g1"},
			{"[1, 2].exists(e, e == 1 || g1.t)", "true"},
			{"[1, 2].exists(e, e == 2 && g1.t)", "pending g1"},
			{"[1, 2].exists(e, e == 2 ? g1.t : g2 > 1.0)", "pending g1 g2"},
			{"[0, 1].all(e, 1 / e == 1)", "error divide_by_zero"},
			{"[0, 2].all(e, 1 / e == 1)", "false"},
			{"[0, 1].all(e, e == 0 ? " + errorA + " : " + pending1 + ")", "pending g1"},
			{"[0, 1].all(e, e == 0 ? " + errorA + " : e / 0 == 1)", noAttr},
			{"[0, 1].exists(e, e == 0 ? " + errorA + " : e / 0 == 1)", noAttr},
			{"[0, 1].exists_one(e, e == 0 ? " + errorA + " : e / 0 == 1)", "error divide_by_zero"},
			{"[0, 1].filter(e, e == 0 ? " + errorA + " : e / 0 == 1)", "error divide_by_zero"},
			{"[0, 1].map(e, e == 0 ? o.absent : e / 0)", noAttr},
			{"[0, 1].map(e, e == 0 ? " + errorA + " : e / 0 == 1, e)", "error divide_by_zero"},
			{"[0, 1].map(e, e == 0, e / 0)", "error divide_by_zero"},
			{"[0, 1].transformList(j, e, e == 0 ? o.absent : e / 0)", noAttr},
			{"{'a': 1}.transformMap(k, e, o.absent)", noAttr},
			{"[0, 1].exists_one(e, e == 0 ? " + errorA + " : " + pending1 + ")", noAttr},
			{"[0, 1].filter(e, e == 0 ? " + pending1 + " : " + errorA + ")", noAttr},
			{"[0, 1].map(e, e == 0 ? g1.n : o.absent)", noAttr},
			{"[0, 1].map(e, e == 0 ? g1.n : int(g2))", "pending g1 g2"},
			{"[0, 1].filter(e, e == 0 ? " + pending1 + " : " + pending2 + ")", "pending g1 g2"},
			{"[0, 1].exists_one(e, e == 0 || " + pending1 + ")", "pending g1"},
			{"[0, 1].map(e, " + pending1 + ", int(g2))", "pending g1"},
			{"[1, 2].filter(e, e > 1)", "[2]"},
			{"[1, 2].exists_one(e, e > 1)", "true"},
			{"[1, 2].existsOne(j, e, j == 1 && e > 1)", "true"},
			{"g3.all(e, e)", "pending g3"},
			{"o.items.all(e, e.k > 0)", "true"},
			{"{'b': 1, 'a': 2}.map(k, k)", `["a", "b"]`},
			{"{2: 1, 1u: 1, true: 1, 'a': 1, 1: 1, -1: 1, false: 1}.map(k, k)", `[false, true, -1, 1, 1u, 2, "a"]`},
			{"{'b': 1, 'a': 2}.transformList(k, v, v)", "[2, 1]"},
			{"{'b': 1, 'a': 2}.transformMap(k, v, v + 1)", `{"a": 3, "b": 2}`},
			{"[3, 4].transformMapEntry(j, e, {e: j})", "{3: 0, 4: 1}"},
			{"[3, 4].transformMapEntry(j, e, {'k': j})", "error invalid_argument"},
		},
		"names": {
			{"param.limit", "7"},
			{"posture", "1"},
			{"now == timestamp('2026-01-01T00:00:00Z')", "true"},
			{"list.words", `["x", "y"]`},
			{"o.s in list.words", "true"},
			{"'z' in list.words", "false"},
			{"list.words.exists(w, w == o.s)", "true"},
			{"ip('10.1.2.3') in list.nets", "true"},
			{"ip('11.1.2.3') in list.nets", "false"},
			{"ip('2001:db8::1') in list.nets", "true"},
			{"ip('2001:db9::1') in list.nets", "false"},
		},
	}
	s := statesSetup()
	for name, rows := range tables {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, r := range rows {
				if got := show(s.policy, s.value(t, r.src)); got != r.want {
					t.Errorf("%s is %s, want %s", r.src, got, r.want)
				}
			}
		})
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	p := &policy.Policy{Signals: []*policy.Signal{
		{Name: "big", Type: policy.ListOfMax(policy.Int, 100_000)},
		{Name: "s", Type: policy.String},
	}}
	big := make([]policy.Value, 100_000)
	for i := range big {
		big[i] = int64(i)
	}
	s := newSetup(p, map[string]policy.Value{"big": big, "s": strings.Repeat("x", policy.MaxStringBytes)})
	twenty := func(e string) string { return strings.TrimSuffix(strings.Repeat(e+", ", 20), ", ") }
	seventeen := "cel.bind(a, s + s + s + s, cel.bind(b, a + a + a + a, size(b + %s)))"
	for _, tt := range []struct{ src, want string }{
		{strings.Replace(seventeen, "%s", "''", 1), "1048576"},
		{strings.Replace(seventeen, "%s", "'x'", 1), "error limit"},
		{"size([" + twenty("s") + "].join())", "error limit"},
		{"size(s.replace('x', 'xxxxxxxxxxxxxxxx'))", "1048576"},
		{"size(s.replace('x', 'xxxxxxxxxxxxxxxxx'))", "error limit"},
		{"size(s.replace('', s))", "error limit"},
		{"size(s.replace('x', s, 15))", "1048561"},
		{"size(s.split(''))", "65536"},
		{"size((s + 'x').split(''))", "error limit"},
		{"size((s + 'x').split('', 3))", "3"},
		{"size('" + strings.Repeat("%s", 20) + "'.format([" + twenty("s") + "]))", "error limit"},
		{"size('%s'.format([lists.range(60000).map(i, s)]))", "error limit"},
		{"size('%x'.format([s]))", "131072"},
		{"size('%s'.format([lists.range(3300).map(i, 1e308)]))", "1026300"},
		{"size('%s'.format([lists.range(3400).map(i, 1e308)]))", "error limit"},
		{"size(s.replace('x', '%.100f').format(lists.range(65536).map(i, 1e308)))", "error limit"},
		{"size(lists.range(65536))", "65536"},
		{"size(lists.range(65537))", "error limit"},
		{"size(lists.range(9223372036854775807))", "error limit"},
		{"size([big, big].flatten())", "error limit"},
		{"size([lists.range(60000), lists.range(60000)].flatten())", "error limit"},
		{"size(big + big)", "error limit"},
		{"size(big.map(e, e))", "error limit"},
		{"size(big.filter(e, e >= 0))", "error limit"},
		{"size(big.filter(e, e < 1000))", "1000"},
		{"size(big.transformMap(i, e, e))", "error limit"},
		{"big.all(e, e >= 0)", "true"},
		{"size(base64.encode(bytes(s)))", "87384"},
		{"size(regex.replace(s, 'x', 'xxxxxxxxxxxxxxxx'))", "1048576"},
		{"size(regex.replace(s, 'x', 'xxxxxxxxxxxxxxxxx'))", "error limit"},
		{`size(regex.replace(s, '.*', '\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0'))`, "error limit"},
		{"size(regex.extractAll(s, 'x'))", "65536"},
		{"size(regex.extractAll(s + 'x', 'x'))", "error limit"},
		{"size(strings.quote(s))", "65538"},
	} {
		var got string
		if took := spent.By(func() { got = show(p, s.value(t, tt.src)) }); took > 30*time.Second {
			t.Errorf("%.80s took %v", tt.src, took)
		}
		if got != tt.want {
			t.Errorf("%.80s is %s, want %s", tt.src, got, tt.want)
		}
	}
}

// TestDoubling holds the engine to an end where a value has endlessly many parts, made out of nearly nothing: names bound inside each other
// could do that.
func TestDoubling(t *testing.T) {
	t.Parallel()
	double := func(v policy.Value) policy.Value {
		for range 40 {
			v = []policy.Value{v, v}
		}
		return v
	}
	p := &policy.Policy{Signals: []*policy.Signal{{Name: "deep", Type: policy.ListOf(policy.Any)}, {Name: "none", Type: policy.ListOf(policy.Any)}}}
	s := newSetup(p, map[string]policy.Value{"deep": double(int64(1)), "none": double([]policy.Value{})})
	for _, tt := range []struct{ src, want string }{
		{"deep == deep", "error limit"},
		{"dyn(deep) != dyn(deep)", "error limit"},
		{"dyn(deep) in [deep]", "error limit"},
		{"sets.contains([deep], [deep])", "error limit"},
		{"[deep, deep].distinct().size() == 1", "error limit"},
		{"[deep].hasAny([deep])", "error limit"},
		{"{'a': deep} == {'a': deep}", "error limit"},
		{"optional.of(deep) == optional.of(deep)", "error limit"},
		{"optional.of(deep).hasValue(deep)", "error limit"},
		{"dyn(deep).flatten(40).size() == 1", "error limit"},
		{"dyn(none).flatten(41).size() == 0", "error limit"},
		{"'%s'.format([deep]) == ''", "error limit"},
		{"{1: 1}[dyn(deep)] == 1", "error no_such_key"},
		{"['a', dyn(deep)].join() == ''", "error limit"},
		{"[optional.none(), dyn(deep)].unwrapOpt() == []", "error limit"},
		{"deep.size() == 2", "true"},
		{"deep == []", "false"},
		{"1 in deep", "false"},
	} {
		var got string
		if took := spent.By(func() { got = show(s.policy, s.value(t, tt.src)) }); took > 30*time.Second {
			t.Errorf("%s took %v", tt.src, took)
		}
		if got != tt.want {
			t.Errorf("%s is %s, want %s", tt.src, got, tt.want)
		}
	}
}

func TestAt(t *testing.T) {
	t.Parallel()
	s := statesSetup()
	for _, tt := range []struct{ src, at string }{
		{"true && o.absent == 1", "test.rung.hcl:1:9"},
		{"true && 1 == o.out.x", "test.rung.hcl:1:14"},
		{"[1].all(e, e / 0 == 1)", "test.rung.hcl:1:12"},
		{"o.n == 1 &&\n  o.m.a.zz == 1", "test.rung.hcl:2:3"},
		{"(o.n + 1) / 0 == 1", "test.rung.hcl:1:1"},
		{"1 == 2 || 1 == [1][2]", "test.rung.hcl:1:16"},
	} {
		e := s.engine(t, tt.src)
		r := e.Eval(0, &s.in)
		if r.Fault == nil || r.Fault.At != tt.at {
			t.Errorf("%s: %+v, want a fault at %s", tt.src, r.Fault, tt.at)
		}
	}
}

func TestTrace(t *testing.T) {
	t.Parallel()
	s := statesSetup()
	e := s.engine(t, "o.n == 1 && (g1.t || o.absent > param.limit)")
	r, nodes := e.Trace(0, &s.in)
	if !slices.Equal(r.Touched, []int{1}) {
		t.Errorf("touched %v", r.Touched)
	}
	var got []string
	for _, n := range nodes {
		line := n.Text + " @" + n.At
		switch {
		case n.Error != "":
			line += " error " + string(n.Error)
		case n.Pending != nil:
			line += " pending " + strings.Join(n.Pending, ",")
		default:
			line += " " + n.Type.String() + " " + show(s.policy, toVal(n.Value))
		}
		got = append(got, line)
	}
	want := []string{
		"o.n @test.rung.hcl:1:1 int 1",
		"o.n == 1 @test.rung.hcl:1:1 bool true",
		"g1.t @test.rung.hcl:1:14 pending g1",
		"o.absent @test.rung.hcl:1:22 error no_such_attribute",
		"param.limit @test.rung.hcl:1:33 int 7",
		"o.absent > param.limit @test.rung.hcl:1:22 error no_such_attribute",
		"g1.t || o.absent > param.limit @test.rung.hcl:1:14 pending g1",
		"o.n == 1 && (g1.t || o.absent > param.limit) @test.rung.hcl:1:1 pending g1",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestTraceIsShort(t *testing.T) {
	t.Parallel()
	s := statesSetup()
	_, nodes := s.engine(t, "lists.range(10000).all(e, e + 1 > o.n - 1)").Trace(0, &s.in)
	if len(nodes) != maxTrace {
		t.Errorf("%d nodes", len(nodes))
	}
}

func TestTraceOfLarge(t *testing.T) {
	t.Parallel()
	s := statesSetup()
	for _, tt := range []struct {
		src   string
		shown bool
	}{
		{"lists.range(9999).size() > o.n", true},
		{"lists.range(10001).size() > o.n", false},
	} {
		_, nodes := s.engine(t, tt.src).Trace(0, &s.in)
		if len(nodes) == 0 || (nodes[0].Value != large) != tt.shown {
			t.Errorf("%s: %d nodes, the list shown: want %v", tt.src, len(nodes), tt.shown)
		}
	}
}

func TestTraceShowsVerdicts(t *testing.T) {
	t.Parallel()
	s := statesSetup()
	s.policy.Signals[6].Sensitive = true // o
	_, nodes := s.engine(t, "o.s == 'x'").Trace(0, &s.in)
	if last := nodes[len(nodes)-1]; last.Type.Kind != policy.KindBool || last.Value == redacted {
		t.Errorf("%s is shown as %v", last.Text, last.Value)
	}
}

func TestTraceHidesSensitive(t *testing.T) {
	t.Parallel()
	s := statesSetup()
	s.policy.Signals[6].Sensitive = true // o
	for _, src := range []string{"o.s == 'x'", "o.s + 'y' == 'z'", "[o.s].exists(e, e == 'x')", "cel.bind(v, o.s, v == 'x')", "o.t", "o.?s.optMap(v, v + 'y') == o.?s"} {
		_, nodes := s.engine(t, src).Trace(0, &s.in)
		for _, n := range nodes {
			if n.Type.Kind == policy.KindBool && n.Text != "o.t" {
				continue
			}
			if n.Value != redacted {
				t.Errorf("%s: %s is shown as %v", src, n.Text, n.Value)
			}
		}
	}
	if f, _ := s.value(t, "ip(o.s) == ip('1.1.1.1')").(*fault); f == nil || strings.Contains(f.msg, `"x"`) {
		t.Errorf("the error's text shows the value: %+v", f)
	}
}
