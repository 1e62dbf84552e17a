package lower

import (
	"slices"

	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/internal/ir"
)

// logic lowers a chain of one operator: it comes out the same however it nests.
func (l *lowerer) logic(e *expr.Logic) *ir.Node {
	var sides []*ir.Node
	for _, o := range operands(e, e) {
		sides = append(sides, l.truth(l.expr(o.Expr), o.of))
	}
	op := ir.And
	if e.Or {
		op = ir.Or
	}
	return ir.New(op, policy.Bool, 0, ir.Imm{}, sides...)
}

// side is an operand of the operator of.
type side struct {
	expr.Expr
	of *expr.Logic
}

// operands are those of `a && b && c`, however it nests.
func operands(e expr.Expr, of *expr.Logic) []side {
	x, ok := e.(*expr.Logic)
	if !ok || x.Or != of.Or {
		return []side{{e, of}}
	}
	return append(operands(x.Left, x), operands(x.Right, x)...)
}

func (l *lowerer) cond(e *expr.Cond) *ir.Node {
	test := l.truth(l.expr(e.If), e)
	then, otherwise := l.joined(l.expr(e.Then), l.expr(e.Else))
	return ir.New(ir.Cond, then.Type, 0, ir.Imm{}, test, then, otherwise)
}

// orElse lowers `a.or(b)` and `a.orValue(b)`.
func (l *lowerer) orElse(e *expr.OrElse) *ir.Node {
	of, other := l.expr(e.Of), l.expr(e.Other)
	if l.refused != nil {
		return other
	}
	of = l.maybe(of, noOverload, e)
	if !e.Value {
		of, other = l.joined(of, l.maybe(other, noOverload, e))
		return ir.New(ir.OrElse, of.Type, 0, ir.Imm{}, of, other)
	}
	if of.Op == ir.None {
		of = as(of, optional(other.Type))
	}
	other = as(other, of.Type.Elem)
	t := join(of.Type.Elem, other.Type)
	of, other = l.to(of, optional(t)), l.to(other, t)
	return ir.New(ir.OrValue, of.Type.Elem, 0, ir.Imm{}, of, other)
}

func (l *lowerer) optMap(e *expr.OptMap) *ir.Node {
	of := l.maybe(l.expr(e.Of), noOverload, e)
	if of.Type.Kind != policy.KindOptional {
		return l.refuse(e, "a macro of optionals on something else")
	}
	var body *ir.Node
	vars := l.bind([]expr.Var{e.Var}, []variable{{typ: of.Type.Elem}}, func() { body = l.expr(e.Body) })
	if e.Flat {
		body = l.maybe(body, noOverload, e)
		return ir.New(ir.OptFlat, body.Type, 0, ir.Imm{Vars: vars}, of, body)
	}
	return ir.New(ir.OptMap, optional(body.Type), 0, ir.Imm{Vars: vars}, of, body)
}

func (l *lowerer) bound(e *expr.Bind) *ir.Node {
	init := l.expr(e.Init)
	var body *ir.Node
	vars := l.bind([]expr.Var{e.Var}, []variable{{typ: init.Type, fails: init.Fails, pends: init.Pends}}, func() { body = l.expr(e.Body) })
	return ir.New(ir.Bind, body.Type, 0, ir.Imm{Vars: vars}, init, body)
}

func (l *lowerer) makeList(e *expr.MakeList) *ir.Node {
	imm := ir.Imm{Flags: e.Optional}
	args := make([]*ir.Node, len(e.Elems))
	for i, x := range e.Elems {
		args[i] = l.expr(x)
		if flagged(e.Optional, i) {
			args[i] = l.maybe(args[i], badCall, e)
		}
	}
	if l.refused != nil {
		return constant(policy.Bool, false)
	}
	t, elem := e.Type, e.Type.Elem
	if len(args) > 0 {
		elem = element(args, e.Elems, e.Optional)
		t = policy.ListOf(elem)
	}
	if v, ok := constants(args, imm.Flags); ok && !holdsAny(elem) && len(args) > 0 && len(args) <= policy.MaxMadeElements {
		return constant(t, v)
	}
	for i := range args {
		args[i] = l.elementTo(args[i], elem, flagged(e.Optional, i))
	}
	return ir.New(ir.MakeList, t, l.place(e), imm, args...).Fallible(len(args) > policy.MaxMadeElements, false)
}

func flagged(optional []bool, i int) bool { return i < len(optional) && optional[i] }

// element is the type that all elements can be given. Literals of nothing are of the type of what stands beside them, if that is of their kind.
func element(nodes []*ir.Node, exprs []expr.Expr, optional []bool) *policy.Type {
	var out *policy.Type
	for _, empty := range []bool{false, true} {
		for i, n := range nodes {
			t := n.Type
			if flagged(optional, i) {
				t = t.Elem
			}
			switch {
			case emptyLiteral(exprs[i]) != empty:
			case out == nil:
				out = t
			case !empty || t.Kind != out.Kind && !flagged(optional, i):
				out = join(out, t)
			}
		}
	}
	return out
}

// elementTo gives an element the type that it joins.
func (l *lowerer) elementTo(n *ir.Node, t *policy.Type, isOptional bool) *ir.Node {
	if isOptional {
		t = optional(t)
	}
	return l.to(as(n, t), t)
}

// constants are the values of nodes, if all are constants and none optional.
func constants(nodes []*ir.Node, flags []bool) ([]policy.Value, bool) {
	out := make([]policy.Value, len(nodes))
	for i, n := range nodes {
		if n.Op != ir.Const || i < len(flags) && flags[i] {
			return nil, false
		}
		out[i] = n.Value
	}
	return out, true
}

func (l *lowerer) makeMap(e *expr.MakeMap) *ir.Node {
	imm := ir.Imm{Flags: e.Optional}
	names, values := make([]*ir.Node, len(e.Keys)), make([]*ir.Node, len(e.Keys))
	for i := range e.Keys {
		names[i], values[i] = l.expr(e.Keys[i]), l.expr(e.Values[i])
	}
	if l.refused != nil {
		return constant(policy.Bool, false)
	}
	if len(names) == 0 {
		return ir.New(ir.MakeMap, keyed(e.Type), l.place(e), imm)
	}
	t := &policy.Type{Kind: policy.KindMap, Key: element(names, e.Keys, nil)}
	if !keys(t.Key) {
		t.Key = policy.Any
	}
	if slices.ContainsFunc(names, func(n *ir.Node) bool { return !keys(n.Type) }) {
		imm.Vars = []int{l.fresh()} // what a key is, is seen when it is there
	}
	for i, v := range values {
		if imm.Vars != nil {
			v = ir.New(ir.Checked, v.Type, l.place(e), ir.Imm{Vars: imm.Vars}, v)
		}
		if flagged(e.Optional, i) {
			v = l.maybe(v, badCall, e)
		}
		values[i] = v
	}
	t.Elem = element(values, e.Values, e.Optional)
	args := make([]*ir.Node, 0, 2*len(names))
	for i, v := range values {
		args = append(args, l.to(names[i], t.Key), l.elementTo(v, t.Elem, flagged(e.Optional, i)))
	}
	return ir.New(ir.MakeMap, t, l.place(e), imm, args...).Fallible(len(e.Keys) > policy.MaxMadeElements, false)
}

// keyed is the type of an empty map, with keys that a map may have.
func keyed(t *policy.Type) *policy.Type {
	if keys(t.Key) {
		return t
	}
	return &policy.Type{Kind: policy.KindMap, Key: policy.Any, Elem: t.Elem}
}

// keys reports whether a type can be a map's keys.
func keys(t *policy.Type) bool {
	switch t.Kind {
	case policy.KindBool, policy.KindInt, policy.KindUint, policy.KindString:
		return true
	}
	return false
}
