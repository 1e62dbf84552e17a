package emit

import (
	"encoding/binary"

	"github.com/rungpolicy/rung/policy"
	wasm "github.com/rungpolicy/rung/wasm/internal/binary"
	"github.com/rungpolicy/rung/wasm/internal/ir"
)

// compare emits `==`, `<` and the like.
func (f *fn) compare(n *ir.Node) {
	t := n.Args[0].Type
	dyn := t.Kind == policy.KindAny || n.Args[1].Type.Kind == policy.KindAny
	if n.Op == ir.Eq || n.Op == ir.Ne {
		if dyn {
			f.equalAny(n)
		} else {
			f.equality(n, t)
		}
		if n.Op == ir.Ne {
			f.Op(wasm.OpI32Eqz)
		}
		return
	}
	if dyn {
		f.orderAny(n)
		return
	}
	f.operands(n.Args)
	switch t.Kind {
	case policy.KindString, policy.KindBytes:
		f.Call("rt_str_cmp")
	case policy.KindTimestamp:
		f.Call("rt_ts_cmp")
	default:
		f.Op(orders[t.Kind][n.Op])
		return
	}
	f.I32Const(0)
	f.Op(signed32[n.Op])
}

var (
	signed32 = map[ir.Op]wasm.Op{ir.Lt: wasm.OpI32LtS, ir.Le: wasm.OpI32LeS, ir.Gt: wasm.OpI32GtS, ir.Ge: wasm.OpI32GeS}
	signed64 = map[ir.Op]wasm.Op{ir.Lt: wasm.OpI64LtS, ir.Le: wasm.OpI64LeS, ir.Gt: wasm.OpI64GtS, ir.Ge: wasm.OpI64GeS}
	orders   = map[policy.Kind]map[ir.Op]wasm.Op{
		policy.KindBool:     signed32,
		policy.KindInt:      signed64,
		policy.KindDuration: signed64,
		policy.KindUint:     {ir.Lt: wasm.OpI64LtU, ir.Le: wasm.OpI64LeU, ir.Gt: wasm.OpI64GtU, ir.Ge: wasm.OpI64GeU},
		policy.KindDouble:   {ir.Lt: wasm.OpF64Lt, ir.Le: wasm.OpF64Le, ir.Gt: wasm.OpF64Gt, ir.Ge: wasm.OpF64Ge}, // false of NaN, as in cel-go
	}
)

// equality puts on the stack whether two operands are equal.
func (f *fn) equality(n *ir.Node, t *policy.Type) {
	if t.Kind == policy.KindString || t.Kind == policy.KindBytes {
		for i, a := range n.Args {
			if s, ok := short(a); ok {
				f.emit(n.Args[1-i])
				f.isText(s)
				return
			}
		}
	}
	if direct(t) {
		f.operands(n.Args)
		f.equal(t)
		return
	}
	kept := f.keepAll(n.Args)
	f.equalLocals(t, kept[0], kept[1])
}

// direct reports whether a type's values are equal by one instruction or call, with both on the stack.
func direct(t *policy.Type) bool {
	switch t.Kind {
	case policy.KindTimestamp, policy.KindList, policy.KindMap, policy.KindOptional, policy.KindNull, policy.KindAny:
		return false
	}
	return true
}

// equal takes two values off the stack and puts on whether they are equal.
func (f *fn) equal(t *policy.Type) {
	switch t.Kind {
	case policy.KindBool, policy.KindType:
		f.Op(wasm.OpI32Eq)
	case policy.KindInt, policy.KindUint, policy.KindDuration:
		f.Op(wasm.OpI64Eq)
	case policy.KindDouble:
		f.Op(wasm.OpF64Eq)
	case policy.KindString, policy.KindBytes:
		f.Call("rt_str_eq")
	case policy.KindIP:
		f.Call("rt_ip_eq")
	case policy.KindCIDR:
		f.Call("rt_cidr_eq")
	default:
		f.Unit.fail("no equality of %s", t)
		f.Op(wasm.OpI32Eq)
	}
}

// equalLocals puts on the stack whether two values are equal.
func (f *fn) equalLocals(t *policy.Type, a, b []uint32) {
	switch t.Kind {
	case policy.KindTimestamp:
		f.LocalGet(a[0])
		f.LocalGet(b[0])
		f.Op(wasm.OpI64Eq)
		f.LocalGet(a[1])
		f.LocalGet(b[1])
		f.Op(wasm.OpI64Xor)
		f.Op(wasm.OpI32WrapI64) // the nanoseconds: the offset does not count
		f.Op(wasm.OpI32Eqz)
		f.Op(wasm.OpI32And)
	case policy.KindNull:
		f.I32Const(1)
	case policy.KindAny:
		f.makes = true
		f.get(a)
		f.get(b)
		f.Call("rt_dyn_is")
	case policy.KindOptional:
		f.equalOptionals(t, a, b)
	case policy.KindList:
		f.equalLists(t, a[0], b[0])
	case policy.KindMap:
		f.equalMaps(t, a[0], b[0])
	default:
		f.get(a)
		f.get(b)
		f.equal(t)
	}
}

// equalOptionals: both are none, or both hold equal values.
func (f *fn) equalOptionals(t *policy.Type, a, b []uint32) {
	f.LocalGet(a[0])
	f.LocalGet(b[0])
	f.Op(wasm.OpI32Ne)
	f.If(wasm.I32)
	f.I32Const(0)
	f.Else()
	f.LocalGet(a[0])
	f.If(wasm.I32)
	f.equalLocals(t.Elem, a[1:], b[1:])
	f.Else()
	f.I32Const(1)
	f.End()
	f.End()
}

// equalLists: as many elements, each equal to the one beside it.
func (f *fn) equalLists(t *policy.Type, a, b uint32) {
	done := f.Block(wasm.I32)
	f.LocalGet(a)
	f.LocalGet(b)
	f.Op(wasm.OpI64Xor)
	f.I64Const(32)
	f.Op(wasm.OpI64ShrU)
	f.Op(wasm.OpI64Eqz)
	f.Op(wasm.OpI32Eqz)
	f.If()
	f.I32Const(0)
	f.Br(done)
	f.End()
	it := f.iterate(t, a)
	other := f.Local(wasm.I32)
	f.LocalGet(b)
	f.Op(wasm.OpI32WrapI64)
	f.LocalSet(other)
	x, y := f.locals(t.Elem), f.locals(t.Elem)
	it.loop(func() {
		f.load(t.Elem, it.at, 0)
		f.set(x)
		f.load(t.Elem, other, 0)
		f.set(y)
		f.equalLocals(t.Elem, x, y)
		f.Op(wasm.OpI32Eqz)
		f.If()
		f.I32Const(0)
		f.Br(done)
		f.End()
		f.LocalGet(other)
		f.I32Const(int32(it.stride))
		f.Op(wasm.OpI32Add)
		f.LocalSet(other)
	})
	f.I32Const(1)
	f.End()
}

// short returns the bytes of a constant text that is compared in place.
func short(n *ir.Node) (string, bool) {
	if n.Op != ir.Const {
		return "", false
	}
	s, ok := n.Value.(string)
	if b, isBytes := n.Value.([]byte); isBytes {
		s, ok = string(b), true
	}
	return s, ok && len(s) <= 16
}

// isText takes a text off the stack and puts on whether it is s, of at most 16 bytes: first the length, then eight bytes at a time, of which the second
// eight may overlap the first. Memory behind a text can always be read: the declared memory ends with room to spare.
func (f *fn) isText(s string) {
	x := f.Local(wasm.I64)
	f.LocalSet(x)
	f.hasLength(x, len(s))
	if s == "" {
		return
	}
	f.If(wasm.I32)
	f.isWord(x, s[:min(8, len(s))], 0)
	if len(s) > 8 {
		f.isWord(x, s[len(s)-8:], uint32(len(s)-8))
		f.Op(wasm.OpI32And)
	}
	f.Else()
	f.I32Const(0)
	f.End()
}

// hasLength puts on the stack whether a text has n bytes.
func (f *fn) hasLength(x uint32, n int) {
	f.LocalGet(x)
	f.I64Const(32)
	f.Op(wasm.OpI64ShrU)
	f.I64Const(int64(n))
	f.Op(wasm.OpI64Eq)
}

// words calls do for each of the first texts, those of n bytes, with what puts on the stack whether the text in a local, which is as long, is that one: the bytes
// are read once. It returns the texts that are longer.
func (f *fn) words(x uint32, n int, texts []string, do func(i int, is func())) []string {
	same := 0
	for same < len(texts) && len(texts[same]) == n {
		same++
	}
	if n == 0 || n > 8 {
		for i, s := range texts[:same] {
			do(i, func() { f.isLong(x, s) })
		}
		return texts[same:]
	}
	word := f.Local(wordType(n))
	f.loadWord(x, n, 0)
	f.LocalSet(word)
	for i, s := range texts[:same] {
		do(i, func() {
			f.LocalGet(word)
			f.equalsWord(s)
		})
	}
	return texts[same:]
}

// isLong puts on the stack whether a text, which is as long, is s.
func (f *fn) isLong(x uint32, s string) {
	switch {
	case s == "":
		f.I32Const(1)
	case len(s) > 16:
		f.LocalGet(x)
		f.text(s)
		f.Call("rt_str_eq")
	default:
		f.isWord(x, s[:min(8, len(s))], 0)
		if len(s) > 8 {
			f.isWord(x, s[len(s)-8:], uint32(len(s)-8))
			f.Op(wasm.OpI32And)
		}
	}
}

// isWord puts on the stack whether the bytes of a text at an offset are those of word, of at most eight.
func (f *fn) isWord(x uint32, word string, offset uint32) {
	f.loadWord(x, len(word), offset)
	f.equalsWord(word)
}

func wordType(n int) wasm.ValType {
	if n <= 4 {
		return wasm.I32
	}
	return wasm.I64
}

// loadWord puts up to eight bytes of a text on the stack. Where that is no size that can be loaded, those behind are shifted out at the top.
func (f *fn) loadWord(x uint32, n int, offset uint32) {
	f.LocalGet(x)
	f.Op(wasm.OpI32WrapI64)
	switch {
	case n == 1:
		f.Mem(wasm.OpI32Load8U, offset)
	case n == 2:
		f.Mem(wasm.OpI32Load16U, offset)
	case n <= 4:
		f.Mem(wasm.OpI32Load, offset)
		if n == 3 {
			f.I32Const(8)
			f.Op(wasm.OpI32Shl)
		}
	default:
		f.Mem(wasm.OpI64Load, offset)
		if n < 8 {
			f.I64Const(int64(64 - 8*n))
			f.Op(wasm.OpI64Shl)
		}
	}
}

// equalsWord takes what loadWord has put on the stack off and puts on whether it is word.
func (f *fn) equalsWord(word string) {
	var b [8]byte
	copy(b[:], word)
	k := binary.LittleEndian.Uint64(b[:])
	n := len(word)
	if n == 3 {
		k <<= 8
	}
	if n <= 4 {
		f.I32Const(int32(uint32(k)))
		f.Op(wasm.OpI32Eq)
		return
	}
	f.I64Const(int64(k << (64 - 8*n)))
	f.Op(wasm.OpI64Eq)
}
