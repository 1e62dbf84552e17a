package findings

import (
	"strings"

	"github.com/rungpolicy/rung/diag"
)

//go:generate go test . -run ^TestPages$ -update

// Page is the page of a finding in the documentation, as Markdown.
func (f *Finding) Page() string {
	var b strings.Builder
	b.WriteString("# " + f.Code + ": " + f.Title + "\n\n")
	b.WriteString(f.Explanation + "\n\n")
	if f.Bad != "" {
		b.WriteString("This is found:\n\n```hcl\n" + f.Bad + "```\n\nand this is not:\n\n```hcl\n" + f.Good + "```\n\n")
	}
	switch f.Severity {
	case diag.Warning:
		b.WriteString("It is a warning: the policy loads. Where it is meant, write `# rung:ignore " + f.Code + "` and the reason on the line above it, or at the end of its line; " +
			"`rung check --ignore=" + f.Code + "` leaves all of them out. [All diagnostics](../diagnostics.md)\n")
	default:
		b.WriteString("It is shown on request only. [All diagnostics](../diagnostics.md)\n")
	}
	return b.String()
}

// Table is the table of all findings in the documentation, as Markdown.
func Table() string {
	var b strings.Builder
	b.WriteString("| code | what it finds |\n| --- | --- |\n")
	for _, f := range All() {
		b.WriteString("| [`" + f.Code + "`](diagnostics/" + f.Code + ".md) | " + f.Title + " |\n")
	}
	return b.String()
}
