package link

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/rungpolicy/rung/wasm/internal/binary"
)

// Object is a relocatable object file. It is immutable.
type Object struct {
	funcs   []Func
	data    []Segment
	symbols []symbol
	// undefined are the functions that the object calls and does not have, and foreign the globals.
	undefined map[string]binary.FuncType
	foreign   map[string]binary.Global
}

// Func returns the type of a function that the object has for others to call, and whether it does.
func (o *Object) Func(name string) (binary.FuncType, bool) {
	for _, s := range o.symbols {
		if s.kind == symbolFunc && s.name == name && s.defined && !s.local {
			return o.funcs[s.index].Type, true
		}
	}
	return binary.FuncType{}, false
}

// ParseObject reads an object file of clang -c for wasm32, which must be of package binary's profile. The bytes are shared with the
// Object. What it does not know is an error that names it; it never panics.
func ParseObject(b []byte) (*Object, error) {
	file, err := binary.DecodeObject(b)
	if err != nil {
		return nil, fmt.Errorf("object: %w", err)
	}
	p := parser{file: file, Object: &Object{undefined: map[string]binary.FuncType{}, foreign: map[string]binary.Global{}}}
	for _, step := range []func() error{p.check, p.linking, p.nameSymbols, p.relocations, p.functions, p.segments} {
		if err := step(); err != nil {
			return nil, fmt.Errorf("object: %w", err)
		}
	}
	return p.Object, nil
}

// parser reads an object, step by step.
type parser struct {
	*Object
	file *binary.File
	info []segmentInfo
	// code and inData are the relocations of the code and the data section, by their places in it.
	code, inData []reloc
	// imported are the functions and globals that the object imports, in their order.
	importedFuncs, importedGlobals []binary.Import
}

// check refuses what cannot be linked, and sorts the imports.
func (p *parser) check() error {
	switch f := p.file; {
	case f.Elements:
		return fmt.Errorf("there are pointers to functions")
	case f.Start, f.Tables, len(f.Exports) > 0, len(f.Globals) > 0, f.Memory != nil:
		return fmt.Errorf("this is a linked module, and not an object file")
	}
	for _, i := range p.file.Imports {
		switch i.Kind {
		case binary.KindFunc:
			p.importedFuncs = append(p.importedFuncs, i)
		case binary.KindGlobal:
			p.importedGlobals = append(p.importedGlobals, i)
		case binary.KindTable:
			return fmt.Errorf("there are pointers to functions")
		case binary.KindMemory:
		}
	}
	return nil
}

// section returns the place of a section's contents in the file, and its number among all sections.
func (p *parser) section(id binary.SectionID) (start, number int) {
	for i, s := range p.file.Sections {
		if s.ID == id {
			return s.At, i
		}
	}
	return 0, -1
}

// functions makes the bodies, each with the relocations that lie in it.
func (p *parser) functions() error {
	start, _ := p.section(binary.SectionCode)
	p.funcs = make([]Func, len(p.file.Funcs))
	rest := p.code
	for i, f := range p.file.Funcs {
		var inside []reloc
		inside, rest = cut(rest, f.At-start, len(f.Code))
		relocs := make([]binary.Reloc, len(inside))
		for k, r := range inside {
			relocs[k] = binary.Reloc{At: r.at, Width: paddedWidth, Kind: r.kind, Name: r.name, Addend: r.addend, Type: r.typ}
		}
		t := p.file.Types[f.Type]
		body, err := binary.ObjectCode(len(t.Params), f.Locals, f.Code, relocs)
		if err != nil {
			return fmt.Errorf("%s: %w", p.funcName(i), err)
		}
		p.funcs[i] = Func{Name: p.funcName(i), Type: t, Body: body}
	}
	if len(rest) > 0 {
		return fmt.Errorf("the relocation of %s is not in a function", rest[0].name)
	}
	return nil
}

// paddedWidth is the size of a number that is to be relocated.
const paddedWidth = 5

// segments makes the data, each with the relocations that lie in it.
func (p *parser) segments() error {
	start, _ := p.section(binary.SectionData)
	p.data = make([]Segment, len(p.file.Data))
	rest := p.inData
	for i, d := range p.file.Data {
		var inside []reloc
		inside, rest = cut(rest, d.At-start, len(d.Bytes))
		info := p.info[i]
		s := Segment{Name: p.dataName(i), Bytes: d.Bytes, Align: info.align, ReadOnly: info.readOnly()}
		for _, r := range inside {
			if r.at+4 > len(d.Bytes) {
				return fmt.Errorf("%s: an address goes on after the end", s.Name)
			}
			s.Relocs = append(s.Relocs, Addr{At: r.at, Name: r.name, Addend: int32(r.addend)})
		}
		p.data[i] = s
	}
	if len(rest) > 0 {
		return fmt.Errorf("the relocation of %s is not in a segment", rest[0].name)
	}
	return nil
}

// cut takes the relocations of a range from the front of the rest, with places counted from the start of the range.
func cut(relocs []reloc, start, size int) (inside, rest []reloc) {
	n, _ := slices.BinarySearchFunc(relocs, start+size, func(r reloc, end int) int { return cmp.Compare(r.at, end) })
	for _, r := range relocs[:n] {
		r.at -= start
		inside = append(inside, r)
	}
	return inside, relocs[n:]
}
