package cel

import (
	"fmt"
	"testing"
	"time"

	"github.com/rungpolicy/rung/policy"
)

// TestSharedLets shows that lets which are operands come to the same, checked once or put in.
func TestSharedLets(t *testing.T) {
	t.Parallel()
	for _, src := range []string{
		"risky", "risky || device.trusted", "!risky && (risky || big)", "big && subject.groups.exists(g, risky && g == 'x')", "risky ? big : risky", "big || (device.managed && (risky || 1 < 2))",
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
	start := time.Now()
	if _, diags := Check(p); len(diags) > 0 {
		t.Fatal(diags)
	}
	if took := time.Since(start); took > 10*time.Second { // the machine may be busy
		t.Error(took)
	}
}
