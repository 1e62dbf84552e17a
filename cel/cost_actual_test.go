package cel

import (
	"regexp"
	"strings"
	"testing"

	celgo "cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/types/ref"
	"pgregory.net/rapid"

	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/hcl"
	"github.com/rungpolicy/rung/internal/gen"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/codec"
)

// TestCostIsEnough holds the worst case that the checker says of generated expressions against what cel-go counts when it evaluates them.
func TestCostIsEnough(t *testing.T) {
	t.Parallel()
	s := probeSetup()
	env := probeEnv(t)
	vars := map[string]any{}
	for i, sig := range s.policy.Signals {
		if v := s.in.Signals[i]; v != nil {
			vars[sig.Name] = toVal(v)
		}
	}
	counted := 0
	rapid.Check(t, func(rt *rapid.T) {
		src := generate(rt, rapid.SampledFrom([]kind{kBool, kInt, kString, kTexts, kInts, kDyn, kMap, kOpt}).Draw(rt, "type"), 5)
		c, diags := s.check(src)
		if diags.HasErrors() {
			rt.Skip("refused")
		}
		actual, ok := actualCost(env, src, vars)
		if !ok {
			rt.Skip("cel-go does not take it")
		}
		if counted++; actual > c.Cost {
			rt.Fatalf("%s: at most %d, but cel-go counts %d", src, c.Cost, actual)
		}
	})
	if counted == 0 {
		t.Error("nothing is counted")
	}
}

// TestCostOfTexts is TestCostIsEnough for each function of texts, with each of some texts at each place: none, a short and a long one, and one of
// characters of several bytes.
func TestCostOfTexts(t *testing.T) {
	t.Parallel()
	s := probeSetup()
	env := probeEnv(t)
	texts := []string{"''", "'a'", "'" + strings.Repeat("ab ", 7) + "'", "'" + strings.Repeat("é😀", 50) + "'"}
	for _, form := range []string{
		"$1.charAt(0)", "$1.charAt(0).charAt(0)", "$1.contains($2)", "$1.startsWith($2)", "$1.endsWith($2)", "$1.indexOf($2)", "$1.lastIndexOf($2)", "$1.indexOf($2, 0)",
		"$1.substring(0)", "$1.substring(0, 0)", "$1.substring(1)", "$1.substring(0, 1)", "$1.split($2)", "$1.split($2, 1)", "$1.replace($2, 'xyz')", "$1.replace($2, 'x', 1)",
		"$1.lowerAscii()", "$1.upperAscii()", "$1.trim()", "$1.reverse()", "$1.size()", "$1 + $2", "$1 == $2", "$1 < $2", "$1 in [$2]", "[$1].join($2)", "[$1, $2].join()",
		"$1.charAt(0) == $2.charAt(0)", "$1.substring(0) + $2.substring(0)", "$1.matches('a.*b')", "$1.format([])", "'%s %s'.format([$1, $2])", "strings.quote($1)",
		"bytes($1)", "base64.encode(bytes($1))", "regex.replace($1, 'a', 'b')", "regex.extract($1, 'a')", "regex.extractAll($1, 'a')", "[$1, $2].sort()", "[$1].distinct()",
	} {
		counted := 0
		for _, a := range texts {
			for _, b := range texts {
				src := strings.NewReplacer("$1", a, "$2", b).Replace(form)
				c, diags := s.check(src)
				if actual, ok := actualCost(env, src, nil); !diags.HasErrors() && ok {
					if counted++; actual > c.Cost {
						t.Errorf("%s: at most %d, but cel-go counts %d", src, c.Cost, actual)
					}
				}
			}
		}
		if counted == 0 {
			t.Errorf("%s: nothing is counted", form)
		}
	}
}

// linear is what replacing costs: cel-go counts the one text times the other, though to look for a text is linear.
func linear(args []ref.Val, result ref.Val) *uint64 {
	n := uint64(cost.CallCost) + cost.ActualSize(args[0])/10 + cost.ActualSize(args[1])/10 + cost.ActualSize(result)
	return &n
}

func actualCost(env *celgo.Env, src string, vars map[string]any) (uint64, bool) {
	ast, iss := env.Compile(src)
	if iss.Err() != nil {
		return 0, false
	}
	prg, err := env.Program(ast, celgo.CostTracking(nil), celgo.CostTrackerOptions(
		cost.OverloadTracker("string_replace_string_string", linear), cost.OverloadTracker("string_replace_string_string_int", linear)))
	if err != nil {
		return 0, false
	}
	_, details, _ := prg.Eval(vars) // an error has a cost too
	if details == nil || details.ActualCost() == nil {
		return 0, false
	}
	return *details.ActualCost(), true
}

// TestCostOfPolicies is TestCostIsEnough for the conditions of generated policies and for generated requests.
func TestCostOfPolicies(t *testing.T) {
	t.Parallel()
	counted := 0
	for seed := range uint64(300) {
		src := gen.Seeded(seed)
		parsed, err := hcl.Parse(gen.NewPolicy(src, gen.Options{}, 8).Files(src))
		if err != nil {
			t.Fatal(err)
		}
		p := parsed.Policy
		out, diags := Check(p)
		if diags.HasErrors() || parsed.Diagnostics.HasErrors() {
			t.Fatal(parsed.Diagnostics, diags)
		}
		env := policyEnv(t, p)
		for range 3 {
			r := gen.NewRequest(src)
			vars := policyVars(t, p, r)
			for _, rule := range p.Rules {
				for _, a := range rule.Actions {
					i := out.When[expr.Use{Rule: rule, Action: a}]
					if i < 0 || a.Name != r.Action {
						continue
					}
					text := withLets(rule)
					actual, ok := actualCost(env, text, vars)
					if !ok {
						continue // it has what is ours alone: has(signal), lists of addresses
					}
					if counted++; actual > out.All[i].Cost {
						t.Errorf("%s: at most %d, but cel-go counts %d", text, out.All[i].Cost, actual)
					}
				}
			}
		}
	}
	if counted < 300 {
		t.Errorf("only %d conditions are counted", counted)
	}
}

// withLets is a rule's condition as one text, with the lets of generated policies put in.
func withLets(r *policy.Rule) string {
	text := "true"
	if r.When != nil {
		text = "(" + r.When.Value + ")"
	}
	if r.Unless != nil {
		text += " && !(" + r.Unless.Value + ")"
	}
	far := "(network.country != subject.country)"
	text = regexp.MustCompile(`\brisky\b`).ReplaceAllString(text, "("+far+" || score < 0.5)")
	return regexp.MustCompile(`\bfar\b`).ReplaceAllString(text, far)
}

// policyEnv declares to cel-go what the conditions of a policy may name.
func policyEnv(t *testing.T, p *policy.Policy) *celgo.Env {
	t.Helper()
	vars := []celgo.EnvOption{celgo.Variable("resource", celgo.DynType), celgo.Variable("now", celgo.TimestampType), celgo.Variable("posture", celgo.IntType)}
	for _, s := range p.Signals {
		vars = append(vars, celgo.Variable(s.Name, celgo.DynType))
	}
	for _, x := range p.Params {
		vars = append(vars, celgo.Variable("param."+x.Name, celgo.DoubleType))
	}
	for _, l := range p.Levels {
		vars = append(vars, celgo.Variable("level."+l.Name, celgo.IntType))
	}
	for _, x := range p.Postures {
		vars = append(vars, celgo.Variable("postures."+x.Name, celgo.IntType))
	}
	env, err := theBasis().env.Extend(append(vars, celgo.Variable("list.bad", celgo.ListType(celgo.StringType)))...)
	if err != nil {
		t.Fatal(err)
	}
	return env
}

// policyVars are the values of a request for cel-go: what is missing is not there.
func policyVars(t *testing.T, p *policy.Policy, r *gen.Request) map[string]any {
	t.Helper()
	req, bad := codec.DecodeRequest(p, r.JSON(), codec.Options{Trusted: true})
	if bad != nil {
		t.Fatal(bad)
	}
	vars := map[string]any{"now": req.Now, "posture": 0, "list.bad": []string{"KP", "IR", "alice"}}
	for i, s := range p.Signals {
		put(vars, s.Name, req.Signals[i], s.Type)
	}
	put(vars, "resource", req.Resource, p.Action(r.Action).Resource)
	for _, x := range p.Params {
		vars["param."+x.Name] = 100.0
	}
	for _, l := range p.Levels {
		vars["level."+l.Name] = l.Rank
	}
	for _, x := range p.Postures {
		vars["postures."+x.Name] = x.Rank
	}
	return vars
}

func put(in map[string]any, name string, v policy.Value, t *policy.Type) {
	switch v := v.(type) {
	case nil, policy.Null:
	case *policy.Object:
		attrs := make(map[string]any)
		for i, a := range t.Attrs {
			put(attrs, a.Name, v.Attrs[i], a.Type)
		}
		in[name] = attrs
	case []policy.Value:
		list := make([]any, 0, len(v))
		for _, x := range v {
			one := map[string]any{}
			put(one, "x", x, t.Elem)
			list = append(list, one["x"])
		}
		in[name] = list
	default:
		in[name] = toVal(v)
	}
}
