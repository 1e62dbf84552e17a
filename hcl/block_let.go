package hcl

import (
	"slices"
	"strings"

	"github.com/rungpolicy/rung/policy"
)

func blockLet() *Block {
	return &Block{
		Type: "let", Top: true, FreeAttrs: "a name for a condition, in CEL",
		Doc:    "Names for conditions: `name = \"CEL\"`. They are put in where they are used, and may use each other.",
		decode: decodeLet,
		finish: func(d *decoder) {
			slices.SortFunc(d.policy.Lets, func(a, b *policy.Let) int { return strings.Compare(a.Name, b.Name) })
		},
	}
}

// decodeLet reads names of conditions. Whether a name is taken in the scope of conditions is for the checker to say, which knows that scope.
func decodeLet(d *decoder, b *body) {
	for _, a := range b.sortedAttrs() {
		at := b.attrSpan(a.Name)
		name := at.Text() // as written: HCL's own is normalised
		text := d.attrCEL(b, a.Name)
		if !d.checkName(at, name) || !d.checkIdentifier(at, name, "") || !d.declare(kindLet, name, at) {
			continue
		}
		if text == nil { // reported: what uses the name need not complain too
			text = &policy.Text{Value: "true", Span: at}
		}
		d.policy.Lets = append(d.policy.Lets, &policy.Let{Name: name, CEL: text, Range: at.Range()})
	}
}
