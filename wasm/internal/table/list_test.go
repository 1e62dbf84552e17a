package table_test

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rungpolicy/rung/wasm/internal/table"
)

// check asks for values and holds the answers against what is wanted.
func check[T any](n engine, values []T, ask func(T), want func(T) bool) {
	n.tb().Helper()
	for some := range slices.Chunk(values, 4096) { // more would not fit a pipe
		for _, v := range some {
			ask(v)
		}
		for i, got := range n.answers(len(some)) {
			if w := want(some[i]); w != (got == 1) || got > 1 {
				n.tb().Errorf("%v: %d, want %v", some[i], got, w)
			}
		}
	}
}

func TestTexts(t *testing.T) {
	t.Parallel()
	everywhere(t, lookTexts)
}

func lookTexts(n engine) {
	from := n.top()
	r := rand.New(rand.NewPCG(5, 6))
	word := func(most int) string {
		b := make([]byte, r.IntN(most))
		for i := range b {
			b[i] = "ab\x00\xff"[r.IntN(4)]
		}
		return strings.Repeat("z", r.IntN(2)*r.IntN(20)) + string(b)
	}
	for range 400 {
		list := make([]string, r.IntN(40))
		most := 1 + r.IntN(12)
		for i := range list {
			list[i] = word(most)
		}
		at := n.put(table.Texts(list))
		asked := slices.Clone(list)
		for range 400 {
			asked = append(asked, word(most))
		}
		check(n, asked, func(s string) { n.call('S', at, n.text(s)) }, func(s string) bool { return slices.Contains(list, s) })
		n.forget(from)
	}
}

func TestTextsMany(t *testing.T) {
	t.Parallel()
	everywhere(t, lookTextsMany)
}

func lookTextsMany(n engine) {
	r := rand.New(rand.NewPCG(7, 8))
	known := map[string]bool{}
	var list []string
	for range 20_000 {
		s := randomText(r)
		known[s] = true
		list = append(list, s)
	}
	data := table.Texts(list)
	if size := len(strings.Join(list, "")); len(data) > size+8*len(list) {
		n.tb().Errorf("%d bytes for %d texts of %d", len(data), len(list), size)
	}
	at := n.put(data)
	for range 20_000 {
		list = append(list, randomText(r))
	}
	check(n, list, func(s string) { n.call('S', at, n.text(s)) }, func(s string) bool { return known[s] })
}

func randomText(r *rand.Rand) string {
	b := make([]byte, 3+r.IntN(30))
	for i := range b {
		b[i] = byte('a' + r.IntN(3))
	}
	return string(b)
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	everywhere(t, lookNumbers)
}

func lookNumbers(n engine) {
	from := n.top()
	r := rand.New(rand.NewPCG(9, 10))
	for range 400 {
		var ints []int64
		var uints []uint64
		var doubles []float64
		for range r.IntN(20) {
			v := someInt(r)
			ints, uints, doubles = append(ints, v), append(uints, uint64(v)), append(doubles, someDouble(r))
		}
		asked := slices.Clone(ints)
		fractions := slices.Clone(doubles)
		for range 60 {
			asked, fractions = append(asked, someInt(r)), append(fractions, someDouble(r))
		}
		signed, unsigned, bits := n.put(table.Ints(ints)), n.put(table.Uints(uints)), n.put(table.Doubles(doubles))
		check(n, asked, func(v int64) { n.call('I', signed, uint64(v)) }, func(v int64) bool { return slices.Contains(ints, v) })
		check(n, asked, func(v int64) { n.call('I', unsigned, uint64(v)) }, func(v int64) bool { return slices.Contains(uints, uint64(v)) })
		check(n, fractions, func(v float64) { n.call('I', bits, math.Float64bits(v+0)) }, func(v float64) bool { return slices.Contains(doubles, v) })
		n.forget(from)
	}
}

func someInt(r *rand.Rand) int64 {
	v := []int64{0, 1, -1, math.MaxInt64, math.MinInt64, 1 << 32, 7}[r.IntN(7)]
	return v + int64(r.IntN(5))
}

func someDouble(r *rand.Rand) float64 {
	return []float64{0, math.Copysign(0, -1), 1, -1, math.NaN(), math.Inf(1), math.Inf(-1), 0.1, 1e300, 5e-324, -5e-324}[r.IntN(11)]
}

func TestTimes(t *testing.T) {
	t.Parallel()
	everywhere(t, lookTimes)
}

func lookTimes(n engine) {
	from := n.top()
	r := rand.New(rand.NewPCG(11, 12))
	some := func() time.Time {
		seconds := []int64{-62135596800, 253402300799, 0, -1, 1 << 32, 1<<32 - 1}[r.IntN(6)]
		return time.Unix(seconds, int64(r.IntN(3))*499_999_999)
	}
	for range 400 {
		list := make([]time.Time, r.IntN(20))
		for i := range list {
			list[i] = some()
		}
		asked := slices.Clone(list)
		for range 60 {
			asked = append(asked, some())
		}
		at := n.put(table.Times(list))
		check(n, asked, func(v time.Time) {
			offset := uint64(r.IntN(3)-1) << 32
			n.call('T', at, uint64(v.Unix()), uint64(v.Nanosecond())|offset)
		}, func(v time.Time) bool { return slices.ContainsFunc(list, v.Equal) })
		n.forget(from)
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	everywhere(t, lookAddresses)
}

func lookAddresses(n engine) {
	from := n.top()
	r := rand.New(rand.NewPCG(13, 14))
	for range 1500 {
		list := make([]netip.Prefix, r.IntN(25))
		var asked []netip.Addr
		for i := range list {
			a := someAddr(r)
			bits := []int{a.BitLen(), a.BitLen() - r.IntN(4), r.IntN(a.BitLen() + 1)}[r.IntN(3)]
			list[i] = netip.PrefixFrom(a, bits).Masked()
			asked = append(asked, a, list[i].Addr(), list[i].Addr().Prev(), list[i].Addr().Next(), a.Prev(), a.Next())
		}
		for range 60 {
			asked = append(asked, someAddr(r))
		}
		asked = slices.DeleteFunc(asked, func(a netip.Addr) bool { return !a.IsValid() })
		at := n.put(table.Addresses(list))
		check(n, asked, func(a netip.Addr) { n.call('A', at, n.put(address(a))) }, func(a netip.Addr) bool {
			return slices.ContainsFunc(list, func(p netip.Prefix) bool { return p.Contains(a) })
		})
		n.forget(from)
	}
}

// address is an address as it lies in memory.
func address(a netip.Addr) []byte {
	b := a.As16()
	family := byte(6)
	if a.Is4() {
		family = 4
	}
	return append([]byte{family, 0, 0, 0}, b[:]...)
}

func someAddr(r *rand.Rand) netip.Addr {
	if r.IntN(2) == 0 {
		var b [4]byte
		binary.BigEndian.PutUint32(b[:], []uint32{0, 1 << 31, 0x0a000000, 0xffffffff, 0x0a0000ff}[r.IntN(5)]^uint32(r.IntN(16)))
		return netip.AddrFrom4(b)
	}
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], []uint64{0, 0x20010db8_00000000, math.MaxUint64, 1}[r.IntN(4)]^uint64(r.IntN(2)))
	binary.BigEndian.PutUint64(b[8:], []uint64{0, 0xffff_0a000000, math.MaxUint64, 1 << 63}[r.IntN(4)]^uint64(r.IntN(16)))
	return netip.AddrFrom16(b)
}
