// Package spell finds the name that was likely meant.
package spell

import (
	"strings"
	"sync/atomic"
)

// Budget bounds what suggestions take in all: where nearly everything is wrong, enough has been compared at some point, and the
// rest is left without. It is safe for concurrent use. The zero value is spent.
type Budget struct{ left atomic.Int64 }

// NewBudget returns a budget of so many pairs of bytes to compare: a million take some milliseconds.
func NewBudget(pairs int64) *Budget {
	b := new(Budget)
	b.left.Store(pairs)
	return b
}

// Spent reports whether there will be no more suggestions.
func (b *Budget) Spent() bool { return b.left.Load() <= 0 }

// Nearest is the function [Nearest], or none where the budget does not reach.
func (b *Budget) Nearest(word string, candidates []string) (string, bool) {
	const each = 16 // also a candidate that is not compared has been looked at
	pairs := int64(0)
	for _, c := range candidates {
		pairs += each + int64(len(word)*len(c))
	}
	if b.left.Add(-pairs) < 0 {
		return "", false
	}
	return Nearest(word, candidates)
}

// Nearest returns the candidate that is fewest slips away from word, and whether one is near enough to be worth a "did you mean": about one
// slip for every three bytes. A slip is a letter left out, put in or changed, or two neighbours swapped; upper and lower case
// count as the same. Of equally near candidates the first wins, so hand them over in a fixed order.
func Nearest(word string, candidates []string) (string, bool) {
	const maxBytes = 256 // longer names are not slips of the pen
	if word == "" || len(word) > maxBytes {
		return "", false
	}
	folded := strings.ToLower(word)
	best, found := "", false
	limit := (len(word) + 2) / 3
	for _, c := range candidates {
		if c == word || len(c) > maxBytes || max(len(c)-len(word), len(word)-len(c)) > limit {
			continue
		}
		if d := distance(folded, strings.ToLower(c), limit); d <= limit {
			best, found = c, true
			if d == 0 {
				break
			}
			limit = d - 1 // only a nearer one may take its place
		}
	}
	return best, found
}

// distance is the optimal string alignment distance of a and b, or more than limit if it is more than that.
func distance(a, b string, limit int) int {
	// Three rows of the usual table: two before, before, current.
	rows := make([]int, 3*(len(b)+1))
	before2, before, row := rows[:len(b)+1], rows[len(b)+1:2*(len(b)+1)], rows[2*(len(b)+1):]
	for j := range before {
		before[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(before[j]+1, row[j-1]+1, before[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before2[j-2]+1)
			}
			least = min(least, row[j])
		}
		if least > limit {
			return least
		}
		before2, before, row = before, row, before2
	}
	return before[len(b)]
}
