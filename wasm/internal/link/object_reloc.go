package link

import (
	"fmt"
	"strings"

	"github.com/rungpolicy/rung/wasm/internal/binary"
)

// reloc is a relocation of the object file.
type reloc struct {
	at     int // from the start of the section, then of the body or the segment
	kind   binary.RelocKind
	name   string
	addend int64
	typ    binary.FuncType
}

// The kinds of relocations that are linked, by their numbers in the file.
const (
	relocFuncLEB   = 0
	relocAddrLEB   = 3
	relocAddrSLEB  = 4
	relocAddrI32   = 5
	relocTypeLEB   = 6
	relocGlobalLEB = 7
)

// relocNames are the names of all kinds, to say what is not linked.
var relocNames = [...]string{
	"FUNCTION_INDEX_LEB", "TABLE_INDEX_SLEB", "TABLE_INDEX_I32", "MEMORY_ADDR_LEB", "MEMORY_ADDR_SLEB", "MEMORY_ADDR_I32", "TYPE_INDEX_LEB",
	"GLOBAL_INDEX_LEB", "FUNCTION_OFFSET_I32", "SECTION_OFFSET_I32", "TAG_INDEX_LEB", "MEMORY_ADDR_REL_SLEB", "TABLE_INDEX_REL_SLEB",
	"GLOBAL_INDEX_I32", "MEMORY_ADDR_LEB64", "MEMORY_ADDR_SLEB64", "MEMORY_ADDR_I64", "MEMORY_ADDR_REL_SLEB64", "TABLE_INDEX_SLEB64",
	"TABLE_INDEX_I64", "TABLE_NUMBER_LEB", "MEMORY_ADDR_TLS_SLEB", "FUNCTION_OFFSET_I64", "MEMORY_ADDR_LOCREL_I32",
	"TABLE_INDEX_REL_SLEB64", "MEMORY_ADDR_TLS_SLEB64", "FUNCTION_INDEX_I32",
}

// relocations reads the sections about code and data. Those about other sections, of debuggers, are left alone.
func (p *parser) relocations() error {
	for _, c := range p.file.Customs {
		of, ok := strings.CutPrefix(c.Name, "reloc.")
		if !ok {
			continue
		}
		var err error
		switch of {
		case "CODE":
			p.code, err = p.readRelocs(c, binary.SectionCode)
		case "DATA":
			p.inData, err = p.readRelocs(c, binary.SectionData)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", c.Name, err)
		}
	}
	return nil
}

func (p *parser) readRelocs(c binary.Custom, of binary.SectionID) ([]reloc, error) {
	r := binary.NewReader(c.Bytes, c.At)
	if _, number := p.section(of); int(r.U32()) != number {
		r.Fail(0, "it is about another section than %v", of)
	}
	var relocs []reloc
	for n := r.Count(3); n > 0 && r.Err() == nil; n-- {
		one := p.readReloc(r, of)
		if len(relocs) > 0 && one.at < relocs[len(relocs)-1].at {
			r.Fail(r.Pos(), "relocations are not in the order of their places")
		}
		relocs = append(relocs, one)
	}
	if r.More() {
		r.Fail(r.Pos(), "bytes left over")
	}
	return relocs, r.Err()
}

func (p *parser) readReloc(r *binary.Reader, of binary.SectionID) reloc {
	kind := r.Byte()
	one := reloc{at: int(r.U32())}
	index := r.U32()
	switch inCode := of == binary.SectionCode; {
	case kind == relocTypeLEB && inCode && int(index) < len(p.file.Types):
		one.kind, one.typ = binary.RelocType, p.file.Types[index]
	case kind == relocFuncLEB && inCode:
		one.kind, one.name = binary.RelocFunc, p.symbolName(r, index, symbolFunc)
	case kind == relocGlobalLEB && inCode:
		one.kind, one.name = binary.RelocGlobal, p.symbolName(r, index, symbolGlobal)
	case (kind == relocAddrLEB || kind == relocAddrSLEB) && inCode || kind == relocAddrI32 && !inCode:
		one.kind, one.name, one.addend = binary.RelocOffset, p.symbolName(r, index, symbolData), int64(r.S32())
		if kind == relocAddrSLEB {
			one.kind = binary.RelocI32
		}
	default:
		r.Fail(r.Pos(), "a relocation %s is not linked", relocName(kind))
	}
	return one
}

func relocName(kind byte) string {
	if int(kind) < len(relocNames) {
		return relocNames[kind]
	}
	return fmt.Sprintf("of an unknown kind, %d,", kind)
}

// symbolName returns the name of a symbol, which has to be of a kind.
func (p *parser) symbolName(r *binary.Reader, index uint32, kind symbolKind) string {
	if int(index) >= len(p.symbols) || p.symbols[index].kind != kind {
		r.Fail(r.Pos(), "a relocation of symbol %d, which is not there or of another kind", index)
		return ""
	}
	return p.symbols[index].name
}
