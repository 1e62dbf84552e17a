package editor

import (
	"slices"
	"strings"

	"github.com/rungpolicy/rung/hcl"
	"github.com/rungpolicy/rung/policy"
)

// Completion is something that could be written at a place.
type Completion struct {
	Label string `json:"label"`
	// Kind is "block", "attribute", "keyword", "type", "value", "level", "posture", "signal", "param", "list", "let", "action", "fixture", "variable",
	// "property", "function", "method" or "macro".
	Kind string `json:"kind"`
	// Detail is one line: a type, or how a function is called.
	Detail string `json:"detail,omitempty"`
	// Doc is Markdown.
	Doc string `json:"doc,omitempty"`
	// Edit is what is written. In a snippet `$1` and `${1:word}` are places to fill in, `$0` is the last one, and `\$` is a dollar.
	Edit    TextEdit `json:"edit"`
	Snippet bool     `json:"snippet,omitempty"`
	// Sort orders completions, bytewise.
	Sort string `json:"sort"`
}

// maxCompletions bounds an answer.
const maxCompletions = 1000

// Complete returns what could be written at a place, in order. All that fits is there, whatever begins the word that is being written: editors narrow it
// down as they like.
func (w *Workspace) Complete(file string, p Position) []Completion {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.spot(file, p)
	if s == nil || s.comment {
		return []Completion{}
	}
	c := completer{spot: s, model: w.model(), out: []Completion{}}
	if cond, at := c.conditionAt(file, s.offset); cond != nil {
		c.condition(cond, at)
	} else {
		c.hcl()
	}
	slices.SortStableFunc(c.out, func(a, b Completion) int { return strings.Compare(a.Sort, b.Sort) })
	c.out = slices.CompactFunc(c.out, func(a, b Completion) bool { return a.Sort == b.Sort && a.Label == b.Label })
	return c.out[:min(len(c.out), maxCompletions)]
}

type completer struct {
	*spot
	*model
	out []Completion
}

func (c *completer) add(x Completion, group string, at span) {
	x.Edit.Range = c.tree.text.rng(at)
	x.Sort = group + x.Label
	c.out = append(c.out, x)
}

// hcl completes what is no condition.
func (c *completer) hcl() {
	switch {
	case c.attr == nil && c.inHeader():
	case c.attr == nil:
		c.names()
	case c.schemaForm() == "type":
		c.types()
	case c.schemaForm() == "bool":
		c.words("keyword", []word{{"true", ""}, {"false", ""}}, false)
	default:
		c.values()
	}
}

// inHeader reports whether the place is between a block's word and its brace.
func (c *completer) inHeader() bool {
	for _, b := range c.block.blocks {
		if b.kind.end < c.offset && c.offset < b.body.start {
			return true
		}
	}
	return false
}

// schemaForm is the form of the attribute in whose value the place is.
func (c *completer) schemaForm() string {
	if c.block.schema == nil {
		return ""
	}
	if a := schemaAttr(c.block.schema, c.attrName()); a != nil {
		return a.Form
	}
	return ""
}

// names completes the names of attributes and blocks.
func (c *completer) names() {
	if c.block == c.tree.root {
		for _, b := range schemaList(c.file) {
			if b.Top {
				c.blockName(b)
			}
		}
		return
	}
	b := c.block.schema
	if b == nil {
		return
	}
	for _, a := range b.Attrs {
		if has := c.tree.attr(c.block, a.Name); has != nil && !has.name.holds(c.offset) || a.Name == "actions" && c.block.parent != c.tree.root {
			continue
		}
		if b.Type == "rollout" || !c.hasBlock(a.Name) {
			c.attrName1(&a)
		}
	}
	for _, nested := range b.Nested {
		if x := schemas(c.file)[nested]; x != nil {
			c.blockName(x)
		}
	}
}

func (c *completer) hasBlock(name string) bool {
	return slices.ContainsFunc(c.block.blocks, func(b *block) bool { return c.tree.text.bytes(b.kind) == name })
}

func (c *completer) attrName1(a *hcl.Attr) {
	x := Completion{Label: a.Name, Kind: "attribute", Detail: a.Form, Doc: hclAttrDoc(a)}
	group := "1"
	if a.Required {
		group = "0"
	}
	if c.followedBy("=") {
		x.Edit.NewText = a.Name
	} else {
		x.Edit.NewText, x.Snippet = a.Name+" = "+valueSnippet(a), true
	}
	c.add(x, group, c.word)
}

// followedBy reports whether a sign follows the word at the place on its line.
func (c *completer) followedBy(sign string) bool {
	rest := strings.TrimLeft(string(c.tree.text.src.Bytes[c.word.end:]), " \t")
	return strings.HasPrefix(rest, sign)
}

// valueSnippet is the form of an attribute's value, with a place to fill in.
func valueSnippet(a *hcl.Attr) string {
	switch a.Form {
	case "CEL", "string", "timestamp", "duration":
		return `"$1"`
	case "list of string":
		return `["$1"]`
	case "list":
		return `[$1]`
	case "object":
		return "{ $1 }"
	}
	return "$1"
}

func (c *completer) blockName(b *hcl.Block) {
	x := Completion{Label: b.Type, Kind: "block", Doc: blockDoc(b)}
	if c.followedBy("\"") || c.followedBy("{") {
		x.Edit.NewText = b.Type
	} else {
		x.Edit.NewText, x.Snippet = blockSnippet(b), true
	}
	c.add(x, "2", c.word)
}

// blockSnippet is a block with its required attributes.
func blockSnippet(b *hcl.Block) string {
	var s strings.Builder
	n := 1
	s.WriteString(b.Type)
	if b.Label != "" {
		s.WriteString(` "${1:` + b.Label + `}"`)
		n++
	}
	s.WriteString(" {\n")
	for _, a := range b.Attrs {
		if a.Required {
			s.WriteString("  " + a.Name + " = " + strings.Replace(valueSnippet(&a), "$1", "$"+string(rune('0'+n)), 1) + "\n")
			n++
		}
	}
	s.WriteString("  $0\n}")
	return s.String()
}

// types completes a type.
func (c *completer) types() {
	if c.key {
		return // the name of an attribute is the author's
	}
	c.words("type", types(), false)
	for i := range c.out {
		switch c.out[i].Label {
		case "list", "map", "optional":
			c.out[i].Edit.NewText, c.out[i].Snippet = c.out[i].Label+"($1)", true
		case "object":
			c.out[i].Edit.NewText, c.out[i].Snippet = "object({\n  $1\n})", true
		}
	}
}

// words adds words as they are, or as text.
func (c *completer) words(kind string, words []word, quoted bool) {
	for _, x := range words {
		c.text(Completion{Label: x.name, Kind: kind, Detail: x.doc}, quoted)
	}
}

// text adds a value that is text: in the quotes that are there, or with its own.
func (c *completer) text(x Completion, quoted bool) {
	at := c.word
	x.Edit.NewText = x.Label
	if quoted {
		x.Edit.NewText = escape(x.Label)
		if c.value != nil && c.value.kind == valText {
			at = c.tree.inner(c.value)
		} else {
			x.Edit.NewText = `"` + x.Edit.NewText + `"`
		}
	}
	c.add(x, "1", at)
}

// escape writes a text as it stands in quotes.
func escape(s string) string {
	s = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(s)
	return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(s)
}

// values completes the value of an attribute, by its name and that of the block.
func (c *completer) values() {
	attr := c.attrName()
	if n := len(c.path); n > 0 && c.blockType() == "expect" {
		attr = c.path[n-1]
	}
	switch {
	case attr == "signals":
		c.signals()
	case attr == "params" && c.key:
		c.keys("param")
	case attr == "level" && c.blockType() == "expect" && c.key:
	case attr == "level":
		c.named("level")
		if c.blockType() == "action" {
			c.text(Completion{Label: "none", Kind: "level", Detail: "open to anybody"}, true)
		}
	case attr == "posture":
		c.named("posture")
		c.text(Completion{Label: "normal", Kind: "posture"}, true)
	case attr == "actions" || attr == "action":
		c.named("action")
		if attr == "actions" {
			c.text(Completion{Label: "*", Kind: "value", Detail: "all actions"}, true)
		}
	case attr == "uses":
		c.fixtures()
	case attr == "amr" || attr == "methods":
		c.words("value", methods(), true)
	case attr == "max_age":
		c.words("value", []word{{"1m", "a minute"}, {"5m", "five minutes"}, {"15m", "a quarter of an hour"}, {"1h", "an hour"}, {"12h", "half a day"}}, true)
	case attr == "file":
		c.listFiles()
	case attr == "language":
		c.words("keyword", []word{{"1", "the version of the policy language"}}, false)
	default:
		c.words("value", choices(attr), true)
	}
}

// named adds the names of a kind as text.
func (c *completer) named(kind string) {
	for _, x := range c.known(kind) {
		c.text(Completion{Label: x.name, Kind: kind, Detail: x.doc, Doc: c.symbolDoc(symbolID{symbolKind(kind), x.name})}, true)
	}
}

// known are the names of a kind, with a word on each.
func (c *completer) known(kind string) []word {
	var all []word
	switch p := c.policy; kind {
	case "level":
		for _, l := range p.Levels {
			all = append(all, word{l.Name, l.Description})
		}
	case "posture":
		for _, x := range p.Postures {
			all = append(all, word{x.Name, ""})
		}
	case "action":
		for _, a := range p.Actions {
			all = append(all, word{a.Name, a.Description})
		}
	case "param":
		for _, x := range p.Params {
			all = append(all, word{x.Name, shortType(x.Type)})
		}
	case "list":
		for _, l := range p.Lists {
			all = append(all, word{l.Name, "list(" + l.Type.String() + ")"})
		}
	case "signal":
		for _, s := range p.Signals {
			all = append(all, word{s.Name, shortType(s.Type)})
		}
	}
	return all
}

func (c *completer) fixtures() {
	seen := make(map[string]bool)
	for _, x := range c.mentions {
		if x.kind == symFixture && x.declares && !seen[x.name] {
			seen[x.name] = true
			c.text(Completion{Label: x.name, Kind: "fixture"}, true)
		}
	}
}

// listFiles adds the files of the folder that could hold a list.
func (c *completer) listFiles() {
	for _, name := range c.w.files("") {
		if !strings.HasSuffix(name, policySuffix) && !strings.HasSuffix(name, testSuffix) && !strings.HasPrefix(name, ".") {
			c.text(Completion{Label: name, Kind: "value"}, true)
		}
	}
}

// keys adds names as the keys of an object.
func (c *completer) keys(kind string) {
	for _, x := range c.known(kind) {
		c.objectKey(Completion{Label: x.name, Kind: kind, Detail: x.doc, Doc: c.symbolDoc(symbolID{symbolKind(kind), x.name})})
	}
}

// objectKey adds a key of the object at the place, unless it is there.
func (c *completer) objectKey(x Completion) {
	at := c.word
	x.Edit.NewText = key(x.Label)
	if c.value != nil {
		at = c.value.at
	}
	if c.into != nil && slices.ContainsFunc(c.into.fields, func(f *attr) bool { return c.tree.nameOf(f.key) == x.Label && !f.name.holds(c.offset) }) {
		return
	}
	if !c.followedBy("=") {
		x.Edit.NewText, x.Snippet = strings.ReplaceAll(x.Edit.NewText, "$", `\$`)+" = $1", true
	}
	c.add(x, "1", at)
}

// key writes a name as the key of an object.
func key(name string) string {
	if isWord(name) {
		return name
	}
	return `"` + escape(name) + `"`
}

// isWord reports whether a name may stand bare in HCL.
func isWord(name string) bool {
	toks := tokens([]byte(name))
	return len(toks) == 2 && toks[0].kind == tokName && toks[0].end == len(name)
}

// signals completes what a test says of signals: names, attributes, values of a few types.
func (c *completer) signals() {
	if len(c.path) == 0 {
		if c.key {
			c.keys("signal")
			c.objectKey(Completion{Label: "resource", Kind: "signal", Doc: reservedDoc("resource")})
		}
		return
	}
	for _, t := range c.signalTypes() {
		for _, name := range c.path[1:] {
			if slot := t.Slot(name); t.Kind == policy.KindObject && slot >= 0 {
				t = t.Attrs[slot].Type
			} else {
				t = policy.Any
			}
		}
		switch {
		case t.Kind == policy.KindObject && c.key:
			for _, a := range t.Attrs {
				c.objectKey(Completion{Label: a.Name, Kind: "property", Detail: shortType(a.Type), Doc: attrDoc(strings.Join(c.path, ".")+"."+a.Name, &a)})
			}
		case t.Kind == policy.KindBool:
			c.words("keyword", []word{{"true", ""}, {"false", ""}}, false)
		case c.path[len(c.path)-1] == "amr" || c.path[len(c.path)-1] == "enrolled":
			c.words("value", methods(), true)
		case c.path[len(c.path)-1] == "acr":
			for _, l := range c.policy.Levels {
				for _, acr := range l.ACR {
					c.text(Completion{Label: acr, Kind: "value", Detail: "level " + l.Name}, true)
				}
			}
		}
	}
}

// signalTypes are the types of the signal that the path begins with: of the resource, those of all actions.
func (c *completer) signalTypes() []*policy.Type {
	if c.path[0] != "resource" {
		if s := c.policy.Signal(c.path[0]); s != nil {
			return []*policy.Type{s.Type}
		}
		return nil
	}
	var all []*policy.Type
	for _, a := range c.policy.Actions {
		if a.Resource != nil && len(all) < 100 {
			all = append(all, a.Resource)
		}
	}
	return all
}

// Unsnippet is what a snippet writes where editors know none: its words, without the places to fill in.
func Unsnippet(s string) string {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			out.WriteByte(s[i])
		case s[i] == '$' && i+1 < len(s) && s[i+1] == '{':
			_, rest, _ := strings.Cut(s[i:], ":")
			word, _, _ := strings.Cut(rest, "}")
			out.WriteString(word)
			i += strings.IndexByte(s[i:]+"}", '}')
		case s[i] == '$' && i+1 < len(s):
			i++
		default:
			out.WriteByte(s[i])
		}
	}
	return out.String()
}
