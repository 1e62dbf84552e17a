package hcl

import (
	"strings"

	"github.com/rungpolicy/rung/diag"
)

// formWriter writes entries as lines, which are aligned once all are there.
type formWriter struct {
	d       *decoder
	src     *diag.Source
	cel     ConditionFormatter
	newline string

	lines []*formLine
	col   int
}

// formLine is a line: `lead = assign  # remarks`. The last two are aligned with those of the lines around.
type formLine struct {
	indent  int
	blank   bool // an empty line stands before it
	lead    strings.Builder
	assign  string
	remarks []string // comments at its end
	// condition is a condition that is still to be written, as the value.
	condition *formValue
}

// open begins a line.
func (w *formWriter) open(indent int, blank bool) {
	w.lines = append(w.lines, &formLine{indent: indent, blank: blank})
	w.col = len(spaces(indent))
}

func (w *formWriter) line() *formLine { return w.lines[len(w.lines)-1] }

func (w *formWriter) write(s string) {
	w.line().lead.WriteString(s)
	if strings.Contains(s, "\n") {
		w.col = 0
	}
	w.col += textWidth(s)
}

// remark puts a comment at the end of the line.
func (w *formWriter) remark(comment string) {
	l := w.line()
	l.remarks = append(l.remarks, comment)
}

// body writes the entries of a file or block, each on a line of its own.
func (w *formWriter) body(entries []entry, indent int) {
	flat := w.oneLines(entries, indent)
	separate(entries, flat)
	for i := 0; i < len(entries); i++ {
		e := &entries[i]
		blank := e.blank && i > 0
		switch {
		case e.comment != "" && !e.newline && i > 0 && entries[i-1].comment != "" && len(w.line().remarks) == 0:
			w.write(" " + e.comment) // behind another that has a line of its own
		case e.comment != "" && !e.newline:
			w.remark(e.comment)
		case e.comment != "":
			w.open(indent, blank)
			w.write(e.comment)
		case flat[i] != "":
			w.open(indent, blank)
			w.write(flat[i])
		case e.isBlock:
			w.open(indent, blank)
			w.block(e, indent)
		case e.cel:
			i += w.condition(entries[i:], indent, blank)
		default:
			w.open(indent, blank)
			w.attribute(e, indent)
		}
	}
}

func (w *formWriter) block(e *entry, indent int) {
	w.write(e.head + " {")
	if len(e.block) == 0 {
		w.write("}")
		return
	}
	w.body(e.block, indent+1)
	w.open(indent, false)
	w.write("}")
}

// oneLines are the blocks that stay on one line, by index: those that are written so, and fit.
func (w *formWriter) oneLines(entries []entry, indent int) []string {
	flat := make([]string, len(entries))
	for i, e := range entries {
		if !e.isBlock || !e.oneLine || len(e.block) != 1 {
			continue
		}
		a := e.block[0]
		lead := e.head + " { " + a.head + " = "
		value := flatValue(a.value)
		if a.cel {
			value = strings.Join(append(a.value.before, w.conditionForm(a.value, len(spaces(indent))+textWidth(lead)+len(" }"), indent)), " ")
		}
		if line := lead + value + " }"; !strings.Contains(value, "\n") && len(spaces(indent))+textWidth(line) <= formatWidth {
			flat[i] = line
		}
	}
	return flat
}

// separate puts an empty line between two blocks, unless both are of one line.
func separate(entries []entry, flat []string) {
	last := -1
	for i, e := range entries {
		if e.comment != "" {
			continue
		}
		if last >= 0 && e.isBlock && entries[last].isBlock && (flat[i] == "" || flat[last] == "") {
			separateAt(entries[last+1 : i+1])
		}
		last = i
	}
}

// separateAt puts an empty line before the first of entries that begins a line, unless one of them has one.
func separateAt(entries []entry) {
	first := -1
	for i, e := range entries {
		if e.blank {
			return
		}
		if first < 0 && e.newline {
			first = i
		}
	}
	if first >= 0 {
		entries[first].blank = true
	}
}

// condition writes the condition that entries begin with, and the comments behind it, which move to lines before it if it becomes a heredoc:
// nothing may stand behind the marker. It returns how many comments it took.
func (w *formWriter) condition(entries []entry, indent int, blank bool) int {
	e := entries[0]
	comments := 0
	for comments+1 < len(entries) && entries[comments+1].comment != "" && !entries[comments+1].newline {
		comments++
	}
	lead := e.head
	before := strings.Join(append(e.value.before, ""), " ")
	form := ""
	if comments > 0 {
		form = w.conditionForm(e.value, len(spaces(indent))+textWidth(lead)+len(" = ")+textWidth(before), indent)
	}
	above := strings.Contains(form, "\n")
	if above {
		for _, c := range entries[1 : comments+1] {
			w.open(indent, blank)
			w.write(c.comment)
			blank = false
		}
	}
	w.open(indent, blank)
	w.write(lead)
	l := w.line()
	l.assign = "= " + before + form
	if form == "" {
		l.condition = e.value
	}
	if !above {
		for _, c := range entries[1 : comments+1] {
			w.remark(c.comment)
		}
	}
	return comments
}

// attribute writes an attribute, or an object's key and value.
func (w *formWriter) attribute(e *entry, indent int) {
	w.write(e.head)
	v := e.value
	before := strings.Join(append(v.before, ""), " ")
	switch {
	case v.heredoc:
		w.line().assign = "= " + before + w.heredocForm(v, indent)
	case !v.multi && (!v.breakable || w.col+len(" = ")+textWidth(before)+v.width <= formatWidth):
		w.line().assign = "= " + before + flatValue(v)
	default:
		w.write(" = " + before)
		w.value(v, indent)
	}
}

// value writes a value into the line that is open.
func (w *formWriter) value(v *formValue, indent int) {
	switch {
	case !v.multi && (!v.breakable || w.col+v.width < formatWidth):
		w.write(flatValue(v))
	case v.bracket == "":
		w.write(v.text)
	case v.own || v.bracket == "}" || v.bracket == "]" && !v.multi:
		w.spread(v, indent)
	default:
		w.hug(v, indent)
	}
}

// hug writes brackets whose elements begin on the line they open on, and may go on over several.
func (w *formWriter) hug(v *formValue, indent int) {
	w.write(v.text)
	for i, e := range v.entries {
		if i > 0 {
			w.write(" ")
		}
		if e.comment != "" {
			w.write(e.comment)
			continue
		}
		w.value(e.value, indent)
		if moreElements(v.entries[i+1:]) {
			w.write(",")
		}
	}
	w.write(v.bracket)
}

func moreElements(entries []entry) bool {
	for _, e := range entries {
		if e.comment == "" {
			return true
		}
	}
	return false
}

// spread writes brackets on several lines: those that the author has broken, and more where one would be too long.
func (w *formWriter) spread(v *formValue, indent int) {
	w.write(v.text)
	ended := true // the line takes no more
	for i, e := range v.entries {
		switch {
		case e.lineComment && !e.newline && (i == 0 || !v.entries[i-1].lineComment):
			w.remark(e.comment)
			ended = true
			continue
		case ended || e.newline || v.bracket == "}" && e.comment == "" || !w.fits(&e):
			w.open(indent+1, e.blank && i > 0)
		default:
			w.write(" ")
		}
		ended = false
		switch {
		case e.comment != "":
			w.write(e.comment)
			ended = e.lineComment
		case v.bracket == "}":
			w.attribute(&e, indent+1)
			ended = e.value.heredoc || w.line().assign != ""
		default:
			w.value(e.value, indent+1)
			if v.bracket == "]" || moreElements(v.entries[i+1:]) {
				w.write(",")
			}
		}
	}
	w.open(indent, false)
	w.write(v.bracket)
}

// fits reports whether an element, or a comment, fits into the line behind what is there.
func (w *formWriter) fits(e *entry) bool {
	width := textWidth(e.comment)
	if e.value != nil {
		if e.value.multi {
			return true
		}
		width = e.value.width + len(",")
	}
	return w.col+1+width <= formatWidth
}

// flatValue is a value on one line.
func flatValue(v *formValue) string {
	var b strings.Builder
	writeFlat(&b, v)
	return b.String()
}

func writeFlat(b *strings.Builder, v *formValue) {
	b.WriteString(v.text)
	if v.bracket == "" {
		return
	}
	padded := v.bracket == "}" && len(v.entries) > 0
	for i, e := range v.entries {
		if i > 0 || padded {
			b.WriteByte(' ')
		}
		if e.comment != "" {
			b.WriteString(e.comment)
			continue
		}
		if e.head != "" {
			b.WriteString(e.head + " = ")
			for _, c := range e.value.before {
				b.WriteString(c + " ")
			}
		}
		writeFlat(b, e.value)
		if moreElements(v.entries[i+1:]) {
			b.WriteByte(',')
		}
	}
	if padded {
		b.WriteByte(' ')
	}
	b.WriteString(v.bracket)
}
