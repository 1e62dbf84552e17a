package hcl

import "github.com/rungpolicy/rung/policy"

func blockRollout() *Block {
	return &Block{
		Type: "rollout",
		Doc:  "Limits a rule to a part of the subjects. Who is in stays in as the percentage grows.",
		Attrs: []Attr{
			{Name: "percent", Form: "number", Required: true, Doc: "from 0 (nobody) to 100, with two decimals at most"},
			{Name: "by", Form: "CEL", Required: true, Doc: "text that tells subjects apart: `by = \"subject.id\"`"},
			{Name: "seed", Form: "string", Doc: "takes the rule id's place in the draw: rules with one seed draw alike"},
		},
	}
}

// decodeRollout reads the rollout of a rule, or returns nil.
func (d *decoder) decodeRollout(rule *body) *policy.Rollout {
	var found *body
	for _, x := range rule.hcl.Blocks {
		if x.Type != "rollout" {
			continue
		}
		b, _ := d.openBlock(rule.src, d.kinds["rollout"], x)
		if found != nil {
			related(d.errorf(b.header, codeDuplicate, "the rule has a second `rollout`", ""), "first here", found.header)
			continue
		}
		found = b
	}
	if found == nil {
		return nil
	}
	r := &policy.Rollout{Bucket: d.percent(found), By: d.attrCEL(found, "by")}
	if seed, ok := d.attrText(found, "seed"); ok {
		if r.Seed = seed; seed == "" {
			d.errorf(found.attrSpan("seed"), codeValue, "`seed` is empty", "leave it out, and the rule's id takes its place")
		}
	}
	if r.By == nil {
		return nil // reported
	}
	return r
}

// percent reads a percentage × 100.
func (d *decoder) percent(b *body) uint64 {
	l, ok := d.attrLit(b, "percent")
	if !ok || !d.want(l, litNumber) {
		return 0
	}
	v, ok := readDecimal(l.span.Text()).scaled(2)
	if !ok || v < 0 || v > 100*100 {
		d.errorf(l.span, codeValue, "`"+short(l.span.Text())+"` is no percentage", "from 0 to 100, with two decimals at most")
		return 0
	}
	return uint64(v)
}
