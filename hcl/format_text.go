package hcl

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/rungpolicy/rung/diag"
)

// quoted writes text in quotes.
func quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i, c := range s {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteRune(c)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\t':
			b.WriteString(`\t`)
		case (c == '$' || c == '%') && strings.HasPrefix(s[i+1:], "{"):
			b.WriteRune(c)
			b.WriteRune(c)
		case unicode.IsPrint(c):
			b.WriteRune(c)
		case c > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, c)
		default:
			fmt.Fprintf(&b, `\u%04x`, c)
		}
	}
	return b.String() + `"`
}

// literally writes what would begin a template as the characters themselves.
var literally = strings.NewReplacer("${", "$${", "%{", "%%{")

// heredoc writes text between markers, its lines indented by so much.
func heredoc(s, marker string, indent int, newline string) string {
	var b strings.Builder
	for strings.Contains(s, marker) && hasLine(s, marker) {
		marker += "_"
	}
	b.WriteString("<<-" + marker + newline)
	for line := range strings.Lines(s) {
		if strings.TrimLeftFunc(line, unicode.IsSpace) != "" { // HCL takes no indentation off blank lines
			b.WriteString(spaces(indent + 1))
		}
		b.WriteString(literally.Replace(line))
	}
	return b.String() + spaces(indent) + marker
}

func hasLine(s, text string) bool {
	for line := range strings.Lines(s) {
		if strings.TrimSpace(line) == text {
			return true
		}
	}
	return false
}

func spaces(indent int) string { return strings.Repeat("  ", indent) }

// reads reports whether a literal reads as a text.
func reads(literal, text string) bool {
	t, faults := readText(diag.NewSource("", []byte(literal)).Span(0, len(literal)))
	return len(faults) == 0 && t.Value == text
}

// visible reports whether all of a text can be seen: what cannot is left as its author wrote it, likely by an escape.
func visible(s string) bool {
	return strings.IndexFunc(s, func(c rune) bool { return !unicode.IsPrint(c) && !strings.ContainsRune("\n\r\t", c) }) < 0
}

// heredocForm is a heredoc that is no condition, its lines indented anew where that leaves the text what it is.
func (w *formWriter) heredocForm(v *formValue, indent int) string {
	t, faults := readText(v.span)
	if len(faults) > 0 || !strings.HasPrefix(v.text, "<<-") {
		return v.text
	}
	marker := strings.TrimRight(v.text[len("<<-"):strings.IndexByte(v.text, '\n')], "\r")
	if form := heredoc(t.Value, marker, indent, w.newline); reads(form, t.Value) {
		return form
	}
	return v.text
}

// conditionForm is the literal of a condition: in quotes where that fits behind what takes so many characters of the line, else a heredoc.
func (w *formWriter) conditionForm(v *formValue, before, indent int) string {
	if len(w.d.diags) >= maxDiagnostics {
		return v.text
	}
	t, ok := w.d.text(lit{kind: litText, span: v.span}, true)
	if !ok {
		return v.text
	}
	line, diags := w.cel(t, -1, w.newline)
	for _, dg := range diags {
		w.d.add(&dg)
	}
	inQuotes := quoted(line)
	if len(diags) > 0 || !visible(line) || !reads(inQuotes, line) {
		return v.text
	}
	oneLine := !strings.Contains(line, "\n")
	if oneLine && before+textWidth(inQuotes) <= formatWidth {
		return inQuotes
	}
	room := formatWidth - len(spaces(indent+1))
	lines, _ := w.cel(t, room, w.newline)
	if oneLine && !strings.Contains(lines, "\n") && textWidth(lines) > room {
		return inQuotes // a heredoc would not help
	}
	if !strings.HasSuffix(lines, "\n") {
		lines += w.newline
	}
	if form := heredoc(lines, "CEL", indent, w.newline); reads(form, lines) {
		return form
	}
	return v.text
}
