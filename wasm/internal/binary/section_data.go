package binary

// Data is bytes that stand in the memory from the start.
type Data struct {
	Offset uint32
	Bytes  []byte
	// At is where Decode found the bytes in the file. Encode does not look at it.
	At int
}

// Size is the number of bytes that the segment takes in the data section.
func (d Data) Size() int { return len(appendData(nil, d)) }

func appendData(b []byte, d Data) []byte {
	b = append(b, 0) // in memory 0, at once
	b = append(appendConst(b, I32, uint64(d.Offset)), byte(OpEnd))
	return appendName(b, d.Bytes)
}

func (r *Reader) data() Data {
	at := r.pos
	if r.Byte() != 0 {
		r.Fail(at, "data that is not in place from the start")
	}
	d := Data{Offset: uint32(r.constant(I32))}
	n := r.U32()
	d.At = r.base + r.pos
	d.Bytes = r.Bytes(n)
	return d
}
