package cel

import (
	"regexp/syntax"

	"github.com/rungpolicy/rung/policy"
)

// A search that has found a match may have read on behind it, looking for a better one; from there the next search reads again. With a
// pattern such as `a.*z|a` each of many matches can read to the end of the text. How far a pattern may go on is known beforehand, so what
// is read again is bounded by the matches alone: docs/language.md, "Sizes at run time".

// maxReread is the most characters that a call may read again.
const maxReread = 1 << 22

// endless is the length of what has no bound, and of what is longer than any text.
const endless = policy.MaxMadeBytes

// reachOf is the most characters that a search can read behind a match, or behind where a match begins, without one that ends there.
func reachOf(re *syntax.Regexp) int {
	switch re.Op {
	case syntax.OpCapture, syntax.OpStar, syntax.OpPlus, syntax.OpQuest:
		return reachOf(re.Sub[0])
	case syntax.OpRepeat:
		return min(endless, longestOf(re.Sub[0])*max(0, re.Min-1)+reachOf(re.Sub[0]))
	case syntax.OpConcat:
		return reachOfAll(re.Sub)
	case syntax.OpAlternate:
		most := 0
		for _, sub := range re.Sub {
			most = max(most, reachOf(sub))
		}
		return most
	default:
		return longestOf(re)
	}
}

// reachOfAll is the reach of parts one after the other: the last may match in time, of the others all is read first.
func reachOfAll(parts []*syntax.Regexp) int {
	for len(parts) > 0 && isNothing(parts[len(parts)-1]) {
		parts = parts[:len(parts)-1]
	}
	n := 0
	for i, part := range parts {
		if i < len(parts)-1 {
			n += longestOf(part)
		} else {
			n += reachOf(part)
		}
	}
	return min(endless, n)
}

// isNothing reports whether a part might as well not be there.
func isNothing(re *syntax.Regexp) bool {
	return re.Op == syntax.OpEmptyMatch || re.Op == syntax.OpRepeat && re.Max == 0
}

// longestOf is the most characters that a match has.
func longestOf(re *syntax.Regexp) int {
	n := 0
	for _, sub := range re.Sub {
		if longest := longestOf(sub); re.Op == syntax.OpAlternate {
			n = max(n, longest)
		} else {
			n = min(endless, n+longest)
		}
	}
	switch re.Op {
	case syntax.OpLiteral:
		return len(re.Rune)
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL, syntax.OpNoMatch:
		return 1
	case syntax.OpStar, syntax.OpPlus:
		return min(1, n) * endless
	case syntax.OpRepeat:
		if re.Max < 0 {
			return min(1, n) * endless
		}
		return min(endless, n*re.Max)
	default:
		return n
	}
}

// reread is how many characters a call has read again.
type reread int

// charge counts what is read again of a text that goes on for so many bytes behind a match.
func (r *reread) charge(at *site, re *pattern, behind int) *fault {
	*r += reread(min(behind, re.reach))
	if *r > maxReread {
		return at.fault(policy.Limit, "a search that reads the text too many times")
	}
	return nil
}
