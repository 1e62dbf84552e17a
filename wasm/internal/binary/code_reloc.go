package binary

import "fmt"

// Call calls a function by its name.
func (c *Code) Call(name string) { c.named(OpCall, Reloc{Kind: RelocFunc, Name: name}) }

// GlobalGet is global.get, by the global's name.
func (c *Code) GlobalGet(name string) { c.named(OpGlobalGet, Reloc{Kind: RelocGlobal, Name: name}) }

// GlobalSet is global.set, by the global's name.
func (c *Code) GlobalSet(name string) { c.named(OpGlobalSet, Reloc{Kind: RelocGlobal, Name: name}) }

// I32Addr leaves the address of data, and a number added to it.
func (c *Code) I32Addr(name string, addend int32) {
	c.named(OpI32Const, Reloc{Kind: RelocI32, Name: name, Addend: int64(addend)})
}

// I64Addr leaves the address of data as the low half of an i64, whose high half is the other number: a string's pointer and its length.
func (c *Code) I64Addr(name string, high uint32) {
	c.named(OpI64Const, Reloc{Kind: RelocI64, Name: name, Addend: int64(high) << 32})
}

// MemAddr is a load or a store at the address on the stack, the address of data, and offset: with zero on the stack it reads or
// writes data itself, with an index an element of it.
func (c *Code) MemAddr(op Op, name string, offset uint32) {
	c.mem(op)
	c.reloc(Reloc{Kind: RelocOffset, Name: name, Addend: int64(offset)})
}

func (c *Code) named(op Op, r Reloc) {
	c.begin(op)
	c.reloc(r)
}

// reloc leaves a stand-in for a number.
func (c *Code) reloc(r Reloc) {
	r.At, r.Width = len(c.code), 1
	c.relocs = append(c.relocs, r)
	c.code = append(c.code, 0)
}

// Func makes the function of the body, with the numbers that resolve says in the place of names. Locals that no instruction names
// are left out, and the others stand in runs of their types. The type of the function is left to the caller.
func (c *Code) Func(resolve func(Reloc) (int64, error)) (Func, error) {
	if c.depth != 0 {
		return Func{}, fmt.Errorf("%d blocks have no end", c.depth)
	}
	code, err := c.resolved(resolve)
	if err != nil {
		return Func{}, err
	}
	return PackLocals(c.params, c.locals, append(code, byte(OpEnd)))
}

// resolved is the code with numbers in the place of stand-ins.
func (c *Code) resolved(resolve func(Reloc) (int64, error)) ([]byte, error) {
	out := make([]byte, 0, len(c.code)+len(c.relocs)+1)
	done := 0
	for _, r := range c.relocs {
		n, err := resolve(r)
		if err != nil {
			return nil, err
		}
		out = r.Kind.appendTo(append(out, c.code[done:r.At]...), n)
		done = r.At + r.Width
	}
	return append(out, c.code[done:]...), nil
}
