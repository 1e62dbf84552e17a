package table_test

import (
	"bufio"
	"encoding/binary"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// base is where the native program's memory begins.
const base = 0x10000000

var order = binary.LittleEndian

// engine is the guest's code somewhere, with memory that tests fill for it.
type engine interface {
	tb() testing.TB
	// put places bytes in the memory and returns their address; text places a string, which is passed as its length and address.
	put(b []byte) uint32
	text(s string) uint64
	// top is where free memory begins, and forget frees it from an address on.
	top() uint32
	forget(from uint32)
	// call calls a function, by the letter that testdata/native.c has for it; answers are what so many calls have come to.
	call(op byte, args ...any)
	answers(count int) []uint32
}

// everywhere runs a test natively and in WebAssembly.
func everywhere(t *testing.T, test func(engine)) {
	t.Helper()
	t.Run("native", func(t *testing.T) {
		t.Parallel()
		test(newNative(t))
	})
	t.Run("module", func(t *testing.T) {
		t.Parallel()
		test(newModule(t))
	})
}

// native is the guest's code as a native program under sanitizers, with the memory that tests fill for it.
type native struct {
	t    *testing.T
	in   *bufio.Writer
	out  *bufio.Reader
	free uint32
}

var programFolder string // what TestMain removes

// build makes the program, once.
var build = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "rung-native")
	if err != nil {
		return "", err
	}
	programFolder = dir
	program := filepath.Join(dir, "native")
	out, err := exec.Command("clang-19", "-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-Wall", "-Wextra",
		"-fno-builtin", "-o", program, "testdata/native.c").CombinedOutput()
	if err != nil {
		return "", &buildError{err, string(out)}
	}
	return program, nil
})

type buildError struct {
	error
	output string
}

func (e *buildError) Error() string { return e.error.Error() + "\n" + e.output }

func TestMain(m *testing.M) {
	code := m.Run()
	if programFolder != "" {
		_ = os.RemoveAll(programFolder)
	}
	os.Exit(code)
}

// newNative starts the program.
func newNative(t *testing.T) *native {
	t.Helper()
	if _, err := exec.LookPath("clang-19"); err != nil {
		t.Skip("clang-19 is not installed: the guest's code is not tested natively")
	}
	program, err := build()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("the native program: %v", err)
		}
	})
	return &native{t: t, in: bufio.NewWriterSize(in, 1<<20), out: bufio.NewReaderSize(out, 1<<20), free: base}
}

// call sends a call; its arguments are numbers of 32 and 64 bits, and bytes.
func (n *native) call(op byte, args ...any) {
	n.t.Helper()
	n.send(uint32(op))
	for _, a := range args {
		n.send(a)
	}
}

func (n *native) send(v any) {
	n.t.Helper()
	var b []byte
	switch v := v.(type) {
	case uint32:
		b = order.AppendUint32(nil, v)
	case uint64:
		b = order.AppendUint64(nil, v)
	case []byte:
		b = v
	default:
		n.t.Fatalf("an argument of type %T", v)
	}
	if _, err := n.in.Write(b); err != nil {
		n.t.Fatal(err)
	}
}

func (n *native) tb() testing.TB { return n.t }
func (n *native) top() uint32    { return n.free }

// put leaves nothing that may be read beside the bytes.
func (n *native) put(b []byte) uint32 {
	n.t.Helper()
	at := n.free
	n.free += uint32(len(b)+7)/8*8 + 16
	n.call('M', at, uint32(len(b)), b)
	return at
}

func (n *native) text(s string) uint64 {
	n.t.Helper()
	return uint64(len(s))<<32 | uint64(n.put([]byte(s)))
}

func (n *native) forget(from uint32) {
	n.t.Helper()
	n.call('F', from, n.free-from)
	n.free = from
}

func (n *native) answers(count int) []uint32 {
	n.t.Helper()
	n.call('E')
	if err := n.in.Flush(); err != nil {
		n.t.Fatal(err)
	}
	out := make([]uint32, count)
	for i := range out {
		out[i] = n.read32()
	}
	return out
}

func (n *native) read(size int) []byte {
	n.t.Helper()
	b := make([]byte, size)
	if _, err := io.ReadFull(n.out, b); err != nil {
		n.t.Fatalf("the native program ended: %v", err)
	}
	return b
}

func (n *native) read32() uint32 { return order.Uint32(n.read(4)) }
