package table

import (
	"errors"
	"regexp/syntax"

	"github.com/rungpolicy/rung/internal/reach"
)

// MaxProgram is how large the program of a regular expression may be, in bytes.
const MaxProgram = 64 << 10

// ErrTooLong is why a regular expression has no program.
var ErrTooLong = errors.New("its program would be larger than 64 KiB")

// errClasses is why one has neither.
var errClasses = errors.New("it tells more than 256 classes of characters apart")

// Program makes the program that finds a regular expression in a text and notes the places of the match and of its first groups: constant data with an alignment
// of 4. With groups -1 it notes nothing.
func Program(pattern string, groups int) ([]byte, error) {
	prog, err := compiled(pattern)
	if err != nil {
		return nil, err
	}
	a, err := newAlphabet(prog)
	if err != nil {
		return nil, errClasses
	}
	e := &programmer{prog: prog, alphabet: a, caps: 2 * (groups + 1), sets: map[string]int{}, setBytes: (a.n + 7) / 8}
	e.numbers = make([]int, a.n)
	for n, c := range a.commonFirst() {
		e.numbers[c] = n
	}
	a.renumber(e.numbers)
	return e.encode()
}

// Reach says how many groups a regular expression has, which must be right, and how far it reaches.
func Reach(pattern string) (groups, far int) {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return 0, 0
	}
	return tree.MaxCap(), reach.Of(tree)
}

func compiled(pattern string) (*syntax.Prog, error) {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, err
	}
	return syntax.Compile(tree.Simplify())
}

// Operations of a program.
const (
	opRead = iota
	opAlt
	opCap
	opAssert
	opMatch
	opFail
)

// programmer writes a program.
type programmer struct {
	prog     *syntax.Prog
	alphabet *alphabet
	numbers  []int // of classes, the one of the most ASCII characters first
	caps     int
	sets     map[string]int // numbers of sets, by their bits
	setBytes int
	bits     []byte
	asserts  bool
}

// encode writes it as the guest's regex.c reads it.
func (p *programmer) encode() ([]byte, error) {
	var code []byte
	for pc := range p.prog.Inst {
		code = p.instr(code, uint32(pc))
	}
	low, ascii, ranges := p.alphabet.encoded()
	var out []byte
	for _, n := range []int{int(p.target(uint32(p.prog.Start))), len(p.prog.Inst), len(ranges)} {
		out = order.AppendUint16(out, uint16(n))
	}
	anchored := p.prog.StartCond()&syntax.EmptyBeginText != 0 && p.prog.StartCond() != ^syntax.EmptyOp(0)
	out = append(out, low, byte(len(ascii)), byte(p.caps), bit(anchored), bit(p.asserts), byte(p.setBytes), 0, 0, 0, 0)
	for _, r := range ranges {
		out = order.AppendUint32(out, r)
	}
	out = append(append(out, code...), ascii...)
	out = append(out, make([]byte, len(ascii)%2)...)
	out = append(out, p.bits...)
	if len(out) > MaxProgram || len(p.prog.Inst) > 1<<16-1 {
		return nil, ErrTooLong
	}
	return out, nil
}

func bit(is bool) byte {
	if is {
		return 1
	}
	return 0
}

// target is where a way that leads to an instruction goes on: what does nothing is passed over.
func (p *programmer) target(pc uint32) uint32 {
	for {
		in := &p.prog.Inst[pc]
		if in.Op != syntax.InstNop && (in.Op != syntax.InstCapture || int(in.Arg) < p.caps) {
			return pc
		}
		pc = in.Out
	}
}

// instr writes an instruction.
func (p *programmer) instr(code []byte, pc uint32) []byte {
	in := &p.prog.Inst[pc]
	op, flags, arg := byte(opRead), byte(0), uint32(0)
	switch in.Op {
	case syntax.InstAlt, syntax.InstAltMatch:
		op, arg = opAlt, p.target(in.Arg)
	case syntax.InstCapture:
		op, arg = opCap, in.Arg-1 // the place that the match's end would have is left out
		if int(in.Arg) >= p.caps {
			op = opFail // nothing leads here
		}
	case syntax.InstEmptyWidth:
		op, flags = opAssert, byte(in.Arg)
		p.asserts = true
	case syntax.InstMatch:
		op = opMatch
	case syntax.InstFail, syntax.InstNop:
		op = opFail
	default:
		arg = uint32(p.set(pc))
	}
	out := uint32(0)
	if op != opMatch && op != opFail {
		out = p.target(in.Out)
	}
	code = append(code, op, flags)
	code = order.AppendUint16(code, uint16(out))
	code = order.AppendUint16(code, uint16(arg))
	return order.AppendUint16(code, 0)
}

// add adds the classes that an instruction reads to a set.
func (p *programmer) add(bits []byte, pc uint32) {
	for c, in := range p.alphabet.members[pc] {
		if in {
			n := p.numbers[c]
			bits[n/8] |= 1 << (n % 8)
		}
	}
}

// set is the number of the set of classes that an instruction reads.
func (p *programmer) set(pc uint32) int {
	bits := make([]byte, p.setBytes)
	p.add(bits, pc)
	return p.numberOf(bits)
}

func (p *programmer) numberOf(bits []byte) int {
	at, ok := p.sets[string(bits)]
	if !ok {
		at = len(p.sets)
		p.sets[string(bits)] = at
		p.bits = append(p.bits, bits...)
	}
	return at
}
