package cel

import (
	"math"
	"strconv"

	"cel.dev/cel-go/common/cost"
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
	// parts are the texts and lets that are checked already: see checkOnce.
	parts    map[partKey]*part
	reads    map[*node]*reads
	pathKeys map[attrPath]string
	nodes    budget // of all conditions, lets put in
	work     budget // of those that are checked
	ended    bool   // the end of either is reported
}

func newPolicyChecker(p *policy.Policy) *policyChecker {
	return &policyChecker{
		env: NewEnv(p), policy: p, parsed: make(map[*policy.Text]*node),
		parts: make(map[partKey]*part), reads: make(map[*node]*reads), pathKeys: make(map[attrPath]string),
		nodes: newBudget(p.Bytes, nodesPerByte), work: newBudget(p.Bytes, workPerByte),
		out: &expr.Conditions{When: make(map[expr.Use]int), By: make(map[expr.Use]int)},
	}
}

func (c *policyChecker) run() {
	c.readLets()
	for _, r := range c.policy.Rules {
		c.rule(r)
	}
	c.unusedLets()
	if !c.diags.HasErrors() {
		c.costs()
	}
}

// syntax reports what does not parse.
func (c *policyChecker) syntax() {
	for _, l := range c.policy.Lets {
		c.parse(l.CEL)
	}
	for _, r := range c.policy.Rules {
		for _, t := range []*policy.Text{r.When, r.Unless} {
			if t != nil {
				c.parse(t)
			}
		}
		if r.Rollout != nil {
			c.parse(r.Rollout.By)
		}
	}
}

// parse reads a text once and reports what is wrong with it.
func (c *policyChecker) parse(t *policy.Text) *node {
	if n, ok := c.parsed[t]; ok {
		return n
	}
	n, err := parse(t)
	if err != nil {
		d := diagnostic(t, err.start, err.end, err.code, err.summary, err.detail, "")
		if err.code == "limit" {
			d.Range = t.Span.Range()
		}
		c.diags.Add(d)
	}
	c.parsed[t] = n
	return n
}

// rule checks a rule's condition and its `by` for all actions that it reaches. Uses share a condition where the resource
// has one type, or is not looked at.
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
func (c *policyChecker) add(root expr.Expr, p *part) int {
	c.out.All = append(c.out.All, finish(root, p))
	return len(c.out.All) - 1
}

// when checks `when && !(unless)`.
func (c *policyChecker) when(r *policy.Rule, a *policy.Action, resource int) (index int, usesResource bool) {
	var root expr.Expr
	var all part
	ok := true
	for _, t := range []*policy.Text{r.When, r.Unless} {
		if t == nil {
			continue
		}
		p := c.part(t, a, len(r.Actions) > 1, resource, policy.Bool)
		if all.size += p.size; all.size > policy.MaxConditionNodes && p.root != nil {
			c.diags.Add(diagnostic(t, 0, len(t.Value), "cel-limit", "`when` and `unless` together have more than 10,000 nodes, lets put in", "", ""))
			p.root = nil
		}
		usesResource = usesResource || p.usesResource
		all.slots, all.cost, all.made = max(all.slots, p.slots), addCapped(all.cost, p.cost), addCapped(all.made, p.made)
		switch {
		case p.root == nil:
			ok = false
		case t == r.When:
			root = p.root
		default:
			root = andNot(root, p.root)
			all.cost = addCapped(all.cost, cost.CallCost) // of the `!`
		}
	}
	if !ok || root == nil || isTrue(root) {
		return -1, usesResource
	}
	return c.add(root, &all), usesResource
}

// part checks a text for one type of the resource.
func (c *policyChecker) part(t *policy.Text, a *policy.Action, several bool, resource int, want *policy.Type) *part {
	n := c.parse(t)
	if n == nil {
		return &part{}
	}
	for _, u := range c.env.letUses(n) {
		u.let.wanted = true
	}
	size, height := c.env.measure(n)
	if d, ok := c.tooLarge(t, size, height); ok {
		c.diags.Add(d)
		return &part{}
	}
	if !c.nodes.spend(size) {
		c.exhausted(t)
		return &part{}
	}
	p := c.checkShared(n, where{resource: resource, action: a.Name, several: several, noLazy: want.Kind == policy.KindString})
	p.size = size
	if p.root != nil && !p.root.Node().Type.Equal(want) && p.root.Node().Type.Kind != policy.KindAny {
		p.diags.Add(wantType(n, p.root.Node().Type, want))
		p.root = nil
	}
	c.diags.Add(p.diags...)
	return p
}

// exhausted reports, once, that the conditions are more than a policy may have.
func (c *policyChecker) exhausted(t *policy.Text) {
	if c.ended {
		return
	}
	c.ended = true
	c.diags.Add(diagnostic(t, 0, len(t.Value), "cel-limit", "the conditions of the policy have too many nodes, lets put in",
		"how many there may be grows with the size of the policy, up to "+amount(maxAllNodes)+"; a let counts wherever it is used, a rule at top level for each action", ""))
}

// by checks a rollout's `by`.
func (c *policyChecker) by(r *policy.Rule, a *policy.Action, resource int) (index int, usesResource bool) {
	p := c.part(r.Rollout.By, a, len(r.Actions) > 1, resource, policy.String)
	if p.root == nil {
		return -1, p.usesResource
	}
	return c.add(p.root, p), p.usesResource
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

// unusedLets notes what no rule and no other let uses, and checks it as if it were a condition: the rules that types do not say are
// looked at in conditions only.
func (c *policyChecker) unusedLets() {
	for _, l := range c.policy.Lets {
		x := c.env.lets[l.Name]
		if x == nil || x.Let != l || x.failed || x.wanted {
			continue
		}
		c.out.UnusedLets = append(c.out.UnusedLets, l)
		if !c.readsOf(x.body).none() {
			continue // of which resource, only a rule says
		}
		c.diags.Add(c.checkOnce(x.body, where{resource: -1, action: l.Name}).diags...)
	}
}

// costs holds the sum of each action's conditions, and what each condition makes, against the limits.
func (c *policyChecker) costs() {
	sums := make(map[*policy.Action]uint64)
	worst := make(map[*policy.Action]*policy.Rule)
	most := make(map[*policy.Action]uint64)
	for _, r := range c.policy.Rules {
		for _, a := range r.Actions {
			cost := c.useCost(expr.Use{Rule: r, Action: a})
			if sums[a] = addCapped(sums[a], cost); cost > most[a] {
				most[a], worst[a] = cost, r
			}
		}
		c.memory(r)
	}
	limit := c.policy.MaxCost
	if limit == 0 {
		limit = policy.DefaultMaxCost
	}
	for _, a := range c.policy.Actions {
		if sums[a] > limit {
			c.diags.Add(diag.Diagnostic{
				Code:    "cel-cost",
				Summary: "the conditions of action `" + a.Name + "` can cost " + amount(sums[a]) + ", more than " + amount(limit),
				Detail:  "the most expensive is that of `" + worst[a].ID + "`, " + amount(most[a]) + ": bound its lists with `list(T, N)`, or raise `max_cost` of the policy",
				Range:   conditionRange(worst[a]),
			})
		}
	}
}

// useCost is the worst case of a rule where it reaches an action.
func (c *policyChecker) useCost(u expr.Use) uint64 {
	var cost uint64
	if u.Rule.Mode == policy.Off {
		return 0
	}
	if i := c.out.When[u]; i >= 0 {
		cost = c.out.All[i].Cost
	}
	if i, ok := c.out.By[u]; ok && i >= 0 {
		cost = addCapped(cost, c.out.All[i].Cost)
	}
	return cost
}

// memory reports a rule whose condition can make too much, once.
func (c *policyChecker) memory(r *policy.Rule) {
	for _, a := range r.Actions {
		u := expr.Use{Rule: r, Action: a}
		indices := []int{c.out.When[u]}
		if i, ok := c.out.By[u]; ok {
			indices = append(indices, i)
		}
		for _, i := range indices {
			if i >= 0 && c.out.All[i].Made > policy.MaxMade {
				c.diags.Add(diag.Diagnostic{
					Code:    "cel-memory",
					Summary: "the condition of `" + r.ID + "` can make " + amount(c.out.All[i].Made) + " bytes of texts and lists, more than " + amount(policy.MaxMade),
					Detail:  "bound the lists that it goes through with `list(T, N)`, or make less of each element",
					Range:   conditionRange(r),
				})
				return
			}
		}
	}
}

// conditionRange is where a rule's condition stands.
func conditionRange(r *policy.Rule) diag.Range {
	for _, t := range []*policy.Text{r.When, r.Unless} {
		if t != nil {
			return t.Place(0, len(t.Value)).Range()
		}
	}
	return r.Range
}

// amount writes a number with its thousands apart.
func amount(n uint64) string {
	if n == math.MaxUint64 {
		return "without bound"
	}
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
