package fuel_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/rungpolicy/rung/wasm/internal/binary"
	"github.com/rungpolicy/rung/wasm/internal/fuel"
)

// nested is a module with fuel: a calls b in a loop, and b has a loop in a loop.
func nested(t testing.TB) *binary.Module {
	t.Helper()
	m := functions(t, 3, func(fn int, c *binary.Code) {
		l := c.Loop()
		switch fn {
		case 0:
			c.Call("b")
		case 1:
			c.Loop()
			c.I32Const(0)
			c.Mem(binary.OpI32Load, 0)
			c.LocalSet(0)
			c.End()
		case 2:
			c.Op(binary.OpNop)
		}
		c.GlobalGet("seed")
		c.BrIf(l)
		c.End()
	})
	if _, err := fuel.Insert(m, 0, 1000, fuel.Max, fuel.Dear); err != nil {
		t.Fatal(err)
	}
	return m
}

// sequences returns where the sequences of a function are, and how long each is.
func sequences(t testing.TB, m *binary.Module, fn int) (at, sizes []int) {
	t.Helper()
	end := []byte{byte(binary.OpUnreachable), byte(binary.OpEnd)}
	code := m.Funcs[fn].Code
	for in, err := range binary.Instrs(code) {
		if err != nil {
			t.Fatal(err)
		}
		if in.Op == binary.OpLoop {
			begin := in.At + in.Size
			at = append(at, begin)
			sizes = append(sizes, bytes.Index(code[begin:], end)+len(end))
		}
	}
	return at, sizes
}

// splice replaces n bytes of a function's code.
func splice(m *binary.Module, fn, at, n int, with ...byte) {
	code := m.Funcs[fn].Code
	m.Funcs[fn].Code = append(append(append([]byte{}, code[:at]...), with...), code[at+n:]...)
}

// refused wants Check to refuse a module, saying so, of the function.
func refused(t *testing.T, what string, m *binary.Module, fn int, want string) {
	t.Helper()
	report, err := fuel.Check(m, 0)
	if err == nil {
		t.Errorf("%s: it is accepted, with a budget of %d\n%s", what, report.Budget, text(m))
		return
	}
	e, ok := err.(*fuel.Error) //nolint:errorlint // as it is returned
	if !ok || e.Func != fn || !strings.Contains(e.Error(), want) {
		t.Errorf("%s: %v", what, err)
	}
}

// TestSequences: without any of its sequences, with another number in any, or with anything else in the place of one of its bytes, a module is refused.
func TestSequences(t *testing.T) {
	t.Parallel()
	for fn := range 3 {
		places, sizes := sequences(t, nested(t), fn)
		if want := []int{1, 2, 1}[fn]; len(places) != want {
			t.Fatalf("%d sequences", len(places))
		}
		for i, at := range places {
			m := nested(t)
			splice(m, fn, at, sizes[i])
			refused(t, "none", m, fn, "a loop that does not begin by taking fuel")
			for n := range sizes[i] {
				m := nested(t)
				splice(m, fn, at+n, 1, m.Funcs[fn].Code[at+n]^1)
				if _, err := fuel.Check(m, 0); err == nil {
					// A charge may be higher.
					if in := instr(t, m, fn, at+n); in.Op != binary.OpI64Const {
						t.Errorf("byte %d of a sequence may be another\n%s", n, text(m))
					}
				}
			}
		}
	}
}

// instr is the instruction of a function around a place.
func instr(t testing.TB, m *binary.Module, fn, at int) binary.Instr {
	t.Helper()
	for in, err := range binary.Instrs(m.Funcs[fn].Code) {
		if err != nil {
			t.Fatal(err)
		}
		if at < in.At+in.Size {
			return in
		}
	}
	t.Fatal("no such place")
	return binary.Instr{}
}

// TestCharges: a charge may be higher than what a round costs, and not lower.
func TestCharges(t *testing.T) {
	t.Parallel()
	for fn := range 3 {
		places, _ := sequences(t, nested(t), fn)
		for _, at := range places {
			for _, by := range []int64{-1, 1} {
				m := nested(t)
				in := instr(t, m, fn, at+2)
				splice(m, fn, in.At, in.Size, binary.AppendS64([]byte{byte(binary.OpI64Const)}, int64(in.Bits)+by)...)
				if by < 0 {
					refused(t, "one less", m, fn, "a round of the loop costs")
				} else if _, err := fuel.Check(m, 0); err != nil {
					t.Errorf("one more: %v", err)
				}
			}
		}
	}
}

func TestCheckRefuses(t *testing.T) {
	t.Parallel()
	const last = 1 // before the end of a body
	write := []byte{byte(binary.OpI64Const), 0, byte(binary.OpGlobalSet), globals}
	for name, c := range map[string]struct {
		fn     int
		change func(m *binary.Module, size int)
		want   string
	}{
		"a write":                  {1, func(m *binary.Module, size int) { splice(m, 1, size-last, 0, write...) }, "a second place writes the fuel"},
		"a write by the entry":     {0, func(m *binary.Module, size int) { splice(m, 0, size-last, 0, write...) }, "a second place writes the fuel"},
		"two fillings":             {0, func(m *binary.Module, _ int) { splice(m, 0, 0, 0, write...) }, "a second place writes the fuel"},
		"no filling":               {0, func(m *binary.Module, _ int) { splice(m, 0, 0, 5) }, "does not begin by filling up the fuel"},
		"a negative filling":       {0, func(m *binary.Module, _ int) { splice(m, 0, 1, 2, 0x7f) }, "does not begin by filling up the fuel"},
		"no such global":           {0, func(m *binary.Module, _ int) { m.Globals = m.Globals[:globals] }, "does not begin by filling up the fuel"},
		"a constant":               {0, func(m *binary.Module, _ int) { m.Globals[globals].Mutable = false }, "does not begin by filling up the fuel"},
		"a global of another type": {0, func(m *binary.Module, _ int) { m.Globals[globals].Type = binary.I32 }, "does not begin by filling up the fuel"},
		"a function calls itself":  {1, func(m *binary.Module, size int) { splice(m, 1, size-last, 0, byte(binary.OpCall), 1) }, "a call of function 1, which has called this one"},
		"a cycle": {2, func(m *binary.Module, _ int) {
			splice(m, 1, len(m.Funcs[1].Code)-last, 0, byte(binary.OpCall), 2)
			splice(m, 2, 0, 0, byte(binary.OpCall), 1)
		}, "a call of function 1, which has called this one"},
		"a call of the entry":        {2, func(m *binary.Module, _ int) { splice(m, 2, 0, 0, byte(binary.OpCall), 0) }, "a call of the function that fills up the fuel"},
		"a call of what is not":      {2, func(m *binary.Module, _ int) { splice(m, 2, 0, 0, byte(binary.OpCall), 3) }, "a call of function 3, of 3"},
		"a copy":                     {2, func(m *binary.Module, _ int) { splice(m, 2, 0, 0, 0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 0x0a, 0, 0) }, "memory.copy: how long it takes is not known"},
		"no instruction":             {2, func(m *binary.Module, _ int) { splice(m, 2, 0, 0, 0xff) }, "not in the profile"},
		"a body without its end":     {1, func(m *binary.Module, size int) { splice(m, 1, size-last, last) }, "it ends early"},
		"an instruction in a round":  {0, func(m *binary.Module, size int) { splice(m, 0, size-last-1, 0, byte(binary.OpNop)) }, "a round of the loop costs"},
		"more in what a round calls": {0, func(m *binary.Module, size int) { splice(m, 1, 0, 0, byte(binary.OpNop)) }, "a round of the loop costs"},
	} {
		m := nested(t)
		c.change(m, len(m.Funcs[c.fn].Code))
		refused(t, name, m, c.fn, c.want)
	}
}

// TestDoubling: functions that each call the next one twice cost more than there can be fuel, and the walk takes no longer for it.
func TestDoubling(t *testing.T) {
	t.Parallel()
	m := functions(t, 26, func(fn int, c *binary.Code) {
		for range 4 {
			if fn < 25 {
				c.Call(name(fn + 1))
			}
		}
	})
	if _, err := fuel.Insert(clone(m), 0, 1000, fuel.Max, fuel.Dear); err == nil || !strings.Contains(err.Error(), "without going round loops a call costs") {
		t.Error(err)
	}
	// In a loop it cannot be charged either.
	m = functions(t, 26, func(fn int, c *binary.Code) {
		if fn == 0 {
			c.Loop()
		}
		for range 4 {
			if fn < 25 {
				c.Call(name(fn + 1))
			}
		}
		if fn == 0 {
			c.End()
		}
	})
	if _, err := fuel.Insert(m, 0, 1000, fuel.Max, fuel.Dear); err == nil || !strings.Contains(err.Error(), "a round of a loop costs more") {
		t.Error(err)
	}
}

// called is nested with charges that a function takes, the last one.
func called(t testing.TB) *binary.Module {
	t.Helper()
	m := functions(t, 2, func(fn int, c *binary.Code) {
		l := c.Loop()
		if fn == 0 {
			c.Call("b")
		}
		c.GlobalGet("seed")
		c.BrIf(l)
		c.End()
	})
	if _, err := fuel.Insert(m, 0, 1000, fuel.Max, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := fuel.Check(m, 0); err != nil || len(m.Funcs) != 3 {
		t.Fatal(err)
	}
	return m
}

// TestCharger: the function that takes charges is the one that Insert makes, is called where a loop begins and nowhere else, and never with less than a round costs.
func TestCharger(t *testing.T) {
	t.Parallel()
	for at := range called(t).Funcs[2].Code {
		m := called(t)
		m.Funcs[2].Code[at] ^= 1
		if report, err := fuel.Check(m, 0); err == nil {
			t.Errorf("byte %d of the function may be another, with a budget of %d\n%s", at, report.Budget, text(m))
		}
	}
	for what, change := range map[string]func(m *binary.Module){
		"a charge below zero": func(m *binary.Module) {
			splice(m, 1, len(m.Funcs[1].Code)-1, 0, byte(binary.OpI64Const), 0x7f, byte(binary.OpCall), 2)
		},
		"a lower charge": func(m *binary.Module) { m.Funcs[1].Code[3]-- },
		"a negative one": func(m *binary.Module) { m.Funcs[1].Code[3] = 0x7f },
		"another local":  func(m *binary.Module) { m.Funcs[2].Locals = []binary.Locals{{Count: 1, Type: binary.I64}} },
		"another type": func(m *binary.Module) {
			m.Funcs[2].Type = m.Type(binary.FuncType{Params: []binary.ValType{binary.I32}})
		},
		"no call at all": func(m *binary.Module) { splice(m, 1, 4, 2, byte(binary.OpDrop)) },
		"a computed one": func(m *binary.Module) { splice(m, 1, 2, 2, byte(binary.OpLocalGet), 0) },
		"the entry calls": func(m *binary.Module) {
			splice(m, 0, len(m.Funcs[0].Code)-1, 0, byte(binary.OpI64Const), 1, byte(binary.OpCall), 2)
		},
	} {
		m := called(t)
		change(m)
		if report, err := fuel.Check(m, 0); err == nil {
			t.Errorf("%s: accepted, with a budget of %d\n%s", what, report.Budget, text(m))
		}
	}
}
