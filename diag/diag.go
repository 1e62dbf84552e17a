// Package diag holds positions in policy files and what there is to say about them.
//
// A [Source] is a file as its author wrote it. A [Span] is a stretch of its bytes, cheap to keep on every
// node of a tree. A [Range] is a Span resolved to lines and columns, as people and editors count them. A
// [Diagnostic] is one thing to tell the author: where, what, why, and the way out. Stages collect all they
// find in a [List] and go on where it is safe, so that an author sees everything at once.
package diag

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// Severity says how much a diagnostic matters. The zero value is Error.
type Severity uint8

const (
	// Error breaks the language: nothing is built from a policy with one.
	Error Severity = iota
	// Warning is odd, and likely a mistake; it can be silenced by code.
	Warning
	// Info is shown on request only.
	Info
)

// String returns the severity as it stands in JSON.
func (s Severity) String() string {
	switch s {
	case Error:
		return "error"
	case Warning:
		return "warning"
	case Info:
		return "info"
	}
	return "severity(" + strconv.Itoa(int(s)) + ")"
}

// MarshalText implements [encoding.TextMarshaler].
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Pos is a place in a file.
type Pos struct {
	// Line counts from 1.
	Line int `json:"line"`
	// Column counts Unicode code points from 1. A byte that is not UTF-8 counts as one.
	Column int `json:"column"`
	// Byte is the offset from the start of the file, from 0; a byte order mark counts.
	Byte int `json:"byte"`
}

// Range is a stretch of a file; End is exclusive. The zero value is "no place".
type Range struct {
	// File is relative to the policy's folder, with '/'.
	File  string `json:"file"`
	Start Pos    `json:"start"`
	End   Pos    `json:"end"`
}

// String returns file:line:column of the start, the form of a decision's "at".
func (r Range) String() string {
	if r.File == "" {
		return ""
	}
	return r.File + ":" + strconv.Itoa(r.Start.Line) + ":" + strconv.Itoa(r.Start.Column)
}

// Related is another place that a diagnostic speaks of: the first of two clashing names, say.
type Related struct {
	Message string `json:"message"`
	Range
}

// Diagnostic is one thing to tell the author of a policy.
//
// Wording: lower case, no final stop, what the author wrote in backticks, never a Go type name. The summary
// says what is wrong in one line, the detail why or how to mend it.
type Diagnostic struct {
	Severity Severity
	// Code is short and stable ("cel-type"); docs and silencing go by it.
	Code    string
	Summary string
	Detail  string
	Range   Range
	// Suggestion is the text to put in the place of Range, and that alone; "" if there is none.
	Suggestion string
	Related    []Related
}

// MarshalJSON writes the form that `rung check --json` prints.
func (d Diagnostic) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Severity   Severity  `json:"severity"`
		Code       string    `json:"code"`
		Summary    string    `json:"summary"`
		Detail     string    `json:"detail,omitempty"`
		File       string    `json:"file"`
		Start      Pos       `json:"start"`
		End        Pos       `json:"end"`
		Suggestion string    `json:"suggestion,omitempty"`
		Related    []Related `json:"related,omitempty"`
	}{d.Severity, d.Code, d.Summary, d.Detail, d.Range.File, d.Range.Start, d.Range.End, d.Suggestion, d.Related})
}

// String returns the diagnostic on one line, as compilers print it.
func (d Diagnostic) String() string {
	var b strings.Builder
	if at := d.Range.String(); at != "" {
		b.WriteString(at + ": ")
	}
	b.WriteString(d.Severity.String() + ": " + d.Summary)
	if d.Code != "" {
		b.WriteString(" [" + d.Code + "]")
	}
	return b.String()
}

// List is a number of diagnostics. The zero value is empty and ready to use.
type List []Diagnostic

// Add appends diagnostics.
func (l *List) Add(d ...Diagnostic) { *l = append(*l, d...) }

// HasErrors reports whether one of them is of severity Error.
func (l List) HasErrors() bool {
	return slices.ContainsFunc(l, func(d Diagnostic) bool { return d.Severity == Error })
}

// Sort orders them by file, place, severity and code, and drops exact repeats.
func (l *List) Sort() {
	slices.SortStableFunc(*l, func(a, b Diagnostic) int {
		return cmp.Or(
			cmp.Compare(a.Range.File, b.Range.File),
			cmp.Compare(a.Range.Start.Byte, b.Range.Start.Byte),
			cmp.Compare(a.Severity, b.Severity),
			cmp.Compare(a.Code, b.Code),
			cmp.Compare(a.Summary, b.Summary),
		)
	})
	*l = slices.CompactFunc(*l, func(a, b Diagnostic) bool {
		return a.Range == b.Range && a.Code == b.Code && a.Summary == b.Summary
	})
}

// Error makes a List an error: all of its diagnostics, one a line.
func (l List) Error() string {
	lines := make([]string, len(l))
	for i, d := range l {
		lines[i] = d.String()
	}
	return strings.Join(lines, "\n")
}

// Err is the list as an error: nil if no diagnostic is of severity Error.
func (l List) Err() error {
	if l.HasErrors() {
		return l
	}
	return nil
}
