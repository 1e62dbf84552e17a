package emit

import (
	"cmp"
	"slices"

	"github.com/rungpolicy/rung/wasm/internal/binary"
)

// Word is a text that stands for a number.
type Word struct {
	Text   string
	Number int32
}

// Matcher adds a function from a text to the number that it stands for, otherwise to another one: by its length first, then by its bytes.
func (u *Unit) Matcher(name string, words []Word, otherwise int32) {
	t := binary.FuncType{Params: []binary.ValType{binary.I64}, Results: []binary.ValType{binary.I32}}
	f := &fn{Unit: u, Code: binary.NewCode(1)}
	words = slices.Clone(words)
	slices.SortStableFunc(words, func(a, b Word) int { return cmp.Compare(len(a.Text), len(b.Text)) })
	for len(words) > 0 {
		n := len(words[0].Text)
		same := 1
		for same < len(words) && len(words[same].Text) == n {
			same++
		}
		f.LocalGet(0)
		f.I64Const(32)
		f.Op(binary.OpI64ShrU)
		f.I64Const(int64(n))
		f.Op(binary.OpI64Eq)
		f.If()
		for _, w := range words[:same] {
			f.matches(w.Text)
			f.If()
			f.I32Const(w.Number)
			f.Op(binary.OpReturn)
			f.End()
		}
		f.End()
		words = words[same:]
	}
	f.I32Const(otherwise)
	u.Funcs = append(u.Funcs, Func{Name: name, Type: t, Code: f.Code})
}

// matches puts on the stack whether the text in local 0 is s, which is as long.
func (f *fn) matches(s string) {
	switch {
	case s == "":
		f.I32Const(1)
	case len(s) > 16:
		f.LocalGet(0)
		f.text(s)
		f.Call("rt_str_eq")
	default:
		f.isWord(0, s[:min(8, len(s))], 0)
		if len(s) > 8 {
			f.isWord(0, s[len(s)-8:], uint32(len(s)-8))
			f.Op(binary.OpI32And)
		}
	}
}
