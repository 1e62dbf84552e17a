package emit

import (
	"net/netip"
	"time"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/abi"
	"github.com/rungpolicy/rung/wasm/internal/binary"
	"github.com/rungpolicy/rung/wasm/internal/ir"
)

// emit puts a node's value on the stack, or leaves to f.catch.
func (f *fn) emit(n *ir.Node) {
	if f.elsewhere(n) {
		return
	}
	f.here(n)
}

// here puts a node's value on the stack by code in this place.
func (f *fn) here(n *ir.Node) { //nolint:funlen // one switch over one enum
	switch n.Op {
	case ir.Const:
		f.constant(n.Type, n.Value)
	case ir.Read, ir.SlotHas, ir.SlotOpt:
		f.slot(n)
	case ir.Now:
		f.load(policy.Timestamp, f.record, abi.RecordSeconds)
	case ir.Posture:
		f.LocalGet(f.record)
		f.Mem(binary.OpI64Load32U, abi.RecordPosture)
	case ir.SessionLevel:
		f.UsesRank = true
		f.GlobalGet(globalRank)
	case ir.Local:
		f.local(n)
	case ir.And, ir.Or:
		f.logic(n)
	case ir.Not:
		f.emit(n.Args[0])
		f.Op(binary.OpI32Eqz)
	case ir.Cond:
		f.cond(n)
	case ir.Bind:
		f.bind(n)
	case ir.None, ir.Some, ir.HasValue, ir.Unwrap, ir.OptMap, ir.OptFlat, ir.OrElse, ir.OrValue:
		f.optional(n)
	case ir.Field, ir.FieldHas, ir.FieldOpt:
		f.field(n)
	case ir.MapGet, ir.MapOpt, ir.MapHas:
		f.mapEntry(n)
	case ir.ListGet, ir.ListOpt:
		f.element(n)
	case ir.InList:
		f.inList(n)
	case ir.InTable:
		f.inTable(n)
	case ir.InRange:
		f.inRange(n)
	case ir.Matches:
		f.I32Addr(f.table(n.Data, 4), 0)
		f.emit(n.Args[0])
		f.Call("rt_dfa")
	case ir.MakeList:
		f.makeList(n)
	case ir.MakeMap:
		f.makeMap(n)
	case ir.FoldAll, ir.FoldExists:
		f.quantify(n)
	case ir.FoldOne, ir.FoldFilter, ir.FoldMap, ir.FoldToMap, ir.FoldEntry:
		f.fold(n)
	case ir.Eq, ir.Ne, ir.Lt, ir.Le, ir.Gt, ir.Ge:
		f.compare(n)
	case ir.Add, ir.Sub, ir.Mul, ir.Div, ir.Mod, ir.Neg:
		f.arithmetic(n)
	case ir.Convert:
		f.convert(n)
	case ir.Size:
		f.size(n)
	case ir.Getter:
		f.getter(n)
	case ir.Call:
		f.guest(n)
	case ir.Join:
		f.join(n)
	case ir.ListFn:
		f.listFn(n)
	case ir.Format:
		f.format(n)
	case ir.NonZero:
		f.nonZero(n)
	case ir.OptIs:
		f.optIs(n)
	case ir.Data:
		f.I32Addr(f.table(n.Data, 4), 0)
	case ir.Word:
		f.I32Const(int32(n.N))
	case ir.Math:
		f.math(n)
	case ir.Shared:
		f.shared(n)
	case ir.Box, ir.Unbox, ir.IsKind, ir.TypeOf, ir.IsZero, ir.Checked, ir.DynSelect, ir.DynHas, ir.DynGet, ir.DynOpt, ir.DynIn, ir.DynHasValue, ir.Dispatch:
		f.dyn(n)
	default:
		f.fail("no code for %s", n.Op)
	}
}

// constant puts a constant on the stack.
func (f *fn) constant(t *policy.Type, v policy.Value) {
	if t.Kind == policy.KindAny {
		f.boxConstant(v)
		return
	}
	switch v := v.(type) {
	case bool:
		f.I32Const(flag(v))
	case int64:
		f.I64Const(v)
	case uint64:
		f.I64Const(int64(v))
	case float64:
		f.F64Const(v)
	case time.Duration:
		f.I64Const(int64(v))
	case string:
		f.text(v)
	case []byte:
		f.text(string(v))
	case time.Time:
		f.I64Const(v.Unix())
		f.I64Const(int64(v.Nanosecond()))
	case netip.Addr:
		f.I32Addr(f.table(addressBytes(v, 0), 4), 0)
	case netip.Prefix:
		f.I32Addr(f.table(prefixBytes(v), 4), 0)
	case policy.Null:
		f.I32Const(0)
	case ir.TypeTag:
		f.I32Const(int32(v))
	case []policy.Value:
		f.constantList(t, v)
	case *policy.Map, *policy.Object:
		f.I32Addr(f.still(t, v), 0)
	default:
		f.Unit.fail("no code for a constant of type %s", t)
		f.zero(Shape(t))
	}
}

// text puts a constant text on the stack.
func (f *fn) text(s string) {
	if s == "" {
		f.I64Const(0)
		return
	}
	f.I64Addr(f.table([]byte(s), 1), uint32(len(s)))
}

// addressBytes is an address as it lies in memory.
func addressBytes(a netip.Addr, bits int) []byte {
	family := byte(6)
	if a.Is4() {
		family = 4
	}
	b := a.As16()
	return append([]byte{family, byte(bits), 0, 0}, b[:]...)
}

func prefixBytes(p netip.Prefix) []byte {
	bits := p.Bits()
	if p.Addr().Is4() {
		bits += 96
	}
	return addressBytes(p.Addr(), bits)
}

// constantList puts a list of constants on the stack, which is data.
func (f *fn) constantList(t *policy.Type, values []policy.Value) {
	if len(values) == 0 {
		f.zero(Shape(t))
		return
	}
	f.I64Addr(f.row(values, t.Elem, values), uint32(len(values)))
}

func appendU64(b []byte, n uint64) []byte {
	for range 8 {
		b = append(b, byte(n))
		n >>= 8
	}
	return b
}

// known leaves with pending if a lazy signal is not known.
func (f *fn) known(lazy int) {
	f.LocalGet(f.record)
	f.Mem(binary.OpI32Load8U, uint32(abi.RecordKnown+lazy/8))
	f.I32Const(1 << (lazy % 8))
	f.Op(binary.OpI32And)
	f.Op(binary.OpI32Eqz)
	f.pendIf(lazy)
}

// present puts on the stack whether a slot is there, as a bit that may be any of eight.
func (f *fn) present(s *ir.Slot) {
	f.LocalGet(f.record)
	f.Mem(binary.OpI32Load8U, uint32(abi.PresenceOffset(s.Bit)+s.Bit%32/8))
	f.I32Const(1 << (s.Bit % 8))
	f.Op(binary.OpI32And)
}

// slot reads a slot of the record.
func (f *fn) slot(n *ir.Node) {
	s := n.Slot
	if s.Lazy >= 0 {
		f.known(s.Lazy)
	}
	f.present(s)
	switch n.Op {
	case ir.SlotHas:
		f.oneBit(s.Bit % 8)
	case ir.SlotOpt:
		f.oneBit(s.Bit % 8)
		f.load(n.Type.Elem, f.record, s.Offset)
	default:
		f.Op(binary.OpI32Eqz)
		f.failIf(abi.NoSuchAttribute, n.Place)
		f.load(n.Type, f.record, s.Offset)
	}
}

// oneBit makes 0 or 1 of a masked bit.
func (f *fn) oneBit(bit int) {
	if bit > 0 {
		f.I32Const(int32(bit))
		f.Op(binary.OpI32ShrU)
	}
}

// optional emits what makes and reads optionals: one is whether it is there, and the value, which counts only then.
func (f *fn) optional(n *ir.Node) {
	switch n.Op {
	case ir.None:
		f.zero(Shape(n.Type))
		return
	case ir.Some:
		f.I32Const(1)
		f.emit(n.Args[0])
		return
	}
	if n.Op == ir.OrValue && f.slotOr(n) {
		return
	}
	of := f.keep(n.Args[0])
	there, value := of[0], of[1:]
	switch n.Op {
	case ir.HasValue:
		f.LocalGet(there)
	case ir.Unwrap:
		f.LocalGet(there)
		f.Op(binary.OpI32Eqz)
		f.failIf(abi.OptionalNone, n.Place)
		f.get(value)
	case ir.OptMap, ir.OptFlat:
		f.vars[n.Vars[0]] = &variable{locals: value}
		f.LocalGet(there)
		f.If(Shape(n.Type)...)
		if n.Op == ir.OptMap {
			f.I32Const(1)
		}
		f.emit(n.Args[1])
		f.Else()
		f.zero(Shape(n.Type))
		f.End()
	case ir.OrElse:
		f.choose(n, there, of)
	default: // OrValue
		f.choose(n, there, value)
	}
}

// slotOr emits `slot.orValue(x)` without a branch, where both can simply be read.
func (f *fn) slotOr(n *ir.Node) bool {
	of, other := n.Args[0], n.Args[1]
	if of.Op != ir.SlotOpt || other.Op != ir.Const || len(Shape(n.Type)) != 1 {
		return false
	}
	if of.Slot.Lazy >= 0 {
		f.known(of.Slot.Lazy)
	}
	f.load(n.Type, f.record, of.Slot.Offset)
	f.emit(other)
	f.present(of.Slot)
	f.Op(binary.OpSelect)
	return true
}

// choose is locals, if there is not 0, else the second operand.
func (f *fn) choose(n *ir.Node, there uint32, locals []uint32) {
	f.LocalGet(there)
	f.If(Shape(n.Type)...)
	f.get(locals)
	f.Else()
	f.emit(n.Args[1])
	f.End()
}

// field reads an attribute of an object's body.
func (f *fn) field(n *ir.Node) {
	of := n.Args[0]
	at := abi.BodyOf(of.Type).Fields[n.Attr.Slot]
	body := f.keep(of)[0]
	f.LocalGet(body)
	f.Mem(binary.OpI32Load8U, uint32(at.Bit/32*4+at.Bit%32/8))
	f.I32Const(1 << (at.Bit % 8))
	f.Op(binary.OpI32And)
	switch n.Op {
	case ir.FieldHas:
		f.oneBit(at.Bit % 8)
	case ir.FieldOpt:
		f.oneBit(at.Bit % 8)
		f.load(n.Type.Elem, body, at.Offset)
	default:
		f.Op(binary.OpI32Eqz)
		f.failIf(abi.NoSuchAttribute, n.Place)
		f.load(n.Type, body, at.Offset)
	}
}

// guest calls a function of the guest. A checked one returns a code, and its result lies in memory.
func (f *fn) guest(n *ir.Node) {
	if n.N == ir.Swapped {
		kept := f.keepAll(n.Args)
		f.get(kept[1])
		f.get(kept[0])
	} else {
		f.operands(n.Args)
	}
	f.makes = f.makes || n.Makes()
	f.Call(n.Func)
	if n.Checked {
		f.checked(n.Place)
		f.result(n.Type)
	}
}

// checked leaves with the code on the stack, if it is one.
func (f *fn) checked(place int) {
	code := f.Local(binary.I32)
	f.LocalTee(code)
	f.If()
	f.LocalGet(code)
	f.I32Const(int32(place << 8))
	f.Op(binary.OpI32Or)
	f.LocalSet(f.err)
	f.Br(f.catch)
	f.End()
}

// result reads what a checked function of the guest came to.
func (f *fn) result(t *policy.Type) {
	for i, v := range Shape(t) {
		op := map[binary.ValType]binary.Op{binary.I32: binary.OpI32Load, binary.I64: binary.OpI64Load, binary.F64: binary.OpF64Load}[v]
		f.I32Const(0)
		f.MemAddr(op, dataOut, uint32(8*i))
	}
}

// getter reads a part of a timestamp or duration.
func (f *fn) getter(n *ir.Node) {
	of := n.Args[0]
	if of.Type.Kind == policy.KindDuration {
		f.I32Const(int32(n.N))
		f.emit(of)
		f.Call("rt_dur_get")
		return
	}
	if n.Checked {
		f.computedZone(n)
		return
	}
	f.I32Const(int32(n.N))
	f.emit(of)
	if n.Data == nil {
		f.I32Const(0)
	} else {
		f.I32Addr(f.table(n.Data, 4), 0)
	}
	f.Call("rt_ts_get")
}

// computedZone is getter in a zone that a condition computes.
func (f *fn) computedZone(n *ir.Node) {
	kept := f.keepAll(n.Args)
	f.makes = true
	f.get(kept[1])
	f.Call("rt_zone_parse")
	f.checked(n.Place)
	f.I32Const(int32(n.N))
	f.get(kept[0])
	f.result(policy.IP) // an address, too
	f.Call("rt_ts_get")
}
