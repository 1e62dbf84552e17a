package cel

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	exprpb "cel.dev/expr"
	_ "cel.dev/expr/conformance/proto2" // for the textprotos
	_ "cel.dev/expr/conformance/proto3"
	testpb "cel.dev/expr/conformance/test"

	celgo "cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"google.golang.org/protobuf/encoding/prototext"

	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/plan"
)

// TestSuite runs the CEL specification's own test suite. testdata/suite-excluded.txt lists what is not run to its end,
// each row with its reason; a listed test that passes is an error too. Where the suite wants an error of a run, an error
// of the check will do: it comes earlier.
func TestSuite(t *testing.T) {
	t.Parallel()
	excluded := readExcluded(t)
	seen := make(map[string]bool)
	var passed, failed, skipped int
	for _, f := range suiteFiles(t) {
		for _, sec := range f.GetSection() {
			for _, test := range sec.GetTest() {
				name := f.GetName() + "/" + sec.GetName() + "/" + test.GetName()
				problem := runSuiteTest(t, test)
				reason, listed := excluded[name]
				seen[name] = true // some names are there twice
				switch {
				case problem == "" && listed:
					t.Errorf("%s passes: take it off the list (%s)", name, reason)
				case problem == "":
					passed++
				case listed:
					skipped++
				default:
					failed++
					t.Errorf("%s\t%s\n\t%s", name, problem, test.GetExpr())
				}
			}
		}
	}
	for name := range excluded {
		if !seen[name] {
			t.Errorf("%s is listed, but there is no such test", name)
		}
	}
	t.Logf("%d passed, %d failed, %d excluded", passed, failed, skipped)
}

func readExcluded(t *testing.T) map[string]string {
	t.Helper()
	file, err := os.Open("testdata/suite-excluded.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows := make(map[string]string)
	for lines := bufio.NewScanner(file); lines.Scan(); {
		line := lines.Text()
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, reason, ok := strings.Cut(line, "\t")
		if !ok || reason == "" {
			t.Errorf("%q gives no reason", line)
		}
		rows[name] = reason
	}
	return rows
}

// suiteFiles reads the suite out of the module that it comes with.
func suiteFiles(t *testing.T) []*testpb.SimpleTestFile {
	t.Helper()
	dir, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "cel.dev/expr").Output()
	if err != nil {
		t.Fatalf("where is cel.dev/expr: %v", err)
	}
	names, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(dir)), "tests/simple/testdata/*.textproto"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no test files: %v", err)
	}
	var files []*testpb.SimpleTestFile
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		f := new(testpb.SimpleTestFile)
		if err := prototext.Unmarshal(b, f); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		files = append(files, f)
	}
	return files
}

// runSuiteTest says how a test fails; "" if it passes.
func runSuiteTest(t *testing.T, test *testpb.SimpleTest) (problem string) {
	defer func() {
		if p := recover(); p != nil {
			problem = fmt.Sprintf("panic: %v", p)
		}
	}()
	p, values, problem := suiteSetup(test)
	if problem != "" {
		return problem
	}
	s := newSetup(p, values)
	_, wantsError := test.GetResultMatcher().(*testpb.SimpleTest_EvalError)
	c, diags := s.check(test.GetExpr())
	if diags.HasErrors() {
		if wantsError {
			return ""
		}
		return "check: " + diags[0].Summary
	}
	if want := test.GetTypedResult().GetDeducedType(); want != nil {
		if w := policyType(want); w == nil || !w.Equal(c.Root.Node().Type) {
			return fmt.Sprintf("type %v, want %v", c.Root.Node().Type, w)
		}
	}
	if test.GetCheckOnly() {
		return ""
	}
	if _, err := NewEngine(&plan.Plan{Policy: p, Conditions: []*expr.Condition{c}}); err != nil {
		return err.Error()
	}
	got := s.value(t, test.GetExpr())
	if f, ok := got.(*fault); ok {
		if wantsError {
			return ""
		}
		return "error: " + f.msg
	}
	if wantsError {
		return "no error, but " + types.Format(got)
	}
	want := ref.Val(types.True)
	wantValue := test.GetValue()
	if wantValue == nil {
		wantValue = test.GetTypedResult().GetResult()
	}
	if wantValue != nil {
		var err error
		if want, err = celgo.ProtoAsValue(adapter, wantValue); err != nil {
			return err.Error()
		}
	}
	if !same(got, want) {
		return fmt.Sprintf("got %s, want %s", types.Format(got), types.Format(want))
	}
	return ""
}

// suiteSetup declares a test's variables as signals.
func suiteSetup(test *testpb.SimpleTest) (*policy.Policy, map[string]policy.Value, string) {
	p, values := new(policy.Policy), make(map[string]policy.Value)
	declare := func(name string, t *policy.Type) {
		if p.Signal(name) == nil {
			p.Signals = append(p.Signals, &policy.Signal{Name: name, Type: t})
			slices.SortFunc(p.Signals, func(a, b *policy.Signal) int { return strings.Compare(a.Name, b.Name) })
		}
	}
	for _, d := range test.GetTypeEnv() {
		if d.GetFunction() != nil {
			return nil, nil, "declares a function"
		}
		t := policyType(d.GetIdent().GetType())
		if t == nil {
			return nil, nil, "declares protobuf"
		}
		declare(d.GetName(), t)
	}
	for name, v := range test.GetBindings() {
		if v.GetValue() == nil || v.GetValue().GetObjectValue() != nil {
			return nil, nil, "binds an unknown, an error or protobuf"
		}
		val, err := celgo.ProtoAsValue(adapter, v.GetValue())
		if err != nil {
			return nil, nil, err.Error()
		}
		declare(name, policy.Any)
		values[name] = val
	}
	return p, values, ""
}

// policyType is a type of the suite as ours; nil if it is protobuf.
func policyType(t *exprpb.Type) *policy.Type {
	switch k := t.GetTypeKind().(type) {
	case *exprpb.Type_Dyn:
		return policy.Any
	case *exprpb.Type_Null:
		return policy.NullType
	case *exprpb.Type_Primitive:
		return map[exprpb.Type_PrimitiveType]*policy.Type{
			exprpb.Type_BOOL: policy.Bool, exprpb.Type_INT64: policy.Int, exprpb.Type_UINT64: policy.Uint,
			exprpb.Type_DOUBLE: policy.Double, exprpb.Type_STRING: policy.String, exprpb.Type_BYTES: policy.Bytes,
		}[k.Primitive]
	case *exprpb.Type_WellKnown:
		return map[exprpb.Type_WellKnownType]*policy.Type{
			exprpb.Type_TIMESTAMP: policy.Timestamp, exprpb.Type_DURATION: policy.Duration,
		}[k.WellKnown]
	case *exprpb.Type_ListType_:
		if e := policyType(k.ListType.GetElemType()); e != nil {
			return policy.ListOf(e)
		}
	case *exprpb.Type_MapType_:
		key, elem := policyType(k.MapType.GetKeyType()), policyType(k.MapType.GetValueType())
		if key != nil && elem != nil {
			return &policy.Type{Kind: policy.KindMap, Key: key, Elem: elem}
		}
	case *exprpb.Type_Type:
		return &policy.Type{Kind: policy.KindType, Elem: policyType(k.Type)}
	case *exprpb.Type_AbstractType_:
		if ps := k.AbstractType.GetParameterTypes(); k.AbstractType.GetName() == "optional_type" && len(ps) == 1 {
			if e := policyType(ps[0]); e != nil {
				return &policy.Type{Kind: policy.KindOptional, Elem: e}
			}
		}
	}
	return nil
}

// same reports whether two values are the same, types and NaN included.
func same(a, b ref.Val) bool {
	switch a := a.(type) {
	case types.Double:
		b, ok := b.(types.Double)
		return ok && (a == b || math.IsNaN(float64(a)) && math.IsNaN(float64(b)))
	case traits.Lister:
		b, ok := b.(traits.Lister)
		if !ok || sizeOf(a) != sizeOf(b) {
			return false
		}
		for i := range sizeOf(a) {
			if !same(a.Get(types.Int(i)), b.Get(types.Int(i))) {
				return false
			}
		}
		return true
	case traits.Mapper:
		b, ok := b.(traits.Mapper)
		if !ok || sizeOf(a) != sizeOf(b) {
			return false
		}
		for it := a.Iterator(); it.HasNext() == types.True; {
			k := it.Next()
			v, found := b.Find(k)
			if !found || !same(a.Get(k), v) {
				return false
			}
		}
		return true
	case *types.Optional:
		b, ok := b.(*types.Optional)
		if !ok || a.HasValue() != b.HasValue() {
			return false
		}
		return !a.HasValue() || same(a.GetValue(), b.GetValue())
	}
	return a.Type().TypeName() == b.Type().TypeName() && types.Equal(a, b) == types.True
}
