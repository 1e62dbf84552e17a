package host_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/rungpolicy/rung/internal/mutant"
	rung "github.com/rungpolicy/rung/sdk"
	"github.com/rungpolicy/rung/wasm"
	"github.com/rungpolicy/rung/wasm/abi"
	"github.com/rungpolicy/rung/wasm/host"
	"github.com/rungpolicy/rung/wasm/internal/binary"
)

// bank is the module of the example; textBank takes requests as text too.
var (
	bank     = sync.OnceValues(func() ([]byte, error) { return build(wasm.Options{}) })
	textBank = sync.OnceValues(func() ([]byte, error) { return build(wasm.Options{JSON: true}) })
)

func build(o wasm.Options) ([]byte, error) {
	checked, err := rung.Check(os.DirFS("../../examples/bank"))
	if err != nil {
		return nil, err
	}
	m, err := rung.Build(checked, o)
	if err != nil {
		return nil, err
	}
	return m.Bytes, nil
}

func bankModule(t testing.TB) []byte {
	t.Helper()
	module, err := bank()
	if err != nil {
		t.Fatal(err)
	}
	return module
}

// decode reads the example's module anew, and finds its decide.
func decode(t testing.TB) (f *binary.File, decide int) {
	t.Helper()
	f, err := binary.Decode(bytes.Clone(bankModule(t)))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range f.Exports {
		if e.Name == abi.ExportDecide {
			return f, int(e.Index)
		}
	}
	t.Fatal("it does not export decide")
	return nil, 0
}

// replace puts other bytes into a function's code.
func replace(f *binary.File, fn, from, to int, with ...byte) {
	code := f.Funcs[fn].Code
	f.Funcs[fn].Code = append(append(append([]byte{}, code[:from]...), with...), code[to:]...)
}

func refused(t *testing.T, what string, f *binary.File, want string) {
	t.Helper()
	if _, err := host.Verify(f.Encode()); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: %v", what, err)
	}
}

// TestCompiled: the example's module is taken, and not without any one of its sequences, nor with any charge that is lower.
func TestCompiled(t *testing.T) {
	t.Parallel()
	if _, err := host.Verify(bankModule(t)); err != nil {
		t.Fatal(err)
	}
	whole, _ := decode(t)
	loops := 0
	for fn := range whole.Funcs {
		var sequence []binary.Instr // the loop, and what follows
		for in, err := range binary.Instrs(whole.Funcs[fn].Code) {
			if err != nil {
				t.Fatal(err)
			}
			if in.Op == binary.OpLoop {
				sequence = nil
			}
			sequence = append(sequence, in)
			size, constant := 11, 2
			if len(sequence) > 1 && sequence[1].Op == binary.OpI64Const { // and a call of the function that takes it
				size, constant = 3, 1
			}
			if len(sequence) != size || sequence[0].Op != binary.OpLoop {
				continue
			}
			loops++
			f, _ := decode(t)
			replace(f, fn, sequence[1].At, in.At+in.Size)
			refused(t, "no sequence", f, "a loop that does not begin by taking fuel")
			f, _ = decode(t)
			charge := sequence[constant]
			less := binary.AppendS64([]byte{byte(binary.OpI64Const)}, int64(charge.Bits)-1)
			replace(f, fn, charge.At, charge.At+charge.Size, less...)
			refused(t, "a lower charge", f, "a round of the loop costs")
		}
	}
	if loops < 5 {
		t.Errorf("%d loops", loops)
	}
}

// TestCompiledChanged: changes of other sorts, each of which is refused for what it is.
func TestCompiledChanged(t *testing.T) {
	t.Parallel()
	f, _ := decode(t)
	fuel := byte(len(f.Globals) - 1)
	replace(f, 0, 0, 0, byte(binary.OpI64Const), 0, byte(binary.OpGlobalSet), fuel)
	refused(t, "a write to the fuel", f, "a second place writes the fuel")

	f, decide := decode(t)
	last := len(f.Funcs[decide].Code) - 1
	replace(f, decide, last, last, byte(binary.OpDrop), byte(binary.OpI32Const), 0, byte(binary.OpI32Const), 0, byte(binary.OpCall), byte(decide))
	refused(t, "a cycle", f, "which has called this one")

	module := bankModule(t)
	at := f.Sections[1].At - 2 // behind the types
	if f.Sections[0].ID != binary.SectionType || f.Sections[1].ID != binary.SectionFunc {
		t.Fatal("the sections are others")
	}
	module = append(append(bytes.Clone(module[:at]), 2, 7, 1, 1, 'a', 1, 'b', 0, 0), module[at:]...)
	if _, err := host.Verify(module); err == nil || !strings.Contains(err.Error(), "the import a.b") {
		t.Errorf("an import: %v", err)
	}
}

// attempt opens a module, and takes a decision by it if it is good.
func attempt(t testing.TB, module []byte, opts ...host.Option) (accepted bool) {
	p, err := host.Open(context.Background(), module, opts...)
	if err != nil {
		if err.Error() == "" {
			t.Error("an error says nothing")
		}
		return false
	}
	defer p.Close()
	for _, a := range p.Policy().Actions {
		if d := p.DecideJSON([]byte(`{"action":"` + a.Name + `","signals":{"subject":{"id":"s"}}}`)); d.Allowed() && d.Error != nil {
			t.Errorf("%+v", d)
		}
	}
	return true
}

// TestMutants: whatever a module is changed into, it is refused, or takes decisions within its bounds. The soak does the same a million times.
func TestMutants(t *testing.T) {
	t.Parallel()
	text, err := textBank()
	if err != nil {
		t.Fatal(err)
	}
	modules := [][]byte{bankModule(t), text}
	const tries = 2000
	accepted := 0
	for seed := range uint64(tries) {
		r := rand.New(rand.NewPCG(seed, 0x3a57))
		if attempt(t, mutant.Module(r, modules[seed%2], modules[seed%2])) {
			accepted++
		}
	}
	if accepted < tries/100 {
		t.Errorf("only %d of %d are accepted: the test does not reach what runs", accepted, tries)
	}
}

// FuzzOpen looks for modules that are more than refused: it mutates by itself, and by the numbers of a seed.
func FuzzOpen(f *testing.F) {
	module := bankModule(f)
	f.Add(module, uint64(0))
	f.Add(module, uint64(1))
	f.Fuzz(func(t *testing.T, b []byte, seed uint64) {
		if seed > 0 {
			b = mutant.Module(rand.New(rand.NewPCG(seed, 1)), b, module)
		}
		attempt(t, b, host.WithLimits(1<<20, host.DefaultMaxPages))
	})
}
