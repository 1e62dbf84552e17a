package guest_test

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/rungpolicy/rung/wasm/internal/table"
)

// expressions are what is hard of regular expressions: which of several matches is preferred, empty ones, assertions, groups that take no part.
var expressions = []string{
	``, `a`, `(a)`, `a*`, `(a*)`, `a*?`, `(a|ab)(c|bcd)`, `(a|b)*`, `(a)|b`, `(?:(a)|b)*`, `^`, `$`, `(?m)^`, `(?m)(^.?)`, `\b`, `\b(\w*)\b`, `\B`, `(\w+)@(\w+)`, `a+?b`, `(a+)(b+)?`,
	`é`, `[^é]`, `(.)`, `(?s)(.)`, `\x{FFFD}`, `(?i)(k)`, `x*`, `(|a)+`, `(a|)+`, `(a{2})+`, `a{2,3}?`, `\Aa`, `a\z`, `(\d{1,3})(?:\d{3})*\b`, `([a-c]+)[^a-c]*`, `(?U)(a+)(b*)`, `(((a)))`,
	`(a)?(b)?(c)?`, `(?:a|(b))(?:c|(d))`, `^(a)|(b)$`, `(?m:(^)a|b($))`, `\Q.\E`, `[\x00-\x{10FFFF}]`, `😀|é`, `(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)`,
}

var parts = []string{
	"a", "b", "c", "é", ".", "[a-c]", "[^a]", `\d`, `\w`, `\W`, "^", "$", `\b`, `\B`, `\A`, `\z`, "(?m:^)", "(?m:$)", "(?s:.)", "(?i:k)", "", "ab", "[é-ü]", `\pL`,
}

func expression(r *rand.Rand, depth int) string {
	if depth == 0 || r.IntN(4) == 0 {
		return parts[r.IntN(len(parts))]
	}
	switch r.IntN(7) {
	case 0:
		return "(" + expression(r, depth-1) + "|" + expression(r, depth-1) + ")"
	case 1:
		return "(?:" + expression(r, depth-1) + ")" + []string{"*", "+", "?", "{2}", "{1,3}", "{2,}", "*?", "+?", "??", "{0}"}[r.IntN(10)]
	case 2:
		return "(" + expression(r, depth-1) + ")"
	case 3:
		return "(?:" + expression(r, depth-1) + "|" + expression(r, depth-1) + ")"
	}
	return expression(r, depth-1) + expression(r, depth-1)
}

func textFor(r *rand.Rand) string {
	return chosen(r, 12, "a", "b", "c", "ab", " ", "\n", "é", "ü", "1", "k", "K", "\u212a", "😀", "@", "_", "\xff", "\xc3")
}

// TestRegex holds the program's matches to those of Go's regexp, in thousands of generated expressions.
func TestRegex(t *testing.T) {
	t.Parallel()
	r := newRand()
	var calls []call
	add := func(expr string) {
		re, err := regexp.Compile(expr)
		if err != nil {
			return
		}
		for range 8 {
			calls = append(calls, regexCalls(t, r, re, textFor(r))...)
		}
	}
	for _, e := range expressions {
		add(e)
		add(e)
		add("(?:" + e + ")")
		add("(" + e + ")")
	}
	for range 1500 {
		add(expression(r, 4))
	}
	run(t, calls)
}

func programOf(t *testing.T, expr string, groups int) []byte {
	data, err := table.Program(expr, groups)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func regexCalls(t *testing.T, r *rand.Rand, re *regexp.Regexp, s string) []call {
	plain := programOf(t, re.String(), -1)
	calls := []call{{"rt_regex_matches", []any{plain, s}, boolean(re.MatchString(s))}}
	for _, make := range []func(string, int) ([]byte, error){table.Program, table.Finder} {
		calls = append(calls, findingCalls(t, r, re, s, make)...)
	}
	return calls
}

// findingCalls are those of functions that tell where matches are, by a program or an automaton.
func findingCalls(t *testing.T, r *rand.Rand, re *regexp.Regexp, s string, make func(string, int) ([]byte, error)) (calls []call) {
	data := func(groups int) []byte {
		b, err := make(re.String(), groups)
		if err != nil {
			t.Fatalf("%s: %v", re, err)
		}
		return b
	}
	groups := re.NumSubexp()
	if groups < 2 {
		all := data(groups)
		var found []string
		first := result{returned: 0, out: []uint64{0}}
		for i, m := range re.FindAllStringSubmatch(s, -1) {
			if last := m[len(m)-1]; groups == 0 || last != "" {
				found = append(found, last)
				if i == 0 {
					first.out[0] = 1
				}
			}
		}
		calls = append(calls,
			call{"rt_regex_extract_all", []any{all, s, uint64(0)}, result{show: leavesTexts, bytes: texts(found)}},
			call{"rt_regex_extract", []any{all, s}, first})
	}
	by := chosen(r, 6, "x", `\0`, `\1`, `\\`, "é", `\2`, `\9`, `\`, `\a`)
	n := r.IntN(6) - 2
	noted := min(groups, 9)
	return append(calls, call{"rt_regex_replace", []any{data(noted), s, by, uint64(n), uint64(0), uint64(groups)}, replaced(re, s, by, n)})
}

// replaced is what the native engine does, by way of regexp's own matches.
func replaced(re *regexp.Regexp, s, by string, n int) result {
	if n == 0 {
		return leaves(0, s)
	}
	var out strings.Builder
	last := 0
	for i, m := range re.FindAllStringSubmatchIndex(s, -1) {
		if n > 0 && i == n {
			break
		}
		out.WriteString(s[last:m[0]])
		for b := by; b != ""; b = b[1:] {
			if b[0] != '\\' {
				out.WriteByte(b[0])
				continue
			}
			if b = b[1:]; b == "" {
				return leaves(invalidArgument, "")
			}
			g := int(b[0]) - '0'
			switch {
			case b[0] == '\\':
				out.WriteByte('\\')
			case g < 0 || g > min(9, re.NumSubexp()):
				return leaves(invalidArgument, "")
			case m[2*g] >= 0:
				out.WriteString(s[m[2*g]:m[2*g+1]])
			}
		}
		last = m[1]
	}
	return leaves(0, out.String()+s[last:])
}

// TestRegexLimits: how much may be made, and read again.
func TestRegexLimits(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 1<<16)
	a, groups := programOf(t, "a", 0), programOf(t, "(a)", 1)
	run(t, []call{
		{"rt_regex_extract_all", []any{a, long, uint64(64)}, result{returned: 0}},
		{"rt_regex_extract_all", []any{a, long, uint64(65)}, result{returned: limit}},
		{"rt_regex_extract_all", []any{a, long + "a", uint64(0)}, result{returned: limit}},
		{"rt_regex_replace", []any{groups, long, `\1\1`, uint64(2), uint64(1), uint64(1)}, leaves(0, "aa"+long)},
		{"rt_regex_groups", []any{long}, result{returned: invalidArgument}},
	})
	m := instantiate(t, compiler()) // natively each step of a text that grows is a text of its own
	for _, c := range []call{
		{"rt_regex_replace", []any{a, long, strings.Repeat("b", 16), ^uint64(0), uint64(1), uint64(0)}, leaves(0, strings.Repeat("b", 1<<20))},
		{"rt_regex_replace", []any{a, long, strings.Repeat("b", 17), ^uint64(0), uint64(1), uint64(0)}, leaves(limit, "")},
	} {
		c.check(t, "compiler", m.call(t, c))
	}
}
