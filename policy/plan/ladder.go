package plan

import (
	"slices"

	"github.com/rungpolicy/rung/policy"
)

// ladder is a policy's levels, by rank, with what proves each. A level is its place in it, from 1; 0 is none.
type ladder struct {
	rungs []rung
	acrs  map[string]int // level by acr
}

// rung is a level, with what the higher ones add: a higher level satisfies a lower one.
type rung struct {
	*policy.Level
	// sets are the amr sets of the level and of the higher ones.
	sets []methodSet
	// enrollable are these without words for a ceremony, which nobody enrols; the first own of them are the level's own.
	enrollable [][]string
	own        int
	// acrValues are the acr values that satisfy the level: its own, then the higher ones' by rank, as RFC 9470 section 3 has them in order of
	// preference.
	acrValues []string
}

// methodSet is an amr set.
type methodSet struct {
	methods  []string
	ceremony bool // a word in it describes a ceremony
}

func newLadder(levels []*policy.Level) ladder {
	l := ladder{acrs: map[string]int{}}
	for i, level := range levels {
		for _, acr := range level.ACR {
			l.acrs[acr] = i + 1
		}
		r := rung{Level: level}
		for j, higher := range levels[i:] {
			r.acrValues = append(r.acrValues, higher.ACR...)
			for _, set := range higher.AMR {
				r.sets = append(r.sets, methodSet{set, slices.ContainsFunc(set, ceremony)})
				if set = slices.DeleteFunc(slices.Clone(set), ceremony); len(set) > 0 {
					r.enrollable = append(r.enrollable, set)
				}
			}
			if j == 0 {
				r.own = len(r.enrollable)
			}
		}
		l.rungs = append(l.rungs, r)
	}
	return l
}

// place is the place of a level of the policy.
func (l *ladder) place(level *policy.Level) int {
	return 1 + slices.IndexFunc(l.rungs, func(r rung) bool { return r.Rank == level.Rank })
}

// at is the rung of a place from 1.
func (l *ladder) at(place int) *rung { return &l.rungs[place-1] }

// rank is a place's rank, as conditions see it: 0 for none.
func (l *ladder) rank(place int) int64 {
	if place == 0 {
		return 0
	}
	return int64(l.at(place).Rank)
}
