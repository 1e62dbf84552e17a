package cel

import (
	"cel.dev/cel-go/common/operators"

	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
)

// fold returns the constant that a call comes to, if it can be known here and can never fail: the concatenation of two
// constant strings. What could fail is left to the run, where an `||` beside it may absorb the error.
func fold(c *expr.Call) expr.Expr {
	if c.Function != operators.Add || len(c.Args) != 2 {
		return c
	}
	a, aok := constString(c.Args[0])
	b, bok := constString(c.Args[1])
	if !aok || !bok || len(a)+len(b) > policy.MaxStringBytes {
		return c
	}
	return &expr.Const{Base: c.Base, Value: a + b}
}

// constString returns the value of a constant string.
func constString(e expr.Expr) (string, bool) {
	c, ok := e.(*expr.Const)
	if !ok {
		return "", false
	}
	s, ok := c.Value.(string)
	return s, ok
}
