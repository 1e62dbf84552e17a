package fuel

import (
	"fmt"

	"github.com/rungpolicy/rung/wasm/internal/binary"
)

// Insert gives a module its fuel: a global, a sequence in every loop, and at the beginning of the entry as much fuel as loops may spend. It returns the budget:
// the most that a call of the entry can cost, loops and the rest together. It is at most as much as the caller allows, and loops get less where the
// rest costs much. Other entries get [Max], whatever the caller allows.
//
// A charge of at least so much as dear is taken by a call: [Dear], or what saves the bytes or the time that it should.
//
// The bodies are changed; the module must not have been given fuel before.
func Insert(m *binary.Module, entry uint32, loops, most, dear int64, others ...uint32) (budget int64, err error) {
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
		if err := j.sequences(&m.Funcs[fn], loops, dear); err != nil {
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
	if j.charges {
		m.Funcs = append(m.Funcs, binary.Func{Type: m.Type(chargerType), Code: charger(j.fuel, byte(binary.OpUnreachable))})
	}
	m.Globals = append(m.Globals, binary.Global{Type: binary.I64, Mutable: true})
	return budget, nil
}

// Dear is what a round costs beside which a call is little: it takes two nanoseconds and spares eleven bytes.
const Dear = 256

// sequences puts the sequences behind the loops' opcodes.
func (j *job) sequences(f *binary.Func, loops []loop, dear int64) error {
	var code []byte
	from := 0
	for _, l := range loops {
		if l.cost > MaxStraight {
			return fmt.Errorf("a round of a loop costs more than %d", int64(MaxStraight))
		}
		code = append(code, f.Code[from:l.at]...)
		if l.cost < dear {
			code = append(code, sequence(j.fuel, l.cost)...)
		} else {
			code = append(code, calling(uint32(len(j.funcs)), l.cost)...)
			j.charges = true
		}
		from = l.at
	}
	f.Code = append(code, f.Code[from:]...)
	return nil
}
