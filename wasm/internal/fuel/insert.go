package fuel

import (
	"fmt"

	"github.com/rungpolicy/rung/wasm/internal/binary"
)

// Insert gives a module its fuel: a global, a sequence in every loop, and at the beginning of the entry as much fuel as loops may spend. It returns the budget:
// the most that a call of the entry can cost, loops and the rest together. It is at most as much as the caller allows, and loops get less where the
// rest costs much. Other entries get [Max], whatever the caller allows.
//
// The bodies are changed; the module must not have been given fuel before.
func Insert(m *binary.Module, entry uint32, loops, most int64, others ...uint32) (budget int64, err error) {
	sorted, _, err := order(m)
	if err != nil {
		return 0, fmt.Errorf("fuel: %w", err)
	}
	j := &job{module: m, entries: append([]uint32{entry}, others...), funcs: make([]Function, len(m.Funcs)), fuel: uint32(len(m.Globals)), without: true}
	for _, fn := range sorted {
		loops, err := j.measure(fn, 0)
		if err != nil {
			return 0, fmt.Errorf("fuel: %w", err)
		}
		if err := insert(&m.Funcs[fn], loops, j.fuel); err != nil {
			return 0, fmt.Errorf("fuel: function %d: %w", fn, err)
		}
	}
	rest := j.funcs[entry].Cost
	if straight := add(rest, j.dearest); straight > MaxStraight {
		return 0, fmt.Errorf("fuel: without going round loops a call costs %d, and the most is %d", straight, int64(MaxStraight))
	}
	budget = min(add(rest, loops), most, Max)
	if budget < rest {
		return 0, fmt.Errorf("fuel: without loops a call costs %d, and the most is %d", rest, most)
	}
	for _, e := range j.entries {
		n := Max - j.funcs[e].Cost
		if e == entry {
			n = budget - rest
		}
		if n < 0 {
			return 0, fmt.Errorf("fuel: without loops a call of function %d costs too much", e)
		}
		f := &m.Funcs[e]
		f.Code = append(fill(j.fuel, n), f.Code...)
	}
	m.Globals = append(m.Globals, binary.Global{Type: binary.I64, Mutable: true})
	return budget, nil
}

// insert puts the sequences behind the loops' opcodes.
func insert(f *binary.Func, loops []loop, fuel uint32) error {
	var code []byte
	from := 0
	for _, l := range loops {
		if l.cost > MaxStraight {
			return fmt.Errorf("a round of a loop costs more than %d", int64(MaxStraight))
		}
		code = append(code, f.Code[from:l.at]...)
		code = append(code, sequence(fuel, l.cost)...)
		from = l.at
	}
	f.Code = append(code, f.Code[from:]...)
	return nil
}
