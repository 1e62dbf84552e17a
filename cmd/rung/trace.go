package main

import (
	"github.com/rungpolicy/rung/internal/traced"
	"github.com/rungpolicy/rung/policy"
)

// trace writes how every rule came out, each with the tree of its sub-expressions.
func (t *text) trace(rules []policy.RuleTrace, p *policy.Policy) {
	t.out.WriteString("  " + t.paint(dim, "trace") + "\n")
	traced.Write(&t.out, rules, p.Lets, "    ", t.paint)
}
