package cel

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	celgo "cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"
	"pgregory.net/rapid"

	"github.com/rungpolicy/rung/internal/spent"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/plan"
)

// TestDifferential evaluates generated expressions with the engine and with cel-go's own Program. Both come to the same
// value, or to errors of the same code. Nothing is missing or pending, and no map is iterated where its order shows, but in which error is the first: there
// the language differs.
func TestDifferential(t *testing.T) {
	t.Parallel()
	s := probeSetup()
	env := probeEnv(t)
	rapid.Check(t, func(rt *rapid.T) {
		src := generate(rt, rapid.SampledFrom([]kind{kBool, kBool, kInt, kString, kDouble, kInts, kTime, kDyn, kMap, kOpt}).Draw(rt, "type"), 4)
		if _, diags := s.check(src); diags.HasErrors() {
			rt.Skip("refused")
		}
		got := s.value(t, src)
		if want, ok := agrees(rt, env, s, src, got); !ok {
			rt.Fatalf("%s\ngot  %s\nwant %s", src, golden(got), golden(want))
		}
	})
}

// TestDifferentialCases is TestDifferential where bytes that are no text would become one, and where the first error of a map is another in another order.
func TestDifferentialCases(t *testing.T) {
	t.Parallel()
	s := probeSetup()
	env := probeEnv(t)
	for _, src := range []string{
		`'%s|%d'.format([dyn(b'\xff'), 0])`, `size('%s'.format([[b'\xff', b'a']]))`, `'%s'.format([{'a': b'\xff'}]) == s || true`, `'%s'.format([b'a'])`, `'%x'.format([b'\xff'])`, `string(b'\xff')`,
		`{'a': 0, 'b': 1}.exists(k, {'a': 1}[k] == 1 % 0)`, `{'b': 0, 'a': 1}.all(k, {'b': 1}[k] == 1 % 0)`,
	} {
		got := s.value(t, src)
		if want, ok := agrees(t, env, s, src, got); !ok {
			t.Errorf("%s\ngot  %s\nwant %s", src, golden(got), golden(want))
		}
	}
}

// agrees reports whether the engine's value is what cel-go makes of an expression, or may make: it takes the entries of maps in any order, another each time, so
// it is asked again where the two differ.
func agrees(t rapid.TB, env *celgo.Env, s *setup, src string, got ref.Val) (want ref.Val, ok bool) {
	for range 500 {
		if want = oracle(t, env, s, src); want == nil || agree(got, want) {
			return want, true
		}
	}
	return want, false
}

func agree(got, want ref.Val) bool {
	g, gotFault := got.(*fault)
	w, wantFault := want.(*fault)
	if gotFault || wantFault {
		return gotFault && wantFault && (g.code == w.code || w.code == "" || g.code == policy.Limit)
	}
	return same(got, want)
}

// probeEnv declares the variables of [probeSetup] to cel-go.
func probeEnv(t *testing.T) *celgo.Env {
	t.Helper()
	env, err := theBasis().env.Extend(
		celgo.Variable("bad", celgo.StringType), celgo.Variable("i", celgo.IntType), celgo.Variable("l", celgo.ListType(celgo.IntType)),
		celgo.Variable("m", celgo.MapType(celgo.StringType, celgo.DynType)), celgo.Variable("mi", celgo.MapType(celgo.IntType, celgo.StringType)),
		celgo.Variable("nan", celgo.DoubleType), celgo.Variable("s", celgo.StringType), celgo.Variable("ts", celgo.TimestampType),
		celgo.Variable("u", celgo.UintType), celgo.Variable("x", celgo.DynType))
	if err != nil {
		t.Fatal(err)
	}
	return env
}

// oracle is what cel-go makes of an expression; its errors as faults.
func oracle(t rapid.TB, env *celgo.Env, s *setup, src string) ref.Val {
	ast, iss := env.Compile(src)
	if iss.Err() != nil {
		if strings.Contains(iss.Err().Error(), "error during formatting") {
			return nil // its validators look into literals
		}
		t.Fatalf("%s: only cel-go refuses it: %v", src, iss.Err())
	}
	prg, err := env.Program(ast, celgo.CustomDecoratorV2(formatted))
	if err != nil {
		return &fault{} // a constant index that never fits
	}
	vars := map[string]any{}
	for i, sig := range s.policy.Signals {
		if v := s.in.Signals[i]; v != nil {
			vars[sig.Name] = toVal(v)
		}
	}
	v, _, err := prg.Eval(vars)
	if err != nil {
		code, ok := codeOf(err.Error())
		if strings.HasPrefix(err.Error(), "internal error") {
			return nil // a panic of cel-go's, of a key that Go cannot hash: nothing to learn
		}
		if strings.HasPrefix(err.Error(), "invalid qualifier type") {
			return &fault{} // of its interpreter, not of a function: any error of ours will do
		}
		if !ok {
			t.Fatalf("%s: no row of the table of errors fits %q", src, err)
		}
		return &fault{code: code, msg: err.Error()}
	}
	return v
}

// formatted has cel-go's format be as the language's: what it writes is text.
func formatted(node interpreter.InterpretableV2) (interpreter.InterpretableV2, error) {
	if call, ok := node.(interpreter.InterpretableCall); ok && call.Function() == "format" {
		return textCall{call}, nil
	}
	return node, nil
}

// textCall is a call whose value is an error where it is no UTF-8: of a string that is none, cel-go goes on.
type textCall struct{ interpreter.InterpretableCall }

func (c textCall) Exec(frame *interpreter.ExecutionFrame) ref.Val {
	return asText(c.InterpretableCall.Exec(frame))
}

func (c textCall) Eval(in interpreter.Activation) ref.Val {
	return asText(c.InterpretableCall.Eval(in))
}

func asText(v ref.Val) ref.Val {
	if s, ok := v.(types.String); ok && !utf8.ValidString(string(s)) {
		return types.NewErr("invalid UTF-8 in what is formatted")
	}
	return v
}

// kind is a type that the generator makes expressions of.
type kind string

const (
	kBool   kind = "bool"
	kInt    kind = "int"
	kUint   kind = "uint"
	kDouble kind = "double"
	kString kind = "string"
	kBytes  kind = "bytes"
	kInts   kind = "ints"
	kTexts  kind = "texts"
	kMap    kind = "map"
	kTime   kind = "time"
	kSpan   kind = "span"
	kDyn    kind = "dyn"
	kOpt    kind = "opt"
)

// shapes are templates of expressions by type: `$kind` stands for an expression of that type.
func shapes() map[kind][]string {
	return map[kind][]string{
		kBool: {
			"true", "false", "$bool && $bool", "$bool || $bool", "!($bool)", "$bool ? $bool : $bool",
			"$int == $int", "$int < $int", "$int != $uint", "$double <= $double", "$int > $double", "$uint >= $double", "$string == $string", "$string < $string",
			"$bytes == $bytes", "$bytes < $bytes", "$dyn == $dyn", "$dyn != $dyn", "$dyn < $dyn", "$ints == $ints", "$texts == $texts", "$map == $map",
			"$time < $time", "$time == $time", "$span > $span", "$int in $ints", "$string in $texts", "$dyn in $ints", "$string in $map", "$dyn in $map",
			"$ints.all(e, $int > e)", "$ints.exists(e, $int / e > 0)", "$ints.exists_one(e, e % $int == 0)", "$ints.all(j, e, j <= e / $int)", "$ints.existsOne(j, e, j == e)",
			"$map.exists(k, $map[k] == $int)", "$map.all(k, v, v == $int)", "has($map.a)", "has(dyn($map).a)", "$string.contains($string)", "$string.startsWith($string)",
			"$string.matches('^[a-h]*.?l')", "$map.?a.hasValue()", "$ints[?$int] == optional.of($int)", "bool($string)", "isIP($string)", "sets.contains($ints, $ints)",
			"sets.intersects($ints, $ints)", "$ints.hasAny($ints)", "type($dyn) == type($dyn)", "math.isNaN($double)", "cel.bind(b, $int, b == b || $bool)", "$ints.map(e, e) == $ints",
			"$opt.hasValue()", "$opt == $opt", "x in [$string, $int, $double]",
		},
		kInt: {
			"0", "1", "-1", "2", "7", "i", "-9223372036854775807", "$int + $int", "$int - $int", "$int * $int", "$int / $int", "$int % $int", "-($int)",
			"size($string)", "size($ints)", "size($map)", "size($bytes)", "$ints[$int]", "$ints[dyn($double)]", "$map['a']", "$map[$string]", "$map.b", "int($double)", "int($uint)", "int($string)",
			"$bool ? $int : $int", "$string.indexOf($string)", "$string.lastIndexOf($string, $int)", "$time.getHours()", "$time.getHours('+01:30')", "$time.getDayOfYear()",
			"$span.getSeconds()", "int($time)", "math.abs($int)", "math.bitAnd($int, $int)", "math.bitShiftLeft($int, $int)", "math.greatest($int, $int)", "$map.?a.orValue($int)",
			"$map[?$string].orValue($int)", "$ints[?$int].orValue($int)", "cel.bind(b, $int, b + b)", "$ints.first().value()", "$ints.last().orValue($int)", "optional.of($int).optMap(o, o + $int).value()",
		},
		kUint:   {"0u", "1u", "u", "$uint + $uint", "$uint - $uint", "$uint * $uint", "$uint / $uint", "$uint % $uint", "uint($int)", "uint($double)", "uint($string)"},
		kDouble: {"0.0", "1.0", "-0.5", "1e300", "nan", "9007199254740993.0", "$double + $double", "$double * $double", "$double / $double", "-($double)", "double($int)", "double($string)", "double($uint)", "math.sqrt($double)", "math.round($double)"},
		kString: {
			"''", "'a'", "'ab'", "'1'", "'héllo'", "s", "'true'", "'1.1.1.1'", "$string + $string", "string($int)", "string($double)", "string($bool)", "string($uint)", "string($time)", "string($span)", "string($bytes)",
			"$string.charAt($int)", "$string.substring($int)", "$string.substring($int, $int)", "$string.replace($string, $string)", "$string.replace($string, $string, $int)", "$string.lowerAscii()",
			"$string.upperAscii()", "$string.trim()", "$string.reverse()", "$texts.join($string)", "'%s|%d'.format([$dyn, $int])", "'%x %.3f %e'.format([$string, $double, $double])",
			"$bool ? $string : $string", "strings.quote($string)", "base64.encode($bytes)", "$texts[$int]", "mi[$int]", "mi[dyn($double)]", "regex.replace($string, '([a-z])l', '<\\\\1>')", "regex.extract($string, 'l(.)').orValue($string)",
		},
		kBytes: {"b''", "b'a'", `b'\xff'`, "bytes($string)", "$bytes + $bytes", "base64.decode($string)"},
		kInts: {
			"[]", "l", "[1, 2, 3]", "[$int, $int]", "[$int, ?$map.?a]", "$ints + $ints", "$ints.filter(e, e > $int)", "$ints.map(e, e * $int)", "$ints.map(e, e > $int, e / $int)", "$ints.sort()", "$ints.reverse()",
			"$ints.distinct()", "$ints.slice($int, $int)", "lists.range($int % 5)", "[$ints, $ints].flatten()", "$ints.transformList(j, e, j + e)", "$ints.transformList(j, e, e > $int, j - e)", "$bool ? $ints : $ints", "$ints.sortBy(e, -e)",
		},
		kTexts: {"[]", "['a', 'b']", "[$string, $string]", "$string.split($string)", "$string.split($string, $int)", "$texts + $texts", "$texts.map(e, e + $string)", "$texts.filter(e, e < $string)", "regex.extractAll($string, 'l.?')", "$texts.sort()"},
		kMap:   {"{}", "{'a': 1}", "{'a': $int, 'b': $int}", "{$string: $int}", "{?'a': $map.?b}", "$map.transformMap(k, v, v + $int)", "$ints.transformMapEntry(j, e, {string(j): e})", "$map.transformMap(k, v, v > $int, v)", "$bool ? $map : $map"},
		kTime:  {"ts", "timestamp('2024-02-29T12:00:00.5Z')", "timestamp($int)", "timestamp($string)", "$time + $span", "$time - $span"},
		kSpan:  {"duration('1h')", "duration('-1.5s')", "$time - $time", "$span + $span", "$span - $span", "duration($string)"},
		// An optional is not indexed further: there the language is strict in the index, and cel-go is not.
		kOpt: {
			"optional.none()", "m.?a", "m.?b.?c", "optional.of($dyn)", "optional.ofNonZeroValue($dyn)", "dyn($dyn).?a", "dyn($dyn)[?$string]", "$opt.or($opt)",
			"$opt.optMap(o, o == $dyn)", "$opt.optFlatMap(o, $opt)",
		},
		kDyn: {
			"x", "m", "m.a", "m.b", "m.n", "m[$string]", "null", "dyn($int)", "dyn($uint)", "dyn($double)", "dyn($string)", "dyn($bool)", "dyn($ints)", "dyn($map)", "dyn($time)", "dyn($bytes)", "dyn($dyn).a", "dyn($dyn)[$string]", "dyn($dyn)[dyn($int)]", "dyn($dyn)[dyn($uint)]", "dyn($dyn)[dyn($double)]", "dyn($dyn) + $dyn", "-dyn($dyn)", "[$dyn, $dyn]",
			"math.least($int, $double)", "dyn(type($dyn))", "$opt.orValue($dyn)", "$opt.value()", "$bool ? $dyn : $dyn", "{$int: $dyn}", "{dyn($int): 1, dyn($uint): 2, dyn($string): 3}",
		},
	}
}

var allShapes = shapes()

// generate makes an expression of a type, nested at most so deep.
func generate(t *rapid.T, k kind, depth int) string {
	choices := allShapes[k]
	if depth == 0 {
		var leaves []string
		for _, c := range choices {
			if !strings.Contains(c, "$") {
				leaves = append(leaves, c)
			}
		}
		return rapid.SampledFrom(leaves).Draw(t, string(k))
	}
	shape := rapid.SampledFrom(choices).Draw(t, string(k))
	var out strings.Builder
	for {
		before, after, ok := strings.Cut(shape, "$")
		out.WriteString(before)
		if !ok {
			return out.String()
		}
		n := 0
		for n < len(after) && 'a' <= after[n] && after[n] <= 'z' {
			n++
		}
		inner := generate(t, kind(after[:n]), depth-1)
		if strings.ContainsAny(inner, " ?-") {
			inner = "(" + inner + ")"
		}
		out.WriteString(inner)
		shape = after[n:]
	}
}

// TestPendingIsSound holds what an evaluation says without some signals against what it says with them: an answer that is not pending is
// the answer whatever they turn out to be, missing too.
func TestPendingIsSound(t *testing.T) {
	t.Parallel()
	s := probeSetup()
	for _, sig := range s.policy.Signals {
		sig.Lazy = true
	}
	s = newSetup(s.policy, valuesOf(s))
	rapid.Check(t, func(rt *rapid.T) {
		src := generate(rt, kBool, 4)
		if _, diags := s.check(src); diags.HasErrors() {
			rt.Skip("refused")
		}
		e := s.engine(t, src)
		partial, full := s.in, s.in
		partial.Signals, full.Signals = slices.Clone(s.in.Signals), slices.Clone(s.in.Signals)
		for i := range s.policy.Signals {
			if partial.Signals[i] == nil {
				partial.Signals[i], full.Signals[i] = policy.Null{}, policy.Null{}
			}
			switch rapid.IntRange(0, 3).Draw(rt, "state") {
			case 0:
				partial.Signals[i] = nil
			case 1:
				partial.Signals[i], full.Signals[i] = nil, policy.Null{}
			}
		}
		before, after := e.Eval(0, &partial), e.Eval(0, &full)
		switch {
		case after.Truth == plan.Pending:
			rt.Fatalf("%s is pending on %v, though all is known", src, after.Touched)
		case before.Truth == plan.Pending && len(before.Touched) == 0:
			rt.Fatalf("%s is pending on nothing", src)
		case before.Truth != plan.Pending && before.Truth != after.Truth:
			rt.Fatalf("%s is %+v, then %+v", src, before, after)
		}
		for _, i := range before.Touched {
			if partial.Signals[i] != nil {
				rt.Fatalf("%s is pending on %s, which is known", src, s.policy.Signals[i].Name)
			}
		}
	})
}

// valuesOf are the values of a setup's signals, by name.
func valuesOf(s *setup) map[string]policy.Value {
	values := make(map[string]policy.Value)
	for i, sig := range s.policy.Signals {
		values[sig.Name] = s.in.Signals[i]
	}
	return values
}

// FuzzEval looks for expressions and values on which the engine panics, takes long, or makes what is no result.
func FuzzEval(f *testing.F) {
	for _, seed := range []string{
		"i + 1 > 0 || true", "m.?b.?yy.hasValue()", "{'b':1,'a':2}.map(k, k) == l", "s.matches('^h.*o$')", "ts.getHours('America/New_York') > u",
		"{dyn(b'a'): 1} == m", "l.sort() == l.map(e, e / 0)", "'%s %d'.format([x, i]) == s", "cel.bind(a, l + l, a.size() > a[0])", "dyn(m)[x]",
		"[1, 2].transformMapEntry(j, e, {e: x})", "[x, m, l, ts, u].exists(e, e == nan)", "mi[dyn(1.0)]", "type(x)", "optional.of(x).optMap(v, v)",
	} {
		f.Add(seed, int64(3), "a", 0.5)
	}
	s := probeSetup()
	f.Fuzz(func(t *testing.T, src string, n int64, text string, d float64) {
		if len(src) > 2000 {
			return
		}
		if _, diags := s.check(src); diags.HasErrors() {
			return
		}
		e := s.engine(t, src)
		in := s.in
		in.Signals = append([]policy.Value(nil), s.in.Signals...)
		for i, sig := range s.policy.Signals {
			switch sig.Name {
			case "i":
				in.Signals[i] = n
			case "s", "x":
				in.Signals[i] = strings.ToValidUTF8(text, "?")
			case "nan":
				in.Signals[i] = d
			case "u":
				in.Signals[i] = uint64(n)
			case "ts":
				in.Signals[i] = time.Unix(n%253402300799, 0).UTC()
			}
		}
		var r plan.Result
		took := spent.By(func() { r = e.Eval(0, &in) })
		if e.Panics() != 0 {
			t.Fatalf("%q: a panic", src)
		}
		if took > 30*time.Second {
			t.Fatalf("%q took %v", src, took)
		}
		if (r.Fault != nil) != (r.Truth == 0) {
			t.Fatalf("%q: %+v", src, r)
		}
	})
}

// TestMapOrder holds the order of keys against pairs that are easily confused.
func TestMapOrder(t *testing.T) {
	t.Parallel()
	keys := []ref.Val{
		types.False, types.True, types.Double(math.Inf(-1)), types.Int(math.MinInt64), types.Int(-1), types.Int(0), types.Uint(0), types.Int(1), types.Uint(1), types.Double(1.5),
		types.Int(2), types.Int(math.MaxInt64), types.Uint(math.MaxInt64), types.Uint(math.MaxUint64), types.String(""), types.String("A"), types.String("a"), types.String("é"),
	}
	for i, a := range keys {
		for j, b := range keys {
			if got, want := sign(compareKeys(a, b)), sign(i-j); got != want {
				t.Errorf("%s %s: %d, want %d", fmt.Sprint(a), fmt.Sprint(b), got, want)
			}
		}
	}
}

func sign(n int) int { return max(-1, min(1, n)) }
