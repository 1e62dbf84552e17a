package hcl

import (
	"cmp"
	"slices"
	"strings"

	"github.com/rungpolicy/rung/policy"
)

func blockPosture() *Block {
	return &Block{
		Type: "posture", Label: "posture", Top: true,
		Doc: "A position of the dial above `normal`. Rules may wait for one, and overlays of params hold from it upwards.",
		Attrs: []Attr{
			{Name: "rank", Form: "int", Required: true, Doc: "a positive integer that no other posture has; `normal` is 0"},
			{Name: "params", Form: "object", Doc: "overlays: values of params while at or above this posture; numbers and durations only tighten"},
		},
		decode: decodePosture,
		finish: func(d *decoder) {
			slices.SortStableFunc(d.policy.Postures, func(a, b *policy.Posture) int {
				return cmp.Or(cmp.Compare(a.Rank, b.Rank), strings.Compare(a.Name, b.Name))
			})
		},
	}
}

func decodePosture(d *decoder, b *body) {
	if b.name == "normal" {
		d.errorf(b.label, codeReserved, "a posture cannot be called `normal`", "`normal` is rank 0 and always there")
		return
	}
	if !d.declare(kindPosture, b.name, b.label) {
		return
	}
	p := &policy.Posture{Name: b.name, Range: b.header.Range()}
	if rank, ok := d.attrInt(b, "rank", 1, maxNumberInt); ok {
		p.Rank = int(rank)
		d.uniqueRank(kindPosture, b, p.Rank, p.Name)
	}
	if l, ok := d.attrLit(b, "params"); ok && d.want(l, litObject) {
		p.Params = d.overlays(l)
	}
	d.postures[b.name] = p
	d.policy.Postures = append(d.policy.Postures, p)
}

// overlays reads the values that a posture lays over params.
func (d *decoder) overlays(l lit) map[string]policy.Value {
	values := make(map[string]policy.Value, len(l.fields))
	for _, f := range l.fields {
		p := d.params[f.name]
		if p == nil {
			d.suggest(d.errorf(f.key, codeUnknownName, "there is no param `"+short(f.name)+"`", ""), f.name, func() []string { return paramNames(d.policy) })
			continue
		}
		if tightens(p.Type) && p.Stricter == policy.StricterNone {
			dg := d.errorf(d.paramAt[p], codeMissingAttribute, "the param `"+p.Name+"` needs the attribute `stricter`, since an overlay names it", "write `stricter = \"lower\"` or `\"higher\"`")
			related(dg, "the overlay", f.key)
			p.Stricter = policy.StricterLower // said once
		}
		if v, ok := d.value(f.val, p.Type); ok {
			values[f.name] = v
		}
	}
	return values
}
