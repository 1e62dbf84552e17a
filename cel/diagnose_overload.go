package cel

import (
	"slices"
	"strings"

	"cel.dev/cel-go/common/decls"
	"cel.dev/cel-go/common/operators"

	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
)

// noOverload reports an operator or function that does not take what it is given.
func (b *builder) noOverload(n *node) {
	if n.kind == nodeMethod && n.form.vars > 0 {
		b.macroOperand(n)
		return
	}
	if n.kind == nodeIndex {
		b.badIndex(n)
		return
	}
	if n.kind == nodeCall {
		switch n.name {
		case operators.Conditional:
			b.badConditional(n)
			return
		case operators.LogicalNot, operators.Negate:
			b.badUnary(n)
			return
		}
		if verb, ok := verbs(n.name); ok && len(n.kids) == 2 {
			b.badBinary(n, verb)
			return
		}
	}
	b.badCall(n)
}

// verbs says what a binary operator does with its operands.
func verbs(operator string) (string, bool) {
	switch operator {
	case operators.Equals, operators.NotEquals, operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals:
		return "compares", true
	case operators.Add:
		return "adds", true
	case operators.Subtract:
		return "subtracts", true
	case operators.Multiply:
		return "multiplies", true
	case operators.Divide:
		return "divides", true
	case operators.Modulo:
		return "takes the remainder of", true
	case operators.In:
		return "looks for", true
	}
	return "", false
}

func (b *builder) badBinary(n *node, verb string) {
	left, right := b.typeOf(n.kids[0]), b.typeOf(n.kids[1])
	joint := map[string]string{"compares": "with", "adds": "and", "multiplies": "by", "divides": "by", "takes the remainder of": "by", "looks for": "in"}[verb]
	summary := "`" + short(n) + "` " + verb + " " + what(left) + " " + joint + " " + what(right)
	if verb == "subtracts" {
		summary = "`" + short(n) + "` subtracts " + what(right) + " from " + what(left)
	}
	if left.Equal(right) && verb == "compares" {
		summary = "`" + short(n) + "`: " + what(left) + " has no order"
	}
	if n.name == operators.In {
		b.report(n, n.start, n.end, "cel-type", summary, b.inHint(n, left, right), "")
		return
	}
	b.report(n, n.start, n.end, "cel-type", summary, b.operandHint(n, left, right), "")
}

// what is a type in a sentence.
func what(t *policy.Type) string {
	switch {
	case t.Kind == policy.KindAny:
		return "something"
	case isAddresses(t):
		return "a list of addresses"
	}
	return describe(t)
}

// isAddresses reports whether a type is that of a policy's list of ip or cidr.
func isAddresses(t *policy.Type) bool { return t == policyAddresses }

func (b *builder) inHint(n *node, left, right *policy.Type) string {
	switch {
	case isAddresses(right) && left.Kind == policy.KindString:
		return "make an address of the text: `ip(" + short(n.kids[0]) + ")`"
	case isAddresses(right):
		return "a list of addresses is for `in` with an ip alone"
	case right.Kind == policy.KindCIDR:
		return "write `" + short(n.kids[1]) + ".containsIP(" + short(n.kids[0]) + ")`"
	case right.Kind == policy.KindString:
		return "write `" + short(n.kids[1]) + ".contains(" + short(n.kids[0]) + ")`"
	case right.Kind == policy.KindOptional:
		return "give the optional a value first: `.orValue([])`"
	case right.Kind == policy.KindList:
		return "the elements of `" + short(n.kids[1]) + "` are of type " + typeWords(right.Elem)
	case right.Kind == policy.KindMap:
		return "the keys of `" + short(n.kids[1]) + "` are of type " + typeWords(right.Key)
	}
	return "`in` looks into a list, or the keys of a map"
}

// operandHint is the way out where two operands do not fit each other.
func (b *builder) operandHint(n *node, left, right *policy.Type) string {
	if h := hintFor(n, n.kids[0], n.kids[1], left, right); h != "" {
		return h
	}
	return hintFor(n, n.kids[1], n.kids[0], right, left)
}

// hintFor is the way out where a, of type t, meets b of type u.
func hintFor(n, a, b *node, t, u *policy.Type) string {
	text, literal := literalString(b)
	number := t.Kind == policy.KindInt || t.Kind == policy.KindUint || t.Kind == policy.KindDouble
	switch {
	case isAddresses(t):
		return "a list of addresses is for `in` with an ip alone"
	case u.Kind == policy.KindOptional && t.Kind != policy.KindOptional:
		return "give the optional a value: `" + short(b) + ".orValue(…)`"
	case t.Kind == policy.KindTimestamp && u.Kind == policy.KindDuration:
		return "how long ago that was is `now - " + short(a) + "`"
	case t.Kind == policy.KindTimestamp && u.Kind == policy.KindString:
		return "a moment is written `timestamp('2026-01-01T00:00:00Z')`"
	case t.Kind == policy.KindDuration && (u.Kind == policy.KindString || u.Kind == policy.KindInt || u.Kind == policy.KindDouble):
		return "a length of time is written `duration('24h')`"
	case t.Kind == policy.KindIP && u.Kind == policy.KindString:
		return "an address is written `ip('192.0.2.1')`"
	case t.Kind == policy.KindCIDR && u.Kind == policy.KindString:
		return "a range of addresses is written `cidr('192.0.2.0/24')`"
	case t.Kind == policy.KindCIDR && u.Kind == policy.KindIP:
		return "write `" + short(a) + ".containsIP(" + short(b) + ")`"
	case number && literal && isNumberText(text):
		return "leave the quotes out: `" + text + "`"
	case number && u.Kind == policy.KindString && n.name == operators.Add:
		return "to join texts, write `string(" + short(a) + ")`"
	case number && literal:
	case number && u.Kind == policy.KindString:
		return "convert the text: `" + t.String() + "(" + short(b) + ")`"
	case t.Kind == policy.KindDouble && (u.Kind == policy.KindInt || u.Kind == policy.KindUint):
		return doubleHint(b)
	case t.Kind == policy.KindUint && u.Kind == policy.KindInt:
		return "convert one of them: `int(" + short(a) + ")`; a uint is written `5u`"
	case t.Kind == policy.KindBool && literal && (text == "true" || text == "false"):
		return "leave the quotes out: `" + text + "`"
	case t.Kind == policy.KindList && n.name != operators.Add && t.Elem.Equal(u):
		return "to look for it in the list, write `" + short(b) + " in " + short(a) + "`"
	case t.Kind == policy.KindNull:
		return "whether something is there is asked with `has(…)`"
	}
	return ""
}

// doubleHint is how an int becomes a double.
func doubleHint(n *node) string {
	if n.kind == nodeLiteral {
		return "a double has a decimal point: `" + n.source() + ".0`"
	}
	return "convert the int: `double(" + short(n) + ")`"
}

func (b *builder) badUnary(n *node) {
	of := n.kids[0]
	if n.name == operators.Negate {
		b.report(n, n.start, n.end, "cel-type", "`-` takes a number; `"+short(of)+"` is "+b.describe(of), "", "")
		return
	}
	b.report(n, n.start, n.end, "cel-type", "`!` takes a bool; `"+short(of)+"` is "+b.describe(of), boolHint(b.typeOf(of)), "")
}

func (b *builder) badConditional(n *node) {
	if t := b.typeOf(n.kids[0]); t.Kind != policy.KindBool && t.Kind != policy.KindAny {
		b.report(n.kids[0], n.kids[0].start, n.kids[0].end, "cel-type", "before `?` stands a bool; `"+short(n.kids[0])+"` is "+describe(t), boolHint(t), "")
		return
	}
	b.report(n, n.start, n.end, "cel-type", "the branches differ: `"+short(n.kids[1])+"` is "+b.describe(n.kids[1])+", `"+short(n.kids[2])+"` is "+b.describe(n.kids[2]), "", "")
}

func (b *builder) badIndex(n *node) {
	of, key := b.typeOf(n.kids[0]), b.typeOf(n.kids[1])
	summary := "`" + short(n.kids[0]) + "` is " + describe(of) + ": only lists and maps have elements"
	detail := ""
	inner := of
	if inner.Kind == policy.KindOptional {
		inner = inner.Elem
	}
	switch {
	case isAddresses(of):
		detail = "a list of addresses is for `in` with an ip alone"
	case inner.Kind == policy.KindList:
		summary = "a list is indexed by an int; `" + short(n.kids[1]) + "` is " + describe(key)
	case inner.Kind == policy.KindMap:
		summary = "the keys of `" + short(n.kids[0]) + "` are of type " + typeWords(inner.Key) + "; `" + short(n.kids[1]) + "` is " + describe(key)
	case inner.Kind == policy.KindObject:
		detail = "an attribute is selected with a dot"
	}
	b.report(n, n.start, n.end, "cel-type", summary, detail, "")
}

// macroOperand reports a macro whose operands do not fit: a predicate that is no bool, mostly.
func (b *builder) macroOperand(n *node) {
	last := n.kids[len(n.kids)-1]
	if n.form.filter {
		last = n.kids[len(n.kids)-2]
	}
	t := b.typeOf(last)
	switch {
	case n.form.macro == expr.TransformMapEntry && !n.form.filter:
		b.report(last, last.start, last.end, "cel-type", "`transformMapEntry` makes an entry of each: `"+short(last)+"` is "+describe(t), "write a map, `{key: value}`", "")
	case n.form.fold && t.Kind != policy.KindBool && t.Kind != policy.KindAny:
		b.report(last, last.start, last.end, "cel-type", "`"+n.name+"` asks for a bool; `"+short(last)+"` is "+describe(t), boolHint(t), "")
	case n.name == "optMap" || n.name == "optFlatMap":
		of := n.kids[0]
		b.report(n, n.start, n.end, "cel-type", "`"+n.name+"` is for an optional; `"+short(of)+"` is "+b.describe(of), "an optional is what `.?` and `[?…]` select", "")
	case n.name == "sortBy":
		b.report(n, n.start, n.end, "cel-type", "`sortBy` sorts a list by numbers, texts, bools, bytes, timestamps or durations", "", "")
	default:
		b.report(n, n.start, n.end, "cel-type", "the operands of `"+n.name+"` do not fit each other", "", "")
	}
}

// badCall reports a function that is given the wrong operands.
func (b *builder) badCall(n *node) {
	name, args, method := strings.TrimPrefix(n.name, "."), n.kids, n.kind == nodeMethod
	if method && n.call != nil && !n.call.AsCall().IsMemberFunction() {
		name, args, method = n.call.AsCall().FunctionName(), n.kids[1:], false
	}
	given := make([]string, len(args))
	for i, a := range args {
		given[i] = typeWords(b.typeOf(a))
		if isAddresses(b.typeOf(a)) {
			given[i] = "addresses"
		}
	}
	summary := "`" + name + "` does not take " + callForm("", given, false)
	if method {
		summary = "`" + name + "` is not a method of " + given[0]
		if len(given) > 1 {
			summary += " with (" + strings.Join(given[1:], ", ") + ")"
		}
	}
	forms := b.env.lib.forms(b.env.types, n.name, name)
	detail := ""
	if len(forms) > 0 {
		const most = 6
		detail = "it is called `" + strings.Join(forms[:min(len(forms), most)], "`, `") + "`"
	}
	if method && name == "contains" && len(args) == 2 && b.typeOf(args[0]).Kind == policy.KindList {
		detail = "to look for it in the list, write `" + short(args[1]) + " in " + short(args[0]) + "`"
	}
	if slices.Contains(given, "addresses") {
		detail = "a list of addresses is for `in` with an ip alone"
	}
	b.report(n, n.start, n.end, "cel-type", summary, detail, "")
}

// forms are the ways in which a function is called, in words.
func (l *basis) forms(t *typeTable, names ...string) []string {
	var out []string
	for _, name := range names {
		f := l.env.Functions()[name]
		if f == nil {
			continue
		}
		for _, o := range f.OverloadDecls() {
			if s := overloadForm(t, name, o); !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	return out
}

func overloadForm(t *typeTable, name string, o *decls.OverloadDecl) string {
	args := make([]string, len(o.ArgTypes()))
	for i, a := range o.ArgTypes() {
		args[i] = typeWords(t.policy(a))
	}
	return callForm(strings.Replace(name, "math.@max", "math.greatest", 1), args, o.IsMemberFunction())
}

func callForm(name string, args []string, method bool) string {
	if method && len(args) > 0 {
		return args[0] + "." + name + "(" + strings.Join(args[1:], ", ") + ")"
	}
	return name + "(" + strings.Join(args, ", ") + ")"
}
