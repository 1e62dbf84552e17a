package binary

import "iter"

// Instr is an instruction of a body.
type Instr struct {
	// At is where it begins in the body, and Size how many bytes it has.
	At, Size int
	// Depth is how many blocks are around it, the function itself not counted. A block's beginning and end stand around the
	// block, and not inside of it.
	Depth int
	Op    Op
	// Index is the immediate of ImmLabel, ImmFunc, ImmLocal and ImmGlobal.
	Index uint32
	// Labels are the immediates of ImmLabels, the one for all other numbers last. They are valid until the next instruction is read.
	Labels []uint32
	// Block is the immediate of ImmBlock.
	Block BlockType
	// Align and Offset are the immediates of ImmMem.
	Align, Offset uint32
	// Bits is the constant of ImmI32, ImmI64, ImmF32 and ImmF64; of an i32 its sign goes through all 64 bits.
	Bits uint64
}

// BlockType is the type of a block: the index of a type, or a negative number for those without an index.
type BlockType int64

// EmptyBlock is the type of a block that takes and leaves nothing.
const EmptyBlock BlockType = emptyBlock - 0x80

// Result returns the only result of a block of a type without an index, and false where it has none or an index.
func (t BlockType) Result() (ValType, bool) {
	return ValType(t + 0x80), t < 0 && t != EmptyBlock
}

// Instrs walks the instructions of a body. It stops at the first error, which it yields with a zero instruction, and never panics:
// opcodes are of the profile, numbers are the shortest, blocks nest, branches go to blocks that are there, and the last instruction is
// the function's end. It does not check types, nor indices of functions, locals and globals.
func Instrs(code []byte) iter.Seq2[Instr, error] { return instrs(code, false) }

// instrs is Instrs, and padded says whether numbers may be longer than need be.
func instrs(code []byte, padded bool) iter.Seq2[Instr, error] {
	return func(yield func(Instr, error) bool) {
		w := walker{Reader: &Reader{b: code, padded: padded}}
		for w.open() {
			in := w.next()
			if w.err != nil {
				yield(Instr{}, w.err)
				return
			}
			if !yield(in, nil) {
				return
			}
		}
		if w.err != nil {
			yield(Instr{}, w.err)
		}
	}
}

// walker reads instructions and keeps track of blocks.
type walker struct {
	*Reader
	blocks []Op // what is open, outermost first
	ended  bool
	labels []uint32
}

// open reports whether there are more instructions, and checks that the function's end is the last.
func (w *walker) open() bool {
	if w.ended && w.More() {
		w.Fail(w.pos, "code after the function's end")
	}
	return w.err == nil && !w.ended
}

func (w *walker) next() Instr {
	in := Instr{At: w.pos}
	in.Op = w.op()
	w.immediates(&in)
	w.nest(&in)
	in.Size = w.pos - in.At
	return in
}

func (w *walker) op() Op {
	at := w.pos
	op := Op(w.Byte())
	if op == prefix {
		op = prefix<<8 | Op(min(w.U32(), 0xff))
	}
	if _, ok := op.Info(); !ok {
		w.Fail(at, "%v is not in the profile", op)
	}
	return op
}

func (w *walker) immediates(in *Instr) {
	info, _ := in.Op.Info()
	switch info.Imm {
	case ImmNone:
	case ImmBlock:
		in.Block = w.block()
	case ImmLabel:
		in.Index = w.label()
	case ImmLabels:
		in.Labels = w.table()
	case ImmFunc, ImmLocal, ImmGlobal:
		in.Index = w.U32()
	case ImmMem:
		in.Align, in.Offset = w.align(info.Align), w.U32()
	case ImmZero:
		w.zero()
	case ImmZero2:
		w.zero()
		w.zero()
	case ImmI32:
		in.Bits = uint64(w.S32())
	case ImmI64:
		in.Bits = uint64(w.s64())
	case ImmF32:
		in.Bits = w.bits(4)
	case ImmF64:
		in.Bits = w.bits(8)
	}
}

func (w *walker) block() BlockType {
	at := w.pos
	t := BlockType(w.leb(33, true))
	if result, ok := t.Result(); ok && (t < EmptyBlock || result < F64) {
		w.Fail(at, "a block of an unknown type")
	}
	return t
}

func (w *walker) label() uint32 {
	at := w.pos
	out := w.U32()
	if uint64(out) > uint64(len(w.blocks)) {
		w.Fail(at, "a branch out of %d blocks, and only %d are open", out, len(w.blocks))
	}
	return out
}

func (w *walker) table() []uint32 {
	w.labels = w.labels[:0]
	for n := w.Count(1); n >= 0 && w.err == nil; n-- {
		w.labels = append(w.labels, w.label())
	}
	return w.labels
}

func (w *walker) align(natural uint32) uint32 {
	at := w.pos
	align := w.U32()
	if align > natural {
		w.Fail(at, "an alignment of more than %d bytes", 1<<natural)
	}
	return align
}

func (w *walker) zero() {
	at := w.pos
	if w.Byte() != 0 {
		w.Fail(at, "another memory than the first")
	}
}

// nest opens and closes blocks.
func (w *walker) nest(in *Instr) {
	switch n := len(w.blocks); in.Op {
	case OpElse:
		if n == 0 || w.blocks[n-1] != OpIf {
			w.Fail(in.At, "an else without its if")
			return
		}
		w.blocks[n-1] = OpElse // so that there is no second
		in.Depth = n - 1
	case OpEnd:
		w.ended = n == 0
		w.blocks = w.blocks[:max(n-1, 0)]
		in.Depth = len(w.blocks)
	case OpBlock, OpLoop, OpIf:
		w.blocks = append(w.blocks, in.Op)
		in.Depth = n
	default:
		in.Depth = n
	}
}
