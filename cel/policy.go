package cel

import (
	"cel.dev/cel-go/common/operators"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
)

// policyChecker checks the conditions of a policy, each once for every distinct type of `resource` that it meets.
type policyChecker struct {
	env    *Env
	policy *policy.Policy
	out    *expr.Conditions
	diags  diag.List
	parsed map[*policy.Text]*node // nil: does not parse, reported
}

func newPolicyChecker(p *policy.Policy) *policyChecker {
	return &policyChecker{
		env: NewEnv(p), policy: p, parsed: make(map[*policy.Text]*node),
		out: &expr.Conditions{When: make(map[expr.Use]int), By: make(map[expr.Use]int)},
	}
}

func (c *policyChecker) run() {
	c.readLets()
	for _, r := range c.policy.Rules {
		c.rule(r)
	}
}

// parse reads a text once and reports what is wrong with it.
func (c *policyChecker) parse(t *policy.Text) *node {
	if n, ok := c.parsed[t]; ok {
		return n
	}
	n, err := parse(t)
	if err != nil {
		c.diags.Add(diagnostic(t, err.start, err.end, err.code, err.summary, err.detail, ""))
	}
	c.parsed[t] = n
	return n
}

// rule checks a rule's condition and its `by` for all actions that it reaches. Uses share a condition where the resource has one type, or is not
// looked at.
func (c *policyChecker) rule(r *policy.Rule) {
	when := make(map[int]int)
	by := make(map[int]int)
	for _, a := range r.Actions {
		use := expr.Use{Rule: r, Action: a}
		resource := c.env.types.resource(a.Resource)
		c.out.When[use] = c.shared(when, resource, func() (int, bool) { return c.when(r, a, resource) })
		if r.Rollout != nil {
			c.out.By[use] = c.shared(by, resource, func() (int, bool) { return c.by(r, a, resource) })
		}
	}
}

// anyResource is the key of a condition that does not look at the resource.
const anyResource = -2

// shared returns the condition for a type of the resource, checking it if it is new.
func (c *policyChecker) shared(known map[int]int, resource int, check func() (index int, usesResource bool)) int {
	if i, ok := known[anyResource]; ok {
		return i
	}
	if i, ok := known[resource]; ok {
		return i
	}
	i, uses := check()
	if !uses {
		resource = anyResource
	}
	known[resource] = i
	return i
}

// add puts a condition among all.
func (c *policyChecker) add(root expr.Expr, slots int) int {
	c.out.All = append(c.out.All, finish(root, slots))
	return len(c.out.All) - 1
}

// when checks `when && !(unless)`.
func (c *policyChecker) when(r *policy.Rule, a *policy.Action, resource int) (index int, usesResource bool) {
	index = -1
	var root expr.Expr
	var slots int
	ok := true
	for _, t := range []*policy.Text{r.When, r.Unless} {
		if t == nil {
			continue
		}
		p := c.part(t, a, resource, policy.Bool)
		usesResource = usesResource || p.usesResource
		slots = max(slots, p.slots)
		switch {
		case p.root == nil:
			ok = false
		case t == r.When:
			root = p.root
		default:
			root = andNot(root, p.root)
		}
	}
	if !ok || root == nil || isTrue(root) {
		return -1, usesResource
	}
	return c.add(root, slots), usesResource
}

// part checks a text for one type of the resource.
func (c *policyChecker) part(t *policy.Text, a *policy.Action, resource int, want *policy.Type) *part {
	n := c.parse(t)
	if n == nil {
		return &part{}
	}
	p := c.env.checkPart(n, resource, a.Name, want.Kind == policy.KindString)
	if p.root != nil && !p.root.Node().Type.Equal(want) && p.root.Node().Type.Kind != policy.KindAny {
		p.diags.Add(wantType(n, p.root.Node().Type, want))
		p.root = nil
	}
	c.diags.Add(p.diags...)
	return p
}

// by checks a rollout's `by`.
func (c *policyChecker) by(r *policy.Rule, a *policy.Action, resource int) (index int, usesResource bool) {
	p := c.part(r.Rollout.By, a, resource, policy.String)
	if p.root == nil {
		return -1, p.usesResource
	}
	return c.add(p.root, p.slots), p.usesResource
}

func isTrue(e expr.Expr) bool {
	c, ok := e.(*expr.Const)
	return ok && c.Value == true
}

// andNot is `when && !(unless)`, or `!(unless)` if when is nil or true.
func andNot(when, unless expr.Expr) expr.Expr {
	u := unless.Node()
	not := &expr.Call{
		Base:     expr.Base{Type: policy.Bool, Text: "!(" + u.Text + ")", Span: u.Span},
		Function: operators.LogicalNot, Overloads: []string{"logical_not"}, Args: []expr.Expr{unless},
	}
	if when == nil || isTrue(when) {
		return not
	}
	w := when.Node()
	return &expr.Logic{Base: expr.Base{Type: policy.Bool, Text: w.Text + " && " + not.Text, Span: w.Span}, Left: when, Right: not}
}
