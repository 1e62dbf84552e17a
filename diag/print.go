package diag

import (
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Print writes diagnostics for people: what is wrong, where, the author's line with the offending words underlined, why,
// and the way out.
//
//	error: the resource of action `transfer.create` has no attribute `amuont` [cel-unknown]
//	  --> transfers.rung.hcl:14:22
//	   |
//	14 |     when = "resource.amuont > 1000.0"
//	   |                      ^^^^^^
//	   = did you mean `amount`?
//
// The function source finds a file by its name; it may be nil, and may return nil, and the excerpt is then left out. Text of the
// author's is shown, not obeyed: control characters cannot reach the terminal. The error is that of w.
func Print(w io.Writer, l List, source func(name string) *Source, color bool) error {
	p := printer{source: source, color: color}
	for i, d := range l {
		if i > 0 {
			p.line("")
		}
		p.diagnostic(d)
	}
	_, err := io.WriteString(w, p.out.String())
	return err
}

// Cells of a terminal: what an excerpt takes at most, and how much of a longer line stands before the underlined part.
const (
	maxCells  = 110
	leadCells = 40
	tabCells  = 4
)

// maxLines is how many lines of a range are shown whole; of a longer one, the first and the last.
const maxLines = 4

type printer struct {
	out    strings.Builder
	source func(string) *Source
	color  bool
	// shown is the line that was shown last: a file of one long line may have a thousand diagnostics.
	shown line
}

// line is a line of a source, taken apart.
type line struct {
	src   *Source
	n     int
	text  string
	cells []cell
	width int // of all cells
}

// read takes a line apart, unless it is the last one again.
func (p *printer) read(src *Source, n int) *line {
	if p.shown.src != src || p.shown.n != n {
		text := src.Line(n)
		p.shown = line{src: src, n: n, text: text, cells: cells(text)}
		for _, c := range p.shown.cells {
			p.shown.width += c.width
		}
	}
	return &p.shown
}

// The colours of terminals, as SGR parameters.
const (
	bold   = "1"
	red    = "1;31"
	yellow = "1;33"
	cyan   = "1;36"
	blue   = "1;34"
	green  = "1;32"
)

func (p *printer) paint(sgr, s string) string {
	if !p.color || s == "" {
		return s
	}
	return "\x1b[" + sgr + "m" + s + "\x1b[0m"
}

func (p *printer) line(s string) { p.out.WriteString(strings.TrimRight(s, " ") + "\n") }

func severityColor(s Severity) string {
	switch s {
	case Error:
		return red
	case Warning:
		return yellow
	case Info:
		return cyan
	}
	return bold
}

func (p *printer) diagnostic(d Diagnostic) {
	head := p.paint(severityColor(d.Severity), d.Severity.String()) + p.paint(bold, ": "+oneLine(d.Summary))
	if d.Code != "" {
		head += " [" + oneLine(d.Code) + "]"
	}
	p.line(head)
	gutter := p.gutter(d)
	p.place(d.Range, gutter, severityColor(d.Severity), "^")
	if d.Detail != "" {
		p.note(gutter, d.Detail)
	}
	if !strings.Contains(d.Detail, "did you mean `"+d.Suggestion+"`") {
		p.suggestion(gutter, d.Suggestion)
	}
	for _, r := range d.Related {
		p.line(strings.Repeat(" ", gutter) + p.paint(blue, " = ") + p.paint(bold, "note") + ": " + oneLine(r.Message))
		p.place(r.Range, gutter, blue, "-")
	}
}

// gutter is the width of the column of line numbers, the same for all excerpts of a diagnostic.
func (p *printer) gutter(d Diagnostic) int {
	last := lastLine(d.Range)
	for _, r := range d.Related {
		last = max(last, lastLine(r.Range))
	}
	return max(2, len(strconv.Itoa(last)))
}

// lastLine is the last line that a range has something of: not the one at whose very start it ends.
func lastLine(r Range) int {
	if r.End.Column == 1 && r.End.Line > r.Start.Line {
		return r.End.Line - 1
	}
	return max(r.Start.Line, r.End.Line)
}

func (p *printer) note(gutter int, text string) {
	mark := p.paint(blue, " = ")
	for _, s := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		p.line(strings.Repeat(" ", gutter) + mark + Visible(s))
		mark = "   "
	}
}

func (p *printer) suggestion(gutter int, s string) {
	if s == "" {
		return
	}
	if !strings.Contains(s, "\n") {
		p.line(strings.Repeat(" ", gutter) + p.paint(blue, " = ") + "did you mean " + p.paint(green, "`"+Visible(s)+"`") + "?")
		return
	}
	p.note(gutter, "did you mean\n"+strings.TrimRight(s, "\n"))
}

// place writes where a range is, and the excerpt if its source is at hand.
func (p *printer) place(r Range, gutter int, color, mark string) {
	if r.File == "" {
		return
	}
	margin := strings.Repeat(" ", gutter)
	p.line(margin + p.paint(blue, "--> ") + oneLine(r.String()))
	src := p.find(r.File)
	if src == nil {
		return
	}
	p.line(margin + p.paint(blue, " |"))
	end := lastLine(r)
	for n := r.Start.Line; n <= end; n++ {
		if n == r.Start.Line+1 && end-r.Start.Line >= maxLines {
			p.line(margin[1:] + p.paint(blue, "..."))
			n = end
		}
		l := p.read(src, n)
		from, to := l.columns(r)
		text, under := l.excerpt(from, to, mark)
		number := strconv.Itoa(n)
		p.line(p.paint(blue, strings.Repeat(" ", gutter-len(number))+number+" | ") + text)
		if strings.TrimSpace(under) != "" {
			pad := len(under) - len(strings.TrimLeft(under, " "))
			p.line(margin + p.paint(blue, " | ") + under[:pad] + p.paint(color, under[pad:]))
		}
	}
}

func (p *printer) find(name string) *Source {
	if p.source == nil {
		return nil
	}
	return p.source(name)
}

// columns are the first column of the line that a range holds, and the one past the last. On all lines but the first, indentation is
// left out.
func (l *line) columns(r Range) (from, to int) {
	from, to = 1, len(l.cells)+1
	if l.n == r.Start.Line {
		from = r.Start.Column
	} else {
		from += len(l.text) - len(strings.TrimLeft(l.text, " \t"))
	}
	if l.n == r.End.Line {
		to = min(to, r.End.Column)
	}
	if l.n == r.Start.Line {
		to = max(to, from+1) // an empty range shows its place
	}
	return from, to
}

// cell is a code point as a terminal shows it.
type cell struct {
	text  string
	width int
}

// cells splits a line into its code points, so that column c is cell c-1.
func cells(line string) []cell {
	out := make([]cell, 0, len(line))
	at := 0
	for i := 0; i < len(line); {
		r, size := utf8.DecodeRuneInString(line[i:])
		c := show(r)
		if r == '\t' {
			w := tabCells - at%tabCells
			c = cell{strings.Repeat(" ", w), w}
		}
		out = append(out, c)
		at += c.width
		i += size
	}
	return out
}

// excerpt returns a line for showing and the underline of its columns [from, to). A line too wide for a screen is cut around
// the first of them.
func (l *line) excerpt(from, to int, mark string) (text, under string) {
	cs := l.cells
	from = max(0, min(from-1, len(cs)))
	to = max(from, to-1)
	first, last := l.window(from)
	var t, u strings.Builder
	if first > 0 {
		t.WriteString("…")
		u.WriteString(" ")
	}
	for i := first; i < last; i++ {
		t.WriteString(cs[i].text)
		m := " "
		if i >= from && i < to {
			m = mark
		}
		u.WriteString(strings.Repeat(m, cs[i].width))
	}
	if last < len(cs) {
		t.WriteString("…")
	}
	if from >= len(cs) || !strings.Contains(u.String(), mark) {
		if to > from {
			u.WriteString(mark) // past the end of the line, or under something without a width
		}
	}
	return t.String(), strings.TrimRight(u.String(), " ")
}

// window is the stretch of cells to show, given the one that must be seen.
func (l *line) window(must int) (first, last int) {
	cs := l.cells
	if l.width <= maxCells {
		return 0, len(cs)
	}
	before := 0
	for _, c := range cs[:must] {
		before += c.width
	}
	for skip := min(before-leadCells, l.width-maxCells); skip > 0 && first < must; first++ {
		skip -= cs[first].width
	}
	last = first
	for room := maxCells; last < len(cs) && room >= cs[last].width; last++ {
		room -= cs[last].width
	}
	return first, last
}

// Visible is text for a terminal: what the terminal would obey, or what could make a text read as what it is not, is replaced, tabs are
// blanks. Everything that comes out of a policy or a request passes through it before it is shown.
func Visible(s string) string {
	var b strings.Builder
	for _, c := range cells(s) {
		b.WriteString(c.text)
	}
	return b.String()
}

func oneLine(s string) string { return Visible(strings.ReplaceAll(s, "\n", " ")) }

// show is a code point as a terminal may have it: control characters and those that change the direction of writing (which
// could make a policy read as what it is not) become a replacement.
func show(r rune) cell {
	switch {
	case r == utf8.RuneError, unicode.IsControl(r), bidi(r), r == '\u2028', r == '\u2029':
		return cell{"\uFFFD", 1}
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf), r >= '\u1160' && r <= '\u11FF':
		return cell{string(r), 0}
	case wide(r):
		return cell{string(r), 2}
	}
	return cell{string(r), 1}
}

func bidi(r rune) bool {
	return r >= '\u202A' && r <= '\u202E' || r >= '\u2066' && r <= '\u2069' || r == '\u200E' || r == '\u200F' || r == '\u061C'
}

// wide reports whether a terminal gives a code point two cells: Unicode's East Asian Width W and F, in coarse ranges.
func wide(r rune) bool {
	if r < 0x1100 {
		return false
	}
	for _, x := range [...][2]rune{
		{0x1100, 0x115F},
		{0x231A, 0x231B},
		{0x2329, 0x232A},
		{0x23E9, 0x23EC},
		{0x25FD, 0x25FE},
		{0x2614, 0x2615},
		{0x2648, 0x2653},
		{0x26A1, 0x26A1},
		{0x2705, 0x2705},
		{0x270A, 0x270B},
		{0x2728, 0x2728},
		{0x274C, 0x274E},
		{0x2753, 0x2757},
		{0x2795, 0x2797},
		{0x27B0, 0x27BF},
		{0x2B1B, 0x2B1C},
		{0x2B50, 0x2B55},
		{0x2E80, 0x303E},
		{0x3041, 0x33FF},
		{0x3400, 0x4DBF},
		{0x4E00, 0xA4CF},
		{0xA960, 0xA97F},
		{0xAC00, 0xD7A3},
		{0xF900, 0xFAFF},
		{0xFE10, 0xFE19},
		{0xFE30, 0xFE6F},
		{0xFF00, 0xFF60},
		{0xFFE0, 0xFFE6},
		{0x16FE0, 0x18AFF},
		{0x1B000, 0x1B2FF},
		{0x1F004, 0x1F004},
		{0x1F0CF, 0x1F0CF},
		{0x1F18E, 0x1F18E},
		{0x1F191, 0x1F19A},
		{0x1F200, 0x1F320},
		{0x1F32D, 0x1F64F},
		{0x1F680, 0x1F6FF},
		{0x1F7E0, 0x1F7EB},
		{0x1F90C, 0x1F9FF},
		{0x1FA70, 0x1FAFF},
		{0x20000, 0x3FFFD},
	} {
		if r >= x[0] && r <= x[1] {
			return true
		}
	}
	return false
}
