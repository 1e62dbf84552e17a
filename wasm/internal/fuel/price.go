package fuel

import "github.com/rungpolicy/rung/wasm/internal/binary"

// price is what an instruction costs, beside what a call runs.
//
// Most instructions take less than a nanosecond, and cost 1. The others cost as much more as they take at worst, on machine code that wazero makes:
// a load waits for memory where it misses all caches and the tables of addresses (up to 270 ns in 32 MiB), a store seldom does (40 ns); arithmetic of
// floating-point numbers that are nearly zero is done in microcode (60 ns for two); division takes 20 ns; a call 2 ns; to grow the memory leaves the machine
// code (100 ns), and now and then copies it. So the same fuel is about the same time whatever a module does, and a bound on it is a bound on time: package
// host has a benchmark of modules that take as long as they can.
func price(op binary.Op) int64 {
	switch {
	case op >= binary.OpI32Load && op <= binary.OpI64Load32U:
		return 64
	case op >= binary.OpI32Store && op <= binary.OpI64Store32:
		return 16
	case op >= binary.OpF32Ceil && op <= binary.OpF32Max, op >= binary.OpF64Ceil && op <= binary.OpF64Max,
		op == binary.OpF32DemoteF64, op == binary.OpF64PromoteF32:
		return 64
	case op >= binary.OpI32DivS && op <= binary.OpI32RemU, op >= binary.OpI64DivS && op <= binary.OpI64RemU, truncates(op):
		return 16
	case op == binary.OpCall:
		return 4
	case op == binary.OpMemoryGrow:
		return 512
	}
	return 1
}

func truncates(op binary.Op) bool {
	return op >= binary.OpI32TruncF32S && op <= binary.OpI32TruncF64U || op >= binary.OpI64TruncF32S && op <= binary.OpI64TruncF64U ||
		op >= binary.OpI32TruncSatF32S && op <= binary.OpI64TruncSatF64U
}

// limit is where costs stop to grow: more than there can be fuel.
const limit = Max + 1

func add(a, b int64) int64 { return min(a+b, limit) }
