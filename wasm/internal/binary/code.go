package binary

import (
	"encoding/binary"
	"math"
)

// Code builds the body of a function, instruction by instruction. Each method writes one. NewCode makes one; a Code is not for several
// goroutines.
//
// Functions, globals and data go by their names, in namespaces of their own: [Code.Func] asks for the numbers when all is laid out.
// Labels are values that [Code.Block], [Code.Loop] and [Code.If] return, so that a branch says where to and not how many blocks out.
//
// It makes two things shorter on its own: a LocalGet right after a LocalSet of the same local turns the latter into a LocalTee, and an
// Else with nothing in it is left out.
type Code struct {
	params int
	locals []ValType // beside the parameters
	code   []byte
	relocs []Reloc
	depth  Label
	last   int // where the last instruction begins
}

// NewCode starts a body of a function that has so many parameters.
func NewCode(params int) *Code { return &Code{params: params, last: -1} }

// Local adds a local and returns its index.
func (c *Code) Local(t ValType) uint32 {
	c.locals = append(c.locals, t)
	return uint32(c.params + len(c.locals) - 1)
}

// Len is the number of bytes written so far. It grows by what numbers need that are not known yet.
func (c *Code) Len() int { return len(c.code) }

// Relocs are the numbers that are not known yet, in the order of their places. They are the builder's own.
func (c *Code) Relocs() []Reloc { return c.relocs }

// begin writes an opcode.
func (c *Code) begin(op Op) {
	c.last = len(c.code)
	c.code = appendOp(c.code, op)
}

// Op writes an instruction without immediates, or memory.copy, memory.fill, memory.size, memory.grow. For Else and End there are
// methods.
func (c *Code) Op(op Op) {
	info, _ := op.Info()
	c.begin(op)
	switch info.Imm {
	case ImmZero:
		c.code = append(c.code, 0)
	case ImmZero2:
		c.code = append(c.code, 0, 0)
	case ImmNone:
		if info.Name != "" && op != OpElse && op != OpEnd {
			return
		}
		fallthrough
	default:
		panic(op.String() + " is not an instruction without immediates")
	}
}

// I32Const is i32.const.
func (c *Code) I32Const(n int32) {
	c.begin(OpI32Const)
	c.code = AppendS64(c.code, int64(n))
}

// I64Const is i64.const.
func (c *Code) I64Const(n int64) {
	c.begin(OpI64Const)
	c.code = AppendS64(c.code, n)
}

// F32Const is f32.const.
func (c *Code) F32Const(f float32) {
	c.begin(OpF32Const)
	c.code = binary.LittleEndian.AppendUint32(c.code, math.Float32bits(f))
}

// F64Const is f64.const.
func (c *Code) F64Const(f float64) {
	c.begin(OpF64Const)
	c.code = binary.LittleEndian.AppendUint64(c.code, math.Float64bits(f))
}

// LocalGet is local.get, which a local.set of the same local right before it takes in.
func (c *Code) LocalGet(i uint32) {
	if c.last >= 0 && Op(c.code[c.last]) == OpLocalSet && string(AppendU32(nil, i)) == string(c.code[c.last+1:]) {
		c.code[c.last] = byte(OpLocalTee)
		return
	}
	c.index(OpLocalGet, i)
}

// LocalSet is local.set.
func (c *Code) LocalSet(i uint32) { c.index(OpLocalSet, i) }

// LocalTee is local.tee.
func (c *Code) LocalTee(i uint32) { c.index(OpLocalTee, i) }

func (c *Code) index(op Op, i uint32) {
	c.begin(op)
	c.code = AppendU32(c.code, i)
}

// Mem is a load or a store at the address on the stack and the offset, which is not negative. The alignment is the natural one: a
// promise that costs nothing if broken.
func (c *Code) Mem(op Op, offset uint32) {
	c.mem(op)
	c.code = AppendU32(c.code, offset)
}

func (c *Code) mem(op Op) {
	info, _ := op.Info()
	if info.Imm != ImmMem {
		panic(op.String() + " does not read or write memory")
	}
	c.begin(op)
	c.code = AppendU32(c.code, info.Align)
}
