package guest_test

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
)

// infinite is how `format` names what is no number; "" of a number.
func infinite(v float64) string {
	switch {
	case math.IsNaN(v):
		return "NaN"
	case math.IsInf(v, 1):
		return "Infinity"
	case math.IsInf(v, -1):
		return "-Infinity"
	}
	return ""
}

func TestFormatDoubles(t *testing.T) {
	t.Parallel()
	r := newRand()
	var calls []call
	add := func(v float64, decimals int) {
		plain, fixed, scientific := infinite(v), infinite(v), infinite(v)
		if plain == "" {
			plain = strconv.FormatFloat(v, 'f', -1, 64)
			fixed = strconv.FormatFloat(v, 'f', decimals, 64)
			scientific = strconv.FormatFloat(v, 'e', decimals, 64)
		}
		bits := math.Float64bits(v)
		calls = append(calls,
			call{"rt_double_plain", []any{bits}, made(plain)},
			call{"rt_double_rounded", []any{bits, uint64(decimals), uint64(0)}, made(fixed)},
			call{"rt_double_rounded", []any{bits, uint64(decimals), uint64(1)}, made(scientific)})
	}
	for _, v := range []float64{0, 1, 0.5, 1.5, 2.5, 0.25, 0.05, 0.005, 9.5, 9.995, 99.5, 999999.5, 1e21, 1e22, 1e23, 5e-324, math.MaxFloat64, math.Inf(1), math.NaN(), 1.0 / 3, 123456789.125} {
		for _, decimals := range []int{0, 1, 2, 3, 6, 17, 100} {
			add(v, decimals)
			add(-v, decimals)
		}
	}
	for range 6000 {
		add(math.Float64frombits(r.Uint64()), r.IntN(101))
		add(float64(int64(number(r)))/math.Pow10(r.IntN(12)), r.IntN(8))
		add(float64(r.IntN(2000))/float64(int(1)<<r.IntN(10)), r.IntN(4)) // halves of the last place
	}
	run(t, calls)
}

func TestFormatBases(t *testing.T) {
	t.Parallel()
	r := newRand()
	var calls []call
	for range 6000 {
		n := number(r)
		shift := []int{1, 3, 4}[r.IntN(3)]
		upper := r.IntN(2)
		letters := func(s string) result {
			if upper == 1 {
				return made(strings.ToUpper(s))
			}
			return made(s)
		}
		s := runes(r)
		calls = append(calls,
			call{"rt_uint_base", []any{n, uint64(shift), uint64(upper)}, letters(strconv.FormatUint(n, 1<<shift))},
			call{"rt_int_base", []any{n, uint64(shift), uint64(upper)}, letters(strconv.FormatInt(int64(n), 1<<shift))},
			call{"rt_str_hex", []any{s, uint64(upper)}, letters(fmt.Sprintf("%x", s))})
	}
	run(t, calls)
}

// TestGrow builds a text of parts that lie where it grows, in WebAssembly alone.
func TestGrow(t *testing.T) {
	t.Parallel()
	m := instantiate(t, compiler())
	r := newRand()
	put := func(s string) uint64 { return uint64(len(s))<<32 | uint64(m.put(s)) }
	for i := range 2000 {
		m.heap.Set(m.start)
		before := put(letters(r, 9))
		text, want := m.heap.Get(), ""
		for range r.IntN(12) {
			part := letters(r, 9)
			if i < 4 {
				part = strings.Repeat("x", 200_000+r.IntN(9))
			}
			at := before
			if r.IntN(4) > 0 {
				if r.IntN(3) == 0 {
					m.put("between") // is given up
				}
				at = put(part)
			} else {
				b, _ := m.Memory().Read(uint32(before), uint32(before>>32))
				part = string(b)
			}
			text = m.raw(t, "rt_str_grow", text, at)
			if want += part; len(want) > 1<<20 {
				break
			}
		}
		if len(want) > 1<<20 {
			if text>>32 != 1<<20+1 {
				t.Fatalf("%d bytes: %d", len(want), text>>32)
			}
			continue
		}
		b, _ := m.Memory().Read(uint32(text), uint32(text>>32))
		if string(b) != want {
			t.Fatalf("%q, want %q", b, want)
		}
	}
}
