package cel

import (
	"math/rand/v2"
	"regexp/syntax"
	"strings"
	"testing"
)

// TestProgSize holds the size of a pattern's program against the program that package regexp makes.
func TestProgSize(t *testing.T) {
	t.Parallel()
	sizes := func(p string) (got, want int) {
		re, err := syntax.Parse(p, syntax.Perl)
		if err != nil {
			t.Fatal(p, err)
		}
		got = progSize(re)
		prog, err := syntax.Compile(re.Simplify())
		if err != nil {
			t.Fatal(p, err)
		}
		return got, len(prog.Inst)
	}
	for _, p := range []string{
		"", "a", "abc", "a{30}", "a{1,30}", "a{3,}", "(a{1,30}){1,30}b", "[a-z]{5}x*", "(?:ab|cd|e)+", "a?b*?c+", "(a*)*", "(?:a?){3,}", ".{0,9}", `^\bx$`, "a{0}b", "(?:a|b*)*c",
	} {
		if got, want := sizes(p); got != want {
			t.Errorf("%q: %d, but regexp makes %d", p, got, want)
		}
	}
	r := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		p := randomPattern(r, 5)
		if r.IntN(2) == 0 {
			p = "(?:" + p + "){2,5}"
		}
		if got, want := sizes(p); got < want {
			t.Errorf("%q: %d, but regexp makes %d", p, got, want)
		}
	}
	for p, fits := range map[string]bool{
		strings.Repeat("a{1000}", 9) + "a{998}": true,
		strings.Repeat("a{1000}", 9) + "a{999}": false,
	} {
		if err := checkPattern(p); (err == nil) != fits {
			t.Errorf("%s: %v", p, err)
		}
	}
}

// TestTypeSize shows that operators do not make types larger, and that what does is still bounded.
func TestTypeSize(t *testing.T) {
	t.Parallel()
	env := bankEnv()
	for src, fits := range map[string]bool{
		"1" + strings.Repeat(" + 1", 248) + " == 0":                                                true,
		"[1]" + strings.Repeat(" + [1]", 240) + " == []":                                           true,
		"'a'" + strings.Repeat(".lowerAscii()", 240) + " == ''":                                    true,
		strings.Repeat("string(", 240) + "1" + strings.Repeat(")", 240) + " == ''":                 true,
		strings.Repeat("optional.of(", 25) + "1" + strings.Repeat(")", 25) + " == optional.none()": true,
		strings.Repeat("optional.of(", 40) + "1" + strings.Repeat(")", 40) + " == optional.none()": false,
		"[1]" + strings.Repeat(".map(a, a)", 100) + " == []":                                       true,
		"optional.of([1])" + strings.Repeat(".optMap(a, a)", 100) + " == optional.none()":          true,
		strings.Repeat("[", 40) + "1" + strings.Repeat("]", 40) + " == []":                         false,
		"[1]" + strings.Repeat(".map(a, [a])", 40) + " == []":                                      false,
	} {
		if _, diags := env.Check(fileOf(src), nil); diags.HasErrors() == fits {
			t.Errorf("%.40s: %v", src, diags)
		}
	}
}
