package hcl

import (
	"fmt"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/policy"
)

func blockPolicy() *Block {
	return &Block{
		Type: "policy", Label: "policy", Top: true,
		Doc: "Names the policy and says in which version of the language it is written. There is exactly one.",
		Attrs: []Attr{
			{Name: "language", Form: "int", Required: true, Doc: "the version of the policy language: `language = 1`"},
			{Name: "version", Form: "string", Doc: "free text, shown in every decision"},
			{Name: "description", Form: "string", Doc: "what the policy is for"},
			{Name: "max_cost", Form: "int", Doc: "the most that one action's conditions may cost, in CEL's cost units"},
		},
		decode: decodePolicy, finish: finishPolicy,
	}
}

func decodePolicy(d *decoder, b *body) {
	if first, again := d.names["policy"]["policy"]; again {
		related(d.errorf(b.header, codeDuplicate, "there is a second `policy` block", "a policy has exactly one, over all its files"), "first here", first)
		return
	}
	d.names["policy"] = map[string]diag.Span{"policy": b.header}
	p := d.policy
	p.Name, p.Range = b.name, b.header.Range()
	p.Version, _ = d.attrText(b, "version")
	p.Description, _ = d.attrText(b, "description")
	if v, ok := d.attrInt(b, "language", 1, maxNumberInt); ok && v != policy.Language {
		l, _ := d.attrLit(b, "language")
		d.errorf(l.span, codeValue, fmt.Sprintf("there is no version %d of the language here", v), "this rung reads `language = 1`").Suggestion = "1"
	}
	if v, ok := d.attrInt(b, "max_cost", 1, maxNumberInt); ok {
		p.MaxCost = uint64(v)
	}
}

// finishPolicy reports that there is no policy block.
func finishPolicy(d *decoder) {
	if len(d.names["policy"]) == 0 && len(d.files.sources) > 0 {
		d.errorf(d.files.sources[0].Span(0, 0), codeMissingBlock, "there is no `policy` block", "begin with `policy \"NAME\" { language = 1 }`, in one of the files")
	}
}
