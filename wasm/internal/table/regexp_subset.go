package table

import (
	"regexp/syntax"
	"slices"
)

// Bounds of making an automaton: of its states before it is made minimal, with their classes, and of the instructions looked at. What is beyond
// them would hardly fit.
const (
	maxCells = 1 << 16
	maxWork  = 1 << 22
)

// subsets makes a deterministic automaton: its states are sets of instructions of which one may be the next, and what the code point before
// was, as far as assertions look at it.
type subsets struct {
	prog    *syntax.Prog
	classes *alphabet
	numbers map[string]int
	states  []subset
	work    int
	// the set that is being made
	mark  []int
	round int
	stack []uint32
}

type subset struct {
	pcs    []uint32 // that read a code point, or assert; sorted
	before kind
}

// determined is a program's automaton; a search may begin at every place of the text.
func determined(prog *syntax.Prog, a *alphabet) (*automaton, error) {
	b := &subsets{prog: prog, classes: a, numbers: map[string]int{}, mark: make([]int, len(prog.Inst)), states: make([]subset, ends)}
	m := &automaton{classes: a.n, final: []bool{false, true}, next: make([]int, ends*a.n)}
	for c := range a.n {
		m.row(found)[c] = found
	}
	m.start = b.number(b.follow([]uint32{uint32(prog.Start)}, edge))
	for s := ends; s < len(b.states); s++ {
		if b.work > maxWork || len(b.states)*a.n > maxCells {
			return nil, ErrTooLarge
		}
		row, final := b.step(b.states[s])
		m.next, m.final = append(m.next, row...), append(m.final, final)
	}
	return m, nil
}

// number is the state of a set.
func (b *subsets) number(s subset, match bool) int {
	if match {
		return found
	}
	if len(s.pcs) == 0 {
		return dead
	}
	key := []byte{byte(s.before)}
	for _, pc := range s.pcs {
		key = order.AppendUint32(key, pc)
	}
	n, ok := b.numbers[string(key)]
	if !ok {
		n = len(b.states)
		b.numbers[string(key)] = n
		b.states = append(b.states, s)
	}
	return n
}

// step finds what follows a state, by class, and whether a text may end there.
func (b *subsets) step(s subset) (next []int, final bool) {
	next = make([]int, b.classes.n)
	var pcs [edge + 1][]uint32
	var match, known [edge + 1]bool
	after := func(k kind) {
		if !known[k] {
			pcs[k], match[k] = b.assert(s, k)
			known[k] = true
		}
	}
	for c := range next {
		k := b.classes.kinds[c]
		after(k)
		if match[k] {
			next[c] = found
			continue
		}
		to := []uint32{uint32(b.prog.Start)}
		b.work += len(pcs[k])
		for _, pc := range pcs[k] {
			if b.classes.members[pc][c] {
				to = append(to, b.prog.Inst[pc].Out)
			}
		}
		next[c] = b.number(b.follow(to, k))
	}
	after(edge)
	return next, match[edge]
}

// assert are the instructions that read a code point once the assertions know of what kind it is, and whether there is a match before it.
func (b *subsets) assert(s subset, after kind) (pcs []uint32, match bool) {
	holds := syntax.EmptyOpContext(kindRunes[s.before], kindRunes[after])
	return b.closure(s.pcs, func(op syntax.EmptyOp) (pass, keep bool) { return op&^holds == 0, false })
}

// follow is the set of instructions that others lead to. Assertions wait for the next code point, unless they can no more hold.
func (b *subsets) follow(from []uint32, before kind) (subset, bool) {
	pcs, match := b.closure(from, func(op syntax.EmptyOp) (pass, keep bool) {
		return false, before == edge || op&syntax.EmptyBeginText == 0
	})
	asserting := slices.ContainsFunc(pcs, func(pc uint32) bool { return b.prog.Inst[pc].Op == syntax.InstEmptyWidth })
	if !asserting {
		before = other // nobody asks
	}
	return subset{pcs, before}, match
}

// closure follows the instructions that read nothing. At an assertion it goes on, keeps it, or drops it.
func (b *subsets) closure(from []uint32, at func(syntax.EmptyOp) (pass, keep bool)) (pcs []uint32, match bool) {
	b.round++
	b.stack = append(b.stack[:0], from...)
	for len(b.stack) > 0 {
		pc := b.stack[len(b.stack)-1]
		b.stack = b.stack[:len(b.stack)-1]
		if b.mark[pc] == b.round {
			continue
		}
		b.mark[pc] = b.round
		b.work++
		in := &b.prog.Inst[pc]
		switch in.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			b.stack = append(b.stack, in.Out, in.Arg)
		case syntax.InstCapture, syntax.InstNop:
			b.stack = append(b.stack, in.Out)
		case syntax.InstEmptyWidth:
			pass, keep := at(syntax.EmptyOp(in.Arg))
			if pass {
				b.stack = append(b.stack, in.Out)
			} else if keep {
				pcs = append(pcs, pc)
			}
		case syntax.InstMatch:
			match = true
		case syntax.InstFail:
		default:
			pcs = append(pcs, pc)
		}
	}
	slices.Sort(pcs)
	return pcs, match
}
