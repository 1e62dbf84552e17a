package guest_test

import (
	"cmp"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func words8(numbers []uint64) []byte {
	var b []byte
	for _, n := range numbers {
		b = binary.LittleEndian.AppendUint64(b, n)
	}
	return b
}

// few are texts of which some are equal.
func few(r *rand.Rand) []string {
	out := make([]string, r.IntN(20))
	for i := range out {
		out[i] = letters(r, 3)
	}
	return out
}

func TestSlices(t *testing.T) {
	t.Parallel()
	r := newRand()
	var calls []call
	for range 10_000 {
		l := few(r)
		i, j := int64(r.IntN(len(l)+3))-1, int64(r.IntN(len(l)+3))-1
		want := result{show: leavesTexts}
		switch n := int64(len(l)); {
		case i < 0 || j < 0:
			want.returned = indexOutOfBounds
		case i > j:
			want.returned = invalidArgument
		case j > n:
			want.returned = indexOutOfBounds
		default:
			want.bytes = texts(l[i:j])
		}
		calls = append(calls, call{"rt_list_slice", []any{l, uint64(i), uint64(j), uint64(8)}, want})
	}
	for _, n := range []int64{-1, math.MinInt64, 1<<16 + 1, math.MaxInt64} {
		code := uint64(invalidArgument)
		if n > 0 {
			code = limit
		}
		calls = append(calls, call{"rt_list_range", []any{uint64(n)}, result{returned: code}})
	}
	run(t, calls)
}

// TestSort: equal texts are the same, so that of them order says nothing; of keys it does.
func TestSort(t *testing.T) {
	t.Parallel()
	r := newRand()
	var calls []call
	for range 10_000 {
		l := few(r)
		sorted := slices.Clone(l)
		slices.Sort(sorted)
		calls = append(calls, call{"rt_list_sort", []any{l, uint64(8), uint64(0)}, result{show: leavesTexts, bytes: texts(sorted)}})
		keys := make([]string, len(l))
		by := make([]int, len(l))
		for i := range keys {
			keys[i] = chosen(r, 1, "a", "b", "c")
			by[i] = i
		}
		slices.SortStableFunc(by, func(i, j int) int { return cmp.Compare(keys[i], keys[j]) })
		for i, k := range by {
			sorted[i] = l[k]
		}
		calls = append(calls, call{"rt_list_sort_by", []any{l, keys, uint64(8), uint64(0)}, result{show: leavesTexts, bytes: texts(sorted)}})
	}
	run(t, calls)
}

// TestNumbers: lists of numbers, read back word by word.
func TestNumbers(t *testing.T) {
	t.Parallel()
	m := instantiate(t, compiler())
	r := newRand()
	numbersOf := func(list uint64) []uint64 {
		out := make([]uint64, list>>32)
		for i := range out {
			out[i] = m.word(uint32(list) + 8*uint32(i))
		}
		return out
	}
	put := func(numbers []uint64) uint64 {
		return uint64(len(numbers))<<32 | uint64(m.put(string(words8(numbers))))
	}
	doubles := []float64{0, math.Copysign(0, -1), 1, -1, math.Inf(1), math.Inf(-1), 5e-324, math.NaN()}
	kinds := map[uint64]func(a, b uint64) int{
		1: func(a, b uint64) int { return cmp.Compare(int64(a), int64(b)) },
		2: cmp.Compare[uint64],
		4: func(a, b uint64) int { return cmp.Compare(math.Float64frombits(a), math.Float64frombits(b)) },
	}
	for range 20_000 {
		m.heap.Set(m.start)
		kind := []uint64{1, 2, 4}[r.IntN(3)]
		numbers := make([]uint64, r.IntN(12))
		nan := false
		for i := range numbers {
			numbers[i] = number(r)
			if kind == 4 {
				d := doubles[r.IntN(len(doubles)-1+min(1, r.IntN(8)/7))]
				nan = nan || math.IsNaN(d)
				numbers[i] = math.Float64bits(d)
			}
		}
		l, compare := put(numbers), kinds[kind]
		code := m.raw(t, "rt_list_sort", l, 8, kind)
		want := slices.Clone(numbers)
		slices.SortStableFunc(want, compare)
		if nan != (code == invalidArgument) || !nan && !slices.Equal(numbersOf(m.word(m.out)), want) {
			t.Fatalf("sort %d %x: %d, %x", kind, numbers, code, numbersOf(m.word(m.out)))
		}
		reversed := slices.Clone(numbers)
		slices.Reverse(reversed)
		if got := numbersOf(m.raw(t, "rt_list_reverse", l, 8)); !slices.Equal(got, reversed) {
			t.Fatalf("reverse %x: %x", numbers, got)
		}
		for least := range uint64(2) {
			code := m.raw(t, "rt_list_extreme", l, kind, least)
			switch {
			case len(numbers) == 0:
				if code != invalidArgument {
					t.Fatalf("extreme of nothing: %d", code)
				}
				continue
			case nan && len(numbers) > 1:
				if code != 8 {
					t.Fatalf("extreme of NaN: %d", code)
				}
				continue
			}
			best := slices.MinFunc(numbers, func(a, b uint64) int { return compare(a, b) * (2*int(least) - 1) })
			if code != 0 || m.word(m.out) != best {
				t.Fatalf("extreme %d %d %x: %d, %x, want %x", kind, least, numbers, code, m.word(m.out), best)
			}
		}
	}
}

// TestFlatten: lists in a list, one behind the other, within the limit.
func TestFlatten(t *testing.T) {
	t.Parallel()
	m := instantiate(t, compiler())
	r := newRand()
	for i := range 300 {
		m.heap.Set(m.start)
		var lists []uint64
		var want strings.Builder
		total := 0
		for range r.IntN(6) {
			n := r.IntN(5)
			if i < 8 {
				n = 1<<14 - 2 + r.IntN(4)
			}
			part := make([]byte, 16*n)
			for k := range part {
				part[k] = byte(r.Uint32())
			}
			lists = append(lists, uint64(n)<<32|uint64(m.put(string(part))))
			want.Write(part)
			total += n
		}
		code := m.raw(t, "rt_list_flatten", uint64(len(lists))<<32|uint64(m.put(string(words8(lists)))), 16)
		if (code == limit) != (total > 1<<16) {
			t.Fatalf("%d elements: %d", total, code)
		}
		out := m.word(m.out)
		if got, _ := m.Memory().Read(uint32(out), 16*uint32(out>>32)); code == 0 && string(got) != want.String() {
			t.Fatalf("flatten of %d lists", len(lists))
		}
	}
}
