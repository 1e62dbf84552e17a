package mutant

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
)

// inCode changes a body of the code section, if there is one.
func inCode(r *rand.Rand, list []section, other []byte) {
	i := slices.IndexFunc(list, func(s section) bool { return s.id == idCode })
	if i < 0 {
		return
	}
	bodies, ok := bodies(list[i].contents)
	if !ok {
		return
	}
	at := r.IntN(len(bodies))
	switch r.IntN(12) {
	case 0:
		j := r.IntN(len(bodies))
		bodies[at], bodies[j] = bodies[j], bodies[at]
	case 1:
		bodies[at] = bodies[r.IntN(len(bodies))]
	case 2:
		if from := taken(other); len(from) > 0 {
			bodies[at] = from[r.IntN(len(from))]
		}
	case 3:
		bodies[at] = splice(r, bodies[at], bodies[r.IntN(len(bodies))])
	case 4, 5:
		bodies[at] = renumber(r, bodies[at])
	case 6, 7:
		bodies[at] = exchange(r, bodies[at])
	case 8, 9:
		bodies[at] = insert(r, bodies[at])
	default:
		bodies[at] = damage(r, bodies[at], other)
	}
	list[i].contents = join(bodies)
}

// bodies reads the bodies of a code section: their locals and their instructions.
func bodies(code []byte) ([][]byte, bool) {
	count, size := binary.Uvarint(code)
	if size <= 0 {
		return nil, false
	}
	var list [][]byte
	b := code[size:]
	for range min(count, uint64(len(b))) {
		n, size := binary.Uvarint(b)
		if size <= 0 || n > uint64(len(b)-size) {
			return nil, false
		}
		list = append(list, b[size:][:n:n])
		b = b[size+int(n):]
	}
	return list, len(list) > 0
}

func join(bodies [][]byte) []byte {
	b := binary.AppendUvarint(nil, uint64(len(bodies)))
	for _, body := range bodies {
		b = binary.AppendUvarint(b, uint64(len(body)))
		b = append(b, body...)
	}
	return b
}

// taken are the bodies of another module.
func taken(module []byte) [][]byte {
	list, _ := sections(module)
	for _, s := range list {
		if s.id == idCode {
			b, _ := bodies(s.contents)
			return b
		}
	}
	return nil
}

// splice puts a piece of one body into another.
func splice(r *rand.Rand, body, other []byte) []byte {
	if len(body) == 0 || len(other) == 0 {
		return body
	}
	from := r.IntN(len(other))
	at := r.IntN(len(body))
	return slices.Insert(slices.Clone(body), at, other[from:min(len(other), from+1+r.IntN(40))]...)
}

// exchange makes another instruction of the same kind out of a byte that may be one.
func exchange(r *rand.Rand, body []byte) []byte {
	out := slices.Clone(body)
	for range 20 {
		if len(out) == 0 {
			break
		}
		at := r.IntN(len(out))
		for _, alike := range kinds {
			if out[at] >= alike[0] && out[at] <= alike[1] {
				out[at] = alike[0] + byte(r.IntN(int(alike[1]-alike[0])+1))
				return out
			}
		}
	}
	return out
}

// kinds are opcodes of the same type, from and to.
var kinds = [][2]byte{
	{0x0c, 0x0d},
	{0x20, 0x22},
	{0x28, 0x28},
	{0x2c, 0x2f},
	{0x30, 0x35},
	{0x36, 0x3e},
	{0x46, 0x4f},
	{0x51, 0x5a},
	{0x61, 0x66},
	{0x67, 0x69},
	{0x6a, 0x78},
	{0x7c, 0x8a},
	{0x99, 0x9f},
	{0xa0, 0xa6},
	{0xa8, 0xab},
	{0xac, 0xad},
	{0xb7, 0xba},
}

// insert puts instructions into a body.
func insert(r *rand.Rand, body []byte) []byte {
	at := r.IntN(len(body) + 1)
	piece := pieces[r.IntN(len(pieces))]
	times := 1
	if r.IntN(16) == 0 {
		times += r.IntN(2000)
	}
	return slices.Insert(slices.Clone(body), at, slices.Repeat(piece, times)...)
}

// pieces are instructions that leave the stack as it is, or do not.
var pieces = [][]byte{
	{0x00},                                 // unreachable
	{0x01},                                 // nop
	{0x02, 0x40},                           // block
	{0x02, 0x40, 0x0b},                     // block end
	{0x03, 0x40},                           // loop
	{0x03, 0x40, 0x0c, 0x00, 0x0b},         // loop br 0 end
	{0x41, 0x01, 0x04, 0x40, 0x0b},         // if end
	{0x05}, {0x0b}, {0x0f}, {0x1a}, {0x1b}, // else, end, return, drop, select
	{0x0c, 0x00}, {0x0c, 0x01}, {0x0d, 0x00}, // br, br_if
	{0x41, 0x00, 0x0e, 0x02, 0x00, 0x00, 0x00}, // br_table
	{0x10, 0x00}, {0x10, 0x01}, {0x10, 0x05}, // call
	{0x41, 0x00, 0x21, 0x00}, {0x41, 0x7f, 0x21, 0x01}, {0x41, 0x00, 0x24, 0x01}, {0x23, 0x01, 0x24, 0x02}, // writes to locals and globals
	{0x41, 0x7f, 0x28, 0x02, 0x00, 0x1a},                                                     // a load outside
	{0x41, 0x00, 0x41, 0x7f, 0x36, 0x02, 0x00},                                               // a store
	{0x3f, 0x00, 0x1a}, {0x41, 0x01, 0x40, 0x00, 0x1a}, {0x41, 0x80, 0x02, 0x40, 0x00, 0x1a}, // memory.size, memory.grow
	{0x41, 0x00, 0x41, 0x00, 0x41, 0x7f, 0xfc, 0x0a, 0x00, 0x00}, // memory.copy
	{0x41, 0x01, 0x41, 0x00, 0x6d, 0x1a},                         // a division by zero
	{0x44, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f, 0xaa, 0x1a},             // trunc of NaN
	{0x06}, {0x11}, {0x12}, {0xd0}, {0xfb}, {0xfc}, {0xfd}, {0xfe}, // what the profile does not have
}
