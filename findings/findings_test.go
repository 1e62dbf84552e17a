package findings_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/findings"
	rung "github.com/rungpolicy/rung/sdk"
)

var update = flag.Bool("update", false, "write what is found into testdata, and the pages into docs, for the diff to be reviewed")

// now is the time of the tests.
var now = time.Date(2026, 6, 30, 23, 59, 59, 0, time.UTC)

// find checks a policy: a text that may lack its policy block.
func find(t *testing.T, text string) diag.List {
	t.Helper()
	return check(t, text).Findings(now)
}

func check(t testing.TB, text string) *rung.Checked {
	t.Helper()
	files := fstest.MapFS{"case.rung.hcl": {Data: []byte(text)}}
	if !strings.Contains(text, "policy \"") {
		files["policy.rung.hcl"] = &fstest.MapFile{Data: []byte("policy \"case\" {\n  language = 1\n}\n")}
	}
	c, err := rung.Read(files)
	if err != nil {
		t.Fatal(err)
	}
	if c.Diagnostics.HasErrors() {
		t.Fatalf("the policy has errors: %v\n%s", c.Diagnostics, text)
	}
	return c
}

// TestCases runs the cases of testdata: of each code five that are found at least, and five that are not.
func TestCases(t *testing.T) {
	t.Parallel()
	for _, kind := range findings.All() {
		find := find
		if kind.Severity == diag.Info {
			find = func(t *testing.T, text string) diag.List {
				t.Helper()
				return check(t, text).Info(kind.Code)
			}
		}
		t.Run(kind.Code, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join("testdata", kind.Code+".txtar")
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			found, clean := 0, 0
			for i, f := range archive.Files {
				what, name, _ := strings.Cut(f.Name, ": ")
				switch what {
				case "found":
					found++
					if i+1 == len(archive.Files) || archive.Files[i+1].Name != "want" {
						t.Fatalf("%s: want does not follow", name)
					}
					runFound(t, kind.Code, name, find(t, string(f.Data)), &archive.Files[i+1])
				case "clean":
					clean++
					if l := find(t, string(f.Data)); len(l) > 0 {
						t.Errorf("%s: there is something to say:\n%v", name, l)
					}
				case "want":
				default:
					t.Fatalf("%s is neither found, want nor clean", f.Name)
				}
			}
			if found < 5 || clean < 5 {
				t.Errorf("%s has %d cases that are found and %d that are not: five each", file, found, clean)
			}
			if *update {
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func runFound(t *testing.T, code, name string, l diag.List, want *txtar.File) {
	t.Helper()
	if !slices.ContainsFunc(l, func(d diag.Diagnostic) bool { return d.Code == code }) {
		t.Errorf("%s: not found", name)
	}
	var got strings.Builder
	for _, d := range l {
		fmt.Fprintf(&got, "%d:%d-%d:%d %s [%s]\n", d.Range.Start.Line, d.Range.Start.Column, d.Range.End.Line, d.Range.End.Column, d.Summary, d.Code)
	}
	if *update {
		want.Data = []byte(got.String())
	}
	if diff := cmp.Diff(string(want.Data), got.String()); diff != "" {
		t.Errorf("%s:\n%s", name, diff)
	}
}

// TestExamples: in the bad example of each finding it is found, and in the good one nothing is.
func TestExamples(t *testing.T) {
	t.Parallel()
	for _, kind := range findings.All() {
		bad, good := find(t, kind.Bad), find(t, kind.Good)
		if kind.Severity == diag.Info {
			bad, good = check(t, kind.Bad).Info(kind.Code), check(t, kind.Good).Info(kind.Code)
		}
		if len(bad) != 1 && kind.Code != "cost" || len(bad) == 0 || bad[0].Code != kind.Code {
			t.Errorf("%s: in the bad example there is %v", kind.Code, bad)
		}
		if len(good) > 0 {
			t.Errorf("%s: in the good example there is %v", kind.Code, good)
		}
		for _, example := range []string{kind.Bad, kind.Good} {
			if form, _ := rung.Format("example.rung.hcl", []byte(example)); string(form) != example {
				t.Errorf("%s: an example is not in canonical form:\n%s", kind.Code, cmp.Diff(example, string(form)))
			}
		}
	}
}

const (
	docs       = "../docs"
	tableBegin = "<!-- findings: made by `make generate` -->\n"
	tableEnd   = "<!-- end -->\n"
)

// TestPages holds the pages of the findings, and the table of them, against the definitions.
func TestPages(t *testing.T) {
	t.Parallel()
	var names []string
	for _, kind := range findings.All() {
		names = append(names, kind.Code+".md")
		holdPage(t, filepath.Join(docs, "diagnostics", kind.Code+".md"), kind.Page())
	}
	all, err := filepath.Glob(filepath.Join(docs, "diagnostics", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range all {
		if !slices.Contains(names, filepath.Base(page)) {
			t.Errorf("%s is of no finding", page)
		}
	}
	page := filepath.Join(docs, "diagnostics.md")
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), tableBegin)
	_, after, ended := strings.Cut(rest, tableEnd)
	if !found || !ended {
		t.Fatalf("%s has no place for the table", page)
	}
	holdPage(t, page, before+tableBegin+findings.Table()+tableEnd+after)
}

func holdPage(t *testing.T, file, want string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Error(err)
	} else if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("%s is not as its definition says (make generate):\n%s", file, diff)
	}
}
