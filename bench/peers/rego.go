package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"

	"github.com/rungpolicy/rung/bench/bank"
	"github.com/rungpolicy/rung/bench/engines"
)

// regoModule is an action's rules in Rego: a set of the names of those that hold.
func regoModule(index int, rules []bank.Rule) string {
	var b strings.Builder
	fmt.Fprintf(&b, "package bank.a%d\n\nimport rego.v1\n", index)
	for _, r := range rules {
		for _, all := range alternatives(r.When, true) {
			fmt.Fprintf(&b, "\nhits contains %q if {\n\t%s\n}\n", r.Name, strings.Join(all, "\n\t"))
		}
	}
	return b.String()
}

// alternatives are the ways in which a condition comes to want, each as statements that hold together: Rego says "or" by several
// rules.
func alternatives(e *bank.Expr, want bool) [][]string {
	switch {
	case e.Op == bank.OpNot:
		return alternatives(e.Args[0], !want)
	case e.Op == bank.OpAnd && want, e.Op == bank.OpOr && !want:
		out := [][]string{nil}
		for _, a := range e.Args {
			var next [][]string
			for _, left := range out {
				for _, right := range alternatives(a, want) {
					next = append(next, append(append([]string(nil), left...), right...))
				}
			}
			out = next
		}
		return out
	case e.Op == bank.OpAnd, e.Op == bank.OpOr:
		var out [][]string
		for _, a := range e.Args {
			out = append(out, alternatives(a, want)...)
		}
		return out
	}
	text := regoSyntax.render(e)
	if !want {
		text = "not " + text
	}
	return [][]string{{text}}
}

var regoSyntax = &language{
	path: func(path string) string { return "input." + path }, quote: strconv.Quote,
	in:  func(path string, list []string) string { return path + " in {" + strings.Join(list, ", ") + "}" },
	has: "%[2]s in %[1]s", prefix: "startswith(%s, %s)", cidr: "net.cidr_contains(%s, %s)", match: "regex.match(%[2]s, %[1]s)",
	exists: "some x in %s; startswith(x, %s)",
}

// regoLoaded is a prepared query an action.
type regoLoaded struct {
	queries map[string]rego.PreparedEvalQuery
	rules   map[string]bank.Rule
}

func loadRego(p *bank.Policy) (engines.Loaded, error) {
	l := &regoLoaded{queries: map[string]rego.PreparedEvalQuery{}, rules: map[string]bank.Rule{}}
	rules := byAction(p)
	for i, action := range p.Actions {
		name := "a" + strconv.Itoa(i)
		q, err := rego.New(rego.Query("data.bank."+name+".hits"), rego.Module(name+".rego", regoModule(i, rules[action]))).PrepareForEval(context.Background())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", action, err)
		}
		l.queries[action] = q
		for _, r := range rules[action] {
			l.rules[r.Name] = r
		}
	}
	return l, nil
}

type regoInput struct {
	c     *bank.Context
	value ast.Value
}

// Prepare makes OPA's own value of a question.
func (l *regoLoaded) Prepare(c *bank.Context) any {
	m := c.Map()
	for name, signal := range m {
		if attrs, ok := signal.(map[string]any); ok {
			for attr, v := range attrs {
				if n, ok := v.(int64); ok {
					attrs[attr] = json.Number(strconv.FormatInt(n, 10))
				}
			}
			m[name] = attrs
		}
	}
	delete(m["session"].(map[string]any), "auth_time")
	v, err := ast.InterfaceToValue(m)
	if err != nil {
		panic(err)
	}
	return &regoInput{c, v}
}

func (l *regoLoaded) Decide(in any) (bank.Decision, error) {
	input := in.(*regoInput)
	results, err := l.queries[input.c.Action].Eval(context.Background(), rego.EvalParsedInput(input.value))
	if err != nil {
		return bank.Decision{}, err
	}
	requirement := bank.Baseline
	for _, r := range results {
		names, ok := r.Expressions[0].Value.([]any)
		if !ok {
			return bank.Decision{}, fmt.Errorf("the answer is %T", r.Expressions[0].Value)
		}
		for _, name := range names {
			rule := l.rules[name.(string)]
			requirement.Add(rule.Deny, rule.Level, rule.MaxAge)
		}
	}
	return requirement.Meet(&input.c.Session), nil
}
