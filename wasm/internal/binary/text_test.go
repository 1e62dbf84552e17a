package binary_test

import (
	"flag"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rungpolicy/rung/wasm/internal/binary"
)

var update = flag.Bool("update", false, "write the golden files anew")

// everything is a module with something of each section, and of each kind of instruction.
func everything(t *testing.T) *binary.Module {
	c := binary.NewCode(1)
	n, f := c.Local(i32), c.Local(binary.F64)
	out := c.Block()
	inner := c.Block()
	c.LocalGet(0)
	c.Op(binary.OpI32WrapI64)
	c.LocalSet(n)
	c.LocalGet(n)
	c.BrTable([]binary.Label{out, inner}, out)
	c.End()
	c.End()
	again := c.Loop(i64)
	c.LocalGet(n)
	c.Mem(binary.OpI64Load32S, 8)
	c.LocalGet(n)
	c.If(i32)
	c.F64Const(0.1)
	c.LocalSet(f)
	c.I32Const(-1)
	c.Else()
	c.F64Const(math.Inf(-1))
	c.LocalSet(f)
	c.I32Const(1)
	c.End()
	c.LocalTee(n)
	c.BrIf(again)
	c.End()
	c.Block(i32, i32)
	c.I32Const(0)
	c.Op(binary.OpMemorySize)
	c.End()
	c.I32Const(5)
	c.Op(binary.OpMemoryFill)
	c.LocalGet(f)
	c.Op(binary.OpI64TruncSatF64S)
	c.Op(binary.OpI64Add)
	m := module(t, unary, c)
	m.Memory = &binary.Memory{Min: 1, Max: 16}
	m.Globals = []binary.Global{
		{Type: i32, Init: 1},
		{Type: i64, Mutable: true, Init: 1 << 63},
		{Type: binary.F32, Init: uint64(math.Float32bits(1.5))},
		{Type: binary.F64, Init: math.Float64bits(math.NaN())},
	}
	m.Exports = append(m.Exports, binary.Export{Name: "memory", Kind: binary.KindMemory}, binary.Export{Name: "schön", Kind: binary.KindGlobal, Index: 1})
	m.Data = []binary.Data{{Offset: 1024, Bytes: []byte("a\"\x00\\é")}}
	m.Customs = []binary.Custom{{Name: "rung.meta", Bytes: []byte("{}")}}
	return m
}

func TestText(t *testing.T) {
	t.Parallel()
	f, err := binary.Decode(everything(t).Encode())
	if err != nil {
		t.Fatal(err)
	}
	got, err := f.Text([]string{"everything"})
	if err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/everything.wat"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Error(diff)
	}
}

// TestTextBounds: neither nesting nor locals make the text long.
func TestTextBounds(t *testing.T) {
	t.Parallel()
	const depth = 10_000
	code := []byte(strings.Repeat("\x02\x40", depth) + strings.Repeat("\x0b", depth+1))
	m := binary.Module{Types: []binary.FuncType{{}}, Funcs: []binary.Func{{Code: code, Locals: []binary.Locals{{Count: 50_000, Type: i32}}}}}
	f, err := binary.Decode(m.Encode())
	if err != nil {
		t.Fatal(err)
	}
	text, err := f.Text(nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(text) > 100*len(code) {
		t.Errorf("%d bytes for %d", len(text), len(code))
	}
}
