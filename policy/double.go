package policy

import (
	"errors"
	"strconv"
	"strings"
)

// maxWhole is how many digits before its point of a number [strconv.ParseFloat] knows to be there, where it has to look at them all.
const maxWhole = 800

// ParseDouble is [strconv.ParseFloat] to the nearest double, however many digits a number has. Of an exponent, digits are read until it
// is 10,000 or more, as there.
func ParseDouble(s string) (float64, error) {
	f, err := strconv.ParseFloat(s, 64)
	if len(s) <= maxWhole || errors.Is(err, strconv.ErrSyntax) || strings.ContainsAny(s, "xX") {
		return f, err
	}
	if moved, ok := pointInFront(s); ok {
		return strconv.ParseFloat(moved, 64)
	}
	return f, err
}

// pointInFront writes a decimal number with all its digits behind the point, where any number of them may stand. It returns false if the number is
// fine as it is.
func pointInFront(s string) (string, bool) {
	mantissa, exponent := strings.ReplaceAll(s, "_", ""), ""
	if i := strings.IndexAny(mantissa, "eE"); i >= 0 {
		mantissa, exponent = mantissa[:i], mantissa[i+1:]
	}
	sign := mantissa[:len(mantissa)-len(strings.TrimLeft(mantissa, "+-"))]
	whole, fraction, _ := strings.Cut(mantissa[len(sign):], ".")
	whole = strings.TrimLeft(whole, "0")
	if len(whole) <= maxWhole {
		return "", false
	}
	return sign + "0." + whole + fraction + "e" + strconv.Itoa(readExponent(exponent)+len(whole)), true
}

// readExponent reads digits until there is no more to them than too much.
func readExponent(s string) int {
	const enough = 10_000
	n := 0
	for _, c := range strings.TrimLeft(s, "+-") {
		if n < enough {
			n = n*10 + int(c-'0')
		}
	}
	if strings.HasPrefix(s, "-") {
		return -n
	}
	return n
}
