package fuel_test

import (
	"context"
	"slices"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"pgregory.net/rapid"

	"github.com/rungpolicy/rung/wasm/internal/binary"
	"github.com/rungpolicy/rung/wasm/internal/fuel"
)

const i32 = binary.I32

// program is a module of functions without parameters, that toss a coin wherever ways part.
type program struct {
	*rapid.T
	code   *binary.Code
	labels []binary.Label
	fn     int // calls go to functions behind it
	funcs  int
	left   int // instructions that may be made
}

// The globals of a program: of the coin, and how often it may still come up heads.
const (
	globalSeed = iota
	globalHeads
	globals
)

// coin leaves 0 or 1, and only 0 in the end.
func (p *program) coin() {
	c := p.code
	c.GlobalGet("seed")
	c.I32Const(1664525)
	c.Op(binary.OpI32Mul)
	c.I32Const(1013904223)
	c.Op(binary.OpI32Add)
	c.GlobalSet("seed")
	c.GlobalGet("heads")
	c.I32Const(1)
	c.Op(binary.OpI32Sub)
	c.GlobalSet("heads")
	c.GlobalGet("heads")
	c.I32Const(0)
	c.Op(binary.OpI32GtS)
	c.GlobalGet("seed")
	c.I32Const(30)
	c.Op(binary.OpI32ShrU)
	c.I32Const(0)
	c.Op(binary.OpI32Ne)
	c.Op(binary.OpI32And)
}

func (p *program) statements() {
	for range rapid.IntRange(0, 5).Draw(p.T, "statements") {
		if p.left--; p.left < 0 {
			return
		}
		p.statement()
	}
}

func (p *program) statement() {
	c := p.code
	switch rapid.IntRange(0, 9).Draw(p.T, "statement") {
	case 0:
		c.I32Const(8)
		c.Mem(binary.OpI32Load, 0)
		c.LocalSet(0)
	case 1:
		p.block(c.Block())
	case 2, 3:
		p.block(c.Loop())
	case 4:
		p.coin()
		p.block(c.If())
	case 5:
		p.coin()
		l := c.If()
		p.labels = append(p.labels, l)
		p.statements()
		c.Else()
		p.statements()
		p.labels = p.labels[:len(p.labels)-1]
		c.End()
	case 6, 7:
		p.coin()
		c.BrIf(p.label())
	case 8:
		if p.fn+1 < p.funcs {
			c.Call(name(rapid.IntRange(p.fn+1, p.funcs-1).Draw(p.T, "call")))
		}
	case 9:
		p.leave()
	}
}

// leave ends the way, seldom so that a loop would run for ever.
func (p *program) leave() {
	c := p.code
	p.coin()
	p.labels = append(p.labels, c.If())
	switch rapid.IntRange(0, 3).Draw(p.T, "leave") {
	case 0:
		c.Br(p.label())
	case 1:
		c.Op(binary.OpReturn)
	case 2:
		c.GlobalGet("seed")
		c.BrTable([]binary.Label{p.label(), p.label()}, p.label())
	case 3:
		c.Br(p.label())
		p.statements() // that nobody comes to
	}
	p.labels = p.labels[:len(p.labels)-1]
	c.End()
}

func (p *program) label() binary.Label { return rapid.SampledFrom(p.labels).Draw(p.T, "label") }

func (p *program) block(l binary.Label) {
	p.labels = append(p.labels, l)
	p.statements()
	p.labels = p.labels[:len(p.labels)-1]
	p.code.End()
}

func name(fn int) string { return string(rune('a' + fn)) }

// functions makes a module of what write writes for each function, the first of which is exported.
func functions(t rapid.TB, n int, write func(fn int, c *binary.Code)) *binary.Module {
	m := &binary.Module{
		Memory:  &binary.Memory{Min: 1, Max: 1},
		Globals: []binary.Global{{Type: i32, Mutable: true, Init: 7}, {Type: i32, Mutable: true, Init: 300}},
		Exports: []binary.Export{{Name: "run", Kind: binary.KindFunc}},
	}
	for fn := range n {
		c := binary.NewCode(0)
		c.Local(i32)
		write(fn, c)
		f, err := c.Func(func(r binary.Reloc) (int64, error) {
			switch r.Kind {
			case binary.RelocFunc:
				return int64(r.Name[0] - 'a'), nil
			case binary.RelocGlobal:
				return map[string]int64{"seed": globalSeed, "heads": globalHeads}[r.Name], nil
			default:
				return int64(m.Type(r.Type)), nil
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		f.Type = m.Type(binary.FuncType{})
		m.Funcs = append(m.Funcs, f)
	}
	return m
}

func drawn(t *rapid.T) *binary.Module {
	n := rapid.IntRange(1, 4).Draw(t, "functions")
	return functions(t, n, func(fn int, c *binary.Code) {
		p := &program{T: t, code: c, fn: fn, funcs: n, left: 40}
		p.labels = []binary.Label{0}
		p.statements()
	})
}

// counted is the same module with a global, exported as "n", that counts what runs instruction for instruction.
func counted(t rapid.TB, m *binary.Module) *binary.Module {
	out := *m
	n := uint32(len(m.Globals))
	out.Globals = append(slices.Clone(m.Globals), binary.Global{Type: i32, Mutable: true})
	out.Exports = append(slices.Clone(m.Exports), binary.Export{Name: "n", Kind: binary.KindGlobal, Index: n})
	out.Funcs = slices.Clone(m.Funcs)
	for i, f := range m.Funcs {
		var code []byte
		for in, err := range binary.Instrs(f.Code) {
			if err != nil {
				t.Fatal(err)
			}
			if in.Op != binary.OpElse && in.Op != binary.OpEnd {
				code = append(code, byte(binary.OpGlobalGet), byte(n), byte(binary.OpI32Const))
				code = binary.AppendS64(code, fuel.Price(in.Op))
				code = append(code, byte(binary.OpI32Add), byte(binary.OpGlobalSet), byte(n))
			}
			code = append(code, f.Code[in.At:in.At+in.Size]...)
		}
		out.Funcs[i].Code = code
	}
	return &out
}

// run runs a module and returns an exported global. If it is metered it is granted all that it asks for, a piece at a time, up to so much.
func run(t rapid.TB, m *binary.Module, global string, granted ...int64) (int64, error) {
	ctx := context.Background()
	r := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigInterpreter())
	defer func() { _ = r.Close(ctx) }()
	for _, left := range granted {
		ask := func(has int64) int64 {
			piece := min(max(-has, 3), left)
			if has+piece < 0 {
				panic("no more")
			}
			left -= piece
			return has + piece
		}
		if _, err := r.NewHostModuleBuilder(fuel.MeterModule).NewFunctionBuilder().WithFunc(ask).Export(fuel.MeterFunction).Instantiate(ctx); err != nil {
			t.Fatal(err)
		}
	}
	instance, err := r.Instantiate(ctx, m.Encode())
	if err != nil {
		t.Fatalf("%v\n%s", err, text(m))
	}
	_, err = instance.ExportedFunction("run").Call(ctx)
	g := instance.ExportedGlobal(global)
	if g.Type() == api.ValueTypeI32 {
		return int64(api.DecodeI32(g.Get())), err
	}
	return int64(g.Get()), err
}

func text(m *binary.Module) string {
	s, err := (&binary.File{Module: *m}).Text(nil)
	if err != nil {
		return err.Error()
	}
	return s
}

func clone(m *binary.Module) *binary.Module {
	out := *m
	out.Funcs, out.Globals = slices.Clone(m.Funcs), slices.Clone(m.Globals)
	out.Exports = slices.Clone(m.Exports)
	return &out
}

// TestBound: whatever a program does, what it costs instruction for instruction is not more than what it was charged; and Check takes what Insert makes.
func TestBound(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := drawn(t)
		spent, err := run(t, counted(t, m), "n")
		if err != nil {
			t.Fatalf("%v\n%s", err, text(m))
		}
		before := text(m)
		with := clone(m)
		budget, err := fuel.Insert(with, 0, 1<<30, fuel.Max, rapid.SampledFrom([]int64{0, 20, fuel.Dear, fuel.Max}).Draw(t, "dear"))
		if err != nil {
			t.Fatal(err)
		}
		if text(m) != before {
			t.Fatal("the module that was copied from has changed")
		}
		report, err := fuel.Check(with, 0)
		if err != nil {
			t.Fatalf("%v\n%s", err, text(with))
		}
		if report.Budget != budget {
			t.Errorf("a budget of %d is read as %d", budget, report.Budget)
		}
		with.Exports = append(with.Exports, binary.Export{Name: "fuel", Kind: binary.KindGlobal, Index: report.Fuel})
		left, err := run(t, with, "fuel")
		if err != nil {
			t.Fatalf("%v\n%s", err, text(with))
		}
		if charged := budget - left; spent > charged {
			t.Errorf("it cost %d and was charged %d\n%s", spent, charged, text(with))
		}
	})
}

// TestEmpty: a program that runs out of fuel traps, and one whose fuel is just enough does not.
func TestEmpty(t *testing.T) {
	t.Parallel()
	rounds := func(n int32) *binary.Module {
		return functions(t, 1, func(_ int, c *binary.Code) {
			c.I32Const(n)
			c.LocalSet(0)
			l := c.Loop()
			c.LocalGet(0)
			c.I32Const(1)
			c.Op(binary.OpI32Sub)
			c.LocalTee(0)
			c.BrIf(l)
			c.End()
		})
	}
	const round = 7 // five instructions, the end, and the local that changes from round to round
	for _, n := range []int32{1, 2, 1000} {
		for _, short := range []int64{0, 1} {
			m := rounds(n)
			if _, err := fuel.Insert(m, 0, int64(n)*round-short, fuel.Max, fuel.Dear); err != nil {
				t.Fatal(err)
			}
			m.Exports = append(m.Exports, binary.Export{Name: "fuel", Kind: binary.KindGlobal, Index: globals})
			left, err := run(t, m, "fuel")
			if (err != nil) != (short > 0) || left != -short {
				t.Errorf("%d rounds, %d short: %d left, %v\n%s", n, short, left, err, text(m))
			}
		}
	}
}

// TestMeter: a metered module does what the module does, and runs out of fuel when it does.
func TestMeter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := drawn(t)
		loops := rapid.Int64Range(0, 3000).Draw(t, "fuel")
		if _, err := fuel.Insert(m, 0, loops, fuel.Max, rapid.SampledFrom([]int64{0, 20, fuel.Dear, fuel.Max}).Draw(t, "dear")); err != nil {
			t.Fatal(err)
		}
		report, err := fuel.Check(m, 0)
		if err != nil {
			t.Fatal(err)
		}
		first := rapid.Int64Range(0, 3000).Draw(t, "first")
		metered := fuel.Meter(m, 0, report, first)
		for _, global := range []uint32{globalSeed, globalHeads} {
			export := binary.Export{Name: "global", Kind: binary.KindGlobal, Index: global}
			one, other := clone(m), clone(metered)
			one.Exports, other.Exports = append(one.Exports, export), append(other.Exports, export)
			want, wantErr := run(t, one, "global")
			got, gotErr := run(t, other, "global", max(0, report.Filled-first))
			if got != want || (gotErr != nil) != (wantErr != nil) {
				t.Fatalf("%d, %v\nmetered: %d, %v\n%s", want, wantErr, got, gotErr, text(metered))
			}
		}
	})
}
