package table

import (
	"cmp"
	"encoding/binary"
	"math"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Texts makes a set of texts, or of bytes, for rt_in_strs: constant data with an alignment of 4.
func Texts(values []string) []byte {
	sorted := slices.Clone(values)
	slices.SortFunc(sorted, compareTexts)
	sorted = slices.Compact(sorted)
	type length struct{ n, count, place int }
	var lengths []length
	place := 0
	for _, s := range sorted {
		if k := len(lengths); k == 0 || lengths[k-1].n != len(s) {
			lengths = append(lengths, length{len(s), 0, place})
		}
		lengths[len(lengths)-1].count++
		place += len(s)
	}
	out := order.AppendUint32(nil, uint32(len(lengths)))
	head := 4 + 12*len(lengths)
	for _, l := range lengths {
		for _, n := range []int{l.n, l.count, head + l.place} {
			out = order.AppendUint32(out, uint32(n))
		}
	}
	return append(out, strings.Join(sorted, "")...)
}

// compareTexts is the order of the guest's set.c: by length, then word by word as the machine reads them, the last word reaching back.
func compareTexts(a, b string) int {
	if len(a) != len(b) {
		return cmp.Compare(len(a), len(b))
	}
	for i := 0; i < len(a); i += 8 {
		at := max(0, min(i, len(a)-8))
		if c := cmp.Compare(word8(a[at:]), word8(b[at:])); c != 0 {
			return c
		}
	}
	return 0
}

// word8 is the number that the first bytes of a text make, eight at most.
func word8(s string) uint64 {
	var b [8]byte
	copy(b[:], s)
	return order.Uint64(b[:])
}

// Ints makes a set of integers, or durations, for rt_in_ints: constant data with an alignment of 8.
func Ints(values []int64) []byte {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	sorted = slices.Compact(sorted)
	out := order.AppendUint64(nil, uint64(len(sorted)))
	for _, v := range sorted {
		out = order.AppendUint64(out, uint64(v))
	}
	return out
}

// Uints is [Ints] of unsigned integers, which are looked up by their bits.
func Uints(values []uint64) []byte {
	out := make([]int64, len(values))
	for i, v := range values {
		out[i] = int64(v)
	}
	return Ints(out)
}

// Doubles is [Ints] of the bits of doubles. What is looked up must not be a negative zero: adding 0 makes it one that is not. NaN is in no set.
func Doubles(values []float64) []byte {
	var out []int64
	for _, v := range values {
		if v == v {
			out = append(out, int64(math.Float64bits(v+0)))
		}
	}
	return Ints(out)
}

// Times makes a set of timestamps for rt_in_times: constant data with an alignment of 4.
func Times(values []time.Time) []byte {
	sorted := slices.SortedFunc(slices.Values(values), time.Time.Compare)
	sorted = slices.CompactFunc(sorted, time.Time.Equal)
	out := order.AppendUint32(nil, uint32(len(sorted)))
	for _, t := range sorted {
		out = order.AppendUint64(out, uint64(t.Unix()))
		out = order.AppendUint32(out, uint32(t.Nanosecond()))
	}
	return out
}

// Addresses makes a set of addresses and ranges for rt_in_ips, an address being the range of itself: constant data with an alignment of 4. A
// range of addresses of IPv6 never holds one of IPv4.
func Addresses(values []netip.Prefix) []byte {
	var four, six []netip.Prefix
	for _, p := range values {
		if p = p.Masked(); p.Addr().Is4() {
			four = append(four, p)
		} else {
			six = append(six, p)
		}
	}
	four, six = disjoint(four), disjoint(six)
	out := order.AppendUint32(nil, uint32(len(four)))
	out = order.AppendUint32(out, uint32(len(six)))
	for _, p := range four {
		a := p.Addr().As4()
		out = order.AppendUint32(out, binary.BigEndian.Uint32(a[:]))
	}
	for _, p := range six {
		a := p.Addr().As16()
		for word := range slices.Chunk(a[:], 4) {
			out = order.AppendUint32(out, binary.BigEndian.Uint32(word))
		}
	}
	for _, p := range slices.Concat(four, six) {
		out = append(out, byte(p.Addr().BitLen()-p.Bits()))
	}
	return out
}

// disjoint sorts ranges, leaves out those within others, and makes one of two halves.
func disjoint(ranges []netip.Prefix) []netip.Prefix {
	slices.SortFunc(ranges, func(a, b netip.Prefix) int {
		return cmp.Or(a.Addr().Compare(b.Addr()), cmp.Compare(a.Bits(), b.Bits()))
	})
	var out []netip.Prefix
	for _, p := range ranges {
		if n := len(out); n > 0 && out[n-1].Overlaps(p) {
			continue
		}
		out = append(out, p)
		for n := len(out); n > 1; n = len(out) {
			whole, ok := joined(out[n-2], out[n-1])
			if !ok {
				break
			}
			out = append(out[:n-2], whole)
		}
	}
	return out
}

// joined is the range that two halves make.
func joined(a, b netip.Prefix) (netip.Prefix, bool) {
	if a.Bits() != b.Bits() || a.Bits() == 0 {
		return netip.Prefix{}, false
	}
	whole := netip.PrefixFrom(a.Addr(), a.Bits()-1)
	return whole, whole.Masked() == whole && whole.Contains(b.Addr())
}
