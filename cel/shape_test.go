package cel

import (
	"fmt"
	"strings"

	"cel.dev/cel-go/common/ast"
)

// shape writes cel-go's tree without its ids.
func shape(e ast.Expr) string {
	all := func(es []ast.Expr) string {
		out := make([]string, len(es))
		for i, e := range es {
			out[i] = shape(e)
		}
		return strings.Join(out, " ")
	}
	entries := func(es []ast.EntryExpr) string {
		out := make([]string, len(es))
		for i, e := range es {
			m := e.AsMapEntry()
			out[i] = fmt.Sprintf("%v %s:%s", m.IsOptional(), shape(m.Key()), shape(m.Value()))
		}
		return strings.Join(out, " ")
	}
	switch e.Kind() {
	case ast.LiteralKind:
		return fmt.Sprintf("%T(%v)", e.AsLiteral(), e.AsLiteral())
	case ast.IdentKind:
		return e.AsIdent()
	case ast.SelectKind:
		s := e.AsSelect()
		return fmt.Sprintf("(select %v %s %s)", s.IsTestOnly(), shape(s.Operand()), s.FieldName())
	case ast.CallKind:
		c := e.AsCall()
		if c.IsMemberFunction() {
			return fmt.Sprintf("(%s . %s %s)", shape(c.Target()), c.FunctionName(), all(c.Args()))
		}
		return fmt.Sprintf("(%s %s)", c.FunctionName(), all(c.Args()))
	case ast.ListKind:
		return fmt.Sprintf("[%s %v]", all(e.AsList().Elements()), len(e.AsList().OptionalIndices()))
	case ast.MapKind:
		return "{" + entries(e.AsMap().Entries()) + "}"
	case ast.ComprehensionKind:
		c := e.AsComprehension()
		return fmt.Sprintf("(fold %s %s %s %s %s %s %s %s)", shape(c.IterRange()), c.IterVar(), c.IterVar2(), c.AccuVar(),
			shape(c.AccuInit()), shape(c.LoopCondition()), shape(c.LoopStep()), shape(c.Result()))
	case ast.StructKind:
		return "message"
	}
	return "?"
}
