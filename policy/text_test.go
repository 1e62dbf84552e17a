package policy_test

import (
	"strings"
	"testing"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/policy"
)

// TestTextPlace finds parts of a condition in the file that it stands in.
func TestTextPlace(t *testing.T) {
	t.Parallel()
	// A quoted string with an escape: the value is `a == "b"`, the file has \" for each quote.
	quoted := diag.NewSource("p.rung.hcl", []byte(`when = "a == \"b\""`))
	escaped := &policy.Text{
		Value: `a == "b"`, Span: quoted.Span(7, 19),
		Segments: []policy.Segment{{Value: 0, File: 8, End: 13}, {Value: 5, File: 13, End: 15}, {Value: 6, File: 15, End: 16}, {Value: 7, File: 16, End: 18}},
	}
	// A heredoc whose indentation is taken off: the value is "a\nb\n".
	indented := diag.NewSource("h.rung.hcl", []byte("when = <<-X\n    a\n    b\n  X\n"))
	heredoc := &policy.Text{Value: "a\nb\n", Span: indented.Span(7, 27), Segments: []policy.Segment{{Value: 0, File: 16, End: 18}, {Value: 2, File: 22, End: 24}}}
	whole := &policy.Text{Value: "level", Span: quoted.Span(0, 4)}
	cases := []struct {
		text       *policy.Text
		start, end int
		want       string // in the file
		at         int
	}{
		{escaped, 0, 1, "a", 8},
		{escaped, 2, 4, "==", 10},
		{escaped, 5, 6, `\"`, 13},
		{escaped, 5, 8, `\"b\"`, 13},
		{escaped, 0, 8, `a == \"b\"`, 8},
		{escaped, 6, 7, "b", 15},
		{escaped, 4, 4, "", 12}, // nothing, in the middle
		{escaped, 5, 3, "", 13}, // less than nothing
		{escaped, 8, 8, "", 18}, // the end
		{heredoc, 0, 1, "a", 16},
		{heredoc, 2, 3, "b", 22},
		{heredoc, 0, 2, "a\n", 16}, // the indentation behind it does not belong to it
		{heredoc, 0, 3, "a\n    b", 16},
		{heredoc, 3, 4, "\n", 23},
		{heredoc, 4, 4, "", 24},
		{whole, 2, 3, "when", 0},
	}
	for _, c := range cases {
		span := c.text.Place(c.start, c.end)
		if got := span.Text(); got != c.want || span.Start != c.at {
			t.Errorf("%q[%d:%d] is %q at %d, want %q at %d", strings.TrimSpace(c.text.Value), c.start, c.end, got, span.Start, c.want, c.at)
		}
	}
}
