package emit

import "github.com/rungpolicy/rung/wasm/internal/binary"

// Reads adds the functions str -> code by which the reader of JSON reads bytes and ranges. A policy that has no such types does without the code for them.
func (u *Unit) Reads(bytes, ranges bool) {
	const badValue = 9
	for _, f := range []struct {
		name, calls string
		there       bool
	}{{"rt_read_bytes", "rt_json_bytes", bytes}, {"rt_read_cidr", "rt_json_cidr", ranges}} {
		c := binary.NewCode(1)
		if f.there {
			c.LocalGet(0)
			c.Call(f.calls)
		} else {
			c.I32Const(badValue)
		}
		t := binary.FuncType{Params: []binary.ValType{binary.I64}, Results: []binary.ValType{binary.I32}}
		u.Funcs = append(u.Funcs, Func{Name: f.name, Type: t, Code: c})
	}
}
