package mutant_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/rungpolicy/rung/internal/mutant"
)

// tiny is a module with a function that returns 1, and one with a loop that does nothing.
var tiny = []byte("\x00asm\x01\x00\x00\x00" + "\x01\x05\x01\x60\x00\x01\x7f" + "\x03\x02\x01\x00" + "\x0a\x06\x01\x04\x00\x41\x01\x0b")

// TestModule: a seed says what is changed, nearly every seed changes something, and the original stays as it is.
func TestModule(t *testing.T) {
	t.Parallel()
	before := bytes.Clone(tiny)
	same := 0
	for seed := range uint64(2000) {
		first := mutant.Module(rand.New(rand.NewPCG(seed, 1)), tiny, tiny)
		if !bytes.Equal(first, mutant.Module(rand.New(rand.NewPCG(seed, 1)), tiny, tiny)) {
			t.Fatalf("seed %d makes two", seed)
		}
		if bytes.Equal(first, tiny) {
			same++
		}
	}
	if !bytes.Equal(before, tiny) {
		t.Error("the module that it began with is another one")
	}
	if same > 500 {
		t.Errorf("%d of 2000 are as before", same)
	}
}

// TestAnything: bytes that are no module are changed too.
func TestAnything(t *testing.T) {
	t.Parallel()
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 2))
		for _, b := range [][]byte{nil, {0}, tiny[:8], tiny[:len(tiny)-3], []byte("policy")} {
			mutant.Module(r, b, tiny)
			mutant.Module(r, tiny, b)
		}
	}
}
