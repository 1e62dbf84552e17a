package hcl

import (
	"slices"
	"strings"

	"github.com/rungpolicy/rung/policy"
)

func blockParam() *Block {
	return &Block{
		Type: "param", Label: "param", Top: true,
		Doc: "A value that an operator may turn without touching a rule. Conditions read it as `param.NAME`.",
		Attrs: []Attr{
			{Name: "type", Form: "type", Required: true, Doc: "the type of its values: `type = double`"},
			{Name: "default", Form: "value", Required: true, Doc: "the value if the host sets none"},
			{Name: "stricter", Form: "string", Doc: "`lower` or `higher`: which way an overlay may move a number or duration"},
			{Name: "description", Form: "string", Doc: "what the value does"},
		},
		decode: decodeParam,
		finish: func(d *decoder) {
			slices.SortFunc(d.policy.Params, func(a, b *policy.Param) int { return strings.Compare(a.Name, b.Name) })
		},
	}
}

func decodeParam(d *decoder, b *body) {
	if !d.declare(kindParam, b.name, b.label) {
		return
	}
	t, typed := d.attrTypeExpr(b, "type", b.name)
	p := &policy.Param{Name: b.name, Type: t, Range: b.header.Range()}
	p.Description, _ = d.attrText(b, "description")
	switch d.attrWord(b, "stricter", "lower", "higher") {
	case "lower":
		p.Stricter = policy.StricterLower
	case "higher":
		p.Stricter = policy.StricterHigher
	}
	if typed && b.attr("stricter") != nil && !tightens(t) {
		d.errorf(b.attrSpan("stricter"), codeValue, "`stricter` is for numbers and durations", "of other types, the highest overlay in force replaces the value")
		p.Stricter = policy.StricterNone
	}
	if b.attr("stricter") != nil && p.Stricter == policy.StricterNone && tightens(t) {
		p.Stricter = policy.StricterLower // unreadable, and reported: overlays need not complain too
	}
	if l, ok := d.attrLit(b, "default"); ok && typed {
		if v, ok := d.value(l, t); ok {
			p.Default = v
		}
	}
	d.params[b.name], d.paramAt[p] = p, b.header
	d.policy.Params = append(d.policy.Params, p)
}

// tightens reports whether values of a type have an order in which one is stricter than another.
func tightens(t *policy.Type) bool {
	switch t.Kind {
	case policy.KindInt, policy.KindUint, policy.KindDouble, policy.KindDuration:
		return true
	}
	return false
}
