package cel

import (
	"cel.dev/cel-go/checker"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
)

// Check checks all conditions of a policy. What it returns is of use where the list has no errors. Where a file of the policy does not parse
// it looks at the syntax of the others' conditions alone: what they name may be declared in that file.
func Check(p *policy.Policy) (*expr.Conditions, diag.List) {
	c := newPolicyChecker(p)
	if p.Partial {
		c.syntax()
	} else {
		c.run()
	}
	c.diags.Sort()
	return c.out, c.diags
}

// Check checks a single expression, which may be of any type. Resource is the type of `resource`, or nil if there is none.
func (e *Env) Check(text *policy.Text, resource *policy.Type) (*expr.Condition, diag.List) {
	n, err := parse(text)
	if err != nil {
		return nil, diag.List{diagnostic(text, err.start, err.end, err.code, err.summary, err.detail, "")}
	}
	r := -1
	if resource != nil {
		var ok bool
		if r, ok = e.types.byKey[typeKey(resource)]; !ok {
			panic("cel: the type of a resource that no action has")
		}
	}
	part := e.checkPart(n, where{resource: r})
	if part.diags.HasErrors() {
		return nil, part.diags
	}
	return finish(part.root, part), part.diags
}

// part is a text, checked for one type of the resource.
type part struct {
	root         expr.Expr
	slots        int
	usesResource bool
	cost, made   uint64
	size         int // with lets put in
	diags        diag.List
}

// where says for what a text is checked.
type where struct {
	resource int    // the index of the resource's type, or -1
	action   string // whose resource it is; "" if the text is no part of a policy
	several  bool   // the text is checked for other actions too
	noLazy   bool   // it is a `by`
	work     *budget
}

// checkPart checks a parsed text.
func (e *Env) checkPart(n *node, w where) *part {
	b := newBuilder(e, w.resource)
	b.action, b.several, b.strict, b.work = w.action, w.several, w.action != "", w.work
	checked := b.check(n)
	p := &part{usesResource: b.usesResource, slots: b.slots, diags: b.diags}
	if checked == nil || p.diags.HasErrors() {
		return p
	}
	t := &translator{b: b, env: e, checked: checked, nodes: make([]expr.Expr, len(b.owners))}
	p.root = t.expr(b.tree)
	s := static{env: e, noLazy: w.noLazy}
	s.check(p.root)
	p.diags = append(p.diags, s.diags...)
	var extents map[expr.Expr]*extent
	p.made, extents = made(e.policy, p.root, p.slots)
	p.cost = e.costOf(checked, t.nodes, extents)
	return p
}

// check puts lets in and has cel-go check the whole. Errors are among the builder's diagnostics.
func (b *builder) check(n *node) *ast.AST {
	b.text = n.text
	b.tree = b.expand(n, place{})
	if !b.bound() {
		return nil
	}
	root := b.emit(b.tree)
	if !b.work.spend(b.extra + len(b.owners)) {
		return nil
	}
	checked, errs := checker.Check(ast.NewAST(root, ast.NewSourceInfo(nil)), nil, b.env.checker)
	b.checked = checked
	for _, err := range errs.GetErrors() {
		b.explain(err)
	}
	return checked
}

// checkLet checks a let by itself, as far as that goes without a resource, and returns its type.
func (e *Env) checkLet(n *node, work *budget) (typ *types.Type, typeSize int, diags diag.List) {
	b := newBuilder(e, -1)
	b.alone, b.strict, b.work = true, true, work
	checked := b.check(n)
	if checked == nil || b.diags.HasErrors() {
		return nil, 0, b.diags
	}
	return checked.GetType(checked.Expr().ID()), b.typeSize, b.diags
}

// finish makes a condition out of a tree, and of what is known of the part or parts that it consists of.
func finish(root expr.Expr, p *part) *expr.Condition {
	return &expr.Condition{Root: root, Slots: p.slots, Nodes: number(root), Cost: p.cost, Made: p.made}
}
