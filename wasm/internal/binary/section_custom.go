package binary

// Custom is a section that does not change what the module does.
type Custom struct {
	Name  string
	Bytes []byte
	// At is where Decode found the bytes in the file. Encode does not look at it.
	At int
}

func appendCustom(b []byte, c Custom) []byte { return append(appendName(b, c.Name), c.Bytes...) }

func (r *Reader) custom() Custom {
	c := Custom{Name: r.Name(), At: r.base + r.pos}
	c.Bytes = r.Bytes(uint32(len(r.b) - r.pos))
	return c
}
