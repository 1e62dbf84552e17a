package table_test

import (
	"errors"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/rungpolicy/rung/wasm/internal/table"
)

// patterns are regular expressions as policies have them, and what is hard of the syntax.
var patterns = []string{
	``, `a`, `^$`, `^a$`, `^[a-z]+$`, `(?i)bot|crawl|spider|slurp|headless`, `^[^@\s]+@[^@\s]+\.[a-z]{2,}$`,
	`^((25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(25[0-5]|2[0-4]\d|1?\d?\d)$`,
	`^[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`,
	`\bfoo\b`, `\Bfoo\B`, `(?m)^a$`, `(?s)a.b`, `a.b`, `(?m)^$`, `\Aab\z`, `é`, `[^é]`, `^.$`, `^..$`, `^\x{FFFD}$`, `[^\x{FFFD}]`, `(?i)k`, `(?i)ſ`,
	`^\p{L}+$`, `^\p{Greek}`, `^[\p{Lu}\p{Nd}]{3}$`, `^\PL$`, `[[:alpha:]]\W`, `(a|b)*c`, `^(a|ab)(c|bcd)(d*)$`, `(?:)`, `^*`, `(|a)+`, `(a*)*b`,
	`\b`, `\B`, `^\b`, `\b$`, `(?m)\b$`, `x*`, `$a`, `a^`, `(?m)a$\nb`, `(?m)^\n^`, `\x00`, `[\x00-\x{10FFFF}]`, `^[^\x00-\x{10FFFF}]`,
	`^.{1,64}$`, `^(\+|00)[1-9]\d{6,14}$`, `a.{7}b`, `(?U)a+`, `\Q.*\E`, `[a-c]{2,4}x{0}y?`, `^(?:a{3}){4}$`, `😀`, `[😀-😂]`,
}

func TestRegexp(t *testing.T) {
	t.Parallel()
	everywhere(t, func(n engine) {
		r := rand.New(rand.NewPCG(1, 2))
		for _, p := range patterns {
			compare(n, r, p, 300)
		}
	})
}

func TestRegexpGenerated(t *testing.T) {
	t.Parallel()
	everywhere(t, func(n engine) {
		r := rand.New(rand.NewPCG(3, 4))
		compared := 0
		for range 6000 {
			if compare(n, r, pattern(r, 3), 40) {
				compared++
			}
		}
		if compared < 5000 {
			n.tb().Errorf("only %d of 6000 patterns were compared", compared)
		}
	})
}

// compare looks for a pattern in texts with Go's regexp and with the guest, and reports whether the pattern has an automaton.
func compare(n engine, r *rand.Rand, p string, texts int) bool {
	n.tb().Helper()
	want, err := regexp.Compile(p)
	if err != nil {
		return false
	}
	data, err := table.Regexp(p)
	if errors.Is(err, table.ErrTooLarge) {
		return false
	}
	if err != nil {
		n.tb().Fatalf("%q: %v", p, err)
	}
	defer n.forget(n.top())
	at := n.put(data)
	asked := []string{"", "a", "\n", p}
	for range texts {
		asked = append(asked, text(r, p))
	}
	for _, s := range asked {
		n.call('X', at, n.text(s))
	}
	for i, got := range n.answers(len(asked)) {
		if found := want.MatchString(asked[i]); found != (got == 1) || got > 1 {
			n.tb().Errorf("%q in %q: %d, want %v", p, asked[i], got, found)
		}
	}
	return true
}

var letters = []string{
	"a", "b", "c", "A", "k", "K", "\u212a", "s", "ſ", "_", "0", "9", "-", ".", " ", "\n", "é", "É", "ß", "π", "ж", "中", "😀", "\ufffd", "\x00",
	"\xff", "\xc3", "\xa9", "\xe4\xb8", "\xf0\x9f\x98", "\xed\xa0\x80", "\xc0\x80", "\xf4\x90\x80\x80", "foo", "abc",
}

// text is a text that a pattern may be found in: of letters, and of pieces of the pattern.
func text(r *rand.Rand, pattern string) string {
	var b strings.Builder
	for range r.IntN(8) {
		if len(pattern) > 0 && r.IntN(3) == 0 {
			from := r.IntN(len(pattern))
			b.WriteString(pattern[from : from+r.IntN(min(4, len(pattern)-from)+1)])
		} else {
			b.WriteString(letters[r.IntN(len(letters))])
		}
	}
	return b.String()
}

var atoms = []string{
	"a", "b", "c", "k", "_", "0", ".", "é", "π", "😀", `\x{FFFD}`, "[a-c]", "[^a]", "[^é\n]", `[k-s]`, `\d`, `\w`, `\W`, `\s`, `\pL`, `\PL`, `\p{Greek}`, "[[:upper:]]", `\x00`,
	"^", "$", `\A`, `\z`, `\b`, `\B`, "(?m:^)", "(?m:$)", "(?s:.)", `(?i:k)`, `(?i:é)`, "foo", `\n`, "(?i:[a-k])",
}

// pattern is a regular expression of some depth.
func pattern(r *rand.Rand, depth int) string {
	if depth == 0 || r.IntN(4) == 0 {
		return atoms[r.IntN(len(atoms))]
	}
	switch r.IntN(7) {
	case 0:
		return "(" + pattern(r, depth-1) + "|" + pattern(r, depth-1) + ")"
	case 1:
		return "(?:" + pattern(r, depth-1) + ")" + []string{"*", "+", "?", "{2}", "{1,3}", "{2,}", "*?", "{0}", "{0,5}"}[r.IntN(9)]
	case 2:
		return []string{"(?i)", "(?m)", "(?s)", "(?ims)"}[r.IntN(4)] + pattern(r, depth-1)
	case 3:
		return "^" + pattern(r, depth-1) + "$"
	}
	return pattern(r, depth-1) + pattern(r, depth-1)
}
