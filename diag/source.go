package diag

import (
	"bytes"
	"sort"
	"sync"
	"unicode/utf8"
)

// Source is a file as its author wrote it. It is immutable and safe for concurrent use.
type Source struct {
	// Name is relative to the policy's folder, with '/'.
	Name string
	// Bytes is the file, a byte order mark included.
	Bytes []byte

	once  sync.Once
	lines []int // offset of the first byte of each line
}

// NewSource returns a Source; it keeps b, which must not change afterwards.
func NewSource(name string, b []byte) *Source { return &Source{Name: name, Bytes: b} }

var bom = []byte("\xef\xbb\xbf")

func (s *Source) index() {
	s.lines = []int{0}
	for i, c := range s.Bytes {
		if c == '\n' {
			s.lines = append(s.lines, i+1)
		}
	}
}

// Pos resolves a byte offset; offsets outside the file are moved to its nearest end.
func (s *Source) Pos(offset int) Pos {
	s.once.Do(s.index)
	offset = max(0, min(offset, len(s.Bytes)))
	line := sort.SearchInts(s.lines, offset+1) - 1
	start := s.lines[line]
	if line == 0 && bytes.HasPrefix(s.Bytes, bom) {
		start = min(len(bom), offset) // the mark takes no column
	}
	return Pos{Line: line + 1, Column: utf8.RuneCount(s.Bytes[start:offset]) + 1, Byte: offset}
}

// Line returns the text of a line, counted from 1, without its end; "" where there is none.
func (s *Source) Line(n int) string {
	s.once.Do(s.index)
	if n < 1 || n > len(s.lines) {
		return ""
	}
	end := len(s.Bytes)
	if n < len(s.lines) {
		end = s.lines[n] - 1
	}
	b := bytes.TrimSuffix(s.Bytes[s.lines[n-1]:end], []byte("\r"))
	if n == 1 {
		b = bytes.TrimPrefix(b, bom)
	}
	return string(b)
}

// Span is a stretch of a Source in bytes; End is exclusive. The zero value is "no place".
type Span struct {
	Source     *Source
	Start, End int
}

// Span returns the stretch [start, end) of the source.
func (s *Source) Span(start, end int) Span { return Span{Source: s, Start: start, End: end} }

// Range resolves the span to lines and columns.
func (s Span) Range() Range {
	if s.Source == nil {
		return Range{}
	}
	return Range{File: s.Source.Name, Start: s.Source.Pos(s.Start), End: s.Source.Pos(s.End)}
}

// Text returns the bytes of the span.
func (s Span) Text() string {
	if s.Source == nil || s.Start < 0 || s.End > len(s.Source.Bytes) || s.Start > s.End {
		return ""
	}
	return string(s.Source.Bytes[s.Start:s.End])
}
