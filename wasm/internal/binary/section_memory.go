package binary

import "math"

// Memory is the module's memory, in pages of 64 KiB.
type Memory struct {
	// Min is what it starts with.
	Min uint32
	// Max is what it may grow to, or NoMax.
	Max uint32
}

// NoMax is the Max of a memory that may grow to all that can be addressed.
const NoMax = math.MaxUint32

// PageSize is the size of a page of memory in bytes, and MaxPages how many can be addressed.
const (
	PageSize = 65536
	MaxPages = 65536
)

func appendMemory(b []byte, m *Memory) []byte {
	if m == nil {
		return b
	}
	contents := []byte{1} // memories
	if m.Max == NoMax {
		contents = AppendU32(append(contents, 0), m.Min)
	} else {
		contents = AppendU32(AppendU32(append(contents, 1), m.Min), m.Max)
	}
	return appendSection(b, SectionMemory, contents)
}

func (r *Reader) memory() *Memory {
	at := r.pos
	if n := r.U32(); n != 1 {
		r.Fail(at, "%d memories, and not one", n)
	}
	return r.limits(MaxPages)
}

// limits reads what a memory or a table begins with and may grow to.
func (r *Reader) limits(most uint32) *Memory {
	at := r.pos
	flags := r.Byte()
	m := &Memory{Min: r.U32(), Max: NoMax}
	bound := most
	switch flags {
	case 0:
	case 1:
		m.Max = r.U32()
		bound = m.Max
	default:
		r.Fail(at, "limits of an unknown form")
	}
	if m.Min > bound || bound > most {
		r.Fail(at, "limits out of range")
	}
	return m
}
