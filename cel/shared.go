package cel

import (
	"slices"

	"cel.dev/cel-go/common/operators"

	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
)

// letKey is a let, checked for one type of the resource.
type letKey struct {
	let      *let
	resource int
	noLazy   bool
}

// checkShared is checkPart, but lets that are operands of `&&` and `||` at the top of the text are checked once for all
// conditions that use them so. Its answers are the same: such operands share nothing that types, costs or bounds would
// look at.
func (c *policyChecker) checkShared(n *node, w where) *part {
	switch {
	case n.kind == nodeIdent && c.usable(n.name) != nil:
		return c.letPart(c.usable(n.name), w)
	case c.hasLetOperand(n):
		return c.checkLogic(n, w)
	}
	return c.env.checkPart(n, w)
}

// usable is the let of that name, if it is of use.
func (c *policyChecker) usable(name string) *let {
	if l := c.env.lets[name]; l != nil && l.body != nil && !l.failed {
		return l
	}
	return nil
}

func isLogic(n *node) bool {
	return n.kind == nodeCall && (n.name == operators.LogicalAnd || n.name == operators.LogicalOr)
}

// hasLetOperand reports whether n is `&&` or `||` with a let among the operands, through further ones.
func (c *policyChecker) hasLetOperand(n *node) bool {
	return isLogic(n) && slices.ContainsFunc(n.kids, func(k *node) bool {
		return k.kind == nodeIdent && c.usable(k.name) != nil || c.hasLetOperand(k)
	})
}

func (c *policyChecker) letPart(l *let, w where) *part {
	key := letKey{l, w.resource, w.noLazy}
	known := c.letParts[key]
	if known == nil {
		w.several = true // the let stands elsewhere: an error of it names the action
		known = c.env.checkPart(l.body, w)
		c.letParts[key] = known
	}
	p := *known
	if p.root != nil {
		p.root = clone(p.root)
	}
	return &p
}

func (c *policyChecker) checkLogic(n *node, w where) *part {
	left, right := c.checkShared(n.kids[0], w), c.checkShared(n.kids[1], w)
	p := &part{
		usesResource: left.usesResource || right.usesResource,
		slots:        max(left.slots, right.slots),
		cost:         addCapped(left.cost, right.cost),
		made:         addCapped(left.made, right.made),
		diags:        slices.Concat(left.diags, right.diags),
	}
	for i, side := range []*part{left, right} {
		if side.root == nil {
			continue
		}
		if t := side.root.Node().Type; t.Kind != policy.KindBool && t.Kind != policy.KindAny {
			k := n.kids[i]
			p.diags.Add(diagnostic(k.text, k.start, k.end, "cel-type", "`"+short(k)+"` is "+describe(t)+", where a bool is needed", boolHint(t), ""))
		}
	}
	if p.diags.HasErrors() {
		return p
	}
	p.root = &expr.Logic{
		Base: expr.Base{Type: policy.Bool, Text: n.source(), Span: n.text.Place(n.start, n.end)},
		Or:   n.name == operators.LogicalOr, Left: left.root, Right: right.root,
	}
	return p
}

// clone copies a tree. Types are shared.
//
//nolint:funlen // one switch over the nodes
func clone(e expr.Expr) expr.Expr {
	switch e := e.(type) {
	case *expr.Const:
		c := *e
		return &c
	case *expr.TypeConst:
		c := *e
		return &c
	case *expr.Signal:
		c := *e
		return &c
	case *expr.Param:
		c := *e
		return &c
	case *expr.List:
		c := *e
		return &c
	case *expr.Local:
		c := *e
		return &c
	case *expr.SessionLevel:
		c := *e
		return &c
	case *expr.Select:
		c := *e
		c.Of = clone(e.Of)
		return &c
	case *expr.Has:
		c := *e
		c.Of = clone(e.Of)
		return &c
	case *expr.Index:
		c := *e
		c.Of, c.Key = clone(e.Of), clone(e.Key)
		return &c
	case *expr.Logic:
		c := *e
		c.Left, c.Right = clone(e.Left), clone(e.Right)
		return &c
	case *expr.Cond:
		c := *e
		c.If, c.Then, c.Else = clone(e.If), clone(e.Then), clone(e.Else)
		return &c
	case *expr.Call:
		c := *e
		c.Args = cloneAll(e.Args)
		return &c
	case *expr.OrElse:
		c := *e
		c.Of, c.Other = clone(e.Of), clone(e.Other)
		return &c
	case *expr.MakeList:
		c := *e
		c.Elems = cloneAll(e.Elems)
		return &c
	case *expr.MakeMap:
		c := *e
		c.Keys, c.Values = cloneAll(e.Keys), cloneAll(e.Values)
		return &c
	case *expr.Fold:
		c := *e
		c.Range, c.Body = clone(e.Range), clone(e.Body)
		if e.Filter != nil {
			c.Filter = clone(e.Filter)
		}
		return &c
	case *expr.Bind:
		c := *e
		c.Init, c.Body = clone(e.Init), clone(e.Body)
		return &c
	case *expr.OptMap:
		c := *e
		c.Of, c.Body = clone(e.Of), clone(e.Body)
		return &c
	}
	panic("cel: unknown node")
}

func cloneAll(all []expr.Expr) []expr.Expr {
	out := make([]expr.Expr, len(all))
	for i, e := range all {
		out[i] = clone(e)
	}
	return out
}
