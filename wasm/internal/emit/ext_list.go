package emit

import (
	"math"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/abi"
	"github.com/rungpolicy/rung/wasm/internal/binary"
	"github.com/rungpolicy/rung/wasm/internal/ir"
)

// listFn emits a function of lists that looks at elements.
func (f *fn) listFn(n *ir.Node) {
	kept := f.keepAll(n.Args)
	a, t := kept[0][0], n.Args[0].Type
	if n.Checked {
		f.crossable(n, kept)
	}
	switch ir.ListFunction(n.N) {
	case ir.First:
		f.endOf(t, a, func() { f.I32Const(0) })
	case ir.Last:
		f.endOf(t, a, func() {
			f.count(a)
			f.I32Const(1)
			f.Op(binary.OpI32Sub)
		})
	case ir.Unwrapped:
		f.unwrapped(t, a)
	case ir.Distinct:
		f.distinct(t, a)
	case ir.HasAll:
		f.hasAll(t, a, kept[1][0])
	case ir.HasOnly:
		f.hasAll(t, kept[1][0], a)
	case ir.HasAny:
		f.hasAny(t, a, kept[1][0])
	case ir.HasExactly:
		f.hasAll(t, a, kept[1][0])
		f.If(binary.I32)
		f.hasAll(t, kept[1][0], a)
		f.Else()
		f.I32Const(0)
		f.End()
	}
}

// endOf is an optional of an element of a list, whose number index puts on the stack: of one that is empty there is none.
func (f *fn) endOf(t *policy.Type, list uint32, index func()) {
	at := f.Local(binary.I32)
	f.count(list)
	f.If(append([]binary.ValType{binary.I32}, Shape(t.Elem)...)...)
	f.LocalGet(list)
	f.Op(binary.OpI32WrapI64)
	index()
	f.I32Const(int32(abi.Stride(t.Elem)))
	f.Op(binary.OpI32Mul)
	f.Op(binary.OpI32Add)
	f.LocalSet(at)
	f.I32Const(1)
	f.load(t.Elem, at, 0)
	f.Else()
	f.I32Const(0)
	f.zero(Shape(t.Elem))
	f.End()
}

// gathered is a list under construction, with as much room as another has elements.
type gathered struct {
	f        *fn
	elem     *policy.Type
	list, at uint32
}

func (f *fn) gather(elem *policy.Type, of uint32) *gathered {
	f.makes = true
	g := &gathered{f: f, elem: elem, list: f.Local(binary.I32), at: f.Local(binary.I32)}
	f.count(of)
	f.I32Const(int32(abi.Stride(elem)))
	f.Op(binary.OpI32Mul)
	f.Call("rt_alloc")
	f.LocalTee(g.list)
	f.LocalSet(g.at)
	return g
}

func (g *gathered) put(value []uint32) {
	g.f.store(g.elem, g.at, 0, value)
	g.f.LocalGet(g.at)
	g.f.I32Const(int32(abi.Stride(g.elem)))
	g.f.Op(binary.OpI32Add)
	g.f.LocalSet(g.at)
}

// pack puts the list on the stack.
func (g *gathered) pack() {
	f := g.f
	f.pack(g.list, func() {
		f.LocalGet(g.at)
		f.LocalGet(g.list)
		f.Op(binary.OpI32Sub)
		f.I32Const(int32(abi.Stride(g.elem)))
		f.Op(binary.OpI32DivU)
	})
}

// unwrapped are the values of a list of optionals.
func (f *fn) unwrapped(t *policy.Type, list uint32) {
	g := f.gather(t.Elem.Elem, list)
	value := f.locals(t.Elem)
	it := f.iterate(t, list)
	it.loop(func() {
		f.load(t.Elem, it.at, 0)
		f.set(value)
		f.LocalGet(value[0])
		f.If()
		g.put(value[1:])
		f.End()
	})
	g.pack()
}

// distinct has the elements that are not among those before.
func (f *fn) distinct(t *policy.Type, list uint32) {
	g := f.gather(t.Elem, list)
	x, soFar := f.locals(t.Elem), f.Local(binary.I64)
	it := f.iterate(t, list)
	it.loop(func() {
		f.load(t.Elem, it.at, 0)
		f.set(x)
		g.pack()
		f.LocalSet(soFar)
		f.has(t, soFar, x)
		f.Op(binary.OpI32Eqz)
		f.If()
		g.put(x)
		f.End()
	})
	g.pack()
}

// has puts on the stack whether a list has a value.
func (f *fn) has(t *policy.Type, list uint32, x []uint32) {
	if k := t.Elem.Kind; k == policy.KindString || k == policy.KindBytes {
		f.LocalGet(list)
		f.LocalGet(x[0])
		f.Call("rt_list_has")
		return
	}
	done := f.Block(binary.I32)
	it := f.iterate(t, list)
	y := f.locals(t.Elem)
	it.loop(func() {
		f.load(t.Elem, it.at, 0)
		f.set(y)
		f.equalLocals(t.Elem, x, y)
		f.If()
		f.I32Const(1)
		f.Br(done)
		f.End()
	})
	f.I32Const(0)
	f.End()
}

// hasAll puts on the stack whether a list has all elements of another.
func (f *fn) hasAll(t *policy.Type, list, part uint32) {
	f.quantified(t, list, part, false)
}

func (f *fn) hasAny(t *policy.Type, a, b uint32) {
	f.quantified(t, b, a, true)
}

// quantified puts on the stack whether a list has any of the elements of another, or all.
func (f *fn) quantified(t *policy.Type, list, of uint32, anyOf bool) {
	x := f.locals(t.Elem)
	done := f.Block(binary.I32)
	it := f.iterate(t, of)
	it.loop(func() {
		f.load(t.Elem, it.at, 0)
		f.set(x)
		f.has(t, list, x)
		if !anyOf {
			f.Op(binary.OpI32Eqz)
		}
		f.If()
		f.I32Const(flag(anyOf))
		f.Br(done)
		f.End()
	})
	f.I32Const(flag(!anyOf))
	f.End()
}

// optIs emits `optional.hasValue(x)`.
func (f *fn) optIs(n *ir.Node) {
	kept := f.keepAll(n.Args)
	f.LocalGet(kept[0][0])
	f.If(binary.I32)
	f.equalLocals(n.Args[1].Type, kept[0][1:], kept[1])
	f.Else()
	f.I32Const(0)
	f.End()
}

// nonZero emits `optional.ofNonZeroValue(x)`.
func (f *fn) nonZero(n *ir.Node) {
	t := n.Args[0].Type
	x := f.keep(n.Args[0])
	there := f.Local(binary.I32)
	f.isNonZero(t, x)
	f.LocalTee(there)
	f.get(x)
}

// isNonZero puts on the stack whether a value is not the zero value of its type: of a timestamp that is the beginning of the year 1.
func (f *fn) isNonZero(t *policy.Type, x []uint32) {
	switch t.Kind {
	case policy.KindBool:
		f.LocalGet(x[0])
	case policy.KindInt, policy.KindUint, policy.KindDuration:
		f.LocalGet(x[0])
		f.I64Const(0)
		f.Op(binary.OpI64Ne)
	case policy.KindDouble:
		f.LocalGet(x[0])
		f.F64Const(0)
		f.Op(binary.OpF64Ne)
	case policy.KindString, policy.KindBytes, policy.KindList:
		f.LocalGet(x[0])
		f.I64Const(math.MaxUint32)
		f.Op(binary.OpI64GtU)
	case policy.KindMap:
		f.LocalGet(x[0])
		f.Mem(binary.OpI32Load, abi.MapCount)
		f.I32Const(0)
		f.Op(binary.OpI32Ne)
	case policy.KindTimestamp:
		f.LocalGet(x[0])
		f.I64Const(policy.FirstSecond)
		f.Op(binary.OpI64Ne)
		f.LocalGet(x[1])
		f.Op(binary.OpI32WrapI64)
		f.I32Const(0)
		f.Op(binary.OpI32Ne)
		f.Op(binary.OpI32Or)
	case policy.KindNull:
		f.I32Const(0)
	default:
		f.I32Const(1)
	}
}
