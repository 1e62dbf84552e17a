package table

// minimal is the smallest automaton that finds the same, by Hopcroft's algorithm (1971): states are parted until all of one part agree, class
// by class, on the part that follows.
func (m *automaton) minimal() *automaton {
	p := newParts(m)
	for len(p.waiting) > 0 {
		splitter := p.waiting[len(p.waiting)-1]
		p.waiting = p.waiting[:len(p.waiting)-1]
		members := append([]int(nil), p.members(splitter)...)
		for c := range m.classes {
			p.refine(members, c)
		}
	}
	// Every automaton begins with the parts of its two ends.
	to := make([]int, m.states())
	names := map[int]int{p.of[dead]: dead, p.of[found]: found}
	n := ends
	for s := range to {
		name, ok := names[p.of[s]]
		if !ok {
			name = n
			names[p.of[s]] = name
			n++
		}
		to[s] = name
	}
	return m.renumbered(to, n)
}

// parts is a division of an automaton's states.
type parts struct {
	// order has the states of a part side by side: those of part i from first[i] to end[i]. place is where a state stands in it.
	order, place []int
	first, end   []int
	of           []int
	// moved counts the states at the front of a part that have just been found to differ from the others.
	moved   []int
	waiting []int // parts by which others are still to be split
	// before lists, for each class, the states that lead to a state: those from at[c][s] to at[c][s+1].
	before, at [][]int
}

func newParts(m *automaton) *parts {
	n := m.states()
	p := &parts{order: make([]int, 0, n), place: make([]int, n), of: make([]int, n)}
	for _, final := range []bool{false, true} {
		from := len(p.order)
		for s, f := range m.final {
			if f == final {
				p.place[s], p.of[s] = len(p.order), len(p.first)
				p.order = append(p.order, s)
			}
		}
		p.add(from, len(p.order))
		p.waiting = append(p.waiting, len(p.first)-1)
	}
	p.before, p.at = make([][]int, m.classes), make([][]int, m.classes)
	for c := range m.classes {
		p.before[c], p.at[c] = m.reverse(c)
	}
	return p
}

// reverse turns the arrows of a class round.
func (m *automaton) reverse(c int) (before, at []int) {
	at = make([]int, m.states()+1)
	for s := range m.states() {
		at[m.row(s)[c]+1]++
	}
	for i := range m.states() {
		at[i+1] += at[i]
	}
	before = make([]int, m.states())
	free := append([]int(nil), at...)
	for s := range m.states() {
		t := m.row(s)[c]
		before[free[t]] = s
		free[t]++
	}
	return before, at
}

func (p *parts) members(part int) []int { return p.order[p.first[part]:p.end[part]] }

func (p *parts) add(first, end int) {
	p.first, p.end = append(p.first, first), append(p.end, end)
	p.moved = append(p.moved, 0)
}

// refine splits the parts of which some states, and not all, lead to one of the targets by class c.
func (p *parts) refine(targets []int, c int) {
	var touched []int
	for _, t := range targets {
		for _, s := range p.before[c][p.at[c][t]:p.at[c][t+1]] {
			part := p.of[s]
			if p.moved[part] == 0 {
				touched = append(touched, part)
			}
			p.swap(s, p.order[p.first[part]+p.moved[part]])
			p.moved[part]++
		}
	}
	for _, part := range touched {
		p.split(part)
	}
}

func (p *parts) swap(s, t int) {
	p.place[s], p.place[t] = p.place[t], p.place[s]
	p.order[p.place[s]], p.order[p.place[t]] = s, t
}

// split makes the smaller of a part's two sides a part of its own.
func (p *parts) split(part int) {
	first, end := p.first[part], p.end[part]
	middle := first + p.moved[part]
	p.moved[part] = 0
	if middle == end {
		return
	}
	fresh := len(p.first)
	if middle-first <= end-middle {
		p.add(first, middle)
		p.first[part] = middle
	} else {
		p.add(middle, end)
		p.end[part] = middle
	}
	for _, s := range p.members(fresh) {
		p.of[s] = fresh
	}
	p.waiting = append(p.waiting, fresh)
}
