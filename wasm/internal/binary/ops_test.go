package binary_test

import (
	"bytes"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rungpolicy/rung/wasm/internal/binary"
)

// ops is a module with a function for each opcode. Behind an unreachable, a stack has whatever is needed.
func ops(t *testing.T) *binary.Module {
	t.Helper()
	m := &binary.Module{
		Types:   []binary.FuncType{{}},
		Memory:  &binary.Memory{Min: 1, Max: 1},
		Globals: []binary.Global{{Type: i32, Mutable: true}},
	}
	for n := range 1 << 16 {
		op := binary.Op(n)
		info, ok := op.Info()
		if !ok || op == binary.OpElse || op == binary.OpEnd {
			continue
		}
		c := binary.NewCode(0)
		l := c.Local(i32)
		c.Op(binary.OpUnreachable)
		one(c, op, info, l)
		c.Op(binary.OpUnreachable)
		f, err := c.Func(func(binary.Reloc) (int64, error) { return 0, nil })
		if err != nil {
			t.Fatal(err)
		}
		m.Funcs = append(m.Funcs, f)
	}
	return m
}

// one writes an instruction.
func one(c *binary.Code, op binary.Op, info binary.Info, local uint32) {
	special := map[binary.Op]func(){
		binary.OpIf: func() {
			c.If()
			c.Else()
			c.End() // An else without anything is left out, by both.
		},
		binary.OpBrIf:      func() { c.BrIf(0) },
		binary.OpGlobalSet: func() { c.GlobalSet("g") },
		binary.OpLocalSet:  func() { c.LocalSet(local) },
		binary.OpLocalTee:  func() { c.LocalTee(local) },
	}
	if write := special[op]; write != nil {
		write()
		return
	}
	switch info.Imm {
	case binary.ImmBlock:
		c.BlockOf(op, binary.FuncType{})
		c.End()
	case binary.ImmLabel:
		c.Br(0)
	case binary.ImmLabels:
		c.BrTable([]binary.Label{0, 0}, 0)
	case binary.ImmFunc:
		c.Call("f")
	case binary.ImmLocal:
		c.LocalGet(local)
	case binary.ImmGlobal:
		c.GlobalGet("g")
	case binary.ImmMem:
		c.Mem(op, 200)
	case binary.ImmI32:
		c.I32Const(64)
	case binary.ImmI64:
		c.I64Const(-1)
	case binary.ImmF32:
		c.F32Const(0.1)
	case binary.ImmF64:
		c.F64Const(0.1)
	case binary.ImmNone, binary.ImmZero, binary.ImmZero2:
		c.Op(op)
	default:
		panic(op.String())
	}
}

// TestOps holds every opcode, its name and its immediates against another assembler: ops.wasm is what wat2wasm makes of ops.wat.
func TestOps(t *testing.T) {
	t.Parallel()
	m := ops(t)
	f, err := binary.Decode(m.Encode())
	if err != nil {
		t.Fatal(err)
	}
	text, err := f.Text(nil)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("testdata/ops.wat", []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		t.Log("now: wat2wasm -o testdata/ops.wasm testdata/ops.wat")
	}
	want, err := os.ReadFile("testdata/ops.wat")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), text); diff != "" {
		t.Error(diff)
	}
	assembled, err := os.ReadFile("testdata/ops.wasm")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(assembled, m.Encode()) {
		t.Errorf("wat2wasm writes\n% x\nand this package\n% x", assembled, m.Encode())
	}
}
