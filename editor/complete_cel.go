package editor

import (
	"slices"
	"strings"

	"github.com/rungpolicy/rung/cel"
	"github.com/rungpolicy/rung/policy"
)

// condition completes a condition.
func (c *completer) condition(cond *condition, offset int) {
	at := cel.CursorAt(cond.text.Value, offset)
	place := cond.text.Place(at.Start, at.End)
	x := celCompleter{completer: c, cond: cond, cursor: at, at: span{place.Start, place.End}}
	switch {
	case at.InComment:
	case at.InText:
		x.inText()
	case at.Member:
		x.member()
	default:
		x.root()
	}
}

type celCompleter struct {
	*completer
	cond   *condition
	cursor *cel.Cursor
	at     span
}

// put adds a completion whose text is CEL, in the place of the name at the cursor.
func (c *celCompleter) put(x Completion, group, text string) {
	if x.Snippet && c.called() {
		x.Snippet = false
		text, _, _ = strings.Cut(text, "(")
	}
	if t := c.cond.attr.value; t.at.start < len(c.tree.text.src.Bytes) && c.tree.text.src.Bytes[t.at.start] == '"' {
		text = escape(text)
	}
	x.Edit.NewText = text
	c.add(x, group, c.at)
}

// called reports whether a parenthesis follows the name at the cursor.
func (c *celCompleter) called() bool {
	return strings.HasPrefix(c.cond.text.Value[c.cursor.End:], "(")
}

// member completes what stands behind a dot.
func (c *celCompleter) member() {
	before := c.cond.text.Value[c.cursor.From:c.cursor.To]
	for _, kind := range []string{"param", "list", "level", "posture"} {
		if before == kind && kind != "posture" || before == "postures" && kind == "posture" {
			c.namesBehind(kind)
			return
		}
	}
	if c.namespace(before) {
		return
	}
	types := c.receivers()
	for _, t := range types {
		for _, a := range t.Attrs {
			c.put(Completion{Label: a.Name, Kind: "property", Detail: attrDetail(&a), Doc: attrDoc(before+"."+a.Name, &a)}, "0", member(a.Name))
		}
	}
	for _, f := range cel.Functions() {
		if slices.ContainsFunc(types, func(t *policy.Type) bool { return t.Kind != policy.KindObject && f.Of(t) }) {
			c.function(&f, "1", f.Name)
		}
	}
}

func attrDetail(a *policy.Attr) string {
	if a.Optional {
		return shortType(a.Type) + ", optional"
	}
	return shortType(a.Type)
}

// receivers are the types that the value before the dot may have: those of `resource` may differ by action.
func (c *celCompleter) receivers() []*policy.Type {
	t := c.scope.Type(c.cursor, c.cursor.From, c.cursor.To, nil)
	if t.Kind != policy.KindAny {
		return []*policy.Type{t}
	}
	var all []*policy.Type
	for _, r := range c.resources(c.cond) {
		t := c.scope.Type(c.cursor, c.cursor.From, c.cursor.To, r)
		if t.Kind != policy.KindAny && !slices.ContainsFunc(all, t.Equal) {
			all = append(all, t)
		}
	}
	if len(all) == 0 {
		all = append(all, policy.Any)
	}
	return all
}

// member writes a name behind a dot, in back quotes if need be.
func member(name string) string {
	if cel.IsIdentifier(name) {
		return name
	}
	return "`" + name + "`"
}

// namesBehind adds the params, lists, levels or postures.
func (c *celCompleter) namesBehind(kind string) {
	for _, x := range c.known(kind) {
		c.put(Completion{Label: x.name, Kind: kind, Detail: x.doc, Doc: c.symbolDoc(symbolID{symbolKind(kind), x.name})}, "0", member(x.name))
	}
	if kind == "posture" {
		c.put(Completion{Label: "normal", Kind: kind}, "0", "normal")
	}
}

// namespace adds the functions of a namespace; false if it is none.
func (c *celCompleter) namespace(before string) bool {
	found := false
	for _, f := range cel.Functions() {
		if name, ok := strings.CutPrefix(f.Name, before+"."); ok {
			found = true
			c.function(&f, "0", name)
		}
	}
	return found
}

// function adds a function or macro; name is what is written of it.
func (c *celCompleter) function(f *cel.Function, group, name string) {
	kind := "function"
	switch {
	case f.Macro:
		kind = "macro"
	case f.Method && c.cursor.Member:
		kind = "method"
	}
	text := name + "($1)"
	if !f.Takes() {
		text = name + "()"
	}
	if f.Macro && f.Method {
		text = name + "(${1:x}, $2)"
		if strings.Contains(f.Usage, "(i, x,") {
			text = name + "(${1:i}, ${2:x}, $3)"
		}
		if strings.Contains(f.Usage, "(k, v,") {
			text = name + "(${1:k}, ${2:v}, $3)"
		}
	}
	c.put(Completion{Label: name, Kind: kind, Detail: f.Usage, Doc: functionDoc(f), Snippet: true}, group, text)
}

// root completes a name that stands by itself.
func (c *celCompleter) root() {
	for _, name := range c.cursor.Variables() {
		c.put(Completion{Label: name, Kind: "variable", Detail: shortType(c.variableType(name))}, "0", name)
	}
	resource := len(c.resources(c.cond)) > 0
	for _, name := range cel.Reserved() {
		if name != "resource" || resource {
			c.put(Completion{Label: name, Kind: "variable", Doc: reservedDoc(name)}, "1", name)
		}
	}
	for _, s := range c.policy.Signals {
		c.put(Completion{Label: s.Name, Kind: "signal", Detail: shortType(s.Type), Doc: signalDoc(s)}, "1", s.Name)
	}
	for _, l := range c.policy.Lets {
		if c.cond.block.schema.Type != "let" || c.tree.text.bytes(c.cond.attr.name) != l.Name {
			c.put(Completion{Label: l.Name, Kind: "let", Detail: "let", Doc: c.letDoc(l.Name)}, "1", l.Name)
		}
	}
	for _, f := range cel.Functions() {
		if f.Global() {
			c.function(&f, "2", f.Name)
		}
	}
	for _, k := range []string{"true", "false", "null"} {
		c.put(Completion{Label: k, Kind: "keyword"}, "3", k)
	}
}

func (c *celCompleter) variableType(name string) *policy.Type {
	for _, r := range append([]*policy.Type{nil}, c.resources(c.cond)...) {
		if t := c.scope.VariableType(c.cursor, name, r); t.Kind != policy.KindAny {
			return t
		}
	}
	return policy.Any
}

// inText completes a text of a condition: where it is held against what has known values, those.
func (c *celCompleter) inText() {
	var words []word
	switch c.held() {
	case "amr", "enrolled":
		words = methods()
	case "acr":
		for _, l := range c.policy.Levels {
			for _, acr := range l.ACR {
				words = append(words, word{acr, "level " + l.Name})
			}
		}
	case "duration":
		words = []word{{"5m", "five minutes"}, {"1h", "an hour"}, {"24h", "a day"}, {"720h", "30 days"}}
	}
	for _, x := range words {
		c.put(Completion{Label: x.name, Kind: "value", Detail: x.doc}, "0", x.name)
	}
}

// held is the last name of what the text at the cursor is held against: of `'…' in x.amr`, `x.acr == '…'`, `x.amr.exists(m, m == '…')`, or the function that
// it is given to.
func (c *celCompleter) held() string {
	before := strings.TrimRight(c.cond.text.Value[:max(0, c.cursor.Start-1)], " \t\n")
	after := strings.TrimLeft(c.cond.text.Value[min(len(c.cond.text.Value), c.cursor.End+1):], " \t\n")
	if rest, ok := strings.CutPrefix(after, "in "); ok {
		return lastName(rest)
	}
	for _, sign := range []string{"==", "!="} {
		if rest, ok := strings.CutSuffix(before, sign); ok {
			return firstBack(rest)
		}
	}
	if len(c.cursor.Calls) > 0 {
		return c.cursor.Calls[0].Name
	}
	return ""
}

// lastName is the last name of the chain that a text begins with.
func lastName(s string) string {
	end := strings.IndexFunc(s, func(r rune) bool { return r != '.' && r != '_' && !isAlnum(r) })
	if end >= 0 {
		s = s[:end]
	}
	return s[strings.LastIndexByte(s, '.')+1:]
}

// firstBack is the name that a text ends with.
func firstBack(s string) string {
	s = strings.TrimRight(s, " \t\n")
	return s[strings.LastIndexFunc(s, func(r rune) bool { return r != '_' && !isAlnum(r) })+1:]
}

func isAlnum(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}
