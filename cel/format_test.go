package cel

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/rungpolicy/rung/internal/gen"
	"github.com/rungpolicy/rung/internal/spent"
	"github.com/rungpolicy/rung/policy"
)

// TestFormat lays out the cases of testdata/format.txtar: `name` is as an author writes it, `name.out` the canonical form.
func TestFormat(t *testing.T) {
	t.Parallel()
	const file = "testdata/format.txtar"
	golden, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(golden.Files); i += 2 {
		in, want := golden.Files[i], &golden.Files[i+1]
		if want.Name != in.Name+".out" {
			t.Fatalf("%s stands behind %s", want.Name, in.Name)
		}
		out := checkForm(t, string(in.Data), Layout{})
		if *update {
			want.Data = []byte(out + "\n")
		} else if out+"\n" != string(want.Data) {
			t.Errorf("%s:\n%s\nwant\n%s", in.Name, out, want.Data)
		}
	}
	if *update {
		if err := os.WriteFile(file, txtar.Format(golden), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// checkForm formats a text that parses, and checks what holds of every form. It returns the form.
func checkForm(t *testing.T, src string, l Layout) string {
	t.Helper()
	out := format(src, l)
	if !sameWords(src, out) {
		t.Fatalf("the words of\n%s\nare not those of\n%s", src, out)
	}
	if len(out) > policy.MaxConditionBytes {
		return out
	}
	if again, diags := Format(fileOf(out), l); len(diags) > 0 || again != out {
		t.Fatalf("%s\nis formatted to\n%s\nand then to\n%s\n%v", src, out, again, diags)
	}
	a, errA := parse(fileOf(src))
	b, errB := parse(fileOf(out))
	if errA != nil || errB != nil || !sameTree(a, b) {
		t.Fatalf("the tree of\n%s\nis not that of\n%s", src, out)
	}
	quotes := strings.ContainsAny(src, "'\"")
	for line := range strings.Lines(out) {
		line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
		if !quotes && strings.TrimRight(line, " \t\r") != line {
			t.Fatalf("%q ends in white space, in\n%s", line, out)
		}
	}
	return out
}

// sameTree reports whether two trees differ in places alone.
func sameTree(a, b *node) bool {
	if a.kind != b.kind || a.name != b.name || a.optional != b.optional || len(a.kids) != len(b.kids) || fmt.Sprint(a.optionals) != fmt.Sprint(b.optionals) {
		return false
	}
	if (a.value == nil) != (b.value == nil) || a.value != nil && (a.value.Type() != b.value.Type() || fmt.Sprintf("%#v", a.value) != fmt.Sprintf("%#v", b.value)) {
		return false
	}
	for i := range a.kids {
		if !sameTree(a.kids[i], b.kids[i]) {
			return false
		}
	}
	return true
}

// sprinkled puts white space and comments between the words of a text.
func sprinkled(s *gen.Source, src string) string {
	words, _ := split(src)
	var b strings.Builder
	for i, w := range words {
		if i > 0 && w.start > words[i-1].end {
			b.WriteString(" ")
		}
		for s.Chance(6) {
			fmt.Fprintf(&b, "%s// %d%s", gen.Pick(s, "", " ", "\n", "\n\n  "), s.N(256), gen.Pick(s, "\n", " \r\n", "\n\n\n", "\n\t"))
		}
		b.WriteString(gen.Pick(s, "", "", "", " ", "\n", "\t\r\n"))
		b.WriteString(w.text)
	}
	return b.String()
}

// TestFormatGenerated formats conditions drawn at random, with comments between their words and without, at several widths.
func TestFormatGenerated(t *testing.T) {
	t.Parallel()
	broken, commented := 0, 0
	for seed := range uint64(200) {
		m := gen.NewModel(gen.Seeded(seed))
		s := gen.Seeded(seed)
		var texts []string
		for _, l := range m.Lets {
			texts = append(texts, l.Expr.String())
		}
		for _, r := range m.Rules {
			if r.When != nil {
				texts = append(texts, r.When.String())
			}
		}
		for _, src := range texts {
			if _, err := parse(fileOf(src)); err != nil {
				continue
			}
			for _, l := range []Layout{{}, {Width: 30}, {Width: -1}, {Newline: "\r\n"}} {
				out := checkForm(t, src, l)
				if l.Width >= 0 && strings.Contains(out, "\n") {
					broken++
				}
				if mixed := sprinkled(s, src); checkForm(t, mixed, l) != out {
					commented++
				}
			}
		}
	}
	if broken < 500 || commented < 5000 {
		t.Errorf("of the texts only %d were broken and %d had comments", broken, commented)
	}
}

// TestFormatDeclines holds what is not formatted.
func TestFormatDeclines(t *testing.T) {
	t.Parallel()
	if out, diags := Format(fileOf("a &&"), Layout{}); out != "" || !diags.HasErrors() || diags[0].Code != "cel-syntax" {
		t.Errorf("%q %v", out, diags)
	}
	// Spaces between its tokens would make it longer than a condition may be.
	long := "a" + strings.Repeat("+1", policy.MaxConditionBytes/2-1)
	if out, diags := Format(fileOf("["+strings.Repeat("0,", policy.MaxConditionBytes/2-2)+"0]"), Layout{}); !diags.HasErrors() && out[:3] != "[0," {
		t.Errorf("%q %v", out[:10], diags)
	}
	if out, diags := Format(fileOf(long), Layout{}); !diags.HasErrors() && out != long {
		t.Errorf("%d bytes became %d: %v", len(long), len(out), diags)
	}
}

// largeTexts are texts that could cost more than their size.
func largeTexts(n int) map[string]string {
	return map[string]string{
		"run":      strings.Repeat("a||", n) + "a",
		"mixed":    strings.Repeat("a&&b||", n/2) + "a",
		"sum":      "a" + strings.Repeat("+b", 200),
		"signs":    strings.Repeat("!", 9*n) + "a",
		"comments": strings.Repeat("//\n", 7*n) + "a",
		"tail":     "a" + strings.Repeat("\n\n//", 5*n),
		"blank":    strings.Repeat("\n", 20*n) + "a",
		"list":     "[" + strings.Repeat("1, ", n) + "1]",
		"lists":    "[" + strings.Repeat("[1, 2], ", n/4) + "[]]",
		"deep":     strings.Repeat("(", 240) + "a" + strings.Repeat(")", 240),
		"calls":    strings.Repeat("f(a,", 200) + "a" + strings.Repeat(")", 200),
		"ternary":  strings.Repeat("a?b:", 200) + "c",
		"methods":  "a" + strings.Repeat(".b(c)", 200),
		"fold":     strings.Repeat("x.all(y,", 120) + "a" + strings.Repeat(")", 120),
	}
}

func TestFormatHostile(t *testing.T) {
	t.Parallel()
	for name, src := range largeTexts(3000) {
		if _, err := parse(fileOf(src)); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		took := spent.By(func() {
			checkForm(t, src, Layout{})
			checkForm(t, src, Layout{Width: 5})
		})
		if took > 20*time.Second {
			t.Errorf("%s takes %s", name, took)
		}
	}
}

// FuzzFormat formats anything that parses.
func FuzzFormat(f *testing.F) {
	if golden, err := txtar.ParseFile("testdata/format.txtar"); err == nil {
		for _, file := range golden.Files {
			f.Add(string(file.Data), 100)
		}
	}
	f.Fuzz(func(t *testing.T, src string, width int) {
		if _, err := parse(fileOf(src)); err == nil {
			checkForm(t, src, Layout{Width: width})
		}
	})
}
