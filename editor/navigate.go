package editor

import (
	"slices"
	"strings"

	"github.com/rungpolicy/rung/cel"
	"github.com/rungpolicy/rung/hcl"
)

// Definition returns where what stands at a place is declared: nothing, if nobody declares it; several places, where it is declared several times, or stands
// for several things, as a pattern of actions does.
func (w *Workspace) Definition(file string, p Position) []Location {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.spot(file, p)
	if s == nil || s.comment {
		return []Location{}
	}
	m := w.model()
	if x, ok := m.mentionAt(file, s.offset); ok {
		return m.declarations(x.symbolID)
	}
	if c, at := m.conditionAt(file, s.offset); c != nil {
		return m.definitionIn(c, at)
	}
	for _, x := range m.patterns {
		if x.file == file && x.at.holds(s.offset) {
			return m.matched(x.name)
		}
	}
	if s.attrName() == "file" && s.value != nil {
		if name := s.tree.nameOf(s.value); w.text(name) != nil {
			return []Location{{File: name}}
		}
	}
	return []Location{}
}

// References returns where what is named at a place is used, and declared if that is asked for, in the order of files and places.
func (w *Workspace) References(file string, p Position, declarations bool) []Location {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.spot(file, p)
	all := []Location{}
	if s == nil || s.comment {
		return all
	}
	m := w.model()
	x, ok := m.mentionAt(file, s.offset)
	if !ok {
		if c, at := m.conditionAt(file, s.offset); c != nil {
			return m.variableUses(c, at, declarations)
		}
		return all
	}
	for _, y := range m.of(x.symbolID) {
		if declarations || !y.declares {
			all = append(all, m.where(y.file, y.at))
		}
	}
	return all
}

func (m *model) where(file string, at span) Location {
	l := Location{File: file}
	if t := m.w.text(file); t != nil {
		l.Range = t.rng(at)
	}
	return l
}

func (m *model) declarations(id symbolID) []Location {
	all := []Location{}
	for _, i := range m.declared[id] {
		all = append(all, m.where(m.mentions[i].file, m.mentions[i].at))
	}
	return all
}

// matched returns the actions that a pattern stands for.
func (m *model) matched(pattern string) []Location {
	all := []Location{}
	for _, x := range m.mentions {
		if x.kind == symAction && x.declares && hcl.Matches(pattern, x.name) {
			all = append(all, m.where(x.file, x.at))
		}
	}
	return all
}

// definitionIn returns where a name of a condition is declared that is no symbol: a variable, the resource, an attribute.
func (m *model) definitionIn(c *condition, offset int) []Location {
	i := c.nameAt(offset)
	if i < 0 {
		return []Location{}
	}
	switch n := c.names[i]; {
	case n.Kind == cel.NameVariable:
		return []Location{m.whereName(c, n.Bound)}
	case n.Kind == cel.NameRoot && n.Text == "resource":
		return m.resourceAttrs(c, nil)
	case n.Kind == cel.NameMember:
		return m.attribute(c, i)
	}
	return []Location{}
}

// nameAt is the index of the name at a place of a condition; -1 if there is none.
func (c *condition) nameAt(offset int) int {
	return slices.IndexFunc(c.names, func(n cel.Name) bool { return n.Start <= offset && offset <= n.End })
}

func (m *model) whereName(c *condition, i int) Location {
	at := c.text.Place(c.names[i].Start, c.names[i].End)
	return m.where(c.file, span{at.Start, at.End})
}

// variableUses returns where a variable of a macro is named.
func (m *model) variableUses(c *condition, offset int, declarations bool) []Location {
	all := []Location{}
	i := c.nameAt(offset)
	if i < 0 || c.names[i].Kind != cel.NameVariable {
		return all
	}
	for k, n := range c.names {
		if n.Kind == cel.NameVariable && n.Bound == c.names[i].Bound && (declarations || !n.Binds) {
			all = append(all, m.whereName(c, k))
		}
	}
	return all
}

// attribute returns where an attribute is declared that a chain of names leads to.
func (m *model) attribute(c *condition, i int) []Location {
	var path []string
	for ; c.names[i].Kind == cel.NameMember; i = c.names[i].Of {
		path = append(path, c.names[i].Text)
		if c.names[i].Of < 0 {
			return []Location{}
		}
	}
	slices.Reverse(path)
	root := c.names[i]
	if root.Kind != cel.NameRoot {
		return []Location{}
	}
	if root.Text == "resource" {
		return m.resourceAttrs(c, path)
	}
	all := []Location{}
	for _, k := range m.declared[symbolID{symSignal, root.Text}] {
		x := m.mentions[k]
		all = append(all, m.inType(x.file, x.block, "type", path)...)
	}
	return all
}

// resourceAttrs returns where an attribute of the resource is declared, in the actions that a condition may be for; with no path, the resource itself.
func (m *model) resourceAttrs(c *condition, path []string) []Location {
	all := []Location{}
	own := c.action()
	for _, x := range m.mentions {
		if x.kind == symAction && x.declares && (own == x.block || own == nil && m.reaches(c, x.name)) {
			all = append(all, m.inType(x.file, x.block, "resource", path)...)
		}
	}
	return all
}

// inType returns where an attribute is written in the type that an attribute of a block is.
func (m *model) inType(file string, b *block, name string, path []string) []Location {
	t := m.w.tree(file)
	a := t.attr(b, name)
	if a == nil || a.value == nil {
		return nil
	}
	if len(path) == 0 {
		return []Location{m.where(file, a.name)}
	}
	v := a.value
	for i, step := range path {
		f := t.fieldOf(v, step)
		if f == nil {
			return nil
		}
		if i == len(path)-1 {
			return []Location{m.where(file, t.inner(f.key))}
		}
		v = f.value
	}
	return nil
}

// fieldOf returns an attribute of the object type that a value is, through `list(…)` and the like; nil if there is none.
func (t *tree) fieldOf(v *value, name string) *attr {
	for v != nil && v.kind == valCall && len(v.items) > 0 {
		v = v.items[0]
	}
	if v == nil {
		return nil
	}
	for _, f := range v.fields {
		if t.nameOf(f.key) == name {
			return f
		}
	}
	return nil
}

// Symbol is something that a file declares, for outlines.
type Symbol struct {
	// Name is what is shown: `action transfer.create`.
	Name string `json:"name"`
	// Kind is the word that begins the block, or "let" for what a let block names.
	Kind string `json:"kind"`
	// Range is all of it, Selection its name.
	Range     Range    `json:"range"`
	Selection Range    `json:"selection"`
	Children  []Symbol `json:"children,omitempty"`
}

// Symbols returns what a file declares, in the order written.
func (w *Workspace) Symbols(file string) []Symbol {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := w.tree(file)
	if t == nil {
		return []Symbol{}
	}
	return t.symbols(t.root)
}

func (t *tree) symbols(b *block) []Symbol {
	all := []Symbol{}
	for _, x := range b.blocks {
		kind := t.text.bytes(x.kind)
		s := Symbol{Name: kind, Kind: kind, Range: t.text.rng(x.whole), Selection: t.text.rng(x.kind), Children: t.symbols(x)}
		if x.label != nil {
			s.Name, s.Selection = kind+" "+t.nameOf(x.label), t.text.rng(t.inner(x.label))
		}
		if kind == "let" {
			for _, a := range x.attrs {
				s.Children = append(s.Children, Symbol{Name: t.text.bytes(a.name), Kind: "let", Range: t.text.rng(a.whole), Selection: t.text.rng(a.name)})
			}
		}
		s.Name = strings.TrimSpace(s.Name)
		all = append(all, s)
	}
	return all
}

// Fix is a change that mends a diagnostic.
type Fix struct {
	// Title says what it does.
	Title string   `json:"title"`
	File  string   `json:"file"`
	Edit  TextEdit `json:"edit"`
	// Diagnostic is what it mends.
	Diagnostic Diagnostic `json:"diagnostic"`
}

// Fixes returns what mends the diagnostics of a file that touch a range.
func (w *Workspace) Fixes(file string, r Range) []Fix {
	all := []Fix{}
	for _, f := range w.Diagnostics() {
		if f.File != file {
			continue
		}
		for _, d := range f.Diagnostics {
			if d.Suggestion != "" && !before(d.Range.End, r.Start) && !before(r.End, d.Range.Start) {
				all = append(all, Fix{
					Title: "Replace with `" + strings.Join(strings.Fields(d.Suggestion), " ") + "`", File: file,
					Edit: TextEdit{Range: d.Range, NewText: d.Suggestion}, Diagnostic: d,
				})
			}
		}
	}
	return all
}

func before(a, b Position) bool {
	return a.Line < b.Line || a.Line == b.Line && a.Character < b.Character
}
