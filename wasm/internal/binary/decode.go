package binary

// Decode reads a module. It refuses with an [*Error] what is not a module, and what needs not be written so: numbers that could be
// shorter, sections without elements. It does not walk bodies, which is for [Instrs], and does not check types.
//
// It never panics, and what it allocates is a small multiple of the input. The file's bytes are shared with it.
func Decode(b []byte) (*File, error) { return decode(b, false) }

// DecodeObject reads an object file as compilers of C write them, where numbers that a linker will change are padded to their full
// size. It is as careful as Decode otherwise.
func DecodeObject(b []byte) (*File, error) { return decode(b, true) }

func decode(b []byte, padded bool) (*File, error) {
	d := decoder{Reader: Reader{b: b, padded: padded}, file: &File{}}
	if string(d.Bytes(uint32(min(len(b), len(header))))) != header {
		return nil, &Error{What: "this is not a WebAssembly module, version 1"}
	}
	for d.More() {
		d.section()
	}
	if d.err == nil && d.bodies != len(d.file.Funcs) {
		d.Fail(d.pos, "%d bodies for %d functions", d.bodies, len(d.file.Funcs))
	}
	if d.err != nil {
		return nil, d.err
	}
	return d.file, nil
}

// maxCustoms bounds the custom sections of a file.
const maxCustoms = 100

type decoder struct {
	Reader
	file   *File
	before int // place of the last section in their order
	bodies int
}

// section reads one section, with a reader of its own: it can neither read on nor leave something over.
func (d *decoder) section() {
	at := d.pos
	s := Section{ID: SectionID(d.Byte())}
	n := d.U32()
	s.At, s.Size = d.base+d.pos, int(n)
	r := &Reader{b: d.Bytes(n), base: s.At, padded: d.padded}
	switch {
	case int(s.ID) >= len(names):
		d.Fail(at, "an unknown section, %d", byte(s.ID))
	case s.ID == SectionCustom:
	case s.ID.order() <= d.before:
		d.Fail(at, "the %v section stands too late, or twice", s.ID)
	default:
		d.before = s.ID.order()
	}
	if d.err == nil && !d.padded && s.ID.list() && len(r.b) == 1 && r.b[0] == 0 {
		d.Fail(at, "the %v section has nothing in it", s.ID)
	}
	if d.err == nil {
		d.contents(s.ID, r)
	}
	if d.err == nil && r.pos < len(r.b) {
		r.Fail(r.pos, "bytes left over at the end of the %v section", s.ID)
	}
	if d.err == nil {
		d.err = r.err
	}
	if s.ID == SectionCustom && d.err == nil {
		s.Name = d.file.Customs[len(d.file.Customs)-1].Name
	}
	d.file.Sections = append(d.file.Sections, s)
}

func (d *decoder) contents(id SectionID, r *Reader) {
	f := d.file
	switch id {
	case SectionCustom:
		if f.Customs = append(f.Customs, r.custom()); len(f.Customs) > maxCustoms {
			r.Fail(0, "more than %d custom sections", maxCustoms)
		}
	case SectionType:
		f.Types = vector(r, 3, r.funcType)
	case SectionImport:
		f.Imports = vector(r, 4, func() Import { return r.imported(len(f.Types)) })
	case SectionFunc:
		f.Funcs = vector(r, 1, func() Func { return Func{Type: r.index(len(f.Types), "type")} })
	case SectionMemory:
		f.Memory = r.memory()
	case SectionGlobal:
		f.Globals = vector(r, 4, r.global)
	case SectionExport:
		f.Exports = d.exports(r)
	case SectionCode:
		d.code(r)
	case SectionData:
		f.Data = vector(r, 5, r.data)
	case SectionTable:
		f.Tables = r.skip()
	case SectionStart:
		f.Start = r.skip()
	case SectionElement:
		f.Elements = r.skip()
	case SectionDataCount:
		f.DataCount = r.skip()
	}
}

// skip reads over the contents of a section that is only told of.
func (r *Reader) skip() bool {
	r.pos = len(r.b)
	return true
}

// exports reads the exports, no two of which may have the same name.
func (d *decoder) exports(r *Reader) []Export {
	seen := map[string]bool{}
	limits := d.file.counts()
	return vector(r, 3, func() Export {
		at := r.pos
		e := r.export(limits)
		if seen[e.Name] {
			r.Fail(at, "a second export %q", e.Name)
		}
		seen[e.Name] = true
		return e
	})
}

// code reads as many bodies as there are functions.
func (d *decoder) code(r *Reader) {
	at := r.pos
	d.bodies = r.Count(2)
	if d.bodies != len(d.file.Funcs) {
		r.Fail(at, "%d bodies for %d functions", d.bodies, len(d.file.Funcs))
		return
	}
	for i := range d.file.Funcs {
		r.body(&d.file.Funcs[i])
	}
}

// counts are the numbers of functions, tables, memories and globals, imported ones among them.
func (f *File) counts() [4]int {
	n := [4]int{KindFunc: len(f.Funcs), KindGlobal: len(f.Globals)}
	if f.Memory != nil {
		n[KindMemory]++
	}
	for _, i := range f.Imports {
		n[i.Kind]++
	}
	return n
}
