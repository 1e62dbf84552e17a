package rungtest

import (
	"strings"
	"unicode/utf8"

	"github.com/rungpolicy/rung/diag"
)

// Text is what went wrong in a case, for people: expected and got side by side. It is "" if nothing did.
func (r *Result) Text() string {
	if r.Passed {
		return ""
	}
	w := &textWriter{}
	w.result(r)
	return w.out.String()
}

// textWriter writes what went wrong.
type textWriter struct {
	out strings.Builder
}

func (w *textWriter) line(s string) { w.out.WriteString(strings.TrimRight(s, " ") + "\n") }

func (w *textWriter) result(r *Result) {
	w.line("FAIL  " + diag.Visible(r.Name) + "  " + r.Range.String())
	w.differences(r.Differences)
}

// differences are a table: what, expected, got.
func (w *textWriter) differences(all []Difference) {
	if len(all) == 0 {
		return
	}
	rows := [][3]string{{"", "expected", "got"}}
	for _, d := range all {
		rows = append(rows, [3]string{d.Path, orNothing(d.Expected), orNothing(d.Got)})
	}
	var width [3]int
	for _, row := range rows {
		for i, cell := range row {
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range rows {
		line := "  "
		for i, cell := range row {
			line += cell + strings.Repeat(" ", width[i]-utf8.RuneCountInString(cell)+2)
		}
		w.line(line)
	}
}

func orNothing(s string) string {
	if s == "" {
		return "(nothing)"
	}
	return diag.Visible(s)
}
