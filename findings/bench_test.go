package findings_test

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkFindings looks for what is odd in a policy of a thousand rules, as an editor does after a keystroke.
func BenchmarkFindings(b *testing.B) {
	var text strings.Builder
	text.WriteString("let {\n  foreign = \"network.country != subject.country && has(network.country)\"\n}\n")
	for i := range 50 {
		fmt.Fprintf(&text, "action \"a%d.do\" {\n  level    = \"aal1\"\n  resource = object({ amount = double, limit = optional(double), owner = string })\n", i)
		for j := range 20 {
			fmt.Fprintf(&text, "  step_up \"rule %d\" {\n    when    = \"resource.amount > %d.0 && (foreign || device.trusted == false) && subject.groups.exists(g, g == 'g%d')\"\n"+
				"    unless  = \"has(resource.limit) && resource.limit > %d.0\"\n    level   = \"aal2\"\n    max_age = \"%dm\"\n  }\n", j, j, j, j, j+1)
		}
		text.WriteString("}\n")
	}
	c := check(b, text.String())
	b.ResetTimer()
	for b.Loop() {
		c.Findings(now)
	}
}
