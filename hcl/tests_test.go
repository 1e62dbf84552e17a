package hcl_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/hcl"
	"github.com/rungpolicy/rung/internal/spent"
	"github.com/rungpolicy/rung/policy"
)

// tested is the policy of the tests in testdata/tests.
const tested = `policy "p" {
  language = 1
}
signal "score" {
  type = double
  lazy = true
}
param "limit" {
  type     = double
  default  = 100
  stricter = "lower"
}
posture "high" {
  rank = 1
}
action "pay" {
  level    = "aal1"
  resource = object({ amount = double, note = string, tags = map(any) })
  step_up "large" {
    when  = "resource.amount > param.limit"
    level = "aal2"
  }
}
action "look" {
  level = "none"
}
`

// TestTests reads testdata/tests/*.txtar: as testdata/*.txtar, but test files for the policy above. `cases` are what becomes of them.
func TestTests(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/tests/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}

			for i := range archive.Files {
				f := &archive.Files[i]
				folder, kind, _ := strings.Cut(f.Name, "/")
				if kind != "diagnostics" && kind != "cases" {
					continue
				}
				tests := parseTests(t, archive, folder)
				text := describe(tests.Diagnostics)
				if kind == "cases" {
					text = caseLines(tests.Cases)
				}
				if diff := cmp.Diff(string(f.Data), text); diff != "" && !*update {
					t.Errorf("%s (-want +got):\n%s", f.Name, diff)
				}
				if valid := strings.HasPrefix(folder, "valid"); kind == "diagnostics" && valid != (text == "") {
					t.Errorf("%s: valid cases have no diagnostics, others have", folder)
				}
				f.Data = []byte(text)
			}

			if *update {
				if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func parseTests(t *testing.T, a *txtar.Archive, folder string) *hcl.Tests {
	t.Helper()
	fsys := fstest.MapFS{"p.rung.hcl": {Data: []byte(tested)}}
	for _, f := range a.Files {
		if name, ok := strings.CutPrefix(f.Name, folder+"/"); ok {
			fsys[name] = &fstest.MapFile{Data: f.Data}
		}
	}
	r, err := hcl.Parse(fsys)
	if err != nil || len(r.Diagnostics) > 0 {
		t.Fatal(err, r.Diagnostics)
	}
	before := fmt.Sprint(*r.Policy)
	tests, err := hcl.ParseTests(fsys, r.Policy)
	if err != nil {
		t.Fatal(err)
	}
	if after := fmt.Sprint(*r.Policy); after != before {
		t.Errorf("the policy was changed: %s", after)
	}
	return tests
}

// caseLines writes cases, two lines each: the request, and what is expected.
func caseLines(cases []*hcl.Case) string {
	var b strings.Builder
	for _, c := range cases {
		r := c.Request
		fmt.Fprintf(&b, "%s %s: %s at %s, posture %q\n", c.Range, c.FullName(), r.Action, r.Now.Format(time.RFC3339Nano), r.Posture)
		for i, v := range r.Signals {
			if v != nil {
				fmt.Fprintf(&b, "  %d %s\n", i, valueText(v))
			}
		}
		fmt.Fprintf(&b, "  resource %s params %s\n  expect %s\n", valueText(r.Resource), valueText(r.Params), expectText(&c.Expect))
	}
	return b.String()
}

func valueText(v policy.Value) string {
	switch v := v.(type) {
	case *policy.Object:
		return "object" + valueText(v.Attrs)
	case []policy.Value:
		parts := make([]string, len(v))
		for i, x := range v {
			parts[i] = valueText(x)
		}
		return "[" + strings.Join(parts, " ") + "]"
	case *policy.Map:
		parts := make([]string, len(v.Keys))
		for i, k := range v.Keys {
			parts[i] = k + "=" + valueText(v.Values[i])
		}
		return "map[" + strings.Join(parts, " ") + "]"
	case nil:
		return "-"
	case policy.Null:
		return "null"
	}
	return fmt.Sprint(v)
}

func expectText(e *hcl.Expect) string {
	switch e.Kind {
	case hcl.ExpectAbsent:
		return "null"
	case hcl.ExpectText:
		return fmt.Sprintf("%q", e.Text)
	case hcl.ExpectNumber:
		return fmt.Sprint(e.Number)
	case hcl.ExpectBool:
		return fmt.Sprint(e.Bool)
	case hcl.ExpectList:
		parts := make([]string, len(e.Items))
		for i := range e.Items {
			parts[i] = expectText(&e.Items[i])
		}
		return "[" + strings.Join(parts, " ") + "]"
	}
	parts := make([]string, len(e.Fields))
	for i := range e.Fields {
		parts[i] = e.Fields[i].Name + "=" + expectText(&e.Fields[i].Expect)
	}
	return "{" + strings.Join(parts, " ") + "}"
}

// TestBrokenPolicy: the tests of a policy that has mistakes are read as far as it says what there is, and of what may be in a file that does not parse
// nothing is said.
func TestBrokenPolicy(t *testing.T) {
	t.Parallel()
	fsys := fstest.MapFS{
		"a.rung.hcl":     {Data: []byte(tested)},
		"b.rung.hcl":     {Data: []byte("action \"later\" {")},
		"c.rungtest.hcl": {Data: []byte("test \"t\" {\n  action = \"later\"\n  now = 5\n  expect { effect = \"deny\" }\n}\n")},
	}
	r, err := hcl.Parse(fsys)
	if err != nil {
		t.Fatal(err)
	}
	tests, err := hcl.ParseTests(fsys, r.Policy)
	if err != nil {
		t.Fatal(err)
	}
	if want := "c.rungtest.hcl:3:9 value: a number stands where text belongs\n  text stands in quotes\n"; describe(tests.Diagnostics) != want {
		t.Errorf("got\n%s\nwant\n%s", describe(tests.Diagnostics), want)
	}
}

// TestTestFiles: files may be named, and none is none; one that is named and not there is an error.
func TestTestFiles(t *testing.T) {
	t.Parallel()
	file := &fstest.MapFile{Data: []byte("test \"t\" {\n  action = \"pay\"\n  expect { effect = \"deny\" }\n}\n")}
	fsys := fstest.MapFS{"p.rung.hcl": {Data: []byte(tested)}, "a.rungtest.hcl": file, "b.rungtest.hcl": file, "sub/c.rungtest.hcl": file}
	r, err := hcl.Parse(fsys)
	if err != nil {
		t.Fatal(err)
	}
	all, err := hcl.ParseTests(fsys, r.Policy)
	if err != nil || len(all.Sources) != 2 || len(all.Diagnostics) != 1 {
		t.Errorf("all: %v, %v", all, err)
	}
	one, err := hcl.ParseTests(fsys, r.Policy, "sub/c.rungtest.hcl")
	if err != nil || len(one.Cases) != 1 || len(one.Diagnostics) != 0 {
		t.Errorf("one: %v, %v", one, err)
	}
	none, err := hcl.ParseTests(fstest.MapFS{}, r.Policy)
	if err != nil || len(none.Cases)+len(none.Diagnostics) != 0 {
		t.Errorf("none: %v, %v", none, err)
	}
	if _, err := hcl.ParseTests(fsys, r.Policy, "d.rungtest.hcl"); err == nil {
		t.Error("a file that is not there is no error")
	}
}

// TestManyValues: a file of some kilobytes can ask for any number of values, by fixtures that are used again and again.
func TestManyValues(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("fixture \"f\" {\n  signals = {\n    subject = { groups = [" + strings.Repeat("\"g\", ", 9000) + "] }\n  }\n}\n")
	b.WriteString("test \"t\" {\n  action = \"look\"\n  uses = [" + strings.Repeat("\"f\", ", 50) + "]\n  expect { effect = \"allow\" }\n")
	for i := range 10_000 {
		fmt.Fprintf(&b, "  case \"%d\" {}\n", i)
	}
	b.WriteString("}\n")
	fsys := fstest.MapFS{"p.rung.hcl": {Data: []byte(tested)}, "t.rungtest.hcl": {Data: []byte(b.String())}}
	r, err := hcl.Parse(fsys)
	if err != nil {
		t.Fatal(err)
	}
	tests, err := hcl.ParseTests(fsys, r.Policy)
	if err != nil {
		t.Fatal(err)
	}
	if len(tests.Diagnostics) != 1 || tests.Diagnostics[0].Code != "limit" || len(tests.Cases) < 100 || len(tests.Cases) > 500 {
		t.Errorf("%d cases, %v", len(tests.Cases), tests.Diagnostics)
	}
	// And a deep or wide object costs what it has, not its square.
	wide := new(strings.Builder)
	for i := range 20_000 {
		fmt.Fprintf(wide, "a%d = 1, ", i)
	}
	text := "fixture \"f\" {\n  signals = { subject = { attributes = { " + wide.String() + "} } }\n}\ntest \"t\" {\n  action = \"look\"\n  uses = [\"f\", \"f\", \"f\", \"f\"]\n  expect { effect = \"allow\" }\n}\n"
	fsys["t.rungtest.hcl"] = &fstest.MapFile{Data: []byte(text)}
	took := spent.By(func() { tests, err = hcl.ParseTests(fsys, r.Policy) })
	if err != nil || len(tests.Diagnostics) != 1 { // more entries than the type allows
		t.Fatal(err, tests.Diagnostics)
	}
	if took > 20*time.Second {
		t.Errorf("a wide object took %s", took)
	}
}

// describe is what [diagnose] prints, of diagnostics.
func describe(l diag.List) string {
	var b strings.Builder
	for _, d := range l {
		fmt.Fprintf(&b, "%s %s: %s\n", d.Range, d.Code, d.Summary)
		if d.Detail != "" {
			fmt.Fprintf(&b, "  %s\n", d.Detail)
		}
		if d.Suggestion != "" {
			fmt.Fprintf(&b, "  suggestion: %s\n", d.Suggestion)
		}
		for _, rel := range d.Related {
			fmt.Fprintf(&b, "  %s: %s\n", rel.Range, rel.Message)
		}
	}
	return b.String()
}
