package hcl

import (
	"strings"
	"testing"

	hclv2 "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"pgregory.net/rapid"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/policy"
)

func textOf(t *testing.T, literal string) (*policy.Text, []textFault) {
	t.Helper()
	const before = "let {\n  a = " // places are those of the file
	src := diag.NewSource("a.rung.hcl", []byte(before+literal+"\n}\n"))
	return readText(src.Span(len(before), len(before)+len(literal)))
}

func TestReadText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, literal, want string }{
		{"plain", `"abc"`, "abc"},
		{"empty", `""`, ""},
		{"escapes", `"a\n\r\t\"\\b"`, "a\n\r\t\"\\b"},
		{"unicode escapes", `"\u00e9\U0001F600x"`, "é😀x"},
		{"no normalising", "\"e\u0301 \u00e9\"", "e\u0301 \u00e9"},
		{"escaped templates", `"$${a} %%{b} $ % $$ %% $$$${c}"`, "${a} %{b} $ % $$ %% $$${c}"},
		{"dollar at the end", `"a$"`, "a$"},
		{"heredoc", "<<E\n a\\n\n  b\nE", " a\\n\n  b\n"},
		{"heredoc, empty", "<<E\nE", ""},
		{"heredoc, indented marker", "<<E\n a\n   E", " a\n"},
		{"flush", "<<-E\n    a\n      b\n\n    c\n  E", "a\n  b\n\nc\n"},
		{"flush, blank line with spaces", "<<-E\n  a\n      \n  b\n  E", "a\n      \nb\n"},
		{"flush, tab and space count alike", "<<-E\n\ta\n  b\nE", "a\n b\n"},
		{"flush, no-break space", "<<-E\n\u00a0a\n b\nE", "a\nb\n"},
		{"flush, nothing in common", "<<-E\n  a\nb\nE", "  a\nb\n"},
		{"flush, crlf", "<<-E\r\n  a\r\n\r\n  b\r\nE", "a\r\n\r\nb\r\n"},
		{"heredoc, templates", "<<E\n$${a} %%{b} $\nE", "${a} %{b} $\n"},
	} {
		text, faults := textOf(t, c.literal)
		if text.Value != c.want || len(faults) > 0 {
			t.Errorf("%s: got %q, %v; want %q", c.name, text.Value, faults, c.want)
		}
		checkPlaces(t, c.name, text)
	}
}

// checkPlaces checks that every byte of a text leads back to what it was made of: the same byte, or an escape.
func checkPlaces(t *testing.T, name string, text *policy.Text) {
	t.Helper()
	last := text.Span.Start
	for i := range len(text.Value) {
		at := text.Place(i, i+1)
		written := at.Text()
		if at.Start < last || at.End > text.Span.End {
			t.Errorf("%s: byte %d stands at %d, before %d or behind the text", name, i, at.Start, last)
		}
		last = at.Start
		if written != text.Value[i:i+1] && !strings.HasPrefix(written, `\`) && written != "$${" && written != "%%{" {
			t.Errorf("%s: byte %d, %q, stands at %q", name, i, text.Value[i], written)
		}
	}
	if whole := text.Place(0, len(text.Value)); len(text.Value) > 0 && (whole.Start <= text.Span.Start || whole.End > text.Span.End) {
		t.Errorf("%s: the whole is %q", name, whole.Text())
	}
}

func TestReadTextFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		literal, at string
		template    bool
	}{
		{`"a ${b}"`, "${", true},
		{`"%{if}"`, "%{", true},
		{`"$$$${a}${b}"`, "${", true},
		{"<<E\n  ${x}\nE", "${", true},
		{`"\q"`, `\q`, false},
		{`"\ud800"`, `\ud800`, false},
		{`"\u00g0"`, `\u00g0`, false},
		{`"\U00110000"`, `\U00110000`, false},
		{`"\u12"`, `\u`, false},
		{`"\u+123"`, `\u+123`, false},
	} {
		_, faults := textOf(t, c.literal)
		if len(faults) != 1 || faults[0].span.Text() != c.at || faults[0].template != c.template {
			t.Errorf("%s: %v", c.literal, faults)
		}
	}
}

func TestPlaceOfARange(t *testing.T) {
	t.Parallel()
	text, _ := textOf(t, "<<-E\n    ab\n      cd\n    E")
	if text.Value != "ab\n  cd\n" {
		t.Fatalf("%q", text.Value)
	}
	// From b to c: the file has the indentation in between.
	if got := text.Place(1, 6).Text(); got != "b\n      c" {
		t.Errorf("%q", got)
	}
	// The newline ends before the indentation begins.
	if got := text.Place(1, 3).Text(); got != "b\n" {
		t.Errorf("%q", got)
	}
}

func TestReadDecimal(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text  string
		shift int
		want  int64
		ok    bool
	}{
		{"0", 0, 0, true},
		{"-0", 0, 0, true},
		{"0e999999999999999999999", 0, 0, true},
		{"5", 0, 5, true},
		{"5.0", 0, 5, true},
		{"- 5", 0, -5, true},
		{"1e3", 0, 1000, true},
		{"1.5e1", 0, 15, true},
		{"150e-1", 0, 15, true},
		{"1.5", 0, 0, false},
		{"0.01", 2, 1, true},
		{"0.010", 2, 1, true},
		{"0.001", 2, 0, false},
		{"12.50", 2, 1250, true},
		{"999999999999999999", 0, 999999999999999999, true},
		{"1000000000000000000", 0, 0, false},
		{"1e999999999", 0, 0, false},
		{"1e-999999999", 0, 0, false},
		{"1e99999999999999999999", 0, 0, false},
		{"1e-99999999999999999999", 0, 0, false},
		{"000012", 0, 12, true},
	} {
		got, ok := readDecimal(c.text).scaled(c.shift)
		if got != c.want || ok != c.ok {
			t.Errorf("%s × 10^%d = %d, %v; want %d, %v", c.text, c.shift, got, ok, c.want, c.ok)
		}
	}
}

func TestMatches(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"*", "a.b", true},
		{"transfer.*", "transfer.create", true},
		{"transfer.*", "transfer.", true},
		{"transfer.*", "transfer", false},
		{"*.create", "a.b.create", true},
		{"a*a", "a", false},
		{"a*a", "aa", true},
		{"a*b*c", "abc", true},
		{"a*b*c", "axxbyybzzc", true},
		{"a*b*c", "acb", false},
		{"a**b", "ab", true},
		{"*b*", "abc", true},
		{"*b*b*", "ab", false},
		{"a", "ab", false},
	} {
		if got := matches(c.pattern, c.name); got != c.want {
			t.Errorf("matches(%q, %q) = %v", c.pattern, c.name, got)
		}
	}
}

// TestReadTextAsHCLDoes holds readText against HCL's own reading, where HCL's is not normalised: in ASCII.
func TestReadTextAsHCLDoes(t *testing.T) {
	t.Parallel()
	pieces := []string{"a", " ", "  ", "\n", "\n", "\r\n", "\t", "$", "%", "$${", "%%{", "$$", "}", `\\`, `\n`, `"`, "E", "-", "#", "/*"}
	rapid.Check(t, func(t *rapid.T) {
		body := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 24).Draw(t, "pieces"), "")
		open := rapid.SampledFrom([][2]string{{`"`, `"`}, {"<<EOT\n", "\nEOT"}, {"<<-EOT\n", "\n  EOT"}, {"<<-EOT\r\n", "\r\nEOT"}}).Draw(t, "form")
		literal := open[0] + body + open[1]
		if strings.Contains(strings.ReplaceAll(strings.ReplaceAll(body, "$${", ""), "%%{", ""), "{") {
			t.Skip("a template")
		}
		text := "a = " + literal + "\n"
		file, diags := hclsyntax.ParseConfig([]byte(text), "a", hclv2.Pos{Line: 1, Column: 1})
		if diags.HasErrors() {
			t.Skip("no text")
		}
		attr := file.Body.(*hclsyntax.Body).Attributes["a"]
		want, diags := attr.Expr.Value(nil)
		if diags.HasErrors() || want.Type().FriendlyName() != "string" {
			t.Skip("no text")
		}
		rng := attr.Expr.Range()
		got, faults := readText(diag.NewSource("a", []byte(text)).Span(rng.Start.Byte, rng.End.Byte))
		if got.Value != want.AsString() || len(faults) > 0 {
			t.Fatalf("%q: got %q, %v; HCL has %q", literal, got.Value, faults, want.AsString())
		}
	})
}
