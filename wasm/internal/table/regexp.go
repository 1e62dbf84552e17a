package table

import "errors"

// MaxAutomaton is how large the automaton of a regular expression may be, in bytes.
const MaxAutomaton = 16 << 10

// ErrTooLarge is why a regular expression has no automaton.
var ErrTooLarge = errors.New("the automaton of this regular expression would be larger than 16 KiB")

// Regexp makes the automaton that finds a regular expression in a text, as Go's regexp would: constant data with an alignment of 4.
func Regexp(pattern string) ([]byte, error) {
	prog, err := compiled(pattern)
	if err != nil {
		return nil, err
	}
	a, err := newAlphabet(prog)
	if err != nil {
		return nil, err
	}
	m, err := determined(prog, a)
	if err != nil {
		return nil, err
	}
	m = m.minimal()
	m.mergeClasses(a)
	return m.encode(a)
}

// automaton is a machine over classes of code points. The states ends[0] and ends[1] are reached for good: nothing is found, or it is.
type automaton struct {
	classes int
	next    []int // for each state its successor by class
	final   []bool
	start   int
}

// The states that every automaton begins with.
const (
	dead  = 0
	found = 1
	ends  = 2
)

func (m *automaton) states() int         { return len(m.final) }
func (m *automaton) row(state int) []int { return m.next[state*m.classes:][:m.classes] }

// renumbered puts the states in another order; to has their new numbers, of which several may be one. It is for n states.
func (m *automaton) renumbered(to []int, n int) *automaton {
	out := &automaton{classes: m.classes, next: make([]int, n*m.classes), final: make([]bool, n), start: to[m.start]}
	for s, t := range to {
		if t < 0 {
			continue
		}
		out.final[t] = m.final[s]
		for c, u := range m.row(s) {
			out.row(t)[c] = to[u]
		}
	}
	return out
}

// inOrder numbers the states that can be reached from the start as a search finds them, but the final ones last; the others are left out.
func (m *automaton) inOrder() (*automaton, int) {
	to := make([]int, m.states())
	for i := range to {
		to[i] = -1
	}
	to[dead], to[found] = dead, found
	reached := m.reached()
	n := ends
	number := func(final bool) {
		for _, s := range reached {
			if to[s] < 0 && m.final[s] == final {
				to[s] = n
				n++
			}
		}
	}
	number(false)
	firstFinal := n
	number(true)
	return m.renumbered(to, n), firstFinal
}

// reached are the states on the way from the start, in order of a search in breadth.
func (m *automaton) reached() []int {
	seen := make([]bool, m.states())
	seen[m.start] = true
	queue := []int{m.start}
	for i := 0; i < len(queue); i++ {
		for _, t := range m.row(queue[i]) {
			if !seen[t] {
				seen[t] = true
				queue = append(queue, t)
			}
		}
	}
	return queue
}

// mergeClasses makes one class of those that no state tells apart.
func (m *automaton) mergeClasses(a *alphabet) {
	seen := map[string]int{}
	to := make([]int, m.classes)
	var kept []int
	for _, c := range a.commonFirst() {
		var column []byte
		for s := range m.states() {
			column = order.AppendUint32(column, uint32(m.row(s)[c]))
		}
		n, ok := seen[string(column)]
		if !ok {
			n = len(kept)
			seen[string(column)] = n
			kept = append(kept, c)
		}
		to[c] = n
	}
	var next []int
	for s := range m.states() {
		for _, c := range kept {
			next = append(next, m.row(s)[c])
		}
	}
	m.next, m.classes = next, len(kept)
	a.renumber(to)
}

// encode writes the automaton as the guest's dfa.c reads it.
func (m *automaton) encode(a *alphabet) ([]byte, error) {
	m, final := m.inOrder()
	low, ascii, ranges := a.encoded()
	wide := m.states() > 256
	size := 12 + 4*len(ranges) + len(ascii) + (m.states()-ends)*m.classes
	if wide {
		size += (m.states() - ends) * m.classes
	}
	if size > MaxAutomaton || m.states() > 1<<16 {
		return nil, ErrTooLarge
	}
	var out []byte
	for _, n := range []int{m.start, final, m.classes, len(ranges)} {
		out = order.AppendUint16(out, uint16(n))
	}
	out = append(out, low, byte(len(ascii)), 0, 0)
	for _, r := range ranges {
		out = order.AppendUint32(out, r)
	}
	out = append(out, ascii...)
	out = append(out, make([]byte, len(ascii)%2)...)
	for _, t := range m.next[ends*m.classes:] {
		if wide {
			out = order.AppendUint16(out, uint16(t))
		} else {
			out = append(out, byte(t))
		}
	}
	if wide {
		out[10] = 1
	}
	return out, nil
}
