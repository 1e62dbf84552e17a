package lower

import (
	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/internal/ir"
)

// logic lowers a chain of one operator: it comes out the same however it nests.
func (l *lowerer) logic(e *expr.Logic) *ir.Node {
	var sides []*ir.Node
	for _, operand := range operands(e, e.Or) {
		sides = append(sides, l.expr(operand))
	}
	op := ir.And
	if e.Or {
		op = ir.Or
	}
	return ir.New(op, policy.Bool, 0, ir.Imm{}, sides...)
}

// operands are those of `a && b && c`, however it nests.
func operands(e expr.Expr, or bool) []expr.Expr {
	x, ok := e.(*expr.Logic)
	if !ok || x.Or != or {
		return []expr.Expr{e}
	}
	return append(operands(x.Left, or), operands(x.Right, or)...)
}

func (l *lowerer) cond(e *expr.Cond) *ir.Node {
	test := l.expr(e.If)
	then, otherwise := alike(l.expr(e.Then), l.expr(e.Else))
	return ir.New(ir.Cond, then.Type, 0, ir.Imm{}, test, then, otherwise)
}

// orElse lowers `a.or(b)` and `a.orValue(b)`.
func (l *lowerer) orElse(e *expr.OrElse) *ir.Node {
	of, other := l.expr(e.Of), l.expr(e.Other)
	if l.refused != nil {
		return other
	}
	if !e.Value {
		of, other = alike(of, other)
		return ir.New(ir.OrElse, of.Type, 0, ir.Imm{}, of, other)
	}
	if of.Op == ir.None {
		of = as(of, optional(other.Type))
	}
	other = as(other, of.Type.Elem)
	return ir.New(ir.OrValue, of.Type.Elem, 0, ir.Imm{}, of, other)
}

func (l *lowerer) optMap(e *expr.OptMap) *ir.Node {
	of := l.expr(e.Of)
	if of.Type.Kind != policy.KindOptional {
		return l.refuse(e, "a macro of optionals on something else")
	}
	var body *ir.Node
	vars := l.bind([]expr.Var{e.Var}, []variable{{typ: of.Type.Elem}}, func() { body = l.expr(e.Body) })
	if e.Flat {
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
	elem := e.Type.Elem
	args := make([]*ir.Node, len(e.Elems))
	for i, x := range e.Elems {
		args[i] = l.expr(x)
		if t := args[i].Type; i < len(e.Optional) && e.Optional[i] {
			if !emptyLiteral(x) {
				elem = t.Elem
			}
		} else if !emptyLiteral(x) {
			elem = t // which knows the names of attributes
		}
	}
	if l.refused != nil {
		return constant(policy.Bool, false)
	}
	t := e.Type
	if len(args) > 0 {
		t = policy.ListOf(elem)
	}
	if v, ok := constants(args, imm.Flags); ok && len(args) > 0 && len(args) <= policy.MaxMadeElements {
		return constant(t, v)
	}
	for i := range args {
		if i < len(e.Optional) && e.Optional[i] {
			args[i] = as(args[i], optional(elem))
		} else {
			args[i] = as(args[i], elem)
		}
	}
	return ir.New(ir.MakeList, t, l.place(e), imm, args...).Fallible(len(args) > policy.MaxMadeElements, false)
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
	t := e.Type
	args := make([]*ir.Node, 0, 2*len(e.Keys))
	for i := range e.Keys {
		k, v := l.expr(e.Keys[i]), l.expr(e.Values[i])
		args = append(args, k, v)
		elem := v.Type
		if i < len(e.Optional) && e.Optional[i] {
			elem = elem.Elem
		}
		if !emptyLiteral(e.Values[i]) {
			t = &policy.Type{Kind: policy.KindMap, Key: k.Type, Elem: elem}
		}
	}
	if l.refused != nil {
		return constant(policy.Bool, false)
	}
	for i := range e.Keys {
		if i < len(e.Optional) && e.Optional[i] {
			args[2*i+1] = as(args[2*i+1], optional(t.Elem))
		} else {
			args[2*i+1] = as(args[2*i+1], t.Elem)
		}
	}
	if unlike(t.Key) == "" && !keys(t.Key) {
		return l.refuse(e, "a map with keys of type %s", t.Key)
	}
	return ir.New(ir.MakeMap, t, l.place(e), imm, args...).Fallible(len(e.Keys) > policy.MaxMadeElements, false)
}

// keys reports whether a type can be a map's keys.
func keys(t *policy.Type) bool {
	switch t.Kind {
	case policy.KindBool, policy.KindInt, policy.KindUint, policy.KindString:
		return true
	}
	return false
}
