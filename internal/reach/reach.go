// Package reach says how far a search by a regular expression may read on without a match.
//
// A search that has found a match may have read on behind it, looking for a better one; from there the next search reads again. With a
// pattern such as `a.*z|a` each of many matches can read to the end of the text. How far a pattern may go on is known beforehand, so what
// is read again is bounded by the matches alone: docs/language.md, "Sizes at run time". Every engine counts so.
package reach

import "regexp/syntax"

// Endless is the length of what has no bound, and of what is longer than any text.
const Endless = 1 << 20

// Of is the most characters that a search can read behind a match, or behind where a match begins, without one that ends there.
func Of(re *syntax.Regexp) int {
	switch re.Op {
	case syntax.OpCapture, syntax.OpStar, syntax.OpPlus, syntax.OpQuest:
		return Of(re.Sub[0])
	case syntax.OpRepeat:
		return min(Endless, longestOf(re.Sub[0])*max(0, re.Min-1)+Of(re.Sub[0]))
	case syntax.OpConcat:
		return all(re.Sub)
	case syntax.OpAlternate:
		most := 0
		for _, sub := range re.Sub {
			most = max(most, Of(sub))
		}
		return most
	default:
		return longestOf(re)
	}
}

// all is the reach of parts one after the other: the last may match in time, of the others all is read first.
func all(parts []*syntax.Regexp) int {
	for len(parts) > 0 && isNothing(parts[len(parts)-1]) {
		parts = parts[:len(parts)-1]
	}
	n := 0
	for i, part := range parts {
		if i < len(parts)-1 {
			n += longestOf(part)
		} else {
			n += Of(part)
		}
	}
	return min(Endless, n)
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
			n = min(Endless, n+longest)
		}
	}
	switch re.Op {
	case syntax.OpLiteral:
		return len(re.Rune)
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL, syntax.OpNoMatch:
		return 1
	case syntax.OpStar, syntax.OpPlus:
		return min(1, n) * Endless
	case syntax.OpRepeat:
		if re.Max < 0 {
			return min(1, n) * Endless
		}
		return min(Endless, n*re.Max)
	default:
		return n
	}
}
