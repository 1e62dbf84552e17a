package fuel

import (
	"bytes"

	"github.com/rungpolicy/rung/wasm/internal/binary"
)

// sequence is what stands behind `loop`: it takes the charge from the fuel, and traps below zero.
func sequence(fuel uint32, charge int64) []byte {
	return taking(fuel, one(nil, binary.OpI64Const, charge), []byte{byte(binary.OpUnreachable)})
}

// taking takes a charge, which an instruction leaves, and does something below zero.
func taking(fuel uint32, charge, below []byte) []byte {
	b := append(one(nil, binary.OpGlobalGet, int64(fuel)), charge...)
	b = append(b, byte(binary.OpI64Sub))
	b = one(b, binary.OpGlobalSet, int64(fuel))
	b = one(b, binary.OpGlobalGet, int64(fuel))
	b = one(b, binary.OpI64Const, 0)
	b = append(append(b, byte(binary.OpI64LtS), byte(binary.OpIf), noResult), below...)
	return append(b, byte(binary.OpEnd))
}

// calling is what stands behind `loop` where a call is little beside a round: the function takes the charge.
func calling(charger uint32, charge int64) []byte {
	return one(one(nil, binary.OpI64Const, charge), binary.OpCall, int64(charger))
}

// chargerType is the type of the function that takes a charge from the fuel.
var chargerType = binary.FuncType{Params: []binary.ValType{binary.I64}}

// charger is its body. below is what it does where the fuel runs out.
func charger(fuel uint32, below ...byte) []byte {
	return append(taking(fuel, one(nil, binary.OpLocalGet, 0), below), byte(binary.OpEnd))
}

// isCharger reports whether a function is one that takes charges.
func (j *job) isCharger(fn uint32) bool {
	if j.without || int(fn) >= len(j.module.Funcs) {
		return false
	}
	if j.charger == nil {
		j.charger = charger(j.fuel, byte(binary.OpUnreachable))
	}
	f := &j.module.Funcs[fn]
	return len(f.Locals) == 0 && bytes.Equal(f.Code, j.charger) && j.module.Types[f.Type].Equal(chargerType)
}

// asking asks an imported function, the first, how much fuel there is from now on.
func asking(fuel uint32) []byte {
	b := one(nil, binary.OpGlobalGet, int64(fuel))
	b = one(b, binary.OpCall, 0)
	return one(b, binary.OpGlobalSet, int64(fuel))
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
	seen       int  // instructions of it
	calls      bool // it is a call of the charger
	charger    uint32
}

// step takes the next instruction behind a loop, and reports whether it may be of a sequence.
func (r *reading) step(code []byte, j *job, in *binary.Instr) bool {
	r.seen++
	switch r.seen {
	case 1:
		r.begin = in.At
		if in.Op == binary.OpI64Const {
			r.calls, r.charge = true, int64(in.Bits)
			return r.charge >= 0
		}
		return in.Op == binary.OpGlobalGet && in.Index == j.fuel
	case 2:
		if r.calls {
			r.end, r.charger = in.At+in.Size, in.Index
			return in.Op == binary.OpCall && j.isCharger(in.Index)
		}
		r.charge = int64(in.Bits)
		if in.Op != binary.OpI64Const || r.charge < 0 {
			return false
		}
		want := sequence(j.fuel, r.charge)
		r.end = r.begin + len(want)
		return bytes.HasPrefix(code[r.begin:], want)
	}
	return true
}

// done reports whether an instruction is the last one of the sequence.
func (r *reading) done(in *binary.Instr) bool { return r.seen > 1 && in.At+in.Size >= r.end }
