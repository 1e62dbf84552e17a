package emit

import (
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/abi"
	"github.com/rungpolicy/rung/wasm/internal/binary"
)

// iteration goes through the elements of a list.
type iteration struct {
	f      *fn
	at     uint32 // local: address of the element
	end    uint32 // local: the address after the last
	stride int
}

// iterate begins to go through a list in a local.
func (f *fn) iterate(t *policy.Type, list uint32) *iteration {
	it := &iteration{f: f, at: f.Local(binary.I32), end: f.Local(binary.I32), stride: abi.Stride(t.Elem)}
	f.LocalGet(list)
	f.Op(binary.OpI32WrapI64)
	f.LocalTee(it.at)
	f.count(list)
	f.I32Const(int32(it.stride))
	f.Op(binary.OpI32Mul)
	f.Op(binary.OpI32Add)
	f.LocalSet(it.end)
	return it
}

// count puts the number of a list's elements on the stack, as an i32.
func (f *fn) count(list uint32) {
	f.LocalGet(list)
	f.I64Const(32)
	f.Op(binary.OpI64ShrU)
	f.Op(binary.OpI32WrapI64)
}

// loop runs body for each element, whose address is in it.at. Body falls through to the next element.
func (it *iteration) loop(body func()) {
	f := it.f
	done := f.Block()
	again := f.Loop()
	f.LocalGet(it.at)
	f.LocalGet(it.end)
	f.Op(binary.OpI32Eq)
	f.BrIf(done)
	f.loops++
	body()
	f.loops--
	f.LocalGet(it.at)
	f.I32Const(int32(it.stride))
	f.Op(binary.OpI32Add)
	f.LocalSet(it.at)
	f.Br(again)
	f.End()
	f.End()
}

// entries is a map gone through, by its keys.
type entries struct {
	keys *iteration
	// value is the local with the address of the value that belongs to the key, if values are wanted.
	value  uint32
	stride int
}

// iterateMap begins to go through a map in a local.
func (f *fn) iterateMap(t *policy.Type, address uint32) *entries {
	it := &iteration{f: f, at: f.Local(binary.I32), end: f.Local(binary.I32), stride: int(keyStride(t.Key))}
	e := &entries{keys: it, value: f.Local(binary.I32), stride: abi.Stride(t.Elem)}
	f.LocalGet(address)
	f.Mem(binary.OpI32Load, abi.MapKeys)
	f.LocalTee(it.at)
	f.LocalGet(address)
	f.Mem(binary.OpI32Load, abi.MapCount)
	f.I32Const(keyStride(t.Key))
	f.Op(binary.OpI32Mul)
	f.Op(binary.OpI32Add)
	f.LocalSet(it.end)
	f.LocalGet(address)
	f.Mem(binary.OpI32Load, abi.MapValues)
	f.LocalSet(e.value)
	return e
}

// loop runs body for each entry.
func (e *entries) loop(body func()) {
	f := e.keys.f
	e.keys.loop(func() {
		body()
		f.LocalGet(e.value)
		f.I32Const(int32(e.stride))
		f.Op(binary.OpI32Add)
		f.LocalSet(e.value)
	})
}

// loadKey puts a map's key on the stack.
func (f *fn) loadKey(t *policy.Type, address uint32) {
	if t.Kind == policy.KindAny {
		f.load(t, address, 0)
		return
	}
	f.LocalGet(address)
	f.Mem(binary.OpI64Load, 0)
	if t.Kind == policy.KindBool {
		f.Op(binary.OpI32WrapI64)
	}
}

// asKey makes the form that keys have in memory of the value on the stack.
func (f *fn) asKey(t *policy.Type) {
	if t.Kind == policy.KindBool {
		f.Op(binary.OpI64ExtendI32U)
	}
}

// keyStride is how far apart a map's keys stand.
func keyStride(t *policy.Type) int32 {
	if t.Kind == policy.KindAny {
		return abi.AnySize
	}
	return abi.MapStride
}

// keyKind is the guest's number of a kind of keys.
func keyKind(t *policy.Type) int32 {
	switch t.Kind {
	case policy.KindInt:
		return 1
	case policy.KindUint:
		return 2
	case policy.KindBool:
		return 3
	}
	return 0
}
