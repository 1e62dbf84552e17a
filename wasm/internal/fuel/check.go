package fuel

import (
	"bytes"

	"github.com/rungpolicy/rung/wasm/internal/binary"
)

// Report is what Check finds out of a module.
type Report struct {
	// Budget is the most that a call of the entry can cost.
	Budget int64
	// Fuel is the index of the global.
	Fuel uint32
	// Depth is how deep calls nest: 0, if no function calls another.
	Depth int
	Funcs []Function
}

// Check holds a module against what Insert makes: whatever the module is, a call of its entry costs at most the budget, if Check finds nothing wrong. Its time is a
// small multiple of what reading the module takes.
//
// It trusts that the module was read by [binary.Decode], and looks at the instructions alone: that they fit each other is for the engine to
// check.
func Check(m *binary.Module, entry uint32) (*Report, error) {
	fuel, filled, size, err := head(m, int(entry))
	if err != nil {
		return nil, err
	}
	sorted, depth, err := order(m)
	if err != nil {
		return nil, err
	}
	j := &job{module: m, entry: int(entry), funcs: make([]Function, len(m.Funcs)), fuel: fuel}
	for _, fn := range sorted {
		skip := 0
		if fn == j.entry {
			skip = size
		}
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
	return &Report{Budget: add(filled, j.funcs[entry].Cost), Fuel: fuel, Depth: depth, Funcs: j.funcs}, nil
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
			if in.Op != binary.OpI32Const || n < 0 {
				break
			}
			continue
		}
		fuel = in.Index
		if in.Op == binary.OpGlobalSet && bytes.HasPrefix(code, fill(fuel, int32(n))) && int(fuel) < len(m.Globals) &&
			m.Globals[fuel].Type == binary.I32 && m.Globals[fuel].Mutable {
			return fuel, n, in.At + in.Size, nil
		}
		break
	}
	return 0, 0, 0, at(m, entry, 0, "it is called from outside, and does not begin by filling up the fuel")
}
