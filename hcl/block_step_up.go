package hcl

// ruleAttrs are the attributes of both kinds of rule.
func ruleAttrs() []Attr {
	return []Attr{
		{Name: "actions", Form: "list of string", Doc: "at top level: the actions that the rule reaches; `*` is any run of characters, dots too"},
		{Name: "when", Form: "CEL", Doc: "the rule applies when this is true; `true` if left out"},
		{Name: "unless", Form: "CEL", Doc: "and this is not"},
		{Name: "reason", Form: "string", Doc: "what a person is told"},
		{Name: "posture", Form: "string", Doc: "the rule holds only at or above this posture"},
		{Name: "mode", Form: "string", Doc: "`enforce`, `shadow` (evaluated and reported, never enforced) or `off`"},
		{Name: "on_error", Form: "string", Doc: "what a condition in error does: `apply`, or on a step_up `skip`"},
		{Name: "until", Form: "string", Doc: "the last day of a rule on trial, `2026-12-31`"},
	}
}

func blockStepUp() *Block {
	return &Block{
		Type: "step_up", Label: "rule", Top: true,
		Doc: "A rule that asks for more: a level, a fresh authentication, certain methods.",
		Attrs: append(ruleAttrs(),
			Attr{Name: "level", Form: "string", Doc: "the level to reach; the lowest if left out"},
			Attr{Name: "max_age", Form: "string", Doc: "how old that authentication may be: `5m`"},
			Attr{Name: "methods", Form: "list of string", Doc: "methods (RFC 8176), of which the evidence must hold one"}),
		Nested: []string{"rollout"},
		decode: func(d *decoder, b *body) { d.decodeRule(b, nil) },
	}
}
