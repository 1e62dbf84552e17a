package link

import "github.com/rungpolicy/rung/wasm/internal/binary"

// Input is what Link makes a module of. Link does not change it, and one Object may serve several Links at a time.
type Input struct {
	// Object is the object file, or nil.
	Object *Object
	Funcs  []Func
	Data   []Segment
	// Globals are the compiler's. The object's functions may read and write them.
	Globals []Global
	// Exports are what the host sees, and what everything is reached from.
	Exports []Export
	Memory  Memory
	Customs []binary.Custom
	// Base is the first address that is used.
	Base uint32
	// Stack is the size in bytes of the stack of the object's functions. There is none where no function needs it.
	Stack uint32
}

// Func is a function.
type Func struct {
	Name string
	Type binary.FuncType
	Body *binary.Code
}

// Segment is a piece of data.
type Segment struct {
	Name  string
	Bytes []byte
	// Align is the power of two that the address is a multiple of; 0 stands for 1.
	Align uint32
	// ReadOnly says that nothing writes to it: equal ones then become one.
	ReadOnly bool
	// Relocs are addresses in the segment, in the order of their places.
	Relocs []Addr
}

// Addr is where the address of data stands in other data: four bytes, little-endian.
type Addr struct {
	// At is where in the segment.
	At int
	// Name is that of the data whose address it is, and Addend is added to it.
	Name   string
	Addend int32
}

// Global is a global variable or constant.
type Global struct {
	Name    string
	Type    binary.ValType
	Mutable bool
	// Init is its value at the start, as in [binary.Global]; of an i32 with Addr, what is added to the address of the data so named.
	Init uint64
	Addr string
}

// Export is a function or a global that the host sees as As.
type Export struct {
	As   string
	Kind binary.Kind
	// Name is what it goes by here.
	Name string
}

// Memory says how large the memory is: as many pages as it takes.
type Memory struct {
	// Export is the name that the host sees, or empty.
	Export string
	// Reserve is how many bytes are free behind the data at the start, and Limit how many there can be.
	Reserve, Limit uint32
}

// HeapBase is the name of the data that begins where memory is free, at a multiple of 16.
const HeapBase = "__heap_base"

// stackPointer is the global that the object's functions keep their stack with.
const stackPointer = "__stack_pointer"
