package diag_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/internal/spent"
)

// one returns a source and the diagnostic that underlines what stands between « and » in it.
func one(text string, d diag.Diagnostic) (*diag.Source, diag.Diagnostic) {
	start := strings.Index(text, "«")
	end := strings.Index(text, "»") - len("«")
	src := diag.NewSource("bank.rung.hcl", []byte(strings.NewReplacer("«", "", "»", "").Replace(text)))
	d.Range = src.Span(start, end).Range()
	return src, d
}

func render(t *testing.T, color bool, src *diag.Source, l ...diag.Diagnostic) string {
	t.Helper()
	var b strings.Builder
	find := func(name string) *diag.Source {
		if src != nil && name == src.Name {
			return src
		}
		return nil
	}
	if err := diag.Print(&b, l, find, color); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestPrint(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		d          diag.Diagnostic
		want       string
	}{
		{
			name: "everything", text: "a\nb\n  when = \"resource.«amuont» > 1\"\n",
			d: diag.Diagnostic{Code: "cel-unknown", Summary: "no attribute `amuont`", Detail: "there are amount, currency\nand no more", Suggestion: "amount"},
			want: `
error: no attribute ` + "`amuont`" + ` [cel-unknown]
  --> bank.rung.hcl:3:20
   |
 3 |   when = "resource.amuont > 1"
   |                    ^^^^^^
   = there are amount, currency
     and no more
   = did you mean ` + "`amount`" + `?
`,
		},
		{
			name: "a detail that has the suggestion", text: "«x»", d: diag.Diagnostic{Summary: "s", Detail: "did you mean `y`?", Suggestion: "y"},
			want: "\nerror: s\n  --> bank.rung.hcl:1:1\n   |\n 1 | x\n   | ^\n   = did you mean `y`?\n",
		},
		{
			name: "warning without code", text: "«x»", d: diag.Diagnostic{Severity: diag.Warning, Summary: "odd"},
			want: `
warning: odd
  --> bank.rung.hcl:1:1
   |
 1 | x
   | ^
`,
		},
		{
			name: "tabs", text: "\twhen\t=«\tx»", d: diag.Diagnostic{Severity: diag.Info, Summary: "s"},
			want: `
info: s
  --> bank.rung.hcl:1:8
   |
 1 |     when    =   x
   |              ^^^^
`,
		},
		{
			name: "wide and combining", text: "名e\u0301 = «漢e\u0301🔒» →x", d: diag.Diagnostic{Summary: "s"},
			want: "\nerror: s\n  --> bank.rung.hcl:1:7\n   |\n 1 | 名e\u0301 = 漢e\u0301🔒 →x\n   |       ^^^^^\n",
		},
		{
			name: "an empty range shows its place", text: "ab«»c", d: diag.Diagnostic{Summary: "s"},
			want: "\nerror: s\n  --> bank.rung.hcl:1:3\n   |\n 1 | abc\n   |   ^\n",
		},
		{
			name: "the end of the file", text: "abc\n«»", d: diag.Diagnostic{Summary: "s"},
			want: "\nerror: s\n  --> bank.rung.hcl:2:1\n   |\n 2 |\n   | ^\n",
		},
		{
			name: "a combining mark alone", text: "a«\u0301»", d: diag.Diagnostic{Summary: "s"},
			want: "\nerror: s\n  --> bank.rung.hcl:1:2\n   |\n 1 | a\u0301\n   |  ^\n",
		},
		{
			name: "several lines", text: "rule «{\n    a\n\n  }»\n", d: diag.Diagnostic{Summary: "s"},
			want: `
error: s
  --> bank.rung.hcl:1:6
   |
 1 | rule {
   |      ^
 2 |     a
   |     ^
 3 |
 4 |   }
   |   ^
`,
		},
		{
			name: "many lines, and the end of a line left out", text: "«1\n2\n3\n4\n5\n»6", d: diag.Diagnostic{Summary: "s"},
			want: `
error: s
  --> bank.rung.hcl:1:1
   |
 1 | 1
   | ^
 ...
 5 | 5
   | ^
`,
		},
		{
			name: "what a terminal would obey", text: "a\x1b[31m«b\u202e»\xff", d: diag.Diagnostic{Summary: "x\x1b\ny", Detail: "\x07", Suggestion: "z\x00"},
			want: "\nerror: x\uFFFD y\n  --> bank.rung.hcl:1:7\n   |\n 1 | a\uFFFD[31mb\uFFFD\uFFFD\n   |       ^^\n   = \uFFFD\n   = did you mean `z\uFFFD`?\n",
		},
		{
			name: "a suggestion of several lines", text: "«a»", d: diag.Diagnostic{Summary: "s", Suggestion: "a\n  b\n"},
			want: `
error: s
  --> bank.rung.hcl:1:1
   |
 1 | a
   | ^
   = did you mean
     a
       b
`,
		},
		{
			name: "a long line, cut at both ends", text: strings.Repeat("x", 200) + "«" + "bad" + "»" + strings.Repeat("y", 200), d: diag.Diagnostic{Summary: "s"},
			want: "\nerror: s\n  --> bank.rung.hcl:1:201\n   |\n 1 | …" + strings.Repeat("x", 40) + "bad" + strings.Repeat("y", 67) + "…\n   | " + strings.Repeat(" ", 41) + "^^^\n",
		},
		{
			name: "a long line, cut at its end", text: "«x»" + strings.Repeat("y", 150), d: diag.Diagnostic{Summary: "s"},
			want: "\nerror: s\n  --> bank.rung.hcl:1:1\n   |\n 1 | x" + strings.Repeat("y", 109) + "…\n   | ^\n",
		},
		{
			name: "a long line, cut at its start", text: strings.Repeat("y", 150) + "«x»", d: diag.Diagnostic{Summary: "s"},
			want: "\nerror: s\n  --> bank.rung.hcl:1:151\n   |\n 1 | …" + strings.Repeat("y", 109) + "x\n   | " + strings.Repeat(" ", 110) + "^\n",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			src, d := one(tt.text, tt.d)
			if diff := cmp.Diff(strings.TrimPrefix(tt.want, "\n"), render(t, false, src, d)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestPrintRelatedAndNoSource(t *testing.T) {
	t.Parallel()
	src, d := one(strings.Repeat("\n", 99)+"level «\"mfa\"» {}", diag.Diagnostic{Code: "duplicate", Summary: "two levels are called `mfa`"})
	d.Related = []diag.Related{
		{Message: "the other one", Range: src.Span(0, 0).Range()},
		{Message: "elsewhere", Range: diag.Range{File: "gone.rung.hcl", Start: diag.Pos{Line: 2, Column: 3}, End: diag.Pos{Line: 2, Column: 3}}},
	}
	nowhere := diag.Diagnostic{Summary: "nothing there"}
	want := `error: two levels are called ` + "`mfa`" + ` [duplicate]
   --> bank.rung.hcl:100:7
    |
100 | level "mfa" {}
    |       ^^^^^
    = note: the other one
   --> bank.rung.hcl:1:1
    |
  1 |
    | -
    = note: elsewhere
   --> gone.rung.hcl:2:3

error: nothing there
`
	if diff := cmp.Diff(want, render(t, false, src, d, nowhere)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	var b strings.Builder
	if err := diag.Print(&b, diag.List{d}, nil, false); err != nil || strings.Contains(b.String(), "100 |") {
		t.Errorf("without sources: %v, %q", err, b.String())
	}
}

func TestPrintColor(t *testing.T) {
	t.Parallel()
	src, d := one("«x»", diag.Diagnostic{Code: "c", Summary: "s", Suggestion: "y"})
	want := "\x1b[1;31merror\x1b[0m\x1b[1m: s\x1b[0m [c]\n  \x1b[1;34m--> \x1b[0mbank.rung.hcl:1:1\n  \x1b[1;34m |\x1b[0m\n" +
		"\x1b[1;34m 1 | \x1b[0mx\n  \x1b[1;34m | \x1b[0m\x1b[1;31m^\x1b[0m\n  \x1b[1;34m = \x1b[0mdid you mean \x1b[1;32m`y`\x1b[0m?\n"
	if diff := cmp.Diff(want, render(t, true, src, d)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for s, sgr := range map[diag.Severity]string{diag.Warning: "1;33", diag.Info: "1;36", 9: "1"} {
		if got := render(t, true, nil, diag.Diagnostic{Severity: s}); !strings.HasPrefix(got, "\x1b["+sgr+"m"+s.String()) {
			t.Errorf("%v: %q", s, got)
		}
	}
}

type brokenWriter struct{}

var errBroken = errors.New("broken")

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestPrintReportsTheWriter(t *testing.T) {
	t.Parallel()
	if err := diag.Print(brokenWriter{}, diag.List{{}}, nil, false); !errors.Is(err, errBroken) {
		t.Errorf("got %v", err)
	}
}

// TestPrintLongLine shows that a thousand diagnostics in one line of a megabyte are printed while one waits: the line is taken apart once.
func TestPrintLongLine(t *testing.T) {
	t.Parallel()
	src := diag.NewSource("a.rung.hcl", []byte(strings.Repeat("x", 1<<20)))
	var l diag.List
	for i := range 1000 {
		l.Add(diag.Diagnostic{Summary: "wrong", Range: src.Span(i, i+1).Range()})
	}
	took := spent.By(func() {
		if err := diag.Print(io.Discard, l, func(string) *diag.Source { return src }, false); err != nil {
			t.Fatal(err)
		}
	})
	if took > 20*time.Second {
		t.Error(took)
	}
}
