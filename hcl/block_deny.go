package hcl

func blockDeny() *Block {
	return &Block{
		Type: "deny", Label: "rule", Top: true,
		Doc:    "A rule that refuses, whatever the session has proved.",
		Attrs:  ruleAttrs(),
		Nested: []string{"rollout"},
		decode: func(d *decoder, b *body) { d.decodeRule(b, nil) },
		finish: finishRules,
	}
}
