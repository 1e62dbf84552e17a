package guest_test

import (
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzParse holds all that reads a text to what Go makes of it.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"-9223372036854775808", "18446744073709551615", "TRUE", "1_000.5e-3", "0x1.8p-1074", "infinity", "4.9406564584124654e-324",
		"2026-11-24T03:00:00.123456789+05:30", "-1h2.5m3µs", "1:2::3:1.2.3.4", "2001:db8::/32", "10.0.0.1/8", "\xed\xa0\x80é", "9007199254740993e0",
	} {
		f.Add(s)
	}
	m := instantiate(f, compiler())
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 1<<16 {
			return
		}
		calls := append(parseIntCalls(s), parseBoolCall(s), parseDoubleCall(s), parseTimestampCall(s), parseDurationCall(s), parseIPCall(s), parseCIDRCall(s),
			call{"rt_str_size", []any{s}, result{returned: uint64(utf8.RuneCountInString(s))}},
			call{"rt_utf8_valid", []any{s}, boolean(utf8.ValidString(s))},
			call{"rt_str_contains", []any{s, s[len(s)/3 : len(s)/2]}, boolean(true)},
			call{"rt_str_contains", []any{s, s[len(s)/3:] + "x"}, boolean(strings.Contains(s, s[len(s)/3:]+"x"))})
		if f, err := strconv.ParseFloat(s, 64); err == nil {
			calls = append(calls, doubleTextCall(f))
		}
		for _, c := range calls {
			c.check(t, "compiler", m.call(t, c))
		}
	})
}
