package cel

import (
	"slices"
	"strings"
	"testing"

	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/plan"
)

// TestWatch: who watches is told of every sub-expression that comes to a bool, an error or is pending, as it is evaluated, and of nothing else; what the condition comes
// to is what it comes to unwatched.
func TestWatch(t *testing.T) {
	t.Parallel()
	count := policy.ObjectOf("count", policy.Attr{Name: "n", Type: policy.Int}, policy.Attr{Name: "missing", Type: policy.Int})
	p := &policy.Policy{Signals: []*policy.Signal{{Name: "count", Type: count}, {Name: "score", Type: policy.Double, Lazy: true}}}
	three := policy.NewObject(count)
	three.Attrs[count.Slot("n")] = int64(3)
	s := newSetup(p, map[string]policy.Value{"count": three})
	words := map[plan.Truth]string{plan.True: "true", plan.False: "false", plan.Erred: "error", plan.Pending: "pending"}
	tests := []struct {
		src  string
		want []string
	}{
		{"count.n > 0 && count.n > 5", []string{"count.n > 0 true", "count.n > 5 false", "count.n > 0 && count.n > 5 false"}},
		{"count.n < 0 && count.n > 5", []string{"count.n < 0 false", "count.n < 0 && count.n > 5 false"}}, // the right side is not evaluated
		{"!(count.n < 0)", []string{"count.n < 0 false", "!(count.n < 0) true"}},
		{"count.missing > 0 || count.n > 0", []string{
			"count.missing error", "count.missing > 0 error", "count.n > 0 true", "count.missing > 0 || count.n > 0 true",
		}},
		{"score < 0.5 || count.n < 0", []string{"score pending", "score < 0.5 pending", "count.n < 0 false", "score < 0.5 || count.n < 0 pending"}},
		{"[1, 2, 3].exists(x, x == count.n - 1)", []string{"x == count.n - 1 false", "x == count.n - 1 true", "[1, 2, 3].exists(x, x == count.n - 1) true"}},
		{"string(count.n)", nil}, // as the `by` of a rollout
	}
	for _, tt := range tests {
		e, in := s.engine(t, tt.src), s.in
		nodes := make(map[*expr.Base]bool)
		expr.Walk(e.conds[0].expr.Root, func(x expr.Expr) bool {
			nodes[x.Node()] = true
			return true
		})
		var told []string
		got := e.Watch(0, &in, func(b *expr.Base, truth plan.Truth) {
			if !nodes[b] {
				t.Errorf("%s: told of %s, which is no node of it", tt.src, b.Text)
			}
			told = append(told, b.Text+" "+words[truth])
		})
		want, text := e.Eval(0, &in), e.Text(0, &in)
		if e.conds[0].expr.Root.Node().Type.Equal(policy.String) {
			want = text
		}
		if got.Truth != want.Truth || got.Text != want.Text || !slices.Equal(got.Touched, want.Touched) {
			t.Errorf("%s is %+v, watched %+v", tt.src, want, got)
		}
		if !slices.Equal(told, tt.want) {
			t.Errorf("%s:\n%s\nwant\n%s", tt.src, strings.Join(told, "\n"), strings.Join(tt.want, "\n"))
		}
	}
}
