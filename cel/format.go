package cel

import (
	"strings"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/policy"
)

// Layout says how wide a formatted condition may be. The zero value is a line's usual width, and lines that end in "\n".
type Layout struct {
	// Width is how many characters a line should have at most; 0 stands for 100, and what is negative for no limit.
	Width int
	// Newline is what ends a line, "\n" if empty. Line ends within strings stay what they are.
	Newline string
}

const usualWidth = 100

// Format returns the canonical form of a condition: the author's tokens and comments, every one of them and in their order, with the space between
// them made anew. So it parses to the same tree, parentheses included, and formatting it again changes nothing.
//
// What fits a line stands on one. Else it is broken at its outermost `||`, `&&` or `? :` first, operators at the end of the line, then at
// the methods of a chain, the arguments of a call, the elements of a list. A comment ends its line, and stays between the tokens that it stood
// between: behind what precedes it in its line, or on a line of its own. The form ends in a new line if its last line is a comment, and else never.
//
// A condition that does not parse has diagnostics, and no form. One whose form would be longer than a condition may be is returned as it is.
func Format(text *policy.Text, l Layout) (string, diag.List) {
	if _, err := parse(text); err != nil {
		return "", diag.List{diagnostic(text, err.start, err.end, err.code, err.summary, err.detail, "")}
	}
	out := format(text.Value, l)
	if len(out) > policy.MaxConditionBytes || !sameWords(text.Value, out) {
		return text.Value, nil
	}
	return out, nil
}

// format lays out a text that parses.
func format(src string, l Layout) string {
	if l.Width == 0 {
		l.Width = usualWidth
	}
	if l.Newline == "" {
		l.Newline = "\n"
	}
	words, _ := split(src)
	p := printer{Layout: l}
	p.print(layOut(words), 0, false, 0)
	return p.out.String()
}

// word is a token and the comments before it.
type word struct {
	token
	comments []comment
}

// comment is `// …`, without what follows its last visible character.
type comment struct {
	text string
	// own says that it stands on a line of its own, blank that the line before that is empty.
	own, blank bool
}

// split cuts a text into words; the last is tokEnd, with the comments that stand behind all. It reports whether all tokens are of CEL.
func split(src string) (words []word, ok bool) {
	l := lexer{src: src}
	end := 0 // of the token before
	for {
		t := l.next()
		words = append(words, word{token: t, comments: comments(src[end:t.start], end == 0)})
		end = t.end
		if t.kind == tokEnd || t.kind == tokInvalid {
			return words, t.kind == tokEnd
		}
	}
}

// comments finds the comments in what stands between two tokens.
func comments(gap string, first bool) []comment {
	var out []comment
	lines := 0 // ends of lines since the token or comment before
	for len(gap) > 0 {
		if gap[0] != '/' {
			if gap[0] == '\n' {
				lines++
			}
			gap = gap[1:]
			continue
		}
		text, rest, _ := strings.Cut(gap, "\n")
		atStart := first && len(out) == 0
		out = append(out, comment{
			text: strings.TrimRight(text, " \t\r\f"), own: lines > 0 || atStart || len(out) > 0, blank: lines > 1 && !atStart,
		})
		gap, lines = rest, 1
	}
	return out
}

// sameWords reports whether two texts have the same tokens and comments, in the same order: then they parse to the same tree.
func sameWords(a, b string) bool {
	x, okX := split(a)
	y, okY := split(b)
	if !okX || !okY || len(x) != len(y) {
		return false
	}
	for i := range x {
		if x[i].kind != y[i].kind || x[i].text != y[i].text || len(x[i].comments) != len(y[i].comments) {
			return false
		}
		for j := range x[i].comments {
			if x[i].comments[j].text != y[i].comments[j].text {
				return false
			}
		}
	}
	return true
}
