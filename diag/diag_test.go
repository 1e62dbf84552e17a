package diag_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rungpolicy/rung/diag"
)

func TestPos(t *testing.T) {
	t.Parallel()
	src := diag.NewSource("a.rung.hcl", []byte("\xef\xbb\xbfé1\r\n\xff2\n"))
	tests := []struct {
		offset int
		want   diag.Pos
	}{
		{-1, diag.Pos{Line: 1, Column: 1, Byte: 0}},
		{0, diag.Pos{Line: 1, Column: 1, Byte: 0}},
		{3, diag.Pos{Line: 1, Column: 1, Byte: 3}},
		{5, diag.Pos{Line: 1, Column: 2, Byte: 5}},
		{6, diag.Pos{Line: 1, Column: 3, Byte: 6}},
		{8, diag.Pos{Line: 2, Column: 1, Byte: 8}},
		{9, diag.Pos{Line: 2, Column: 2, Byte: 9}},
		{11, diag.Pos{Line: 3, Column: 1, Byte: 11}},
		{99, diag.Pos{Line: 3, Column: 1, Byte: 11}},
	}
	for _, tt := range tests {
		if got := src.Pos(tt.offset); got != tt.want {
			t.Errorf("Pos(%d) = %+v, want %+v", tt.offset, got, tt.want)
		}
	}
	for n, want := range map[int]string{0: "", 1: "é1", 2: "\xff2", 3: "", 4: ""} {
		if got := src.Line(n); got != want {
			t.Errorf("Line(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestSpan(t *testing.T) {
	t.Parallel()
	src := diag.NewSource("a.rung.hcl", []byte("one\ntwo\n"))
	s := src.Span(4, 7)
	if got := s.Text(); got != "two" {
		t.Errorf("Text() = %q", got)
	}
	want := diag.Range{File: "a.rung.hcl", Start: diag.Pos{Line: 2, Column: 1, Byte: 4}, End: diag.Pos{Line: 2, Column: 4, Byte: 7}}
	if diff := cmp.Diff(want, s.Range()); diff != "" {
		t.Error(diff)
	}
	if got := s.Range().String(); got != "a.rung.hcl:2:1" {
		t.Errorf("String() = %q", got)
	}
	for _, none := range []diag.Span{{}, src.Span(-1, 2), src.Span(3, 2), src.Span(0, 99)} {
		if got := none.Text(); got != "" {
			t.Errorf("Text of %d–%d = %q", none.Start, none.End, got)
		}
	}
	if got := (diag.Span{}).Range(); got != (diag.Range{}) || got.String() != "" {
		t.Errorf("no place is %+v", got)
	}
}

func TestDiagnosticJSON(t *testing.T) {
	t.Parallel()
	src := diag.NewSource("a.rung.hcl", []byte("abc"))
	full := diag.Diagnostic{
		Severity: diag.Warning, Code: "cel-type", Summary: "s", Detail: "d", Range: src.Span(1, 2).Range(), Suggestion: "x",
		Related: []diag.Related{{Message: "m", Range: src.Span(0, 1).Range()}},
	}
	tests := []struct {
		d    diag.Diagnostic
		want string
	}{
		{full, `{"severity":"warning","code":"cel-type","summary":"s","detail":"d","file":"a.rung.hcl",` +
			`"start":{"line":1,"column":2,"byte":1},"end":{"line":1,"column":3,"byte":2},"suggestion":"x",` +
			`"related":[{"message":"m","file":"a.rung.hcl","start":{"line":1,"column":1,"byte":0},"end":{"line":1,"column":2,"byte":1}}]}`},
		{diag.Diagnostic{Summary: "s"}, `{"severity":"error","code":"","summary":"s","file":"","start":{"line":0,"column":0,"byte":0},"end":{"line":0,"column":0,"byte":0}}`},
	}
	for _, tt := range tests {
		got, err := json.Marshal(tt.d)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, string(got)); diff != "" {
			t.Error(diff)
		}
	}
}

func TestSeverity(t *testing.T) {
	t.Parallel()
	for s, want := range map[diag.Severity]string{diag.Error: "error", diag.Warning: "warning", diag.Info: "info", 7: "severity(7)"} {
		if got := s.String(); got != want {
			t.Errorf("%d is %q, want %q", s, got, want)
		}
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	src := diag.NewSource("a.rung.hcl", []byte("abc"))
	at := func(b int, s diag.Severity, code string) diag.Diagnostic {
		return diag.Diagnostic{Severity: s, Code: code, Summary: code, Range: src.Span(b, b).Range()}
	}
	var l diag.List
	if l.Err() != nil {
		t.Error("an empty list is an error")
	}
	l.Add(at(1, diag.Warning, "w"), at(1, diag.Warning, "w"))
	if l.HasErrors() || l.Err() != nil {
		t.Error("a warning is an error")
	}
	l.Add(at(2, diag.Error, "b"), at(1, diag.Error, "e"), diag.Diagnostic{Summary: "nowhere"})
	l.Sort()
	want := "error: nowhere\na.rung.hcl:1:2: error: e [e]\na.rung.hcl:1:2: warning: w [w]\na.rung.hcl:1:3: error: b [b]"
	var got diag.List
	if !errors.As(l.Err(), &got) || got.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", l.Err(), want)
	}
}
