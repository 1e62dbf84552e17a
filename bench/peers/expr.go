package main

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"sync"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"

	"github.com/rungpolicy/rung/bench/bank"
	"github.com/rungpolicy/rung/bench/engines"
)

// exprLang is a program a rule, over the Go struct.
type exprLang struct {
	rules    map[string][]exprRule
	machines sync.Pool // of *vm.VM
}

type exprRule struct {
	bank.Rule
	program *vm.Program
}

func loadExpr(p *bank.Policy) (engines.Loaded, error) {
	l := &exprLang{rules: map[string][]exprRule{}}
	l.machines.New = func() any { return new(vm.VM) }
	syntax := &language{
		path: goField, quote: strconv.Quote,
		in:  func(path string, list []string) string { return path + " in [" + strings.Join(list, ", ") + "]" },
		has: "%[2]s in %[1]s", prefix: "%s startsWith %s", cidr: "inside(%s, %s)", match: "%s matches %s", exists: "any(%s, # startsWith %s)",
	}
	inside := expr.Function("inside", insideCached(), new(func(string, string) bool))
	for action, rules := range byAction(p) {
		for _, r := range rules {
			program, err := expr.Compile(syntax.render(r.When), expr.Env(&bank.Signals{}), expr.AsBool(), inside)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", r.Name, err)
			}
			l.rules[action] = append(l.rules[action], exprRule{r, program})
		}
	}
	return l, nil
}

func (l *exprLang) Prepare(c *bank.Context) any { return c }

func (l *exprLang) Decide(in any) (bank.Decision, error) {
	c := in.(*bank.Context)
	machine := l.machines.Get().(*vm.VM)
	defer l.machines.Put(machine)
	requirement := bank.Baseline
	for i := range l.rules[c.Action] {
		r := &l.rules[c.Action][i]
		v, err := machine.Run(r.program, &c.Signals)
		if err != nil {
			return bank.Decision{}, err
		}
		if v == true {
			requirement.Add(r.Deny, r.Level, r.MaxAge)
		}
	}
	return requirement.Meet(&c.Session), nil
}

// insideCached is `inside(range, address)`, which keeps parsed ranges.
func insideCached() func(args ...any) (any, error) {
	var ranges sync.Map
	return func(args ...any) (any, error) {
		text, ok := args[0].(string)
		address, ok2 := args[1].(string)
		if !ok || !ok2 {
			return nil, fmt.Errorf("inside of %T and %T", args[0], args[1])
		}
		prefix, ok := ranges.Load(text)
		if !ok {
			p, err := netip.ParsePrefix(text)
			if err != nil {
				return nil, err
			}
			prefix, _ = ranges.LoadOrStore(text, p)
		}
		a, err := netip.ParseAddr(address)
		if err != nil {
			return nil, err
		}
		return prefix.(netip.Prefix).Contains(a), nil
	}
}
