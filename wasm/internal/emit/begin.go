package emit

import (
	"github.com/rungpolicy/rung/wasm/abi"
	"github.com/rungpolicy/rung/wasm/internal/binary"
	"github.com/rungpolicy/rung/wasm/internal/link"
)

// Begin adds `begin`: len -> the address of len bytes for input, where memory is free, 0 if there are not as many. What a condition makes lies behind them, and
// slack in between.
func (u *Unit) Begin(most, slack int) {
	c := binary.NewCode(1)
	end, pages := c.Local(binary.I32), c.Local(binary.I32)
	fail := c.Block()
	c.LocalGet(0)
	c.I32Const(int32(most))
	c.Op(binary.OpI32GtU)
	c.BrIf(fail)
	c.I32Addr(link.HeapBase, int32(slack+7))
	c.LocalGet(0)
	c.Op(binary.OpI32Add)
	c.I32Const(-8)
	c.Op(binary.OpI32And)
	c.LocalTee(end)
	c.I32Const(0xffff)
	c.Op(binary.OpI32Add)
	c.I32Const(16)
	c.Op(binary.OpI32ShrU)
	c.Op(binary.OpMemorySize)
	c.Op(binary.OpI32Sub)
	c.LocalTee(pages)
	c.I32Const(0)
	c.Op(binary.OpI32GtS)
	c.If()
	c.LocalGet(pages)
	c.Op(binary.OpMemoryGrow)
	c.I32Const(0)
	c.Op(binary.OpI32LtS)
	c.BrIf(fail)
	c.End()
	c.LocalGet(end)
	c.GlobalSet(globalHeap)
	c.I32Addr(link.HeapBase, 0)
	c.Op(binary.OpReturn)
	c.End()
	c.I32Const(0)
	u.Funcs = append(u.Funcs, Func{Name: abi.ExportBegin, Type: i32s(1, 1), Code: c})
}
