package emit

import (
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/abi"
	"github.com/rungpolicy/rung/wasm/internal/binary"
	"github.com/rungpolicy/rung/wasm/internal/ir"
)

// mapEntry emits `map[key]`, `map[?key]` and `key in map`.
func (f *fn) mapEntry(n *ir.Node) {
	of, key := 0, 1
	if n.Op == ir.MapHas {
		of, key = 1, 0
	}
	t := n.Args[of].Type
	kept := f.keepAll(n.Args)
	m, k := kept[of][0], kept[key]
	f.find(t, m, k)
	if n.Op == ir.MapHas {
		f.I32Const(0)
		f.Op(binary.OpI32GeS)
		return
	}
	i := f.Local(binary.I32)
	f.LocalTee(i)
	f.I32Const(0)
	if n.Op == ir.MapGet {
		f.Op(binary.OpI32LtS)
		f.failIf(abi.NoSuchKey, n.Place)
		f.loadValue(t, m, i)
		return
	}
	f.Op(binary.OpI32GeS)
	f.If(Shape(n.Type)...)
	f.I32Const(1)
	f.loadValue(t, m, i)
	f.Else()
	f.zero(Shape(n.Type))
	f.End()
}

// find puts the index of a key on the stack, or a negative number.
func (f *fn) find(t *policy.Type, m uint32, key []uint32) {
	f.LocalGet(m)
	f.get(key)
	f.asKey(t.Key)
	f.I32Const(keyKind(t.Key))
	f.Call("rt_map_find")
}

// loadValue puts the value of entry i on the stack.
func (f *fn) loadValue(t *policy.Type, m, i uint32) {
	at := f.Local(binary.I32)
	f.LocalGet(m)
	f.Mem(binary.OpI32Load, abi.MapValues)
	f.LocalGet(i)
	f.I32Const(int32(abi.Stride(t.Elem)))
	f.Op(binary.OpI32Mul)
	f.Op(binary.OpI32Add)
	f.LocalSet(at)
	f.load(t.Elem, at, 0)
}

// equalMaps: as many entries, and for each key of one the other has an equal value.
func (f *fn) equalMaps(t *policy.Type, a, b uint32) {
	done := f.Block(binary.I32)
	f.LocalGet(a)
	f.Mem(binary.OpI32Load, abi.MapCount)
	f.LocalGet(b)
	f.Mem(binary.OpI32Load, abi.MapCount)
	f.Op(binary.OpI32Ne)
	f.If()
	f.I32Const(0)
	f.Br(done)
	f.End()
	key, x, y, i := f.locals(t.Key), f.locals(t.Elem), f.locals(t.Elem), f.Local(binary.I32)
	e := f.iterateMap(t, a)
	e.loop(func() {
		f.loadKey(t.Key, e.keys.at)
		f.set(key)
		f.find(t, b, key)
		f.LocalTee(i)
		f.I32Const(0)
		f.Op(binary.OpI32LtS)
		f.If()
		f.I32Const(0)
		f.Br(done)
		f.End()
		f.load(t.Elem, e.value, 0)
		f.set(x)
		f.loadValue(t, b, i)
		f.set(y)
		f.equalLocals(t.Elem, x, y)
		f.Op(binary.OpI32Eqz)
		f.If()
		f.I32Const(0)
		f.Br(done)
		f.End()
	})
	f.I32Const(1)
	f.End()
}

// builder collects entries of a map.
type builder struct {
	f            *fn
	t            *policy.Type
	keys, values uint32 // locals: addresses
	n            uint32 // local: entries so far
	stride       int32
	there        uint32 // local: address of a byte for each entry, where some are optional
	room         uint32 // local: how many entries there is room for, where that changes
}

// newBuilder takes memory for as many entries as capacity puts on the stack.
func (f *fn) newBuilder(t *policy.Type, capacity func(), optional bool) *builder {
	f.makes = true
	b := &builder{f: f, t: t, keys: f.Local(binary.I32), values: f.Local(binary.I32), n: f.Local(binary.I32), stride: int32(abi.Stride(t.Elem))}
	take := func(size int32, to uint32) {
		capacity()
		f.I32Const(size)
		f.Op(binary.OpI32Mul)
		f.Call("rt_alloc")
		f.LocalSet(to)
	}
	take(keyStride(t.Key), b.keys)
	take(b.stride, b.values)
	b.there = f.Local(binary.I32)
	f.I32Const(0)
	f.LocalSet(b.there)
	if optional {
		take(1, b.there)
	}
	f.I32Const(0)
	f.LocalSet(b.n)
	return b
}

// at puts the address of the next entry of an array into a local and returns it.
func (b *builder) at(array uint32, stride int32) uint32 {
	f := b.f
	at := f.Local(binary.I32)
	f.LocalGet(array)
	f.LocalGet(b.n)
	f.I32Const(stride)
	f.Op(binary.OpI32Mul)
	f.Op(binary.OpI32Add)
	f.LocalSet(at)
	return at
}

// put adds an entry of a key and a value in locals.
func (b *builder) put(key, value []uint32) {
	f := b.f
	at := b.at(b.keys, keyStride(b.t.Key))
	if b.t.Key.Kind == policy.KindAny {
		f.store(policy.Any, at, 0, key)
	} else {
		f.LocalGet(at)
		f.get(key)
		f.asKey(b.t.Key)
		f.Mem(binary.OpI64Store, 0)
	}
	f.store(b.t.Elem, b.at(b.values, b.stride), 0, value)
	f.LocalGet(b.n)
	f.I32Const(1)
	f.Op(binary.OpI32Add)
	f.LocalSet(b.n)
}

// seal puts the guest's code on the stack: 0, and the map is in its result, or what is wrong with the entries.
func (b *builder) seal(unique bool) {
	f := b.f
	f.LocalGet(b.n)
	f.LocalGet(b.keys)
	f.LocalGet(b.values)
	f.I32Const(b.stride)
	if b.t.Key.Kind == policy.KindAny {
		f.I32Const(flag(unique))
		f.LocalGet(b.there)
		f.Call("rt_dyn_seal")
		return
	}
	f.I32Const(keyKind(b.t.Key))
	f.I32Const(flag(unique))
	f.LocalGet(b.there)
	f.Call("rt_map_seal")
}

// makeMap emits a map literal.
func (f *fn) makeMap(n *ir.Node) {
	t := n.Type
	some := false
	for _, o := range n.Flags {
		some = some || o
	}
	b := f.newBuilder(t, func() { f.I32Const(int32(max(1, len(n.Args)/2))) }, some)
	key := f.locals(t.Key)
	for _, v := range n.Vars {
		f.vars[v] = &variable{locals: key}
	}
	optional := f.locals(&policy.Type{Kind: policy.KindOptional, Elem: t.Elem})
	f.sequenceOf(n.Args, func(i int) {
		if i%2 == 0 && len(n.Vars) > 0 {
			f.keyAtRest(key)
		}
	}, func(i int) {
		if i%2 == 0 {
			f.set(key)
			return
		}
		if i/2 < len(n.Flags) && n.Flags[i/2] {
			f.set(optional)
		} else {
			f.set(optional[1:])
			f.I32Const(1)
			f.LocalSet(optional[0])
		}
		if some {
			f.LocalGet(b.at(b.there, 1))
			f.LocalGet(optional[0])
			f.Mem(binary.OpI32Store8, 0)
		}
		b.put(key, optional[1:])
	})
	b.seal(false)
	if n.Fails {
		f.checked(n.Place)
	} else {
		f.Op(binary.OpDrop) // so few entries are sealed whatever they are
	}
	f.result(t)
}

// keyAtRest makes a variable for keys of any type hold one, as long as no key is there: one that is pending is not held against what keys may be.
func (f *fn) keyAtRest(key []uint32) {
	f.I32Const(int32(abi.TagBool))
	f.LocalSet(key[0])
}
