package hcl_test

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/rungpolicy/rung/hcl"
)

var update = flag.Bool("update", false, "write the diagnostics that come out into testdata")

// TestBlocks parses testdata/*.txtar. A file there has several cases, each a folder: policy files, and `diagnostics`, one a line:
// place, code, summary, then after two spaces the detail, the suggestion and the related places. In every case but those of policy.txtar
// there is a policy block, in a file of its own.
func TestBlocks(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			changed := false
			for _, c := range cases(archive) {
				if filepath.Base(name) != "policy.txtar" {
					c.files["zz.rung.hcl"] = &fstest.MapFile{Data: []byte("policy \"p\" {\n  language = 1\n}\n")}
				}
				got := diagnose(t, c.files)
				if *update && got != string(c.want.Data) {
					c.want.Data, changed = []byte(got), true
					continue
				}
				if diff := cmp.Diff(string(c.want.Data), got); diff != "" {
					t.Errorf("%s: diagnostics (-want +got):\n%s", c.name, diff)
				}
				valid := strings.HasPrefix(c.name, "valid")
				if valid != (len(c.want.Data) == 0) {
					t.Errorf("%s: valid cases have no diagnostics, others have", c.name)
				}
			}
			if changed {
				if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

type testCase struct {
	name  string
	files fstest.MapFS
	want  *txtar.File
}

func cases(a *txtar.Archive) []testCase {
	var list []testCase
	for i := range a.Files {
		folder, name, _ := strings.Cut(a.Files[i].Name, "/")
		if len(list) == 0 || list[len(list)-1].name != folder {
			list = append(list, testCase{name: folder, files: fstest.MapFS{}, want: &txtar.File{}})
		}
		c := &list[len(list)-1]
		if name == "diagnostics" {
			c.want = &a.Files[i]
			continue
		}
		c.files[name] = &fstest.MapFile{Data: a.Files[i].Data}
	}
	return list
}

// diagnose parses a folder and writes its diagnostics.
func diagnose(t *testing.T, fsys fs.FS) string {
	t.Helper()
	r, err := hcl.Parse(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return describe(r.Diagnostics)
}

func TestEveryBlockHasCases(t *testing.T) {
	t.Parallel()
	for _, k := range hcl.Blocks() {
		a, err := txtar.ParseFile("testdata/" + k.Type + ".txtar")
		if err != nil {
			t.Errorf("the block %s has no cases: %v", k.Type, err)
			continue
		}
		has := func(valid bool) bool {
			return slices.ContainsFunc(cases(a), func(c testCase) bool { return strings.HasPrefix(c.name, "valid") == valid })
		}
		if !has(true) || !has(false) {
			t.Errorf("testdata/%s.txtar needs a case whose name begins with valid, and one whose does not", k.Type)
		}
		if k.Doc == "" {
			t.Errorf("the block %s has no doc", k.Type)
		}
		for _, a := range k.Attrs {
			if a.Doc == "" || a.Form == "" {
				t.Errorf("the attribute %s of %s has no doc or form", a.Name, k.Type)
			}
		}
	}
}

func TestParseFilesThatAreNotThere(t *testing.T) {
	t.Parallel()
	r, err := hcl.Parse(fstest.MapFS{})
	if !errors.Is(err, hcl.ErrNoFiles) || r == nil || r.Policy == nil {
		t.Errorf("empty folder: %v, %v", r, err)
	}
	r, err = hcl.Parse(fstest.MapFS{}, "a.rung.hcl")
	if !errors.Is(err, fs.ErrNotExist) || r == nil || r.Policy == nil {
		t.Errorf("no such file: %v, %v", r, err)
	}
}

// TestSuggestionsEnd shows that where nearly all names are wrong, only the first get a suggestion: the time is that of reading them.
func TestSuggestionsEnd(t *testing.T) {
	t.Parallel()
	var b, list strings.Builder
	b.WriteString("policy \"p\" { language = 1 }\n")
	word := strings.Repeat("a", 35)
	for i := range 1000 {
		fmt.Fprintf(&b, "action %q { level = \"none\" }\n", word+strconv.Itoa(i))
		fmt.Fprintf(&list, "%q,\n", "b"+word+"x"+strconv.Itoa(i))
	}
	b.WriteString("deny \"d\" {\n  actions = [\n" + list.String() + "]\n}\n")
	r, err := hcl.Parse(fstest.MapFS{"p.rung.hcl": &fstest.MapFile{Data: []byte(b.String())}})
	if err != nil {
		t.Fatal(err)
	}
	suggested := 0
	for _, d := range r.Diagnostics {
		if d.Suggestion != "" {
			suggested++
		}
	}
	if len(r.Diagnostics) < 1000 || suggested == 0 || suggested > 50 {
		t.Error(len(r.Diagnostics), suggested)
	}
}
