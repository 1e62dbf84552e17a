package emit

import (
	"encoding/binary"
	"math/bits"
	"net/netip"

	"github.com/rungpolicy/rung/wasm/abi"
	wasm "github.com/rungpolicy/rung/wasm/internal/binary"
	"github.com/rungpolicy/rung/wasm/internal/ir"
)

// inRange emits whether an address is in a constant range: the family, and as many of the bits as the range has, word by word. Bytes that a
// word has beyond them are masked out.
func (f *fn) inRange(n *ir.Node) {
	p, _ := n.Value.(netip.Prefix)
	at := f.keep(n.Args[0])[0]
	bytes := p.Addr().As16()
	from, size := 0, p.Bits()
	family := int32(6)
	if p.Addr().Is4() {
		from, family = 12, 4
	}
	f.LocalGet(at)
	f.Mem(wasm.OpI32Load8U, abi.AddressFamily)
	f.I32Const(family)
	f.Op(wasm.OpI32Eq)
	for ; size > 0; size -= 32 {
		mask := bits.ReverseBytes32(^uint32(0) << max(0, 32-size))
		f.LocalGet(at)
		f.Mem(wasm.OpI32Load, uint32(abi.AddressBytes+from))
		if size < 32 {
			f.I32Const(int32(mask))
			f.Op(wasm.OpI32And)
		}
		f.I32Const(int32(binary.LittleEndian.Uint32(bytes[from:]) & mask))
		f.Op(wasm.OpI32Eq)
		f.Op(wasm.OpI32And)
		from += 4
	}
}
