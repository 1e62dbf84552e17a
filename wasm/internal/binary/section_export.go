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

func (r *Reader) export(limits [4]int) Export {
	e := Export{Name: r.Name()}
	at := r.pos
	e.Kind = Kind(r.Byte())
	if e.Kind == KindTable || e.Kind > KindGlobal {
		r.Fail(at, "an export of a %v", e.Kind)
	}
	if r.err != nil {
		return e
	}
	e.Index = r.index(limits[e.Kind], e.Kind.String())
	return e
}
