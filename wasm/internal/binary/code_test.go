package binary_test

import (
	"bytes"
	"testing"

	"github.com/rungpolicy/rung/wasm/internal/binary"
)

// sum adds the numbers up to the parameter.
func sum() *binary.Code {
	c := binary.NewCode(1)
	total := c.Local(i64)
	done := c.Block()
	again := c.Loop()
	c.LocalGet(0)
	c.Op(binary.OpI64Eqz)
	c.BrIf(done)
	c.LocalGet(total)
	c.LocalGet(0)
	c.Op(binary.OpI64Add)
	c.LocalSet(total)
	c.LocalGet(0)
	c.I64Const(1)
	c.Op(binary.OpI64Sub)
	c.LocalSet(0)
	c.Br(again)
	c.End()
	c.End()
	c.LocalGet(total)
	return c
}

func TestLoop(t *testing.T) {
	t.Parallel()
	m := module(t, unary, sum())
	for _, n := range []uint64{0, 1, 10, 1000} {
		if got := run(t, m, "f", n); got != n*(n+1)/2 {
			t.Errorf("%d: got %d", n, got)
		}
	}
}

// TestConsts holds numbers in the LEB128 of a body against what comes back.
func TestConsts(t *testing.T) {
	t.Parallel()
	for _, n := range []int64{0, 1, -1, 63, 64, -64, -65, 127, 128, 8191, 8192, -8192, -8193, 1<<31 - 1, 1 << 31, -1 << 31, 1<<62 - 1, 1 << 62, -1 << 62, 1<<63 - 1, -1 << 63} {
		c := binary.NewCode(1)
		c.I64Const(n)
		if got := int64(run(t, module(t, unary, c), "f", 0)); got != n {
			t.Errorf("%d: got %d", n, got)
		}
	}
}

// TestBlockTypes: a block of several results, and an if that takes a parameter, have their types in the list of types.
func TestBlockTypes(t *testing.T) {
	t.Parallel()
	c := binary.NewCode(1)
	c.Block(i64, i64)
	c.LocalGet(0)
	c.I64Const(3)
	c.End()
	c.Op(binary.OpI64Mul)
	c.LocalGet(0)
	c.I64Const(10)
	c.Op(binary.OpI64GtS)
	c.BlockOf(binary.OpIf, unary)
	c.I64Const(1)
	c.Op(binary.OpI64Add)
	c.Else()
	c.End()
	m := module(t, unary, c)
	for n, want := range map[uint64]uint64{4: 12, 11: 34} {
		if got := run(t, m, "f", n); got != want {
			t.Errorf("%d: got %d and not %d", n, got, want)
		}
	}
	if len(m.Types) != 2 {
		t.Errorf("types %v", m.Types)
	}
}

func TestBrTable(t *testing.T) {
	t.Parallel()
	c := binary.NewCode(1)
	two := c.Block()
	one := c.Block()
	none := c.Block()
	c.LocalGet(0)
	c.Op(binary.OpI32WrapI64)
	c.BrTable([]binary.Label{none, one}, two)
	for n := range int64(2) {
		c.End()
		c.I64Const(100 + n)
		c.Op(binary.OpReturn)
	}
	c.End()
	c.I64Const(102)
	m := module(t, unary, c)
	for n, want := range []uint64{100, 101, 102, 102} {
		if got := run(t, m, "f", uint64(n)); got != want {
			t.Errorf("%d: got %d and not %d", n, got, want)
		}
	}
}

// TestLocals: those that nothing names are gone, and the others in one run for each type.
func TestLocals(t *testing.T) {
	t.Parallel()
	c := binary.NewCode(1)
	var locals []uint32
	for range 100 {
		locals = append(locals, c.Local(i32), c.Local(i64))
	}
	last := locals[199]
	c.LocalGet(0)
	c.LocalSet(last)
	c.LocalGet(last)
	c.Op(binary.OpI32WrapI64)
	c.LocalSet(locals[4])
	c.LocalGet(last)
	c.LocalGet(locals[4])
	c.Op(binary.OpI64ExtendI32U)
	c.LocalGet(last)
	c.Op(binary.OpI64Add)
	c.Op(binary.OpI64Add)
	m := module(t, unary, c)
	if got := m.Funcs[0].Locals; len(got) != 2 || got[0] != (binary.Locals{Count: 1, Type: i32}) || got[1] != (binary.Locals{Count: 1, Type: i64}) {
		t.Errorf("locals %v", got)
	}
	if got := run(t, m, "f", 7); got != 21 {
		t.Errorf("got %d", got)
	}
}

// TestTee: a local that is read right after it is written stays on the stack instead.
func TestTee(t *testing.T) {
	t.Parallel()
	c := binary.NewCode(1)
	c.I64Const(1)
	c.LocalSet(0)
	c.LocalGet(0)
	want := []byte{byte(binary.OpI64Const), 1, byte(binary.OpLocalTee), 0, byte(binary.OpEnd)}
	if got := module(t, unary, c).Funcs[0].Code; !bytes.Equal(got, want) {
		t.Errorf("got % x", got)
	}
}

func TestUnended(t *testing.T) {
	t.Parallel()
	c := binary.NewCode(0)
	c.Block()
	if _, err := c.Func(nil); err == nil {
		t.Error("a block without end is let through")
	}
}

// TestMisuse: what can only be a mistake of the caller's panics.
func TestMisuse(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]func(c *binary.Code){
		"an operation with immediates": func(c *binary.Code) { c.Op(binary.OpI32Const) },
		"an end as an operation":       func(c *binary.Code) { c.Op(binary.OpEnd) },
		"no operation":                 func(c *binary.Code) { c.Op(0xff) },
		"an end without a block":       func(c *binary.Code) { c.End() },
		"a load that is none":          func(c *binary.Code) { c.Mem(binary.OpI32Add, 0) },
		"a block that is none":         func(c *binary.Code) { c.BlockOf(binary.OpBr, binary.FuncType{}) },
		"a branch to what has ended": func(c *binary.Code) {
			l := c.Block()
			c.End()
			c.Br(l)
		},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f(binary.NewCode(0))
		}()
	}
}

// TestSizes: what a function and a piece of data say they take is what they do.
func TestSizes(t *testing.T) {
	t.Parallel()
	m := everything(t)
	without := *m
	without.Data = nil
	if got, want := len(m.Encode())-len(without.Encode()), 3+m.Data[0].Size(); got != want { // a section's number and size, and how many
		t.Errorf("data take %d and not %d", got, want)
	}
	twice := *m
	twice.Funcs = append(twice.Funcs, m.Funcs[0])
	if got, want := len(twice.Encode())-len(m.Encode()), 1+m.Funcs[0].Size(); got-want < 0 || got-want > 1 { // a longer size
		t.Errorf("a function takes %d and not %d", got, want)
	}
}
