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
	return appendSection(b, sectionMemory, contents)
}
