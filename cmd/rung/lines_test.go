package main

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

func TestLineReader(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 100_000)
	tests := []struct {
		name, in string
		limit    int
		want     []string
	}{
		{"nothing", "", 10, nil},
		{"lines", "a\nbc\n", 10, []string{"a", "bc"}},
		{"the last line lacks its end", "a\nbc", 10, []string{"a", "bc"}},
		{"blank lines", "\n\r\n \t\na\n\n\n \nb\n\n", 10, []string{"a", "b"}},
		{"ends of Windows", "a\r\nb\r\n", 10, []string{"a", "b"}},
		{"as long as may be", "abc\nabc\r\nabc", 3, []string{"abc", "abc", "abc"}},
		{"too long", "abcd\nabcdefgh\r\nabcde\nab\nabcdef", 3, []string{"abcd", "abcd", "abcd", "ab", "abcd"}},
		{"too long, of blanks", "      \na", 3, []string{"    ", "a"}},
		{"longer than the buffer", long + "\n" + long + "y\nz", 100_000, []string{long, long + "y", "z"}},
		{"far too long", strings.Repeat(long, 20) + "\nz\n", 3, []string{"xxxx", "z"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, r := range []io.Reader{strings.NewReader(tt.in), iotest.DataErrReader(strings.NewReader(tt.in))} {
				l := newLineReader(r, tt.limit)
				var got []string
				for {
					line, err := l.next()
					if errors.Is(err, io.EOF) {
						break
					}
					if err != nil {
						t.Fatal(err)
					}
					got = append(got, string(line))
				}
				if !slices.Equal(got, tt.want) {
					t.Errorf("got %d lines, want %d: %.40q", len(got), len(tt.want), got)
				}
				if cap(l.buf) > 2*tt.limit+4096 {
					t.Errorf("a buffer of %d bytes for lines of %d", cap(l.buf), tt.limit)
				}
			}
		})
	}
}

func TestLineReaderReportsErrors(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	l := newLineReader(io.MultiReader(strings.NewReader("a\nb"), iotest.ErrReader(broken)), 10)
	if line, err := l.next(); string(line) != "a" || err != nil {
		t.Fatalf("%q, %v", line, err)
	}
	if _, err := l.next(); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}
