package emit

import (
	"math"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/abi"
	"github.com/rungpolicy/rung/wasm/internal/binary"
	"github.com/rungpolicy/rung/wasm/internal/ir"
)

// arithmetic emits the operators of numbers. Those of integers check their result.
func (f *fn) arithmetic(n *ir.Node) {
	switch n.Type.Kind {
	case policy.KindDouble:
		f.operands(n.Args)
		f.Op(doubles[n.Op])
	case policy.KindUint:
		args := f.keepAll(n.Args)
		f.uintOp(n, args[0][0], args[1][0])
	default:
		args := f.keepAll(n.Args)
		if n.Op == ir.Neg {
			f.LocalGet(args[0][0])
			f.I64Const(math.MinInt64)
			f.Op(binary.OpI64Eq)
			f.failIf(abi.Overflow, n.Place)
			f.I64Const(0)
			f.LocalGet(args[0][0])
			f.Op(binary.OpI64Sub)
			return
		}
		f.intOp(n, args[0][0], args[1][0])
	}
}

var doubles = map[ir.Op]binary.Op{
	ir.Add: binary.OpF64Add, ir.Sub: binary.OpF64Sub, ir.Mul: binary.OpF64Mul, ir.Div: binary.OpF64Div, ir.Neg: binary.OpF64Neg,
}

// intOp is checked arithmetic. A sum has overflowed where its sign is neither operand's: (a^r) & (b^r) < 0.
func (f *fn) intOp(n *ir.Node, a, b uint32) {
	switch n.Op {
	case ir.Div, ir.Mod:
		f.divide(n, a, b)
		return
	}
	op := binary.OpI64Add
	if n.Op == ir.Sub {
		op = binary.OpI64Sub
	}
	r := f.Local(binary.I64)
	f.LocalGet(a)
	f.LocalGet(b)
	f.Op(op)
	f.LocalTee(r)
	f.LocalGet(a)
	f.Op(binary.OpI64Xor)
	f.LocalGet(b)
	if n.Op == ir.Sub {
		f.LocalGet(a)
	} else {
		f.LocalGet(r)
	}
	f.Op(binary.OpI64Xor)
	f.Op(binary.OpI64And)
	f.I64Const(0)
	f.Op(binary.OpI64LtS)
	f.failIf(abi.Overflow, n.Place)
	f.LocalGet(r)
}

// divide is `/` and `%` of ints: by zero is an error, and the least number by -1 too.
func (f *fn) divide(n *ir.Node, a, b uint32) {
	f.LocalGet(b)
	f.Op(binary.OpI64Eqz)
	f.failIf(abi.DivideByZero, n.Place)
	f.LocalGet(a)
	f.I64Const(math.MinInt64)
	f.Op(binary.OpI64Eq)
	f.LocalGet(b)
	f.I64Const(-1)
	f.Op(binary.OpI64Eq)
	f.Op(binary.OpI32And)
	f.failIf(abi.Overflow, n.Place)
	f.LocalGet(a)
	f.LocalGet(b)
	if n.Op == ir.Div {
		f.Op(binary.OpI64DivS)
	} else {
		f.Op(binary.OpI64RemS)
	}
}

func (f *fn) uintOp(n *ir.Node, a, b uint32) {
	switch n.Op {
	case ir.Add:
		r := f.Local(binary.I64)
		f.LocalGet(a)
		f.LocalGet(b)
		f.Op(binary.OpI64Add)
		f.LocalTee(r)
		f.LocalGet(a)
		f.Op(binary.OpI64LtU)
		f.failIf(abi.Overflow, n.Place)
		f.LocalGet(r)
		return
	case ir.Sub:
		f.LocalGet(a)
		f.LocalGet(b)
		f.Op(binary.OpI64LtU)
		f.failIf(abi.Overflow, n.Place)
	default:
		f.LocalGet(b)
		f.Op(binary.OpI64Eqz)
		f.failIf(abi.DivideByZero, n.Place)
	}
	f.LocalGet(a)
	f.LocalGet(b)
	f.Op(map[ir.Op]binary.Op{ir.Sub: binary.OpI64Sub, ir.Div: binary.OpI64DivU, ir.Mod: binary.OpI64RemU}[n.Op])
}

// convert emits the conversions that need no function.
func (f *fn) convert(n *ir.Node) {
	f.emit(n.Args[0])
	switch ir.Conversion(n.N) {
	case ir.IntToUint, ir.UintToInt:
		x := f.Local(binary.I64)
		f.LocalTee(x)
		f.I64Const(0)
		f.Op(binary.OpI64LtS)
		f.failIf(abi.Overflow, n.Place)
		f.LocalGet(x)
	case ir.IntToDouble:
		f.Op(binary.OpF64ConvertI64S)
	case ir.UintToDouble:
		f.Op(binary.OpF64ConvertI64U)
	case ir.TimeToInt:
		f.Op(binary.OpDrop)
	case ir.Same, ir.DurToInt:
	}
}

// size emits size() of what knows its size: text is counted by the guest.
func (f *fn) size(n *ir.Node) {
	if n.Args[0].Type.Kind == policy.KindAny {
		f.sizeOfAny(n)
		return
	}
	f.emit(n.Args[0])
	if n.Args[0].Type.Kind == policy.KindMap {
		f.Mem(binary.OpI64Load32U, abi.MapCount)
		return
	}
	f.I64Const(32)
	f.Op(binary.OpI64ShrU)
}
