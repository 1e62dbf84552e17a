package guest_test

import (
	"encoding/base64"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

// Codes of errors, as the language numbers them.
const indexOutOfBounds = 5

// letters is a text of few different code points, of one to four bytes, so that parts of it come back.
func letters(r *rand.Rand, n int) string {
	return chosen(r, n, "a", "b", "é", "ā", "€", "😀", "A", "Z", "z", "@", "[", "`", "{")
}

func chosen(r *rand.Rand, n int, of ...string) string {
	var b strings.Builder
	some := 1 + r.IntN(len(of))
	for range r.IntN(n + 1) {
		b.WriteString(of[r.IntN(some)])
	}
	return b.String()
}

// place is a place in a text, or near it.
func place(r *rand.Rand, s string) int64 {
	switch r.IntN(12) {
	case 0:
		return -1 - int64(r.IntN(3))
	case 1:
		return int64(number(r))
	}
	return int64(r.IntN(len([]rune(s)) + 2))
}

// leaves is a text in rt_out, or an error.
func leaves(code uint64, s string) result {
	if code != 0 {
		return result{returned: code}
	}
	return result{show: leavesStr, bytes: s}
}

// The functions of cel-go's library, on code points.

func charAt(s string, i int64) result {
	runes := []rune(s)
	switch {
	case i < 0 || i > int64(len(runes)):
		return leaves(indexOutOfBounds, "")
	case i == int64(len(runes)):
		return leaves(0, "")
	}
	return leaves(0, string(runes[i]))
}

func substring(s string, from, to int64) result {
	runes := []rune(s)
	n := int64(len(runes))
	switch {
	case from > to:
		return leaves(invalidArgument, "")
	case from < 0 || from > n || to < 0 || to > n:
		return leaves(indexOutOfBounds, "")
	}
	return leaves(0, string(runes[from:to]))
}

func index(s, part string, from int64) result {
	runes, parts := []rune(s), []rune(part)
	switch {
	case from < 0:
		return result{returned: indexOutOfBounds}
	case part == "":
		return value(0, uint64(min(from, int64(len(runes)))))
	}
	for i := from; i <= int64(len(runes)-len(parts)); i++ {
		if slices.Equal(runes[i:i+int64(len(parts))], parts) {
			return value(0, uint64(i))
		}
	}
	return value(0, ^uint64(0))
}

func lastIndex(s, part string, from int64) result {
	runes, parts := []rune(s), []rune(part)
	switch {
	case from < 0:
		return result{returned: indexOutOfBounds}
	case part == "":
		return value(0, uint64(min(from, int64(len(runes)))))
	case from >= int64(len(runes)):
		return value(0, ^uint64(0))
	}
	for i := min(int(from), len(runes)-len(parts)); i >= 0; i-- {
		if slices.Equal(runes[i:i+len(parts)], parts) {
			return value(0, uint64(i))
		}
	}
	return value(0, ^uint64(0))
}

func recase(s string, from, to rune) string {
	return strings.Map(func(c rune) rune {
		if c >= from && c <= to {
			return c ^ 0x20
		}
		return c
	}, s)
}

func reversed(s string) string {
	runes := []rune(s)
	slices.Reverse(runes)
	return string(runes)
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	r := newRand()
	var calls []call
	for range 15_000 {
		s := letters(r, 40)
		part := letters(r, 3)
		if runes := []rune(s); len(runes) > 0 && r.IntN(2) == 0 {
			i := r.IntN(len(runes))
			part = string(runes[i : i+r.IntN(min(4, len(runes)-i)+1)])
		}
		i, j := place(r, s), place(r, s)
		n := int64(len([]rune(s)))
		last := ^uint64(0)
		if n > 0 || part == "" {
			at := n - 1
			if part == "" {
				at = n
			}
			last = lastIndex(s, part, at).out[0]
		}
		calls = append(calls,
			call{"rt_str_char_at", []any{s, uint64(i)}, charAt(s, i)},
			call{"rt_str_substring", []any{s, uint64(i), uint64(j)}, substring(s, i, j)},
			call{"rt_str_index", []any{s, part, uint64(i)}, index(s, part, i)},
			call{"rt_str_last_index", []any{s, part, uint64(i)}, lastIndex(s, part, i)},
			call{"rt_str_last", []any{s, part}, result{returned: last}})
		from := substring(s, i, max(i, n))
		calls = append(calls, call{"rt_str_from", []any{s, uint64(i)}, from})
	}
	run(t, calls)
}

func TestTransform(t *testing.T) {
	t.Parallel()
	r := newRand()
	var calls []call
	for range 12_000 {
		s := letters(r, 30)
		spaced := chosen(r, 12, " ", "a", "\t", "\u00a0", "\u0085", "\u1680", "\u2000", "\u200a", "\u200b", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000", "\n", "\v", "\f", "\r",
			"\u0084", "\u0086", "\x1c", "\x08", "\x0e", "é", "\u1fff", "\u2060", "\u3001")
		calls = append(calls,
			call{"rt_str_lower", []any{s}, made(recase(s, 'A', 'Z'))},
			call{"rt_str_upper", []any{s}, made(recase(s, 'a', 'z'))},
			call{"rt_str_reverse", []any{s}, made(reversed(s))},
			call{"rt_str_trim", []any{spaced}, made(strings.TrimSpace(spaced))})
	}
	for c := range rune(0x3100) {
		s := string(c)
		calls = append(calls, call{"rt_str_trim", []any{s}, made(strings.TrimSpace(s))})
	}
	run(t, calls)
}

// bounded is a text, unless it is longer than one may be.
func bounded(s string) result {
	if len(s) > 1<<20 {
		return leaves(limit, "")
	}
	return leaves(0, s)
}

func quoted(s string) string {
	return `"` + strings.NewReplacer("\a", `\a`, "\b", `\b`, "\f", `\f`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "\v", `\v`, `\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

func splitted(s, by string, n int) result {
	parts := strings.SplitN(s, by, n)
	if len(parts) > 1<<16 {
		return result{returned: limit}
	}
	return result{show: leavesTexts, bytes: texts(parts)}
}

func TestReplaceAndSplit(t *testing.T) {
	t.Parallel()
	r := newRand()
	var calls []call
	add := func(s, old, by string, n int) {
		count := []any{s, old, by, uint64(n)}
		calls = append(calls,
			call{"rt_str_replace", count, bounded(strings.Replace(s, old, by, n))},
			call{"rt_str_split", []any{s, old, uint64(n)}, splitted(s, old, n)})
	}
	for range 15_000 {
		add(letters(r, 20), letters(r, 2), letters(r, 4), r.IntN(8)-2)
	}
	half := strings.Repeat("x", 1<<19)
	add(half, "x", "xx", -1)
	add(half, "x", "xxx", -1)
	add(half, "x", "xxx", 1<<18)
	add(half, "x", "xxx", 1<<18+1)
	add(half+half, "", "y", 1)
	add(half[:1<<16-1], "x", "y", -1)
	add(half[:1<<16], "x", "y", -1)
	add(half[:1<<16], "x", "y", 1<<16)
	add(half[:1<<16], "", "", -1)
	add(half[:1<<16+1], "", "", -1)
	add(half[:1<<16+1], "", "", 1<<16)
	run(t, calls)
}

func TestJoinAndQuote(t *testing.T) {
	t.Parallel()
	r := newRand()
	var calls []call
	add := func(list []string, by string) {
		calls = append(calls, call{"rt_str_join", []any{list, by}, bounded(strings.Join(list, by))})
	}
	for range 20_000 {
		list := make([]string, r.IntN(6))
		for i := range list {
			list[i] = letters(r, 6)
		}
		add(list, letters(r, 2))
		s := chosen(r, 10, "a", "\a", "\b", "\f", "\n", "\r", "\t", "\v", `\`, `"`, "'", "\x06", "\x0e", "é", "😀")
		calls = append(calls, call{"rt_str_quote", []any{s}, bounded(quoted(s))})
	}
	half := strings.Repeat("x", 1<<19)
	add([]string{half, half}, "")
	add([]string{half, half}, "y")
	add([]string{half, half, "", ""}, "")
	for _, s := range []string{half + half[2:], half + half[1:], half[1:] + `"`, half + half[3:] + `"`, half + half[4:] + `"`} {
		calls = append(calls, call{"rt_str_quote", []any{s}, bounded(quoted(s))})
	}
	run(t, calls)
}

func decoded(s string, padded, raw *base64.Encoding) result {
	b, err := padded.DecodeString(s)
	if err != nil {
		b, err = raw.DecodeString(s)
	}
	if err != nil {
		return leaves(badValue, "")
	}
	return leaves(0, string(b))
}

func TestBase64(t *testing.T) {
	t.Parallel()
	r := newRand()
	var calls []call
	for range 15_000 {
		b := make([]byte, r.IntN(20))
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		std, url := base64.StdEncoding.EncodeToString(b), base64.URLEncoding.EncodeToString(b)
		s := []string{std, url, base64.RawStdEncoding.EncodeToString(b), base64.RawURLEncoding.EncodeToString(b)}[r.IntN(4)]
		if r.IntN(2) == 0 {
			s = mutate(r, s, "AZaz09+/-_=\n\r .")
		}
		calls = append(calls,
			call{"rt_base64_encode", []any{string(b)}, bounded(std)},
			call{"rt_base64_encode_url", []any{string(b)}, bounded(url)},
			call{"rt_base64_decode", []any{s}, decoded(s, base64.StdEncoding, base64.RawStdEncoding)},
			call{"rt_base64_decode_url", []any{s}, decoded(s, base64.URLEncoding, base64.RawURLEncoding)})
	}
	long := strings.Repeat("x", 1<<20)
	for _, n := range []int{1 << 19, 3 << 18, 3<<18 + 1} {
		calls = append(calls, call{"rt_base64_encode", []any{long[:n]}, bounded(base64.StdEncoding.EncodeToString([]byte(long[:n])))})
	}
	run(t, calls)
}

func TestAddressTexts(t *testing.T) {
	t.Parallel()
	r := newRand()
	var calls []call
	for range 12_000 {
		a, p := randomIP(r), netip.PrefixFrom(randomIP(r), r.IntN(32))
		in := mutate(r, a.String(), "0123456789.:af/%")
		part := mutate(r, p.String(), "0123456789.:af/%")
		ip, errIP := netip.ParseAddr(in)
		okIP := errIP == nil && ip.Zone() == "" && !ip.Is4In6()
		cidr, errCIDR := netip.ParsePrefix(part)
		okCIDR := errCIDR == nil && !cidr.Addr().Is4In6()
		of := p
		if okIP && r.IntN(2) == 0 {
			of = netip.PrefixFrom(ip, r.IntN(ip.BitLen()+1))
		}
		calls = append(calls,
			call{"rt_is_ip", []any{in}, boolean(okIP)},
			call{"rt_is_cidr", []any{part}, boolean(okCIDR)},
			call{"rt_cidr_contains_ip_str", []any{cidrBytes(of), in}, told(okIP, okIP && of.Contains(ip))},
			call{"rt_cidr_contains_cidr_str", []any{cidrBytes(of), part}, told(okCIDR, okCIDR && of.Overlaps(cidr) && of.Bits() <= cidr.Bits())})
	}
	run(t, calls)
}

// told is a bool in rt_out, or a bad value.
func told(ok, is bool) result {
	if !ok {
		return result{returned: badValue}
	}
	if is {
		return value(0, 1)
	}
	return value(0, 0)
}
