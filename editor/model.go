package editor

import (
	"maps"
	"slices"
	"strings"

	"github.com/rungpolicy/rung/cel"
	"github.com/rungpolicy/rung/hcl"
	"github.com/rungpolicy/rung/policy"
)

// state is what is derived from the texts of a workspace. It is not changed once it is made, but for what is added when it is first asked for.
type state struct {
	diagnostics []FileDiagnostics
	model       *model
}

func (w *Workspace) derived() *state {
	if w.state == nil {
		w.state = &state{}
	}
	return w.state
}

// symbolKind is a kind of name that a policy gives.
type symbolKind string

const (
	symLevel   symbolKind = "level"
	symSignal  symbolKind = "signal"
	symParam   symbolKind = "param"
	symList    symbolKind = "list"
	symLet     symbolKind = "let"
	symPosture symbolKind = "posture"
	symAction  symbolKind = "action"
	symFixture symbolKind = "fixture"
)

// symbolID is a name within its kind.
type symbolID struct {
	kind symbolKind
	name string
}

// form is how a name is written at a place, which says how another is written there.
type form uint8

const (
	formText   form = iota // in the quotes of a text, or a label
	formWord               // bare, in HCL
	formRoot               // in a condition, by itself
	formMember             // in a condition, behind a dot
)

// mention is a place where a symbol is named: declared or used.
type mention struct {
	symbolID
	file     string
	at       span
	form     form
	declares bool
	quoted   bool // formMember: it stands in back quotes
	block    *block
	attr     *attr // the let's, where it declares one
}

// condition is a text of CEL in a file.
type condition struct {
	file  string
	tree  *tree
	block *block // the rule, rollout or let block that it is in
	attr  *attr
	text  *policy.Text
	names []cel.Name
}

// model is what the names in the files mean.
type model struct {
	w        *Workspace
	policy   *policy.Policy
	scope    *cel.Scope
	mentions []mention // in the order of files and places
	declared map[symbolID][]int
	conds    map[string][]*condition // by file
	// patterns are the `actions` of rules that hold a `*`.
	patterns []mention
}

// vocabulary is what the policy declares: all that conditions may name. Rules are no part of it.
type vocabulary struct {
	texts  map[string]string // that it was read of
	policy *policy.Policy
	scope  *cel.Scope
}

// model makes the model, of texts that parse or not.
func (w *Workspace) model() *model {
	s := w.derived()
	if s.model == nil {
		s.model = w.newModel()
	}
	return s.model
}

func (w *Workspace) newModel() *model {
	m := &model{w: w, declared: make(map[symbolID][]int), conds: make(map[string][]*condition)}
	texts := make(map[string]string)
	for _, name := range w.files(policySuffix) {
		if t := w.tree(name); t != nil {
			m.read(name, t)
			texts[name] = t.declarations()
		}
	}
	for _, name := range w.files(testSuffix) {
		if t := w.tree(name); t != nil {
			m.read(name, t)
		}
	}
	if w.vocabulary == nil || !maps.Equal(w.vocabulary.texts, texts) {
		w.learn(texts)
	}
	m.policy, m.scope = w.vocabulary.policy, w.vocabulary.scope
	return m
}

// learn reads what the policy declares. Where not even the mended texts parse, what was known before still is.
func (w *Workspace) learn(texts map[string]string) {
	p := &policy.Policy{Levels: policy.DefaultLevels(), Signals: policy.StandardSignals()}
	if len(texts) > 0 {
		parsed, err := hcl.Parse(folder{w.view(true), texts}, slices.Sorted(maps.Keys(texts))...)
		if err == nil {
			p = parsed.Policy
		}
		if p.Partial && w.vocabulary != nil {
			w.vocabulary.texts = texts
			return
		}
	}
	w.vocabulary = &vocabulary{texts, p, cel.NewScope(p)}
}

func (m *model) mention(x mention) {
	if x.name == "" {
		return
	}
	if x.declares {
		m.declared[x.symbolID] = append(m.declared[x.symbolID], len(m.mentions))
	}
	m.mentions = append(m.mentions, x)
}

// read finds the names in a file.
func (m *model) read(name string, t *tree) {
	f := fileNames{model: m, file: name, tree: t}
	t.walk(t.root, f.block)
}

type fileNames struct {
	*model
	file string
	tree *tree
}

func (f *fileNames) block(b *block) {
	if b == f.tree.root {
		return
	}
	word := f.tree.text.bytes(b.kind)
	switch word {
	case "level", "signal", "param", "list", "posture", "action", "fixture":
		if b.label != nil && (b.parent == f.tree.root) {
			f.mention(mention{
				symbolID: symbolID{symbolKind(word), f.tree.nameOf(b.label)}, file: f.file, at: f.tree.inner(b.label), form: formText, declares: true, block: b,
			})
		}
	case "let":
		for _, a := range b.attrs {
			f.mention(mention{
				symbolID: symbolID{symLet, f.tree.text.bytes(a.name)}, file: f.file, at: a.name, form: formWord, declares: true, block: b, attr: a,
			})
		}
	}
	for _, a := range b.attrs {
		f.attr(b, word, a)
	}
}

// isCEL reports whether an attribute of a block is a condition.
func isCEL(b *block, attr string) bool {
	if b == nil || b.schema == nil {
		return false
	}
	if b.schema.Type == "let" {
		return true
	}
	return slices.ContainsFunc(b.schema.Attrs, func(a hcl.Attr) bool { return a.Name == attr && a.Form == "CEL" })
}

func (f *fileNames) attr(b *block, word string, a *attr) {
	name := f.tree.text.bytes(a.name)
	switch {
	case a.value == nil:
	case isCEL(b, name):
		f.condition(b, a)
	case word == "expect":
		f.expected(name, a.value)
	case name == "level" && (word == "action" || word == "step_up"):
		f.use(symLevel, a.value)
	case name == "posture":
		f.use(symPosture, a.value)
	case name == "actions":
		f.reached(b, a.value)
	case name == "action" && (word == "test" || word == "case"):
		f.use(symAction, a.value)
	case name == "uses":
		f.each(a.value, func(v *value) { f.use(symFixture, v) })
	case name == "params":
		f.keys(symParam, a.value)
	case name == "signals":
		f.keys(symSignal, a.value)
	}
}

// use takes a value that is the name of something.
func (f *fileNames) use(kind symbolKind, v *value) {
	if v.kind == valText {
		f.mention(mention{symbolID: symbolID{kind, f.tree.nameOf(v)}, file: f.file, at: f.tree.inner(v), form: formText})
	}
}

func (f *fileNames) each(v *value, do func(*value)) {
	if v.kind == valList {
		for _, item := range v.items {
			do(item)
		}
	}
}

func (f *fileNames) keys(kind symbolKind, v *value) {
	for _, x := range v.fields {
		m := mention{symbolID: symbolID{kind, f.tree.nameOf(x.key)}, file: f.file, at: f.tree.inner(x.key), form: formText}
		if x.key.kind != valText {
			m.form = formWord
		}
		f.mention(m)
	}
}

// reached takes the `actions` of a rule at top level.
func (f *fileNames) reached(b *block, v *value) {
	f.each(v, func(item *value) {
		if pattern := f.tree.nameOf(item); strings.Contains(pattern, "*") {
			f.patterns = append(f.patterns, mention{symbolID: symbolID{symAction, pattern}, file: f.file, at: f.tree.inner(item), block: b})
			return
		}
		f.use(symAction, item)
	})
}

// expected takes what a test expects of a decision: its fields name levels, postures, actions and signals.
func (f *fileNames) expected(name string, v *value) {
	switch name {
	case "level":
		f.use(symLevel, v)
	case "posture":
		f.use(symPosture, v)
	case "action":
		f.use(symAction, v)
	case "need":
		f.each(v, func(item *value) { f.use(symSignal, item) })
	case "rule":
		f.rule(v)
	}
	f.each(v, func(item *value) { f.fields(item) })
	f.fields(v)
}

func (f *fileNames) fields(v *value) {
	for _, x := range v.fields {
		if x.value != nil {
			f.expected(f.tree.nameOf(x.key), x.value)
		}
	}
}

// rule takes a rule's id: what stands before the slash is the name of its action, and without one it is a baseline.
func (f *fileNames) rule(v *value) {
	id := f.tree.textOf(v)
	if id == nil {
		return
	}
	action, _, _ := strings.Cut(id.Value, "/")
	at := id.Place(0, len(action))
	f.mention(mention{symbolID: symbolID{symAction, action}, file: f.file, at: span{at.Start, at.End}, form: formText})
}

// condition finds the names in a condition.
func (f *fileNames) condition(b *block, a *attr) {
	text := f.tree.textOf(a.value)
	if text == nil || len(text.Value) > policy.MaxConditionBytes {
		return
	}
	c := &condition{file: f.file, tree: f.tree, block: b, attr: a, text: text, names: cel.Names(text.Value)}
	f.conds[f.file] = append(f.conds[f.file], c)
	for i, n := range c.names {
		if m, ok := c.mention(i); ok {
			m.file = f.file
			at := text.Place(n.Start, n.End)
			m.at, m.quoted = span{at.Start, at.End}, n.End-n.Start != len(n.Text)
			f.mention(m)
		}
	}
}

// mention says which symbol a name of a condition is, if it is one: signals and lets are told apart when they are looked up.
func (c *condition) mention(i int) (mention, bool) {
	n := c.names[i]
	switch n.Kind {
	case cel.NameRoot:
		return mention{symbolID: symbolID{symSignal, n.Text}, form: formRoot}, !slices.Contains(cel.Reserved(), n.Text)
	case cel.NameMember:
		if n.Of < 0 || c.names[n.Of].Kind != cel.NameRoot {
			return mention{}, false
		}
		switch c.names[n.Of].Text {
		case "param":
			return mention{symbolID: symbolID{symParam, n.Text}, form: formMember}, true
		case "list":
			return mention{symbolID: symbolID{symList, n.Text}, form: formMember}, true
		case "level":
			return mention{symbolID: symbolID{symLevel, n.Text}, form: formMember}, true
		case "postures":
			return mention{symbolID: symbolID{symPosture, n.Text}, form: formMember}, true
		}
	}
	return mention{}, false
}

// resolve returns a symbol as it is declared: of what stands bare in a condition, lets come before signals.
func (m *model) resolve(id symbolID) symbolID {
	if id.kind == symSignal && len(m.declared[id]) == 0 {
		if let := (symbolID{symLet, id.name}); len(m.declared[let]) > 0 {
			return let
		}
	}
	return id
}

// of returns the places where a symbol is named.
func (m *model) of(id symbolID) []mention {
	var all []mention
	for _, x := range m.mentions {
		if x.name == id.name && (x.symbolID == id || x.form == formRoot && m.resolve(x.symbolID) == id) {
			all = append(all, x)
		}
	}
	return all
}

// mentionAt returns what is named at a place of a file.
func (m *model) mentionAt(file string, offset int) (mention, bool) {
	for _, x := range m.mentions {
		if x.file == file && x.at.holds(offset) {
			if x.form == formRoot {
				x.symbolID = m.resolve(x.symbolID)
			}
			return x, true
		}
	}
	return mention{}, false
}

// conditionAt returns the condition at a place of a file, and the place in its text; nil if there is none.
func (m *model) conditionAt(file string, offset int) (*condition, int) {
	for _, c := range m.conds[file] {
		if s := c.attr.value.at; s.start < offset && offset <= s.end && (offset < s.end || !c.attr.value.closed) {
			return c, within(c.text, offset)
		}
	}
	return nil, 0
}

// within is the byte of a text's value that stands at a place of the file, or the nearest one after it.
func within(t *policy.Text, offset int) int {
	for i, s := range t.Segments {
		end := len(t.Value)
		if i+1 < len(t.Segments) {
			end = t.Segments[i+1].Value
		}
		switch {
		case offset < s.File:
			return s.Value
		case offset > s.End || offset == s.End && i+1 < len(t.Segments):
		case s.End-s.File == end-s.Value:
			return s.Value + offset - s.File
		case offset == s.File:
			return s.Value
		default:
			return end
		}
	}
	return len(t.Value)
}

// action returns the block of the action that a condition is of; nil at top level.
func (c *condition) action() *block {
	for b := c.block; b != nil; b = b.parent {
		if b.schema != nil && b.schema.Type == "action" {
			return b
		}
	}
	return nil
}

// resources returns the types that `resource` may be of where a condition stands.
func (m *model) resources(c *condition) []*policy.Type {
	if b := c.action(); b != nil {
		if a := m.policy.Action(c.tree.nameOf(b.label)); a != nil && a.Resource != nil {
			return []*policy.Type{a.Resource}
		}
		return nil
	}
	var all []*policy.Type
	for _, a := range m.policy.Actions {
		if a.Resource != nil && m.reaches(c, a.Name) && len(all) < 100 {
			all = append(all, a.Resource)
		}
	}
	return all
}

// reaches reports whether a rule at top level reaches an action; what is no such rule may be used for any.
func (m *model) reaches(c *condition, action string) bool {
	b := c.block
	if b.schema != nil && b.schema.Type == "rollout" {
		b = b.parent
	}
	a := c.tree.attr(b, "actions")
	if a == nil || a.value == nil {
		return true
	}
	return slices.ContainsFunc(a.value.items, func(v *value) bool { return hcl.Matches(c.tree.nameOf(v), action) })
}

// typeOf returns the type of a part of a condition's text: of the first resource for which it can be told.
func (m *model) typeOf(c *condition, at *cel.Cursor, start, end int) *policy.Type {
	t := m.scope.Type(at, start, end, nil)
	for _, r := range m.resources(c) {
		if t.Kind != policy.KindAny {
			break
		}
		t = m.scope.Type(at, start, end, r)
	}
	return t
}
