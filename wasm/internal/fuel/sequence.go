package fuel

import (
	"bytes"

	"github.com/rungpolicy/rung/wasm/internal/binary"
)

// sequence is what stands behind `loop`: it takes the charge from the fuel, and traps below zero.
func sequence(fuel uint32, charge int64) []byte {
	b := one(nil, binary.OpGlobalGet, int64(fuel))
	b = one(b, binary.OpI64Const, charge)
	b = append(b, byte(binary.OpI64Sub))
	b = one(b, binary.OpGlobalSet, int64(fuel))
	b = one(b, binary.OpGlobalGet, int64(fuel))
	b = one(b, binary.OpI64Const, 0)
	return append(b, byte(binary.OpI64LtS), byte(binary.OpIf), noResult, byte(binary.OpUnreachable), byte(binary.OpEnd))
}

// asking is sequence, but that it does not trap: it asks an imported function, the first, how much fuel there is then.
func asking(fuel uint32, charge int64) []byte {
	b := sequence(fuel, charge)
	b = one(b[:len(b)-2], binary.OpGlobalGet, int64(fuel))
	b = one(b, binary.OpCall, 0)
	b = one(b, binary.OpGlobalSet, int64(fuel))
	return append(b, byte(binary.OpEnd))
}

// fill is what the entry begins with.
func fill(fuel uint32, n int64) []byte {
	return one(one(nil, binary.OpI64Const, n), binary.OpGlobalSet, int64(fuel))
}

// noResult is the type of a block without results.
const noResult = 0x40

// one writes an instruction with a number: a constant is signed, an index is not.
func one(b []byte, op binary.Op, n int64) []byte {
	b = append(b, byte(op))
	if op == binary.OpI64Const {
		return binary.AppendS64(b, n)
	}
	return binary.AppendU32(b, uint32(n))
}

// reading is the place in a sequence that is being read. A sequence is held against what sequence makes of the number that stands in it.
type reading struct {
	begin, end int
	charge     int64
	seen       int // instructions of it
}

// step takes the next instruction behind a loop, and reports whether it may be of a sequence.
func (r *reading) step(code []byte, fuel uint32, in *binary.Instr) bool {
	r.seen++
	switch r.seen {
	case 1:
		r.begin = in.At
		return in.Op == binary.OpGlobalGet && in.Index == fuel
	case 2:
		r.charge = int64(in.Bits)
		if in.Op != binary.OpI64Const || r.charge < 0 {
			return false
		}
		want := sequence(fuel, r.charge)
		r.end = r.begin + len(want)
		return bytes.HasPrefix(code[r.begin:], want)
	}
	return true
}

// done reports whether an instruction is the last one of the sequence.
func (r *reading) done(in *binary.Instr) bool { return r.seen > 1 && in.At+in.Size >= r.end }
