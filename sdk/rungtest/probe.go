package rungtest

import (
	"github.com/rungpolicy/rung/cel"
	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/plan"
	rung "github.com/rungpolicy/rung/sdk"
)

// probe counts what decisions look at. It is a plan of its own with an engine that tells of sub-expressions; it is safe for concurrent use, each goroutine with a
// tally of its own.
type probe struct {
	policy *policy.Policy
	plan   *plan.Plan
	engine *cel.Engine

	// rules are those that are not off. when has the rule of a condition, by the condition's index; -1 for the `by` of rollouts, and for what is not counted.
	rules       []*policy.Rule
	ruleIndex   map[string]int
	conditional map[*policy.Rule]bool
	when        []int
	actionIndex map[string]int

	sites  []*place
	byNode map[*expr.Base]int
	bySpan map[diag.Span]int
}

// place is a sub-condition.
type place struct {
	text  string
	span  diag.Span
	rules map[string]bool
}

// count is how often something came out in each way.
type count struct{ yes, no, erred, pending int }

func (c *count) add(t plan.Truth) {
	switch t {
	case plan.True:
		c.yes++
	case plan.False:
		c.no++
	case plan.Pending:
		c.pending++
	case plan.Erred:
		c.erred++
	}
}

func (c *count) merge(o count) {
	c.yes += o.yes
	c.no += o.no
	c.erred += o.erred
	c.pending += o.pending
}

// tally is what one goroutine has counted.
type tally struct {
	*probe
	atSites   []count
	ofRules   []count
	ofActions [][4]int // by effect
}

func newProbe(c *rung.Checked) (*probe, error) {
	p := &probe{
		policy: c.Policy, plan: plan.Build(c.Policy, c.Conditions()), ruleIndex: make(map[string]int), conditional: make(map[*policy.Rule]bool),
		actionIndex: make(map[string]int), byNode: make(map[*expr.Base]int), bySpan: make(map[diag.Span]int),
	}
	var err error
	if p.engine, err = cel.NewEngine(p.plan); err != nil {
		return nil, err
	}
	for i, a := range c.Policy.Actions {
		p.actionIndex[a.Name] = i
	}
	p.when = make([]int, len(p.plan.Conditions))
	for i := range p.when {
		p.when[i] = -1
	}
	for _, r := range c.Policy.Rules {
		if r.Mode != policy.Off {
			p.rule(r, c.Conditions())
		}
	}
	return p, nil
}

// rule finds the sub-conditions of a rule, as it is for each action.
func (p *probe) rule(r *policy.Rule, c *expr.Conditions) {
	n := len(p.rules)
	p.ruleIndex[r.ID] = n
	p.rules = append(p.rules, r)
	for _, a := range r.Actions {
		i, ok := c.When[expr.Use{Rule: r, Action: a}]
		if !ok || i < 0 {
			continue
		}
		p.conditional[r] = true
		if p.when[i] < 0 {
			p.when[i] = n
			p.root(c.All[i].Root, r)
		}
	}
}

// root finds the sub-conditions of `when && !(unless)`, which is written as two.
func (p *probe) root(e expr.Expr, r *policy.Rule) {
	f := finder{p, r.ID}
	if both, ok := e.(*expr.Logic); ok && !both.Or && r.Unless != nil {
		if not, ok := both.Right.(*expr.Call); ok && isNot(not) && not.Span == not.Args[0].Node().Span {
			f.condition(both.Left, nil)
			f.condition(not, nil)
			return
		}
	}
	f.condition(e, nil)
}

// finder finds the sub-conditions of a rule.
type finder struct {
	*probe
	rule string
}

func isNot(c *expr.Call) bool { return c.Function == "!_" && len(c.Args) == 1 }

// condition notes a part of a condition that is true or false by itself, and those in it. A negation is what it negates; a chain of `&&` or `||`, of which outer is the
// one that it is an operand of, is one.
func (f finder) condition(e expr.Expr, outer *expr.Logic) {
	switch e := e.(type) {
	case *expr.Const:
	case *expr.Call:
		if isNot(e) {
			f.condition(e.Args[0], nil)
			return
		}
		f.note(e)
	case *expr.Logic:
		if outer == nil || outer.Or != e.Or || !inside(e.Span, outer.Span) {
			f.noteNode(e)
		}
		f.condition(e.Left, e)
		f.condition(e.Right, e)
	case *expr.Cond:
		f.condition(e.If, nil)
		f.condition(e.Then, nil)
		f.condition(e.Else, nil)
	case *expr.Bind:
		f.value(e.Init)
		f.condition(e.Body, nil)
	default:
		f.note(e)
	}
}

// inside reports whether a place is a part of another one. What a let stands for is elsewhere.
func inside(part, whole diag.Span) bool {
	return part.Source == whole.Source && whole.Start <= part.Start && part.End <= whole.End
}

// note notes a sub-condition that has no logic of its own, and looks for those in its operands.
func (f finder) note(e expr.Expr) {
	f.noteNode(e)
	f.within(e)
}

func (f finder) noteNode(e expr.Expr) {
	b := e.Node()
	i, ok := f.bySpan[b.Span]
	if !ok {
		i = len(f.sites)
		f.sites = append(f.sites, &place{text: b.Text, span: b.Span, rules: make(map[string]bool)})
		f.bySpan[b.Span] = i
	}
	f.byNode[b] = i
	f.sites[i].rules[f.rule] = true
}

// value looks for sub-conditions in what is no condition itself.
func (f finder) value(e expr.Expr) {
	switch e := e.(type) {
	case *expr.Logic:
		f.condition(e, nil)
	case *expr.Call:
		if isNot(e) {
			f.condition(e, nil)
			return
		}
		f.within(e)
	default:
		f.within(e)
	}
}

func (f finder) within(e expr.Expr) {
	switch e := e.(type) {
	case *expr.Cond:
		f.condition(e.If, nil)
		f.value(e.Then)
		f.value(e.Else)
	case *expr.Fold:
		f.value(e.Range)
		if e.Filter != nil {
			f.condition(e.Filter, nil)
		}
		switch e.Macro {
		case expr.All, expr.Exists, expr.ExistsOne, expr.Filter:
			f.condition(e.Body, nil)
		case expr.Map, expr.TransformList, expr.TransformMap, expr.TransformMapEntry:
			f.value(e.Body)
		}
	default:
		for _, c := range expr.Children(e) {
			f.value(c)
		}
	}
}

func (p *probe) tally() *tally {
	return &tally{
		probe: p, atSites: make([]count, len(p.sites)), ofRules: make([]count, len(p.rules)), ofActions: make([][4]int, len(p.policy.Actions)),
	}
}

// decide takes a decision, and counts what it looks at.
func (t *tally) decide(r *policy.Request) {
	d := t.plan.Decide(t, r)
	if i, ok := t.actionIndex[d.Action]; ok && int(d.Effect) < len(t.ofActions[i]) {
		t.ofActions[i][d.Effect]++
	}
	for _, reasons := range [][]*policy.Reason{d.Reasons, d.Shadow} {
		for _, x := range reasons {
			if i, ok := t.ruleIndex[x.Rule]; ok && !t.conditional[t.rules[i]] {
				t.ofRules[i].yes++
			}
		}
	}
}

func (t *tally) merge(o *tally) {
	for i := range t.atSites {
		t.atSites[i].merge(o.atSites[i])
	}
	for i := range t.ofRules {
		t.ofRules[i].merge(o.ofRules[i])
	}
	for i := range t.ofActions {
		for e := range t.ofActions[i] {
			t.ofActions[i][e] += o.ofActions[i][e]
		}
	}
}

func (t *tally) see(node *expr.Base, truth plan.Truth) {
	if i, ok := t.byNode[node]; ok {
		t.atSites[i].add(truth)
	}
}

// Eval implements [plan.Engine].
func (t *tally) Eval(condition int, in *plan.Input) plan.Result {
	res := t.engine.Watch(condition, in, t.see)
	if i := t.when[condition]; i >= 0 {
		t.ofRules[i].add(res.Truth)
	}
	return res
}

// Text implements [plan.Engine].
func (t *tally) Text(condition int, in *plan.Input) plan.Result { return t.engine.Text(condition, in) }

// Trace implements [plan.Engine].
func (t *tally) Trace(condition int, in *plan.Input) (plan.Result, []policy.NodeTrace) {
	return t.engine.Trace(condition, in)
}
