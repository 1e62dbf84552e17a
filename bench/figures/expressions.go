package main

import (
	"context"
	"fmt"
	"io/fs"
	"math"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing/fstest"

	celgo "cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"

	"github.com/rungpolicy/rung/cel/ext"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm"
	"github.com/rungpolicy/rung/wasm/host"
)

// expressions are the table: what policies do with text, patterns, lists and numbers. Each is false for the values below, so that all of it is evaluated.
var expressions = []string{
	// Text.
	`x.s.contains('@example.org')`,
	`x.s.lowerAscii() == 'alice'`,
	`x.s.upperAscii().startsWith('BOB')`,
	`x.s.substring(0, 5) == 'bobby'`,
	`x.s.indexOf('@') == 3`,
	`x.s.lastIndexOf('.') == 3`,
	`x.s.charAt(3) == 'x'`,
	`x.s.replace('.', '-') == 'a-b'`,
	`x.s.split('@')[1] == 'example.org'`,
	`x.s.split('.').size() == 9`,
	`x.s.trim().size() == 2`,
	`x.s.reverse() == 'moc'`,
	`x.ls.join(',') == 'a,b'`,
	`'%s:%d'.format([x.s, x.i]) == 'bob:1'`,
	`strings.quote(x.s) == '"bob"'`,
	`base64.encode(bytes(x.s)) == 'Ym9i'`,
	// Patterns.
	`x.s.matches('^[a-z]+$')`,
	`x.s.matches('(?i)@(mail|web)\\.')`,
	`regex.extract(x.s, '@([a-z.]+)$') == optional.of('example.org')`,
	`regex.extractAll(x.s, '[a-z]+').size() == 9`,
	`regex.replace(x.s, '[0-9]+', '#') == '#'`,
	// Lists.
	`x.ls.exists(e, e == 'root')`,
	`x.ls.filter(e, e.startsWith('z')).size() == 1`,
	`sets.contains(x.ls, ['admin', 'root'])`,
	`x.ls.distinct().size() == 2`,
	`x.li.sort()[0] == 100`,
	// Numbers.
	`x.li.map(e, e * 2).exists(e, e == 3)`,
	`math.greatest(x.li) == 7`,
	`int(x.t) == 7`,
	`string(x.d) == '7'`,
}

// Values of the table's variables.
var (
	exprText  = "Alice.Smith+transfers7@example.com"
	exprDigit = "1234567"
	exprTexts = []string{"staff", "admin", "auditor", "payments", "staff", "emea", "oncall", "admin", "reader"}
	exprInts  = []int64{42, 7000, 13, 1000, 512, 99, 3600, 86400}
)

// repeated is how many rules have the expression: a decision evaluates all of them, so that what a decision takes besides is spread over them.
const repeated = 16

// fastExpressions measures the table: an evaluation in a module, the decision around it included, beside one by cel-go's program with its optimizations on and
// variables that are CEL values already.
func fastExpressions(*setting) (string, bool, error) {
	worst, sum, said := math.Inf(1), 0.0, ""
	var rows []string
	for _, e := range expressions {
		ratio, err := expressionRatio(e)
		if err != nil {
			return "", false, fmt.Errorf("%s: %w", e, err)
		}
		sum += math.Log(ratio)
		if ratio < worst {
			worst, said = ratio, e
		}
		rows = append(rows, fmt.Sprintf("%6.1f  %s", ratio, e))
	}
	slices.Sort(rows)
	fmt.Fprintln(os.Stderr, strings.Join(rows, "\n"))
	mean := math.Exp(sum / float64(len(expressions)))
	return fmt.Sprintf("%.1f; the least %.1f: %s", mean, worst, said), mean >= 3 && worst >= 1, nil
}

// expressionRatio is how many times faster than cel-go a module is with an expression.
func expressionRatio(e string) (float64, error) {
	decide, err := expressionModule(e)
	if err != nil {
		return 0, err
	}
	eval, err := expressionProgram(regexp.MustCompile(`\bx\.`).ReplaceAllString(e, ""))
	if err != nil {
		return 0, err
	}
	t := interleaved(decide, func() {
		for range repeated {
			eval()
		}
	})
	return t[1] / t[0], nil
}

// expressionModule is a decision by a module with rules of an expression.
func expressionModule(e string) (func(), error) {
	var b strings.Builder
	b.WriteString("policy \"p\" { language = 1 }\nsignal \"x\" {\n  type = object({ s = string, t = string, i = int, d = double, ls = list(string, 32), li = list(int, 32) })\n}\n")
	b.WriteString("action \"a\" {\n  level = \"none\"\n")
	for i := range repeated {
		fmt.Fprintf(&b, "  deny \"r%d\" {\n    when = <<-CEL\n      %s\n    CEL\n  }\n", i, e)
	}
	b.WriteString("}\n")
	ready, err := open(fstest.MapFS{"p.rung.hcl": {Data: []byte(b.String())}})
	if err != nil {
		return nil, err
	}
	m, err := wasm.Compile(ready.plan, wasm.Options{})
	if err != nil {
		return nil, err
	}
	p, err := host.Open(context.Background(), m.Bytes)
	if err != nil {
		return nil, err
	}
	sig := p.Policy().Signal("x").Type
	o := policy.NewObject(sig)
	i, d := int64(1000), 1234.5
	for name, v := range map[string]policy.Value{"s": &exprText, "t": &exprDigit, "i": &i, "d": &d, "ls": &exprTexts, "li": intValues()} {
		o.Attrs[sig.Slot(name)] = v
	}
	r := &policy.Request{Action: "a", Signals: make([]policy.Value, len(p.Policy().Signals))}
	r.Signals[p.Policy().SignalIndex("x")] = o
	var decision policy.Decision
	if p.DecideInto(&decision, r); !decision.Allowed() {
		return nil, fmt.Errorf("it comes to %v: %w", decision.Effect, decision.Error)
	}
	return func() { p.DecideInto(&decision, r) }, nil
}

func intValues() []policy.Value {
	out := make([]policy.Value, len(exprInts))
	for i, n := range exprInts {
		out[i] = n
	}
	return out
}

// expressionProgram is an evaluation by cel-go.
func expressionProgram(e string) (func(), error) {
	env, err := celgo.NewEnv(append(ext.Options(), celgo.Variable("s", celgo.StringType), celgo.Variable("t", celgo.StringType), celgo.Variable("i", celgo.IntType),
		celgo.Variable("d", celgo.DoubleType), celgo.Variable("ls", celgo.ListType(celgo.StringType)), celgo.Variable("li", celgo.ListType(celgo.IntType)))...)
	if err != nil {
		return nil, err
	}
	ast, issues := env.Compile(e)
	if issues.Err() != nil {
		return nil, issues.Err()
	}
	program, err := env.Program(ast, celgo.EvalOptions(celgo.OptOptimize))
	if err != nil {
		return nil, err
	}
	adapter := env.CELTypeAdapter()
	vars, err := celgo.NewActivation(map[string]any{
		"s": types.String(exprText), "t": types.String(exprDigit), "i": types.Int(1000), "d": types.Double(1234.5),
		"ls": types.NewStringList(adapter, exprTexts), "li": adapter.NativeToValue(exprInts),
	})
	if err != nil {
		return nil, err
	}
	out, _, err := program.Eval(vars)
	if err != nil || out != types.False {
		return nil, fmt.Errorf("it comes to %v, %w", out, err)
	}
	return func() { _, _, _ = program.Eval(vars) }, nil
}

// everything are conditions that reach the helpers of the runtime, beside what the table's reach.
var everything = []string{
	`timestamp(x.s) + duration(x.t) < now && string(now).size() > 3 && string(duration(x.t)) == '1s'`,
	`now.getHours('Europe/Berlin') == 3 && now.getDayOfYear(x.t) == 3 && string(x.i) == '1' && uint(x.s) == 1u && bool(x.s)`,
	`double(x.s) > 1.0 && int(x.d) == 3 && x.i * 3 == 9 && string(uint(x.i)) == '3' && size(x.s) == 3`,
	`cidr(x.s).containsIP(ip(x.t)) && cidr(x.s).containsCIDR(x.t) && string(cidr(x.s).masked()) == '' && ip(x.s).isLoopback() && ip.isCanonical(x.s)`,
	`x.ls.transformMap(i, e, i > 0, e) == {1: 'a'} && {x.s: 1}[x.t] == 1 && [[1]] == [[2]] && x.ls.reverse() == x.ls.slice(0, 1) && [x.ls].flatten() == []`,
	`dyn(x.s) == dyn(x.i) && dyn(x.ls).size() == 3 && {'a': dyn(1)}.a == 1 && dyn(x.ls).sort() == [] && dyn(x.i) + 1 == 3 && type(dyn(x.i)) == int`,
	`'%f %e %x %X %b %o %s'.format([x.d, x.d, x.s, x.s, x.i, x.i, {1: dyn(x.ls)}]) == '' && x.s.format([x.i]) == '' && x.s.matches('a.{20}b')`,
	`base64.decode(x.s) == b'' && base64.decodeUrl(x.s) == b'' && base64.encodeUrl(bytes(x.s)) == '' && lists.range(x.i).size() == 3 && x.s < x.t`,
	`x.s in ['aaaaaaaaaaaaaaaaaaa', 'bbbbbbbbbbbbbbbbbbbbbb', 'c', 'd', 'e'] && x.i in [1, 2, 3, 4, 5, 6, 7] && ip(x.s) in list.nets`,
}

// allHelpers is how much of the runtime there is in a module that reaches it: the functions of the table and more.
func allHelpers(*setting) (string, bool, error) {
	m, err := module(everyHelper(), whole)
	if err != nil {
		return "", false, err
	}
	n := m.Sizes.Kind(wasm.KindRuntime)
	return fmt.Sprintf("%d B", n), n <= 24<<10, nil
}

// everyHelper is a policy whose conditions reach the functions of the table and more.
func everyHelper() fs.FS {
	var b strings.Builder
	b.WriteString("policy \"p\" { language = 1 }\nlist \"nets\" {\n  type   = cidr\n  values = [\"10.0.0.0/8\", \"2001:db8::/32\"]\n}\n")
	b.WriteString("signal \"x\" {\n  type = object({ s = string, t = string, i = int, d = double, ls = list(string, 32), li = list(int, 32) })\n}\n")
	for i, e := range slices.Concat(expressions, everything) {
		fmt.Fprintf(&b, "action \"a%d\" {\n  level = \"none\"\n  step_up \"r\" {\n    when = <<-CEL\n      %s\n    CEL\n    level = \"aal1\"\n  }\n}\n", i, e)
	}
	return fstest.MapFS{"p.rung.hcl": {Data: []byte(b.String())}}
}

// readerOfJSON is how much code there is more in that module if it takes JSON: what reads requests. What writes decisions is told apart, and so is data.
func readerOfJSON(*setting) (string, bool, error) {
	m, err := module(everyHelper(), whole, wasm.Options{JSON: true})
	if err != nil {
		return "", false, err
	}
	reads, writes, data := 0, 0, 0
	for _, p := range m.Sizes.Parts {
		switch {
		case p.Kind != wasm.KindJSON:
		case strings.Contains(p.Name, " ") || p.Name == "messages" || p.Name == "words":
			data += p.Size
		case strings.HasPrefix(p.Name, "put_"):
			writes += p.Size
		default:
			reads += p.Size
		}
	}
	return fmt.Sprintf("%d B; %d B more write decisions; %d B of data", reads, writes, data), reads <= 4<<10, nil
}
