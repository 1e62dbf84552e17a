package guest_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	wasm "github.com/rungpolicy/rung/wasm/internal/binary"
	"github.com/rungpolicy/rung/wasm/internal/guest"
	"github.com/rungpolicy/rung/wasm/internal/link"
)

// A call is a call of a guest function and what it must come to. An argument is a number (uint64), a str (string), a list of those ([]string)
// or the address of bytes ([]byte).
type call struct {
	fn   string
	args []any
	want result
}

// result is what a call comes to: what is returned, what is in rt_out as far as it counts, and what lies where shown says.
type result struct {
	returned uint64
	out      []uint64
	show     show
	bytes    string
}

// show says what of memory belongs to a result. The numbers are those of testdata/native.c.
type show byte

const (
	nothing    show = iota
	returnsStr      // the string returned
	leavesStr       // the string in rt_out
	returnsAddress
	leavesAddress
	firstArgument
	leavesMap // with values of 8 bytes
	leavesTexts
	leavesCells      // values of any type
	leavesCellsAfter // in the second word
	leavesAnyMap
)

const addressSize = 20

func (c call) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s(", c.fn)
	for i, a := range c.args {
		if i > 0 {
			b.WriteString(", ")
		}
		switch a := a.(type) {
		case string:
			if len(a) > 100 {
				fmt.Fprintf(&b, "%q and so on, %d bytes", a[:100], len(a))
			} else {
				fmt.Fprintf(&b, "%q", a)
			}
		default:
			fmt.Fprintf(&b, "%#x", a)
		}
	}
	return b.String() + ")"
}

// check compares what a call has come to with what it must come to.
func (c call) check(t testing.TB, where string, got result) {
	t.Helper()
	if isI32(c.fn) {
		got.returned &= 0xffffffff
		c.want.returned &= 0xffffffff
	}
	if c.want.show == returnsStr || c.want.show == returnsAddress {
		c.want.returned, got.returned = 0, 0
	}
	same := got.returned == c.want.returned && got.bytes == c.want.bytes
	for i, o := range c.want.out {
		same = same && got.out[i] == o
	}
	if !same {
		t.Errorf("%s: %v = %#x, out %#x, %q; want %#x, out %#x, %q", where, c, got.returned, got.out, got.bytes, c.want.returned, c.want.out, c.want.bytes)
	}
}

// results are the types of what functions return.
var results = sync.OnceValue(func() map[string]wasm.ValType {
	m := make(map[string]wasm.ValType)
	for _, f := range guest.Funcs() {
		if len(f.Results) > 0 {
			m[f.Name] = f.Results[0]
		}
	}
	return m
})

func isI32(fn string) bool { return results()[fn] == wasm.I32 }

// run makes all calls of a test: natively under sanitizers, and, but for most of the calls where the interpreter has to, in WebAssembly.
func run(t *testing.T, calls []call) {
	t.Helper()
	if len(calls) == 0 {
		t.Fatal("no calls")
	}
	t.Run("native", func(t *testing.T) {
		t.Parallel()
		runNative(t, calls)
	})
	for name, config := range map[string]wazero.RuntimeConfig{"compiler": compiler(), "interpreter": wazero.NewRuntimeConfigInterpreter()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := instantiate(t, config)
			step := 1
			if name == "interpreter" {
				step = 1 + len(calls)/5000
			}
			for i := 0; i < len(calls) && !t.Failed(); i += step {
				calls[i].check(t, name, m.call(t, calls[i]))
			}
		})
	}
}

// compiler is the engine that compiles where it can: on the machines that wazero has a compiler for.
func compiler() wazero.RuntimeConfig { return wazero.NewRuntimeConfig() }

var programFolder string // what TestMain removes

// program is the guest as a native program, built once.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "guest")
	if err != nil {
		return "", err
	}
	programFolder = dir
	exe := filepath.Join(dir, "native")
	cmd := exec.Command("clang-19", "-std=gnu11", "-O1", "-g", "-fno-pie", "-no-pie", "-Wall", "-Wextra", "-Wno-sign-compare",
		"-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-o", exe, "testdata/native.c")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return exe, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if programFolder != "" {
		_ = os.RemoveAll(programFolder)
	}
	os.Exit(code)
}

func runNative(t *testing.T, calls []call) {
	t.Helper()
	if _, err := exec.LookPath("clang-19"); err != nil {
		t.Skip("clang-19 is not here: the guest's sources are not tested under sanitizers; what is made of them is, in WebAssembly")
	}
	exe, err := program()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	out := bufio.NewReaderSize(stdout, 1<<20)
	numbers := make(map[string]byte)
	for {
		line, err := out.ReadString('\n')
		if err != nil {
			t.Fatalf("%v\n%s", err, stderr.String())
		}
		if line == "\n" {
			break
		}
		numbers[strings.TrimSpace(line)] = byte(len(numbers))
	}
	go func() {
		in := bufio.NewWriterSize(stdin, 1<<20)
		for _, c := range calls {
			writeCall(in, numbers[c.fn], c)
		}
		_ = in.Flush()
		_ = stdin.Close()
	}()
	for _, c := range calls {
		if numbers[c.fn] == 0 && c.fn != "rt_copy" {
			t.Errorf("testdata/native.c does not know %s", c.fn)
		}
		got, err := readResult(out)
		if err != nil {
			_ = cmd.Wait()
			t.Fatalf("%v: %v\n%s", c, err, stderr.String())
		}
		if c.check(t, "native", got); t.Failed() {
			break
		}
	}
	_ = stdout.Close()
	_ = cmd.Wait()
}

func writeCall(w *bufio.Writer, number byte, c call) {
	_, _ = w.Write([]byte{number, byte(c.want.show), byte(len(c.args))})
	for _, a := range c.args {
		switch a := a.(type) {
		case uint64:
			_, _ = w.Write(binary.LittleEndian.AppendUint64([]byte{'n'}, a))
		case string:
			_, _ = w.Write(binary.LittleEndian.AppendUint32([]byte{'s'}, uint32(len(a))))
			_, _ = w.WriteString(a)
		case []byte:
			_, _ = w.Write(binary.LittleEndian.AppendUint32([]byte{'p'}, uint32(len(a))))
			_, _ = w.Write(a)
		case dyn:
			_, _ = w.Write(a.written())
		case []string:
			_, _ = w.Write(binary.LittleEndian.AppendUint32([]byte{'l'}, uint32(len(a))))
			_, _ = w.WriteString(texts(a))
		}
	}
}

// texts are strings as they are shown: lengths and bytes.
func texts(list []string) string {
	var b []byte
	for _, s := range list {
		b = append(binary.LittleEndian.AppendUint32(b, uint32(len(s))), s...)
	}
	return string(b)
}

func readResult(r io.Reader) (result, error) {
	var fixed [28]byte
	if _, err := io.ReadFull(r, fixed[:]); err != nil {
		return result{}, err
	}
	le := binary.LittleEndian
	shown := make([]byte, le.Uint32(fixed[24:]))
	_, err := io.ReadFull(r, shown)
	return result{returned: le.Uint64(fixed[0:]), out: []uint64{le.Uint64(fixed[8:]), le.Uint64(fixed[16:])}, bytes: string(shown)}, err
}

// needsOfGuest is a module without exports, with all that guest functions need of a compiler. Decisions are tested in package table.
func needsOfGuest(object *link.Object) link.Input {
	in := link.Input{
		Object:  object,
		Globals: []link.Global{{Name: guest.Heap, Type: wasm.I32, Mutable: true, Addr: link.HeapBase}, {Name: guest.Touched, Type: wasm.I64, Mutable: true}, {Name: guest.Stands, Type: wasm.I32, Mutable: true}, {Name: guest.Fault, Type: wasm.I32, Mutable: true}},
		Memory:  link.Memory{Export: "memory", Limit: 64 << 20},
	}
	for _, name := range guest.Decision() {
		in.Data = append(in.Data, link.Segment{Name: name, Bytes: make([]byte, 80), Align: 8})
	}
	in.Data = append(in.Data, link.Segment{Name: "rt_json", Bytes: make([]byte, 80), Align: 4})
	decide := wasm.NewCode(2)
	decide.I32Const(0)
	in.Funcs = append(in.Funcs, link.Func{Name: "rt_decide", Type: wasm.FuncType{Params: []wasm.ValType{wasm.I32, wasm.I32}, Results: []wasm.ValType{wasm.I32}}, Body: decide})
	for _, name := range []string{guest.Acr, guest.Method, "rt_read_bytes", "rt_read_cidr"} {
		c := wasm.NewCode(1)
		c.I32Const(0)
		in.Funcs = append(in.Funcs, link.Func{Name: name, Type: wasm.FuncType{Params: []wasm.ValType{wasm.I64}, Results: []wasm.ValType{wasm.I32}}, Body: c})
	}
	return in
}

// linked is a module that offers all guest functions.
var linked = sync.OnceValues(func() ([]byte, error) {
	object, err := guest.Object()
	if err != nil {
		return nil, err
	}
	in := needsOfGuest(object)
	in.Globals = append(in.Globals, link.Global{Name: "out", Type: wasm.I32, Addr: guest.Out})
	in.Exports = []link.Export{{As: "heap", Kind: wasm.KindGlobal, Name: guest.Heap}, {As: "out", Kind: wasm.KindGlobal, Name: "out"}}
	for _, f := range guest.Funcs() {
		in.Exports = append(in.Exports, link.Export{As: f.Name, Kind: wasm.KindFunc, Name: f.Name})
	}
	m, _, err := link.Link(in)
	if err != nil {
		return nil, err
	}
	return m.Encode(), nil
})

// module is an instance of it.
type module struct {
	api.Module
	heap  api.MutableGlobal
	start uint64
	out   uint32
	funcs map[string]api.Function
}

func instantiate(t testing.TB, config wazero.RuntimeConfig) *module {
	t.Helper()
	b, err := linked()
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	runtime := wazero.NewRuntimeWithConfig(ctx, config)
	t.Cleanup(func() { _ = runtime.Close(ctx) })
	m, err := runtime.Instantiate(ctx, b)
	if err != nil {
		t.Fatal(err)
	}
	i := &module{Module: m, funcs: make(map[string]api.Function)}
	i.heap = m.ExportedGlobal("heap").(api.MutableGlobal)
	i.start = i.heap.Get()
	i.out = uint32(m.ExportedGlobal("out").Get())
	for _, f := range guest.Funcs() {
		i.funcs[f.Name] = m.ExportedFunction(f.Name)
	}
	return i
}

// put copies bytes to the heap.
func (m *module) put(b string) uint32 {
	r, err := m.funcs["rt_alloc"].Call(context.Background(), uint64(len(b)))
	if err != nil {
		panic(err)
	}
	m.Memory().WriteString(uint32(r[0]), b)
	return uint32(r[0])
}

func (m *module) call(t testing.TB, c call) result {
	m.heap.Set(m.start)
	m.Memory().WriteUint64Le(m.out, 0)
	m.Memory().WriteUint64Le(m.out+8, 0)
	var first uint32
	var args []uint64
	for i, a := range c.args {
		switch a := a.(type) {
		case uint64:
			args = append(args, a)
		case string:
			args = append(args, uint64(len(a))<<32|uint64(m.put(a)))
		case []byte:
			args = append(args, uint64(m.put(string(a))))
		case dyn:
			args = append(args, uint64(a.tag), a.placed(m))
		case []string:
			var list []byte
			for _, s := range a {
				list = binary.LittleEndian.AppendUint64(list, uint64(len(s))<<32|uint64(m.put(s)))
			}
			args = append(args, uint64(len(a))<<32|uint64(m.put(string(list))))
		}
		if i == 0 {
			first = uint32(args[0])
		}
	}
	values, err := m.funcs[c.fn].Call(context.Background(), args...)
	if err != nil {
		t.Errorf("%v: %v", c, err)
		return result{}
	}
	got := result{out: []uint64{m.word(m.out), m.word(m.out + 8)}}
	switch {
	case c.fn == "rt_dyn_list": // which natively is shown where others leave theirs
		got.out[0] = values[0]
	case len(values) > 0:
		got.returned = values[0]
	}
	got.bytes = m.show(c, got, first)
	return got
}

// raw calls a function with numbers as they are.
func (m *module) raw(t testing.TB, fn string, args ...uint64) uint64 {
	t.Helper()
	values, err := m.funcs[fn].Call(context.Background(), args...)
	if err != nil {
		t.Fatalf("%s: %v", fn, err)
	}
	if isI32(fn) {
		return values[0] & 0xffffffff
	}
	return values[0]
}

func (m *module) word(at uint32) uint64 {
	v, _ := m.Memory().ReadUint64Le(at)
	return v
}

func (m *module) show(c call, r result, first uint32) string {
	fine := uint32(r.returned) == 0
	read := func(at, n uint32) string {
		b, ok := m.Memory().Read(at, n)
		if !ok {
			return "(out of bounds)"
		}
		return string(b)
	}
	switch how := c.want.show; {
	case how == returnsStr:
		return read(uint32(r.returned), uint32(r.returned>>32))
	case how == leavesStr && fine:
		return read(uint32(r.out[0]), uint32(r.out[0]>>32))
	case how == returnsAddress:
		return read(uint32(r.returned), addressSize)
	case how == leavesAddress && fine:
		return read(uint32(r.out[0]), addressSize)
	case how == firstArgument:
		b, _ := c.args[0].([]byte)
		return read(first, uint32(len(b)))
	case how == leavesMap && fine:
		at := uint32(r.out[0])
		n, _ := m.Memory().ReadUint32Le(at)
		keys, _ := m.Memory().ReadUint32Le(at + 4)
		values, _ := m.Memory().ReadUint32Le(at + 8)
		return read(at, 4) + read(keys, 8*n) + read(values, 8*n)
	case how == leavesTexts && fine:
		list := make([]string, r.out[0]>>32)
		for i := range list {
			s := m.word(uint32(r.out[0]) + 8*uint32(i))
			list[i] = read(uint32(s), uint32(s>>32))
		}
		return texts(list)
	case how == leavesCells && fine:
		return m.cells(uint32(r.out[0]), uint32(r.out[0]>>32))
	case how == leavesCellsAfter && fine:
		return m.cells(uint32(r.out[1]), uint32(r.out[1]>>32))
	case how == leavesAnyMap && fine:
		at := uint32(r.out[0])
		head := m.word(at)
		return m.cells(uint32(head>>32), uint32(head)) + m.cells(uint32(m.word(at+8)), uint32(head))
	}
	return ""
}

// TestFuncs holds the table to the object, and the object to what modules may need: nothing.
func TestFuncs(t *testing.T) {
	t.Parallel()
	object, err := guest.Object()
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	for _, f := range guest.Funcs() {
		got, ok := object.Func(f.Name)
		want := wasm.FuncType{Params: f.Params, Results: f.Results}
		if !ok || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s is %v in the object, %v in the table", f.Name, got, want)
		}
		if f.Fallible && (len(f.Results) != 1 || f.Results[0] != wasm.I32) {
			t.Errorf("%s can fail, and does not return a code", f.Name)
		}
		if seen[f.Name] || f.Doc == "" {
			t.Errorf("%s is there twice, or says nothing of itself", f.Name)
		}
		seen[f.Name] = true
	}
}

// TestObject makes the object anew and compares.
func TestObject(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("clang-19"); err != nil {
		t.Skip("clang-19 is not here: rt.o cannot be made anew")
	}
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "src"), os.DirFS("src")); err != nil {
		t.Fatal(err)
	}
	script, err := os.ReadFile("build.sh")
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "build.sh"), script, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("sh", filepath.Join(dir, "build.sh"), "rt.o").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	fresh, err1 := os.ReadFile(filepath.Join(dir, "rt.o"))
	checkedIn, err2 := os.ReadFile("rt.o")
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(fresh, checkedIn) {
		t.Error("rt.o is not what its sources make: run `make guest`")
	}
}
