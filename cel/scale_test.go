package cel

import (
	"fmt"
	"testing"
	"time"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/internal/spent"
	"github.com/rungpolicy/rung/policy"
)

// largePolicy has rules over actions of five types of resource, some of them at top level.
func largePolicy(rules int) *policy.Policy {
	p := &policy.Policy{
		MaxCost: 1 << 40, Signals: policy.StandardSignals(), Levels: policy.DefaultLevels(),
		Params: []*policy.Param{{Name: "limit", Type: policy.Double}},
		Lets:   []*policy.Let{{Name: "risky", CEL: fileOf("network.tor || network.reputation < 0.3")}},
	}
	for i := range 50 {
		attrs := []policy.Attr{{Name: "amount", Type: policy.Double}, {Name: fmt.Sprintf("note%d", i%5), Type: policy.String}}
		p.Actions = append(p.Actions, &policy.Action{Name: fmt.Sprintf("a%02d", i), Resource: policy.ObjectOf("resource", attrs...)})
	}
	for i := range rules {
		r := &policy.Rule{
			ID: fmt.Sprintf("r%d", i), Actions: p.Actions[i%50 : i%50+1],
			When:   fileOf(fmt.Sprintf("resource.amount > param.limit * %d.0 && (risky || subject.country in ['A', 'B'])", i)),
			Unless: fileOf("device.trusted && now - device.first_seen > duration('24h')"),
		}
		if i%100 == 0 {
			r.Actions = p.Actions
		}
		p.Rules = append(p.Rules, r)
	}
	return p
}

// TestScale shows that a thousand rules check in little time, and that conditions are shared where the resource is of one type. The bar is two seconds, to which
// `make figures` holds it; machines that run tests may be slow.
func TestScale(t *testing.T) {
	p := largePolicy(1000)
	var out *expr.Conditions
	var diags diag.List
	took := spent.By(func() { out, diags = Check(p) })
	if len(diags) > 0 {
		t.Fatal(diags[0])
	}
	if took > 20*time.Second {
		t.Error(took)
	}
	// Ten rules reach all actions, of five types of resource.
	if len(out.All) != 990+10*5 || len(out.When) != 990+10*50 {
		t.Error(len(out.All), len(out.When))
	}
}

func BenchmarkCheck(b *testing.B) {
	for _, n := range []int{100, 1000, 10000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				if _, diags := Check(largePolicy(n)); len(diags) > 0 {
					b.Fatal(diags[0])
				}
			}
		})
	}
}
