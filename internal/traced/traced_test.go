package traced_test

import (
	"strings"
	"testing"

	"github.com/rungpolicy/rung/internal/traced"
	"github.com/rungpolicy/rung/policy"
)

// TestTree: a trace's nodes stand in order of evaluation, parts before what they are parts of.
func TestTree(t *testing.T) {
	t.Parallel()
	node := func(text string, v policy.Value) policy.NodeTrace {
		return policy.NodeTrace{Text: text, Value: v, Type: policy.Bool}
	}
	lets := []*policy.Let{
		{Name: "risky", CEL: &policy.Text{Value: "tor || low "}},
		{Name: "low", CEL: &policy.Text{Value: "score < 0.5"}},
	}
	nodes := []policy.NodeTrace{
		node("a.b", 1.0),
		node("a.b > 2.0", false),
		node("tor", false),
		{Text: "score", Pending: []string{"score"}},
		{Text: "score < 0.5", Pending: []string{"score"}},
		{Text: "tor || low", Pending: []string{"score"}},
		{Text: "!risky", Pending: []string{"score"}},
		node("a.b > 2.0 && !risky", false),
		{Text: "x.y", Error: policy.NoSuchKey},
		{Text: "z.?w", Value: policy.Null{}, Type: &policy.Type{Kind: policy.KindOptional, Elem: policy.Bool}},
		node("true", true),
		node("score", 0.5),
		node("param.score_floor", 0.3),
		node("score < param.score_floor", false),
	}
	var out strings.Builder
	traced.Write(&out, []policy.RuleTrace{{Rule: "r", State: policy.StateFalse, At: "a.rung.hcl:1:1", Nodes: nodes}}, lets, "", traced.Plain)
	want := strings.TrimLeft(`
false    r  a.rung.hcl:1:1
         a.b > 2.0 && !risky → false
           a.b > 2.0 → false
             a.b → 1
           !risky → pending: score
             tor || low → pending: score
               tor → false
               score < 0.5 → pending: score
                 score → pending: score
         x.y → no_such_key
         z.?w → none
         score < param.score_floor → false
           score → 0.5
           param.score_floor → 0.3
`, "\n")
	if got := out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
