package cel

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"regexp/syntax"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rungpolicy/rung/policy"
)

// TestPattern holds matches that come one at a time against those of package regexp, all at once.
func TestPattern(t *testing.T) {
	t.Parallel()
	patterns := []string{
		"", "a", "a*", "a+?", "(a)|b", `\b`, `\B`, `\bab?\b`, "^", "$", "(?m)^", "(?m)$", "(?m)^a*$", `\A`, `\z`, `\Aa`, `a\z`, "^a|b", "(^|b)a", `(a*)(\b|^)`,
		`(a)(b)?`, `(?:a|(b))*`, `é`, `(?i)É|a\b`, `.`, `(?s).`, `.*`, `.*?`, `(.*?)(b|$)`, `\Qa`, `\b\Qa.`, `\b\Qa\E`, "(?i)\\bA", "[^a]*", `a|\Bb|^`, "a.*z|a", `\s*\b`,
	}
	texts := []string{"", "a", "b", "ab", "aab ba", "é", "aéa éé", "a\nb\n\naa", "a.b a. a", " aa  b ", "zaza", "\n\n", "\U0001f600a\U0001f600"}
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var b strings.Builder
		for range r.IntN(30) {
			b.WriteString([]string{"a", "b", "é", " ", "\n", "z", "."}[r.IntN(7)])
		}
		texts = append(texts, b.String())
	}
	for range 400 {
		if p := randomPattern(r, 4); len(p) < 100 {
			patterns = append(patterns, p)
		}
	}
	for _, text := range patterns {
		p, err := newPattern(text)
		if err != nil {
			t.Fatal(text, err)
		}
		for _, s := range texts {
			var got, short [][]int
			for m := range p.all(s, true) {
				got = append(got, slices.Clone(m))
			}
			for m := range p.all(s, false) {
				short = append(short, slices.Clone(m[:2]))
			}
			if want := p.FindAllStringSubmatchIndex(s, -1); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Fatalf("%q in %q: %v, want %v", text, s, got, want)
			}
			if want := p.FindAllStringIndex(s, -1); fmt.Sprint(short) != fmt.Sprint(want) {
				t.Fatalf("%q in %q: %v, want %v", text, s, short, want)
			}
		}
	}
}

func randomPattern(r *rand.Rand, depth int) string {
	if depth == 0 || r.IntN(4) == 0 {
		return []string{"a", "b", "é", ".", `\b`, `\B`, "^", "$", "(?m:^)", "(?m:$)", "[ab]", `\s`, "", "z"}[r.IntN(14)]
	}
	x := randomPattern(r, depth-1)
	switch r.IntN(8) {
	case 0:
		return "(?:" + x + ")*"
	case 1:
		return "(?:" + x + ")?"
	case 2:
		return "(?:" + x + ")+?"
	case 3:
		return "(" + x + ")"
	case 4:
		return "(?:" + x + "|" + randomPattern(r, depth-1) + ")"
	}
	return x + randomPattern(r, depth-1)
}

// TestBehind shows that what the checker passes can be matched one at a time.
func TestBehind(t *testing.T) {
	t.Parallel()
	for n := range 1100 {
		p := strings.Repeat("(", n) + `\b` + strings.Repeat(")", n)
		if checkPattern(p) != nil {
			if _, err := syntax.Parse(p, syntax.Perl); err == nil && n < 990 {
				t.Fatal(n, checkPattern(p))
			}
			return
		}
		if n%100 == 0 || n > 990 {
			if _, err := newPattern(p); err != nil {
				t.Fatal(n, err)
			}
		}
	}
	t.Fatal("no end of nesting")
}

// TestRegexMemory shows that a pattern of many groups takes no more memory than one of few.
func TestRegexMemory(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(10)) // else there may be as much garbage as other tests have left data
	s := newSetup(&policy.Policy{Signals: []*policy.Signal{{Name: "s", Type: policy.String}}}, map[string]policy.Value{"s": strings.Repeat("x", policy.MaxStringBytes)})
	for _, src := range []string{
		"regex.replace(s, '" + strings.Repeat("()", 100) + "', '') == 'x'",
		`regex.replace(s, '` + strings.Repeat("()", 100) + `', '\\1') == 'x'`,
		`regex.replace(s, '` + strings.Repeat("()", 100) + `\\b', '\\1') == 'x'`,
	} {
		var before, after runtime.MemStats
		stop := make(chan struct{})
		peak := make(chan uint64)
		runtime.GC()
		runtime.ReadMemStats(&before)
		go func() {
			var most uint64
			for {
				select {
				case <-stop:
					peak <- most
					return
				case <-time.After(2 * time.Millisecond):
					runtime.ReadMemStats(&after)
					most = max(most, after.HeapAlloc)
				}
			}
		}()
		if got := show(&policy.Policy{}, s.value(t, src)); got != "false" {
			t.Errorf("%.60s is %s", src, got)
		}
		close(stop)
		if most := <-peak; most > before.HeapAlloc+32<<20 {
			t.Errorf("%.60s took %d MB", src, (most-before.HeapAlloc)>>20)
		}
	}
}

// TestReplacement shows that groups which hold nothing take no time, and that a replacement is what cel-go makes of it.
func TestReplacement(t *testing.T) {
	t.Parallel()
	p := &policy.Policy{Signals: []*policy.Signal{{Name: "hidden", Type: policy.String, Sensitive: true}, {Name: "s", Type: policy.String}}}
	s := newSetup(p, map[string]policy.Value{"s": strings.Repeat("x", policy.MaxStringBytes), "hidden": `\7`})
	for _, tt := range []struct{ src, want string }{
		{`regex.replace('abc', '(b)(z)?', '<\\1\\2\\0\\\\>')`, `a<bb\>c`},
		{`regex.replace('abc', '', '-')`, `-a-b-c-`},
		{`regex.replace('aXbX', '\\bX|X', '-', 1)`, `a-bX`},
		{`regex.replace('abc', 'z', '\\9')`, `abc`},
		{`size(regex.replace(s, '()x', '` + strings.Repeat(`\\1`, 10_000) + `y'))`, "65536"},
		{`size(regex.extractAll(s + 'xxxy', 'x(y?)'))`, "1"},
		{`regex.replace(s, 'x', hidden)`, "error invalid_argument"},
	} {
		got := show(p, s.value(t, tt.src))
		if strings.Trim(got, `"`) != strings.ReplaceAll(tt.want, `\`, `\\`) {
			t.Errorf("%.60s is %s, want %s", tt.src, got, tt.want)
		}
	}
	if f := s.value(t, `regex.replace(s, 'x', hidden)`).(*fault); strings.Contains(f.msg, "7") {
		t.Error(f.msg)
	}
}

func BenchmarkReplaceAll(b *testing.B) {
	s := strings.Repeat("abc, de ", 8192)
	for _, text := range []string{"[^a-z]", `\bd`, "de"} {
		b.Run("one/"+text, func(b *testing.B) {
			p, _ := newPattern(text)
			for b.Loop() {
				for range p.all(s, false) {
				}
			}
		})
		b.Run("all/"+text, func(b *testing.B) {
			p := regexp.MustCompile(text)
			for b.Loop() {
				p.FindAllStringSubmatchIndex(s, -1)
			}
		})
	}
}
