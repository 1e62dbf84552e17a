// Package mutant damages WebAssembly modules at random, so that most of them are still modules: what is damaged are numbers, instructions, bodies and
// sections, and the lengths before them mostly fit afterwards.
package mutant

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
)

// Module changes a module in a few places. other is another one that it takes pieces of. Bytes that are no module are changed too.
func Module(r *rand.Rand, module, other []byte) []byte {
	out := slices.Clone(module)
	places := 1
	if r.IntN(2) == 0 {
		places += r.IntN(4)
	}
	for range places {
		out = mutate(r, out, other)
	}
	return out
}

func mutate(r *rand.Rand, module, other []byte) []byte {
	list, ok := sections(module)
	if !ok || r.IntN(16) == 0 {
		return damage(r, module, other)
	}
	switch r.IntN(10) {
	case 0:
		list = shuffle(r, list, other)
	case 1, 2:
		s := &list[r.IntN(len(list))]
		s.contents = damage(r, s.contents, other)
	case 3:
		s := &list[r.IntN(len(list))]
		s.contents = renumber(r, s.contents)
	case 4:
		s := &list[r.IntN(len(list))]
		s.size = uint64(len(s.contents)) + uint64(r.IntN(9)) - 4
		s.lies = true
	default:
		inCode(r, list, other)
	}
	return write(list)
}

// section is a section of a module.
type section struct {
	id       byte
	contents []byte
	lies     bool // its length is size, whatever it is
	size     uint64
}

const headerSize = 8

const idCode = 10

// sections reads a module's sections; false if it has none, or they do not fit.
func sections(module []byte) ([]section, bool) {
	if len(module) < headerSize {
		return nil, false
	}
	var list []section
	for b := module[headerSize:]; len(b) > 0; {
		n, size := binary.Uvarint(b[1:])
		if size <= 0 || n > uint64(len(b)-1-size) {
			return nil, false
		}
		list = append(list, section{id: b[0], contents: b[1+size:][:n:n]})
		b = b[1+size+int(n):]
	}
	return list, len(list) > 0
}

func write(list []section) []byte {
	b := []byte("\x00asm\x01\x00\x00\x00")
	for _, s := range list {
		n := uint64(len(s.contents))
		if s.lies {
			n = s.size
		}
		b = binary.AppendUvarint(append(b, s.id), n)
		b = append(b, s.contents...)
	}
	return b
}

// shuffle leaves sections out, has them twice, in another order, or takes them from the other module.
func shuffle(r *rand.Rand, list []section, other []byte) []section {
	i, j := r.IntN(len(list)), r.IntN(len(list))
	switch r.IntN(5) {
	case 0:
		if len(list) > 1 {
			return slices.Delete(list, i, i+1)
		}
	case 1:
		return slices.Insert(list, i, list[j])
	case 2:
		list[i], list[j] = list[j], list[i]
	case 3:
		list[i].id = byte(r.IntN(14))
	case 4:
		from, ok := sections(other)
		k := slices.IndexFunc(from, func(s section) bool { return s.id == list[i].id })
		if ok && k >= 0 {
			list[i] = from[k]
		}
	}
	return list
}

// damage changes bytes, without a look at what they are.
func damage(r *rand.Rand, b, other []byte) []byte {
	if len(b) == 0 {
		return []byte{byte(r.Uint32())}
	}
	at := r.IntN(len(b))
	end := min(len(b), at+1+r.IntN(1+r.IntN(16)))
	out := slices.Clone(b)
	switch r.IntN(6) {
	case 0, 1:
		out[at] ^= 1 << r.IntN(8)
	case 2:
		out[at] = byte(r.Uint32())
	case 3:
		return slices.Delete(out, at, end)
	case 4:
		return slices.Insert(out, at, b[at:end]...)
	case 5:
		if len(other) > 0 {
			from := r.IntN(len(other))
			return slices.Insert(out, at, other[from:min(len(other), from+end-at)]...)
		}
	}
	return out
}

// numbers are those at which something changes.
var numbers = []uint64{
	0, 1, 2, 7, 8, 63, 64, 127, 128, 255, 256, 512, 1023, 4096, 8191, 8192, 16384, 65535, 65536, 1 << 20, 1<<27 - 1, 1 << 27, 1<<31 - 1, 1 << 31, 1<<32 - 1, 1 << 32, 1<<63 - 1, 1<<64 - 1,
}

// renumber writes another number in the place of bytes that could be one.
func renumber(r *rand.Rand, b []byte) []byte {
	if len(b) == 0 {
		return b
	}
	at := r.IntN(len(b))
	old, size := binary.Uvarint(b[at:])
	if size <= 0 {
		return b
	}
	n := numbers[r.IntN(len(numbers))]
	if r.IntN(2) == 0 {
		n = old + uint64(r.IntN(5)) - 2
	}
	return slices.Replace(slices.Clone(b), at, at+size, number(r, n)...)
}

// number writes a number: now and then longer than it need be, or signed.
func number(r *rand.Rand, n uint64) []byte {
	b := binary.AppendUvarint(nil, n)
	switch r.IntN(16) {
	case 0:
		b[len(b)-1] |= 0x80
		b = append(b, 0)
	case 1:
		b[len(b)-1] &^= 0x40
	}
	return b
}
