package cel

import (
	"iter"
	"regexp"
	"regexp/syntax"
	"slices"
	"unicode/utf8"

	"github.com/rungpolicy/rung/internal/reach"
)

// pattern is a compiled regular expression. Package regexp finds all matches at once or the first, and all at once can be a thousand
// times the text: here they come one at a time, and are the same.
type pattern struct {
	*regexp.Regexp
	// behind matches from the second character of a text on. It is nil where a match does not depend on what stands before it:
	// then the rest of a text is a text.
	behind *regexp.Regexp
	reach  int // see package reach
}

func newPattern(text string) (*pattern, error) {
	re, err := regexp.Compile(text)
	if err != nil {
		return nil, err
	}
	tree, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return nil, err
	}
	p := &pattern{Regexp: re, reach: reach.Of(tree)}
	if looksBehind(tree) {
		p.behind, err = regexp.Compile(behind(text))
		if err != nil {
			return nil, err
		}
	}
	return p, nil
}

// behind is the text of a pattern whose first group is the first match of another that begins behind the first character.
func behind(text string) string {
	const skip, end, quoted = `\A(?s:.)(?s:.*?)(`, `)`, `\E)`
	if _, err := syntax.Parse(skip+text+end, syntax.Perl); err == nil {
		return skip + text + end
	}
	return skip + text + quoted // `\Q` may go on to the end
}

// looksBehind reports whether what a pattern matches depends on what stands before.
func looksBehind(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpBeginLine, syntax.OpBeginText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return true
	default:
		return slices.ContainsFunc(re.Sub, looksBehind)
	}
}

// all are the matches of FindAllStringSubmatchIndex, or of FindAllStringIndex if groups are of no interest, in order. A match is of use until
// the next.
func (p *pattern) all(s string, groups bool) iter.Seq[[]int] {
	return func(yield func([]int) bool) {
		last := -1 // where the match before ended
		for pos := 0; pos <= len(s); {
			m := p.find(s, pos, groups)
			if m == nil {
				return
			}
			again := m[1] == pos && m[0] == last // an empty match where one has just ended does not count
			last = m[1]
			if pos < m[1] {
				pos = m[1]
			} else if _, width := utf8.DecodeRuneInString(s[pos:]); width > 0 {
				pos += width
			} else {
				pos++
			}
			if !again && !yield(m) {
				return
			}
		}
	}
}

// find returns the first match that begins at pos or later; nil if there is none.
func (p *pattern) find(s string, pos int, groups bool) []int {
	re, from := p.Regexp, pos
	if pos > 0 && p.behind != nil {
		_, width := utf8.DecodeLastRuneInString(s[:pos])
		re, from = p.behind, pos-width
	}
	var m []int
	if groups || re == p.behind {
		m = re.FindStringSubmatchIndex(s[from:])
	} else {
		m = re.FindStringIndex(s[from:])
	}
	if m != nil && re == p.behind {
		m = m[2:]
	}
	for i := range m {
		if m[i] >= 0 {
			m[i] += from
		}
	}
	return m
}
