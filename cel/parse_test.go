package cel

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	celparser "cel.dev/cel-go/parser"

	"github.com/rungpolicy/rung/policy"
)

// plainParse makes cel-go's tree by our reader, with nothing resolved.
func plainParse(t *policy.Text) (ast.Expr, *builder, *syntaxError) {
	n, err := parse(t)
	if err != nil {
		return nil, nil, err
	}
	b := newBuilder(NewEnv(&policy.Policy{}), -1)
	b.alone = true
	b.tree = b.expand(n, place{})
	return b.emit(b.tree), b, nil
}

// expressions are CEL texts of all kinds: those of the parser's table and of the CEL suite.
func expressions(t testing.TB) []string {
	all := []string{
		"1", "-1", "- 1", "--1", "---1", "-x", "--x", "!x", "!!x", "!!!x", "!-1", "-1.5", "-9223372036854775808", "0x1f", "-0x1f", "1u", "0x1Fu", "1.5e3", ".5", "1e5", "1E-5",
		"a.b.c", ".a.b", ".f(1)", "a.f(1, 2)", "a.b(1).c[2]", "a[b]", "a.?b", "a.?b.c", "a[?b]", "a.`b-c/d e`", "[1, 2,]", "[]", "[?a, b]", "{}", "{1: 2,}", "{?a: b}",
		"a ? b : c", "a ? b : c ? d : e", "a ? (b ? c : d) : e", "a || b || c || d || e", "a && b && c", "a || b && c || d", "(a && b) && c", "a && (b && c)",
		"a + b * c - d / e % f", "a < b == c", "a in b", "a in b in c", "a == b != c", "-a + b", "!(a == b)", "(a)", "((a))", "(a).b", "(a + b).c", "[1][0]", "{'a': 1}.a", "'a'.size()",
		"has(a.b)", "has(a.b.c)", "a.all(x, x > 1)", "a.exists(x, has(x.b))", "a.exists_one(x, x)", "a.map(x, x)", "a.map(x, x > 1, x)", "a.filter(x, x)", "a.all(i, x, x > i)", "a.transformMap(k, v, v)",
		"a.transformMapEntry(k, v, k != '', {v: k})", "a.transformList(i, v, i > 1, v)", "cel.bind(x, 1, x + x)", "a.?b.optMap(x, x + 1)", "a.b().optFlatMap(x, x.?c)", "a.sortBy(x, -x)", "math.greatest(1, 2, 3)", "math.least(a)",
		`"a\n\x41\u0041\U00000041\101\?\` + "`" + `"`, `r'\n'`, `R"""a"b"""`, `'''a'b'''`, `b'\xff'`, `b'\377é'`, `br'\x'`, `Br"x"`, "'''\r\n\r'''", "'\\''", `"\\"`, "// c\n1", "1 // c", "a.null_", "a.package", "a.in", "a.true",
		"true", "false", "null", "nulls", "in", "for", "a.b{c: 1}", "a.b{}", "a{`b-c`: 1,}", "a{?b: c}", "a b", "a.", "a.1", "f(1,)", "f(,)", "[,]", "{,}", "[1,,]", "a ? b", "a ? : c", "a ?? b", "1 +", "()", "", " ", "'", `"\q"`, "'a\nb'", "b'\\u0041'", "'\\ud800'", "'\\U00110000'",
		"1.e5", "1.", "1..2", "1u2", "0x", "0xg", "1a", "a\\b", "a@b", "a$b", "#", "a=b", "a&b", "a|b", "é", "'é'", "\x00", "a\tb", "a.?b(c)", "a.`b`(c)", "`a`", "a?.b", "a.b.", ".1.2", "..a", ". a", "a . b", "a\n.b", "!a.b", "-a.b", "-1.size()", "- -1", "-(-1)", "!-a", "a - -1", "a--1", "a-1", "a -1",
		"99999999999999999999", "-9223372036854775809", "18446744073709551616u", "1e999", "rb'a'", "u'a'", "f (x)", "a [0]", "a .b (c)", "x.has(y)", "has(x)", "has()", "has(a.b, c)", "all(a, b)", "a.all(1, b)", "a.map(x)", "a.exists_one(x, y, z, w)",
	}
	dir, err := filepath.Abs(filepath.Join(goModCache(t), "cel.dev", "expr@v0.25.3", "tests", "simple", "testdata"))
	if err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.textproto"))
	line := regexp.MustCompile(`(?m)^\s*expr: (?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')\s*$`)
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range line.FindAllStringSubmatch(string(text), -1) {
			s := m[1] + m[2]
			if strings.Contains(s, `\`) {
				s = strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\'`, `'`, `\n`, "\n").Replace(s)
			}
			all = append(all, s)
		}
	}
	return all
}

func goModCache(t testing.TB) string {
	t.Helper()
	if d := os.Getenv("GOMODCACHE"); d != "" {
		return d
	}
	home, _ := os.UserHomeDir()
	return filepath.Join(home, "go", "pkg", "mod")
}

func TestParseAsCelGo(t *testing.T) {
	env := theBasis().env
	var cel time.Duration
	n := 0
	p, err := celparser.NewParser(celparser.Macros(env.Macros()...), celparser.EnableOptionalSyntax(true), celparser.EnableIdentEscapeSyntax(true))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range expressions(t) {
		start := time.Now()
		theirs, errs := p.Parse(common.NewTextSource(s))
		cel += time.Since(start)
		ours, b, serr := plainParse(fileOf(s))
		n++
		theirsOK := len(errs.GetErrors()) == 0
		oursOK := serr == nil && !b.diags.HasErrors()
		if theirsOK && strings.Contains(shape(theirs.Expr()), "message") {
			continue // there are none
		}
		if theirsOK != oursOK {
			msg := ""
			if serr != nil {
				msg = serr.summary
			} else {
				for _, d := range b.diags {
					msg += d.Summary
				}
			}
			t.Errorf("%q: cel-go %v, ours %v %s %v", s, theirsOK, oursOK, msg, errs.GetErrors())
			continue
		}
		if !theirsOK {
			continue
		}
		if a, b := shape(ours), shape(theirs.Expr()); a != b {
			t.Errorf("%q:\n%s\n%s", s, a, b)
		}
	}
	t.Log(n, cel)
}
