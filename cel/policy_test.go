package cel_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/rungpolicy/rung/cel"
	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/hcl"
)

// TestPolicies checks the policies of testdata/policies and holds the diagnostics against the last file of each.
func TestPolicies(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/policies/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			files := fstest.MapFS{}
			want := &archive.Files[len(archive.Files)-1]
			for _, f := range archive.Files[:len(archive.Files)-1] {
				files[f.Name] = &fstest.MapFile{Data: f.Data}
			}
			parsed, err := hcl.Parse(files)
			if err != nil {
				t.Fatal(err)
			}
			_, diags := cel.Check(parsed.Policy)
			got := lines(append(parsed.Diagnostics, diags...))
			if flag.Lookup("update").Value.String() == "true" {
				want.Data = []byte(got)
				if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if d := cmp.Diff(string(want.Data), got); d != "" {
				t.Error(d)
			}
		})
	}
}

func lines(diags diag.List) string {
	var b strings.Builder
	for _, d := range diags {
		fmt.Fprintf(&b, "%d:%d-%d:%d %s: %s", d.Range.Start.Line, d.Range.Start.Column, d.Range.End.Line, d.Range.End.Column, d.Code, d.Summary)
		if d.Detail != "" {
			b.WriteString("; " + d.Detail)
		}
		if d.Suggestion != "" {
			b.WriteString(" [" + d.Suggestion + "]")
		}
		b.WriteString("\n")
		for _, r := range d.Related {
			fmt.Fprintf(&b, "    %d:%d %s\n", r.Start.Line, r.Start.Column, r.Message)
		}
	}
	return b.String()
}
