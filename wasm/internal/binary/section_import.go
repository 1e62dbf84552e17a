package binary

// Import is what a host would have to provide. Modules of the profile have none; object files name so what they leave to be linked.
type Import struct {
	Module, Name string
	Kind         Kind
	// Type is the index of a function's type.
	Type uint32
	// Global is a global's type, without a value.
	Global Global
}

func appendImport(b []byte, i Import) []byte {
	b = append(appendName(appendName(b, i.Module), i.Name), byte(i.Kind))
	return AppendU32(b, i.Type)
}

func (r *Reader) imported(types int) Import {
	i := Import{Module: r.Name(), Name: r.Name()}
	at := r.pos
	i.Kind = Kind(r.Byte())
	switch i.Kind {
	case KindFunc:
		i.Type = r.index(types, "type")
	case KindTable:
		r.Byte() // the type of its elements
		r.limits(NoMax)
	case KindMemory:
		r.limits(MaxPages)
	case KindGlobal:
		i.Global.Type, i.Global.Mutable = r.globalType()
	default:
		r.Fail(at, "an import of an unknown %v", i.Kind)
	}
	return i
}
