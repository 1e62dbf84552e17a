package editor

import (
	"sort"
	"unicode/utf8"

	"github.com/rungpolicy/rung/diag"
)

// Position is a place in a text: a line, and UTF-16 code units from its start, both from 0. A character beyond U+FFFF counts two.
type Position struct {
	Line      int `json:"line"`
	Character int `json:"character"`
}

// Range is a stretch of a text; End is exclusive.
type Range struct {
	Start Position `json:"start"`
	End   Position `json:"end"`
}

// Location is a stretch of a file of the workspace.
type Location struct {
	// File is relative to the policy's folder, with '/'.
	File  string `json:"file"`
	Range Range  `json:"range"`
}

// TextEdit puts a text in the place of a range.
type TextEdit struct {
	Range   Range  `json:"range"`
	NewText string `json:"newText"`
}

// span is a stretch of a text in bytes.
type span struct{ start, end int }

func (s span) holds(offset int) bool { return s.start <= offset && offset <= s.end }

// text is a file's text, with its lines. It is immutable.
type text struct {
	src   *diag.Source
	lines []int // offset of the first byte of each line
}

// newText indexes lines as the protocol ends them: by \n, \r\n or \r.
func newText(name, s string) *text {
	t := &text{src: diag.NewSource(name, []byte(s)), lines: []int{0}}
	for i := range len(s) {
		if s[i] == '\n' || s[i] == '\r' && (i+1 == len(s) || s[i+1] != '\n') {
			t.lines = append(t.lines, i+1)
		}
	}
	return t
}

func (t *text) bytes(s span) string { return string(t.src.Bytes[s.start:s.end]) }

// position resolves a byte offset.
func (t *text) position(offset int) Position {
	offset = max(0, min(offset, len(t.src.Bytes)))
	line := sort.SearchInts(t.lines, offset+1) - 1
	return Position{Line: line, Character: units(t.src.Bytes[t.lines[line]:offset])}
}

// offset resolves a position; one outside of the text or of its line moves to the nearest end.
func (t *text) offset(p Position) int {
	if p.Line < 0 {
		return 0
	}
	if p.Line >= len(t.lines) {
		return len(t.src.Bytes)
	}
	start, end := t.lines[p.Line], t.lineEnd(p.Line)
	for n := 0; start < end && n < p.Character; {
		r, size := utf8.DecodeRune(t.src.Bytes[start:end])
		n += unit(r)
		if n > p.Character {
			break // in the middle of a surrogate pair
		}
		start += size
	}
	return start
}

// lineEnd is where a line ends, its terminator left out.
func (t *text) lineEnd(line int) int {
	if line+1 >= len(t.lines) {
		return len(t.src.Bytes)
	}
	end := t.lines[line+1]
	for end > t.lines[line] && (t.src.Bytes[end-1] == '\n' || t.src.Bytes[end-1] == '\r') {
		end--
	}
	return end
}

func (t *text) rng(s span) Range { return Range{t.position(s.start), t.position(s.end)} }

// diagRange converts a range of package diag.
func (t *text) diagRange(r diag.Range) Range { return t.rng(span{r.Start.Byte, r.End.Byte}) }

// units counts UTF-16 code units.
func units(b []byte) int {
	n := 0
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		n += unit(r)
		b = b[size:]
	}
	return n
}

func unit(r rune) int {
	if r > 0xffff {
		return 2
	}
	return 1
}
