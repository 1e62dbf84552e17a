package guest_test

import (
	"cmp"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

func boolean(b bool) result {
	if b {
		return result{returned: 1}
	}
	return result{}
}

// words is a text over a small alphabet, so that parts of it come back.
func words(r *rand.Rand, n int) string {
	b := make([]byte, r.IntN(n+1))
	for i := range b {
		b[i] = "ab"[r.IntN(2)]
	}
	if r.IntN(3) == 0 && len(b) > 2 { // with a period
		p := 1 + r.IntN(len(b)-1)
		for i := p; i < len(b); i++ {
			b[i] = b[i-p]
		}
	}
	return string(b)
}

func TestCompare(t *testing.T) {
	t.Parallel()
	r := newRand()
	var calls []call
	for range 60_000 {
		a := words(r, 40)
		b := mutate(r, a, "ab\x00\xff")
		if r.IntN(4) == 0 {
			b = words(r, 12)
		}
		calls = append(calls,
			call{"rt_str_eq", []any{a, b}, boolean(a == b)},
			call{"rt_str_cmp", []any{a, b}, result{returned: uint64(cmp.Compare(a, b))}},
			call{"rt_str_starts", []any{a, b}, boolean(strings.HasPrefix(a, b))},
			call{"rt_str_starts", []any{a + b, a}, boolean(true)},
			call{"rt_str_ends", []any{a, b}, boolean(strings.HasSuffix(a, b))},
			call{"rt_str_ends", []any{b + a, a}, boolean(true)})
	}
	run(t, calls)
}

// find is the place of part in s from a byte on, as an i32.
func find(s, part string, from int) result {
	i := -1
	if from <= len(s) {
		if i = strings.Index(s[from:], part); i >= 0 {
			i += from
		}
	}
	return result{returned: uint64(i)}
}

func TestFind(t *testing.T) {
	t.Parallel()
	r := newRand()
	var calls []call
	for range 80_000 {
		s, part, from := words(r, 60), words(r, 12), 0
		if r.IntN(3) == 0 {
			from = r.IntN(len(s) + 3)
		}
		if r.IntN(4) == 0 && len(s) > 0 {
			i := r.IntN(len(s))
			part = s[i : i+r.IntN(len(s)-i)+1]
		}
		calls = append(calls,
			call{"rt_find", []any{s, part, uint64(from)}, find(s, part, from)},
			call{"rt_str_contains", []any{s, part}, boolean(strings.Contains(s, part))})
	}
	// What takes a naive search a day.
	long := strings.Repeat("a", 1<<20)
	for _, part := range []string{strings.Repeat("a", 1<<16) + "b", "b" + strings.Repeat("a", 1<<16), strings.Repeat("a", 1<<15) + "b" + strings.Repeat("a", 1<<15)} {
		calls = append(calls, call{"rt_str_contains", []any{long, part}, boolean(false)})
	}
	run(t, calls)
}

// runes is a text of all kinds of code points, whole and broken.
func runes(r *rand.Rand) string {
	var b []byte
	for range r.IntN(20) {
		switch r.IntN(6) {
		case 0:
			b = append(b, byte(r.IntN(256)))
		case 1:
			b = append(b, []string{
				"\xed\xa0\x80", "\xc0\x80", "\xe0\x80\x80", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xef\xbf\xbd", "\xf4\x8f\xbf\xbf",
				"\xed\x9f\xbf", "\xee\x80\x80", "\xe0\xa0\x80", "\xf0\x90\x80\x80", "\xc2\x80", "\xdf\xbf",
			}[r.IntN(13)]...)
		case 2:
			b = append(b, "plain ascii"...)
		default:
			b = utf8.AppendRune(b, rune(r.IntN(1<<r.IntN(22)+1)))
		}
	}
	if len(b) > 0 && r.IntN(4) == 0 {
		b = b[:r.IntN(len(b))]
	}
	return string(b)
}

func TestUTF8(t *testing.T) {
	t.Parallel()
	r := newRand()
	var calls []call
	for range 100_000 {
		s := runes(r)
		want := result{returned: badValue, show: leavesStr}
		if utf8.ValidString(s) {
			want = result{show: leavesStr, bytes: s}
		}
		calls = append(calls,
			call{"rt_str_size", []any{s}, result{returned: uint64(len([]rune(s)))}},
			call{"rt_utf8_valid", []any{s}, boolean(utf8.ValidString(s))},
			call{"rt_bytes_to_str", []any{s}, want})
		if s != "" {
			c, size := utf8.DecodeRuneInString(s)
			calls = append(calls, call{"rt_rune", []any{[]byte(s), uint64(len(s))}, result{returned: uint64(c) | uint64(size)<<24}})
		}
	}
	run(t, calls)
}

func TestConcat(t *testing.T) {
	t.Parallel()
	r := newRand()
	var calls []call
	add := func(a, b string) {
		want := result{show: leavesStr, bytes: a + b}
		if len(a+b) > 1<<20 {
			want = result{show: leavesStr, returned: limit}
		}
		calls = append(calls, call{"rt_str_concat", []any{a, b}, want}, call{"rt_bytes_concat", []any{a, b}, want})
	}
	for range 10_000 {
		add(runes(r), runes(r))
	}
	half := strings.Repeat("x", 1<<19)
	add(half, half)
	add(half, half+"y")
	add(half+half, "")
	add(half+half+"z", "")
	run(t, calls)
}

func TestCopy(t *testing.T) {
	t.Parallel()
	r := newRand()
	var calls []call
	for range 5000 {
		from := []byte(runes(r))
		to := make([]byte, len(from)+r.IntN(9))
		n := r.IntN(len(from) + 1)
		want := append([]byte(nil), to...)
		copy(want, from[:n])
		calls = append(calls, call{"rt_copy", []any{to, from, uint64(n)}, result{show: firstArgument, bytes: string(want)}})
		c := byte(r.IntN(256))
		want = []byte(strings.Repeat(string([]byte{c}), n) + string(to[n:]))
		calls = append(calls, call{"rt_fill", []any{to, uint64(c), uint64(n)}, result{show: firstArgument, bytes: string(want)}})
	}
	run(t, calls)
}
