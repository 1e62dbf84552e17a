package cel

import (
	"slices"
	"strconv"
	"strings"

	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/policy"
)

// explain reports an error of cel-go's checker in an author's words.
func (b *builder) explain(err *common.Error) {
	n := b.tree
	if err.ExprID > 0 && err.ExprID < int64(len(b.owners)) {
		n = b.owners[err.ExprID]
	}
	m := err.Message
	switch {
	case strings.HasPrefix(m, "undeclared reference"):
		b.undeclared(n)
	case strings.HasPrefix(m, "undefined field"):
		b.undefinedAttribute(n)
	case strings.HasPrefix(m, "found no matching overload"):
		b.noOverload(n)
	case strings.Contains(m, "does not support field selection"):
		b.noSelect(n)
	case strings.HasPrefix(m, "expression of type"):
		b.report(n, n.start, n.end, "cel-type", "`"+short(n)+"` is "+b.describe(n)+": only lists and maps can be iterated over", "", "")
	case strings.HasPrefix(m, "expected type 'bool'"):
		b.report(n, n.start, n.end, "cel-type", "`"+short(n)+"` is "+b.describe(n)+", where a bool is needed", boolHint(b.typeOf(n)), "")
	case strings.HasPrefix(m, "expected type 'optional_type"):
		b.report(n, n.start, n.end, "cel-type", "`"+short(n)+"` is "+b.describe(n)+", where `?` needs an optional", "leave the `?` out, or write `optional.of(…)`", "")
	default:
		b.report(n, n.start, n.end, "cel-type", "`"+short(n)+"` does not fit here", "", "")
	}
}

// short is a node's text, cut for a message.
func short(n *node) string { return printable(strings.Join(strings.Fields(n.source()), " ")) }

func (b *builder) typeOf(n *node) *policy.Type { return b.env.types.policy(b.checked.GetType(n.id)) }

// describe says what a node is: "a string".
func (b *builder) describe(n *node) string { return describe(b.typeOf(n)) }

func describe(t *policy.Type) string {
	switch t.Kind {
	case policy.KindAny:
		return "of any type"
	case policy.KindNull:
		return "null"
	case policy.KindObject:
		return "an object"
	case policy.KindType:
		return "a type"
	}
	s := typeWords(t)
	if strings.ContainsRune("aeio", rune(s[0])) {
		return "an " + s
	}
	return "a " + s
}

// typeWords is a type as authors write it, objects by the word.
func typeWords(t *policy.Type) string {
	switch t.Kind {
	case policy.KindObject:
		return "object"
	case policy.KindList, policy.KindOptional:
		return t.Kind.String() + "(" + typeWords(t.Elem) + ")"
	case policy.KindMap:
		if t.Key.Kind == policy.KindString {
			return "map(" + typeWords(t.Elem) + ")"
		}
		return "map(" + typeWords(t.Key) + ", " + typeWords(t.Elem) + ")"
	case policy.KindType:
		return "type"
	}
	return t.String()
}

// parentOf returns the node above n in the tree that is checked.
func (b *builder) parentOf(n *node) *node {
	var parent *node
	b.tree.walk(func(k *node) {
		if slices.Contains(k.kids, n) {
			parent = k
		}
	})
	return parent
}

// undeclared reports a name or a function that is not there.
func (b *builder) undeclared(n *node) {
	switch n.kind {
	case nodeIdent:
		b.unknownName(n)
	default:
		b.unknownFunction(n)
	}
}

// unknownName reports a name at the top of a condition that is not there.
func (b *builder) unknownName(n *node) {
	name := strings.TrimPrefix(n.name, ".")
	if slices.Contains([]string{"param", "list", "level", "postures"}, name) {
		b.unknownMember(n, name)
		return
	}
	if slices.Contains(b.env.lib.namespaces, name) {
		if p := b.parentOf(n); p == nil || p.kind != nodeMethod || p.kids[0] != n { // else the function is reported
			b.report(n, n.start, n.end, "cel-unknown", "`"+name+"` is a library, no value", "", "")
		}
		return
	}
	summary, detail, suggestion := "unknown name `"+printable(name)+"`", "", ""
	if paths := b.env.pathsTo(name); len(paths) > 0 {
		suggestion = paths[0]
	} else if near, ok := b.env.suggestions.Nearest(name, b.env.topNames()); ok {
		suggestion = near
	}
	if suggestion != "" {
		detail = "did you mean `" + suggestion + "`?"
	} else {
		detail = "declare it as a `signal`, or name it in a `let` block"
	}
	if n.name != name && n.start == n.at && n.source() != name {
		suggestion = ""
	}
	b.report(n, n.start, n.end, "cel-unknown", summary, detail, suggestion)
}

// topNames are all the names that a condition may begin with.
func topNames(p *policy.Policy) []string {
	names := reserved()
	for _, s := range p.Signals {
		names = append(names, s.Name)
	}
	for _, l := range p.Lets {
		names = append(names, l.Name)
	}
	names = append(names, "true", "false", "null")
	slices.Sort(names)
	return names
}

// pathsTo are the places where a name would be known: as an attribute, a param, a list, a level.
func (e *Env) pathsTo(name string) []string {
	if e.suggestions.Spent() {
		return nil
	}
	var paths []string
	for _, s := range e.policy.Signals {
		if s.Type.Kind == policy.KindObject && s.Type.Slot(name) >= 0 {
			paths = append(paths, s.Name+"."+selectable(name))
		}
	}
	for _, space := range []string{"param", "list", "level", "postures"} {
		if slices.Contains(e.members(space), name) {
			paths = append(paths, space+"."+selectable(name))
		}
	}
	return paths
}

// members are the names in one of the name spaces of a condition.
func (e *Env) members(space string) []string {
	var names []string
	switch space {
	case "param":
		for _, p := range e.policy.Params {
			names = append(names, p.Name)
		}
	case "list":
		for _, l := range e.policy.Lists {
			names = append(names, l.Name)
		}
	case "level":
		for _, l := range e.policy.Levels {
			names = append(names, l.Name)
		}
	case "postures":
		names = append(names, "normal")
		for _, p := range e.policy.Postures {
			names = append(names, p.Name)
		}
	}
	return names
}

// unknownMember reports `param.x` where there is no such param, and `param` alone; so of lists, levels and postures.
func (b *builder) unknownMember(n *node, space string) {
	what := strings.TrimSuffix(space, "s")
	parent := b.parentOf(n)
	if parent == nil || parent.kind != nodeSelect {
		b.report(n, n.start, n.end, "cel-unknown", "`"+space+"` alone is no value", "write `"+space+"."+what+"_name`", "")
		return
	}
	names := b.env.members(space)
	detail, suggestion := "", ""
	if near, ok := b.env.suggestions.Nearest(parent.name, names); ok {
		detail, suggestion = "did you mean `"+near+"`?", selectable(near)
	} else {
		detail = declared(what, names)
	}
	b.report(parent, parent.at, parent.atEnd, "cel-unknown", "there is no "+what+" `"+printable(parent.name)+"`", detail, suggestion)
}

// selectable is a name as it stands after a dot: in back quotes, if it is no plain name of CEL.
func selectable(name string) string {
	l := lexer{src: name}
	if t := l.next(); t.kind == tokIdent && t.end == len(name) {
		return name
	}
	return "`" + name + "`"
}

// declared lists what there is, if it is little.
func declared(what string, names []string) string {
	const most = 8
	switch {
	case len(names) == 0:
		return "the policy declares no " + what
	case len(names) > most:
		return ""
	}
	return "there are `" + strings.Join(names, "`, `") + "`"
}

// undefinedAttribute reports an attribute that an object does not have.
func (b *builder) undefinedAttribute(n *node) {
	if n.kind == nodeCall && n.name == operators.Has {
		n = n.kids[0]
	}
	of := n.kids[0]
	t := b.typeOf(of)
	if t.Kind == policy.KindOptional {
		t = t.Elem
	}
	summary := "`" + short(of) + "` has no attribute `" + printable(n.name) + "`"
	if of.kind == nodeIdent && strings.HasPrefix(of.name, resourcePrefix) && b.action != "" {
		summary = "the resource of action `" + b.action + "` has no attribute `" + printable(n.name) + "`"
	}
	names := attrNames(t)
	if near, ok := b.env.suggestions.Nearest(n.name, names); ok {
		b.report(n, n.at, n.atEnd, "cel-unknown", summary, "did you mean `"+near+"`?", selectable(near))
		return
	}
	b.report(n, n.at, n.atEnd, "cel-unknown", summary, declared("attribute", names), "")
}

// noSelect reports `x.y` where x has no attributes at all.
func (b *builder) noSelect(n *node) {
	if n.kind == nodeCall && n.name == operators.Has {
		n = n.kids[0]
	}
	of := n.kids[0]
	if of.kind == nodeIdent && of.bound == nil {
		switch strings.TrimPrefix(of.name, ".") {
		case "list":
			b.unknownMember(of, "list")
			return
		case "posture":
			b.report(n, n.start, n.end, "cel-type", "`posture` is the rank of the current posture, a number", "to name a posture, write `postures."+printable(n.name)+"`", "postures."+n.name)
			return
		}
	}
	b.report(n, n.at, n.atEnd, "cel-type", "`"+short(of)+"` is "+b.describe(of)+", it has no attribute `"+printable(n.name)+"`", selectHint(b.typeOf(of), n.name), "")
}

func selectHint(t *policy.Type, name string) string {
	switch {
	case name == "size" || name == "length":
		return "write `.size()`"
	case t.Kind == policy.KindList:
		return "look at its elements: `.exists(e, e." + name + " …)`"
	}
	return ""
}

// unknownFunction reports a call of what is no function.
func (b *builder) unknownFunction(n *node) {
	name := strings.TrimPrefix(n.name, ".")
	if n.name == operators.Has {
		b.report(n, n.start, n.end, "cel-type", "`has()` takes one signal or attribute, as in `has(device.id)`", "", "")
		return
	}
	if n.kind == nodeMethod {
		if prefix, ok := dotted(n.kids[0]); ok && slices.Contains(b.env.lib.namespaces, prefix) {
			b.unknownNamespaced(n, prefix+"."+name)
			return
		}
		if t := b.checked.GetType(n.kids[0].id); t != nil && t.Kind() == types.ErrorKind && n.kids[0].name != poison {
			return // what stands before it is unknown, and reported
		}
	}
	summary, detail, suggestion := "unknown function `"+printable(name)+"`", "", ""
	if near, ok := b.env.suggestions.Nearest(name, b.env.lib.functions); ok {
		detail, suggestion = "did you mean `"+near+"`?", near
	}
	for _, f := range b.env.lib.functions {
		if strings.HasSuffix(f, "."+name) {
			detail, suggestion = "did you mean `"+f+"`?", f
		}
	}
	if n.kind == nodeMethod && strings.Contains(suggestion, ".") {
		suggestion = ""
	}
	b.report(n, n.at, n.atEnd, "cel-unknown", summary, detail, suggestion)
}

func (b *builder) unknownNamespaced(n *node, name string) {
	detail, suggestion := "", ""
	if near, ok := b.env.suggestions.Nearest(name, b.env.lib.functions); ok {
		detail, suggestion = "did you mean `"+near+"`?", near
	}
	b.report(n, n.start, n.atEnd, "cel-unknown", "unknown function `"+printable(name)+"`", detail, suggestion)
}

// dotted is the dotted name that a node is written as.
func dotted(n *node) (string, bool) {
	switch n.kind {
	case nodeIdent:
		return strings.TrimPrefix(n.name, "."), n.bound == nil
	case nodeSelect:
		of, ok := dotted(n.kids[0])
		return of + "." + n.name, ok && !n.optional
	}
	return "", false
}

// macroError reports a macro that is written wrong: what the expansion of cel-go's macros complains of.
func (b *builder) macroError(n *node, err *common.Error) {
	at := n
	if err.ExprID > 0 && err.ExprID < int64(len(b.owners)) {
		at = b.owners[err.ExprID]
	}
	m := err.Message
	switch {
	case strings.Contains(m, "duplicate variable name"):
		b.report(at, at.start, at.end, "cel-name", "`"+n.name+"` binds `"+at.name+"` twice", "", "")
	case strings.Contains(m, "at least one argument"):
		b.report(n, n.start, n.end, "cel-type", "`"+short(n.kids[0])+"."+n.name+"` needs at least one number", "", "")
	case n.name == "greatest" || n.name == "least":
		b.report(at, at.start, at.end, "cel-type", "`math."+n.name+"` takes numbers, or a list of numbers", "", "")
	case n.name == "sortBy":
		b.report(at, at.start, at.end, "cel-type", "`sortBy` sorts a list", "", "")
	default:
		// What is left complains of variables, which are looked at before.
		if !b.diags.HasErrors() {
			b.report(at, at.start, at.end, "cel-name", "`"+n.name+"` needs the name of a variable here", "", "")
		}
	}
}

func wantType(n *node, have, want *policy.Type) diag.Diagnostic {
	if want.Kind == policy.KindString {
		return diagnostic(n.text, n.start, n.end, "cel-type", "`by` is "+describe(have)+", where a string is needed", "write `string(…)` around it", "")
	}
	return diagnostic(n.text, n.start, n.end, "cel-type", "the condition is "+describe(have)+", where a bool is needed", boolHint(have), "")
}

func boolHint(t *policy.Type) string {
	switch t.Kind {
	case policy.KindString:
		return "compare it: `… == 'text'`"
	case policy.KindInt, policy.KindUint, policy.KindDouble:
		return "compare it with a number: `… > 0`"
	case policy.KindList, policy.KindMap:
		return "compare its size: `.size() > 0`"
	case policy.KindOptional:
		return "ask for its value: `.orValue(false)`, or `.hasValue()`"
	case policy.KindObject:
		return "look at an attribute, or ask with `has(…)` whether it is there"
	}
	return ""
}

// literalString is the value of a string literal.
func literalString(n *node) (string, bool) {
	if n.kind != nodeLiteral {
		return "", false
	}
	s, ok := n.value.(types.String)
	return string(s), ok
}

// isNumberText reports whether a text is a number in quotes.
func isNumberText(s string) bool {
	_, err := strconv.ParseFloat(s, 64)
	return err == nil
}
