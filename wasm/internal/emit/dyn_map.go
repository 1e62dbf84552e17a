package emit

import (
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/abi"
	"github.com/rungpolicy/rung/wasm/internal/binary"
)

// leastEntries is what a builder that grows has room for at first.
const leastEntries = 8

// grows makes a builder one whose room is not known beforehand.
func (b *builder) grows() {
	f := b.f
	b.room = f.Local(binary.I32)
	f.I32Const(leastEntries)
	f.LocalSet(b.room)
}

// reserve makes room for as many entries more as a local says: all that there are are copied to where there is.
func (b *builder) reserve(more uint32) {
	f := b.f
	f.LocalGet(b.n)
	f.LocalGet(more)
	f.Op(binary.OpI32Add)
	f.LocalGet(b.room)
	f.Op(binary.OpI32GtU)
	f.If()
	f.LocalGet(b.n)
	f.LocalGet(more)
	f.Op(binary.OpI32Add)
	f.I32Const(2)
	f.Op(binary.OpI32Mul)
	f.LocalSet(b.room)
	b.move(b.keys, keyStride(b.t.Key))
	b.move(b.values, b.stride)
	f.End()
}

func (b *builder) move(array uint32, stride int32) {
	f := b.f
	to := f.Local(binary.I32)
	f.LocalGet(b.room)
	f.I32Const(stride)
	f.Op(binary.OpI32Mul)
	f.Call("rt_alloc")
	f.LocalTee(to)
	f.LocalGet(array)
	f.LocalGet(b.n)
	f.I32Const(stride)
	f.Op(binary.OpI32Mul)
	f.Call("rt_copy")
	f.LocalGet(to)
	f.LocalSet(array)
}

// addAny adds all entries of a map of type any. Once there are too many no more are: what is wrong with those that are there is found when the map is sealed.
func (m *mapper) addAny(t tally, next binary.Label) {
	f := m.f
	n, i := f.Local(binary.I32), f.Local(binary.I32)
	f.isKind(m.value[0], abi.TagMap)
	f.Op(binary.OpI32Eqz)
	f.If()
	f.I32Const(int32(abi.NoSuchOverload | m.place<<8))
	f.LocalSet(f.err)
	m.before(t)
	t.first()
	f.Br(next)
	f.End()
	f.LocalGet(m.b.n)
	f.I32Const(policy.MaxMadeElements)
	f.Op(binary.OpI32GtU)
	f.BrIf(next)
	f.get(m.value)
	f.Call("rt_dyn_count")
	f.LocalSet(n)
	m.b.reserve(n)
	key, value := f.locals(policy.Any), f.locals(policy.Any)
	f.I32Const(0)
	f.LocalSet(i)
	done := f.Block()
	again := f.Loop()
	f.LocalGet(i)
	f.LocalGet(n)
	f.Op(binary.OpI32Eq)
	f.BrIf(done)
	f.loops++
	for k, to := range [][]uint32{key, value} {
		f.get(m.value)
		f.LocalGet(i)
		f.Call([]string{"rt_dyn_nth", "rt_dyn_nth_value"}[k])
		f.result(policy.Any)
		f.set(to)
	}
	m.b.put(key, value)
	f.loops--
	f.increment(i)
	f.Br(again)
	f.End()
	f.End()
}
