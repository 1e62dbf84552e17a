package cel

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/internal/spent"
	"github.com/rungpolicy/rung/policy"
)

// TestSharedLets shows that lets which are operands come to the same, checked once or put in.
func TestSharedLets(t *testing.T) {
	t.Parallel()
	for _, src := range []string{
		"risky", "risky || device.trusted", "!risky && (risky || big)", "big && subject.groups.exists(g, risky && g == 'x')", "risky ? big : risky", "!risky", "!(risky || !big) && !!risky", "!(device.trusted && risky)", "!(risky ? big : risky) || !risky", "big || (device.managed && (risky || 1 < 2))",
	} {
		p := largePolicy(1)
		p.Lets = append(p.Lets, &policy.Let{Name: "big", CEL: fileOf("subject.groups.exists(g, g.startsWith('x')) || resource.amount > 5.0")})
		p.Rules[0].When, p.Rules[0].Unless, p.Rules[0].Actions = fileOf(src), nil, p.Actions[:1]
		c := newPolicyChecker(p)
		c.readLets()
		n, err := parse(p.Rules[0].When)
		if err != nil {
			t.Fatal(err)
		}
		w := where{resource: 0, action: "a00"}
		whole, shared := c.env.checkPart(n, w), c.checkShared(n, w)
		if len(whole.diags)+len(shared.diags)+len(c.diags) > 0 {
			t.Fatal(src, whole.diags, shared.diags, c.diags)
		}
		a, b := finish(whole.root, whole), finish(shared.root, shared)
		if a.Cost != b.Cost || a.Made != b.Made || a.Nodes != b.Nodes || whole.usesResource != shared.usesResource {
			t.Errorf("%s: %+v, %+v", src, a, b)
		}
		if x, y := nodeTexts(a.Root), nodeTexts(b.Root); x != y {
			t.Errorf("%s:\n%s\n%s", src, x, y)
		}
	}
}

// TestLargeLets shows that a large let is not checked anew by every rule that uses it.
func TestLargeLets(t *testing.T) {
	p := largePolicy(150)
	p.Lets = nil
	last := "device.trusted"
	for i := range 11 {
		name := fmt.Sprintf("x%02d", i)
		p.Lets = append(p.Lets, &policy.Let{Name: name, CEL: fileOf(last + "||" + last)})
		last = name
	}
	for _, r := range p.Rules {
		r.When, r.Unless, r.Actions = fileOf(last), nil, r.Actions[:1]
	}
	took := spent.By(func() {
		if _, diags := Check(p); len(diags) > 0 {
			t.Fatal(diags)
		}
	})
	if took > 30*time.Second {
		t.Error(took)
	}
}

// TestAlikeResources shows that a condition is checked once for all resources that are alike in what it reads, and comes to what it
// comes to where it is checked for each.
func TestAlikeResources(t *testing.T) {
	t.Parallel()
	country := policy.ObjectOf("payee", policy.Attr{Name: "country", Type: policy.String})
	payee := policy.ObjectOf("payee", policy.Attr{Name: "account", Type: policy.String}, policy.Attr{Name: "country", Type: policy.String})
	items := policy.ListOfMax(policy.ObjectOf("item", policy.Attr{Name: "price", Type: policy.Double}), 10)
	one := policy.ObjectOf("resource", policy.Attr{Name: "amount", Type: policy.Double}, policy.Attr{Name: "items", Type: items},
		policy.Attr{Name: "note", Type: policy.String, Optional: true}, policy.Attr{Name: "payee", Type: country})
	two := policy.ObjectOf("resource", policy.Attr{Name: "aim", Type: policy.String}, policy.Attr{Name: "amount", Type: policy.Double}, policy.Attr{Name: "items", Type: items},
		policy.Attr{Name: "note", Type: policy.String, Optional: true}, policy.Attr{Name: "payee", Type: payee}, policy.Attr{Name: "zone", Type: policy.Int})
	more := policy.ObjectOf("resource", policy.Attr{Name: "amount", Type: policy.Int}, policy.Attr{Name: "items", Type: policy.ListOfMax(items.Elem, 11)},
		policy.Attr{Name: "note", Type: policy.String}, policy.Attr{Name: "payee", Type: payee})
	for src, alike := range map[string][2]bool{ // one and two, two and more
		"resource.amount > 5.0": {true, false},
		"resource.payee.country == 'AT' && has(resource.payee.country)": {true, true},
		"resource.items.exists(i, i.price > 1.0)":                       {true, false},
		"resource.?note.orValue('') == 'x'":                             {true, false},
		"resource.?payee.?country == optional.of('AT')":                 {true, true},
		"has(resource.payee)":                                           {false, true},
		"has(resource)":                                                 {false, false},
		"big || !big":                                                   {true, false},
		"[1].exists(x, x == 1 && resource.payee.country == 'a')":        {true, true},
	} {
		p := &policy.Policy{MaxCost: 1 << 40, Signals: policy.StandardSignals(), Levels: policy.DefaultLevels(), Lets: []*policy.Let{{Name: "big", CEL: fileOf("resource.amount > 5.0 || resource.items.size() > 3")}}}
		for i, r := range []*policy.Type{one, two, more} {
			p.Actions = append(p.Actions, &policy.Action{Name: fmt.Sprintf("a%d", i), Resource: r})
		}
		c := newPolicyChecker(p)
		c.readLets()
		n := c.parse(fileOf(src))
		work := make([]int, 3)
		for i, a := range p.Actions {
			w := where{resource: i, action: a.Name}
			before := c.work.left
			shared := c.checkShared(n, w)
			work[i] = before - c.work.left
			whole := c.env.checkPart(n, w)
			if len(whole.diags)+len(shared.diags) > 0 {
				if i < 2 {
					t.Fatal(src, whole.diags, shared.diags)
				}
				continue
			}
			if whole.cost != shared.cost || whole.made != shared.made {
				t.Errorf("%s: %+v, %+v", src, whole, shared)
			}
			if x, y := places(whole.root), places(shared.root); x != y {
				t.Errorf("%s, type %d:\n%s\n%s", src, i, x, y)
			}
		}
		if work[0] == 0 || (work[1] == 0) != alike[0] || (work[2] == 0) != alike[1] {
			t.Errorf("%s: %v", src, work)
		}
	}
}

// places is the nodes of a tree, with their types and the slots of attributes.
func places(root expr.Expr) string {
	var b strings.Builder
	expr.Walk(root, func(e expr.Expr) bool {
		fmt.Fprintf(&b, "%s: %s", e.Node().Text, typeKey(e.Node().Type))
		switch e := e.(type) {
		case *expr.Select:
			fmt.Fprintf(&b, " at %d", e.Slot)
		case *expr.Has:
			fmt.Fprintf(&b, " at %d", e.Slot)
		default:
		}
		b.WriteString("\n")
		return true
	})
	return b.String()
}

// TestBudget shows that what a policy takes to check is bounded by its size, and that the bound is reported once.
func TestBudget(t *testing.T) {
	t.Parallel()
	doubled := func(first string, n int) (lets []*policy.Let, last string) {
		lets, last = append(lets, &policy.Let{Name: "l0", CEL: fileOf(first)}), "l0"
		for i := range n {
			name := fmt.Sprintf("l%d", i+1)
			lets, last = append(lets, &policy.Let{Name: name, CEL: fileOf(last + "||" + last)}), name
		}
		return lets, last
	}
	for _, tt := range []struct {
		name, first, use string
		n, rules         int
		fits             bool
	}{
		{"few", "device.trusted", "%s ? true : false", 3, 400, true},
		{"many", "device.trusted", "%s ? true : false", 9, 400, false},
		{"operands", "device.trusted", "!%s", 8, 400, true},
		{"many operands", "device.trusted", "!%s", 9, 4000, false},
		{"types", "[" + strings.Repeat("[", 25) + strings.Repeat("]", 25) + "] == []", "%s", 8, 1, false},
		{"macros", "subject.groups.exists(g, g == 'x')", "%s ? true : false", 6, 100, false},
	} {
		p := largePolicy(tt.rules)
		last := ""
		p.Lets, last = doubled(tt.first, tt.n)
		p.Bytes = 16 << 10
		for _, r := range p.Rules {
			r.When, r.Unless, r.Actions = fileOf(strings.ReplaceAll(tt.use, "%s", last)), nil, p.Actions[:1]
		}
		_, diags := Check(p)
		switch {
		case tt.fits && len(diags) > 0:
			t.Errorf("%s: %v", tt.name, diags)
		case !tt.fits && (len(diags) != 1 || diags[0].Code != "cel-limit" || !strings.Contains(diags[0].Summary, "too many nodes")):
			t.Errorf("%s: %v", tt.name, diags)
		}
	}
}

// TestBudgetOfNodes shows that the bound on all nodes holds where nothing else does, and counts lets that are shared.
func TestBudgetOfNodes(t *testing.T) {
	t.Parallel()
	for left, fits := range map[int]bool{30: true, 29: false} {
		p := largePolicy(10)
		for _, r := range p.Rules {
			r.When, r.Unless, r.Actions = fileOf("risky"), nil, p.Actions[:1]
		}
		p.Lets[0].CEL = fileOf("1 < 2") // three nodes
		c := newPolicyChecker(p)
		c.nodes = budget{left}
		if c.run(); c.diags.HasErrors() == fits {
			t.Errorf("%d: %v", left, c.diags)
		}
	}
	if b := newBudget(1<<24, nodesPerByte); b.left != maxAllNodes {
		t.Error(b)
	}
}
