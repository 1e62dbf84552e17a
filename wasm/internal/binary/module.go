package binary

// ValType is the type of a number.
type ValType byte

// The types of numbers.
const (
	I32 ValType = 0x7f
	I64 ValType = 0x7e
	F32 ValType = 0x7d
	F64 ValType = 0x7c
)

// String is the type's name in the text format.
func (t ValType) String() string {
	switch t {
	case I32:
		return "i32"
	case I64:
		return "i64"
	case F32:
		return "f32"
	case F64:
		return "f64"
	}
	return "type " + hex(uint64(t))
}

// Kind says what an export or an import is.
type Kind byte

// The kinds of exports and imports.
const (
	KindFunc   Kind = 0
	KindTable  Kind = 1
	KindMemory Kind = 2
	KindGlobal Kind = 3
)

// String is the kind's name in the text format.
func (k Kind) String() string {
	switch k {
	case KindFunc:
		return "func"
	case KindTable:
		return "table"
	case KindMemory:
		return "memory"
	case KindGlobal:
		return "global"
	}
	return "kind " + hex(uint64(k))
}

// Module is a module of the profile as plain data. Indices count from 0 in the order of the lists; those of functions begin with the imported ones. The zero
// Module is the empty module.
type Module struct {
	Types   []FuncType
	Imports []Import // none in the profile: object files have some, and what a host makes of a module for itself
	Funcs   []Func
	Memory  *Memory // or nil
	Globals []Global
	Exports []Export
	Data    []Data
	Customs []Custom
}

// Type returns the index of a function type, which it adds if it is not there yet.
func (m *Module) Type(t FuncType) uint32 {
	for i, have := range m.Types {
		if have.Equal(t) {
			return uint32(i)
		}
	}
	m.Types = append(m.Types, t)
	return uint32(len(m.Types) - 1)
}

// Encode writes the module: equal modules as equal bytes. It trusts that indices are in range, that bodies are whole, and that only
// functions are imported.
func (m *Module) Encode() []byte {
	b := append([]byte(nil), header...)
	b = appendVector(b, SectionType, m.Types, appendFuncType)
	b = appendVector(b, SectionImport, m.Imports, appendImport)
	b = appendVector(b, SectionFunc, m.Funcs, appendTypeIndex)
	b = appendMemory(b, m.Memory)
	b = appendVector(b, SectionGlobal, m.Globals, appendGlobal)
	b = appendVector(b, SectionExport, m.Exports, appendExport)
	b = appendVector(b, SectionCode, m.Funcs, appendFunc)
	b = appendVector(b, SectionData, m.Data, appendData)
	for _, c := range m.Customs {
		b = appendSection(b, SectionCustom, appendCustom(nil, c))
	}
	return b
}

// header is the magic number and the version of the format.
const header = "\x00asm\x01\x00\x00\x00"
