package cel

import (
	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/policy"
)

func (b *builder) checkError(checked *ast.AST, err *common.Error) {
	n := b.owners[err.ExprID]
	b.report(n, n.start, n.end, "cel-type", err.Message, "", "")
}

func (b *builder) macroError(n *node, err *common.Error) {
	b.report(n, n.start, n.end, "cel-type", err.Message, "", "")
}

func (b *builder) unknownName(n *node) {
	b.report(n, n.at, n.atEnd, "cel-unknown", "unknown name `"+n.name+"`", "", "")
}

func (b *builder) checkVariable(*node) {}

func wantType(n *node, have, want *policy.Type) diag.Diagnostic {
	return diagnostic(n.text, n.start, n.end, "cel-type", "the condition is a "+have.String()+", not a "+want.String(), "", "")
}
