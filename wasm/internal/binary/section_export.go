package binary

// Export is what the host can see by a name. Names are unique in a module.
type Export struct {
	Name  string
	Kind  Kind
	Index uint32
}

func appendExport(b []byte, e Export) []byte {
	return AppendU32(append(appendName(b, e.Name), byte(e.Kind)), e.Index)
}
