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
		f.hasLength(0, n)
		f.If()
		rest := f.words(0, n, textsOf(words), func(i int, is func()) {
			is()
			f.If()
			f.I32Const(words[i].Number)
			f.Op(binary.OpReturn)
			f.End()
		})
		f.End()
		words = words[len(words)-len(rest):]
	}
	f.I32Const(otherwise)
	u.Funcs = append(u.Funcs, Func{Name: name, Type: t, Code: f.Code})
}

func textsOf(words []Word) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = w.Text
	}
	return out
}
