package emit

import (
	"cmp"
	"slices"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/abi"
	"github.com/rungpolicy/rung/wasm/internal/binary"
	"github.com/rungpolicy/rung/wasm/internal/ir"
	"github.com/rungpolicy/rung/wasm/internal/table"
)

// element reads `list[i]`.
func (f *fn) element(n *ir.Node) {
	kept := f.keepAll(n.Args)
	list, i := kept[0][0], kept[1][0]
	elem := n.Args[0].Type.Elem
	f.LocalGet(i)
	f.LocalGet(list)
	f.I64Const(32)
	f.Op(binary.OpI64ShrU)
	if n.Op == ir.ListGet {
		f.Op(binary.OpI64GeU) // a negative index too
		f.failIf(abi.IndexOutOfBounds, n.Place)
		f.loadElement(elem, list, i)
		return
	}
	f.Op(binary.OpI64LtU)
	f.If(Shape(n.Type)...)
	f.I32Const(1)
	f.loadElement(elem, list, i)
	f.Else()
	f.zero(Shape(n.Type))
	f.End()
}

func (f *fn) loadElement(t *policy.Type, list, i uint32) {
	at := f.Local(binary.I32)
	f.LocalGet(list)
	f.Op(binary.OpI32WrapI64)
	f.LocalGet(i)
	f.Op(binary.OpI32WrapI64)
	f.I32Const(int32(abi.Stride(t)))
	f.Op(binary.OpI32Mul)
	f.Op(binary.OpI32Add)
	f.LocalSet(at)
	f.load(t, at, 0)
}

// inList emits `x in list`.
func (f *fn) inList(n *ir.Node) {
	t := n.Args[1].Type
	if t.Elem.Kind == policy.KindString || t.Elem.Kind == policy.KindBytes {
		f.hasText(n)
		return
	}
	kept := f.keepAll(n.Args)
	x, list := kept[0], kept[1][0]
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

// hasText emits `text in list`. Which of the two is evaluated first is seen only where both may stray.
func (f *fn) hasText(n *ir.Node) {
	if n.Args[0].Op == ir.Const {
		f.emit(n.Args[1])
		f.emit(n.Args[0])
	} else {
		kept := f.keepAll(n.Args)
		f.LocalGet(kept[1][0])
		f.LocalGet(kept[0][0])
	}
	f.Call("rt_list_has")
}

// most is how many members are compared one by one.
const most = 4

// inTable emits `x in` what does not change.
func (f *fn) inTable(n *ir.Node) {
	values, _ := n.Value.([]policy.Value)
	x, elem := n.Args[0], n.Args[0].Type
	if len(values) <= most && ir.Table(n.N) != ir.Addresses && allShort(elem, values) {
		f.oneByOne(x, values)
		return
	}
	var data []byte
	name, align := "", 4
	switch ir.Table(n.N) {
	case ir.Texts:
		data, name = table.Texts(texts(values)), "rt_in_strs"
	case ir.Ints:
		data, name, align = table.Ints(numbers[int64](values)), "rt_in_ints", 8
	case ir.Uints:
		data, name, align = table.Uints(numbers[uint64](values)), "rt_in_ints", 8
	case ir.Addresses:
		data, name = table.Addresses(ranges(values)), "rt_in_ips"
		if [4]byte(data[4:]) == [4]byte{} { // no ranges of IPv6
			name = "rt_in_ip4s"
		}
	}
	f.I32Addr(f.tableOf(values, data, align), 0)
	f.emit(x)
	f.Call(name)
}

func allShort(t *policy.Type, values []policy.Value) bool {
	for _, v := range values {
		if _, ok := short(ir.New(ir.Const, t, 0, ir.Imm{Value: v})); !ok && t.Kind == policy.KindString {
			return false
		}
	}
	return true
}

// oneByOne compares a value with each of a few.
func (f *fn) oneByOne(x *ir.Node, values []policy.Value) {
	if x.Type.Kind == policy.KindString {
		f.emit(x)
		text := f.Local(binary.I64)
		f.LocalSet(text)
		f.isOneOf(text, texts(values))
		return
	}
	kept := f.keep(x)
	f.I32Const(0)
	for _, v := range values {
		f.get(kept)
		f.constant(x.Type, v)
		f.equal(x.Type)
		f.Op(binary.OpI32Or)
	}
}

// isOneOf puts on the stack whether the text in a local is one of some, of at most 16 bytes each.
func (f *fn) isOneOf(text uint32, some []string) {
	slices.SortStableFunc(some, func(a, b string) int { return cmp.Compare(len(a), len(b)) })
	if len(some) == 0 {
		f.I32Const(0)
		return
	}
	n := len(some[0])
	f.hasLength(text, n)
	f.If(binary.I32)
	rest := f.words(text, n, some, func(i int, is func()) {
		is()
		if i > 0 {
			f.Op(binary.OpI32Or)
		}
	})
	f.Else()
	f.isOneOf(text, rest)
	f.End()
}

// makeList emits a list literal.
func (f *fn) makeList(n *ir.Node) {
	if len(n.Args) == 0 {
		f.I64Const(0)
		return
	}
	elem := n.Type.Elem
	stride := abi.Stride(elem)
	f.makes = true
	list, at := f.Local(binary.I32), f.Local(binary.I32)
	f.I32Const(int32(len(n.Args) * stride))
	f.Call("rt_alloc")
	f.LocalTee(list)
	f.LocalSet(at)
	optional := f.locals(&policy.Type{Kind: policy.KindOptional, Elem: elem})
	value := optional[1:]
	put := func() {
		f.store(elem, at, 0, value)
		f.LocalGet(at)
		f.I32Const(int32(stride))
		f.Op(binary.OpI32Add)
		f.LocalSet(at)
	}
	f.sequence(n.Args, func(i int) {
		if i < len(n.Flags) && n.Flags[i] {
			f.set(optional)
			f.LocalGet(optional[0])
			f.If()
			put()
			f.End()
			return
		}
		f.set(value)
		put()
	})
	f.pack(list, func() {
		f.LocalGet(at)
		f.LocalGet(list)
		f.Op(binary.OpI32Sub)
		f.I32Const(int32(stride))
		f.Op(binary.OpI32DivU)
	})
}

// pack puts a list on the stack of an address in a local and a count.
func (f *fn) pack(address uint32, count func()) {
	count()
	f.Op(binary.OpI64ExtendI32U)
	f.I64Const(32)
	f.Op(binary.OpI64Shl)
	f.LocalGet(address)
	f.Op(binary.OpI64ExtendI32U)
	f.Op(binary.OpI64Or)
}

// join emits the sum of two lists.
func (f *fn) join(n *ir.Node) {
	kept := f.keepAll(n.Args)
	a, b := kept[0][0], kept[1][0]
	stride := int32(abi.Stride(n.Type.Elem))
	f.makes = true
	total, list := f.Local(binary.I32), f.Local(binary.I32)
	f.count(a)
	f.count(b)
	f.Op(binary.OpI32Add)
	f.LocalTee(total)
	f.I32Const(policy.MaxMadeElements)
	f.Op(binary.OpI32GtU)
	f.failIf(abi.Limit, n.Place)
	f.LocalGet(total)
	f.I32Const(stride)
	f.Op(binary.OpI32Mul)
	f.Call("rt_alloc")
	f.LocalSet(list)
	bytes := func(l uint32) {
		f.count(l)
		f.I32Const(stride)
		f.Op(binary.OpI32Mul)
	}
	f.LocalGet(list)
	f.LocalGet(a)
	f.Op(binary.OpI32WrapI64)
	bytes(a)
	f.Call("rt_copy")
	f.LocalGet(list)
	bytes(a)
	f.Op(binary.OpI32Add)
	f.LocalGet(b)
	f.Op(binary.OpI32WrapI64)
	bytes(b)
	f.Call("rt_copy")
	f.pack(list, func() { f.LocalGet(total) })
}
