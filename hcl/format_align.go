package hcl

import "strings"

// text aligns the lines and joins them.
func (w *formWriter) text() []byte {
	w.alignValues()
	comments := w.alignComments()
	var b strings.Builder
	for i := range w.lines {
		l := w.lines[i]
		if l.blank {
			b.WriteString(w.newline)
		}
		b.WriteString(l.content())
		if len(l.remarks) > 0 {
			b.WriteString(strings.Repeat(" ", comments[i]) + strings.Join(l.remarks, " "))
		}
		b.WriteString(w.newline)
	}
	return []byte(b.String())
}

// content is the line without its comment. A line of nothing but a comment has it as its lead.
func (l *formLine) content() string { return spaces(l.indent) + l.lead.String() + l.assign }

// widestAligned is how wide a line is at most that others are aligned with: else one long line would make all around it long.
const widestAligned = 80

// run returns where the lines end that are aligned with line i: those that follow it closely at its indentation, as long as they have a part
// of a width to align, which is negative if they have none. widest is the greatest of these widths.
func (w *formWriter) run(i int, width func(*formLine) int) (end, widest int) {
	for end = i; end < len(w.lines); end++ {
		l := w.lines[end]
		n := width(l)
		if n < 0 || end > i && (l.blank || l.indent != w.lines[i].indent || n > widestAligned || widest > widestAligned) {
			break
		}
		widest = max(widest, n)
	}
	return end, widest
}

// alignValues puts the `=` of consecutive lines below each other. A value in brackets over several lines stands by itself.
func (w *formWriter) alignValues() {
	for i := 0; i < len(w.lines); {
		end, widest := w.run(i, func(l *formLine) int {
			if l.assign == "" {
				return -1
			}
			return textWidth(l.lead.String())
		})
		for j := i; j < end; j++ {
			w.alignValue(w.lines[j], widest)
		}
		i = max(end, i+1)
	}
}

func (w *formWriter) alignValue(l *formLine, widest int) {
	l.lead.WriteString(strings.Repeat(" ", widest-textWidth(l.lead.String())+1))
	if l.condition != nil {
		before := len(spaces(l.indent)) + widest + 1 + textWidth(l.assign)
		l.assign += w.conditionForm(l.condition, before, l.indent)
	}
}

// alignComments returns, by line, how many spaces stand before its comment so that those of consecutive lines are below each other.
func (w *formWriter) alignComments() []int {
	out := make([]int, len(w.lines))
	for i := 0; i < len(w.lines); {
		end, widest := w.run(i, func(l *formLine) int {
			if len(l.remarks) == 0 {
				return -1
			}
			return textWidth(l.content())
		})
		for j := i; j < end; j++ {
			out[j] = widest - textWidth(w.lines[j].content()) + 1
		}
		i = max(end, i+1)
	}
	return out
}
