package emit

import (
	"math"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/abi"
	"github.com/rungpolicy/rung/wasm/internal/binary"
	"github.com/rungpolicy/rung/wasm/internal/ir"
)

// instructions are the functions that one instruction is.
var instructions = map[ir.MathFn]binary.Op{
	ir.MathCeil: binary.OpF64Ceil, ir.MathFloor: binary.OpF64Floor, ir.MathTrunc: binary.OpF64Trunc,
	ir.MathAnd: binary.OpI64And, ir.MathOr: binary.OpI64Or, ir.MathXor: binary.OpI64Xor,
}

// math emits a function of numbers.
func (f *fn) math(n *ir.Node) {
	fn, kind := ir.MathFn(n.N), n.Args[0].Type.Kind
	if op, ok := instructions[fn]; ok {
		f.operands(n.Args)
		f.Op(op)
		return
	}
	switch fn {
	case ir.MathSqrt:
		f.emit(n.Args[0])
		f.toDouble(kind)
		f.Op(binary.OpF64Sqrt)
	case ir.MathNot:
		f.emit(n.Args[0])
		f.I64Const(-1)
		f.Op(binary.OpI64Xor)
	case ir.MathShiftLeft, ir.MathShiftRight:
		f.shift(n, fn)
	case ir.MathMax, ir.MathMin:
		f.greater(n, fn, kind)
	case ir.MathIsNaN, ir.MathIsInf, ir.MathIsFinite:
		f.asks(n, fn)
	default:
		f.ofSign(n, fn, kind)
	}
}

func (f *fn) toDouble(k policy.Kind) {
	switch k {
	case policy.KindInt:
		f.Op(binary.OpF64ConvertI64S)
	case policy.KindUint:
		f.Op(binary.OpF64ConvertI64U)
	}
}

// shift moves bits; by 64 and more, nothing is left of them.
func (f *fn) shift(n *ir.Node, fn ir.MathFn) {
	kept := f.keepAll(n.Args)
	x, by := kept[0][0], kept[1][0]
	f.LocalGet(by)
	f.I64Const(0)
	f.Op(binary.OpI64LtS)
	f.failIf(abi.InvalidArgument, n.Place)
	f.LocalGet(x)
	f.LocalGet(by)
	if fn == ir.MathShiftLeft {
		f.Op(binary.OpI64Shl)
	} else {
		f.Op(binary.OpI64ShrU)
	}
	f.I64Const(0)
	f.LocalGet(by)
	f.I64Const(64)
	f.Op(binary.OpI64LtU)
	f.Op(binary.OpSelect)
}

// greater is the greater or lesser of two numbers; of equal ones the first. What is no number has no place among them.
func (f *fn) greater(n *ir.Node, fn ir.MathFn, k policy.Kind) {
	kept := f.keepAll(n.Args)
	a, b := kept[0][0], kept[1][0]
	if k == policy.KindDouble {
		f.notANumber(a)
		f.notANumber(b)
		f.Op(binary.OpI32Or)
		f.failIf(abi.InvalidArgument, n.Place)
	}
	f.LocalGet(b)
	f.LocalGet(a)
	f.LocalGet(b)
	f.LocalGet(a)
	f.Op(orders[k][map[ir.MathFn]ir.Op{ir.MathMax: ir.Gt, ir.MathMin: ir.Lt}[fn]])
	f.Op(binary.OpSelect)
}

// notANumber puts on the stack whether the double in a local is NaN.
func (f *fn) notANumber(x uint32) {
	f.LocalGet(x)
	f.LocalGet(x)
	f.Op(binary.OpF64Ne)
}

// asks emits isNaN and its like.
func (f *fn) asks(n *ir.Node, fn ir.MathFn) {
	x := f.keep(n.Args[0])[0]
	if fn == ir.MathIsNaN {
		f.notANumber(x)
		return
	}
	f.LocalGet(x)
	f.Op(binary.OpF64Abs)
	f.F64Const(math.Inf(1))
	if fn == ir.MathIsInf {
		f.Op(binary.OpF64Eq)
	} else {
		f.Op(binary.OpF64Lt)
	}
}

// ofSign emits abs, sign and round.
func (f *fn) ofSign(n *ir.Node, fn ir.MathFn, k policy.Kind) {
	x := f.keep(n.Args[0])[0]
	switch {
	case fn == ir.MathRound:
		f.round(x)
	case fn == ir.MathAbs && k == policy.KindDouble:
		f.LocalGet(x)
		f.Op(binary.OpF64Abs)
	case fn == ir.MathAbs:
		f.LocalGet(x)
		f.I64Const(math.MinInt64)
		f.Op(binary.OpI64Eq)
		f.failIf(abi.Overflow, n.Place)
		f.I64Const(0)
		f.LocalGet(x)
		f.Op(binary.OpI64Sub)
		f.LocalGet(x)
		f.LocalGet(x)
		f.I64Const(0)
		f.Op(binary.OpI64LtS)
		f.Op(binary.OpSelect)
	case k == policy.KindDouble:
		f.signOfDouble(x)
	case k == policy.KindUint:
		f.LocalGet(x)
		f.I64Const(0)
		f.Op(binary.OpI64Ne)
		f.Op(binary.OpI64ExtendI32U)
	default:
		f.LocalGet(x)
		f.I64Const(0)
		f.Op(binary.OpI64GtS)
		f.LocalGet(x)
		f.I64Const(0)
		f.Op(binary.OpI64LtS)
		f.Op(binary.OpI32Sub)
		f.Op(binary.OpI64ExtendI32S)
	}
}

// signOfDouble: of NaN it is NaN, of both zeros 0.
func (f *fn) signOfDouble(x uint32) {
	f.LocalGet(x)
	f.LocalGet(x)
	f.F64Const(0)
	f.Op(binary.OpF64Gt)
	f.LocalGet(x)
	f.F64Const(0)
	f.Op(binary.OpF64Lt)
	f.Op(binary.OpI32Sub)
	f.Op(binary.OpF64ConvertI32S)
	f.notANumber(x)
	f.Op(binary.OpSelect)
}

// round is to the nearest whole number, halves away from zero.
func (f *fn) round(x uint32) {
	whole := f.Local(binary.F64)
	f.LocalGet(x)
	f.Op(binary.OpF64Trunc)
	f.LocalTee(whole)
	f.F64Const(1)
	f.LocalGet(x)
	f.Op(binary.OpF64Copysign)
	f.Op(binary.OpF64Add)
	f.LocalGet(whole)
	f.LocalGet(x)
	f.LocalGet(whole)
	f.Op(binary.OpF64Sub)
	f.Op(binary.OpF64Abs)
	f.F64Const(0.5)
	f.Op(binary.OpF64Ge)
	f.Op(binary.OpSelect)
}
