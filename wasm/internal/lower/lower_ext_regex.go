package lower

import (
	"strings"

	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/internal/ir"
)

// maxGroup is the last group that a replacement can name, with one digit.
const maxGroup = 9

// pattern notes the regular expression that a call has as its second operand; false if that is no constant.
func (l *lowerer) pattern(e *expr.Call) (string, bool) {
	re := l.expr(e.Args[1])
	pattern, ok := re.Value.(string)
	if !ok || re.Op != ir.Const {
		return "", false
	}
	if l.patterns == nil {
		l.patterns = map[expr.Expr]string{}
	}
	l.patterns[e.Args[1]] = pattern
	return pattern, true
}

// program is an operand: the program of a regular expression that notes so many groups.
func (l *lowerer) program(e *expr.Call, pattern string, groups int) *ir.Node {
	data, err := l.Captures(pattern, groups)
	if err != nil {
		return l.refuse(e, "this regular expression (%v)", err)
	}
	return ir.New(ir.Data, policy.Bool, 0, ir.Imm{Data: data})
}

// matches lowers `s.matches(re)`: by an automaton, or by the program, where that would be too large.
func (l *lowerer) matches(e *expr.Call) *ir.Node {
	s := l.unbox(l.expr(e.Args[0]), policy.String, noOverload, e)
	pattern, ok := l.pattern(e)
	if !ok {
		return l.refuse(e, "a regular expression that is computed")
	}
	if data, err := l.Pattern(pattern); err == nil {
		return ir.New(ir.Matches, policy.Bool, l.place(e), ir.Imm{Data: data}, s)
	}
	return guest("rt_regex_matches", policy.Bool, l.place(e), false, l.program(e, pattern, -1), s)
}

// regex lowers the functions of the library `regex`, of operands other than the pattern.
func (l *lowerer) regex(e *expr.Call) *ir.Node {
	if _, ok := l.pattern(e); !ok {
		return l.refuse(e, "a regular expression that is computed")
	}
	var args []*ir.Node
	for i, a := range e.Args {
		if i != 1 {
			args = append(args, l.expr(a))
		}
	}
	if l.refused != nil {
		return args[0]
	}
	for _, a := range args {
		if isAny(a.Type) {
			return l.dynamic(e, args)
		}
	}
	return l.typedCall(e, args)
}

// extract is the first match, or what its group holds.
func extract(l *lowerer, e *expr.Call, args []*ir.Node) *ir.Node {
	return l.extracted(e, "rt_regex_extract", optional(policy.String), args[0])
}

// extractAll is all matches, or what the group of each holds.
func extractAll(l *lowerer, e *expr.Call, args []*ir.Node) *ir.Node {
	pattern := l.patterns[e.Args[1]]
	_, far := l.Reach(pattern)
	return l.extracted(e, "rt_regex_extract_all", policy.ListOf(policy.String), args[0], wordOf(far))
}

func (l *lowerer) extracted(e *expr.Call, name string, t *policy.Type, s *ir.Node, more ...*ir.Node) *ir.Node {
	pattern := l.patterns[e.Args[1]]
	groups, _ := l.Reach(pattern)
	if groups > 1 {
		return guest("rt_regex_groups", t, l.place(e), true, s)
	}
	return guest(name, t, l.place(e), true, append([]*ir.Node{l.program(e, pattern, groups), s}, more...)...)
}

// regexReplace puts a text in the place of matches. Of a constant text it is known which groups it names.
func regexReplace(l *lowerer, e *expr.Call, args []*ir.Node) *ir.Node {
	pattern := l.patterns[e.Args[1]]
	groups, far := l.Reach(pattern)
	noted := min(groups, maxGroup)
	if by, ok := args[1].Value.(string); ok && args[1].Op == ir.Const {
		noted = min(noted, lastGroup(by))
	}
	times := constant(policy.Int, int64(-1))
	if len(args) == 3 {
		times = args[2]
	}
	return guest("rt_regex_replace", policy.String, l.place(e), true, l.program(e, pattern, noted), args[0], args[1], times, wordOf(far), wordOf(groups))
}

// lastGroup is the last group that a replacement names.
func lastGroup(by string) int {
	last := 0
	for {
		_, after, escape := strings.Cut(by, `\`)
		if !escape || after == "" {
			return last
		}
		if d := int(after[0]) - '0'; d > 0 && d <= maxGroup {
			last = max(last, d)
		}
		by = after[1:]
	}
}
