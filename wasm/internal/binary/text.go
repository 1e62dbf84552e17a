package binary

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Text writes a module in WebAssembly's text format, to be read by people. What the profile does not have is named in a comment. Behind a
// call and before a function stands the function's name, where names has one for its index; names may be nil.
//
// It returns an error where a body cannot be walked. What it writes is a small multiple of the file, whatever the file says.
func (f *File) Text(names []string) (string, error) {
	t := text{file: f, names: names, imported: f.counts()[KindFunc] - len(f.Funcs)}
	t.line(0, "(module")
	t.head()
	for i := range f.Funcs {
		if err := t.function(i); err != nil {
			return "", fmt.Errorf("function %d: %w", t.imported+i, err)
		}
	}
	t.tail()
	t.line(0, ")")
	return t.b.String(), nil
}

type text struct {
	b        strings.Builder
	file     *File
	names    []string
	imported int // functions
}

// deepest bounds the indentation: what is nested deeper stands below.
const deepest = 40

func (t *text) line(depth int, format string, args ...any) {
	t.b.WriteString(strings.Repeat("  ", min(depth, deepest)))
	fmt.Fprintf(&t.b, format, args...)
	t.b.WriteByte('\n')
}

// head writes what stands before the functions.
func (t *text) head() {
	f := t.file
	for i, typ := range f.Types {
		t.line(1, "(type (;%d;) (func%s))", i, spaced(typ.String()))
	}
	for _, i := range f.Imports {
		t.line(1, ";; import of %s: %s.%s", i.Kind, quoted([]byte(i.Module)), quoted([]byte(i.Name)))
	}
	for _, part := range []struct {
		there bool
		name  SectionID
	}{{f.Tables, SectionTable}, {f.Start, SectionStart}, {f.Elements, SectionElement}, {f.DataCount, SectionDataCount}} {
		if part.there {
			t.line(1, ";; the %s section is not shown", part.name)
		}
	}
	if m := f.Memory; m != nil && m.Max == NoMax {
		t.line(1, "(memory (;0;) %d)", m.Min)
	} else if m != nil {
		t.line(1, "(memory (;0;) %d %d)", m.Min, m.Max)
	}
	for i, g := range f.Globals {
		typ := g.Type.String()
		if g.Mutable {
			typ = "(mut " + typ + ")"
		}
		t.line(1, "(global (;%d;) %s (%s))", i, typ, constant(g.Type, g.Init))
	}
}

// tail writes what stands behind the functions.
func (t *text) tail() {
	for _, e := range t.file.Exports {
		t.line(1, "(export %s (%s %d))", quoted([]byte(e.Name)), e.Kind, e.Index)
	}
	for i, d := range t.file.Data {
		t.line(1, "(data (;%d;) (i32.const %d) %s)", i, d.Offset, quoted(d.Bytes))
	}
	for _, c := range t.file.Customs {
		t.line(1, ";; custom section %s, %d bytes", quoted([]byte(c.Name)), len(c.Bytes))
	}
}

func (t *text) function(i int) error {
	f := t.file.Funcs[i]
	index := uint32(t.imported + i)
	t.line(1, "(func (;%d%s;) (type %d)%s", index, spaced(t.name(index)), f.Type, spaced(t.file.Types[f.Type].String()))
	for _, run := range f.Locals {
		t.line(2, "%s", locals(run))
	}
	for in, err := range Instrs(f.Code) {
		if err != nil {
			return err
		}
		if in.Op == OpEnd && in.At+in.Size == len(f.Code) {
			break // the function's own
		}
		t.line(2+in.Depth, "%s", in.Op.String()+t.immediates(in))
	}
	t.line(1, ")")
	return nil
}

// locals writes a run of them. There may be many to a byte of the file.
func locals(run Locals) string {
	if run.Count > 64 {
		return fmt.Sprintf(";; %d locals of type %s", run.Count, run.Type)
	}
	return "(local" + strings.Repeat(" "+run.Type.String(), int(run.Count)) + ")"
}

// name is that of a function, or empty.
func (t *text) name(index uint32) string {
	if uint64(index) < uint64(len(t.names)) {
		return t.names[index]
	}
	return ""
}

func (t *text) immediates(in Instr) string {
	info, _ := in.Op.Info()
	switch info.Imm {
	case ImmBlock:
		return t.block(in.Block)
	case ImmFunc:
		if name := t.name(in.Index); name != "" {
			return fmt.Sprintf(" %d (;%s;)", in.Index, name)
		}
		return fmt.Sprintf(" %d", in.Index)
	case ImmLabel, ImmLocal, ImmGlobal:
		return fmt.Sprintf(" %d", in.Index)
	case ImmLabels:
		return " " + strings.Trim(fmt.Sprint(in.Labels), "[]")
	case ImmMem:
		return memory(in, info.Align)
	case ImmI32, ImmI64:
		return fmt.Sprintf(" %d", int64(in.Bits))
	case ImmF32:
		return " " + float32Text(uint32(in.Bits))
	case ImmF64:
		return " " + float64Text(in.Bits)
	case ImmNone, ImmZero, ImmZero2:
	}
	return ""
}

func (t *text) block(b BlockType) string {
	if result, ok := b.Result(); ok {
		return " (result " + result.String() + ")"
	}
	if b < 0 {
		return ""
	}
	return fmt.Sprintf(" (type %d)", b)
}

func memory(in Instr, natural uint32) string {
	s := ""
	if in.Offset != 0 {
		s += fmt.Sprintf(" offset=%d", in.Offset)
	}
	if in.Align != natural {
		s += fmt.Sprintf(" align=%d", 1<<in.Align)
	}
	return s
}

// constant writes the instruction that leaves a constant.
func constant(t ValType, bits uint64) string {
	switch t {
	case I32:
		return fmt.Sprintf("i32.const %d", int32(bits))
	case I64:
		return fmt.Sprintf("i64.const %d", int64(bits))
	case F32:
		return "f32.const " + float32Text(uint32(bits))
	default:
		return "f64.const " + float64Text(bits)
	}
}

func float32Text(bits uint32) string {
	f := math.Float32frombits(bits)
	return floatText(float64(f), 32, bits>>31 != 0, uint64(bits)&(1<<23-1))
}

func float64Text(bits uint64) string {
	return floatText(math.Float64frombits(bits), 64, bits>>63 != 0, bits&(1<<52-1))
}

// floatText writes a number so that every bit can be read back.
func floatText(f float64, size int, negative bool, payload uint64) string {
	sign := ""
	if negative {
		sign = "-"
	}
	switch {
	case f != f:
		return sign + "nan:" + hex(payload)
	case math.IsInf(f, 0):
		return sign + "inf"
	}
	return strconv.FormatFloat(f, 'g', -1, size)
}

// spaced puts a space before what is not empty.
func spaced(s string) string {
	if s == "" {
		return ""
	}
	return " " + s
}

// quoted writes bytes as the text format does.
func quoted(bytes []byte) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range bytes {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			fmt.Fprintf(&b, "\\%02x", c)
		} else {
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
