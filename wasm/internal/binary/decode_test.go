package binary_test

import (
	"bytes"
	"errors"
	"math"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/rungpolicy/rung/wasm/internal/binary"
)

const header = "\x00asm\x01\x00\x00\x00"

func TestDecode(t *testing.T) {
	t.Parallel()
	m := everything(t)
	b := m.Encode()
	f, err := binary.Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	if got := f.Encode(); !bytes.Equal(got, b) {
		t.Errorf("got\n% x\nand not\n% x", got, b)
	}
	if f.Foreign() != "" {
		t.Errorf("%s is foreign", f.Foreign())
	}
	if s := f.Sections[len(f.Sections)-1]; s.Name != "rung.meta" || s.At+s.Size != len(b) {
		t.Errorf("last section %+v", s)
	}
	if at := f.Funcs[0].At; !bytes.HasPrefix(b[at:], f.Funcs[0].Code) {
		t.Errorf("the code is not at %d", at)
	}
	if at := f.Data[0].At; !bytes.HasPrefix(b[at:], f.Data[0].Bytes) {
		t.Errorf("the data are not at %d", at)
	}
	if f, err := binary.Decode([]byte(header)); err != nil || len(f.Sections) != 0 {
		t.Errorf("the empty module: %v", err)
	}
}

// TestMalformed: what is wrong, and where.
func TestMalformed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, file, want string }{
		{"nothing", "", "this is not a WebAssembly module"},
		{"another version", "\x00asm\x02\x00\x00\x00", "this is not a WebAssembly module"},
		{"a component", "\x00asm\x0d\x00\x01\x00", "this is not a WebAssembly module"},
		{"half a header", header[:7], "this is not a WebAssembly module"},
		{"an unknown section", header + "\x0d\x00", "an unknown section, 13: at byte 0x8"},
		{"a section without size", header + "\x01", "it ends early: at byte 0x9"},
		{"a section past the end", header + "\x01\x05\x01", "it ends early"},
		{"a long size", header + "\x01\x84\x00\x01\x60\x00\x00", "a number that is longer than it need be: at byte 0x9"},
		{"a size of more than 32 bits", header + "\x01\xff\xff\xff\xff\x1f", "a number of more than 32 bits"},
		{"a size of six bytes", header + "\x01\x80\x80\x80\x80\x80\x00", "a number of more than 32 bits"},
		{"a type twice over", header + "\x01\x04\x01\x60\x00\x00\x01\x04\x01\x60\x00\x00", "the type section stands too late, or twice: at byte 0xe"},
		{"out of order", header + "\x05\x03\x01\x00\x01\x01\x04\x01\x60\x00\x00", "the type section stands too late"},
		{"nothing in a section", header + "\x01\x01\x00", "the type section has nothing in it"},
		{"bytes left over", header + "\x01\x05\x01\x60\x00\x00\x00", "bytes left over at the end of the type section: at byte 0xe"},
		{"many types", header + "\x01\x05\xff\xff\xff\xff\x0f", "4294967295 elements, more than the bytes that follow can hold"},
		{"another type", header + "\x01\x04\x01\x5f\x00\x00", "a type that is not a function's"},
		{"vectors", header + "\x01\x05\x01\x60\x01\x7b\x00", "is not a type of numbers"},
		{"a function of no type", header + "\x03\x02\x01\x00", "type 0, of 0"},
		{"functions without bodies", header + "\x01\x04\x01\x60\x00\x00\x03\x02\x01\x00", "0 bodies for 1 functions"},
		{"bodies without functions", header + "\x0a\x04\x01\x02\x00\x0b", "1 bodies for 0 functions"},
		{"a body past its end", header + "\x01\x04\x01\x60\x00\x00\x03\x02\x01\x00\x0a\x04\x01\x05\x00\x0b", "it ends early"},
		{"locals past the body", header + "\x01\x04\x01\x60\x00\x00\x03\x02\x01\x00\x0a\x07\x01\x01\x01\x01\x7f\x0b\x0b", "locals go on after their function's end"},
		{"many locals", header + "\x01\x04\x01\x60\x00\x00\x03\x02\x01\x00\x0a\x0a\x01\x08\x01\xff\xff\xff\xff\x0f\x7f\x0b", "4294967295 locals, and 50000 are the most"},
		{"two memories", header + "\x05\x05\x02\x00\x01\x00\x01", "2 memories, and not one"},
		{"a memory of more than there is", header + "\x05\x06\x01\x01\x00\x81\x80\x04", "limits out of range"},
		{"a memory that shrinks", header + "\x05\x04\x01\x01\x02\x01", "limits out of range"},
		{"a shared memory", header + "\x05\x04\x01\x03\x01\x01", "limits of an unknown form"},
		{"a global of another type", header + "\x06\x06\x01\x7f\x00\x42\x00\x0b", "it is not a constant of i32"},
		{"a global's sum", header + "\x06\x09\x01\x7f\x00\x41\x00\x41\x00\x6a\x0b", "a constant without its end"},
		{"a global of a third form", header + "\x06\x06\x01\x7f\x02\x41\x00\x0b", "a global of an unknown form"},
		{"an export of nothing", header + "\x07\x05\x01\x01f\x00\x00", "func 0, of 0"},
		{"an export of a table", header + "\x07\x05\x01\x01f\x01\x00", "an export of a table"},
		{"an export twice", header + "\x05\x03\x01\x00\x01\x07\x09\x02\x01f\x02\x00\x01f\x02\x00", `a second export "f"`},
		{"a name that is not text", header + "\x05\x03\x01\x00\x01\x07\x05\x01\x01\xff\x02\x00", "a name that is not UTF-8"},
		{"data for later", header + "\x0b\x04\x01\x01\x01a", "elements, more than the bytes|data that is not in place"},
		{"many custom sections", header + strings.Repeat("\x00\x01\x00", 101), "more than 100 custom sections"},
	} {
		_, err := binary.Decode([]byte(c.file))
		var at *binary.Error
		if !errors.As(err, &at) || at.At < 0 || at.At > len(c.file) {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		first, second, _ := strings.Cut(c.want, "|")
		if !strings.Contains(err.Error(), first) && (second == "" || !strings.Contains(err.Error(), second)) {
			t.Errorf("%s: %v, and not %s", c.name, err, c.want)
		}
	}
}

// TestForeign: what the profile does not have is read over and named.
func TestForeign(t *testing.T) {
	t.Parallel()
	const typ = "\x01\x04\x01\x60\x00\x00"
	for _, c := range []struct{ file, want string }{
		{typ + "\x02\x07\x01\x01a\x01b\x00\x00", "the import a.b"},
		{"\x02\x08\x01\x01a\x01b\x03\x7f\x01", "the import a.b"},
		{"\x02\x08\x01\x01a\x01b\x02\x00\x01", "the import a.b"},
		{"\x04\x04\x01\x70\x00\x01", "a table"},
		{"\x08\x01\x00", "a start function"},
		{"\x09\x02\x00\x00", "a table's elements"},
		{"\x0c\x01\x00", "a count of data segments"},
	} {
		f, err := binary.Decode([]byte(header + c.file))
		if err != nil {
			t.Errorf("%s: %v", c.want, err)
		} else if f.Foreign() != c.want {
			t.Errorf("%q and not %q", f.Foreign(), c.want)
		}
	}
}

// TestInstrsMalformed: bodies that cannot be walked.
func TestInstrsMalformed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, code, want string }{
		{"nothing", "", "it ends early"},
		{"no end", "\x01", "it ends early"},
		{"more after the end", "\x0b\x0b", "code after the function's end"},
		{"an indirect call", "\x11\x00\x00\x0b", "opcode 0x11 is not in the profile"},
		{"a vector", "\xfd\x0c\x0b", "opcode 0xfd is not in the profile"},
		{"data at run time", "\xfc\x08\x00\x00\x0b", "opcode 0xfc08 is not in the profile"},
		{"a long second opcode", "\xfc\x8a\x00\x00\x00\x0b", "a number that is longer than it need be"},
		{"a large second opcode", "\xfc\x8a\x02\x00\x00\x0b", "opcode 0xfcff is not in the profile"},
		{"a long constant", "\x41\x80\x00\x1a\x0b", "a number that is longer than it need be"},
		{"a long negative constant", "\x41\xff\x7f\x1a\x0b", "a number that is longer than it need be"},
		{"a constant of more bits", "\x41\xff\xff\xff\xff\x17\x1a\x0b", "a number of more than 32 bits"},
		{"a branch too far", "\x02\x40\x0c\x02\x0b\x0b", "a branch out of 2 blocks, and only 1 are open"},
		{"an else alone", "\x05\x0b", "an else without its if"},
		{"an else of a block", "\x02\x40\x05\x0b\x0b", "an else without its if"},
		{"two elses", "\x04\x40\x05\x05\x0b\x0b", "an else without its if"},
		{"a block of no type", "\x02\x7b\x0b\x0b", "a block of an unknown type"},
		{"a block of a far type", "\x02\xff\xff\xff\xff\x6f\x0b\x0b", "a number|unknown type"},
		{"a wide alignment", "\x28\x03\x00\x0b", "an alignment of more than 4 bytes"},
		{"another memory", "\x3f\x01\x0b", "another memory than the first"},
		{"a table of many labels", "\x0e\xff\xff\xff\xff\x0f\x00\x0b", "more than the bytes that follow can hold"},
		{"half a constant", "\x44\x00\x00\x0b", "it ends early"},
	} {
		var err error
		for _, e := range binary.Instrs([]byte(c.code)) {
			err = e
		}
		first, second, _ := strings.Cut(c.want, "|")
		if err == nil || !strings.Contains(err.Error(), first) && (second == "" || !strings.Contains(err.Error(), second)) {
			t.Errorf("%s: %v, and not %s", c.name, err, c.want)
		}
	}
}

// TestBounds: a file that says it has much in it takes no more memory than one that has.
func TestBounds(t *testing.T) {
	const size = 1 << 20
	rest := strings.Repeat("\x00", size)
	number := string(binary.AppendU32(nil, size+5))
	for name, file := range map[string]string{
		"types":     header + "\x01" + number + string(binary.AppendU32(nil, size/3)) + strings.Repeat("\x60\x00\x00", size/3) + rest,
		"functions": header + "\x01\x04\x01\x60\x00\x00\x03" + number + string(binary.AppendU32(nil, size)) + rest,
		"exports":   header + "\x07" + number + string(binary.AppendU32(nil, size/3)) + rest,
		"data":      header + "\x0b" + number + string(binary.AppendU32(nil, size/5)) + strings.Repeat("\x00\x41\x00\x0b\x00", size/5) + rest,
		"customs":   header + strings.Repeat("\x00\x01\x00", size/3),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := binary.Decode([]byte(file)); err == nil {
			t.Errorf("%s: no error", name)
		}
		runtime.ReadMemStats(&after)
		if got := after.TotalAlloc - before.TotalAlloc; got > 400*size {
			t.Errorf("%s: %d bytes for a file of %d", name, got, len(file))
		} else {
			t.Logf("%s: %d bytes for each", name, got/uint64(len(file)))
		}
	}
}

// TestNumbers reads back what is written, at the edges of every length.
func TestNumbers(t *testing.T) {
	t.Parallel()
	for shift := range 64 {
		for _, n := range []int64{1<<shift - 1, 1 << shift, -1 << shift, -1<<shift - 1} {
			c := binary.NewCode(0)
			c.I64Const(n)
			c.I32Const(int32(n))
			c.Mem(binary.OpI64Load, uint32(n))
			c.F64Const(math.Float64frombits(uint64(n)))
			f, err := c.Func(nil)
			if err != nil {
				t.Fatal(err)
			}
			var got []uint64
			for in, err := range binary.Instrs(f.Code) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, in.Bits, uint64(in.Offset))
			}
			if got[0] != uint64(n) || int32(got[2]) != int32(n) || uint32(got[5]) != uint32(n) || got[6] != uint64(n) {
				t.Errorf("%d: %v", n, got)
			}
		}
	}
}

// FuzzDecode: what is accepted is what would be written, and everything that reads it ends without a panic.
func FuzzDecode(f *testing.F) {
	for _, name := range []string{"testdata/ops.wasm", "../link/testdata/object.o"} {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add(everything(&testing.T{}).Encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		if object, err := binary.DecodeObject(b); err == nil {
			walk(t, object)
		}
		file, err := binary.Decode(b)
		if err != nil {
			return
		}
		walk(t, file)
		again := file.Encode()
		if file.Foreign() == "" && atEnd(file) && !bytes.Equal(again, b) {
			t.Fatalf("it is written as\n% x", again)
		}
		if second, err := binary.Decode(again); file.Foreign() == "" && err != nil {
			t.Fatalf("what is written is refused: %v", err)
		} else if err == nil && !bytes.Equal(second.Encode(), again) {
			t.Fatal("it is written in two ways")
		}
	})
}

// atEnd reports whether the custom sections stand behind the others.
func atEnd(f *binary.File) bool {
	for i, s := range f.Sections {
		if s.ID == binary.SectionCustom && i < len(f.Sections)-len(f.Customs) {
			return false
		}
	}
	return true
}

// walk reads everything.
func walk(t *testing.T, f *binary.File) {
	for _, fn := range f.Funcs {
		end := 0
		for in, err := range binary.Instrs(fn.Code) {
			if err == nil && in.At != end {
				t.Fatalf("instruction %v at %d, and the one before ended at %d", in.Op, in.At, end)
			}
			end = in.At + in.Size
		}
	}
	if text, err := f.Text(nil); err == nil && !strings.HasPrefix(text, "(module\n") {
		t.Fatalf("text %q", text)
	}
}
