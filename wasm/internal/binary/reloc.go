package binary

// Reloc is a number in a body that is known only when all functions and data have their places. Where it will stand, [Code] has a
// stand-in.
type Reloc struct {
	// At is where the stand-in begins, and Width how many bytes it has: one, or the five of an object file's padded number.
	At, Width int
	Kind      RelocKind
	// Name is that of the function, the global or the data; empty for a type.
	Name string
	// Addend is added to an address.
	Addend int64
	// Type is that of a block.
	Type FuncType
}

// RelocKind says what a number names, and how it is written.
type RelocKind uint8

// The kinds of relocations.
const (
	RelocFunc   RelocKind = iota // the index of a function
	RelocGlobal                  // the index of a global
	RelocType                    // the index of a block's type
	RelocOffset                  // an address as the offset of a load or store
	RelocI32                     // an address as an i32.const
	RelocI64                     // an address as an i64.const, whose high half may hold something else
)

// appendTo writes the number itself.
func (k RelocKind) appendTo(b []byte, n int64) []byte {
	switch k {
	case RelocI32:
		return AppendS64(b, int64(int32(n)))
	case RelocI64, RelocType: // A block's type is signed: the negative ones are those without an index.
		return AppendS64(b, n)
	default:
		return AppendU32(b, uint32(n))
	}
}
