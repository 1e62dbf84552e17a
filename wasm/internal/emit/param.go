package emit

import (
	"github.com/rungpolicy/rung/wasm/internal/binary"
	"github.com/rungpolicy/rung/wasm/internal/ir"
)

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
