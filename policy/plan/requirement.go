package plan

import (
	"slices"
	"strings"

	"github.com/rungpolicy/rung/policy"
)

// requirement is what rules ask of a session. The zero value asks for nothing. Requirements are a semilattice under join: what
// several rules ask together does not depend on their order.
type requirement struct {
	level  int // in the ladder; 0: none
	maxAge policy.Seconds
	// groups: of each, one method. In canonical form: each sorted, the groups sorted, none within another.
	groups [][]string
}

// join makes a the least requirement that covers both: the highest level, the shortest max_age, every group of methods.
func (a *requirement) join(b *requirement) {
	a.level = max(a.level, b.level)
	a.maxAge = shorter(a.maxAge, b.maxAge)
	for _, g := range b.groups {
		a.groups = withGroup(a.groups, g)
	}
}

// covers reports whether a asks for all that b asks for, so that joining b changes nothing.
func (a *requirement) covers(b *requirement) bool {
	j := *a
	j.join(b)
	return j.level == a.level && j.maxAge == a.maxAge &&
		slices.EqualFunc(j.groups, a.groups, slices.Equal[[]string])
}

func shorter(a, b policy.Seconds) policy.Seconds {
	if !a.Set || b.Set && b.N < a.N {
		return b
	}
	return a
}

// withGroup adds a group. A group that contains another asks for less than that one and is dropped.
func withGroup(groups [][]string, g []string) [][]string {
	if slices.ContainsFunc(groups, func(h []string) bool { return within(h, g) }) {
		return groups
	}
	out := make([][]string, 0, len(groups)+1)
	for _, h := range groups {
		if !within(g, h) {
			out = append(out, h)
		}
	}
	out = append(out, g)
	slices.SortFunc(out, func(x, y []string) int { return slices.CompareFunc(x, y, strings.Compare) })
	return out
}

// within reports whether all of a is in b; both are sorted.
func within(a, b []string) bool {
	for _, m := range a {
		if _, ok := slices.BinarySearch(b, m); !ok {
			return false
		}
	}
	return true
}
