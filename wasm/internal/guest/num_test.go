package guest_test

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// Codes of errors, as the language numbers them.
const (
	overflow        = 6
	badValue        = 9
	invalidArgument = 10
	limit           = 12
)

func newRand() *rand.Rand { return rand.New(rand.NewPCG(2026, 11)) }

// value is a result in rt_out, or an error.
func value(code uint64, v ...uint64) result {
	if code != 0 {
		return result{returned: code}
	}
	return result{out: v}
}

// made is a text that a function returns.
func made(s string) result { return result{show: returnsStr, bytes: s} }

// number is a random number of a random length, near a boundary at times.
func number(r *rand.Rand) uint64 {
	n := r.Uint64() >> r.IntN(64)
	switch r.IntN(8) {
	case 0:
		n = uint64(1)<<r.IntN(64) + uint64(r.IntN(3)) - 1
	case 1:
		n = math.MaxUint64 - uint64(r.IntN(3))
	case 2:
		n = -n
	case 3:
		n = uint64(math.Pow10(r.IntN(19))) + uint64(r.IntN(3)) - 1
	}
	return n
}

func TestMultiply(t *testing.T) {
	t.Parallel()
	r := newRand()
	var calls []call
	for range 100_000 {
		a, b := number(r), number(r)
		if r.IntN(3) == 0 && b != 0 { // near the limit
			a = math.MaxUint64/b + uint64(r.IntN(3)) - 1
			if r.IntN(2) == 0 {
				a >>= 1
			}
		}
		x, y := new(big.Int).SetUint64(a), new(big.Int).SetUint64(b)
		code := uint64(0)
		if !x.Mul(x, y).IsUint64() {
			code = overflow
		}
		calls = append(calls, call{"rt_mul_u64", []any{a, b}, value(code, a*b)})
		x, y = big.NewInt(int64(a)), big.NewInt(int64(b))
		code = 0
		if !x.Mul(x, y).IsInt64() {
			code = overflow
		}
		calls = append(calls, call{"rt_mul_i64", []any{a, b}, value(code, a*b)})
	}
	run(t, calls)
}

func TestIntegerText(t *testing.T) {
	t.Parallel()
	r := newRand()
	var calls []call
	for range 50_000 {
		n := number(r)
		calls = append(calls,
			call{"rt_uint_to_str", []any{n}, made(strconv.FormatUint(n, 10))},
			call{"rt_int_to_str", []any{n}, made(strconv.FormatInt(int64(n), 10))})
	}
	run(t, calls)
}

// mutate changes a text in a few places, with the bytes of an alphabet mostly.
func mutate(r *rand.Rand, s, alphabet string) string {
	b := []byte(s)
	for range r.IntN(3) {
		c := alphabet[r.IntN(len(alphabet))]
		if r.IntN(20) == 0 {
			c = byte(r.IntN(256))
		}
		i := r.IntN(len(b) + 1)
		switch {
		case r.IntN(3) == 0:
			b = append(b[:i], append([]byte{c}, b[i:]...)...)
		case i < len(b) && r.IntN(2) == 0:
			b = append(b[:i], b[i+1:]...)
		case i < len(b):
			b[i] = c
		}
	}
	return string(b)
}

func TestParseInteger(t *testing.T) {
	t.Parallel()
	r := newRand()
	var calls []call
	for i := range 100_000 {
		s := strconv.FormatUint(number(r), 10)
		switch r.IntN(6) {
		case 0:
			s = strconv.FormatInt(int64(number(r)), 10)
		case 1:
			s = []string{
				"9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "18446744073709551615",
				"18446744073709551616", "18446744073709551620", "", "+", "-", "+-1", "00000000000000000000000000001",
			}[i%12]
		}
		s = mutate(r, s, "0123456789+-_ x")
		calls = append(calls, parseIntCalls(s)...)
	}
	run(t, calls)
}

func parseIntCalls(s string) []call {
	n, err := strconv.ParseInt(s, 10, 64)
	u, errU := strconv.ParseUint(s, 10, 64)
	return []call{
		{"rt_str_to_int", []any{s}, value(codeOf(err), uint64(n))},
		{"rt_str_to_uint", []any{s}, value(codeOf(errU), u)},
	}
}

func codeOf(err error) uint64 {
	if err != nil {
		return badValue
	}
	return 0
}

func TestParseBool(t *testing.T) {
	t.Parallel()
	r := newRand()
	var calls []call
	words := []string{"1", "t", "T", "true", "TRUE", "True", "0", "f", "F", "false", "FALSE", "False", "", "tRUE", "TrUe", "fALSE", "FalsE", "FALSe", "truE", "falsE"}
	for _, w := range words {
		calls = append(calls, parseBoolCall(w))
		for range 2000 {
			calls = append(calls, parseBoolCall(mutate(r, w, "trueTRUEfalsFALS01")))
		}
	}
	run(t, calls)
}

func parseBoolCall(s string) call {
	b, err := strconv.ParseBool(s)
	v := uint64(0)
	if b {
		v = 1
	}
	return call{"rt_str_to_bool", []any{s}, value(codeOf(err), v)}
}

// double is a random double: of all bit patterns, short decimals, whole, near a power of two or ten, subnormal.
func double(r *rand.Rand) float64 {
	switch r.IntN(8) {
	case 0:
		return float64(int64(number(r)))
	case 1:
		return float64(r.IntN(1_000_000)) / math.Pow10(r.IntN(8))
	case 2:
		return math.Float64frombits(math.Float64bits(math.Ldexp(1, r.IntN(2098)-1074)) + uint64(r.IntN(3)) - 1)
	case 3:
		f, _ := strconv.ParseFloat(fmt.Sprintf("%de%d", 1+r.IntN(9), r.IntN(640)-330), 64)
		return math.Float64frombits(math.Float64bits(f) + uint64(r.IntN(3)) - 1)
	case 4:
		return math.Float64frombits(r.Uint64() >> (12 + r.IntN(52)))
	}
	return math.Float64frombits(r.Uint64())
}

func doubleTextCall(f float64) call {
	return call{"rt_double_to_str", []any{math.Float64bits(f)}, made(fmt.Sprintf("%g", f))}
}

func TestDoubleText(t *testing.T) {
	t.Parallel()
	r := newRand()
	var calls []call
	add := func(f float64) { calls = append(calls, doubleTextCall(f)) }
	for e := -1074; e < 1024; e++ {
		bits := math.Float64bits(math.Ldexp(1, e))
		for d := range uint64(3) {
			add(math.Float64frombits(bits + d - 1))
		}
	}
	for _, f := range []float64{
		0, math.Copysign(0, -1), math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, math.SmallestNonzeroFloat64, 5e-324,
		1e23, 9007199254740993, 123456, 1234567, 1e20, 1e21, 1e22, 0.0001, 0.00001, 123456.7, 2.2250738585072014e-308, 2.225073858507201e-308,
	} {
		add(f)
		add(-f)
	}
	for range 150_000 {
		add(double(r))
	}
	run(t, calls)
}

func TestParseDouble(t *testing.T) {
	t.Parallel()
	r := newRand()
	var calls []call
	for _, s := range []string{
		"", "+", "-", ".", "0", "-0", "+0", "00", "0.", ".0", "1e", "1e+", "1e5", "1E5", "1e400", "-1e400", "1e-400", "1.8e308",
		"inf", "Inf", "INF", "-inf", "+INFINITY", "infinity", "infinit", "infx", "nan", "NaN", "NAN", "+nan", "-NaN", "nanx",
		"1_000", "_1", "1_", "1__0", "1_.5", "1._5", "1e_5", "1e5_", "1e1_0", "0_1", "0x_1p0", "0x1_0p0", "0x1p_1", "0x1p1_0", "0_x1p0",
		"0x", "0x1", "0x1p", "0x1p0", "0X1P0", "0x.8p1", "0x1.8p-1", "0x.p1", "0xp1", "0x1p1024", "0x1.fffffffffffff8p1023", "0x1.fffffffffffff7p1023",
		"0x1p-1074", "0x1p-1075", "0x1.0000000000001p-1075", "0x0.8p-1074", "0x123456789abcdef01p0", "0x1234567890123456789abcdefp-30", "0b1p0", "0o1",
		"2.2250738585072011e-308", "2.2250738585072012e-308", "4.9406564584124654e-324", "2.4703282292062327e-324", "2.4703282292062328e-324",
		"179769313486231580793728971405303415079934132710037826936173778980444968292764750946649017977587207096330286416692887910946555547851940402630657488671505820681908902000708383676273854845817711531764475730270069855571366959622842914819860834936475292719074168444365510704342711559699508093042880",
		"1.7976931348623158e308", "1.7976931348623159e308", "9007199254740993", "9007199254740992.999999", "9007199254740993.0000000001", "1e23", "8.5e22",
		"1e22", "1e23", "9007199254740991e22", "9007199254740992e22", "1e99999", "1e-99999", "1e999999999999", "0e999999999999",
		"0." + strings.Repeat("0", 200_000) + "1e200001", "1" + strings.Repeat("0", 400) + "e-400", "1" + strings.Repeat("0", 400) + ".5e-400",
		"9007199254740993." + strings.Repeat("0", 900) + "1", "9007199254740993." + strings.Repeat("0", 900), strings.Repeat("9", 2000) + "e-1990",
		"0.5" + strings.Repeat("0", 790) + "1", " 1", "1 ", "1,5", "١",
	} {
		calls = append(calls, parseDoubleCall(s))
	}
	for range 150_000 {
		calls = append(calls, parseDoubleCall(doubleText(r)))
	}
	run(t, calls)
}

// doubleText is a text that is mostly a double.
func doubleText(r *rand.Rand) string {
	f := double(r)
	s := strconv.FormatFloat(f, "gefx"[r.IntN(4)], -1, 64)
	switch r.IntN(6) {
	case 0: // the middle between two doubles, and a bit beside it: the hardest to round
		if x := new(big.Float).SetPrec(2000); !math.IsNaN(f) && !math.IsInf(f, 0) {
			next := math.Nextafter(f, math.Inf(1))
			if !math.IsInf(next, 0) {
				x.Add(x.SetFloat64(f), new(big.Float).SetFloat64(next))
				s = x.Quo(x, big.NewFloat(2)).Text('e', r.IntN(800))
			}
		}
	case 1:
		s = fmt.Sprintf("%de%d", r.Uint64()>>r.IntN(64), r.IntN(700)-350)
	case 2:
		s = fmt.Sprintf("0x%x.%xp%d", r.Uint64()>>r.IntN(64), r.Uint64()>>r.IntN(64), r.IntN(2300)-1150)
	}
	if r.IntN(3) == 0 {
		s = mutate(r, s, "0123456789+-_.eEpPxXinfa")
	}
	return s
}

// parseFloat is strconv.ParseFloat, but for numbers of more than 800 digits before their point, of which that takes no more than 800 to
// be there if it cannot decide quickly: here the digits are put behind the point.
func parseFloat(s string) (float64, error) {
	mantissa, exponent, ok := strings.Cut(strings.ToLower(s), "e")
	whole, fraction, _ := strings.Cut(strings.TrimLeft(mantissa, "+-"), ".")
	whole = strings.TrimLeft(whole, "0")
	_, err := strconv.ParseFloat(s, 64)
	if len(whole) <= 800 || strings.ContainsAny(s, "xX") || errors.Is(err, strconv.ErrSyntax) {
		return strconv.ParseFloat(s, 64)
	}
	if !ok {
		exponent = "0"
	}
	e, _ := strconv.Atoi(exponent)
	sign := ""
	if s[0] == '-' {
		sign = "-"
	}
	return strconv.ParseFloat(fmt.Sprintf("%s0.%s%se%d", sign, whole, fraction, e+len(whole)), 64)
}

func parseDoubleCall(s string) call {
	f, err := parseFloat(s)
	bits := math.Float64bits(f)
	if f != f {
		bits = 0x7ff8 << 48
	}
	return call{"rt_str_to_double", []any{s}, value(codeOf(err), bits)}
}

func TestDoubleToInteger(t *testing.T) {
	t.Parallel()
	r := newRand()
	var calls []call
	add := func(f float64) {
		code := uint64(0)
		if math.IsNaN(f) || f <= -1<<63 || f >= 1<<63 {
			code = overflow
		}
		calls = append(calls, call{"rt_double_to_int", []any{math.Float64bits(f)}, value(code, uint64(int64(f)))})
		code = 0
		if math.IsNaN(f) || f < 0 || f >= 1<<64 {
			code = overflow
		}
		calls = append(calls, call{"rt_double_to_uint", []any{math.Float64bits(f)}, value(code, uint64(f))})
	}
	for _, f := range []float64{0, math.Copysign(0, -1), -0.5, 0.5, -1, math.NaN(), math.Inf(1), math.Inf(-1)} {
		add(f)
	}
	for _, f := range []float64{1 << 53, 1 << 63, 1 << 64, -1 << 63, -1 << 64} {
		add(f)
		add(math.Nextafter(f, 0))
		add(math.Nextafter(f, 2*f))
	}
	for range 50_000 {
		add(double(r))
		add(math.Ldexp(r.Float64()-0.5, r.IntN(68)))
	}
	run(t, calls)
}
