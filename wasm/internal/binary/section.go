package binary

// SectionID is the number of a section.
type SectionID byte

// The sections. They stand in the order of their numbers, but for the count of data segments before the code; custom sections between
// them as they like.
const (
	SectionCustom    SectionID = 0
	SectionType      SectionID = 1
	SectionImport    SectionID = 2
	SectionFunc      SectionID = 3
	SectionTable     SectionID = 4
	SectionMemory    SectionID = 5
	SectionGlobal    SectionID = 6
	SectionExport    SectionID = 7
	SectionStart     SectionID = 8
	SectionElement   SectionID = 9
	SectionCode      SectionID = 10
	SectionData      SectionID = 11
	SectionDataCount SectionID = 12
)

// names are the sections' names, by their numbers.
var names = [...]string{
	"custom", "type", "import", "function", "table", "memory", "global", "export", "start", "element", "code", "data", "data count",
}

// String is the section's name, or its number if there is no such section.
func (id SectionID) String() string {
	if int(id) < len(names) {
		return names[id]
	}
	return "section " + hex(uint64(id))
}

// order is the place of a section among the others: the count of data was added later, and stands before the code.
func (id SectionID) order() int {
	if id == SectionDataCount {
		return 2*int(SectionElement) + 1
	}
	return 2 * int(id)
}

// list reports whether the section is a list.
func (id SectionID) list() bool {
	return id != SectionCustom && id != SectionStart && id != SectionDataCount
}

// appendSection writes a section.
func appendSection(b []byte, id SectionID, contents []byte) []byte {
	b = AppendU32(append(b, byte(id)), uint32(len(contents)))
	return append(b, contents...)
}

// appendVector writes a section that is a list, and nothing for an empty one.
func appendVector[T any](b []byte, id SectionID, list []T, one func([]byte, T) []byte) []byte {
	if len(list) == 0 {
		return b
	}
	contents := AppendU32(nil, uint32(len(list)))
	for _, e := range list {
		contents = one(contents, e)
	}
	return appendSection(b, id, contents)
}

// appendName writes a name, or any bytes with their number before them.
func appendName[T string | []byte](b []byte, name T) []byte {
	return append(AppendU32(b, uint32(len(name))), name...)
}
