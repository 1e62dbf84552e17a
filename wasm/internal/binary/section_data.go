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
