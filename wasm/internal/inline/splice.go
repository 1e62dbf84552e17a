package inline

import "github.com/rungpolicy/rung/wasm/internal/binary"

// writer writes a body with others in it.
type writer struct {
	*pass
	body   *body
	code   []byte
	loops  []bool // of the blocks around, which are loops
	args   []arg  // the last instructions, as far as they only put a local or a constant on the stack
	last   int    // where the last instruction begins; -1 if nothing is known of it
	pieces []Piece
}

// arg is an instruction that puts a local or a constant on the stack.
type arg struct {
	at   int
	op   binary.Op
	code []byte
}

// copy writes a function's own code.
func (w *writer) copy(code []byte) error {
	w.last = -1
	for in, err := range binary.Instrs(code) {
		if err != nil {
			return err
		}
		if in.Op == binary.OpCall && w.inlines(in.Index, max(len(code), len(w.code))) {
			w.splice(w.bodies[in.Index])
			continue
		}
		switch in.Op {
		case binary.OpBlock, binary.OpLoop, binary.OpIf:
			w.loops = append(w.loops, in.Op == binary.OpLoop)
		case binary.OpEnd:
			w.loops = w.loops[:max(len(w.loops)-1, 0)]
		}
		w.emit(in.Op, code[in.At:in.At+in.Size])
	}
	return nil
}

// emit writes an instruction.
func (w *writer) emit(op binary.Op, code []byte) {
	switch op {
	case binary.OpLocalGet, binary.OpI32Const, binary.OpI64Const:
		w.args = append(w.args, arg{len(w.code), op, code})
	default:
		w.args = w.args[:0]
	}
	w.last = len(w.code)
	w.code = append(w.code, code...)
}

// index writes an instruction that has an index. A local that is read where it was just set is not set and read, but set on the way.
func (w *writer) index(op binary.Op, i uint32) {
	code := binary.AppendU32([]byte{byte(op)}, i)
	if op == binary.OpLocalGet && w.last >= 0 && binary.Op(w.code[w.last]) == binary.OpLocalSet && string(w.code[w.last+1:]) == string(code[1:]) {
		w.code[w.last] = byte(binary.OpLocalTee)
		return
	}
	w.emit(op, code)
}

// local is a new local.
func (w *writer) local(t binary.ValType) uint32 {
	w.body.locals = append(w.body.locals, t)
	return uint32(len(w.body.locals) - 1)
}

// operand is what a local of a body is where the body is copied to: another local, or, if there is code, what is read instead.
type operand struct {
	local uint32
	code  *arg
}

// splice writes a body in place of a call.
func (w *writer) splice(b *body) {
	from := len(w.code)
	if n := min(len(w.args), b.params); n > 0 {
		from = w.args[len(w.args)-n].at
	}
	to := w.arguments(b)
	for l := b.params; l < len(b.locals); l++ {
		to[l].local = w.local(b.locals[l])
		if b.zero[l] && w.inLoop() {
			w.emit(zeroOf(b.locals[l]))
			w.index(binary.OpLocalSet, to[l].local)
		}
	}
	if b.exits {
		w.emit(binary.OpBlock, binary.AppendS64([]byte{byte(binary.OpBlock)}, int64(b.block)))
	}
	for in := range read(b.code) {
		w.instr(b, &in, to)
	}
	w.args = w.args[:0] // what is left on the stack is a result, wherever it comes from
	own := len(w.code) - from - Total(b.pieces[1:])
	w.pieces = append(append(w.pieces, Piece{b.pieces[0].Func, own}), b.pieces[1:]...)
}

// arguments takes a call's arguments from the stack.
func (w *writer) arguments(b *body) []operand {
	to := make([]operand, len(b.locals))
	first := len(w.args) - min(len(w.args), b.params)
	plain := append([]arg(nil), w.args[first:]...)
	if len(plain) > 0 {
		w.code, w.args, w.last = w.code[:plain[0].at], w.args[:first], -1
	}
	stacked := b.params - len(plain)
	for i := range plain {
		a, p := &plain[i], stacked+i
		switch unread := b.reads[p] == 0; {
		case unread && !b.writes[p]:
		case !b.writes[p] && (a.op == binary.OpLocalGet || len(a.code) <= 2 || b.reads[p] == 1):
			to[p].code = a
		default:
			to[p].local = w.local(b.locals[p])
			w.emit(a.op, a.code)
			w.index(binary.OpLocalSet, to[p].local)
		}
	}
	for p := stacked - 1; p >= 0; p-- {
		if b.reads[p] == 0 && !b.writes[p] {
			w.emit(binary.OpDrop, []byte{byte(binary.OpDrop)})
			continue
		}
		to[p].local = w.local(b.locals[p])
		w.index(binary.OpLocalSet, to[p].local)
	}
	return to
}

// instr writes an instruction of a body that is copied.
func (w *writer) instr(b *body, in *binary.Instr, to []operand) {
	code := b.code[in.At : in.At+in.Size]
	info, _ := in.Op.Info()
	switch {
	case in.Op == binary.OpEnd && in.At+in.Size == len(b.code) && !b.exits:
	case in.Op == binary.OpReturn:
		w.emit(binary.OpBr, binary.AppendU32([]byte{byte(binary.OpBr)}, uint32(in.Depth)))
	case info.Imm == binary.ImmLocal && to[in.Index].code != nil:
		w.emit(to[in.Index].code.op, to[in.Index].code.code)
	case info.Imm == binary.ImmLocal:
		w.index(in.Op, to[in.Index].local)
	default:
		w.emit(in.Op, code)
	}
}

func (w *writer) inLoop() bool {
	for _, loop := range w.loops {
		if loop {
			return true
		}
	}
	return false
}

// zeroOf is the instruction that puts a zero on the stack.
func zeroOf(t binary.ValType) (binary.Op, []byte) {
	switch t {
	case binary.I32:
		return binary.OpI32Const, []byte{byte(binary.OpI32Const), 0}
	case binary.I64:
		return binary.OpI64Const, []byte{byte(binary.OpI64Const), 0}
	case binary.F32:
		return binary.OpF32Const, append([]byte{byte(binary.OpF32Const)}, make([]byte, 4)...)
	default:
		return binary.OpF64Const, append([]byte{byte(binary.OpF64Const)}, make([]byte, 8)...)
	}
}
