package emit

import (
	"strconv"

	"github.com/rungpolicy/rung/wasm/abi"
	"github.com/rungpolicy/rung/wasm/internal/binary"
	"github.com/rungpolicy/rung/wasm/internal/ir"
)

// elsewhere calls the function of a sub-condition that stands in several places, if n is one.
func (f *fn) elsewhere(n *ir.Node) bool {
	if len(f.common) == 0 {
		return false
	}
	key, ok := ir.Key(n)
	name, common := f.common[key]
	if !ok || !common {
		return false
	}
	if name == "" {
		name = "common." + strconv.Itoa(len(f.made))
		f.made[name], f.common[key] = true, name
		g := &fn{Unit: f.Unit, Code: binary.NewCode(1), vars: map[int]*variable{}}
		g.err = g.Local(binary.I32)
		f.Unit.add(name, i32s(1, 1), g.truth(n, g.here))
	}
	f.LocalGet(f.record)
	f.Call(name)
	if n.Strays() {
		f.LocalTee(f.err)
		f.I32Const(abi.True)
		f.Op(binary.OpI32GtU)
		f.BrIf(f.catch)
		f.LocalGet(f.err)
	}
	return true
}

// shared calls the function of a tree that stands in several conditions and cannot stray: the value of a param, with what postures lay over it.
func (f *fn) shared(n *ir.Node) {
	name := "shared." + n.Func
	if !f.made[name] {
		f.made[name] = true
		f.Unit.value(name, n.Args[0])
	}
	f.LocalGet(f.record)
	f.Call(name)
}

// value adds the function of a tree that cannot stray: record -> its value.
func (u *Unit) value(name string, n *ir.Node) {
	t := binary.FuncType{Params: []binary.ValType{binary.I32}, Results: Shape(n.Type)}
	f := &fn{Unit: u, Code: binary.NewCode(1), vars: map[int]*variable{}}
	f.emit(n)
	u.Funcs = append(u.Funcs, Func{Name: name, Type: t, Code: f.Code})
}
