package binary

import (
	"encoding/binary"
	"fmt"
	"unicode/utf8"
)

// Error says why bytes are not a module of the profile, and where.
type Error struct {
	// At is where in the bytes.
	At int
	// What is wrong.
	What string
}

// Error implements error.
func (e *Error) Error() string { return fmt.Sprintf("%s: at byte %#x", e.What, e.At) }

// Reader reads bytes from the front. After the first error it reads only zeros, so that callers need to look for an error once, and in
// loops.
type Reader struct {
	b      []byte
	pos    int
	base   int  // what pos is counted from, in the file
	padded bool // numbers may have needless zeros, as in object files
	err    error
}

// NewReader reads the contents of an object file's custom sections, where numbers may have needless zeros. base is where they begin
// in the file.
func NewReader(b []byte, base int) *Reader { return &Reader{b: b, base: base, padded: true} }

// Err is the first error.
func (r *Reader) Err() error { return r.err }

// Fail keeps an error, unless there is one already. It is at so many bytes from the start.
func (r *Reader) Fail(at int, format string, args ...any) {
	if r.err == nil {
		r.err = &Error{At: r.base + at, What: fmt.Sprintf(format, args...)}
	}
}

// Pos is the number of bytes read.
func (r *Reader) Pos() int { return r.pos }

// More reports whether there is something left to read, and no error.
func (r *Reader) More() bool { return r.err == nil && r.pos < len(r.b) }

// Byte reads a byte.
func (r *Reader) Byte() byte {
	if r.err == nil && r.pos >= len(r.b) {
		r.Fail(r.pos, "it ends early")
	}
	if r.err != nil {
		return 0
	}
	r.pos++
	return r.b[r.pos-1]
}

// Bytes returns the next n bytes, which stay the file's.
func (r *Reader) Bytes(n uint32) []byte {
	if r.err == nil && uint64(n) > uint64(len(r.b)-r.pos) {
		r.Fail(r.pos, "it ends early")
	}
	if r.err != nil {
		return nil
	}
	r.pos += int(n)
	return r.b[r.pos-int(n) : r.pos : r.pos]
}

// U32 reads an unsigned number.
func (r *Reader) U32() uint32 { return uint32(r.leb(32, false)) }

// S32 reads a signed number.
func (r *Reader) S32() int32 { return int32(r.leb(32, true)) }

func (r *Reader) s64() int64 { return int64(r.leb(64, true)) }

// leb reads a number of so many bits. Bits beyond them have to be zeros, or copies of the sign.
func (r *Reader) leb(bits int, signed bool) uint64 {
	var n uint64
	var before byte
	start := r.pos
	for shift := 0; r.err == nil; shift += 7 {
		c := r.Byte()
		n |= uint64(c&0x7f) << shift
		left := bits - shift // bits that c may hold
		if c >= 0x80 {
			if left <= 7 {
				r.Fail(start, "a number of more than %d bits", bits)
			}
			before = c
			continue
		}
		sign := int8(c<<1) >> 1 // c as a signed number of seven bits
		if signed {
			n = uint64(int64(n) | int64(sign)<<shift)
		}
		if left < 7 && (!signed && c>>left != 0 || signed && sign>>(left-1) != 0 && sign>>(left-1) != -1) {
			r.Fail(start, "a number of more than %d bits", bits)
		}
		if !r.padded && shift > 0 && (c == 0 && (!signed || before&0x40 == 0) || signed && c == 0x7f && before&0x40 != 0) {
			r.Fail(start, "a number that is longer than it need be")
		}
		break
	}
	if r.err != nil {
		return 0
	}
	return n
}

// bits reads the bits of a number of n bytes, lowest first.
func (r *Reader) bits(n uint32) uint64 {
	var eight [8]byte
	copy(eight[:], r.Bytes(n))
	return binary.LittleEndian.Uint64(eight[:])
}

// Name reads a name, which has to be valid UTF-8.
func (r *Reader) Name() string {
	at := r.pos
	b := r.Bytes(r.U32())
	if !utf8.Valid(b) {
		r.Fail(at, "a name that is not UTF-8")
	}
	return string(b)
}

// Count reads how many elements follow, each of which takes at least size bytes: so what is read is never larger than a small
// multiple of the file.
func (r *Reader) Count(size int) int {
	at := r.pos
	n := r.U32()
	if uint64(n)*uint64(size) > uint64(len(r.b)-r.pos) {
		r.Fail(at, "%d elements, more than the bytes that follow can hold", n)
	}
	if r.err != nil {
		return 0
	}
	return int(n)
}

func (r *Reader) valType() ValType {
	at := r.pos
	t := ValType(r.Byte())
	switch t {
	case I32, I64, F32, F64:
	default:
		r.Fail(at, "%v is not a type of numbers", t)
	}
	return t
}

// index reads an index that has to be below a limit.
func (r *Reader) index(limit int, of string) uint32 {
	at := r.pos
	i := r.U32()
	if r.err == nil && uint64(i) >= uint64(limit) {
		r.Fail(at, "%s %d, of %d", of, i, limit)
	}
	return i
}

// vector reads a list whose elements take at least size bytes each.
func vector[T any](r *Reader, size int, one func() T) []T {
	var list []T
	for n := r.Count(size); n > 0 && r.err == nil; n-- {
		list = append(list, one())
	}
	return list
}
