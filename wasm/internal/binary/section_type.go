package binary

import (
	"slices"
	"strings"
)

// FuncType is what a function takes and returns.
type FuncType struct {
	Params, Results []ValType
}

// Equal reports whether two types are the same.
func (t FuncType) Equal(u FuncType) bool {
	return slices.Equal(t.Params, u.Params) && slices.Equal(t.Results, u.Results)
}

// String is the type in the text format, without its parentheses: "(param i32 i64) (result i32)".
func (t FuncType) String() string {
	var parts []string
	if len(t.Params) > 0 {
		parts = append(parts, "(param"+typeList(t.Params)+")")
	}
	if len(t.Results) > 0 {
		parts = append(parts, "(result"+typeList(t.Results)+")")
	}
	return strings.Join(parts, " ")
}

// typeList writes types, a space before each.
func typeList(types []ValType) string {
	var b strings.Builder
	for _, t := range types {
		b.WriteString(" " + t.String())
	}
	return b.String()
}

const funcForm = 0x60

func appendFuncType(b []byte, t FuncType) []byte {
	b = appendTypes(append(b, funcForm), t.Params)
	return appendTypes(b, t.Results)
}

func appendTypes(b []byte, types []ValType) []byte {
	b = AppendU32(b, uint32(len(types)))
	for _, t := range types {
		b = append(b, byte(t))
	}
	return b
}

func (r *Reader) funcType() FuncType {
	at := r.pos
	if r.Byte() != funcForm {
		r.Fail(at, "a type that is not a function's")
	}
	params := vector(r, 1, r.valType)
	return FuncType{Params: params, Results: vector(r, 1, r.valType)}
}
