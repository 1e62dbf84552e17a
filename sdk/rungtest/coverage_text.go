package rungtest

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/rungpolicy/rung/internal/traced"
)

// WriteText writes the coverage for people: how much was seen, then what was not, by place.
func (c *Coverage) WriteText(w io.Writer) error {
	var b strings.Builder
	covered := 0
	for i := range c.Conditions {
		if c.Conditions[i].Covered() {
			covered++
		}
	}
	seen, all := c.Outcomes()
	fmt.Fprintf(&b, "coverage %s: %d of %d outcomes; %d of %d sub-conditions seen true and false\n", c.String(), seen, all, covered, len(c.Conditions))
	rows := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, g := range c.Gaps() {
		fmt.Fprintf(rows, "  %s\t%s\t%s\n", g.Range, g.Missing, traced.Cut(g.Text, 80))
	}
	for _, a := range c.untested() {
		fmt.Fprintf(rows, "  %s\tno test\taction %s\n", a.Range, a.Action)
	}
	if err := rows.Flush(); err != nil {
		return err
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// String is the percentage for people, rounded down: 100 % is all.
func (c *Coverage) String() string {
	p := strconv.FormatFloat(float64(int(c.Percent()*10))/10, 'f', 1, 64)
	return strings.TrimSuffix(p, ".0") + " %"
}
