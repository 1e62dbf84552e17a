package binary

import (
	"cmp"
	"slices"
)

// PackLocals makes the function of a body with fewer bytes for its locals: those that no instruction names are gone, those of a type stand
// together, since a declaration is of a run of them, and those named most stand first, since small indices are short.
func PackLocals(params int, locals []ValType, code []byte) (Func, error) {
	uses, err := countLocals(params, len(locals), code)
	if err != nil {
		return Func{}, err
	}
	order := orderLocals(locals, uses)
	to := make([]uint32, len(locals))
	f := Func{}
	for place, l := range order {
		to[l] = uint32(params + place)
		if n := len(f.Locals); n > 0 && f.Locals[n-1].Type == locals[l] {
			f.Locals[n-1].Count++
		} else {
			f.Locals = append(f.Locals, Locals{Count: 1, Type: locals[l]})
		}
	}
	f.Code, err = renumberLocals(params, to, code)
	return f, err
}

// countLocals says how often each local is named.
func countLocals(params, locals int, code []byte) ([]int, error) {
	uses := make([]int, locals)
	for in, err := range Instrs(code) {
		if err != nil {
			return nil, err
		}
		if info, _ := in.Op.Info(); info.Imm != ImmLocal || int(in.Index) < params {
			continue
		}
		if int(in.Index)-params >= locals {
			return nil, &Error{At: in.At, What: "a local that is not there"}
		}
		uses[int(in.Index)-params]++
	}
	return uses, nil
}

// orderLocals are the used locals as they shall stand: types in the order of their first, in a type those named most first.
func orderLocals(locals []ValType, uses []int) []int {
	var order []int
	for l := range locals {
		if uses[l] > 0 {
			order = append(order, l)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(slices.Index(locals, locals[a]), slices.Index(locals, locals[b])), -cmp.Compare(uses[a], uses[b]))
	})
	return order
}

// renumberLocals rewrites a body with its locals where they stand now.
func renumberLocals(params int, to []uint32, code []byte) ([]byte, error) {
	out := make([]byte, 0, len(code))
	for in, err := range Instrs(code) {
		if err != nil {
			return nil, err
		}
		if info, _ := in.Op.Info(); info.Imm == ImmLocal && int(in.Index) >= params {
			out = AppendU32(append(out, code[in.At]), to[int(in.Index)-params])
		} else {
			out = append(out, code[in.At:in.At+in.Size]...)
		}
	}
	return out, nil
}
