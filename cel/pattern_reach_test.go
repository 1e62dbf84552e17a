package cel

import (
	"math/rand/v2"
	"regexp/syntax"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/rungpolicy/rung/internal/reach"
	"github.com/rungpolicy/rung/policy"
)

func TestReach(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		``: 0, `a`: 1, `abc`: 3, `\d+`: 1, `[^0-9]`: 1, `#\w+`: 2, `a.*`: 2, `a{3}`: 3, `a{3,5}`: 3, `a{3,}`: 3, `[a-z]+(?:-[a-z]+)*`: endless, `[a-z](?:-[a-z]+)*`: 3,
		`(?:,\s)+`: 2, `a|bcd|e+`: 3, `a+(?:)`: 1, `a+b{0}`: 1, `\bab`: 2, `^\s+`: 1, `a.{1000}`: 1001, `é+?`: 1, `(?:a+)?`: 1, `(?:ab+){2,3}`: endless, `(?:ab+)*`: 2,
		`a.*z|a`: endless, `<[^>]*>`: endless, `\w+\b`: endless, `\s+$`: endless, `(?:\b)*a`: 1, `(?:a{999}){999}`: 998_001, `[^\x00-\x{10FFFF}]+`: 1,
	} {
		re, err := syntax.Parse(text, syntax.Perl)
		if err != nil && text != `(?:a{999}){999}` {
			t.Fatal(text, err)
		}
		if err == nil && reach.Of(re) != want {
			t.Errorf("%s: %d, want %d", text, reach.Of(re), want)
		}
	}
}

// runes counts what is read of a text.
type runes struct {
	strings.Reader
	read int
}

func (r *runes) ReadRune() (rune, int, error) {
	c, n, err := r.Reader.ReadRune()
	r.read += min(n, 1)
	return c, n, err
}

// TestReachIsEnough shows that a search does not read further behind a match than a pattern reaches.
func TestReachIsEnough(t *testing.T) {
	t.Parallel()
	const ahead = 3 // what package regexp looks at, to know of `\b` and `$`
	r := rand.New(rand.NewPCG(7, 3))
	bounded := 0
	for range 4000 {
		text := randomPattern(r, 5)
		p, err := newPattern(text)
		if err != nil {
			continue
		}
		if p.reach < endless {
			bounded++
		}
		for range 20 {
			s := randomText(r, 60)
			in := &runes{Reader: *strings.NewReader(s)}
			m := p.FindReaderSubmatchIndex(in)
			if m == nil {
				continue
			}
			if behind := in.read - utf8.RuneCountInString(s[:m[1]]); behind > p.reach+ahead {
				t.Fatalf("%q in %q: reads %d behind %v, reach %d", text, s, behind, m, p.reach)
			}
		}
	}
	if bounded < 1000 {
		t.Errorf("%d patterns have a bound", bounded)
	}
}

func randomText(r *rand.Rand, most int) string {
	var b strings.Builder
	for range r.IntN(most) {
		b.WriteString([]string{"a", "a", "b", "é", " ", "\n", "z"}[r.IntN(7)])
	}
	return b.String()
}

// TestReread shows that no pattern makes a call read a text over and over.
func TestReread(t *testing.T) {
	s := newSetup(&policy.Policy{Signals: []*policy.Signal{{Name: "s", Type: policy.String}}}, map[string]policy.Value{"s": strings.Repeat("<1", policy.MaxStringBytes/2)})
	for src, want := range map[string]string{
		`regex.replace(s, '<[^>]*>|1', '') == ''`:           "error limit",
		`regex.extractAll(s, '<[^>]*>|1') == []`:            "error limit",
		`regex.replace(s, '<[^>]*>|1', '', 60) == ''`:       "false",
		`size(regex.replace(s, '<[^>]{0,3}>|1', ''))`:       "32768",
		`size(regex.replace(s, '[^0-9]', ''))`:              "32768",
		`size(regex.extractAll(s, '[^0-9]+'))`:              "32768",
		`size(regex.replace(s + s + s + s, '<[^>]*>', ''))`: "262144",
	} {
		began := time.Now()
		if got := show(&policy.Policy{}, s.value(t, src)); got != want {
			t.Errorf("%s is %s, want %s", src, got, want)
		}
		t.Logf("%s: %v", src, time.Since(began))
	}
}
