package table

import (
	"regexp/syntax"
	"slices"
)

// Finder is Program as an automaton, for the guest's regex.c too; it fails with ErrTooLarge where that would be larger than MaxAutomaton.
//
// Pike's machine keeps a list of threads, the preferred ones first, and which threads there are after a character is told by those before it and by the
// character's class. So a list is a state, and what happens to the places that threads have noted is known beforehand: it stands in the transition. This is
// Laurikari's tagged automaton (2000) with the priorities of a backtracking search. Most transitions leave the places where they are.
func Finder(pattern string, groups int) ([]byte, error) {
	prog, err := compiled(pattern)
	if err != nil {
		return nil, err
	}
	a, err := newAlphabet(prog)
	if err != nil {
		return nil, err
	}
	f := &finder{
		prog: prog, alphabet: a, caps: 2 * (groups + 1), mark: make([]int, len(prog.Inst)),
		anchored: prog.StartCond()&syntax.EmptyBeginText != 0 && prog.StartCond() != ^syntax.EmptyOp(0),
		asserts:  slices.ContainsFunc(prog.Inst, func(in syntax.Inst) bool { return in.Op == syntax.InstEmptyWidth }),
		numbers:  map[string]int{}, records: map[string]int{},
	}
	if err := f.build(); err != nil {
		return nil, err
	}
	f.mergeClasses()
	return f.encode()
}

// finder is an automaton that is being built. State 0 is the end.
type finder struct {
	prog              *syntax.Prog
	alphabet          *alphabet
	caps              int
	anchored, asserts bool

	states  []threads
	numbers map[string]int // of states, by what they are
	start   [edge + 1]int  // by the kind of the character before
	next    [][]edgeTo     // of each state, by class, the text's end being one more
	classes int
	most    int // threads of a state
	records map[string]int

	mark  []int
	round int
	work  int
	list  []thread // while a list is made
	noted []byte   // cap places, on the way to an instruction
}

// threads is a list of places in the program that threads have come to by reading, the preferred first.
type threads struct {
	pcs    []uint32
	before kind // the character before, if anybody asks
	starts bool // a match may begin here: as long as there is none
}

// thread is one of a list that is being made: which thread it was before, and what it notes of the place where the list is.
type thread struct {
	pc   uint32
	from int // fresh: it begins here
	sets []byte
}

const fresh = 0xff

// edgeTo is a transition.
type edgeTo struct {
	state int
	note  *thread // there is a match here
	moves []thread
}

// Limits of an automaton while it is built: threads of a state, and steps.
const (
	maxThreads    = 100
	maxFinderWork = 1 << 21
)

func (f *finder) build() error {
	f.states = append(f.states, threads{}) // the end
	f.numbers[key(threads{})] = 0
	for k := other; k <= edge; k++ {
		before := k
		if !f.asserts {
			before = other
		}
		f.start[k] = f.number(threads{before: before, starts: !f.anchored || k == edge})
	}
	f.next = append(f.next, nil)
	for s := 1; s < len(f.states); s++ {
		row := make([]edgeTo, f.alphabet.n+1)
		for k := other; k <= edge; k++ {
			f.rowOf(f.states[s], k, row)
		}
		f.next = append(f.next, row)
		if f.work += len(row); f.work > maxFinderWork || len(f.states)*4 > MaxAutomaton || f.most > maxThreads {
			return ErrTooLarge
		}
	}
	f.classes = f.alphabet.n + 1
	return nil
}

func key(t threads) string {
	b := []byte{byte(t.before), bit(t.starts)}
	for _, pc := range t.pcs {
		b = order.AppendUint32(b, pc)
	}
	return string(b)
}

func (f *finder) number(t threads) int {
	if len(t.pcs) == 0 && !t.starts {
		return 0
	}
	if !f.asserts {
		t.before = other
	}
	k := key(t)
	n, ok := f.numbers[k]
	if !ok {
		n = len(f.states)
		f.numbers[k] = n
		f.states = append(f.states, t)
		f.most = max(f.most, len(t.pcs))
	}
	return n
}

// rowOf fills in the transitions of a state by the classes of a kind; edge is the text's end.
func (f *finder) rowOf(s threads, after kind, row []edgeTo) {
	note := f.follow(s, syntax.EmptyOpContext(kindRunes[s.before], kindRunes[after]))
	if after == edge {
		row[f.alphabet.n] = edgeTo{note: note}
		return
	}
	list := slices.Clone(f.list)
	for c, k := range f.alphabet.kinds {
		if k != after {
			continue
		}
		to := edgeTo{note: note}
		next := threads{before: after, starts: s.starts && note == nil && !f.anchored}
		f.round++
		for _, t := range list {
			f.work++
			out := f.prog.Inst[t.pc].Out
			if f.alphabet.members[t.pc][c] && f.mark[out] != f.round {
				f.mark[out] = f.round
				next.pcs = append(next.pcs, out)
				to.moves = append(to.moves, t)
			}
		}
		to.state = f.number(next)
		row[c] = to
	}
}

// follow makes the list of instructions that read the next character. Where one of them is a match, those behind it are not looked at.
func (f *finder) follow(s threads, holds syntax.EmptyOp) (note *thread) {
	f.round++
	f.list = f.list[:0]
	for i, pc := range s.pcs {
		if f.noted = f.noted[:0]; f.add(pc, i, holds) {
			return &thread{from: i, sets: slices.Clone(f.noted)}
		}
	}
	if f.noted = f.noted[:0]; s.starts && f.add(uint32(f.prog.Start), fresh, holds) {
		return &thread{from: fresh, sets: slices.Clone(f.noted)}
	}
	return nil
}

// add follows an instruction, the preferred ways first; true if it comes to a match, and then f.noted is what it has noted.
func (f *finder) add(pc uint32, from int, holds syntax.EmptyOp) bool {
	for f.mark[pc] != f.round {
		f.mark[pc] = f.round
		f.work++
		in := &f.prog.Inst[pc]
		switch in.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			before := len(f.noted)
			if f.add(in.Out, from, holds) {
				return true
			}
			f.noted = f.noted[:before]
			pc = in.Arg
			continue
		case syntax.InstCapture:
			if int(in.Arg) < f.caps {
				f.noted = append(f.noted, byte(in.Arg-1))
			}
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(in.Arg)&^holds != 0 {
				return false
			}
		case syntax.InstMatch:
			return true
		case syntax.InstFail:
			return false
		case syntax.InstNop:
		default:
			f.list = append(f.list, thread{pc: pc, from: from, sets: slices.Clone(f.noted)})
			return false
		}
		pc = in.Out
	}
	return false
}

// mergeClasses makes one class of those that no state tells apart, the one of the most ASCII characters first. The end of the text stays the last.
func (f *finder) mergeClasses() {
	f.classes = 1 // so that a state's place is its number
	seen := map[string]int{}
	to := make([]int, f.alphabet.n)
	var kept []int
	for _, c := range f.alphabet.commonFirst() {
		var column []byte
		for _, row := range f.next[1:] {
			column = order.AppendUint32(column, uint32(f.transition(row[c])))
		}
		n, ok := seen[string(column)]
		if !ok {
			n = len(kept)
			seen[string(column)] = n
			kept = append(kept, c)
		}
		to[c] = n
	}
	kept = append(kept, f.alphabet.n)
	for s, row := range f.next {
		if s == 0 {
			continue
		}
		merged := make([]edgeTo, len(kept))
		for n, c := range kept {
			merged[n] = row[c]
		}
		f.next[s] = merged
	}
	f.alphabet.renumber(to)
	f.classes = len(kept)
}

// transition numbers what a transition is: its state, or behind all states what else is to be done.
func (f *finder) transition(e edgeTo) int {
	record := f.record(e)
	if record == nil {
		return e.state
	}
	n, ok := f.records[string(record)]
	if !ok {
		n = len(f.states) + len(f.records)
		f.records[string(record)] = n
	}
	return n
}

// record writes what a transition does beside leading to a state; nil: nothing.
//
//	u16 state  u8 bytes of the note  u8 moves, 0x80: all threads are written anew, to other places  [note]  moves
//	note: u8 from  u8 n  u8 place[n]        a move is the same behind the number of its thread
func (f *finder) record(e edgeTo) []byte {
	var note, moves []byte
	entry := func(b []byte, t thread) []byte { return append(append(b, byte(t.from), byte(len(t.sets))), t.sets...) }
	if e.note != nil {
		note = entry(nil, *e.note)
	}
	across, n := false, 0
	for i, t := range e.moves {
		across = across || t.from != fresh && t.from != i
	}
	for i, t := range e.moves {
		if across || t.from != i || len(t.sets) > 0 {
			moves = entry(append(moves, byte(i)), t)
			n++
		}
	}
	if note == nil && n == 0 {
		return nil
	}
	if across {
		n |= 0x80
	}
	b := order.AppendUint16(nil, uint16(f.place(e.state)))
	b = append(append(append(b, byte(len(note)), byte(n)), note...), moves...)
	return append(b, make([]byte, len(b)%2)...)
}

// place is what a state is called: where its row begins, 0 being without one.
func (f *finder) place(state int) int { return state * f.classes }

// encode writes the automaton.
func (f *finder) encode() ([]byte, error) {
	low, ascii, ranges := f.alphabet.encoded()
	var out []byte
	end := len(f.states) * f.classes
	if end >= MaxAutomaton/2 {
		return nil, ErrTooLarge
	}
	for _, n := range []int{end, f.classes, len(ranges)} {
		out = order.AppendUint16(out, uint16(n))
	}
	out = append(out, low, byte(len(ascii)), byte(f.caps), bit(f.asserts), 0, 0, 0, 0)
	out = order.AppendUint16(out, uint16(max(1, f.most))) // a program has 0 here
	for _, s := range f.start {
		out = order.AppendUint16(out, uint16(f.place(s)))
	}
	for _, r := range ranges {
		out = order.AppendUint32(out, r)
	}
	out = append(append(out, ascii...), make([]byte, len(ascii)%2)...)
	var records []byte
	at := map[string]int{}
	for _, row := range f.next[1:] {
		for _, e := range row {
			v := f.place(e.state)
			if record := f.record(e); record != nil {
				place, ok := at[string(record)]
				if !ok {
					place = len(records) / 2
					at[string(record)] = place
					records = append(records, record...)
				}
				v = end + place
			}
			if v >= 1<<16 {
				return nil, ErrTooLarge
			}
			out = order.AppendUint16(out, uint16(v))
		}
	}
	if out = append(out, records...); len(out) > MaxAutomaton {
		return nil, ErrTooLarge
	}
	return out, nil
}
