package link_test

import (
	"bytes"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/rungpolicy/rung/wasm/internal/binary"
	"github.com/rungpolicy/rung/wasm/internal/link"
)

//go:generate sh testdata/build.sh

const (
	i32 = binary.I32
	i64 = binary.I64
)

func sig(params []binary.ValType, results ...binary.ValType) binary.FuncType {
	return binary.FuncType{Params: params, Results: results}
}

var unary = sig([]binary.ValType{i32}, i32)

func object(t testing.TB) *link.Object {
	t.Helper()
	b, err := os.ReadFile("testdata/object.o")
	if err != nil {
		t.Fatal(err)
	}
	o, err := link.ParseObject(b)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// double is the compiler's function that the object calls.
func double() link.Func {
	c := binary.NewCode(1)
	c.LocalGet(0)
	c.I32Const(1)
	c.Op(binary.OpI32Shl)
	return link.Func{Name: "emitted", Type: unary, Body: c}
}

// input is what the object needs of a compiler, and the exports.
func input(t testing.TB, exports ...string) link.Input {
	in := link.Input{
		Object:  object(t),
		Funcs:   []link.Func{double()},
		Data:    []link.Segment{{Name: "constants", Bytes: []byte{9, 8, 7}, ReadOnly: true}},
		Globals: []link.Global{{Name: "fuel", Type: i32, Mutable: true, Init: 1000}, {Name: "abi", Type: i32, Init: 1}},
		Memory:  link.Memory{Export: "memory", Reserve: 100, Limit: 200_000},
		Base:    16,
		Stack:   4096,
	}
	for _, e := range exports {
		in.Exports = append(in.Exports, link.Export{As: e, Kind: binary.KindFunc, Name: e})
	}
	return in
}

func linked(t testing.TB, in link.Input) (*binary.Module, *link.Map) {
	t.Helper()
	m, places, err := link.Link(in)
	if err != nil {
		t.Fatal(err)
	}
	return m, places
}

// both instantiates a module on wazero's two engines, which validate it too, and calls f for each.
func both(t *testing.T, m *binary.Module, f func(t *testing.T, call func(name string, args ...uint64) uint64, instance api.Module)) {
	t.Helper()
	for engine, config := range map[string]wazero.RuntimeConfig{"compiler": wazero.NewRuntimeConfigCompiler(), "interpreter": wazero.NewRuntimeConfigInterpreter()} {
		t.Run(engine, func(t *testing.T) {
			r := wazero.NewRuntimeWithConfig(t.Context(), config.WithCoreFeatures(api.CoreFeaturesV2))
			defer r.Close(t.Context())
			instance, err := r.Instantiate(t.Context(), m.Encode())
			if err != nil {
				t.Fatal(err)
			}
			f(t, func(name string, args ...uint64) uint64 {
				t.Helper()
				got, err := instance.ExportedFunction(name).Call(t.Context(), args...)
				if err != nil {
					t.Fatalf("%s%v: %v", name, args, err)
				}
				return append(got, 0)[0]
			}, instance)
		})
	}
}

// TestObject runs what C functions do after they are linked.
func TestObject(t *testing.T) {
	t.Parallel()
	in := input(t, "look", "letter", "count", "keep", "digits", "mix", "borrowed", "heap", "move")
	in.Exports = append(in.Exports, link.Export{As: "fuel", Kind: binary.KindGlobal, Name: "fuel"})
	m, places := linked(t, in)
	both(t, m, func(t *testing.T, call func(string, ...uint64) uint64, instance api.Module) {
		expect := func(want uint64, name string, args ...uint64) {
			t.Helper()
			if got := call(name, args...); got != want {
				t.Errorf("%s%v: got %d and not %d", name, args, got, want)
			}
		}
		for i := range uint64(16) {
			expect(i*i+2*i, "look", i)
		}
		if fuel := instance.ExportedGlobal("fuel").Get(); fuel != 1000-120 {
			t.Errorf("fuel %d", fuel)
		}
		for i, word := range []string{"zero", "one", "two"} {
			for k := range word {
				expect(uint64(word[k]), "letter", uint64(i), uint64(k))
			}
		}
		expect(8, "count")
		expect(9, "count")
		expect(0, "keep", 1, 1<<60)
		expect(1<<60, "keep", 1, 5)
		expect(0, "keep", 2, 5)
		expect(654321_123456, "digits", 123456)
		expect(7, "borrowed", 2)
		expect(uint64(places.HeapBase), "heap")
		call("move", uint64(places.HeapBase), 16+4096, 3)
		got, _ := instance.Memory().Read(places.HeapBase, 3)
		want, _ := instance.Memory().Read(16+4096, 3)
		if !bytes.Equal(got, want) {
			t.Errorf("moved % x and not % x", got, want)
		}
		if f := math.Float64frombits(call("mix", 5, 3, math.Float64bits(0.5), uint64(math.Float32bits(1.5)))); f != mix(5, 3, 0.5, 1.5) {
			t.Errorf("mix: %v and not %v", f, mix(5, 3, 0.5, 1.5))
		}
	})
}

// mix is the function of object.c.
func mix(a uint32, b uint64, c float64, d float32) float64 {
	sum := 0.0
	for i := range a {
		x, y, z := b*uint64(i), d*float32(i), a^i
		sum += c*float64(x) + float64(y) + float64(z)
	}
	return sum
}

// TestReachable: what the exports do not lead to is left out, data and globals too.
func TestReachable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		exports, funcs, data []string
		globals              int
		stack                uint32
	}{
		{nil, nil, nil, 0, 0},
		{[]string{"emitted"}, []string{"emitted"}, nil, 0, 0},
		{[]string{"move"}, []string{"move"}, nil, 0, 0},
		{[]string{"borrowed"}, []string{"borrowed"}, []string{"constants"}, 0, 0},
		{[]string{"look"}, []string{"emitted", "look"}, []string{"squares"}, 1, 0},
		{[]string{"digits"}, []string{"digits", "reversed"}, nil, 1, 4096},
		{[]string{"letter"}, []string{"letter"}, []string{"words", ".L.str", ".L.str.1", ".L.str.2"}, 0, 0},
		{[]string{"keep", "count"}, []string{"count", "keep"}, []string{"counter", "cells"}, 0, 0},
	} {
		m, places := linked(t, input(t, c.exports...))
		var funcs, data []string
		for _, f := range places.Funcs {
			funcs = append(funcs, f.Name)
		}
		for _, d := range places.Data {
			data = append(data, d.Name)
		}
		if diff := cmp.Diff(c.funcs, funcs); diff != "" {
			t.Errorf("%v: functions: %s", c.exports, diff)
		}
		if diff := cmp.Diff(c.data, data); diff != "" {
			t.Errorf("%v: data: %s", c.exports, diff)
		}
		if len(m.Globals) != c.globals || places.Stack != c.stack {
			t.Errorf("%v: %d globals, %d bytes of stack", c.exports, len(m.Globals), places.Stack)
		}
	}
}

// TestSizes holds the room that modules take: numbers have no padding, locals stand in runs, zeros are not written.
func TestSizes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		export string
		size   int
	}{{"emitted", 50}, {"move", 53}, {"keep", 72}, {"look", 106}, {"digits", 282}} {
		in := input(t, c.export)
		in.Memory.Export = ""
		m, _ := linked(t, in)
		if got := len(m.Encode()); got != c.size {
			t.Errorf("%s: %d bytes and not %d", c.export, got, c.size)
		}
	}
}

// TestAddresses: addresses of data in code, in data and in globals.
func TestAddresses(t *testing.T) {
	t.Parallel()
	c := binary.NewCode(0)
	c.I32Const(0)
	c.MemAddr(binary.OpI32Load, "pointers", 4) // the address of far, and 1
	c.Mem(binary.OpI32Load8U, 0)               // 'b'
	c.I64Addr("far", 3)
	c.I64Const(32)
	c.Op(binary.OpI64ShrU)
	c.Op(binary.OpI32WrapI64) // 3
	c.I32Addr("far", 2)
	c.Mem(binary.OpI32Load8U, 0) // 'c'
	c.GlobalGet("free")
	f := link.Func{Name: "f", Type: sig(nil, i32, i32, i32, i32), Body: c}
	m, places := linked(t, link.Input{
		Funcs: []link.Func{f},
		Data: []link.Segment{
			{Name: "pointers", Bytes: make([]byte, 8), Align: 4, Relocs: []link.Addr{{At: 4, Name: "far", Addend: 1}}},
			{Name: "room", Bytes: make([]byte, 100_000), Align: 8},
			{Name: "far", Bytes: []byte("abc")},
		},
		Globals: []link.Global{{Name: "unused", Type: i64, Mutable: true}, {Name: "free", Type: i32, Init: 4, Addr: link.HeapBase}},
		Exports: []link.Export{{As: "f", Kind: binary.KindFunc, Name: "f"}},
	})
	both(t, m, func(t *testing.T, _ func(string, ...uint64) uint64, instance api.Module) {
		got, err := instance.ExportedFunction("f").Call(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if want := []uint64{'b', 3, 'c', uint64(places.HeapBase + 4)}; !slices.Equal(got, want) {
			t.Errorf("got %v and not %v", got, want)
		}
	})
}

// TestMerge: equal constants become one, and what may be written does not.
func TestMerge(t *testing.T) {
	t.Parallel()
	c := binary.NewCode(0)
	for _, name := range []string{"a", "b", "c", "d"} {
		c.I32Addr(name, 0)
	}
	word := []byte("authentication")
	m, places := linked(t, link.Input{
		Funcs: []link.Func{{Name: "f", Type: sig(nil, i32, i32, i32, i32), Body: c}},
		Data: []link.Segment{
			{Name: "a", Bytes: word, ReadOnly: true},
			{Name: "b", Bytes: word},
			{Name: "c", Bytes: word, ReadOnly: true, Align: 8},
			{Name: "d", Bytes: word[:13], ReadOnly: true},
		},
		Exports: []link.Export{{As: "f", Kind: binary.KindFunc, Name: "f"}},
	})
	both(t, m, func(t *testing.T, _ func(string, ...uint64) uint64, instance api.Module) {
		got, err := instance.ExportedFunction("f").Call(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got[0] != got[2] || got[0]%8 != 0 || got[0] == got[1] || len(places.Data) != 3 {
			t.Errorf("addresses %v, data %+v", got, places.Data)
		}
	})
}

// TestZeros: long runs of zeros are not in the module.
func TestZeros(t *testing.T) {
	t.Parallel()
	b := make([]byte, 1000)
	b[3], b[5], b[500], b[990] = 1, 2, 3, 4
	m, _ := linked(t, link.Input{
		Base:    8,
		Data:    []link.Segment{{Name: "b", Bytes: b}},
		Globals: []link.Global{{Name: "g", Type: i32, Addr: "b"}},
		Exports: []link.Export{{As: "g", Kind: binary.KindGlobal, Name: "g"}},
	})
	want := []binary.Data{{Offset: 11, Bytes: []byte{1, 0, 2}}, {Offset: 508, Bytes: []byte{3}}, {Offset: 998, Bytes: []byte{4}}}
	if diff := cmp.Diff(want, m.Data); diff != "" {
		t.Error(diff)
	}
}

// TestDeterminism: the same input makes the same bytes.
func TestDeterminism(t *testing.T) {
	t.Parallel()
	first, _ := linked(t, input(t, "look", "letter", "unused"))
	for range 10 {
		again, _ := linked(t, input(t, "look", "letter", "unused"))
		if !bytes.Equal(first.Encode(), again.Encode()) {
			t.Fatal("two links of the same input differ")
		}
	}
}

// TestShared: one object serves several links at a time.
func TestShared(t *testing.T) {
	t.Parallel()
	in := input(t, "look", "digits", "letter")
	want, _ := linked(t, in)
	for range 4 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			if got, _ := linked(t, in); !bytes.Equal(got.Encode(), want.Encode()) {
				t.Error("it is another module")
			}
		})
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*link.Input)
		want   string
	}{
		{"no function for C", func(in *link.Input) { in.Funcs = nil }, "function look: there is no function emitted"},
		{"no global for C", func(in *link.Input) { in.Globals = nil }, "function look: there is no global fuel"},
		{"no export", func(in *link.Input) { in.Exports[0].Name = "nowhere" }, "export look: there is no function nowhere"},
		{"static", func(in *link.Input) { in.Exports[0].Name = "reversed" }, "there is no function reversed"},
		{"another type", func(in *link.Input) { in.Funcs[0].Type = sig(nil, i32) }, "the object declares it as (param i32) (result i32)"},
		{"another global", func(in *link.Input) { in.Globals[0].Type = i64 }, "global fuel is of another type"},
		{"constant", func(in *link.Input) { in.Globals[0].Mutable = false }, "global fuel is of another type"},
		{"twice", func(in *link.Input) { in.Funcs = append(in.Funcs, double()) }, "emitted is defined twice"},
		{"on both sides", func(in *link.Input) { in.Funcs[0].Name = "letter" }, "letter is defined twice"},
		{"data twice", func(in *link.Input) { in.Data = append(in.Data, in.Data[0]) }, "constants is defined twice"},
		{"data of the linker", func(in *link.Input) { in.Data[0].Name = link.HeapBase }, "__heap_base is defined twice"},
		{"the stack", func(in *link.Input) { in.Globals[0].Name = "__stack_pointer" }, "__stack_pointer is defined twice"},
		{"odd alignment", func(in *link.Input) {
			in.Data[0].Align = 3
			in.Exports[0].Name = "borrowed"
		}, "alignment of 3"},
		{"too much memory", func(in *link.Input) { in.Memory.Limit = math.MaxUint32 }, "more memory than can be addressed"},
	} {
		in := input(t, "look")
		c.change(&in)
		if _, _, err := link.Link(in); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, and not %s", c.name, err, c.want)
		}
	}
}

// TestScopes: what is static in C and what the compiler names may go by the same name.
func TestScopes(t *testing.T) {
	t.Parallel()
	in := input(t, "digits")
	c := binary.NewCode(0)
	c.I32Const(42)
	in.Funcs = append(in.Funcs, link.Func{Name: "reversed", Type: sig(nil, i32), Body: c})
	in.Exports = append(in.Exports, link.Export{As: "mine", Kind: binary.KindFunc, Name: "reversed"})
	m, _ := linked(t, in)
	both(t, m, func(t *testing.T, call func(string, ...uint64) uint64, _ api.Module) {
		if got := call("mine"); got != 42 {
			t.Errorf("mine: %d", got)
		}
		if got := call("digits", 12); got != 21_000012 {
			t.Errorf("digits: %d", got)
		}
	})
}

// TestStackFirst: a stack that overflows traps, and does not run into data.
func TestStackFirst(t *testing.T) {
	t.Parallel()
	in := input(t, "digits")
	in.Base, in.Stack = 0, 64 // digits needs 160
	m, _ := linked(t, in)
	both(t, m, func(t *testing.T, _ func(string, ...uint64) uint64, instance api.Module) {
		if _, err := instance.ExportedFunction("digits").Call(t.Context(), 1); err == nil {
			t.Error("it ran without a stack")
		}
	})
}
