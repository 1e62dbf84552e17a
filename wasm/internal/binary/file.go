package binary

// File is what Decode found. What it holds beside a [Module] is what the profile leaves out: it is there to be refused, or to be
// linked away.
type File struct {
	Module
	// Tables, Start, Elements and DataCount say which sections of the profile's outside are there. Their contents are not looked at.
	Tables, Start, Elements, DataCount bool
	// Sections are all sections, custom ones too, in their order.
	Sections []Section
}

// Section is where a section stands.
type Section struct {
	ID SectionID
	// Name is the name of a custom section, and empty for the others.
	Name string
	// At is where its contents begin in the file, and Size how many bytes they have.
	At, Size int
}

// Foreign names the first thing in the file that the profile does not have, or is empty.
func (f *File) Foreign() string {
	switch {
	case len(f.Imports) > 0:
		i := f.Imports[0]
		return "the import " + i.Module + "." + i.Name
	case f.Tables:
		return "a table"
	case f.Start:
		return "a start function"
	case f.Elements:
		return "a table's elements"
	case f.DataCount:
		return "a count of data segments"
	}
	return ""
}
