package rung

import (
	"github.com/rungpolicy/rung/cel"
	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/hcl"
	"github.com/rungpolicy/rung/policy"
)

// Format returns the canonical form of a policy or test file: what it says and its comments stay, in their order, and the space around them is made
// anew, in conditions too. Formatting the form again changes nothing. A file that does not parse has diagnostics, and no form. Name is what the
// diagnostics call the file.
func Format(name string, text []byte) ([]byte, diag.List) {
	return hcl.Format(diag.NewSource(name, text), layOut)
}

func layOut(text *policy.Text, width int, newline string) (string, diag.List) {
	return cel.Format(text, cel.Layout{Width: width, Newline: newline})
}
