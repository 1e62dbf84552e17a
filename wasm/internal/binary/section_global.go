package binary

import (
	"encoding/binary"
)

// Global is a global variable, or a constant that hosts can read.
type Global struct {
	Type    ValType
	Mutable bool
	// Init is its value at the start: of an i32 its 32 bits, of an f64 its IEEE bits.
	Init uint64
}

func appendGlobal(b []byte, g Global) []byte {
	mutable := byte(0)
	if g.Mutable {
		mutable = 1
	}
	b = append(b, byte(g.Type), mutable)
	return append(appendConst(b, g.Type, g.Init), byte(OpEnd))
}

// appendConst writes the instruction that leaves a constant.
func appendConst(b []byte, t ValType, bits uint64) []byte {
	switch t {
	case I32:
		return AppendS64(append(b, byte(OpI32Const)), int64(int32(bits)))
	case I64:
		return AppendS64(append(b, byte(OpI64Const)), int64(bits))
	case F32:
		return binary.LittleEndian.AppendUint32(append(b, byte(OpF32Const)), uint32(bits))
	case F64:
		return binary.LittleEndian.AppendUint64(append(b, byte(OpF64Const)), bits)
	}
	panic("no constants of " + t.String())
}

func (r *Reader) global() Global {
	var g Global
	g.Type, g.Mutable = r.globalType()
	g.Init = r.constant(g.Type)
	return g
}

func (r *Reader) globalType() (ValType, bool) {
	t := r.valType()
	at := r.pos
	mutable := r.Byte()
	if mutable > 1 {
		r.Fail(at, "a global of an unknown form")
	}
	return t, mutable == 1
}

// constant reads an instruction that leaves a constant of the type, and the end after it. Other expressions, which the format allows here, are
// about imports.
func (r *Reader) constant(t ValType) uint64 {
	var n uint64
	at := r.pos
	switch op := Op(r.Byte()); {
	case op == OpI32Const && t == I32:
		n = uint64(uint32(r.S32()))
	case op == OpI64Const && t == I64:
		n = uint64(r.s64())
	case op == OpF32Const && t == F32:
		n = r.bits(4)
	case op == OpF64Const && t == F64:
		n = r.bits(8)
	default:
		r.Fail(at, "it is not a constant of %v", t)
	}
	at = r.pos
	if Op(r.Byte()) != OpEnd {
		r.Fail(at, "a constant without its end")
	}
	return n
}
