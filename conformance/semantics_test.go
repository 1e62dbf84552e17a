package conformance_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rungpolicy/rung/cel"
	"github.com/rungpolicy/rung/conformance"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/codec"
	"github.com/rungpolicy/rung/wasm"
	"github.com/rungpolicy/rung/wasm/host"
)

// semantics are the places where CEL is other than one would think, or than one would write in another language, by topic. Each condition comes to true, false or
// an error's code, in every engine. What they read is of a request, so that nothing is computed beforehand.
var semantics = []struct {
	topic  string
	probes [][2]string
}{
	{"&& and || absorb errors, and keep the first", [][2]string{
		{"1 / x.zero == 1 || x.yes", "true"},
		{"x.yes || 1 / x.zero == 1", "true"},
		{"1 / x.zero == 1 && x.no", "false"},
		{"1 / x.zero == 1 && x.yes", "divide_by_zero"},
		{"x.list[9] == 1 || 1 / x.zero == 1", "index_out_of_bounds"},
		{"1 / x.zero == 1 || x.list[9] == 1", "divide_by_zero"},
		{"dyn(x.i) || x.yes", "true"},
		{"dyn(x.i) || x.no", "no_such_overload"},
		{"int('z' + x.empty) == 1 || x.yes", "true"},
	}},
	{"?: takes one branch, and errors of its condition", [][2]string{
		{"1 / x.zero == 1 ? x.yes : x.yes", "divide_by_zero"},
		{"x.yes ? x.yes : 1 / x.zero == 1", "true"},
		{"dyn(x.i) ? x.yes : x.yes", "no_such_overload"},
	}},
	{"== of different types is false", [][2]string{
		{"dyn(x.i) == dyn(x.s)", "false"},
		{"dyn(x.i) != dyn(x.s)", "true"},
		{"dyn(null) == dyn(x.zero)", "false"},
		{"dyn([x.i, 'a']) == dyn([5.0, 'a'])", "true"},
		{"dyn({'a': x.i}) == dyn({'a': 5u})", "true"},
		{"x.any.none == null", "true"},
	}},
	{"numbers of different types", [][2]string{
		{"dyn(x.p53) == 9007199254740992.0", "true"},
		{"dyn(x.p53) == 9007199254740992", "false"},
		{"dyn(x.max) == 9223372036854775807.0", "true"},
		{"dyn(x.u) == x.i + 2", "true"},
		{"dyn(x.min) < 0u", "true"},
		{"dyn(x.i) < 5.5", "true"},
	}},
	{"NaN", [][2]string{
		{"x.z / x.z == x.z / x.z", "false"},
		{"x.z / x.z != x.z / x.z", "true"},
		{"x.z / x.z < x.d || x.z / x.z <= x.d || x.z / x.z > x.d || x.z / x.z >= x.d", "false"},
		{"x.z / x.z in [x.z / x.z]", "false"},
		{"[x.z / x.z, x.d].sort().size() == 2", "invalid_argument"},
	}},
	{"arithmetic of integers is checked", [][2]string{
		{"-x.min == 0", "overflow"},
		{"x.min / x.neg == 0", "overflow"},
		{"x.min % x.neg == 0", "overflow"},
		{"x.max + x.i == 0", "overflow"},
		{"x.max * x.i == 0", "overflow"},
		{"x.u - 8u == 0u", "overflow"},
		{"x.i % x.zero == 0", "divide_by_zero"},
		{"x.neg / 2 == 0 && -7 / 2 * x.i == -15 && -7 % 2 * x.i == -5", "true"},
		{"timestamp('9999-12-31T23:59:59Z') + x.dur > x.ts", "overflow"},
		{"x.ts - x.dur == timestamp('1969-12-31T23:58:30Z')", "true"},
	}},
	{"double to integer", [][2]string{
		{"int(x.d) == 1 && int(-x.d) == -1", "true"},
		{"int(x.p63) == 0", "overflow"},
		{"int(-x.p63) == 0", "overflow"},
		{"uint(-x.d / 3.0) == 0u", "overflow"},
		{"int(x.z / x.z) == 0", "overflow"},
		{"uint(x.p63) == 9223372036854775808u", "true"},
	}},
	{"sizes of text are code points, order is that of bytes", [][2]string{
		{"x.wide.size() == 2 && bytes(x.wide).size() == 6", "true"},
		{"x.wide > x.s && 'Z' + x.s < 'a'", "true"},
		{"'\\uffff' + x.s < '\\U00010000'", "true"},
		{"bytes(x.s) < b'abc'", "true"},
		{"string(b'\\xff' + bytes(x.s)) == x.s", "bad_value"},
	}},
	{"maps: literals, keys, order", [][2]string{
		{"{x.s: 1, 'ab': 2}['ab'] == 2", "true"},
		{"{dyn(x.i): 'i', dyn(5u): 'u'}.size() == 2", "true"},
		{"{dyn(x.i): 'i'}[dyn(5.0)] == 'i'", "true"},
		{"{dyn(x.i): 'i'}[dyn(5u)] == 'i'", "true"},
		{"{dyn(5.0 + x.z): 'd'}[dyn(x.i)] == 'd'", "no_such_key"},
		{"{'b': x.i, 'a': 1}.map(k, k) == ['a', 'b']", "true"},
		{"x.map['c'] == 1", "no_such_key"},
	}},
	{"lists: indices", [][2]string{
		{"x.list[x.neg] == 1", "index_out_of_bounds"},
		{"dyn(x.list)[dyn(1.0)] == 2", "true"},
		{"dyn(x.list)[dyn(x.d)] == 2", "invalid_argument"},
		{"dyn(x.list)[dyn(x.s)] == 2", "no_such_overload"},
	}},
	{"has and absent attributes", [][2]string{
		{"has(x.absent)", "false"},
		{"has(x.any.none)", "true"},
		{"has(x.any.gone)", "false"},
		{"x.absent == 1", "no_such_attribute"},
		{"x.absent == 1 || x.yes", "true"},
		{"has(x.map.a) && !has(x.map.c)", "true"},
	}},
	{"macros", [][2]string{
		{"x.list.exists(e, 1 / (e - 1) == 1)", "true"},
		{"x.list.exists(e, 1 / (e - 1) == 9)", "divide_by_zero"},
		{"x.list.all(e, 1 / (e - 1) == 9)", "false"},
		{"x.list.exists_one(e, 1 / (e - 1) == 1)", "divide_by_zero"},
		{"x.list.filter(e, 1 / (e - 1) == 1).size() == 1", "divide_by_zero"},
		{"x.list.map(e, 1 / (e - 1))[0] == 1", "divide_by_zero"},
		{"x.list.exists(i, e, i == 1 && e == 2)", "true"},
		{"x.map.transformList(k, v, k + string(v)) == ['a1', 'b2']", "true"},
		{"x.map.transformMap(k, v, v + 1)['b'] == 3", "true"},
		{"x.list.transformMapEntry(i, e, {e: i})[2] == 1", "true"},
		{"cel.bind(e, 1 / x.zero, x.yes)", "true"},
		{"cel.bind(e, 1 / x.zero, x.no || e == 1)", "divide_by_zero"},
	}},
	{"optionals", [][2]string{
		{"x.any.?gone.?deeper.hasValue()", "false"},
		{"x.any.?s.?deeper.hasValue()", "false"},
		{"optional.of(x.any.none).hasValue()", "true"},
		{"x.map[?'a'].orValue(9) == 1 && x.map[?'c'].orValue(9) == 9", "true"},
		{"x.list[?9].optMap(e, e + 1) == optional.none()", "true"},
		{"x.map[?'c'].value() == 1", "optional_none"},
	}},
	{"timestamps", [][2]string{
		{"string(timestamp(x.offset)) == '2026-01-01T23:31:30+02:00'", "true"},
		{"timestamp(x.offset).getHours() == 21", "true"},
		{"timestamp('2026-01-01T23:59:60Z' + x.empty) == x.ts", "bad_value"},
		{"timestamp('2026-01-01T24:00:00Z' + x.empty) == x.ts", "bad_value"},
		{"timestamp('2026-01-01t00:00:00z' + x.empty) == x.ts", "bad_value"},
		{"timestamp('2026-01-01T00:00:00.1234567899Z' + x.empty) == timestamp('2026-01-01T00:00:00.123456789Z')", "true"},
		{"timestamp('0000-01-01T00:00:00Z' + x.empty) < x.ts", "overflow"},
	}},
	{"getters in zones", [][2]string{
		{"x.ts.getHours('+05:30') == 5 && x.ts.getMinutes('05:30') == 30", "true"},
		{"x.ts.getHours('-02:00') == 22 && x.ts.getHours('') == 0", "true"},
		{"x.ts.getHours('Europe/Berlin') == 1", "true"},
		{"x.ts.getHours('+0' + string(x.i) + ':00') == 5", "true"},
	}},
	{"durations", [][2]string{
		{"duration('1h' + x.empty) == duration('60m') && duration('.5s' + x.empty) == duration('500ms') && duration('+1s' + x.empty) == duration('1s')", "true"},
		{"duration('1µs' + x.empty) == duration('1μs' + x.empty) && duration('0' + x.empty) == x.dur - x.dur", "true"},
		{"string(duration('100000000s' + x.empty) + duration('1ns')) == '100000000s'", "true"},
		{"x.dur.getMinutes() == 1 && x.dur.getSeconds() == 90 && (-x.dur.getMinutes()) == -1", "true"},
		{"duration(x.s) == x.dur", "bad_value"},
	}},
	{"text to numbers", [][2]string{
		{"int('+5' + x.empty) == x.i && double('0x1p-2' + x.empty) == 0.25 && double('1_000' + x.empty) == 1000.0", "true"},
		{"double('inf' + x.empty) > x.d && double('NaN' + x.empty) != x.d", "true"},
		{"uint('+5' + x.empty) == 5u", "bad_value"},
		{"double('1e400' + x.empty) > x.d", "bad_value"},
		{"int('9223372036854775808' + x.empty) == 0", "bad_value"},
		{"bool('t' + x.empty) && bool('True' + x.empty) && !bool('F' + x.empty)", "true"},
		{"bool('yes' + x.empty)", "bad_value"},
	}},
	{"doubles to text", [][2]string{
		{"string(1000000.0 + x.z) == '1e+06' && string(0.0001 + x.z) == '0.0001' && string(0.00001 + x.z) == '1e-05'", "true"},
		{"string(-x.z) == '-0' && string(1.0 / x.z) == '+Inf' && string(x.z / x.z) == 'NaN'", "true"},
		{"string(0.1 + 0.2 + x.z) == '0.30000000000000004' && string(5e-324 + x.z) == '5e-324'", "true"},
	}},
	{"bytes", [][2]string{
		{"bytes(x.s) == b'ab' && string(bytes(x.wide)) == x.wide && base64.encode(bytes(x.s)) == 'YWI='", "true"},
		{"base64.decode('YWI' + x.empty) == b'ab'", "true"},
	}},
	{"matches", [][2]string{
		{"x.s.matches('b') && !x.s.matches('^b') && x.s.matches('(?i)B$')", "true"},
		{"x.wide.matches('^\\\\p{L}.$') && x.s.matches('')", "true"},
	}},
	{"dyn: overloads are found at run time", [][2]string{
		{"dyn(x.i) + dyn(x.s) == dyn(x.s)", "no_such_overload"},
		{"dyn(x.i) + dyn(x.d) == 6.5", "no_such_overload"},
		{"dyn(x.i).size() == 1", "no_such_overload"},
		{"x.any.s + 'c' == 'abc'", "true"},
		{"x.any.n == 5 && x.any.l[0] < 2", "true"},
		{"x.any.s < x.any.n", "no_such_overload"},
	}},
}

const semanticsRequest = `{"action": "a", "signals": {"x": {
	"i": 5, "zero": 0, "neg": -1, "min": "-9223372036854775808", "max": "9223372036854775807", "p53": "9007199254740993", "u": 7, "d": 1.5, "z": 0, "p63": 9223372036854775808,
	"s": "ab", "wide": "é😀", "empty": "", "offset": "2026-01-01T23:31:30+02:00", "yes": true, "no": false, "list": [1, 2], "map": {"b": 2, "a": 1},
	"dur": "90s", "ts": "1970-01-01T00:00:00Z", "any": {"none": null, "s": "ab", "n": 5, "l": [1, "x"]}
}}}`

const semanticsSignal = `policy "p" { language = 1 }
signal "x" {
  type = object({
    i = int, zero = int, neg = int, min = int, max = int, p53 = int, u = uint, d = double, z = double, p63 = double
    s = string, wide = string, empty = string, offset = string, yes = bool, no = bool, list = list(int, 10), map = map(int, 10)
    dur = duration, ts = timestamp, any = any, absent = int
  })
}
`

// TestSemantics holds the native engine, and modules on machine code and interpreted, to what the table says.
func TestSemantics(t *testing.T) {
	t.Parallel()
	for _, row := range semantics {
		t.Run(row.topic, func(t *testing.T) {
			t.Parallel()
			var b strings.Builder
			b.WriteString(semanticsSignal + "action \"a\" {\n  level = \"none\"\n")
			for i, probe := range row.probes {
				fmt.Fprintf(&b, "  deny \"r%d\" {\n    when = <<-CEL\n      %s\n    CEL\n  }\n", i, probe[0])
			}
			b.WriteString("}\n")
			decisions := decisionsOf(t, b.String())
			for i, probe := range row.probes {
				for engine, d := range decisions {
					if got := came(d, fmt.Sprintf("a/r%d", i)); got != probe[1] {
						t.Errorf("%s: %s is %s, and should be %s", engine, probe[0], got, probe[1])
					}
				}
			}
		})
	}
}

// decisionsOf are the decisions of the engines.
func decisionsOf(t *testing.T, text string) map[string]*policy.Decision {
	t.Helper()
	pl, bad := planOf(fstest.MapFS{"p.rung.hcl": {Data: []byte(text)}})
	if bad {
		t.Fatalf("the policy has errors:\n%s", text)
	}
	request, refused := codec.DecodeRequest(pl.Policy, []byte(semanticsRequest), codec.Options{})
	if refused != nil {
		t.Fatal(refused)
	}
	request.Now = conformance.Now()
	engine, err := cel.NewEngine(pl)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]*policy.Decision{"native": pl.Decide(engine, request)}
	m, err := wasm.Compile(pl, wasm.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, opts := range map[string][]host.Option{"machine code": nil, "interpreter": {host.WithInterpreter()}} {
		p, err := host.Open(context.Background(), m.Bytes, append(opts, patience)...)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(p.Close)
		out[name] = p.Decide(request)
	}
	return out
}

// came is what a rule came to: it stands in for an error by applying.
func came(d *policy.Decision, rule string) string {
	for _, e := range d.Indeterminate {
		if e.Rule == rule {
			return string(e.Code)
		}
	}
	for _, r := range d.Reasons {
		if r.Rule == rule {
			return "true"
		}
	}
	return "false"
}
