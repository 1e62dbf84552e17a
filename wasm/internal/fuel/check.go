package fuel

import (
	"bytes"

	"github.com/rungpolicy/rung/wasm/internal/binary"
)

// Report is what Check finds out of a module.
type Report struct {
	// Budget is the most that a call of the entry can cost.
	Budget int64
	// Filled is the part of it that loops take, and Straight the most that is spent between two sequences.
	Filled, Straight int64
	// Fuel is the index of the global.
	Fuel uint32
	// Depth is how deep calls nest: 0, if no function calls another.
	Depth int
	Funcs []Function
	edits [][]edit // of each function, for Meter
}

// Check holds a module against what Insert makes: whatever the module is, a call of the entry costs at most the budget, and one of others at most [Max] and what they cost
// without loops, if Check finds nothing wrong. Its time is a small multiple of what reading the module takes.
//
// It trusts that the module was read by [binary.Decode], and looks at the instructions alone: that they fit each other is for the engine to
// check.
func Check(m *binary.Module, entry uint32, others ...uint32) (*Report, error) {
	sorted, depth, err := order(m)
	if err != nil {
		return nil, err
	}
	j := &job{module: m, entries: append([]uint32{entry}, others...), funcs: make([]Function, len(m.Funcs)), edits: make([][]edit, len(m.Funcs))}
	filled, sizes := int64(0), map[int]int{}
	for i, e := range j.entries {
		fuel, n, size, err := head(m, int(e))
		if err != nil {
			return nil, err
		}
		if i > 0 && fuel != j.fuel {
			return nil, at(m, int(e), 0, "it fills up another fuel")
		}
		if i == 0 {
			j.fuel, filled = fuel, n
		}
		sizes[int(e)] = size
	}
	for _, fn := range sorted {
		skip := sizes[fn]
		loops, err := j.measure(fn, skip)
		if err != nil {
			return nil, err
		}
		for _, l := range loops {
			if l.charge < l.cost {
				return nil, at(m, fn, skip+l.at, "a round of the loop costs %d, and takes %d of the fuel", l.cost, l.charge)
			}
		}
	}
	straight := add(j.funcs[entry].Cost, j.dearest)
	if straight > MaxStraight {
		return nil, at(m, int(entry), 0, "without going round loops a call costs %d, more than %d", straight, int64(MaxStraight))
	}
	return &Report{Budget: add(filled, j.funcs[entry].Cost), Filled: filled, Straight: straight, Fuel: j.fuel, Depth: depth, Funcs: j.funcs, edits: j.edits}, nil
}

// head reads what the entry begins with: it fills up the fuel.
func head(m *binary.Module, entry int) (fuel uint32, n int64, size int, err error) {
	code := m.Funcs[entry].Code
	seen := 0
	for in, err := range binary.Instrs(code) {
		if err != nil {
			return 0, 0, 0, inBody(m, entry, 0, err)
		}
		if seen++; seen == 1 {
			n = int64(in.Bits)
			if in.Op != binary.OpI64Const || n < 0 {
				break
			}
			continue
		}
		fuel = in.Index
		if in.Op == binary.OpGlobalSet && bytes.HasPrefix(code, fill(fuel, n)) && int(fuel) < len(m.Globals) &&
			m.Globals[fuel].Type == binary.I64 && m.Globals[fuel].Mutable {
			return fuel, n, in.At + in.Size, nil
		}
		break
	}
	return 0, 0, 0, at(m, entry, 0, "it is called from outside, and does not begin by filling up the fuel")
}
