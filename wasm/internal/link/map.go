package link

import (
	"bytes"
	"slices"
)

// Map says what is where in a module: what takes its room.
type Map struct {
	// Funcs are in the order of their indices.
	Funcs []FuncPlace
	// Data are in the order of their addresses. Of equal ones that became one, only one is there.
	Data []DataPlace
	// Stack is the size of the stack, and 0 if no function needs one.
	Stack uint32
	// HeapBase is where memory is free.
	HeapBase uint32
}

// FuncPlace is where a function is.
type FuncPlace struct {
	Name  string
	Index uint32
	// Size is the number of bytes in the code section.
	Size int
	// Object says that it is the object's.
	Object bool
}

// DataPlace is where a piece of data is.
type DataPlace struct {
	Name string
	Addr uint32
	// Size is the number of bytes in memory, and Held of those between the first and the last that is not 0: about what the module holds of them.
	Size, Held int
	// Zero says that they begin as zeros, so that the module does not hold them.
	Zero   bool
	Object bool
}

func (d *datum) place() DataPlace {
	return DataPlace{Name: d.Name, Addr: d.addr, Size: len(d.Bytes), Held: d.held(), Zero: zero(d) == 1, Object: d.of == objects}
}

// held is how many bytes there are without zeros at both ends.
func (d *datum) held() int {
	b := slices.Clone(d.Bytes)
	for _, r := range d.Relocs {
		b[r.At] = 1
	}
	return len(bytes.Trim(b, "\x00"))
}
