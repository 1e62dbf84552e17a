package cel

import (
	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/policy"
)

// fileOf is a condition that makes up a file of its own.
func fileOf(s string) *policy.Text {
	src := diag.NewSource("x.rung.hcl", []byte(s))
	return &policy.Text{Value: s, Span: src.Span(0, len(s)), Segments: []policy.Segment{{Value: 0, File: 0, End: len(s)}}}
}
