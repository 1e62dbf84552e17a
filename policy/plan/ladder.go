package plan

import (
	"cmp"
	"slices"

	"github.com/rungpolicy/rung/policy"
)

// ladder is a policy's levels, by rank, with what proves each.
type ladder struct {
	levels []*policy.Level
	acrs   map[string]int // rank by acr
	// from has, for each level, the amr sets of it and of the higher ones; enrollable the same without words for a ceremony.
	from, reach [][][]string
	own         []int // how many of reach are the level's own
	acrValues   [][]string
}

func newLadder(levels []*policy.Level) ladder {
	l := ladder{levels: levels, acrs: map[string]int{}}
	for i, level := range levels {
		for _, acr := range level.ACR {
			l.acrs[acr] = level.Rank
		}
		var from, reach [][]string
		var acrs []string
		own := 0
		for j, higher := range levels[i:] {
			from = append(from, higher.AMR...)
			acrs = append(acrs, higher.ACR...)
			for _, set := range higher.AMR {
				if set = slices.DeleteFunc(slices.Clone(set), ceremony); len(set) > 0 {
					reach = append(reach, set)
				}
			}
			if j == 0 {
				own = len(reach)
			}
		}
		l.from, l.reach, l.own = append(l.from, from), append(l.reach, reach), append(l.own, own)
		l.acrValues = append(l.acrValues, acrs)
	}
	return l
}

// index is the place of the level of a rank. All ranks asked for are those of the policy's own levels.
func (l *ladder) index(rank int) int {
	i, _ := slices.BinarySearchFunc(l.levels, rank, func(level *policy.Level, r int) int { return cmp.Compare(level.Rank, r) })
	return i
}

// sets are the amr sets that prove a level: its own and the higher ones'.
func (l *ladder) sets(rank int) [][]string { return l.from[l.index(rank)] }

// enrollable are the sets that a subject can be enrolled for: nobody enrols a ceremony.
func (l *ladder) enrollable(rank int) [][]string { return l.reach[l.index(rank)] }

// hasOwnSets reports whether the level itself has such a set.
func (l *ladder) hasOwnSets(rank int) bool { return l.own[l.index(rank)] > 0 }

// challenge is a level's name and the acr values that satisfy it: its own, then the higher ones' by rank, as RFC 9470 section 3 has them in order of
// preference.
func (l *ladder) challenge(rank int) (level string, acrs []string) {
	i := l.index(rank)
	return l.levels[i].Name, l.acrValues[i]
}
