package cel

import (
	"slices"

	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/operators"

	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
)

// partKey is a text or let as it is checked: for all types of the resource that are alike in what it reads of them.
type partKey struct {
	node   *node
	reads  string
	noLazy bool
}

// checkShared is checkPart, but lets that are operands of `&&`, `||` and `!` at the top of the text are checked once for all
// conditions that use them so. Its answers are the same: such operands share nothing that types, costs or bounds would
// look at.
func (c *policyChecker) checkShared(n *node, w where) *part {
	switch {
	case !c.hasLet(n):
		return c.checkOnce(n, w)
	case isLogic(n):
		return c.checkLogic(n, w)
	case isNot(n):
		return c.checkNot(n, w)
	}
	w.several = true // the let stands elsewhere: an error of it names the action
	return c.checkOnce(c.usable(n.name).body, w)
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

func isNot(n *node) bool {
	return n.kind == nodeCall && n.name == operators.LogicalNot && len(n.kids) == 1
}

// hasLet reports whether n is a let, or `&&`, `||` or `!` with one among the operands, through further ones.
func (c *policyChecker) hasLet(n *node) bool {
	if isLogic(n) || isNot(n) {
		return slices.ContainsFunc(n.kids, c.hasLet)
	}
	return n.kind == nodeIdent && c.usable(n.name) != nil
}

// checkOnce is checkPart, once for all types of the resource that are alike in what the text reads of them.
func (c *policyChecker) checkOnce(n *node, w where) *part {
	key, exact := partKey{n, c.readsKey(n, w.resource), w.noLazy}, partKey{n, exactly(w.resource), w.noLazy}
	for _, k := range []partKey{key, exact} {
		if known := c.parts[k]; known != nil {
			return c.again(known, w.resource)
		}
	}
	size, _ := c.env.measure(n)
	if size > c.work.left || !c.work.spend(size/8) { // to put lets in takes an eighth of what it takes to check
		c.exhausted(n.text)
		return &part{}
	}
	w.work = &c.work
	p := c.env.checkPart(n, w)
	if len(p.diags) > 0 {
		key = exact // what is wrong is said of each type
	}
	known := *p
	c.parts[key] = &known
	if c.work.left < 0 {
		c.exhausted(n.text)
	}
	return p
}

// again is a part that is known, for a type of the resource.
func (c *policyChecker) again(known *part, resource int) *part {
	p := *known
	if p.root != nil {
		p.root = clone(p.root)
		if p.usesResource {
			retarget(p.root, c.env.types.resources[resource])
		}
	}
	return &p
}

// checkNot checks `!` of what has lets.
func (c *policyChecker) checkNot(n *node, w where) *part {
	p := c.checkShared(n.kids[0], w)
	if p.root == nil {
		return p
	}
	if t := p.root.Node().Type; t.Kind != policy.KindBool && t.Kind != policy.KindAny {
		return c.checkOnce(n, w) // which says why that is wrong
	}
	not := *p
	not.cost = addCapped(p.cost, cost.CallCost)
	not.root = fold(&expr.Call{
		Base:     expr.Base{Type: policy.Bool, Text: n.source(), Span: n.text.Place(n.start, n.end)},
		Function: operators.LogicalNot, Overloads: []string{"logical_not"}, Args: []expr.Expr{p.root},
	})
	return &not
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
