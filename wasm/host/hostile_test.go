package host

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rungpolicy/rung/internal/spent"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/abi"
	wasm "github.com/rungpolicy/rung/wasm/internal/binary"
	"github.com/rungpolicy/rung/wasm/internal/fuel"
)

// hostiles are modules that take as long as they can: each does for ever what takes longest for what it costs.
var hostiles = map[string]func(c *wasm.Code){
	"rounds": func(c *wasm.Code) { round(c, func() {}) },
	// A walk through all of the memory, each step to where the last one said.
	"loads": func(c *wasm.Code) {
		c.I32Const(DefaultMaxPages - 1)
		c.Op(wasm.OpMemoryGrow)
		c.Op(wasm.OpDrop)
		const line, lines = 64, DefaultMaxPages * abi.PageSize / 64
		l := c.Loop() // local 0 counts lines; each holds the address of another
		c.LocalGet(0)
		c.I32Const(line)
		c.Op(wasm.OpI32Mul)
		c.LocalGet(0)
		c.I32Const(1664525)
		c.Op(wasm.OpI32Mul)
		c.I32Const(1013904223)
		c.Op(wasm.OpI32Add)
		c.I32Const(lines)
		c.Op(wasm.OpI32RemU)
		c.I32Const(line)
		c.Op(wasm.OpI32Mul)
		c.Mem(wasm.OpI32Store, 0)
		c.LocalGet(0)
		c.I32Const(1)
		c.Op(wasm.OpI32Add)
		c.LocalTee(0)
		c.I32Const(lines)
		c.Op(wasm.OpI32LtU)
		c.BrIf(l)
		c.End()
		round(c, func() {
			c.LocalGet(0)
			for range 256 {
				c.Mem(wasm.OpI32Load, 0)
			}
			c.LocalSet(0)
		})
	},
	"stores": func(c *wasm.Code) {
		c.I32Const(DefaultMaxPages - 1)
		c.Op(wasm.OpMemoryGrow)
		c.Op(wasm.OpDrop)
		round(c, func() {
			for range 64 {
				c.LocalGet(0)
				c.I32Const(1664525)
				c.Op(wasm.OpI32Mul)
				c.LocalTee(0)
				c.I32Const((DefaultMaxPages-1)*abi.PageSize - 4096)
				c.Op(wasm.OpI32And)
				c.LocalGet(0)
				c.Mem(wasm.OpI32Store, 4094)
			}
		})
	},
	"numbers that are nearly zero": func(c *wasm.Code) {
		x := c.Local(wasm.F64)
		round(c, func() {
			c.LocalGet(x)
			for range 256 {
				c.F64Const(1e-310)
				c.Op(wasm.OpF64Add)
				c.F64Const(0.5)
				c.Op(wasm.OpF64Mul)
			}
			c.LocalSet(x)
		})
	},
	"divisions": func(c *wasm.Code) {
		x := c.Local(wasm.I64)
		round(c, func() {
			c.LocalGet(x)
			for range 256 {
				c.I64Const(-3)
				c.Op(wasm.OpI64Or)
				c.I64Const(3)
				c.Op(wasm.OpI64RemU)
			}
			c.LocalSet(x)
		})
	},
	"square roots": func(c *wasm.Code) {
		x := c.Local(wasm.F64)
		round(c, func() {
			c.LocalGet(x)
			for range 256 {
				c.Op(wasm.OpF64Sqrt)
			}
			c.LocalSet(x)
		})
	},
	"conversions": func(c *wasm.Code) {
		x := c.Local(wasm.F64)
		round(c, func() {
			c.LocalGet(x)
			for range 256 {
				c.Op(wasm.OpI64TruncSatF64U)
				c.Op(wasm.OpF64ConvertI64U)
			}
			c.LocalSet(x)
		})
	},
	"growing": func(c *wasm.Code) {
		round(c, func() {
			for range 64 {
				c.I32Const(0)
				c.Op(wasm.OpMemoryGrow)
				c.Op(wasm.OpDrop)
			}
		})
	},
	"growing by one": func(c *wasm.Code) {
		round(c, func() {
			c.I32Const(1)
			c.Op(wasm.OpMemoryGrow)
			c.Op(wasm.OpDrop)
		})
	},
	"locals": func(c *wasm.Code) {
		const n = 100
		locals := make([]uint32, n)
		for i := range locals {
			locals[i] = c.Local(wasm.I32)
		}
		round(c, func() {
			blocks := make([]wasm.Label, n)
			for i := range blocks {
				blocks[i] = c.Block()
			}
			for i := range blocks {
				c.LocalGet(0)
				c.I32Const(int32(i))
				c.Op(wasm.OpI32Eq)
				c.BrIf(blocks[i])
			}
			for i := range locals {
				c.LocalGet(locals[(i+1)%n])
				c.LocalGet(0)
				c.Op(wasm.OpI32Xor)
				c.LocalSet(locals[i])
			}
			for range blocks {
				c.End()
			}
		})
	},
	"calls": func(c *wasm.Code) {
		round(c, func() {
			for range 64 {
				c.LocalGet(0)
				c.LocalGet(0)
				c.Call("two")
				c.Op(wasm.OpDrop)
			}
		})
	},
}

// round does something for ever.
func round(c *wasm.Code, body func()) {
	l := c.Loop()
	body()
	c.Br(l)
	c.End()
	c.I32Const(0)
}

// hostile is a module that spends all the fuel that it may have.
func hostile(t testing.TB, name string) []byte {
	t.Helper()
	m := about()
	m.Meta.Pages = DefaultMaxPages
	c := wasm.NewCode(2)
	hostiles[name](c)
	module := build(t, m, head(), c)
	return changed(t, module, func(f *wasm.File) {
		f.Data = nil
		f.Memory.Max = DefaultMaxPages
		// All there is.
		report, err := fuel.Check(&f.Module, 1)
		if err != nil {
			t.Fatal(err)
		}
		size := fillSize(f.Funcs[1].Code)
		fill := append(wasm.AppendS64([]byte{byte(wasm.OpI64Const)}, DefaultMaxFuel-report.Funcs[1].Cost), byte(wasm.OpGlobalSet), byte(report.Fuel))
		f.Funcs[1].Code = append(fill, f.Funcs[1].Code[size:]...)
		m.Meta.Fuel = DefaultMaxFuel
		sections, err := m.Sections()
		if err != nil {
			t.Fatal(err)
		}
		f.Customs = nil
		for _, s := range sections {
			f.Customs = append(f.Customs, wasm.Custom{Name: s.Name, Bytes: s.Data})
		}
	})
}

// fillSize is the size of the two instructions that decide begins with.
func fillSize(code []byte) (size int) {
	for in := range wasm.Instrs(code) {
		if size = in.At + in.Size; in.Op == wasm.OpGlobalSet {
			break
		}
	}
	return size
}

// BenchmarkHostile is how much processor time a module takes at most: for opening it, and one decision.
func BenchmarkHostile(b *testing.B) {
	for name := range hostiles {
		module := hostile(b, name)
		b.Run(name, func(b *testing.B) {
			var opening, deciding time.Duration
			for b.Loop() {
				before := processorTime()
				p, err := Open(b.Context(), module)
				if err != nil {
					b.Fatal(err)
				}
				opened := processorTime()
				d := p.Decide(request(p))
				deciding += processorTime() - opened
				opening += opened - before
				p.Close()
				if d.Error == nil || d.Allowed() {
					b.Fatalf("%+v", d)
				}
			}
			b.ReportMetric(float64(opening.Milliseconds())/float64(b.N), "ms-open")
			b.ReportMetric(float64(deciding.Milliseconds())/float64(b.N), "ms-decide")
		})
	}
}

// TestHostileModules: modules that would run for an hour are stopped.
func TestHostileModules(t *testing.T) {
	t.Parallel()
	for name := range hostiles {
		for engine, opts := range map[string][]Option{"machine code": {WithMaxTime(50 * time.Millisecond)}, "interpreter": {WithInterpreter(), WithMaxTime(50 * time.Millisecond)}} {
			if engine == "interpreter" && name != "rounds" && name != "growing by one" {
				continue // they are the slowest
			}
			p := openCode(t, hostile(t, name), opts...)
			var d *policy.Decision
			took := spent.By(func() { d = p.Decide(request(p)) })
			if d.Allowed() || d.Error == nil || !strings.Contains(d.Error.Message, errTime.Error()) {
				t.Errorf("%s, %s: %+v", name, engine, d)
			}
			if took > 10*time.Second {
				t.Errorf("%s, %s: it took %v", name, engine, took)
			}
		}
	}
}

func processorTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
