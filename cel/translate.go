package cel

import (
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
)

// translator makes our tree out of an expanded one and what cel-go's checker found of it.
type translator struct {
	b       *builder
	env     *Env
	checked *ast.AST
	nodes   []expr.Expr // by the id of cel-go's
}

// base returns what all nodes have. IDs are given once the tree is whole.
func (t *translator) base(n *node, typ *policy.Type) expr.Base {
	return expr.Base{Type: typ, Text: n.source(), Span: n.text.Place(n.start, n.end)}
}

// typeOf is the static type that the checker gave a node.
func (t *translator) typeOf(n *node) *policy.Type { return t.typeOfID(n.id) }

func (t *translator) typeOfID(id int64) *policy.Type {
	return t.env.types.policy(t.checked.GetType(id))
}

func (t *translator) typed(n *node) expr.Base { return t.base(n, t.typeOf(n)) }

func (t *translator) overloads(id int64) []string { return t.checked.GetOverloadIDs(id) }

// expr translates a node and all below it.
func (t *translator) expr(n *node) expr.Expr {
	e := t.translate(n)
	t.nodes[n.id] = e
	return e
}

func (t *translator) translate(n *node) expr.Expr {
	switch n.kind {
	case nodeLiteral:
		return &expr.Const{Base: t.typed(n), Value: constValue(n.value)}
	case nodeIdent:
		return t.ident(n)
	case nodeSelect:
		return t.selectAttr(n)
	case nodeIndex:
		return t.index(n)
	case nodeCall:
		return t.call(n)
	case nodeMethod:
		return t.method(n)
	case nodeList:
		return &expr.MakeList{Base: t.typed(n), Elems: t.all(n.kids), Optional: n.optionals}
	case nodeMap:
		m := &expr.MakeMap{Base: t.typed(n), Optional: n.optionals}
		for i := 0; i < len(n.kids); i += 2 {
			m.Keys = append(m.Keys, t.expr(n.kids[i]))
			m.Values = append(m.Values, t.expr(n.kids[i+1]))
		}
		return m
	}
	panic("cel: unknown node")
}

func (t *translator) all(nodes []*node) []expr.Expr {
	out := make([]expr.Expr, len(nodes))
	for i, n := range nodes {
		out[i] = t.expr(n)
	}
	return out
}

// constValue is a literal's value in our form.
func constValue(v ref.Val) policy.Value {
	switch v := v.(type) {
	case types.Bool:
		return bool(v)
	case types.Int:
		return int64(v)
	case types.Uint:
		return uint64(v)
	case types.Double:
		return float64(v)
	case types.String:
		return string(v)
	case types.Bytes:
		return []byte(v)
	}
	return policy.Null{}
}

// ident translates a name that stands alone.
func (t *translator) ident(n *node) expr.Expr {
	if n.bound != nil {
		return &expr.Local{Base: t.typed(n), Name: n.bound.name, Slot: n.bound.slot}
	}
	return t.variable(n)
}

// resolved is the name of the variable that the checker found for a name or a chain of selects; "" if it is none.
func (t *translator) resolved(n *node) string {
	r := t.checked.ReferenceMap()[n.id]
	if r == nil || len(r.OverloadIDs) > 0 {
		return ""
	}
	return strings.TrimPrefix(r.Name, ".")
}

// variable translates a name or a chain of selects that is a variable of the environment, or a type's name.
func (t *translator) variable(n *node) expr.Expr {
	name := t.resolved(n)
	p := t.env.policy
	prefix, rest, _ := strings.Cut(name, ".")
	if i := p.SignalIndex(name); i >= 0 {
		s := p.Signals[i]
		return &expr.Signal{Base: t.base(n, s.Type), Name: s.Name, Index: i, Lazy: s.Lazy}
	}
	switch {
	case strings.HasPrefix(name, resourcePrefix):
		return &expr.Signal{Base: t.base(n, t.env.types.resources[t.b.resource]), Name: "resource", Index: expr.Resource}
	case name == "now":
		return &expr.Signal{Base: t.base(n, policy.Timestamp), Name: name, Index: expr.Now}
	case name == "posture":
		return &expr.Signal{Base: t.base(n, policy.Int), Name: name, Index: expr.Posture}
	case prefix == "param" && p.ParamIndex(rest) >= 0:
		i := p.ParamIndex(rest)
		return &expr.Param{Base: t.base(n, p.Params[i].Type), Name: rest, Index: i}
	case prefix == "list" && listIndex(p, rest) >= 0:
		i := listIndex(p, rest)
		l := p.Lists[i]
		return &expr.List{Base: t.base(n, policy.ListOfMax(l.Type, len(l.Values))), Name: rest, Index: i}
	case prefix == "level" && p.Level(rest) != nil:
		return &expr.Const{Base: t.base(n, policy.Int), Value: int64(p.Level(rest).Rank)}
	case prefix == "postures" && p.Posture(rest) != nil:
		return &expr.Const{Base: t.base(n, policy.Int), Value: int64(p.Posture(rest).Rank)}
	case name == "postures.normal":
		return &expr.Const{Base: t.base(n, policy.Int), Value: int64(0)}
	}
	if typ := typeName(name); typ != nil {
		name = typ.TypeName()
	}
	return &expr.TypeConst{Base: t.typed(n), Name: name}
}

func listIndex(p *policy.Policy, name string) int {
	for i, l := range p.Lists {
		if l.Name == name {
			return i
		}
	}
	return -1
}

// attr returns the slot and type of an attribute, where of is an object or an optional one; else -1.
func attr(of *policy.Type, name string) (slot int, typ *policy.Type) {
	if of.Kind == policy.KindOptional {
		of = of.Elem
	}
	if of.Kind != policy.KindObject {
		return -1, nil
	}
	slot = of.Slot(name)
	if slot < 0 {
		return -1, nil
	}
	return slot, of.Attrs[slot].Type
}

// selected returns the slot of an attribute, and the type of what selects it; -1 and nil if there is none.
func selected(of *policy.Type, name string, optional bool) (slot int, typ *policy.Type) {
	slot, typ = attr(of, name)
	if typ != nil && (optional || of.Kind == policy.KindOptional) {
		typ = &policy.Type{Kind: policy.KindOptional, Elem: typ}
	}
	return slot, typ
}

func (t *translator) selectAttr(n *node) expr.Expr {
	if !n.optional && t.resolved(n) != "" {
		return t.variable(n)
	}
	of := t.expr(n.kids[0])
	if computedLevel(of, n.name) {
		level := &expr.SessionLevel{Base: t.base(n, policy.Int)}
		if !n.optional {
			return level
		}
		return &expr.Call{Base: t.typed(n), Function: "optional.of", Overloads: []string{"optional_of"}, Args: []expr.Expr{level}}
	}
	slot, typ := selected(of.Node().Type, n.name, n.optional)
	if typ == nil {
		typ = t.typeOf(n)
	}
	return &expr.Select{Base: t.base(n, typ), Of: of, Name: n.name, Slot: slot, Optional: n.optional}
}

// computedLevel reports whether a select is `session.level`, which is computed and never missing.
func computedLevel(of expr.Expr, name string) bool {
	s, ok := of.(*expr.Signal)
	return ok && s.Name == "session" && name == "level" && s.Type.Slot(name) >= 0
}

func (t *translator) index(n *node) expr.Expr {
	of, key := t.expr(n.kids[0]), t.expr(n.kids[1])
	typ := t.typeOf(n)
	if o := of.Node().Type; o.Kind == policy.KindList || o.Kind == policy.KindMap {
		typ = sized(typ, o.Elem) // which knows the sizes of lists inside
	}
	return &expr.Index{Base: t.base(n, typ), Of: of, Key: key, Optional: n.optional}
}

// sized returns declared instead of checked, or as what the optional checked holds, where they are the same but for sizes.
func sized(checked, declared *policy.Type) *policy.Type {
	switch {
	case checked.Equal(declared):
		return declared
	case checked.Kind == policy.KindOptional && checked.Elem.Equal(declared):
		return &policy.Type{Kind: policy.KindOptional, Elem: declared}
	}
	return checked
}

func (t *translator) call(n *node) expr.Expr {
	switch n.name {
	case operators.LogicalAnd, operators.LogicalOr:
		return &expr.Logic{Base: t.typed(n), Or: n.name == operators.LogicalOr, Left: t.expr(n.kids[0]), Right: t.expr(n.kids[1])}
	case operators.Conditional:
		return &expr.Cond{Base: t.typed(n), If: t.expr(n.kids[0]), Then: t.expr(n.kids[1]), Else: t.expr(n.kids[2])}
	case operators.Has:
		return t.has(n)
	}
	c := &expr.Call{Base: t.typed(n), Function: strings.TrimPrefix(n.name, "."), Overloads: t.overloads(n.id), Args: t.all(n.kids)}
	return fold(c)
}

func (t *translator) has(n *node) expr.Expr {
	of := n.kids[0]
	if of.kind == nodeIdent {
		return &expr.Has{Base: t.base(n, policy.Bool), Of: t.expr(of), Slot: -1, Chain: true}
	}
	operand := t.expr(of.kids[0])
	if computedLevel(operand, of.name) {
		return &expr.Const{Base: t.base(n, policy.Bool), Value: true}
	}
	slot, _ := attr(operand.Node().Type, of.name)
	return &expr.Has{Base: t.base(n, policy.Bool), Of: operand, Name: of.name, Slot: slot, Chain: isChain(operand)}
}

// isChain reports whether e is selects down to a signal.
func isChain(e expr.Expr) bool {
	for {
		s, ok := e.(*expr.Select)
		if !ok {
			_, ok = e.(*expr.Signal)
			return ok
		}
		if s.Optional {
			return false
		}
		e = s.Of
	}
}

func (t *translator) method(n *node) expr.Expr {
	switch {
	case n.form.fold:
		return t.fold(n)
	case len(n.vars) > 0 && n.name == "bind":
		return &expr.Bind{Base: t.typed(n), Var: variableOf(n.vars[0]), Init: t.expr(n.kids[2]), Body: t.expr(n.kids[3])}
	case len(n.vars) > 0 && n.name == "sortBy":
		return t.sortBy(n)
	case len(n.vars) > 0:
		return &expr.OptMap{
			Base: t.typed(n), Of: t.expr(n.kids[0]), Var: variableOf(n.vars[0]), Body: t.expr(n.kids[2]),
			Flat: n.name == "optFlatMap",
		}
	}
	if ids := t.overloads(n.id); len(ids) == 1 && (ids[0] == "optional_or_optional" || ids[0] == "optional_orValue_value") {
		return &expr.OrElse{Base: t.typed(n), Of: t.expr(n.kids[0]), Other: t.expr(n.kids[1]), Value: n.name == "orValue"}
	}
	if e := t.checkedCall(n); e != "" {
		return t.namespaced(n, e)
	}
	return fold(&expr.Call{Base: t.typed(n), Function: n.name, Overloads: t.overloads(n.id), Method: true, Args: t.all(n.kids)})
}

func variableOf(b *binding) expr.Var { return expr.Var{Name: b.name, Slot: b.slot} }

// checkedCall is the name of the function that a method turned out to be, where its target is no value but a library's name: "math.abs".
func (t *translator) checkedCall(n *node) string {
	if n.call == nil || n.call.Kind() != ast.CallKind || n.call.AsCall().IsMemberFunction() {
		return ""
	}
	return n.call.AsCall().FunctionName()
}

// namespaced translates `math.abs(x)`; of math.greatest and math.least, which cel-go writes otherwise, a list of the arguments.
func (t *translator) namespaced(n *node, function string) expr.Expr {
	args := t.all(n.kids[1:])
	if n.inner[0] != 0 && len(args) > 1 {
		base := t.base(n, t.typeOfID(n.inner[0]))
		start, end := argumentsOf(n)
		base.Text, base.Span = n.text.Value[start:end], n.text.Place(start, end)
		args = []expr.Expr{&expr.MakeList{Base: base, Elems: args, Optional: make([]bool, len(args))}}
	}
	return fold(&expr.Call{Base: t.typed(n), Function: strings.TrimPrefix(function, "."), Overloads: t.overloads(n.id), Args: args})
}

// argumentsOf is where the arguments of a method stand: between the brackets, without the space around.
func argumentsOf(n *node) (start, end int) {
	lex := lexer{src: n.text.Value, pos: n.atEnd}
	open := lex.next()
	inner := n.text.Value[open.end : n.end-1]
	start = open.end + len(inner) - len(strings.TrimLeft(inner, " \t\r\n\f"))
	return start, n.end - 1 - len(inner) + len(strings.TrimRight(inner, " \t\r\n\f"))
}

func (t *translator) fold(n *node) expr.Expr {
	f := &expr.Fold{Base: t.typed(n), Macro: n.form.macro, Range: t.expr(n.kids[0])}
	if f.Macro == expr.Filter {
		f.Type = sized(f.Type, f.Range.Node().Type)
	}
	for _, v := range n.vars {
		f.Vars = append(f.Vars, variableOf(v))
	}
	rest := n.kids[1+len(n.vars):]
	if n.form.filter {
		f.Filter = t.expr(rest[0])
		rest = rest[1:]
	}
	f.Body = t.expr(rest[0])
	return f
}

// sortBy is, as in cel-go, a name for the list, a map of its elements to their keys, and the sort of the one by the other.
func (t *translator) sortBy(n *node) expr.Expr {
	list, call, keys := n.vars[0], n.inner[0], n.inner[1]
	init := t.expr(n.kids[0])
	local := func() expr.Expr {
		l := init.Node()
		return &expr.Local{Base: expr.Base{Type: l.Type, Text: l.Text, Span: l.Span}, Name: list.name, Slot: list.slot}
	}
	return &expr.Bind{
		Base: t.typed(n), Var: variableOf(list), Init: init,
		Body: &expr.Call{
			Base: t.typed(n), Function: "@sortByAssociatedKeys", Overloads: t.overloads(call), Method: true,
			Args: []expr.Expr{local(), &expr.Fold{
				Base: t.base(n, t.typeOfID(keys)), Macro: expr.Map, Range: local(),
				Vars: []expr.Var{variableOf(n.vars[1])}, Body: t.expr(n.kids[2]),
			}},
		},
	}
}

// number gives the nodes their ids: parents before children, children in the order written.
func number(e expr.Expr) int {
	next := 0
	expr.Walk(e, func(e expr.Expr) bool {
		e.Node().ID = next
		next++
		return true
	})
	return next
}
