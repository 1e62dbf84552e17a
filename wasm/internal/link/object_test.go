package link_test

import (
	"bytes"
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

// TestPatched: of objects with one byte changed, what is wrong is named.
func TestPatched(t *testing.T) {
	t.Parallel()
	whole, err := os.ReadFile("testdata/object.o")
	if err != nil {
		t.Fatal(err)
	}
	relocs := bytes.Index(whole, []byte("reloc.CODE")) + len("reloc.CODE") + 2 // the section's number, and how many there are
	fuel := bytes.Index(whole, []byte("\x24\x80\x80\x80\x80\x00"))
	for _, c := range []struct {
		name string
		at   int
		to   byte
		want string
	}{
		{"another number", relocs, 8, "a relocation FUNCTION_OFFSET_I32 is not linked"},
		{"a table's", relocs, 1, "a relocation TABLE_INDEX_SLEB is not linked"},
		{"an unknown kind", relocs, 200, "a relocation of an unknown kind, 200, is not linked"},
		{"another kind of symbol", relocs, 0, "a relocation of symbol 1, which is not there or of another kind"},
		{"another place", relocs + 1, 5, "look: the relocation of fuel at byte 0x2 is not one of global.get"},
		{"out of order", relocs + 1, 99, "relocations are not in the order of their places"},
		// A compiler that stores to a global as if it were memory: clang 19 does, of a number that it shortens.
		{"another instruction", fuel, byte(binary.OpLocalTee), "look: the relocation of fuel at byte 0xa is not one of local.tee"},
		{"another section", relocs - 2, 0, "it is about another section than code"},
	} {
		b := bytes.Clone(whole)
		b[c.at] = c.to
		if _, err := link.ParseObject(b); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, and not %s", c.name, err, c.want)
		}
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
