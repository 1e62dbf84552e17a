package policy_test

import (
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/rungpolicy/rung/policy"
)

// TestParseDouble holds it against numbers of any size, rounded once.
func TestParseDouble(t *testing.T) {
	t.Parallel()
	nines := func(n int) string { return strings.Repeat("9", n) }
	texts := []string{
		nines(2000) + "e-1990", "-" + nines(2000) + "E-01990", "+000" + nines(801) + ".5e-790", nines(801) + "e-500", nines(2000), nines(100) + "." + nines(2000),
		nines(60_000) + "e-59990", "1" + strings.Repeat("0", 900) + "e-900", "0." + strings.Repeat("0", 900) + "1e901", strings.Repeat("0", 900), "9007199254740993" + strings.Repeat("0", 900) + "1e-901",
	}
	r := rand.New(rand.NewPCG(2026, 11))
	for range 500 {
		n := 790 + r.IntN(40)
		texts = append(texts, strconv.FormatUint(r.Uint64(), 10)+strings.Repeat(strconv.Itoa(r.IntN(10)), n)+"."+nines(r.IntN(30))+"e"+strconv.Itoa(r.IntN(600)-300-n))
	}
	for _, s := range texts {
		exact, ok := new(big.Rat).SetString(s)
		if !ok {
			t.Fatal(s)
		}
		want, _ := exact.Float64()
		got, err := policy.ParseDouble(s)
		if got != want || (err != nil) != (want-want != 0) {
			t.Errorf("%.30s… (%d bytes): %v, %v; want %v", s, len(s), got, err, want)
		}
	}
}

func TestParseDoubleOdd(t *testing.T) {
	t.Parallel()
	zeros := strings.Repeat("0", 1000)
	for s, want := range map[string]float64{
		"1" + zeros + "e-1_0_00":  1,
		"1_0" + zeros + "e-1001":  1,
		"0x1" + zeros + "p-4000":  1,
		"1" + zeros + "e-9999999": 0, // the exponent is cut: -99999
		"1.5":                     1.5,
	} {
		if got, err := policy.ParseDouble(s); got != want || err != nil {
			t.Errorf("%.20s…: %v, %v; want %v", s, got, err, want)
		}
	}
	for _, s := range []string{"", "x", "1" + zeros + "e", "1" + zeros + "_", "1" + zeros + "..", "--1" + zeros, "1" + zeros, "1" + zeros + "e9999999"} {
		if f, err := policy.ParseDouble(s); err == nil {
			t.Errorf("%.20s… is %v", s, f)
		}
	}
}
