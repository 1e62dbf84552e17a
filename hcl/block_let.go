package hcl

import (
	"slices"
	"strings"

	"github.com/rungpolicy/rung/diag"
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

// decodeLet reads names of conditions. One that is taken is left out: in conditions, the name stays what it was.
func decodeLet(d *decoder, b *body) {
	for _, a := range b.sortedAttrs() {
		at := b.attrSpan(a.Name)
		name := at.Text() // as written: HCL's own is normalised
		text := d.attrCEL(b, a.Name)
		if !d.checkName(at, name) || !d.checkScope(at, kindLet, name) || !d.declare(kindLet, name, at) {
			continue
		}
		if d.isSignal(at, name) {
			continue
		}
		if text == nil { // reported: what uses the name need not complain too
			text = &policy.Text{Value: "true", Span: at}
		}
		d.policy.Lets = append(d.policy.Lets, &policy.Let{Name: name, CEL: text, Range: at.Range()})
	}
}

// isSignal reports a let that is called like a signal.
func (d *decoder) isSignal(at diag.Span, name string) bool {
	if d.policy.Signal(name) == nil {
		return false
	}
	dg := d.errorf(at, codeReserved, "the let `"+name+"` is called like a signal", "conditions write both bare")
	if signal, declared := d.names[kindSignal][name]; declared {
		related(dg, "the signal", signal)
	}
	return true
}
