package hcl_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/rungpolicy/rung/cel"
	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/hcl"
	"github.com/rungpolicy/rung/internal/spent"
	"github.com/rungpolicy/rung/policy"
)

func condition(text *policy.Text, width int, newline string) (string, diag.List) {
	return cel.Format(text, cel.Layout{Width: width, Newline: newline})
}

// formatted formats a file, and checks that formatting it again changes nothing.
func formatted(t *testing.T, text string) (string, diag.List) {
	t.Helper()
	out, diags := hcl.Format(diag.NewSource("a.rung.hcl", []byte(text)), condition)
	if len(diags) > 0 {
		return "", diags
	}
	again, diags := hcl.Format(diag.NewSource("a.rung.hcl", out), condition)
	if len(diags) > 0 || !bytes.Equal(out, again) {
		t.Errorf("%q\nis formatted to\n%q\nand then to\n%q\n%v", text, out, again, diags)
	}
	return string(out), nil
}

// TestFormat formats the cases of testdata/format: in each, `name.rung.hcl` is as an author writes it, `name.out` the canonical form.
func TestFormat(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/format/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, file := range files {
		golden, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i+1 < len(golden.Files); i += 2 {
			in, want := golden.Files[i], &golden.Files[i+1]
			if want.Name != strings.TrimSuffix(in.Name, ".rung.hcl")+".out" {
				t.Fatalf("%s: %s stands behind %s", file, want.Name, in.Name)
			}
			out, diags := formatted(t, string(in.Data))
			if len(diags) > 0 {
				t.Errorf("%s: %s: %v", file, in.Name, diags)
			}
			if *update {
				want.Data = []byte(out)
			} else if out != string(want.Data) {
				t.Errorf("%s: %s:\n%s\nwant\n%s", file, in.Name, out, want.Data)
			}
		}
		if *update {
			if err := os.WriteFile(file, txtar.Format(golden), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestFormatBytes holds what a text archive cannot hold: ends of lines, a byte order mark, bytes that are not to change.
func TestFormatBytes(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 60) + " && " + strings.Repeat("b", 60)
	for in, want := range map[string]string{
		"":                                    "",
		"\n\n":                                "",
		"# a":                                 "# a\n",
		"\xef\xbb\xbfa {}":                    "a {}\n",
		"a  {\r\n x=1 # c \r\n}\r\n":          "a {\r\n  x = 1 # c\r\n}\r\n",
		"a {\r\n}\n":                          "a {}\r\n",
		"a { x = \"e\u0301\u00e9\ufb01\" }\n": "a { x = \"e\u0301\u00e9\ufb01\" }\n", // not normalised
		"a {\n x = <<E\r\n  a\r\n\tE\n}":      "a {\n  x = <<E\r\n  a\r\n\tE\n}\n",
		"let { x = \"" + long + "\" }\r\n": "let {\r\n  x = <<-CEL\r\n    " + strings.Repeat("a", 60) + " &&\r\n      " + strings.Repeat("b", 60) +
			"\r\n  CEL\r\n}\r\n",
		"let { x = \"a==\\\"\\u00a0\\\"\" }":               "let { x = \"a==\\\"\\u00a0\\\"\" }\n", // what cannot be seen stays as it is
		"let { x = \"a==\\\"\\t$${$$$${%%{\\\\n\\\"\" }":   "let { x = \"a == \\\"\\t$${$$$${%%{\\\\n\\\"\" }\n",
		"let {\n x = \"'''\\n   a\\n\\n b'''+a //${\" }\n": "",
	} {
		out, diags := formatted(t, in)
		if want == "" && len(in) > 10 {
			if !diags.HasErrors() {
				t.Errorf("%q is taken for\n%q", in, out)
			}
		} else if out != want || len(diags) > 0 {
			t.Errorf("%q is\n%q, want\n%q\n%v", in, out, want, diags)
		}
	}
}

// TestFormatMarkers: a heredoc's marker is none of the lines of its text, and lines within strings keep their indentation.
func TestFormatMarkers(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"CEL // a\n || CEL", "// a\nCEL", "// CEL\n'''\nCEL\n  x\n\n    y\n CEL_''' == CEL", "a == '''\n\n   b''' // ${",
	} {
		in := "let {\n  x = \"" + strings.NewReplacer("\n", `\n`, "${", "$${").Replace(text) + "\"\n}\n"
		out, diags := formatted(t, in)
		if len(diags) > 0 || !strings.Contains(out, "<<-CEL") {
			t.Errorf("%s: %v", out, diags)
		}
		for _, s := range []string{"\n      x\n", "\n        y\n", "\n       b'''"} {
			if strings.Contains(text, strings.TrimRight(strings.TrimLeft(s, "\n "), "\n'")) && strings.Contains(text, "'''") && !strings.Contains(out, s) && strings.Contains(text, strings.TrimSpace(s)) {
				t.Errorf("%q is not in\n%s", s, out)
			}
		}
	}
}

// TestFormatRefuses holds what has no form, and why.
func TestFormatRefuses(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"a {":                              "1:3: error: the block is not closed",
		"a {\n  x = 1 + 2\n}":              "2:9: error:",
		"a { x = b.c }":                    "not-literal",
		"a { x = [for y in z : y] }":       "not-literal",
		"let {\n  x = \"a &&\"\n}":         "2:11: error: the condition ends",
		"let {\n  x = \"a == ${b}\"\n}":    "interpolation",
		"let {\n  x = \"a == \\q\"\n}":     "is no escape",
		"a { x = \"\xff\" }":               "not UTF-8",
		strings.Repeat(" ", 1<<20) + "a{}": "larger than 1 MiB",
		"a {\nx = " + strings.Repeat("[\n", 60) + strings.Repeat("1,\n", 1<<14) + strings.Repeat("]", 60) + "\n}": "would be larger than 1 MiB",
		"a { x = " + strings.Repeat("[", 65) + strings.Repeat("]", 65) + " }":                                     "nested deeper than 64",
	} {
		if out, diags := formatted(t, in); out != "" || !strings.Contains(diags.Error(), want) {
			t.Errorf("%.40q: %.200q %v, want %q", in, out, diags, want)
		}
	}
}

// TestFormatHostile formats large files, which takes no longer than their size allows.
func TestFormatHostile(t *testing.T) {
	t.Parallel()
	const n = 1 << 17
	fill := func(s string, size int) string { return strings.Repeat(s, size/len(s)) }
	for name, text := range map[string]string{
		"attributes": "a {\n" + fill("x = 1\n", n) + "}",
		"blocks":     fill("a{}\n", n),
		"comments":   fill("# a\n", n),
		"remarks":    "a {\n x = [" + fill("1, # b\n", n) + "]\n}",
		"inline":     "a {\n x = [" + fill("/**/", n) + "1]\n}",
		"behind":     "a {\n x = 1 " + fill("/**/", n) + "\n}",
		"list":       "a {\n x = [" + fill("1,", n/2) + "]\n}",
		"lists":      "a {\n x = [" + fill("[[1],2],", n) + "]\n}",
		"deep":       "a {\n x = " + strings.Repeat("[\n", 60) + fill("\"abc\",", n/2) + strings.Repeat("]", 60) + "\n}",
		"object":     "a {\n x = {" + fill("a=1,", n/4) + "}\n}",
		"heredocs":   "a {\n" + fill("x = <<-E\n  a\n E\n", n) + "}",
		"heredoc":    "a {\nx = <<-E\n" + fill("  a\n", n) + " E\n}",
		"conditions": "let {\n" + fill("x = \"a&&b||c\"\n", n) + "}",
		"long name":  "a {\n" + fill("y", n/2) + " = 1 # b\n" + fill("x = 1 # c\n", n/2) + "}",
		"bad":        "let {\n" + fill("x = \"a&&\"\n", n) + "}",
		"lines":      fill("\n", n) + "a {}",
		"quotes":     "a {\n x = \"" + fill(`\"`, n) + "\"\n}",
	} {
		took := spent.By(func() {
			if _, diags := formatted(t, text); len(diags) > 0 && name != "bad" && name != "deep" { // which would grow past a file's limit
				t.Errorf("%s: %v", name, diags[0])
			}
		})
		t.Logf("%s: %d bytes in %s", name, len(text), took)
		if took > 20*time.Second {
			t.Errorf("%s takes %s", name, took)
		}
	}
}

// FuzzFormat formats anything: what has a form reads as what it was.
func FuzzFormat(f *testing.F) {
	for _, pattern := range []string{"testdata/format/*.txtar", "testdata/*.txtar"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, name := range files {
			a, err := txtar.ParseFile(name)
			if err != nil {
				f.Fatal(err)
			}
			for _, file := range a.Files {
				f.Add(file.Data)
			}
		}
	}
	f.Add([]byte(bank(f)))
	f.Fuzz(func(t *testing.T, text []byte) {
		out, diags := formatted(t, string(text))
		if len(diags) > 0 {
			return
		}
		if a, b := hcl.Outline(text), hcl.Outline([]byte(out)); a != b {
			t.Errorf("%q\nbecame\n%q\n%s\n%s", text, out, a, b)
		}
	})
}

func ExampleFormat() {
	src := diag.NewSource("a.rung.hcl", []byte("let { risky=\"network.tor||network.vpn\" } # never mind"))
	out, _ := hcl.Format(src, condition)
	fmt.Print(string(out))
	// Output:
	// let { risky = "network.tor || network.vpn" } # never mind
}
