package link_test

import (
	"os"
	"strings"
	"testing"

	"github.com/rungpolicy/rung/wasm/internal/binary"
	"github.com/rungpolicy/rung/wasm/internal/link"
)

func TestObjectFunc(t *testing.T) {
	t.Parallel()
	o := object(t)
	if got, ok := o.Func("keep"); !ok || !got.Equal(sig([]binary.ValType{i32, i64}, i64)) {
		t.Errorf("keep is %v, %v", got, ok)
	}
	for _, name := range []string{"reversed", "emitted", "words", "nothing"} {
		if _, ok := o.Func(name); ok {
			t.Errorf("%s can be called", name)
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("testdata/pointers.o")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := link.ParseObject(b); err == nil || !strings.Contains(err.Error(), "pointers to functions") {
		t.Errorf("pointers to functions: %v", err)
	}
	m, _ := linked(t, input(t, "look"))
	if _, err := link.ParseObject(m.Encode()); err == nil || !strings.Contains(err.Error(), "linked module") {
		t.Errorf("a linked module: %v", err)
	}
}

// FuzzObject: files that are not objects are errors, and what is read can be linked or is an error.
func FuzzObject(f *testing.F) {
	for _, name := range []string{"object.o", "pointers.o"} {
		b, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		o, err := link.ParseObject(b)
		if err != nil {
			return
		}
		in := input(t, "look", "letter", "unused", "keep")
		in.Object = o
		if m, _, err := link.Link(in); err == nil {
			m.Encode()
		}
	})
}
