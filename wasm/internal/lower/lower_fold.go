package lower

import (
	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/internal/ir"
)

// fold lowers a macro over the elements of a list or the entries of a map.
func (l *lowerer) fold(e *expr.Fold) *ir.Node {
	rng := l.expr(e.Range)
	if l.refused != nil {
		return rng
	}
	var filter, body *ir.Node
	vars := l.bind(e.Vars, variablesOf(rng.Type, len(e.Vars)), func() {
		if e.Filter != nil {
			filter = l.truth(l.expr(e.Filter), e)
		}
		body = l.expr(e.Body)
	})
	if l.refused != nil {
		return rng
	}
	switch e.Macro {
	case expr.All, expr.Exists, expr.ExistsOne, expr.Filter:
		body = l.truth(body, e)
	case expr.TransformMapEntry:
		if body.Op != ir.MakeMap {
			body = l.box(body)
		}
	case expr.Map, expr.TransformList, expr.TransformMap:
	}
	op, t := foldOf(e, rng, body)
	args := []*ir.Node{rng, body}
	if filter != nil {
		args = append(args, filter)
	}
	return ir.New(op, t, l.place(e), ir.Imm{Vars: vars}, args...).Fallible(isAny(rng.Type), false)
}

// variablesOf are the types of iteration variables: an element or a key; an index and an element, or a key and a value.
func variablesOf(t *policy.Type, n int) []variable {
	switch {
	case t.Kind == policy.KindAny:
		return []variable{{typ: policy.Any}, {typ: policy.Any}}[:n]
	case t.Kind == policy.KindMap && n == 1:
		return []variable{{typ: t.Key}}
	case t.Kind == policy.KindMap:
		return []variable{{typ: t.Key}, {typ: t.Elem}}
	case n == 1:
		return []variable{{typ: t.Elem}}
	}
	return []variable{{typ: policy.Int}, {typ: t.Elem}}
}

// foldOf is the operation of a macro and the type of what it makes.
func foldOf(e *expr.Fold, rng, body *ir.Node) (ir.Op, *policy.Type) {
	switch e.Macro {
	case expr.All:
		return ir.FoldAll, policy.Bool
	case expr.Exists:
		return ir.FoldExists, policy.Bool
	case expr.ExistsOne:
		return ir.FoldOne, policy.Bool
	case expr.Filter:
		switch rng.Type.Kind {
		case policy.KindMap:
			return ir.FoldFilter, policy.ListOf(rng.Type.Key)
		case policy.KindAny:
			return ir.FoldFilter, anyList
		}
		return ir.FoldFilter, rng.Type
	case expr.TransformMap:
		key := policy.Int
		switch rng.Type.Kind {
		case policy.KindMap:
			key = rng.Type.Key
		case policy.KindAny:
			key = policy.Any
		}
		return ir.FoldToMap, &policy.Type{Kind: policy.KindMap, Key: key, Elem: body.Type}
	case expr.TransformMapEntry:
		if isAny(body.Type) {
			return ir.FoldEntry, &policy.Type{Kind: policy.KindMap, Key: policy.Any, Elem: policy.Any}
		}
		return ir.FoldEntry, body.Type
	case expr.Map, expr.TransformList:
	}
	return ir.FoldMap, policy.ListOf(body.Type)
}
