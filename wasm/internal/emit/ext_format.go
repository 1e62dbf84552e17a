package emit

import (
	"math"
	"slices"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/abi"
	"github.com/rungpolicy/rung/wasm/internal/binary"
	"github.com/rungpolicy/rung/wasm/internal/ir"
)

// printer makes a text that grows at the end of the heap: what is to be added is made behind it, and copied down.
type printer struct {
	*fn
	text uint32 // local: the text so far
	// wrong is a local that is not 0 once something has no text; 0 if everything has.
	wrong uint32
	// room is a local for what the guest goes into of values of type any.
	room uint32
	// octets says that bytes were added, which may be no text.
	octets bool
}

// format emits a formatted text. All operands are evaluated first.
func (f *fn) format(n *ir.Node) {
	kept := f.keepAll(n.Args)
	room := f.printRoom(n)
	p := f.printer()
	p.room = room
	if mayLackText(n) {
		p.wrong = f.Local(binary.I32)
		f.clear(p.wrong)
	}
	code := abi.InvalidArgument
	for _, piece := range n.Pieces {
		switch {
		case piece.Code != 0:
			code = piece.Code
			p.hasNone()
		case piece.Verb == 0:
			p.add(func() { f.text(piece.Text) })
		default:
			p.clause(piece, n.Args[piece.Arg].Type, kept[piece.Arg])
		}
	}
	f.LocalGet(p.text)
	f.I64Const(policy.MaxMadeBytes<<32 | math.MaxUint32)
	f.Op(binary.OpI64GtU)
	f.failIf(abi.Limit, n.Place)
	if p.wrong != 0 {
		f.LocalGet(p.wrong)
		f.failIf(code, n.Place)
	}
	if p.octets {
		f.LocalGet(p.text)
		f.Call("rt_utf8_valid")
		f.Op(binary.OpI32Eqz)
		f.failIf(abi.BadValue, n.Place)
	}
	f.LocalGet(p.text)
}

// printer begins a text.
func (f *fn) printer() *printer {
	f.makes = true
	p := &printer{fn: f, text: f.Local(binary.I64)}
	p.begin()
	return p
}

func (p *printer) begin() {
	p.GlobalGet(globalHeap)
	p.Op(binary.OpI64ExtendI32U)
	p.LocalSet(p.text)
}

// add adds the text that make puts on the stack.
func (p *printer) add(make func()) {
	p.LocalGet(p.text)
	make()
	p.Call("rt_str_grow")
	p.LocalSet(p.text)
}

// hasNone notes that something has no text.
func (p *printer) hasNone() {
	p.I32Const(1)
	p.LocalSet(p.wrong)
}

// mayLackText reports whether something in a format is wrong, or may be.
func mayLackText(n *ir.Node) bool {
	return slices.ContainsFunc(n.Pieces, func(p ir.Piece) bool {
		return p.Code != 0 || p.Verb != 0 && (p.Verb != 's' && !takes(p.Verb, n.Args[p.Arg].Type.Kind) || lacksText(n.Args[p.Arg].Type))
	})
}

// takes reports whether a verb other than s takes values of a kind.
func takes(verb byte, k policy.Kind) bool {
	whole := k == policy.KindInt || k == policy.KindUint
	switch verb {
	case 'd', 'f', 'e':
		return whole || k == policy.KindDouble
	case 'b':
		return whole || k == policy.KindBool
	case 'o':
		return whole
	}
	return whole || k == policy.KindString || k == policy.KindBytes
}

// lacksText reports whether a value of a type, or one in it, may have no text.
func lacksText(t *policy.Type) bool {
	switch t.Kind {
	case policy.KindList:
		return lacksText(t.Elem)
	case policy.KindMap:
		return lacksText(t.Key) || lacksText(t.Elem)
	case policy.KindIP, policy.KindCIDR, policy.KindOptional, policy.KindObject, policy.KindAny, policy.KindType:
		return true
	}
	return false
}

// bases are the verbs that write whole numbers, by the bits of a digit.
var bases = map[byte]int32{'b': 1, 'o': 3, 'x': 4, 'X': 4}

// clause adds an operand as a verb has it.
func (p *printer) clause(piece ir.Piece, t *policy.Type, value []uint32) {
	fits := takes(piece.Verb, t.Kind)
	switch {
	case piece.Verb != 's' && t.Kind == policy.KindAny:
		p.dyn(t, value, piece)
	case piece.Verb == 's', piece.Verb == 'd' && fits:
		p.value(t, value)
	case piece.Verb == 'd':
		p.value(t, value) // it counts, for the limit
		p.hasNone()
	case !fits:
		p.hasNone()
	case piece.Verb == 'f', piece.Verb == 'e':
		p.add(func() {
			p.get(value)
			p.toDouble(t.Kind)
			p.I32Const(int32(piece.Decimals))
			p.I32Const(flag(piece.Verb == 'e'))
			p.Call("rt_double_rounded")
		})
	case t.Kind == policy.KindBool:
		p.either(value[0], "1", "0")
	default:
		p.based(piece.Verb, t.Kind, value)
	}
}

// based adds a number in a base, or bytes as digits.
func (p *printer) based(verb byte, k policy.Kind, value []uint32) {
	p.add(func() {
		p.get(value)
		function, ok := map[policy.Kind]string{policy.KindInt: "rt_int_base", policy.KindUint: "rt_uint_base"}[k]
		if ok {
			p.I32Const(bases[verb])
		} else {
			function = "rt_str_hex"
		}
		p.I32Const(flag(verb == 'X'))
		p.Call(function)
	})
}

// either adds one of two texts.
func (p *printer) either(is uint32, yes, no string) {
	p.add(func() {
		p.fn.text(yes)
		p.fn.text(no)
		p.LocalGet(is)
		p.Op(binary.OpSelect)
	})
}

// texts are the guest's functions that write values as `%s` does.
var printed = map[policy.Kind]string{
	policy.KindInt: "rt_int_to_str", policy.KindUint: "rt_uint_to_str", policy.KindDouble: "rt_double_plain", policy.KindDuration: "rt_dur_to_str",
}

// value adds a value as `%s` writes it.
func (p *printer) value(t *policy.Type, value []uint32) {
	switch t.Kind {
	case policy.KindString, policy.KindBytes:
		p.octets = p.octets || t.Kind == policy.KindBytes
		p.add(func() { p.get(value) })
	case policy.KindBool:
		p.either(value[0], "true", "false")
	case policy.KindInt, policy.KindUint, policy.KindDouble, policy.KindDuration:
		p.add(func() {
			p.get(value)
			p.Call(printed[t.Kind])
		})
	case policy.KindTimestamp:
		p.add(func() {
			p.LocalGet(value[0])
			p.LocalGet(value[1])
			p.I64Const(math.MaxUint32) // in UTC
			p.Op(binary.OpI64And)
			p.Call("rt_ts_to_str")
		})
	case policy.KindNull:
		p.add(func() { p.fn.text("null") })
	case policy.KindList:
		p.list(t, value[0])
	case policy.KindMap:
		p.mapping(t, value[0])
	case policy.KindAny, policy.KindType:
		p.dyn(t, value, ir.Piece{Verb: 's'})
	default:
		p.hasNone()
	}
}

// dyn adds a value whose type is known only at run time.
func (p *printer) dyn(t *policy.Type, value []uint32, piece ir.Piece) {
	flags := p.Local(binary.I32)
	p.LocalGet(p.room)
	p.LocalGet(p.text)
	p.get(value)
	if t.Kind != policy.KindAny {
		p.box(t)
	}
	p.I32Const(int32(piece.Verb))
	p.I32Const(int32(piece.Decimals))
	p.Call("rt_dyn_print")
	p.LocalSet(flags)
	p.result(policy.String)
	p.LocalSet(p.text)
	p.LocalGet(p.wrong)
	p.LocalGet(flags)
	p.I32Const(1)
	p.Op(binary.OpI32And)
	p.Op(binary.OpI32Or)
	p.LocalSet(p.wrong)
	p.octets = true
}

// printRoom takes what rt_dyn_print needs, if a format needs it.
func (f *fn) printRoom(n *ir.Node) uint32 {
	if !slices.ContainsFunc(n.Args, func(a *ir.Node) bool { return holdsAny(a.Type) }) {
		return 0
	}
	room := f.Local(binary.I32)
	f.makes = true
	f.Call("rt_print_room")
	f.LocalSet(room)
	return room
}

// holdsAny reports whether values of a type, or what is in them, are of any type, or are types.
func holdsAny(t *policy.Type) bool {
	switch t.Kind {
	case policy.KindAny, policy.KindType:
		return true
	case policy.KindList:
		return holdsAny(t.Elem)
	case policy.KindMap:
		return holdsAny(t.Key) || holdsAny(t.Elem)
	}
	return false
}

func (p *printer) list(t *policy.Type, list uint32) {
	p.add(func() { p.fn.text("[") })
	elem, more := p.locals(t.Elem), p.Local(binary.I32)
	it := p.iterate(t, list)
	p.clear(more)
	it.loop(func() {
		p.between(more)
		p.load(t.Elem, it.at, 0)
		p.set(elem)
		p.value(t.Elem, elem)
	})
	p.add(func() { p.fn.text("]") })
}

// between adds a comma, but not before the first.
func (p *printer) between(more uint32) {
	p.LocalGet(more)
	p.If()
	p.add(func() { p.fn.text(", ") })
	p.End()
	p.I32Const(1)
	p.LocalSet(more)
}

// mapping adds a map, whose entries are in the order of their keys' texts: that of numbers is another than theirs.
func (p *printer) mapping(t *policy.Type, m uint32) {
	switch t.Key.Kind {
	case policy.KindString, policy.KindBool:
	case policy.KindAny:
		p.dyn(t, []uint32{m}, ir.Piece{Verb: 's'})
		return
	default:
		p.sortedMap(t, m)
		return
	}
	p.add(func() { p.fn.text("{") })
	key, value, more := p.locals(t.Key), p.locals(t.Elem), p.Local(binary.I32)
	e := p.iterateMap(t, m)
	p.clear(more)
	e.loop(func() {
		p.between(more)
		p.loadKey(t.Key, e.keys.at)
		p.set(key)
		p.value(t.Key, key)
		p.add(func() { p.fn.text(": ") })
		p.load(t.Elem, e.value, 0)
		p.set(value)
		p.value(t.Elem, value)
	})
	p.add(func() { p.fn.text("}") })
}

// sortedMap makes lists of the keys' texts and of the values' addresses, sorts both by the former, and makes the text of them behind all that.
func (p *printer) sortedMap(t *policy.Type, m uint32) {
	f := p.fn
	// As a list, the map has as many elements as the two will have.
	size := f.Local(binary.I64)
	f.LocalGet(m)
	f.Mem(binary.OpI64Load32U, abi.MapCount)
	f.I64Const(32)
	f.Op(binary.OpI64Shl)
	f.LocalSet(size)
	keys, values := f.gather(policy.String, size), f.gather(policy.Int, size)
	key, one := f.locals(t.Key), f.Local(binary.I64)
	e := f.iterateMap(t, m)
	e.loop(func() {
		f.loadKey(t.Key, e.keys.at)
		f.set(key)
		f.get(key)
		f.Call(printed[t.Key.Kind])
		f.LocalSet(one)
		keys.put([]uint32{one})
		f.LocalGet(e.value)
		f.Op(binary.OpI64ExtendI32U)
		f.LocalSet(one)
		values.put([]uint32{one})
	})
	byKey, sorted := f.Local(binary.I64), f.Local(binary.I64)
	keys.pack()
	f.LocalSet(byKey)
	sort := func(g *gathered) {
		g.pack()
		f.LocalGet(byKey)
		f.I32Const(8)
		f.I32Const(0) // texts
		f.Call("rt_list_sort_by")
		f.Op(binary.OpDrop) // texts have an order
		f.result(policy.ListOf(policy.Int))
	}
	sort(values)
	f.LocalSet(sorted)
	sort(keys)
	f.LocalSet(byKey)
	p.entries(t, byKey, sorted)
}

// entries adds a map of two lists: the texts of its keys, and the addresses of its values.
func (p *printer) entries(t *policy.Type, keys, values uint32) {
	f := p.fn
	inner := f.printer()
	inner.wrong, inner.room = p.wrong, p.room
	inner.add(func() { f.text("{") })
	at, value, more, one := f.Local(binary.I32), f.locals(t.Elem), f.Local(binary.I32), f.Local(binary.I64)
	it := f.iterate(policy.ListOf(policy.String), keys)
	next := f.Local(binary.I32)
	f.LocalGet(values)
	f.Op(binary.OpI32WrapI64)
	f.LocalSet(next)
	f.clear(more)
	it.loop(func() {
		inner.between(more)
		f.load(policy.String, it.at, 0)
		f.LocalSet(one)
		inner.add(func() { f.LocalGet(one) })
		inner.add(func() { f.text(": ") })
		f.LocalGet(next)
		f.Mem(binary.OpI32Load, 0)
		f.LocalSet(at)
		f.load(t.Elem, at, 0)
		f.set(value)
		inner.value(t.Elem, value)
		f.LocalGet(next)
		f.I32Const(8)
		f.Op(binary.OpI32Add)
		f.LocalSet(next)
	})
	inner.add(func() { f.text("}") })
	p.wrong, p.octets = inner.wrong, p.octets || inner.octets
	p.add(func() { f.LocalGet(inner.text) })
}
