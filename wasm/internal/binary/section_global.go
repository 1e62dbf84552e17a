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
