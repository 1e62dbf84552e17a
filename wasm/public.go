package wasm

import (
	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
)

// notPublic is the code of the diagnostics of what would be published with a module that everybody may read.
const notPublic = "module-public"

// publish refuses what a page should not publish: lists, and what sensitive signals are held against. A module hides nothing: who has it reads its constants.
func (c *compiler) publish() error {
	var refused diag.List
	for i, condition := range c.plan.Conditions {
		if c.used[i] {
			c.secrets(condition.Root, &refused)
		}
	}
	refused.Sort()
	return refused.Err()
}

func (c *compiler) secrets(e expr.Expr, refused *diag.List) {
	switch x := e.(type) {
	case *expr.List:
		refused.Add(diag.Diagnostic{
			Severity: diag.Error, Code: notPublic, Range: x.Span.Range(), Summary: "the entries of list `" + x.Name + "` would be published",
			Detail: "Whoever has a module can read the lists in it. Leave the rule out of what a page decides, and let the server decide it.",
		})
		return
	case *expr.Logic: // what its operands are held against stands in these
	default:
		if c.tells(e) && !c.below(e) {
			refused.Add(diag.Diagnostic{
				Severity: diag.Error, Code: notPublic, Range: e.Node().Span.Range(), Summary: "what a sensitive signal is held against would be published",
				Detail: "Whoever has a module can read the constants in it. Leave the rule out of what a page decides, and let the server decide it.",
			})
			return
		}
	}
	for _, child := range expr.Children(e) {
		c.secrets(child, refused)
	}
}

// below reports whether something below a node tells by itself: that is marked then, and not the whole.
func (c *compiler) below(e expr.Expr) bool {
	for _, child := range expr.Children(e) {
		if c.tells(child) {
			return true
		}
	}
	return false
}

// tells reports whether an expression has both a sensitive signal and a constant in it.
func (c *compiler) tells(e expr.Expr) bool {
	sensitive, constant := false, false
	expr.Walk(e, func(e expr.Expr) bool {
		switch x := e.(type) {
		case *expr.Signal:
			sensitive = sensitive || x.Index >= 0 && c.plan.Policy.Signals[x.Index].Sensitive
		case *expr.Const:
			constant = constant || x.Type.Kind != policy.KindBool && x.Type.Kind != policy.KindNull
		case *expr.Param:
			constant = true
		}
		return true
	})
	return sensitive && constant
}
