package lang

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/rungpolicy/rung/bench/bank"
)

// Cedar has no regular expressions and no predicates over elements: patterns and elements that say the same of the contexts drawn stand for
// them.
func cedarDialect() *dialect {
	path := func(p string) string { return "context." + p }
	compare := map[string]string{"<": "lessThan", "<=": "lessThanOrEqual", ">": "greaterThan", ">=": "greaterThanOrEqual"}
	return &dialect{
		path: path, str: strconv.Quote,
		num: func(p, cmp string, n float64) string {
			return fmt.Sprintf("%s.%s(decimal(%q))", path(p), compare[cmp], double(n))
		},
		in: func(d *dialect, e *bank.Expr) string {
			return "[" + d.strs(e.List) + "].contains(" + path(e.Path) + ")"
		},
		inInt:  func(_ *dialect, e *bank.Expr) string { return "[" + ints(e.Ints) + "].contains(" + path(e.Path) + ")" },
		has:    func(d *dialect, e *bank.Expr) string { return path(e.Path) + ".contains(" + d.str(e.Str) + ")" },
		prefix: func(d *dialect, e *bank.Expr) string { return path(e.Path) + " like " + d.str(e.Str+"*") },
		cidr: func(d *dialect, e *bank.Expr) string {
			return path(e.Path) + ".isInRange(ip(" + d.str(e.Str) + "))"
		},
		match: func(d *dialect, e *bank.Expr) string {
			likes := make([]string, len(e.List))
			for i, l := range e.List {
				likes[i] = path(e.Path) + " like " + d.str(l)
			}
			return "(" + strings.Join(likes, " || ") + ")"
		},
		exists: func(d *dialect, e *bank.Expr) string { return path(e.Path) + ".containsAny([" + d.strs(e.List) + "])" },
	}
}

// Cedar is a rule as a Cedar policy. Every rule permits: Cedar says which permits hold, and the host joins what they ask for.
func Cedar(r bank.Rule) string {
	return "permit(principal, action, resource) when { " + cedarDialect().render(r.When) + " };"
}
