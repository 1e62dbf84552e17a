package engines

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/rungpolicy/rung/bench/bank"
	"github.com/rungpolicy/rung/bench/lang"
)

// eight bits keep the results below 256: Go boxes such integers without an allocation.
const celBits = 8

type celChunk struct {
	prg   cel.Program
	rules []bank.Rule
}

type celTuned map[string][]celChunk

var celCIDR = regexp.MustCompile(`cidr\(("[^"]*")\)\.containsIP\(([^)]*)\)`)

func loadCELTuned(p *bank.Policy) (Loaded, error) {
	var nets sync.Map
	opts := []cel.EnvOption{cel.Function("inside", cel.Overload("inside_string_string", []*cel.Type{cel.StringType, cel.StringType}, cel.BoolType,
		cel.BinaryBinding(func(a, b ref.Val) ref.Val {
			s := string(a.(types.String))
			n, ok := nets.Load(s)
			if !ok {
				pre, err := netip.ParsePrefix(s)
				if err != nil {
					return types.WrapErr(err)
				}
				n, _ = nets.LoadOrStore(s, pre)
			}
			return types.Bool(inside(n.(netip.Prefix), string(b.(types.String))))
		})))}
	var arities []cel.FunctionOpt
	for n, args := 1, []*cel.Type{cel.BoolType}; n <= celBits; n, args = n+1, append(args, cel.BoolType) {
		arities = append(arities, cel.Overload(fmt.Sprintf("bits_%d", n), args[:n:n], cel.IntType))
	}
	bits := func(a ...ref.Val) ref.Val {
		n := 0
		for i, v := range a {
			if v == types.True {
				n |= 1 << i
			}
		}
		return types.Int(n)
	}
	arities = append(arities, cel.SingletonFunctionBinding(bits))
	opts = append(opts, cel.Function("bits", arities...))
	for name, t := range fieldTypes() {
		opts = append(opts, cel.Variable(name, t))
	}
	env, err := cel.NewEnv(opts...)
	if err != nil {
		return nil, err
	}
	byAction := map[string][]bank.Rule{}
	for _, r := range p.Rules {
		byAction[r.Action] = append(byAction[r.Action], r)
	}
	l := celTuned{}
	for _, action := range p.Actions {
		for rules := byAction[action]; len(rules) > 0; {
			n := min(celBits, len(rules))
			terms := make([]string, n)
			for i, r := range rules[:n] {
				terms[i] = celCIDR.ReplaceAllString(lang.CEL(r.When), "inside($1, $2)")
			}
			ast, iss := env.Compile("bits(" + strings.Join(terms, ", ") + ")")
			if iss.Err() != nil {
				return nil, fmt.Errorf("%s: %w", action, iss.Err())
			}
			prg, err := env.Program(ast, cel.EvalOptions(cel.OptOptimize))
			if err != nil {
				return nil, err
			}
			l[action] = append(l[action], celChunk{prg, rules[:n]})
			rules = rules[n:]
		}
	}
	return l, nil
}

func (celTuned) Prepare(c *bank.Context) any { return (*flat)(c) }

func (l celTuned) Decide(in any) (bank.Decision, error) {
	c := in.(*flat)
	req := bank.Baseline
	chunks := l[c.Action]
	for i := range chunks {
		ch := &chunks[i]
		v, _, err := ch.prg.Eval(c)
		if err != nil {
			return bank.Decision{}, err
		}
		for bits, k := v.(types.Int), 0; bits != 0; bits, k = bits>>1, k+1 {
			if bits&1 != 0 {
				req.Add(ch.rules[k].Deny, ch.rules[k].Level, ch.rules[k].MaxAge)
			}
		}
	}
	return req.Meet(&c.Session), nil
}

func inside(p netip.Prefix, s string) bool {
	a, err := netip.ParseAddr(s)
	return err == nil && p.Contains(a)
}
