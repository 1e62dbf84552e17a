package link

import (
	"fmt"
	"strconv"

	"github.com/rungpolicy/rung/wasm/internal/binary"
)

// symbol is a name of the object file.
type symbol struct {
	kind symbolKind
	name string
	// local says that it is static in C.
	local, defined bool
	// index is that of the function in the object's own, or of the segment; offset is where in it.
	index  int
	offset uint32
}

type symbolKind byte

const (
	symbolFunc    symbolKind = 0
	symbolData    symbolKind = 1
	symbolGlobal  symbolKind = 2
	symbolSection symbolKind = 3
)

// The flags of symbols. Weak definitions, hidden and exported symbols are as others are where there is one object.
const (
	flagLocal     = 0x02
	flagUndefined = 0x10
	flagNamed     = 0x40
	flagThread    = 0x100
	flagAbsolute  = 0x200
)

func (p *parser) readSymbol(r *binary.Reader) symbol {
	s := symbol{kind: symbolKind(r.Byte())}
	flags := r.U32()
	s.local, s.defined = flags&flagLocal != 0, flags&flagUndefined == 0
	if flags&(flagThread|flagAbsolute) != 0 {
		r.Fail(r.Pos(), "a symbol of thread-local or absolute data")
	}
	switch s.kind {
	case symbolFunc:
		p.readFuncSymbol(r, &s, flags)
	case symbolGlobal:
		p.readGlobalSymbol(r, &s, flags)
	case symbolData:
		p.readDataSymbol(r, &s)
	case symbolSection:
		r.U32()
	default:
		r.Fail(r.Pos(), "a symbol of an unknown kind, %d", byte(s.kind))
	}
	return s
}

func (p *parser) readFuncSymbol(r *binary.Reader, s *symbol, flags uint32) {
	index := int(r.U32())
	if s.defined || flags&flagNamed != 0 {
		s.name = r.Name()
	}
	switch s.index = index - len(p.importedFuncs); {
	case s.defined != (s.index >= 0) || s.index >= len(p.file.Funcs):
		r.Fail(r.Pos(), "the symbol %s is of function %d, which is not there", s.name, index)
	case !s.defined:
		if s.name == "" {
			s.name = p.importedFuncs[index].Name
		}
		p.undefined[s.name] = p.file.Types[p.importedFuncs[index].Type]
	}
}

func (p *parser) readGlobalSymbol(r *binary.Reader, s *symbol, flags uint32) {
	index := int(r.U32())
	if s.defined || index >= len(p.importedGlobals) {
		r.Fail(r.Pos(), "a symbol of global %d, which is not an import", index)
		return
	}
	s.name = p.importedGlobals[index].Name
	if flags&flagNamed != 0 {
		s.name = r.Name()
	}
	p.foreign[s.name] = p.importedGlobals[index].Global
}

func (p *parser) readDataSymbol(r *binary.Reader, s *symbol) {
	s.name = r.Name()
	if !s.defined {
		return
	}
	s.index, s.offset = int(r.U32()), r.U32()
	size := r.U32()
	if s.index >= len(p.file.Data) || uint64(s.offset)+uint64(size) > uint64(len(p.file.Data[s.index].Bytes)) {
		r.Fail(r.Pos(), "the symbol %s is of data that are not there", s.name)
	}
}

// nameSymbols gives each definition a name of its own: what is static in two places of a program may go by one name there.
func (p *parser) nameSymbols() error {
	taken := map[string]bool{}
	for _, s := range p.symbols {
		if s.kind == symbolSection || s.local && s.defined {
			continue
		}
		if s.defined && taken[s.name] {
			return fmt.Errorf("%s is defined twice", s.name)
		}
		taken[s.name] = true
	}
	for i := range p.symbols {
		s := &p.symbols[i]
		if !s.local || !s.defined || s.kind == symbolSection {
			continue
		}
		name := s.name
		for n := 1; taken[s.name]; n++ {
			s.name = name + "." + strconv.Itoa(n)
		}
		taken[s.name] = true
	}
	return nil
}

// funcName is the name of one of the object's own functions.
func (p *parser) funcName(i int) string {
	for _, s := range p.symbols {
		if s.kind == symbolFunc && s.defined && s.index == i {
			return s.name
		}
	}
	return "function " + strconv.Itoa(i)
}

// dataName is the name of a segment: of the first data in it, or that of the segment.
func (p *parser) dataName(i int) string {
	for _, s := range p.symbols {
		if s.kind == symbolData && s.defined && s.index == i && s.offset == 0 {
			return s.name
		}
	}
	return p.info[i].name
}
