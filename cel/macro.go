package cel

import (
	"strconv"

	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/parser"

	"github.com/rungpolicy/rung/expr"
)

// macroForm says what a macro binds. Which macros there are, the libraries say; this is how ours are read.
type macroForm struct {
	vars int // arguments that name variables, the first ones
	// unbound are the arguments after vars in which they are not yet bound: the value of cel.bind.
	unbound int
	fold    bool
	macro   expr.Macro
	// filter: with one argument more, that one is a filter, before the body.
	filter bool
}

// findMacroForm finds the form of a macro by its name and the number of its arguments, the target left out.
func findMacroForm(name string, args int) (macroForm, bool) {
	switch name + "/" + strconv.Itoa(args) {
	case "all/2":
		return macroForm{vars: 1, fold: true, macro: expr.All}, true
	case "exists/2":
		return macroForm{vars: 1, fold: true, macro: expr.Exists}, true
	case "exists_one/2", "existsOne/2":
		return macroForm{vars: 1, fold: true, macro: expr.ExistsOne}, true
	case "filter/2":
		return macroForm{vars: 1, fold: true, macro: expr.Filter}, true
	case "map/2":
		return macroForm{vars: 1, fold: true, macro: expr.Map}, true
	case "map/3":
		return macroForm{vars: 1, fold: true, macro: expr.Map, filter: true}, true
	case "all/3":
		return macroForm{vars: 2, fold: true, macro: expr.All}, true
	case "exists/3":
		return macroForm{vars: 2, fold: true, macro: expr.Exists}, true
	case "exists_one/3", "existsOne/3":
		return macroForm{vars: 2, fold: true, macro: expr.ExistsOne}, true
	case "transformList/3":
		return macroForm{vars: 2, fold: true, macro: expr.TransformList}, true
	case "transformList/4":
		return macroForm{vars: 2, fold: true, macro: expr.TransformList, filter: true}, true
	case "transformMap/3":
		return macroForm{vars: 2, fold: true, macro: expr.TransformMap}, true
	case "transformMap/4":
		return macroForm{vars: 2, fold: true, macro: expr.TransformMap, filter: true}, true
	case "transformMapEntry/3":
		return macroForm{vars: 2, fold: true, macro: expr.TransformMapEntry}, true
	case "transformMapEntry/4":
		return macroForm{vars: 2, fold: true, macro: expr.TransformMapEntry, filter: true}, true
	case "sortBy/2", "optMap/2", "optFlatMap/2":
		return macroForm{vars: 1}, true
	case "bind/3":
		return macroForm{vars: 1, unbound: 1}, true
	}
	return macroForm{}, false
}

// isBind reports whether a method is `cel.bind(name, value, body)`.
func isBind(n *node) bool {
	return n.name == "bind" && len(n.kids) == 4 && n.kids[0].kind == nodeIdent && n.kids[0].name == "cel"
}

// form returns the form of a method that is a macro which binds.
func form(n *node) (macroForm, bool) {
	if n.kind != nodeMethod || n.name == "bind" && !isBind(n) {
		return macroForm{}, false
	}
	return findMacroForm(n.name, len(n.kids)-1)
}

// findMacro returns the macro that a call of name is, if it is one.
func (l *basis) findMacro(name string, args int, method bool) parser.Macro {
	if m := l.macros[name+":"+strconv.Itoa(args)+":"+strconv.FormatBool(method)]; m != nil {
		return m
	}
	return l.macros[name+":*:"+strconv.FormatBool(method)]
}

// macroHelper lets cel-go's macros make nodes of cel-go's tree. All that they make belongs to the node of the macro.
type macroHelper struct {
	ast.ExprFactory
	b     *builder
	owner *node
}

var _ parser.ExprHelper = (*macroHelper)(nil)

func (h *macroHelper) id() int64 { return h.b.newID(h.owner) }

func (h *macroHelper) Copy(e ast.Expr) ast.Expr {
	// What cel-go's macros copy is a name.
	if e.Kind() == ast.IdentKind {
		return h.ExprFactory.NewIdent(h.id(), e.AsIdent())
	}
	return h.ExprFactory.CopyExpr(e)
}

func (h *macroHelper) NewLiteral(v ref.Val) ast.Expr { return h.ExprFactory.NewLiteral(h.id(), v) }

func (h *macroHelper) NewList(elems ...ast.Expr) ast.Expr {
	return h.ExprFactory.NewList(h.id(), elems, nil)
}

func (h *macroHelper) NewMap(entries ...ast.EntryExpr) ast.Expr {
	return h.ExprFactory.NewMap(h.id(), entries)
}

func (h *macroHelper) NewMapEntry(key, val ast.Expr, optional bool) ast.EntryExpr {
	return h.ExprFactory.NewMapEntry(h.id(), key, val, optional)
}

func (h *macroHelper) NewStruct(name string, fields ...ast.EntryExpr) ast.Expr {
	return h.ExprFactory.NewStruct(h.id(), name, fields)
}

func (h *macroHelper) NewStructField(field string, init ast.Expr, optional bool) ast.EntryExpr {
	return h.ExprFactory.NewStructField(h.id(), field, init, optional)
}

func (h *macroHelper) NewComprehension(iterRange ast.Expr, iterVar, accuVar string, accuInit, condition, step, result ast.Expr) ast.Expr {
	return h.ExprFactory.NewComprehension(h.id(), iterRange, iterVar, accuVar, accuInit, condition, step, result)
}

func (h *macroHelper) NewComprehensionTwoVar(iterRange ast.Expr, iterVar, iterVar2, accuVar string, accuInit, condition, step, result ast.Expr) ast.Expr {
	return h.ExprFactory.NewComprehensionTwoVar(h.id(), iterRange, iterVar, iterVar2, accuVar, accuInit, condition, step, result)
}

func (h *macroHelper) NewIdent(name string) ast.Expr { return h.ExprFactory.NewIdent(h.id(), name) }

func (h *macroHelper) NewAccuIdent() ast.Expr { return h.ExprFactory.NewAccuIdent(h.id()) }

func (h *macroHelper) NewCall(function string, args ...ast.Expr) ast.Expr {
	return h.ExprFactory.NewCall(h.id(), function, args...)
}

func (h *macroHelper) NewMemberCall(function string, target ast.Expr, args ...ast.Expr) ast.Expr {
	return h.ExprFactory.NewMemberCall(h.id(), function, target, args...)
}

func (h *macroHelper) NewPresenceTest(operand ast.Expr, field string) ast.Expr {
	return h.ExprFactory.NewPresenceTest(h.id(), operand, field)
}

func (h *macroHelper) NewSelect(operand ast.Expr, field string) ast.Expr {
	return h.ExprFactory.NewSelect(h.id(), operand, field)
}

func (h *macroHelper) OffsetLocation(int64) common.Location { return common.NoLocation }

func (h *macroHelper) NewError(id int64, message string) *common.Error {
	return common.NewError(id, message, common.NoLocation)
}
