package main

import (
	"fmt"
	"strings"

	"github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"

	"github.com/rungpolicy/rung/bench/bank"
	"github.com/rungpolicy/rung/bench/engines"
)

// casbinModel has a rule's condition as text in its policy, as casbin's documentation has it for attributes (ABAC). Casbin answers
// allow or deny and stops at the first that allows; `hit` notes each rule that holds, and says no, so that all are asked.
const casbinModel = `
[request_definition]
r = c, hits
[policy_definition]
p = when, id
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = eval(p.when) && hit(r.hits, p.id)
`

// casbinLoaded is an enforcer an action.
type casbinLoaded map[string]*casbinAction

type casbinAction struct {
	enforcer *casbin.Enforcer
	rules    map[string]bank.Rule
}

type casbinHits struct{ ids []string }

func loadCasbin(p *bank.Policy) (engines.Loaded, error) {
	l := casbinLoaded{}
	syntax := &language{
		path:  func(path string) string { return "r.c." + goField(path) },
		quote: func(s string) string { return "'" + strings.ReplaceAll(s, `\`, `\\`) + "'" },
		in:    func(path string, list []string) string { return path + " in (" + strings.Join(list, ", ") + ")" },
		has:   "has(%s, %s)", prefix: "prefix(%s, %s)", cidr: "inside(%s, %s)", match: "%s =~ %s", exists: "anyPrefix(%s, %s)",
	}
	for action, rules := range byAction(p) {
		m, err := model.NewModelFromString(casbinModel)
		if err != nil {
			return nil, err
		}
		e, err := casbin.NewEnforcer(m)
		if err != nil {
			return nil, err
		}
		for name, f := range govaluateFunctions() {
			e.AddFunction(name, f)
		}
		e.AddFunction("hit", func(args ...any) (any, error) {
			hits := args[0].(*casbinHits)
			hits.ids = append(hits.ids, args[1].(string))
			return false, nil
		})
		a := &casbinAction{enforcer: e, rules: map[string]bank.Rule{}}
		for _, r := range rules {
			if _, err := e.AddPolicy(syntax.render(r.When), r.Name); err != nil {
				return nil, fmt.Errorf("%s: %w", r.Name, err)
			}
			a.rules[r.Name] = r
		}
		l[action] = a
	}
	return l, nil
}

func (casbinLoaded) Prepare(c *bank.Context) any { return c }

func (l casbinLoaded) Decide(in any) (bank.Decision, error) {
	c := in.(*bank.Context)
	a := l[c.Action]
	var hits casbinHits
	if _, err := a.enforcer.Enforce(c.Signals, &hits); err != nil {
		return bank.Decision{}, err
	}
	requirement := bank.Baseline
	for _, id := range hits.ids {
		r := a.rules[id]
		requirement.Add(r.Deny, r.Level, r.MaxAge)
	}
	return requirement.Meet(&c.Session), nil
}
