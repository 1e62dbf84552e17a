package table_test

import (
	"context"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/rungpolicy/rung/wasm/internal/binary"
	"github.com/rungpolicy/rung/wasm/internal/guest"
	"github.com/rungpolicy/rung/wasm/internal/link"
)

// lookups are the functions that a module of tests offers, by the letters of testdata/native.c.
var lookups = map[byte]string{'S': "rt_in_strs", 'I': "rt_in_ints", 'T': "rt_in_times", 'A': "rt_in_ips", 'X': "rt_dfa"}

// module is the guest's code in WebAssembly.
type module struct {
	t     testing.TB
	mem   api.Memory
	funcs map[byte]api.Function
	free  uint32
	found []uint32
}

func newModule(t *testing.T) *module {
	t.Helper()
	object, err := guest.Object()
	if err != nil {
		t.Fatal(err)
	}
	in := link.Input{
		Object:  object,
		Globals: []link.Global{{Name: guest.Heap, Type: binary.I32, Mutable: true, Addr: link.HeapBase}},
		Memory:  link.Memory{Export: "memory", Reserve: 16 << 20, Limit: 16 << 20},
		Exports: []link.Export{{As: "heap", Kind: binary.KindGlobal, Name: guest.Heap}},
	}
	for _, name := range lookups {
		in.Exports = append(in.Exports, link.Export{As: name, Kind: binary.KindFunc, Name: name})
	}
	linked, _, err := link.Link(in)
	if err != nil {
		t.Fatal(err)
	}
	runtime := wazero.NewRuntime(t.Context())
	t.Cleanup(func() { _ = runtime.Close(context.Background()) })
	i, err := runtime.Instantiate(t.Context(), linked.Encode())
	if err != nil {
		t.Fatal(err)
	}
	m := &module{t: t, mem: i.Memory(), funcs: map[byte]api.Function{}, free: uint32(i.ExportedGlobal("heap").Get()+7) / 8 * 8}
	for op, name := range lookups {
		m.funcs[op] = i.ExportedFunction(name)
	}
	return m
}

func (m *module) tb() testing.TB     { return m.t }
func (m *module) top() uint32        { return m.free }
func (m *module) forget(from uint32) { m.free = from }

func (m *module) put(b []byte) uint32 {
	m.t.Helper()
	at := m.free
	if !m.mem.Write(at, b) {
		m.t.Fatal("the memory is too small")
	}
	m.free += uint32(len(b)+7) / 8 * 8
	return at
}

func (m *module) text(s string) uint64 {
	m.t.Helper()
	return uint64(len(s))<<32 | uint64(m.put([]byte(s)))
}

func (m *module) call(op byte, args ...any) {
	m.t.Helper()
	stack := make([]uint64, len(args))
	for i, a := range args {
		switch a := a.(type) {
		case uint32:
			stack[i] = uint64(a)
		case uint64:
			stack[i] = a
		}
	}
	out, err := m.funcs[op].Call(m.t.Context(), stack...)
	if err != nil {
		m.t.Fatal(err)
	}
	m.found = append(m.found, uint32(out[0]))
}

func (m *module) answers(count int) []uint32 {
	m.t.Helper()
	if len(m.found) != count {
		m.t.Fatalf("%d answers, want %d", len(m.found), count)
	}
	out := m.found
	m.found = nil
	return out
}
