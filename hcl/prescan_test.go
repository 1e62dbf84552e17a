package hcl_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/rungpolicy/rung/hcl"
	"github.com/rungpolicy/rung/policy"
)

// childEnv makes a test process parse its input and nothing else: a stack overflow ends a process, and cannot be recovered.
const childEnv = "RUNG_HCL_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) == "" {
		os.Exit(m.Run())
	}
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		os.Exit(3)
	}
	r, err := hcl.Parse(fstest.MapFS{"a.rung.hcl": {Data: text}})
	if err != nil {
		os.Exit(4)
	}
	for _, d := range r.Diagnostics[:min(3, len(r.Diagnostics))] {
		fmt.Println(d)
	}
}

// parseInChild returns the first diagnostics and the processor time, start of the process included.
func parseInChild(t *testing.T, text string) (string, time.Duration) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), childEnv+"=1", "GOMAXPROCS=1")
	cmd.Stdin = strings.NewReader(text)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("the process died: %v\n%.300s", err, stderr.String())
	}
	return string(out), cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}

// nests are texts that nest: open is repeated, then closing text stands as often.
var nests = []struct{ name, before, open, middle, close, after string }{
	{"parentheses", "let {\nx = ", "(", "1", ")", "\n}"},
	{"brackets", "let {\nx = ", "[", "1", "]", "\n}"},
	{"objects", "let {\nx = ", "{a=", "1", "}", "\n}"},
	{"templates", "let {\nx = ", `"${`, "1", `}"`, "\n}"},
	{"directives", "let {\nx = \"", "%{if a}", "1", "%{endif}", "\"\n}"},
	{"directives, one bracket", "let {\nx = ", `"%{if `, "1", `}"`, "\n}"},
	{"heredocs", "let {\nx = ", "<<A\n${", "1", "}\nA\n", "\n}"},
	{"calls", "let {\nx = ", "f(", "1", ")", "\n}"},
	{"type calls", "signal \"x\" {\ntype = ", "list(", "string", ")", "\n}"},
	{"type objects", "signal \"x\" {\ntype = ", "object({a=", "string", "})", "\n}"},
	{"blocks", "", "a {\n", "", "}\n", ""},
	{"not", "let {\nx = ", "!", "a", "", "\n}"},
	{"minus", "let {\nx = ", "-", "1", "", "\n}"},
	{"minus, spaced", "let {\nx = ", "- ", "1", "", "\n}"},
	{"ternary", "let {\nx = ", "a?b:", "c", "", "\n}"},
	{"ternary, in front", "let {\nx = ", "a?", "c", ":b", "\n}"},
	{"binary", "let {\nx = ", "1+", "1", "", "\n}"},
	{"mixed precedence", "let {\nx = ", "1||1&&1==1<1+1*", "1", "", "\n}"},
	{"index", "let {\nx = ", "a[", "0", "]", "\n}"},
	{"splat", "let {\nx = a", "[*]", "", "", "\n}"},
	{"dot splat", "let {\nx = a", ".*", "", "", "\n}"},
	{"dots", "let {\nx = a", ".b", "", "", "\n}"},
	{"legacy index", "let {\nx = a", ".0", "", "", "\n}"},
	{"indices", "let {\nx = a", "[0]", "", "", "\n}"},
	{"for", "let {\nx = ", "[for a in ", "[]", ": a]", "\n}"},
	{"for object", "let {\nx = ", "{for a in ", "[]", ": a => a}", "\n}"},
	{"namespaces", "let {\nx = ", "a::", "f()", "", "\n}"},
	{"labels", "a ", `"b" `, "{", "", "}"},
	{"wrong closers", "let {\nx = ", "(]", "", "", "\n}"},
	{"wrong closers, braces", "let {\nx = ", "[}", "", "", "\n}"},
	{"keys", "let {\nx = ", "{(", "1", ")=1}", "\n}"},
	{"unclosed comments", "let {\nx = 1\n}\n", "/*", "", "", ""},
	{"heredoc starts", "let {\nx = ", "<<", "", "", "\n}"},
	{"heredoc markers", "let {\nx = <<A\n", "A ", "", "", "\nA\n}"},
	{"quotes", "let {\nx = ", `"`, "", "", "\n}"},
	{"dollars", "let {\nx = \"", `$`, "", "", "\"\n}"},
	{"percents", "let {\nx = \"", `%`, "", "", "\"\n}"},
	{"heredoc lines", "let {\nx = <<A\n", "\n", "", "", "A\n}"},
	{"heredoc dollars", "let {\nx = <<-A\n", "$ ", "", "", "\nA\n}"},
	{"newlines", "let {\nx = [", "\n", "", "", "]\n}"},
	{"comments in brackets", "let {\nx = [", "#\n", "", "", "]\n}"},
	{"comments", "let {\nx = ", "/**/", "1", "", "\n}"},
	{"garbage", "", "\x01", "", "", ""},
	{"semicolons", "let {\n", "x=1;\n", "", "", "}"},
	{"same attribute", "let {\n", "x=\"1\"\n", "", "", "}"},
	{"unknown attributes", "policy \"a\" {\n", "x=1\n", "", "", "}"},
	{"unknown blocks", "", "polcy {}\n", "", "", ""},
	{"backslashes", "let {\nx = \"", `\q`, "", "", "\"\n}"},
	{"dot dot", "let {\nx = a", ".", "", "", "\n}"},
	{"commas", "let {\nx = [", ",", "", "", "]\n}"},
	{"equals", "let {\n", "=", "", "", "}"},
	{"templates in a row", "let {\nx = \"", "${a}", "", "", "\"\n}"},
	{"wide object", "param \"a\" {\ntype = any\ndefault = {", "a=1,", "", "", "}\n}"},
	{"wide list", "list \"a\" {\nvalues = [", "1,", "", "", "]\n}"},
	{"long name", "policy \"", "a", "", "", "\" {}"},
	{"combining marks", "policy \"", "\u0301", "", "", "\" {}"},
}

func nestedText(i, depth int) string {
	n := nests[i]
	return n.before + strings.Repeat(n.open, depth) + n.middle + strings.Repeat(n.close, depth) + n.after
}

// TestNestingEndsInDiagnostics parses what makes HCL's parser recurse at depths that would end the process, each in a process of its own.
func TestNestingEndsInDiagnostics(t *testing.T) {
	t.Parallel()
	for i, n := range nests {
		t.Run(n.name, func(t *testing.T) {
			t.Parallel()
			depths := []int{100, 1000, 10_000, 100_000, 1_000_000}
			if n.close == "" || testing.Short() { // does not nest by brackets
				depths = []int{30_000}
			}
			for _, depth := range depths {
				out, used := parseInChild(t, nestedText(i, depth))
				if out == "" {
					t.Errorf("depth %d: no diagnostic", depth)
				}
				t.Logf("depth %d: %v", depth, used)
				if used > 10*time.Second { // typically far less; others run beside
					t.Errorf("depth %d took %v", depth, used)
				}
			}
		})
	}
}

// TestSmallTextsAreFast holds 16 KiB of the same texts to the bar of processor time.
func TestSmallTextsAreFast(t *testing.T) {
	t.Parallel()
	for i, n := range nests {
		depth := max(1, (16<<10-len(n.before+n.middle+n.after))/len(n.open+n.close))
		text := nestedText(i, depth)
		isFast(t, n.name, text)
	}
}

// isFast holds a text to the bar of processor time. On a machine for which that is no time, what the text takes beside one that is as long and as plain as texts are.
func isFast(t *testing.T, name, text string) {
	t.Helper()
	const bar, times = 250 * time.Millisecond, 10
	out, used := parseInChild(t, text)
	t.Logf("%-24s %6d bytes %v %.100s", name, len(text), used, out)
	for try := 0; used > bar; try++ {
		_, plain := parseInChild(t, plainText(len(text)))
		if used < times*plain {
			return
		}
		if try == 3 {
			t.Errorf("%s: %v for %d bytes, of a plain text %v", name, used, len(text), plain)
			return
		}
		_, used = parseInChild(t, text)
	}
}

// plainText is a policy of about n bytes.
func plainText(n int) string {
	var b strings.Builder
	b.WriteString("policy \"p\" { language = 1 }\n")
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, "action \"a%d\" {\n  level = \"aal1\"\n  deny \"d\" { when = \"subject.id == 'x'\" }\n}\n", i)
	}
	return b.String()
}

// adversarial are texts of about n bytes that would be slow if something looked at all of a kind for each of a kind.
func adversarial(n int) map[string]string {
	const head = "policy \"p\" { language = 1 }\n"
	fill := func(n int, f func(i int) string) string {
		var b strings.Builder
		for i := 0; b.Len() < n; i++ {
			b.WriteString(f(i))
		}
		return b.String()
	}
	adv := make(map[string]string)
	adv["http"] = head + "action \"a\" { \nlevel=\"none\"\nhttp=[" + fill(n, func(i int) string {
		if i%2 == 0 {
			return fmt.Sprintf("\"GET /{x}/a%d\",", i)
		}
		return fmt.Sprintf("\"POST /b%d/{x}\",", i)
	}) + "]\n}\n"
	adv["http conflicts"] = head + "action \"a\" { \nlevel=\"none\"\nhttp=[" + fill(n, func(i int) string {
		if i%2 == 0 {
			return fmt.Sprintf("\"/{x}/a%d\",", i)
		}
		return fmt.Sprintf("\"/b%d/{x}\",", i)
	}) + "]\n}\n"
	adv["actions"] = head + fill(n/2, func(i int) string { return fmt.Sprintf("action \"a%d\" {level=\"none\"}\n", i) }) +
		fill(n/2, func(i int) string { return fmt.Sprintf("deny \"%d\" {actions=[\"*%d*\"]}\n", i, i%10) })
	adv["actions distinct"] = head + fill(n/2, func(i int) string { return fmt.Sprintf("action \"a%d\" {level=\"none\"}\n", i) }) +
		fill(n/2, func(i int) string { return fmt.Sprintf("deny \"%d\" {actions=[\"*\",\"*%d*\"]}\n", i, i) })
	adv["unknown actions"] = head + fill(n/2, func(i int) string { return fmt.Sprintf("action \"abcdefgh%d\" {level=\"none\"}\n", i) }) +
		fill(n/2, func(i int) string { return fmt.Sprintf("deny \"%d\" {actions=[\"abcefghx%d\"]}\n", i, i) })
	adv["long names"] = head + "param \"a\" {\ntype=" + strings.Repeat("object({"+strings.Repeat("a", 200)+"=", 30) + "int" + strings.Repeat("})", 30) + "\n}\n"
	adv["errors on one line"] = head + "list \"a\" {\nvalues=[" + fill(n, func(i int) string { return "1," }) + "]\n}\n"
	adv["dup keys one line"] = head + "param \"a\" {\ntype=any\ndefault={" + fill(n, func(i int) string { return "a=1," }) + "}\n}\n"
	adv["big numbers"] = head + "list \"a\" {\ntype=double\nvalues=[" + fill(n, func(i int) string { return "1e999999999," }) + "]\n}\n"
	adv["long number"] = head + "list \"a\" {\ntype=double\nvalues=[" + strings.Repeat("1", n) + "]\n}\n"
	adv["long number exp"] = head + "list \"a\" {\ntype=double\nvalues=[" + strings.Repeat("1", n-30) + "e-9999]\n}\n"
	adv["exponents"] = head + "list \"a\" {\ntype=double\nvalues=[" + fill(n, func(i int) string { return "1e99999999," }) + "]\n}\n"
	adv["neg exponents"] = head + "list \"a\" {\ntype=int\nvalues=[" + fill(n, func(i int) string { return "1e-99999999," }) + "]\n}\n"
	adv["many let"] = head + "let {\n" + fill(n, func(i int) string { return fmt.Sprintf("a%d=\"x\"\n", i) }) + "}\n"
	adv["attrs unknown"] = head + "signal \"a\" {\n" + fill(n, func(i int) string { return fmt.Sprintf("ty%d=\"x\"\n", i) }) + "}\n"
	adv["dup attrs"] = head + "let {\n" + fill(n, func(i int) string { return "a=\"x\"\n" }) + "}\n"
	adv["nested blocks dup"] = strings.Repeat("a {\n", 60) + fill(n, func(i int) string { return "a=\"x\"\n" }) + strings.Repeat("}\n", 60)
	adv["blocks then dups"] = "x {\n" + fill(n/2, func(i int) string { return "a {}\n" }) + fill(n/2, func(i int) string { return "a=\"x\"\n" }) + "}\n"
	adv["heredoc blank"] = head + "let {\na = <<-A\n" + fill(n, func(i int) string { return "\n" }) + "A\n}\n"
	adv["obj type"] = head + "signal \"a\" {\ntype=object({" + fill(n, func(i int) string { return fmt.Sprintf("a%d=int,", i) }) + "})\n}\n"
	adv["obj type unknown"] = head + "param \"a\" {\ntype=object({" + fill(n/2, func(i int) string { return fmt.Sprintf("a%d=int,", i) }) + "})\ndefault={" + fill(n/2, func(i int) string { return fmt.Sprintf("b%d=1,", i) }) + "}\n}\n"
	return adv
}

func TestAdversarialTextsAreFast(t *testing.T) {
	t.Parallel()
	for name, text := range adversarial(16 << 10) {
		isFast(t, name, text)
	}
}

func TestNestingUpToTheLimit(t *testing.T) {
	t.Parallel()
	nested := func(depth int) string {
		return "policy \"p\" {\n  language = 1\n}\nparam \"a\" {\n  type    = any\n  default = " +
			strings.Repeat("[", depth) + `"x"` + strings.Repeat("]", depth) + "\n}\n"
	}
	if got := parseText(t, nested(63)); len(got.Diagnostics) > 0 {
		t.Errorf("63 brackets in a block: %v", got.Diagnostics)
	}
	got := parseText(t, nested(64))
	if len(got.Diagnostics) != 1 || got.Diagnostics[0].Code != "limit" || got.Diagnostics[0].Range.Start.Column != 13+63 {
		t.Errorf("64 brackets in a block: %v", got.Diagnostics)
	}
}

func parseText(t *testing.T, text string) *hcl.Result {
	t.Helper()
	r, err := hcl.Parse(fstest.MapFS{"a.rung.hcl": {Data: []byte(text)}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestFilesThatCannotBePolicies(t *testing.T) {
	t.Parallel()
	valid := "policy \"p\" {\n  language = 1\n}\n"
	for _, c := range []struct{ name, text, want string }{
		{"valid", valid, ""},
		{"byte order mark", "\xef\xbb\xbf" + valid, ""},
		{"byte order mark, error", "\xef\xbb\xbfplicy \"p\" {}", "a.rung.hcl:1:1: error: there is no block `plicy` [unknown-block]"},
		{"crlf", strings.ReplaceAll(valid, "\n", "\r\n"), ""},
		{"nul", valid + "# \x00", "a.rung.hcl:4:3: error: the file holds a NUL byte [syntax]"},
		{"not utf-8", valid + "# \xff", "a.rung.hcl:4:3: error: the file is not UTF-8 [syntax]"},
		{"overlong", valid + "# \xc0\x80", "a.rung.hcl:4:3: error: the file is not UTF-8 [syntax]"},
		{"surrogate", valid + "# \xed\xa0\x80", "a.rung.hcl:4:3: error: the file is not UTF-8 [syntax]"},
		{"open comment", valid + "/* x", "a.rung.hcl:4:1: error: the comment is not closed [syntax]"},
		{"open text", valid + "let {\n  a = \"x\n}\n", "a.rung.hcl:5:7: error: the text is not closed on its line [syntax]"},
		{"open text at the end", valid + "let {\n  a = \"x", "a.rung.hcl:5:7: error: the text is not closed [syntax]"},
		{"open heredoc", valid + "let {\n  a = <<E\nx\n}\n", "a.rung.hcl:5:7: error: the text is not closed [syntax]"},
		{"comment marks in text", valid + "let {\n  a = \"/*\"\n  b = <<-E\n    /*\n  E\n}\n", ""},
		{"1 MiB", valid + strings.Repeat("#", policy.MaxFileBytes-len(valid)), ""},
		{"1 MiB and a byte", valid + strings.Repeat("#", policy.MaxFileBytes-len(valid)+1), "a.rung.hcl:1:1: error: the file is larger than 1 MiB [limit]"},
		{"operators", valid + "let {\n x = " + strings.Repeat("!", 65) + "a\n}", "a.rung.hcl:5:70: error: the file holds more than 64 operators outside of text [limit]"},
	} {
		got := ""
		for _, d := range parseText(t, c.text).Diagnostics {
			if d.Code != "missing-block" {
				got += d.String()
			}
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestPolicyOver16MiB(t *testing.T) {
	t.Parallel()
	fsys := fstest.MapFS{}
	comment := []byte(strings.Repeat("#", policy.MaxFileBytes))
	for i := range 17 {
		fsys[fmt.Sprintf("%02d.rung.hcl", i)] = &fstest.MapFile{Data: comment}
	}
	r, err := hcl.Parse(fsys)
	if err != nil || len(r.Diagnostics) != 1 || r.Diagnostics[0].Code != "limit" || r.Diagnostics[0].Range.File != "16.rung.hcl" {
		t.Errorf("%v, %v", r.Diagnostics, err)
	}
}
