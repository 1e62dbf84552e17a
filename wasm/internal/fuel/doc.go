// Package fuel bounds what a module can do, and knows nothing of policies.
//
// The machine: a module has no recursion, so that what runs for long are loops. Each loop begins with a sequence of instructions that takes from a
// global variable, the fuel, what one round of the loop costs, and traps when there is none left. What is not in a loop runs at
// most once for each time that its function is called, and what it costs is a part of what the call costs: so functions need no sequence of
// their own, and what the entry costs, with all that it calls and without its loops, is a number that is known before it runs. The entry begins by
// filling up the fuel. Nothing else writes it.
//
//	entry    i64.const 67108864-2391  global.set $fuel  …
//	a loop   loop  global.get $fuel  i64.const 171  i64.sub  global.set $fuel  global.get $fuel  i64.const 0  i64.lt_s  if unreachable end  …
//
// Where a round costs much beside it, a call takes the charge instead, of a function that does the same and is called from nowhere else:
//
//	a loop   loop  i64.const 1710  call $charge  …
//
// [Insert] puts this into a module, and [Check] proves of any bytes that it is there. Both ask the same function what a round costs (measure.go), by the
// same table (price.go), and both have the bytes of the sequence from the same place (sequence.go).
//
// What something costs is the most that a way through it can: of two branches the dearer, of each load the time that it takes where it misses all caches. A unit
// is about two nanoseconds of the slowest code that a module can be made of, and of most modules a hundredth of that; price.go says what was measured. So no
// number is both: enough for all that a policy may have to do, and little enough for a module that is out to waste time. A host that has a clock need not choose:
// [Meter] makes of a module one that comes back to the host whenever it has spent a little, and is the same in all else.
package fuel

import (
	"fmt"

	"github.com/rungpolicy/rung/wasm/internal/binary"
)

// Max is the most fuel that a module can be given.
const Max = 1 << 40

// MaxStraight is the most that may be spent between two sequences: what the entry costs without its loops, and the dearest round of a loop, together.
const MaxStraight = 1 << 27

// Error says why a module's running is not bounded, and where: a function by its index, and a place in the file, if the module was read from one.
type Error struct {
	Func, At int
	What     string
}

// Error implements error.
func (e *Error) Error() string {
	return fmt.Sprintf("function %d, at byte %#x: %s", e.Func, e.At, e.What)
}

// at makes an error of a place in a function's code.
func at(m *binary.Module, fn, offset int, format string, args ...any) error {
	return &Error{Func: fn, At: m.Funcs[fn].At + offset, What: fmt.Sprintf(format, args...)}
}
