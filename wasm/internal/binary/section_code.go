package binary

// Func is a function of a module. The format spreads it over two sections: types stand before bodies, so that a reader can check a call
// forward.
type Func struct {
	// Type is the index of its type.
	Type uint32
	// Locals are the variables beside the parameters, whose indices they continue, in runs of equal type.
	Locals []Locals
	// Code is its instructions, the last `end` with them.
	Code []byte
	// At is where Decode found the code in the file. Encode does not look at it.
	At int
}

// Locals is a run of locals of a type.
type Locals struct {
	Count uint32
	Type  ValType
}

// Size is the number of bytes that the function takes in the code section.
func (f Func) Size() int { return len(appendFunc(nil, f)) }

func appendTypeIndex(b []byte, f Func) []byte { return AppendU32(b, f.Type) }

func appendFunc(b []byte, f Func) []byte {
	body := AppendU32(nil, uint32(len(f.Locals)))
	for _, run := range f.Locals {
		body = append(AppendU32(body, run.Count), byte(run.Type))
	}
	b = AppendU32(b, uint32(len(body)+len(f.Code)))
	return append(append(b, body...), f.Code...)
}

// maxLocals bounds the locals of a function: 50,000, as in all engines.
const maxLocals = 50_000

// body reads the second half of a function.
func (r *Reader) body(f *Func) {
	size := r.U32()
	end := uint64(r.pos) + uint64(size)
	if r.err == nil && end > uint64(len(r.b)) {
		r.Fail(r.pos, "it ends early")
	}
	f.Locals = vector(r, 2, r.locals)
	total := uint64(0)
	for _, run := range f.Locals {
		total += uint64(run.Count)
	}
	if total > maxLocals {
		r.Fail(r.pos, "%d locals, and %d are the most", total, maxLocals)
	}
	if r.err == nil && uint64(r.pos) > end {
		r.Fail(r.pos, "locals go on after their function's end")
	}
	if r.err == nil {
		f.At = r.base + r.pos
		f.Code = r.Bytes(uint32(end - uint64(r.pos)))
	}
}

func (r *Reader) locals() Locals { return Locals{r.U32(), r.valType()} }
