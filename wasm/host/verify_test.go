package host

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/rungpolicy/rung/internal/spent"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/abi"
	wasm "github.com/rungpolicy/rung/wasm/internal/binary"
	"github.com/rungpolicy/rung/wasm/internal/fuel"
)

// changed is a module with a change.
func changed(t testing.TB, module []byte, change func(f *wasm.File)) []byte {
	t.Helper()
	f, err := wasm.Decode(bytes.Clone(module))
	if err != nil {
		t.Fatal(err)
	}
	change(f)
	return f.Encode()
}

// prepend puts instructions before those of a function.
func prepend(f *wasm.File, fn int, code ...byte) {
	f.Funcs[fn].Code = append(code, f.Funcs[fn].Code...)
}

// end puts instructions that leave nothing before the last three of decide, a constant of two bytes and the end.
func end(f *wasm.File, code ...byte) {
	c := f.Funcs[1].Code
	f.Funcs[1].Code = append(append(append([]byte{}, c[:len(c)-4]...), code...), c[len(c)-4:]...)
}

// last makes another instruction of the constant that decide leaves.
func last(f *wasm.File, op byte) { f.Funcs[1].Code[len(f.Funcs[1].Code)-4] = op }

// TestProfile: each thing that a module must not have is refused for what it is.
func TestProfile(t *testing.T) {
	t.Parallel()
	good := build(t, about(), head(), answers(resultAt))
	if _, err := Open(t.Context(), good); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(f *wasm.File)
		want   string
	}{
		"no maximum":          {func(f *wasm.File) { f.Memory.Max = wasm.NoMax }, "memory has no maximum"},
		"too large a maximum": {func(f *wasm.File) { f.Memory.Max = 513 }, "grow to 513 pages, more than 512"},
		"another maximum":     {func(f *wasm.File) { f.Memory.Max = 63 }, "does not have the maximum that rung.meta says"},
		"data outside":        {func(f *wasm.File) { f.Data = append(f.Data, wasm.Data{Offset: 65536, Bytes: []byte{1}}) }, "of its data"},
		"data around the end": {func(f *wasm.File) { f.Data[0].Offset = 1<<32 - 1 }, "segment 0 of its data"},
		"one export less":     {func(f *wasm.File) { f.Exports = f.Exports[:3] }, `does not export a func "decide"`},
		"one export more":     {func(f *wasm.File) { f.Exports = append(f.Exports, wasm.Export{Name: "more", Kind: wasm.KindFunc}) }, "it has 5 exports"},
		"decide_json, decide": {func(f *wasm.File) { asJSON(f, wasm.KindFunc, 1) }, `"decide_json" is not a function of type (param i32 i32) (result i64)`},
		"decide_json, global": {func(f *wasm.File) { asJSON(f, wasm.KindGlobal, 0) }, `"decide_json" is not a function of type`},
		"decide_json, no fuel": {func(f *wasm.File) {
			f.Types = append(f.Types, wasm.FuncType{Params: []wasm.ValType{wasm.I32, wasm.I32}, Results: []wasm.ValType{wasm.I64}})
			more(f, 1, wasm.Func{Type: 2, Code: []byte{0x42, 0, 0x0b}})
			asJSON(f, wasm.KindFunc, 2)
		}, "does not begin by filling up the fuel"},
		"decide_json, called": {func(f *wasm.File) {
			f.Types = append(f.Types, wasm.FuncType{Params: []wasm.ValType{wasm.I32, wasm.I32}, Results: []wasm.ValType{wasm.I64}})
			more(f, 1, wasm.Func{Type: 2, Code: []byte{0x42, 0, 0x24, 1, 0x42, 0, 0x0b}})
			asJSON(f, wasm.KindFunc, 2)
			end(f, 0x41, 0, 0x41, 0, 0x10, 2, 0x1a)
		}, "a call of the function that fills up the fuel"},
		"decide_json and more": {func(f *wasm.File) {
			f.Types = append(f.Types, wasm.FuncType{Params: []wasm.ValType{wasm.I32, wasm.I32}, Results: []wasm.ValType{wasm.I64}})
			more(f, 1, wasm.Func{Type: 2, Code: []byte{0x42, 0, 0x24, 1, 0x42, 0, 0x0b}})
			asJSON(f, wasm.KindFunc, 2)
			f.Exports = append(f.Exports, wasm.Export{Name: "more", Kind: wasm.KindFunc})
		}, "it has 6 exports, and version 1 of the interface has 5"},
		"another export":      {func(f *wasm.File) { f.Exports[1].Name = "other" }, `does not export a global "rung_abi"`},
		"an export of a kind": {func(f *wasm.File) { f.Exports[2].Kind = wasm.KindGlobal; f.Exports[2].Index = 0 }, `does not export a func "begin"`},
		"begin for decide":    {func(f *wasm.File) { f.Exports[3].Index = 0 }, `"decide" has type (param i32) (result i32), and not`},
		"decide for begin":    {func(f *wasm.File) { f.Exports[2].Index = 1 }, `"begin" has type (param i32 i32) (result i32), and not`},
		"another version":     {func(f *wasm.File) { f.Globals[0].Init = 2 }, "version of the interface is 2"},
		"a variable version":  {func(f *wasm.File) { f.Globals[0].Mutable = true }, "rung_abi is not a constant of type i32"},
		"the fuel exported":   {func(f *wasm.File) { f.Exports[1].Index = 1 }, "global 0 is not a variable"},
		"a global of f64":     {func(f *wasm.File) { f.Globals = append(f.Globals, wasm.Global{Type: wasm.F64, Mutable: true}) }, "global 2 is not a variable"},
		"a constant":          {func(f *wasm.File) { f.Globals = append(f.Globals, wasm.Global{Type: wasm.I32}) }, "global 2 is not a variable"},
		"many globals": {func(f *wasm.File) {
			f.Globals = append(f.Globals, make([]wasm.Global, 15)...)
			all(f.Globals[2:], wasm.Global{Type: wasm.I32, Mutable: true})
		}, "17 globals, more than 16"},
		"many types":      {func(f *wasm.File) { f.Types = append(f.Types, make([]wasm.FuncType, 1000)...) }, "1002 types, more than 1000"},
		"many parameters": {func(f *wasm.File) { f.Types = append(f.Types, wasm.FuncType{Params: numbers(65)}) }, "type 2 has 65 parameters"},
		"many results":    {func(f *wasm.File) { f.Types = append(f.Types, wasm.FuncType{Results: numbers(9)}) }, "9 results, more than 64 and 8"},
		"many functions":  {func(f *wasm.File) { more(f, 100_000, wasm.Func{Code: []byte{0x41, 0, 0x0b}}) }, "100002 functions, more than 100000"},
		"many locals":     {func(f *wasm.File) { f.Funcs[0].Locals = []wasm.Locals{{Count: 4096, Type: wasm.I32}} }, "it has 4097 locals, more than 4096"},
		"many locals in all": {func(f *wasm.File) {
			more(f, 300, wasm.Func{Code: []byte{0x41, 0, 0x0b}, Locals: []wasm.Locals{{Count: 4000, Type: wasm.I32}}})
		}, "with it, functions have more than 1048576 locals"},
		"a long body":       {func(f *wasm.File) { end(f, make([]byte, 1<<20)...); nops(f) }, "it has 1048585 bytes of code"},
		"deep blocks":       {func(f *wasm.File) { end(f, nest(10_001, 0x02, 0x40)...) }, "its blocks nest 10001 deep"},
		"many blocks":       {func(f *wasm.File) { end(f, again(5000, 0x41, 0, 0x04, 0x40, 0x0b)...) }, "it would take too long to compile: 15000 blocks"},
		"many joins":        {func(f *wasm.File) { end(f, nest(400, 0x02, 0x40, 0x41, 0, 0x21, 0)...) }, "it would take too long to compile: 400 blocks, and 80200 values"},
		"deep calls":        {chain, "its calls nest 65 deep, more than 64"},
		"a copy":            {func(f *wasm.File) { end(f, 0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 0x0a, 0, 0) }, "memory.copy: how long it takes is not known"},
		"recursion":         {func(f *wasm.File) { more(f, 1, wasm.Func{Code: []byte{0x41, 0, 0x10, 2, 0x0b}}) }, "a call of function 2, which has called this one"},
		"begin with a loop": {func(f *wasm.File) { prepend(f, 0, loop(1, 2)...) }, "begin has a loop"},
		"begin with a call": {func(f *wasm.File) {
			more(f, 1, wasm.Func{Code: []byte{0x41, 0, 0x0b}})
			prepend(f, 0, 0x41, 0, 0x10, 2, 0x1a)
		}, "begin has a loop, calls a function"},
		"begin fills the fuel": {func(f *wasm.File) { prepend(f, 0, 0x42, 0, 0x24, 1) }, "a second place writes the fuel"},
		"a loop without":       {func(f *wasm.File) { end(f, 0x03, 0x40, 0x0b) }, "a loop that does not begin by taking fuel"},
		"a loop that cheats":   {func(f *wasm.File) { end(f, loop(1, 0)...) }, "a round of the loop costs 1, and takes 0"},
		"more fuel":            {func(f *wasm.File) { f.Funcs[1].Code[2]++ }, "and rung.meta says"},
		"too much fuel": {func(f *wasm.File) {
			prepend(f, 1, 0x42, 0x80, 0x80, 0x80, 0x80, 0x80, 0xc0, 0, 0x24, 1)
			f.Funcs[1].Code = append(f.Funcs[1].Code[:10], f.Funcs[1].Code[15:]...)
		}, "a decision may cost 1099511627777, more than 1099511627776"},
		"a wrong type":       {func(f *wasm.File) { last(f, 0x42) }, "cannot be compiled"},
		"no such local":      {func(f *wasm.File) { last(f, 0x20) }, "cannot be compiled"},
		"no such block type": {func(f *wasm.File) { end(f, 0x02, 9, 0x0b) }, "a block of type 9, of 2"},
	} {
		_, err := Open(t.Context(), changed(t, good, c.change))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// asJSON exports something as the entry for texts.
func asJSON(f *wasm.File, kind wasm.Kind, index uint32) {
	f.Exports = append(f.Exports, wasm.Export{Name: abi.ExportDecideJSON, Kind: kind, Index: index})
}

func all[T any](s []T, x T) {
	for i := range s {
		s[i] = x
	}
}

func numbers(n int) []wasm.ValType {
	out := make([]wasm.ValType, n)
	all(out, wasm.I32)
	return out
}

func more(f *wasm.File, n int, fn wasm.Func) {
	for range n {
		f.Funcs = append(f.Funcs, fn)
	}
}

// nops makes the zeros in decide do nothing.
func nops(f *wasm.File) {
	code := f.Funcs[1].Code
	for i := 6; i < len(code)-4; i++ {
		code[i] = byte(wasm.OpNop)
	}
}

func again(n int, code ...byte) []byte {
	var out []byte
	for range n {
		out = append(out, code...)
	}
	return out
}

// nest opens blocks in each other.
func nest(n int, code ...byte) []byte {
	return append(again(n, code...), again(n, byte(wasm.OpEnd))...)
}

// loop is an empty loop that takes something from the fuel.
func loop(global, charge byte) []byte {
	return []byte{0x03, 0x40, 0x23, global, 0x42, charge, 0x7d, 0x24, global, 0x23, global, 0x42, 0, 0x53, 0x04, 0x40, 0x00, 0x0b, 0x0b}
}

// chain adds functions each of which calls the next one.
func chain(f *wasm.File) {
	more(f, 65, wasm.Func{Code: []byte{0x41, 0, 0x0b}})
	for i := 2; i < 66; i++ {
		f.Funcs[i].Code = []byte{0x41, 0, 0x10, byte(i + 1), 0x0b}
	}
	end(f, 0x41, 0, 0x10, 2, 0x1a)
}

// TestForeign: sections of what modules do not have are refused.
func TestForeign(t *testing.T) {
	t.Parallel()
	for want, section := range map[string][]byte{
		"the import a.b":            {2, 7, 1, 1, 'a', 1, 'b', 0, 0},
		"a table":                   {4, 4, 1, 0x70, 0, 1},
		"a start function":          {8, 1, 0},
		"a table's elements":        {9, 7, 1, 0, 0x41, 0, 0x0b, 1, 0},
		"a count of data segments":  {12, 1, 1},
		"1 elements, more than the": {2, 1, 1},
	} {
		good := build(t, about(), head(), answers(resultAt))
		f, err := wasm.Decode(good)
		if err != nil {
			t.Fatal(err)
		}
		at := len(good)
		for _, s := range f.Sections {
			if s.ID != wasm.SectionCustom && (section[0] != 12 && s.ID > wasm.SectionID(section[0]) || section[0] == 12 && s.ID >= wasm.SectionCode) {
				at = s.At - 2 // its number, and its size: these sections are short
				break
			}
		}
		module := append(append(append([]byte{}, good[:at]...), section...), good[at:]...)
		if _, err := Open(t.Context(), module); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// TestPlace: an error of a function says which one, and where in the file.
func TestPlace(t *testing.T) {
	t.Parallel()
	module := changed(t, build(t, about(), head(), answers(resultAt)), func(f *wasm.File) { end(f, loop(1, 0)...) })
	_, err := Open(t.Context(), module)
	var e *fuel.Error
	if !errors.As(err, &e) || e.Func != 1 || module[e.At-2] != byte(wasm.OpLoop) {
		t.Errorf("%+v", err)
	}
}

// TestMaxFuel: a host may allow less, and a module that spends what it has is stopped within its time.
func TestMaxFuel(t *testing.T) {
	t.Parallel()
	c := wasm.NewCode(2)
	l := c.Loop()
	c.Br(l)
	c.End()
	c.I32Const(0)
	module := build(t, about(), head(), c)
	_, err := Open(t.Context(), module, WithMaxFuel(1000))
	if err == nil || !strings.Contains(err.Error(), "more than 1000") {
		t.Error(err)
	}
	p := openCode(t, module, WithMaxFuel(2000))
	var d *policy.Decision
	took := spent.By(func() { d = p.Decide(request(p)) })
	if d.Allowed() || d.Error == nil || !strings.Contains(d.Error.Message, "the module failed") {
		t.Errorf("%+v", d)
	}
	if took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
}
