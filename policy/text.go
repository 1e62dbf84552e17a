package policy

import (
	"sort"

	"github.com/rungpolicy/rung/diag"
)

// Text is a piece of text out of a policy file, a CEL condition above all, with the way back: every byte of
// the value has its place in the author's file, through quotes, escapes and heredoc indentation.
//
// A Text is immutable once built.
type Text struct {
	// Value is the text as it is meant: escapes resolved, indentation taken off.
	Value string
	// Span is the whole literal in the file, with its quotes or heredoc markers.
	Span diag.Span
	// Segments map Value to the file: in order, without gaps in Value, the first at 0. If there are none, every part of
	// Value stands at Span.
	Segments []Segment
}

// Segment says where a run of a Text's value stands in the file: the value's bytes from Value up to the next segment are the
// file's bytes from File to End. Where both runs have one length they are the same bytes; else the segment is an escape
// and stands as a whole.
type Segment struct {
	Value     int
	File, End int
}

// Place returns where the bytes [start, end) of the value stand in the file.
func (t *Text) Place(start, end int) diag.Span {
	if len(t.Segments) == 0 {
		return t.Span
	}
	first, _ := t.byteAt(start)
	if end <= start {
		return t.Span.Source.Span(first, first)
	}
	// The end is where the last byte ends, not where the next begins: between the two may lie a heredoc's indentation.
	_, last := t.byteAt(end - 1)
	return t.Span.Source.Span(first, last)
}

// byteAt is where the byte of the value at v begins and ends in the file. One past the value is the end of the last segment.
func (t *Text) byteAt(v int) (start, end int) {
	i := max(0, sort.Search(len(t.Segments), func(i int) bool { return t.Segments[i].Value > v })-1)
	s := t.Segments[i]
	next := len(t.Value)
	if i+1 < len(t.Segments) {
		next = t.Segments[i+1].Value
	}
	switch off := v - s.Value; {
	case v >= next:
		return s.End, s.End
	case s.End-s.File == next-s.Value:
		return s.File + off, s.File + off + 1
	default:
		return s.File, s.End
	}
}
