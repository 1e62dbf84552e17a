package hcl

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/policy"
)

// textFault is something that text may not hold.
type textFault struct {
	span diag.Span
	// template: `${` or `%{`. Otherwise it is an escape that stands for no character.
	template bool
}

// readText reads a quoted string or a heredoc from the bytes of its file. HCL's own value would be normalised to NFC and would have
// lost the places of its bytes (docs/language.md, "Files": text is taken as the bytes written).
func readText(span diag.Span) (*policy.Text, []textFault) {
	r := textReader{src: span.Source, bytes: span.Source.Bytes}
	switch {
	case span.End-span.Start >= 2 && r.bytes[span.Start] == '"':
		r.quoted(span.Start+1, span.End-1)
	case strings.HasPrefix(string(r.bytes[span.Start:min(span.Start+2, span.End)]), "<<"):
		r.heredoc(span.Start, span.End)
	}
	return &policy.Text{Value: string(r.value), Span: span, Segments: r.segments}, r.faults
}

// Text returns what a quoted string or a heredoc says, for editors: the literal may lack its end, and what text may not hold stands for itself.
func Text(literal diag.Span, closed bool) *policy.Text {
	if closed || literal.Source == nil {
		t, _ := readText(literal)
		return t
	}
	r := textReader{src: literal.Source, bytes: literal.Source.Bytes}
	if r.bytes[literal.Start] == '"' {
		r.quoted(literal.Start+1, literal.End)
	} else if body := r.lineEnd(literal.Start, literal.End); body < literal.End {
		r.heredocLine(body, literal.End)
	}
	return &policy.Text{Value: string(r.value), Span: literal, Segments: r.segments}
}

// textReader collects a value and where its bytes come from.
type textReader struct {
	src      *diag.Source
	bytes    []byte
	value    []byte
	segments []policy.Segment
	copying  bool // the last segment is a plain copy, which may grow
	faults   []textFault
}

// plain takes the file's bytes [from, to) as they are.
func (r *textReader) plain(from, to int) {
	if from >= to {
		return
	}
	if last := len(r.segments) - 1; r.copying && r.segments[last].End == from {
		r.segments[last].End = to
	} else {
		r.segments = append(r.segments, policy.Segment{Value: len(r.value), File: from, End: to})
	}
	r.value = append(r.value, r.bytes[from:to]...)
	r.copying = true
}

// escape takes s for the file's bytes [from, to).
func (r *textReader) escape(from, to int, s string) {
	r.segments = append(r.segments, policy.Segment{Value: len(r.value), File: from, End: to})
	r.value = append(r.value, s...)
	r.copying = false
}

// template takes `$${` and `%%{` at i and complains of `${` and `%{`. It returns how many bytes it took.
func (r *textReader) template(i, end int) int {
	c := r.bytes[i]
	switch {
	case i+2 < end && r.bytes[i+1] == c && r.bytes[i+2] == '{':
		r.escape(i, i+3, string([]byte{c, '{'}))
		return 3
	case i+1 < end && r.bytes[i+1] == '{':
		r.faults = append(r.faults, textFault{span: r.src.Span(i, i+2), template: true})
		r.plain(i, i+2)
		return 2
	}
	r.plain(i, i+1)
	return 1
}

// quoted reads the inside of a quoted string.
func (r *textReader) quoted(i, end int) {
	for i < end {
		switch r.bytes[i] {
		case '\\':
			i += r.backslash(i, end)
		case '$', '%':
			i += r.template(i, end)
		default:
			from := i
			for i < end && !strings.ContainsRune(`\$%`, rune(r.bytes[i])) {
				i++
			}
			r.plain(from, i)
		}
	}
}

// simpleEscape is the character that a backslash and c stand for, or "".
func simpleEscape(c byte) string {
	switch c {
	case 'n':
		return "\n"
	case 'r':
		return "\r"
	case 't':
		return "\t"
	case '"', '\\':
		return string(c)
	}
	return ""
}

// backslash reads the escape at i and returns how many bytes it took.
func (r *textReader) backslash(i, end int) int {
	if i+1 >= end {
		return r.badEscape(i, end)
	}
	c := r.bytes[i+1]
	if s := simpleEscape(c); s != "" {
		r.escape(i, i+2, s)
		return 2
	}
	n := 0
	switch c {
	case 'u':
		n = 6
	case 'U':
		n = 10
	}
	if n == 0 || i+n > end {
		return r.badEscape(i, min(i+2, end))
	}
	code, err := strconv.ParseUint(string(r.bytes[i+2:i+n]), 16, 32)
	if err != nil || code > unicode.MaxRune || !utf8.ValidRune(rune(code)) {
		return r.badEscape(i, i+n)
	}
	r.escape(i, i+n, string(rune(code)))
	return n
}

func (r *textReader) badEscape(i, end int) int {
	r.faults = append(r.faults, textFault{span: r.src.Span(i, end)})
	return end - i
}

// heredoc reads `<<EOT` or `<<-EOT` up to the line of its closing marker.
func (r *textReader) heredoc(start, end int) {
	body := start
	for body < end && r.bytes[body] != '\n' {
		body++
	}
	body = min(body+1, end)
	last := end // the closing marker's line begins after the last newline
	for last > body && r.bytes[last-1] != '\n' {
		last--
	}
	indent := 0
	if r.bytes[start+2] == '-' {
		indent = r.indentation(body, last)
	}
	for i := body; i < last; {
		next := r.lineEnd(i, last)
		if !r.blank(i, next) {
			for range indent {
				_, size := utf8.DecodeRune(r.bytes[i:next])
				i += size
			}
		}
		r.heredocLine(i, next)
		i = next
	}
}

func (r *textReader) heredocLine(i, end int) {
	for i < end {
		if c := r.bytes[i]; c == '$' || c == '%' {
			i += r.template(i, end)
			continue
		}
		from := i
		for i < end && r.bytes[i] != '$' && r.bytes[i] != '%' {
			i++
		}
		r.plain(from, i)
	}
}

// indentation is the number of space characters that every line begins with, blank ones aside: HCL's rule for `<<-`.
func (r *textReader) indentation(body, last int) int {
	least := -1
	for i := body; i < last; {
		next := r.lineEnd(i, last)
		if !r.blank(i, next) {
			line := r.bytes[i:next]
			spaces := utf8.RuneCount(line[:len(line)-len(strings.TrimLeftFunc(string(line), unicode.IsSpace))])
			if least < 0 || spaces < least {
				least = spaces
			}
		}
		i = next
	}
	return max(0, least)
}

func (r *textReader) blank(i, end int) bool {
	return strings.TrimLeftFunc(string(r.bytes[i:end]), unicode.IsSpace) == ""
}

func (r *textReader) lineEnd(i, last int) int {
	for i < last {
		i++
		if r.bytes[i-1] == '\n' {
			break
		}
	}
	return i
}
