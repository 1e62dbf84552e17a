package cel

import (
	"strconv"
	"strings"
)

// maxGroup is the last group that a replacement can name, with one digit.
const maxGroup = 9

// literals is where a replacement's own text stands among its groups.
const literals = maxGroup + 1

// replacement is what takes the place of a match: text, and groups of the match.
type replacement struct {
	pieces []string // text; "" where a group stands
	// at is where each group stands among the pieces, in order, and then where text does. A group that holds nothing is not
	// looked at, or many that are empty, times many matches, would make little and take long.
	at   [literals + 1][]int
	text int // bytes of all text
}

// newReplacement reads a replacement: \1 is what the first group holds, \0 the match, \\ a backslash. Wrong says what is not right
// with it; that is an error only where there is a match.
func newReplacement(repl string, groups int) (r *replacement, wrong string) {
	r = new(replacement)
	for repl != "" {
		text, rest, escape := strings.Cut(repl, `\`)
		r.add(text)
		repl = rest
		switch {
		case !escape:
		case repl == "":
			return r, `invalid replacement string: \ not allowed at end`
		case repl[0] == '\\':
			r.add(repl[:1])
			repl = repl[1:]
		case repl[0] < '0' || repl[0] > '9':
			return r, `invalid replacement string: \ must be followed by a digit or \`
		default:
			g := int(repl[0] - '0')
			if g > groups {
				return r, "replacement string references group " + strconv.Itoa(g) + " but regex has only " + strconv.Itoa(groups) + " group(s)"
			}
			r.at[g] = append(r.at[g], len(r.pieces))
			r.pieces = append(r.pieces, "")
			repl = repl[1:]
		}
	}
	return r, ""
}

func (r *replacement) add(text string) {
	if text == "" {
		return
	}
	r.at[literals] = append(r.at[literals], len(r.pieces))
	r.pieces = append(r.pieces, text)
	r.text += len(text)
}

// hasGroups reports whether it names a group other than the match as a whole.
func (r *replacement) hasGroups() bool {
	for _, at := range r.at[1:literals] {
		if len(at) > 0 {
			return true
		}
	}
	return false
}

// size is how many bytes write writes.
func (r *replacement) size(m []int) int {
	n := r.text
	for g, at := range r.at[:literals] {
		if len(at) > 0 {
			n += len(at) * (m[2*g+1] - m[2*g]) // both -1 where the group took no part
		}
	}
	return n
}

// write writes it for a match m in s: whatever is not empty, by its place.
func (r *replacement) write(out *strings.Builder, s string, m []int) {
	var next [literals + 1][]int
	for g, at := range r.at {
		if g == literals || len(at) > 0 && m[2*g] < m[2*g+1] {
			next[g] = at
		}
	}
	for {
		first := -1
		for g, at := range next {
			if len(at) > 0 && (first < 0 || at[0] < next[first][0]) {
				first = g
			}
		}
		switch first {
		case -1:
			return
		case literals:
			out.WriteString(r.pieces[next[first][0]])
		default:
			out.WriteString(s[m[2*first]:m[2*first+1]])
		}
		next[first] = next[first][1:]
	}
}
