package cel

import (
	"slices"

	"cel.dev/cel-go/common/types"

	"github.com/rungpolicy/rung/policy"
)

// Scope answers what an editor asks of a policy's conditions: of what type a part of one is, even of one that does not parse. It is not safe for
// concurrent use.
type Scope struct {
	checker *policyChecker
	known   map[scopeKey]*policy.Type
}

type scopeKey struct {
	text     string
	resource int
}

// NewScope returns the scope of a policy's conditions. The policy may be as much as could be read of one.
func NewScope(p *policy.Policy) *Scope {
	s := &Scope{checker: newPolicyChecker(p), known: make(map[scopeKey]*policy.Type)}
	s.checker.readLets()
	return s
}

// Type returns the type of the bytes [start, end) of the cursor's text, with the variables that hold where the cursor stands, for the resource
// of an action; nil is none. What is of no type that can be told is `any`.
func (s *Scope) Type(c *Cursor, start, end int, resource *policy.Type) *policy.Type {
	if start < 0 || end > len(c.text) || start >= end {
		return policy.Any
	}
	text := c.text[start:end]
	var unwrap []policy.Kind
	for i := range c.Calls {
		call := &c.Calls[i]
		vars := c.bound(call)
		if len(vars) == 0 || call.From > start || !call.Method && call.Args[0][0] > start {
			continue // the part is outside of it
		}
		var kind policy.Kind
		if text, kind = c.within(call, vars, text); kind != policy.KindInvalid {
			unwrap = append(unwrap, kind)
		}
	}
	t := s.typeOf(text, resource)
	for _, kind := range slices.Backward(unwrap) {
		if t.Kind != kind {
			return policy.Any
		}
		t = t.Elem
	}
	return t
}

// within puts an expression into a macro that binds what the call binds. The kind is what the type of the whole has the expression's in.
func (c *Cursor) within(call *CursorCall, vars []string, text string) (string, policy.Kind) {
	of := c.text[call.From:call.To]
	switch {
	case call.Name == "cel.bind":
		value := c.text[call.Args[1][0]:call.Args[1][1]]
		return "cel.bind(" + vars[0] + ", " + value + ", " + text + ")", policy.KindInvalid
	case call.Name == "optMap" || call.Name == "optFlatMap":
		return of + ".optMap(" + vars[0] + ", " + text + ")", policy.KindOptional
	case len(vars) == 2:
		return of + ".transformList(" + vars[0] + ", " + vars[1] + ", " + text + ")", policy.KindList
	}
	return of + ".map(" + vars[0] + ", " + text + ")", policy.KindList
}

// TypeOf returns the type of an expression by itself.
func (s *Scope) TypeOf(text string, resource *policy.Type) *policy.Type {
	return s.typeOf(text, resource)
}

func (s *Scope) typeOf(text string, resource *policy.Type) *policy.Type {
	env := s.checker.env
	index := -1
	if resource != nil {
		if i, ok := env.types.byKey[typeKey(resource)]; ok {
			index = i
		}
	}
	key := scopeKey{text, index}
	if t, ok := s.known[key]; ok {
		return t
	}
	t := policy.Any
	n, err := parse(&policy.Text{Value: text})
	if err == nil {
		if size, height := env.measure(n); size <= policy.MaxConditionNodes && height <= maxDepth {
			b := newBuilder(env, index)
			if checked := b.check(n); checked != nil {
				t = env.types.policy(checked.GetType(checked.Expr().ID()))
			}
		}
	}
	s.known[key] = t
	return t
}

// takes reports whether a function of this type of receiver may be called of a value of type t.
func takes(receiver *types.Type, t *policy.Type) bool {
	if t.Kind == policy.KindAny {
		return true
	}
	table := newTypeTable()
	return fits(receiver, table.cel(t))
}

func fits(want, have *types.Type) bool {
	if want.Kind() == types.DynKind || want.Kind() == types.TypeParamKind || have.Kind() == types.DynKind {
		return true
	}
	if want.Kind() != have.Kind() || want.Kind() == types.OpaqueKind && want.TypeName() != have.TypeName() {
		return false
	}
	for i, p := range want.Parameters() {
		if i < len(have.Parameters()) && !fits(p, have.Parameters()[i]) {
			return false
		}
	}
	return true
}

// VariableType returns the type of a variable that a macro binds where the cursor stands.
func (s *Scope) VariableType(c *Cursor, name string, resource *policy.Type) *policy.Type {
	whole := *c
	for i := range c.Calls {
		if slices.Contains(c.bound(&c.Calls[i]), name) {
			whole.text = c.text + " " + name
			return s.Type(&whole, len(c.text)+1, len(whole.text), resource)
		}
	}
	return policy.Any
}
