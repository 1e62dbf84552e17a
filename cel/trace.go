package cel

import (
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/plan"
)

// maxTrace is the most nodes that a trace holds. A node in a macro stands there once for each element, so the first
// elements are there with all that was evaluated for them, and a long list does not make a long trace.
const maxTrace = 100

// redacted stands in a trace for a value that comes of a sensitive signal.
const redacted = "(sensitive)"

// large stands in a trace for a value of very many parts.
const large = "(large)"

// tracer collects the values of sub-expressions, in the order in which they were known: operands before what they are
// operands of. A chain of selects is one node; literals are none.
type tracer struct {
	policy *policy.Policy
	nodes  []policy.NodeTrace
	// told, if there is one, is told of the truths, and no nodes are collected.
	told func(*expr.Base, plan.Truth)
}

// observable reports whether a node's value says more than its text.
func observable(e expr.Expr) bool {
	switch e := e.(type) {
	case *expr.TypeConst, *expr.List:
		return false
	case *expr.Const:
		return isNamed(e.Text)
	}
	return true
}

// isNamed reports whether a constant is written as a name: `level.mfa`, `postures.elevated`.
func isNamed(text string) bool {
	for _, space := range [...]string{"level.", "postures."} {
		if len(text) > len(space) && text[:len(space)] == space {
			return true
		}
	}
	return false
}

func (t *tracer) add(s *site, v ref.Val) {
	if t.told != nil {
		t.tell(s.Base, v)
		return
	}
	if len(t.nodes) >= maxTrace {
		return
	}
	n := policy.NodeTrace{Text: s.Text, At: s.Span.Range().String()}
	switch v := v.(type) {
	case *fault:
		n.Error = v.code
	case *pending:
		for _, i := range v.touched {
			n.Pending = append(n.Pending, t.policy.Signals[i].Name)
		}
	default:
		if composite(v) && parts(v, 0, maxShown) > maxShown {
			n.Value, n.Type = large, policy.String
			break
		}
		n.Value, n.Type = fromVal(v)
		switch {
		case s.sensitive && !derived(s.Base, n.Type):
			n.Value, n.Type = redacted, policy.String
		case s.Type != nil && s.Type.Kind != policy.KindAny && s.Type.Kind != policy.KindInvalid:
			n.Type = s.Type
		}
	}
	t.nodes = append(t.nodes, n)
}

// tell says what a node came to, if that is a truth.
func (t *tracer) tell(node *expr.Base, v ref.Val) {
	switch v := v.(type) {
	case types.Bool:
		if v {
			t.told(node, plan.True)
		} else {
			t.told(node, plan.False)
		}
	case *fault:
		t.told(node, plan.Erred)
	case *pending:
		t.told(node, plan.Pending)
	}
}

// derived reports whether a node's value is only a verdict on a sensitive one: what a comparison, a predicate or an operator found.
func derived(b *expr.Base, t *policy.Type) bool {
	return t.Kind == policy.KindBool && !isDotted(b.Text)
}

// isDotted reports whether a text is names and dots alone: then a bool is the attribute itself.
func isDotted(text string) bool {
	for i := range len(text) {
		c := text[i]
		switch {
		case c == '.' || c == '_' || c == '?' || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z':
		default:
			return false
		}
	}
	return true
}
