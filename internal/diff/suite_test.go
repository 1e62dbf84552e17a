package diff

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	exprpb "cel.dev/expr"
	_ "cel.dev/expr/conformance/proto2" // for the textprotos
	_ "cel.dev/expr/conformance/proto3"
	testpb "cel.dev/expr/conformance/test"

	celgo "cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"google.golang.org/protobuf/encoding/prototext"

	"github.com/rungpolicy/rung/cel"
	"github.com/rungpolicy/rung/cel/ext"
	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/plan"
	"github.com/rungpolicy/rung/wasm"
)

// The CEL specification's own suite, through modules. A test is a rule of an action: `deny`, where what the suite's expression comes to is what it should. So all engines answer, and a
// hundred tests are one module. Each is tried as it is written, and once more with its literals lifted: they become attributes of the request, so that nothing can be folded.

// suiteTest is a test of the suite as a condition.
type suiteTest struct {
	name string
	// condition is true where the expression comes to what it should; fails says that it should fail.
	condition string
	fails     bool
	signals   []*policy.Signal
	values    []policy.Value
}

// TestSuite runs all tests that the native engine passes. testdata/suite-excluded.txt lists what is not run to its end, each row with its reason: it only gets shorter.
func TestSuite(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("some thousand conditions on four engines")
	}
	for _, lifted := range []bool{false, true} {
		t.Run(map[bool]string{false: "plain", true: "lifted"}[lifted], func(t *testing.T) {
			t.Parallel()
			runSuite(t, lifted)
		})
	}
}

func runSuite(t *testing.T, lifted bool) {
	t.Helper()
	var node *Node
	if n, err := StartNode("."); err == nil {
		node = n
		defer func() { _ = node.Close() }()
	}
	file := "testdata/suite-excluded.txt"
	excluded := rows(t, file)
	native := rows(t, "../../cel/testdata/suite-excluded.txt")
	var batch []*suiteTest
	s := &suite{t: t, node: node, excluded: excluded, lifted: lifted, seen: map[string]bool{}}
	for _, test := range suiteTests(t, native, lifted) {
		if len(test.signals) > 0 && !lifted || test.signals != nil && dotted(test) {
			s.run([]*suiteTest{test})
			continue
		}
		if batch = append(batch, test); len(batch) == 64 {
			s.run(batch)
			batch = nil
		}
	}
	s.run(batch)
	if !lifted {
		for name := range excluded {
			if name, plain := strings.CutPrefix(name, "plain "); plain && !s.seen[name] {
				t.Errorf("%s is listed, but there is no such test", name)
			}
		}
	}
	t.Logf("%d pass on each engine, %d are excluded; V8: %v", s.passed, s.skipped, node != nil)
}

func dotted(test *suiteTest) bool {
	return slices.ContainsFunc(test.signals, func(s *policy.Signal) bool { return !strings.HasPrefix(s.Name, "lit_") })
}

// suite is a run under way.
type suite struct {
	t               *testing.T
	node            *Node
	excluded        map[string]string
	lifted          bool
	seen            map[string]bool
	passed, skipped int
}

// run runs some tests as one module.
func (s *suite) run(batch []*suiteTest) {
	if len(batch) == 0 {
		return
	}
	b, refused := assemble(batch)
	var all [][]string
	var requests []*policy.Request
	for i, test := range batch {
		r := &policy.Request{Action: action(i), Signals: make([]policy.Value, len(b.policy.Signals))}
		r.HasNow = true
		for k, sig := range test.signals {
			if at := b.policy.SignalIndex(sig.Name); at >= 0 {
				r.Signals[at] = test.values[k]
			}
		}
		requests = append(requests, r)
		if refused[i] == "" {
			all = append(all, b.answers(r))
		} else {
			all = append(all, nil)
		}
	}
	if s.node != nil && len(b.Module) > 0 {
		fromNode, err := s.node.decide(b, requests)
		if err != nil {
			s.t.Fatal(err)
		}
		for i, text := range fromNode {
			if all[i] != nil && same(all[i][0], text) {
				text = all[i][0]
			}
			all[i] = append(all[i], text)
		}
	}
	for i, test := range batch {
		problem := refused[i]
		if problem == "" {
			problem = judgement(test, all[i])
		}
		s.verdict(test, problem)
	}
	b.Close()
}

// judgement says how a test fails; "" if it passes on all engines.
func judgement(test *suiteTest, answers []string) string {
	for i, a := range answers {
		switch {
		case a != answers[0]:
			return engines[i] + ": " + a + ", native: " + answers[0]
		case test.fails && !strings.Contains(a, `"indeterminate"`):
			return "no error"
		case !test.fails && (strings.Contains(a, `"indeterminate"`) || !strings.HasPrefix(a, `{"effect":"deny"`)):
			return "another value, or an error: " + a
		}
	}
	return ""
}

func (s *suite) verdict(test *suiteTest, problem string) {
	kind := "plain "
	if s.lifted {
		kind = "lifted "
	}
	s.seen[test.name] = true
	reason, listed := s.excluded[kind+test.name]
	switch {
	case problem == "" && listed:
		s.t.Errorf("%s%s passes: take it off the list (%s)", kind, test.name, reason)
	case problem == "":
		s.passed++
	case listed:
		s.skipped++
	default:
		s.t.Errorf("%s%s\t%s\n\t%s", kind, test.name, problem, test.condition)
	}
}

func action(i int) string { return fmt.Sprintf("a%03d", i) }

// assemble makes a policy of some tests; refused says of each that could not be a part of it why.
func assemble(batch []*suiteTest) (b *Built, refused []string) {
	p := &policy.Policy{Name: "suite", Digest: "sha256:00", Signals: policy.StandardSignals()}
	for _, test := range batch {
		p.Signals = slices.DeleteFunc(p.Signals, func(s *policy.Signal) bool {
			return slices.ContainsFunc(test.signals, func(own *policy.Signal) bool { return own.Name == s.Name })
		})
		p.Signals = append(p.Signals, test.signals...)
	}
	slices.SortFunc(p.Signals, func(a, b *policy.Signal) int { return strings.Compare(a.Name, b.Name) })
	env := cel.NewEnv(p)
	conditions := &expr.Conditions{When: map[expr.Use]int{}}
	refused = make([]string, len(batch))
	for i, test := range batch {
		a := &policy.Action{Name: action(i)}
		r := &policy.Rule{ID: a.Name + "/r", Name: "r", Effect: policy.Deny, Actions: []*policy.Action{a}}
		c, found := env.Check(source(test.condition), nil)
		p.Actions = append(p.Actions, a)
		if found.HasErrors() {
			refused[i] = "check: " + found[0].Summary
			continue
		}
		p.Rules = append(p.Rules, r)
		conditions.When[expr.Use{Rule: r, Action: a}] = len(conditions.All)
		conditions.All = append(conditions.All, c)
	}
	b = &Built{policy: p, plan: plan.Build(p, conditions)}
	var err error
	if b.native, err = cel.NewEngine(b.plan); err != nil {
		return b, all(refused, err)
	}
	m, err := wasm.Compile(b.plan, wasm.Options{})
	if err != nil && len(batch) > 1 {
		return apart(batch)
	}
	if err != nil {
		return b, all(refused, err)
	}
	b.Module = m.Bytes
	if err := b.open(); err != nil {
		return b, all(refused, err)
	}
	return b, refused
}

// apart assembles those tests that a module can be made of.
func apart(batch []*suiteTest) (*Built, []string) {
	refused := make([]string, len(batch))
	fine := slices.Clone(batch)
	for i, test := range batch {
		b, bad := assemble([]*suiteTest{test})
		b.Close()
		if refused[i] = bad[0]; bad[0] != "" {
			fine[i] = &suiteTest{name: test.name, condition: "true"}
		}
	}
	b, again := assemble(fine)
	for i, why := range again {
		if refused[i] == "" {
			refused[i] = why
		}
	}
	return b, refused
}

func all(refused []string, err error) []string {
	for i := range refused {
		if refused[i] == "" {
			refused[i] = err.Error()
		}
	}
	return refused
}

func source(text string) *policy.Text {
	s := diag.NewSource("suite.rung.hcl", []byte(text))
	return &policy.Text{Value: text, Span: s.Span(0, len(text)), Segments: []policy.Segment{{Value: 0, File: 0, End: len(text)}}}
}

// rows reads a list of names, each with a reason.
func rows(t *testing.T, file string) map[string]string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, reason, ok := strings.Cut(line, "\t")
		if !ok || reason == "" {
			t.Errorf("%s: %q gives no reason", file, line)
		}
		out[name] = reason
	}
	return out
}

// suiteFiles reads the suite out of the module that it comes with.
var suiteFiles = sync.OnceValues(func() ([]*testpb.SimpleTestFile, error) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "cel.dev/expr").Output()
	if err != nil {
		return nil, fmt.Errorf("where is cel.dev/expr: %w", err)
	}
	names, err := filepath.Glob(filepath.Join(string(bytes.TrimSpace(dir)), "tests/simple/testdata/*.textproto"))
	if err != nil {
		return nil, err
	}
	var files []*testpb.SimpleTestFile
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		f := new(testpb.SimpleTestFile)
		if err := prototext.Unmarshal(b, f); err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
})

// suiteTests are those that the native engine passes, and that are of a value: what only the checker is asked, and what it refuses, is no matter of modules.
func suiteTests(t *testing.T, native map[string]string, lifted bool) []*suiteTest {
	t.Helper()
	files, err := suiteFiles()
	if err != nil {
		t.Fatal(err)
	}
	var out []*suiteTest
	checked := 0
	for _, f := range files {
		for _, section := range f.GetSection() {
			for _, test := range section.GetTest() {
				name := f.GetName() + "/" + section.GetName() + "/" + test.GetName()
				if _, no := native[name]; no {
					continue
				}
				st := newSuiteTest(t, name, test)
				if st == nil {
					checked++
					continue
				}
				if lifted {
					st.lift(t, len(out))
				}
				out = append(out, st)
			}
		}
	}
	t.Logf("%d tests; of %d more the checker has the last word", len(out), checked)
	return out
}

// newSuiteTest makes a condition of a test; nil if it is decided before there is a module.
func newSuiteTest(t *testing.T, name string, test *testpb.SimpleTest) *suiteTest {
	t.Helper()
	out := &suiteTest{name: name}
	body := test.GetExpr()
	for _, d := range test.GetTypeEnv() {
		if typ := typeOf(d.GetIdent().GetType()); typ != nil {
			out.signals = append(out.signals, &policy.Signal{Name: d.GetName(), Type: typ})
			out.values = append(out.values, nil)
		}
	}
	for name, v := range test.GetBindings() {
		val, err := celgo.ProtoAsValue(types.DefaultTypeAdapter, v.GetValue())
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(out.signals, func(s *policy.Signal) bool { return s.Name == name })
		simple, typ := valueOf(val)
		if i < 0 && !strings.Contains(name, ".") {
			body = "cel.bind(" + name + ", dyn(" + literal(val) + "), " + body + ")"
			continue
		}
		if simple == nil && strings.Contains(name, ".") {
			simple = mapOf(val)
		}
		if i < 0 {
			out.signals, out.values = append(out.signals, &policy.Signal{Name: name, Type: typ}), append(out.values, simple)
			continue
		}
		out.values[i] = simple
		if simple == nil { // a list or map, of a type that is declared
			out.signals, out.values = slices.Delete(out.signals, i, i+1), slices.Delete(out.values, i, i+1)
			body = "cel.bind(" + name + ", " + literal(val) + ", " + body + ")"
		}
	}
	env := &policy.Policy{Signals: slices.Clone(out.signals)}
	slices.SortFunc(env.Signals, func(a, b *policy.Signal) int { return strings.Compare(a.Name, b.Name) })
	_, found := cel.NewEnv(env).Check(source(test.GetExpr()), nil)
	_, out.fails = test.GetResultMatcher().(*testpb.SimpleTest_EvalError)
	if test.GetCheckOnly() || found.HasErrors() && out.fails {
		return nil
	}
	out.condition = body
	out.expect(t, test)
	return out
}

// expect makes the expression a condition on its value.
func (s *suiteTest) expect(t *testing.T, test *testpb.SimpleTest) {
	t.Helper()
	if s.fails {
		s.condition = "type(dyn(" + s.condition + ")) == type"
		return
	}
	want := test.GetValue()
	if want == nil {
		want = test.GetTypedResult().GetResult()
	}
	if want == nil {
		want = &exprpb.Value{Kind: &exprpb.Value_BoolValue{BoolValue: true}}
	}
	val, err := celgo.ProtoAsValue(types.DefaultTypeAdapter, want)
	if err != nil {
		t.Fatalf("%s: %v", s.name, err)
	}
	if d, ok := val.(types.Double); ok && math.IsNaN(float64(d)) {
		s.condition = "cel.bind(r_, dyn(" + s.condition + "), type(r_) == double && r_ != r_)"
		return
	}
	s.condition = "cel.bind(r_, dyn(" + s.condition + "), type(r_) == type(" + literal(val) + ") && r_ == dyn(" + literal(val) + "))"
}

// typeOf is a type of the suite that signals may have; nil if it is none.
func typeOf(t *exprpb.Type) *policy.Type {
	switch k := t.GetTypeKind().(type) {
	case *exprpb.Type_Dyn:
		return policy.Any
	case *exprpb.Type_Primitive:
		return map[exprpb.Type_PrimitiveType]*policy.Type{
			exprpb.Type_BOOL: policy.Bool, exprpb.Type_INT64: policy.Int, exprpb.Type_UINT64: policy.Uint,
			exprpb.Type_DOUBLE: policy.Double, exprpb.Type_STRING: policy.String, exprpb.Type_BYTES: policy.Bytes,
		}[k.Primitive]
	case *exprpb.Type_WellKnown:
		return map[exprpb.Type_WellKnownType]*policy.Type{exprpb.Type_TIMESTAMP: policy.Timestamp, exprpb.Type_DURATION: policy.Duration}[k.WellKnown]
	case *exprpb.Type_ListType_:
		if e := typeOf(k.ListType.GetElemType()); e != nil {
			return policy.ListOf(e)
		}
	case *exprpb.Type_MapType_:
		if e := typeOf(k.MapType.GetValueType()); e != nil {
			key := typeOf(k.MapType.GetKeyType())
			return &policy.Type{Kind: policy.KindMap, Key: key, Elem: e, Max: policy.DefaultMax}
		}
	}
	return nil
}

// valueOf is a simple value as a request has it, and its type; nil if it is not simple.
func valueOf(v ref.Val) (policy.Value, *policy.Type) {
	switch v := v.(type) {
	case types.Bool:
		return bool(v), policy.Bool
	case types.Int:
		return int64(v), policy.Int
	case types.Uint:
		return uint64(v), policy.Uint
	case types.Double:
		return float64(v), policy.Double
	case types.String:
		return string(v), policy.String
	case types.Bytes:
		return []byte(v), policy.Bytes
	case types.Timestamp:
		return v.UTC(), policy.Timestamp
	case types.Duration:
		return v.Duration, policy.Duration
	}
	return nil, policy.Any
}

// mapOf is a map with simple values as a request has it; nil if it is none.
func mapOf(v ref.Val) policy.Value {
	m, ok := v.(traits.Mapper)
	if !ok {
		return nil
	}
	out := map[string]policy.Value{}
	for it := m.Iterator(); it.HasNext() == types.True; {
		key := it.Next()
		out[fmt.Sprint(key.Value())], _ = valueOf(m.Get(key))
	}
	return policy.NewMap(out)
}

// literal writes a value in CEL.
func literal(v ref.Val) string {
	switch v := v.(type) {
	case types.Double:
		switch {
		case math.IsNaN(float64(v)):
			return "(0.0 / 0.0)"
		case math.IsInf(float64(v), 0):
			return fmt.Sprintf("(%d.0 / 0.0)", int(math.Copysign(1, float64(v))))
		}
		s := strconv.FormatFloat(float64(v), 'g', -1, 64)
		if !strings.ContainsAny(s, ".e") {
			s += ".0"
		}
		return s
	case types.Timestamp:
		return "timestamp('" + v.UTC().Format("2006-01-02T15:04:05.999999999Z07:00") + "')"
	case types.Duration:
		return "duration('" + v.Duration.String() + "')"
	case types.Bytes:
		var b strings.Builder
		for _, c := range []byte(v) {
			fmt.Fprintf(&b, `\x%02x`, c)
		}
		return "b'" + b.String() + "'"
	case *types.Type:
		return v.TypeName()
	}
	return types.Format(v)
}

// unlifted are the functions of whose operands the last is a constant: a pattern, a zone.
func unlifted(function string) bool {
	return function == "matches" || strings.HasPrefix(function, "regex.") || strings.HasPrefix(function, "get")
}

// lift puts attributes of the request in the place of the literals of the condition.
func (s *suiteTest) lift(t *testing.T, number int) {
	t.Helper()
	env, err := celgo.NewEnv(ext.Options()...)
	if err != nil {
		t.Fatal(err)
	}
	parsed, issues := env.Parse(s.condition)
	if issues.Err() != nil {
		return // a form that only rung's parser takes
	}
	native := parsed.NativeRep()
	kept := map[int64]bool{}
	type place struct {
		from, to int
		value    ref.Val
	}
	var places []place
	text := []rune(s.condition)
	ast.PostOrderVisit(native.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() == ast.CallKind && unlifted(e.AsCall().FunctionName()) {
			for _, a := range e.AsCall().Args() {
				kept[a.ID()] = true
			}
		}
	}))
	ast.PostOrderVisit(native.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.LiteralKind || kept[e.ID()] {
			return
		}
		r, ok := native.SourceInfo().GetOffsetRange(e.ID())
		from, to := int(r.Start), min(int(r.Stop), len(text))
		if value, _ := valueOf(e.AsLiteral()); !ok || from >= to || value == nil {
			return
		}
		for ; to > from; to-- { // a range may be too long, where there are characters of several bytes
			if one, bad := env.Parse(string(text[from:to])); bad.Err() == nil && one.NativeRep().Expr().Kind() == ast.LiteralKind &&
				types.Equal(one.NativeRep().Expr().AsLiteral(), e.AsLiteral()) == types.True && strings.TrimSpace(string(text[from:to])) == string(text[from:to]) {
				break
			}
		}
		if to > from && !slices.ContainsFunc(places, func(p place) bool { return p.from == from }) {
			places = append(places, place{from, to, e.AsLiteral()})
		}
	}))
	slices.SortFunc(places, func(a, b place) int { return b.from - a.from })
	for i, p := range places {
		value, typ := valueOf(p.value)
		if text, ok := value.(string); ok && len(text) > policy.MaxStringBytes {
			continue
		}
		name := fmt.Sprintf("lit_%04d_%d", number, i)
		s.signals, s.values = append(s.signals, &policy.Signal{Name: name, Type: typ}), append(s.values, value)
		text = slices.Replace(text, p.from, p.to, []rune(name)...)
	}
	s.condition = string(text)
}
