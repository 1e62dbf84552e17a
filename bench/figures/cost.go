package main

import (
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"slices"
	"strings"
	"testing/fstest"
	"time"

	celgo "cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/interpreter"

	"github.com/rungpolicy/rung/cel"
	"github.com/rungpolicy/rung/hcl"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/codec"
	"github.com/rungpolicy/rung/policy/plan"
)

// ready is a policy that decides.
type ready struct {
	policy *policy.Policy
	plan   *plan.Plan
	engine plan.Engine
}

func open(fsys fs.FS) (*ready, error) {
	parsed, err := hcl.Parse(fsys)
	if err != nil {
		return nil, err
	}
	if err := parsed.Diagnostics.Err(); err != nil {
		return nil, err
	}
	conditions, found := cel.Check(parsed.Policy)
	if err := found.Err(); err != nil {
		return nil, err
	}
	pl := plan.Build(parsed.Policy, conditions)
	engine, err := cel.NewEngine(pl)
	if err != nil {
		return nil, err
	}
	return &ready{parsed.Policy, pl, engine}, nil
}

func (r *ready) request(text string) (*policy.Request, error) {
	req, refused := codec.DecodeRequest(r.policy, []byte(text), codec.Options{Trusted: true})
	if refused != nil {
		return nil, refused
	}
	return req, nil
}

// conditions are what the rules of the measured action ask: the kinds of question that policies are made of, none of which is true of quiet. They
// are the same text for both sides.
var conditions = []string{
	`resource.amount > 10000.0`,
	`resource.amount * 1.05 + 3.0 > 20000.0 && resource.currency != "EUR"`,
	`resource.payee_country in ["KP", "IR", "SY", "CU", "SD"]`,
	`network.country != subject.country && behavior.score > 0.5`,
	`!device.trusted && behavior.failed_logins_1h > 3`,
	`now - device.first_seen < duration("24h")`,
	`subject.id.startsWith("test-") || resource.reference.contains("gift card")`,
	`"risk" in subject.groups && resource.amount > 100.0`,
	`subject.groups.exists(g, g.startsWith("intern")) && !network.vpn`,
	`network.asn == 64500 || network.asn == 64501 || network.asn == 64502`,
	`behavior.failed_logins_1h >= 10 || behavior.impossible_travel`,
	`(resource.currency == "USD" ? resource.amount : resource.amount * 1.1) > 50000.0`,
}

// Requests to the measured action: one that nothing asks more of, one that several rules do.
const (
	quiet = `{"action": "transfer.create", "now": "2026-11-20T12:00:00Z", "signals": {
		"subject": {"id": "u-17", "country": "FR", "groups": ["retail", "premium", "beta"]},
		"device": {"trusted": true, "first_seen": "2025-01-01T00:00:00Z"},
		"network": {"country": "FR", "asn": 3215, "vpn": false},
		"behavior": {"score": 0.1, "failed_logins_1h": 0, "impossible_travel": false},
		"resource": {"amount": 120.5, "currency": "EUR", "payee_country": "DE", "reference": "rent of november"}}}`
	loud = `{"action": "transfer.create", "now": "2026-11-20T12:00:00Z", "signals": {
		"subject": {"id": "u-18", "country": "FR", "groups": ["retail", "risk"]},
		"device": {"trusted": false, "first_seen": "2026-11-20T09:00:00Z"},
		"network": {"country": "US", "asn": 64501, "vpn": true},
		"behavior": {"score": 0.9, "failed_logins_1h": 5, "impossible_travel": false},
		"resource": {"amount": 60000, "currency": "USD", "payee_country": "DE", "reference": "gift cards"}}}`
)

// written is a policy with the measured action and, beside it, as many rules on other actions.
func written(others int) fs.FS {
	var b strings.Builder
	b.WriteString("policy \"figures\" {\n  language = 1\n}\n")
	action(&b, "transfer.create", len(conditions), "")
	for i := range (others + 9) / 10 {
		action(&b, fmt.Sprintf("other%d.create", i), min(10, others-10*i), fmt.Sprintf(" && resource.amount != %d.5", i))
	}
	files := fstest.MapFS{}
	const most = 900 << 10 // of a file, so that it stays below the limit; an action ends with a line that is "}"
	for text := b.String(); text != ""; {
		cut := len(text)
		if cut > most {
			cut = strings.LastIndex(text[:most], "\n}\n") + len("\n}\n")
		}
		files[fmt.Sprintf("%03d.rung.hcl", len(files))] = &fstest.MapFile{Data: []byte(text[:cut])}
		text = text[cut:]
	}
	return files
}

// action writes an action with n step_up rules. The suffix makes its conditions its own.
func action(b *strings.Builder, name string, n int, suffix string) {
	fmt.Fprintf(b, `action %q {
  level = "none"
  resource = object({
    amount        = double
    currency      = string
    payee_country = string
    reference     = string
  })
`, name)
	for i := range n {
		when := conditions[i%len(conditions)]
		if suffix != "" {
			when = "(" + when + ")" + suffix
		}
		fmt.Fprintf(b, "  step_up \"rule %d\" {\n    when  = %q\n    level = \"aal%d\"\n  }\n", i, when, 1+i%3)
	}
	b.WriteString("}\n")
}

// programs are the measured action's conditions as cel-go compiles them, in the way that is fastest for it: every attribute a variable of its own
// with its type, constants folded.
func programs() ([]celgo.Program, error) {
	options := []celgo.EnvOption{}
	for name, t := range map[string]*celgo.Type{
		"subject.id": celgo.StringType, "subject.country": celgo.StringType, "subject.groups": celgo.ListType(celgo.StringType),
		"device.trusted": celgo.BoolType, "device.first_seen": celgo.TimestampType,
		"network.country": celgo.StringType, "network.asn": celgo.IntType, "network.vpn": celgo.BoolType,
		"behavior.score": celgo.DoubleType, "behavior.failed_logins_1h": celgo.IntType, "behavior.impossible_travel": celgo.BoolType,
		"resource.amount": celgo.DoubleType, "resource.currency": celgo.StringType, "resource.payee_country": celgo.StringType,
		"resource.reference": celgo.StringType, "now": celgo.TimestampType,
	} {
		options = append(options, celgo.Variable(name, t))
	}
	env, err := celgo.NewEnv(options...)
	if err != nil {
		return nil, err
	}
	out := make([]celgo.Program, len(conditions))
	for i, c := range conditions {
		ast, issues := env.Compile(c)
		if issues.Err() != nil {
			return nil, issues.Err()
		}
		if out[i], err = env.Program(ast, celgo.EvalOptions(celgo.OptOptimize)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// activation is a request as cel-go reads it, its values made beforehand.
func activation(p *policy.Policy, r *policy.Request) (interpreter.Activation, error) {
	values := map[string]any{"now": types.Timestamp{Time: r.Now}}
	add := func(name string, t *policy.Type, v policy.Value) {
		o, ok := v.(*policy.Object)
		if !ok {
			return
		}
		for i, a := range t.Attrs {
			switch v := o.Attrs[i].(type) {
			case nil:
			case []policy.Value:
				list := make([]string, len(v))
				for i := range v {
					list[i], _ = v[i].(string)
				}
				values[name+"."+a.Name] = types.DefaultTypeAdapter.NativeToValue(list)
			default:
				values[name+"."+a.Name] = types.DefaultTypeAdapter.NativeToValue(v)
			}
		}
	}
	for i, s := range p.Signals {
		add(s.Name, s.Type, r.Signals[i])
	}
	add("resource", p.Action(r.Action).Resource, r.Resource)
	return interpreter.NewActivation(values)
}

// decisionCost is what a decision takes, against the bare loop over the conditions that it evaluates.
func decisionCost(*setting) (string, bool, error) {
	e, err := open(written(0))
	if err != nil {
		return "", false, err
	}
	progs, err := programs()
	if err != nil {
		return "", false, err
	}
	worst, text := 0.0, []string{}
	for _, q := range []struct{ name, text, effect string }{{"allow", quiet, "allow"}, {"step_up", loud, "step_up"}} {
		r, err := e.request(q.text)
		if err != nil {
			return "", false, err
		}
		d := e.plan.Decide(e.engine, r)
		if d.Effect.String() != q.effect || len(d.Indeterminate) > 0 {
			return "", false, fmt.Errorf("the %s request came to %s, %v", q.effect, d.Effect, d.Indeterminate)
		}
		vars, err := activation(e.policy, r)
		if err != nil {
			return "", false, err
		}
		if n, err := loop(progs, vars); err != nil || n != len(d.Reasons) {
			return "", false, fmt.Errorf("%d conditions are true for cel-go, %d for us: %w", n, len(d.Reasons), err)
		}
		t := interleaved(func() { e.plan.Decide(e.engine, r) }, func() { _, _ = loop(progs, vars) })
		ratio := t[0] / t[1]
		worst = max(worst, ratio)
		text = append(text, fmt.Sprintf("%s %.2f (%.2f µs / %.2f µs)", q.name, ratio, t[0]/1e3, t[1]/1e3))
	}
	return strings.Join(text, ", "), worst <= 1.2, nil
}

// loop evaluates all programs and counts those that are true.
func loop(progs []celgo.Program, vars interpreter.Activation) (int, error) {
	n := 0
	for _, p := range progs {
		v, _, err := p.Eval(vars)
		if err != nil {
			return 0, err
		}
		if v == types.True {
			n++
		}
	}
	return n, nil
}

// Rounds of all sides in turn, so that what else the machine does weighs on all alike.
const (
	rounds    = 21
	roundTime = 20 * time.Millisecond
)

// interleaved returns the lower quartile of the nanoseconds that each function takes.
func interleaved(fs ...func()) []float64 {
	times := make([][]float64, len(fs))
	for range rounds {
		for i, f := range fs {
			runtime.GC()
			n, start := 0, time.Now()
			for time.Since(start) < roundTime {
				for range 50 {
					f()
				}
				n += 50
			}
			times[i] = append(times[i], float64(time.Since(start).Nanoseconds())/float64(n))
		}
	}
	out := make([]float64, len(fs))
	for i, t := range times {
		slices.Sort(t)
		out[i] = t[len(t)/4]
	}
	return out
}

// counting is an engine that counts the conditions that it is asked for.
type counting struct {
	plan.Engine
	n int
}

func (c *counting) Eval(condition int, in *plan.Input) plan.Result {
	c.n++
	return c.Engine.Eval(condition, in)
}

// leanness counts the conditions that run where the session meets every rule, and checks that they do run where it meets none.
func leanness(*setting) (string, bool, error) {
	e, err := open(written(0))
	if err != nil {
		return "", false, err
	}
	run := func(session string) (int, error) {
		r, err := e.request(strings.Replace(loud, `"signals": {`, `"signals": {"session": `+session+`,`, 1))
		if err != nil {
			return 0, err
		}
		c := &counting{Engine: e.engine}
		e.plan.Decide(c, r)
		return c.n, nil
	}
	none, err := run(`{}`)
	if err != nil {
		return "", false, err
	}
	if none == 0 {
		return "", false, errors.New("the hook counts nothing")
	}
	met, err := run(`{"acr": "aal3"}`)
	if err != nil {
		return "", false, err
	}
	return fmt.Sprintf("%d (%d where it meets none)", met, none), met == 0, nil
}

// flatness is what the same request costs with 10,000 rules on other actions, against 10.
func flatness(*setting) (string, bool, error) {
	var fs []func()
	for _, others := range []int{10, 10_000} {
		e, err := open(written(others))
		if err != nil {
			return "", false, err
		}
		r, err := e.request(loud)
		if err != nil {
			return "", false, err
		}
		fs = append(fs, func() { e.plan.Decide(e.engine, r) })
	}
	t := interleaved(fs...)
	ratio := t[1] / t[0]
	return fmt.Sprintf("%.2f (%.2f µs / %.2f µs)", ratio, t[1]/1e3, t[0]/1e3), ratio >= 0.75 && ratio <= 1.25, nil
}

// checking is how long a policy of n rules takes to be read and checked: the best of three, as other work can only add to it.
func checking(n int, bar float64) func(*setting) (string, bool, error) {
	return func(*setting) (string, bool, error) {
		fsys := written(n - len(conditions))
		best := time.Hour
		for range 3 {
			start := time.Now()
			parsed, err := hcl.Parse(fsys)
			if err != nil {
				return "", false, err
			}
			_, found := cel.Check(parsed.Policy)
			took := time.Since(start)
			parsed.Diagnostics.Add(found...)
			if err := parsed.Diagnostics.Err(); err != nil {
				return "", false, err
			}
			if len(parsed.Policy.Rules) != n {
				return "", false, fmt.Errorf("the policy has %d rules", len(parsed.Policy.Rules))
			}
			best = min(best, took)
		}
		return fmt.Sprintf("%.2f s", best.Seconds()), best.Seconds() < bar, nil
	}
}
