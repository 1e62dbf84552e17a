package cel

import (
	"strings"
	"testing"
	"time"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/internal/spent"
	"github.com/rungpolicy/rung/policy"
)

// fuzzPolicy has a text as the condition of two rules, and as a let, which a third uses.
func fuzzPolicy(src string) *policy.Policy {
	p := &policy.Policy{
		Signals:  policy.StandardSignals(),
		Levels:   policy.DefaultLevels(),
		Params:   []*policy.Param{{Name: "limit", Type: policy.Double}},
		Lists:    []*policy.List{{Name: "addresses", Type: policy.CIDR}, {Name: "words", Type: policy.String, Values: []policy.Value{"a"}}},
		Lets:     []*policy.Let{{Name: "name", CEL: fileOf(src)}},
		Postures: []*policy.Posture{{Name: "elevated", Rank: 1}},
	}
	a := &policy.Action{Name: "a.x", Resource: policy.ObjectOf("resource", policy.Attr{Name: "amount", Type: policy.Double})}
	b := &policy.Action{Name: "b.y"}
	p.Actions = []*policy.Action{a, b}
	p.Rules = []*policy.Rule{
		{ID: "a.x/one", Name: "one", Actions: []*policy.Action{a}, When: fileOf(src), Unless: fileOf("name")},
		{ID: "two", Name: "two", Actions: p.Actions, When: fileOf(src), Rollout: &policy.Rollout{By: fileOf(src)}},
	}
	return p
}

// checkSane checks what holds of every condition, whatever its text.
func checkSane(t *testing.T, p *policy.Policy) {
	t.Helper()
	out, diags := Check(p)
	size := len(p.Rules[0].When.Value)
	for _, d := range diags {
		if d.Range.File == "" || d.Range.Start.Byte > d.Range.End.Byte || d.Range.End.Byte > max(size, len("name")) {
			t.Errorf("%v stands at %v", d, d.Range)
		}
		if d.Code == "" || d.Summary == "" || d.Severity != diag.Error {
			t.Errorf("%#v", d)
		}
	}
	for _, r := range p.Rules {
		for _, a := range r.Actions {
			if i, ok := out.When[expr.Use{Rule: r, Action: a}]; !ok || i < -1 || i >= len(out.All) {
				t.Errorf("%s on %s: %d", r.ID, a.Name, i)
			}
		}
	}
	for _, c := range out.All {
		checkTree(t, c)
	}
}

func checkTree(t *testing.T, c *expr.Condition) {
	t.Helper()
	next := 0
	expr.Walk(c.Root, func(e expr.Expr) bool {
		n := e.Node()
		if n.ID != next || n.Type == nil || n.Span.Source == nil {
			t.Fatalf("node %d: %#v", next, n)
		}
		next++
		joined := strings.Contains(n.Text, "!(name") || strings.HasPrefix(n.Text, "!(") && n.Span.Text() != n.Text
		if !joined && n.Span.Text() != n.Text && !strings.Contains(n.Text, " && !(") {
			t.Errorf("%q stands at %q", n.Text, n.Span.Text())
		}
		if l, ok := e.(*expr.Local); ok && (l.Slot < 0 || l.Slot >= c.Slots) {
			t.Errorf("slot %d of %d", l.Slot, c.Slots)
		}
		return true
	})
	if next != c.Nodes {
		t.Errorf("%d nodes, not %d", next, c.Nodes)
	}
}

// FuzzCheck checks any text as a condition.
func FuzzCheck(f *testing.F) {
	for i, s := range expressions(f) {
		if i%16 == 0 { // all of them, and a minute of fuzzing would go by before the first new text; other tests check them all
			f.Add(s)
		}
	}
	f.Add("name")
	f.Add("resource.amount > param.limit && network.ip in list.addresses")
	f.Fuzz(func(t *testing.T, src string) {
		if len(src) > 16<<10 {
			return
		}
		checkSane(t, fuzzPolicy(src))
	})
}

// hostile are texts that are made to take long: 16 KiB each.
func hostile() map[string]string {
	const n = 16 << 10
	repeat := func(s string) string { return strings.Repeat(s, n/len(s)) }
	nest := func(before, inner, after string, depth int) string {
		return strings.Repeat(before, depth) + inner + strings.Repeat(after, depth)
	}
	return map[string]string{
		"brackets": nest("(", "1", ")", n/2), "lists inside": nest("[", "1", "]", n/2), "maps inside": nest("{1:", "1", "}", n/5), "calls inside": nest("size([", "1", "])", n/8),
		"and": repeat("a&&") + "a", "true and": repeat("true&&") + "true", "equal": "[" + repeat("1==1,") + "]", "plus": repeat("1+") + "1", "not": repeat("!") + "true", "minus": repeat("- "),
		"conditional": repeat("true?1:") + "1", "dots": "device" + repeat(".a"), "index": "device" + repeat("[0]"), "list": "[" + repeat("1,") + "]", "empty lists": "[" + repeat("[],") + "]",
		"empty lists inside": "[" + repeat("[[]],") + "]", "empty equal": "[" + repeat("[]==[],") + "]", "maps": "[" + repeat("{1:1},") + "]", "mixed": "[" + repeat("1,'a',") + "]", "deep types": "[" + repeat("[[[[[[[[1]]]]]]]],") + "]",
		"unknown": "[" + repeat("a,") + "]", "unknown functions": "[" + repeat("f(),") + "]", "unknown and": repeat("aa.b&&") + "a", "no overload": "[" + repeat("1+'a',") + "]", "dyn": "[" + repeat("dyn(1)+1,") + "]",
		"folds": nest("[1].exists(x,", "true", ")", n/14), "binds": nest("cel.bind(x,[x],", "1", ")", n/16), "bind doubles": nest("cel.bind(x,{x:x},", "1", ")", n/18), "few binds": nest("cel.bind(x,{x:x},", "1", ")", 30),
		"optional maps": "optional.of(1)" + repeat(".optMap(x,x)"), "sorts": "[1]" + repeat(".sortBy(x,x)"), "maps of maps": "[1]" + repeat(".map(x,[x])"), "regex": repeat("device.id.matches('a{999}')&&") + "true",
		"classes": repeat(`device.id.matches(r'\pL{900}')&&`) + "true", "zones": repeat("now.getHours('Europe/Vienna')>1&&") + "true", "joined": repeat("'aaaaaaaaaaaaaaaaaaaaaaa'+") + "'a'", "escapes": "'" + repeat(`\n`) + "'",
		"open": repeat("("), "close": repeat(")"), "quotes": repeat("'"), "messages": repeat("a{b:"), "back quotes": repeat("a.`"), "questions": repeat("a?"), "comments": repeat("//"), "names": repeat("name||") + "name",
	}
}

// TestHostile shows that no text keeps the checker busy, or overflows its stack. The bar is 250 ms of processor time for a
// condition; the policy has the text four times, and machines that run tests are busy.
func TestHostile(t *testing.T) {
	for name, src := range hostile() {
		if took := spent.By(func() { checkSane(t, fuzzPolicy(src)) }); took > 30*time.Second {
			t.Errorf("%s took %v", name, took)
		} else {
			t.Logf("%-20s %v", name, took)
		}
	}
}

// TestManyLets shows that lets cost what they come to, not what they could be put in to be.
func TestManyLets(t *testing.T) {
	p := fuzzPolicy("true")
	p.Lets = nil
	last := "device.trusted"
	for i := range 2000 {
		name := "x" + strings.Repeat("y", i%7) + string(rune('a'+i%26)) + strings.Repeat("z", i/26)
		p.Lets = append(p.Lets, &policy.Let{Name: name, CEL: fileOf(last + " || " + last)})
		last = name
	}
	var diags diag.List
	took := spent.By(func() { _, diags = Check(p) })
	if !diags.HasErrors() || diags[0].Code != "cel-limit" {
		t.Error(diags)
	}
	if took > 30*time.Second {
		t.Error(took)
	}
}
