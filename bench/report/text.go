package report

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/rungpolicy/rung/bench/measure"
)

// Duration writes nanoseconds in the unit that reads best, with three digits.
func Duration(ns float64) string {
	for _, u := range []struct {
		least float64
		name  string
	}{{1e9, "s"}, {1e6, "ms"}, {1e3, "µs"}} {
		if ns >= u.least*0.9995 {
			return digits(ns/u.least) + " " + u.name
		}
	}
	return digits(ns) + " ns"
}

// Size writes bytes.
func Size(bytes float64) string {
	for _, u := range []struct {
		least float64
		name  string
	}{{1 << 20, "MiB"}, {1 << 10, "KiB"}} {
		if bytes >= u.least {
			return digits(bytes/u.least) + " " + u.name
		}
	}
	return strconv.Itoa(int(bytes+0.5)) + " B"
}

// Number writes a number without unit, with two digits at least.
func Number(v float64) string {
	switch {
	case v >= 99.5:
		return fmt.Sprintf("%.0f", v)
	case v >= 9.95:
		return fmt.Sprintf("%.1f", v)
	case v >= 0.0995:
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.3f", v)
}

// Ratio writes a ratio and the quartiles of those of single rounds.
func Ratio(r measure.Ratio) string {
	return fmt.Sprintf("%s (%s–%s)", Number(r.Value), Number(r.Low), Number(r.High))
}

func digits(v float64) string {
	switch {
	case v >= 99.95:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case v >= 9.995:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 2, 64)
}

// Thousands writes a count.
func Thousands(v float64) string {
	s := strconv.Itoa(int(v + 0.5))
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Table writes a table in Markdown; all columns but the first are aligned to the right.
func Table(head []string, rows [][]string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| %s |\n| ---%s |\n", strings.Join(head, " | "), strings.Repeat(" | ---:", len(head)-1))
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(r, " | "))
	}
	return b.String()
}
