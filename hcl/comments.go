package hcl

import (
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/rungpolicy/rung/diag"
)

// Comments returns where the comments of a policy file stand, in their order; none of a file that does not parse. Those within conditions are CEL's.
func Comments(src *diag.Source) []diag.Span {
	text, start, why := prescan(src)
	if why != nil {
		return nil
	}
	tokens, _ := hclsyntax.LexConfig(text, src.Name, start)
	var out []diag.Span
	for _, t := range tokens {
		if t.Type == hclsyntax.TokenComment {
			out = append(out, tokenSpan(src, t))
		}
	}
	return out
}
