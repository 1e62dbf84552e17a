// Package fuel bounds what a module can do, and knows nothing of policies.
//
// The machine: a module has no recursion, so that what runs for long are loops. Each loop begins with a sequence of instructions that takes from a
// global variable, the fuel, what one round of the loop costs, and traps when there is none left. What is not in a loop runs at
// most once for each time that its function is called, and what it costs is a part of what the call costs: so functions need no sequence of
// their own, and what the entry costs, with all that it calls and without its loops, is a number that is known before it runs. The entry begins by
// filling up the fuel. Nothing else writes it.
//
//	entry    i32.const 67108864-2391  global.set $fuel  …
//	a loop   loop  global.get $fuel  i32.const 171  i32.sub  global.set $fuel  global.get $fuel  i32.const 0  i32.lt_s  if unreachable end  …
//
// [Insert] puts this into a module, and [Check] proves of any bytes that it is there. Both ask the same function what a round costs (measure.go), by the
// same table (price.go), and both have the bytes of the sequence from the same place (sequence.go).
//
// What something costs is the most that a way through it can: of two branches the dearer. A unit is about a nanosecond of the slowest code that a
// module can be made of, and for most modules far less; price.go says what was measured.
package fuel

import (
	"fmt"

	"github.com/rungpolicy/rung/wasm/internal/binary"
)

// Max is the most fuel that a module can be given.
const Max = 1<<31 - 1

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
