package editor

import (
	"strings"

	"github.com/rungpolicy/rung/cel"
	"github.com/rungpolicy/rung/hcl"
	"github.com/rungpolicy/rung/policy"
)

// Hover is what there is to say of what stands at a place.
type Hover struct {
	// Markdown is one or more paragraphs.
	Markdown string `json:"markdown"`
	// Range is what it is about.
	Range Range `json:"range"`
}

// Hover says what stands at a place; nil if there is nothing to say.
func (w *Workspace) Hover(file string, p Position) *Hover {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.spot(file, p)
	if s == nil || s.comment {
		return nil
	}
	m := w.model()
	if c, at := m.conditionAt(file, s.offset); c != nil {
		doc, from, to := m.hoverCondition(c, at)
		place := c.text.Place(from, to)
		return hover(s.tree.text, doc, span{place.Start, place.End})
	}
	if x, ok := m.mentionAt(file, s.offset); ok {
		if doc := m.symbolDoc(x.symbolID); doc != "" {
			return hover(s.tree.text, doc, x.at)
		}
	}
	doc, at := s.hover()
	return hover(s.tree.text, doc, at)
}

func hover(t *text, doc string, at span) *Hover {
	if doc == "" {
		return nil
	}
	return &Hover{Markdown: doc, Range: t.rng(at)}
}

// symbolDoc says what a symbol is; "" if it is not known.
func (m *model) symbolDoc(id symbolID) string {
	p := m.policy
	switch id.kind {
	case symLevel:
		if l := p.Level(id.name); l != nil {
			return levelDoc(l)
		}
	case symSignal:
		if s := p.Signal(id.name); s != nil {
			return signalDoc(s)
		}
	case symParam:
		if i := p.ParamIndex(id.name); i >= 0 {
			return paramDoc(p.Params[i])
		}
	case symList:
		for _, l := range p.Lists {
			if l.Name == id.name {
				return listDoc(l)
			}
		}
	case symLet:
		return m.letDoc(id.name)
	case symPosture:
		if id.name == "normal" {
			return paragraphs(code("rung", `posture "normal", rank 0`), "The dial's lowest position, which is always there.")
		}
		if x := p.Posture(id.name); x != nil {
			return postureDoc(x, p)
		}
	case symAction:
		if a := p.Action(id.name); a != nil {
			return actionDoc(a)
		}
	case symFixture:
		return paragraphs(code("rung", "fixture "+id.name), "A part of a request that tests build on.")
	}
	return ""
}

func (m *model) letDoc(name string) string {
	for _, l := range m.policy.Lets {
		if l.Name == name && l.CEL != nil {
			return paragraphs(code("cel", name+": "+m.scope.TypeOf(name, m.anyResource()).String()), code("cel", strings.TrimSpace(l.CEL.Value)))
		}
	}
	return ""
}

// anyResource is the type of the first resource there is, or nil.
func (m *model) anyResource() *policy.Type {
	for _, a := range m.policy.Actions {
		if a.Resource != nil {
			return a.Resource
		}
	}
	return nil
}

// hoverCondition says what stands at a place of a condition, and from where to where.
func (m *model) hoverCondition(c *condition, offset int) (doc string, from, to int) {
	at := cel.CursorAt(c.text.Value, offset)
	switch {
	case at.InComment:
		return "", 0, 0
	case at.InText:
		if len(at.Calls) > 0 && at.Calls[0].Name == "duration" {
			return durationDoc(c.text.Value[at.Start:at.End]), at.Start, at.End
		}
		return "", 0, 0
	}
	for i, n := range c.names {
		if n.Start <= offset && offset <= n.End {
			return m.nameDoc(c, at, i), n.Start, n.End
		}
	}
	return "", 0, 0
}

// nameDoc says what a name of a condition is.
func (m *model) nameDoc(c *condition, at *cel.Cursor, i int) string {
	n := c.names[i]
	if x, ok := c.mention(i); ok {
		if doc := m.symbolDoc(m.resolve(x.symbolID)); doc != "" {
			return doc
		}
	}
	switch n.Kind {
	case cel.NameFunction, cel.NameMethod:
		return m.callDoc(c, at, i)
	case cel.NameNamespace:
		return libraryDoc(n.Text)
	case cel.NameType:
		return ""
	}
	if doc := reservedDoc(n.Text); n.Kind == cel.NameRoot && doc != "" && n.Text != "resource" {
		return doc
	}
	start := n.Start
	if n.Kind == cel.NameMember && at.Member {
		start = at.From
	}
	t := m.typeOf(c, at, start, n.End)
	path := strings.Join(strings.Fields(c.text.Value[start:n.End]), " ")
	if n.Kind == cel.NameMember && at.Member {
		if of := m.typeOf(c, at, at.From, at.To); of.Kind == policy.KindObject {
			if slot := of.Slot(n.Text); slot >= 0 {
				return attrDoc(path, &of.Attrs[slot])
			}
		}
	}
	return code("rung", path+": "+typeText(t))
}

// callDoc says what the function is whose name is the i'th, and what the call comes to.
func (m *model) callDoc(c *condition, at *cel.Cursor, i int) string {
	name := c.names[i].Text
	for of := c.names[i].Of; c.names[i].Kind == cel.NameFunction && of >= 0; of = c.names[of].Of {
		name = c.names[of].Text + "." + name
	}
	var docs []string
	of := policy.Any
	if at.Member {
		of = m.typeOf(c, at, at.From, at.To)
	}
	for _, f := range cel.Functions() {
		if f.Name != name || c.names[i].Kind == cel.NameMethod && !f.Of(of) || c.names[i].Kind == cel.NameFunction && !f.Global() {
			continue
		}
		docs = append(docs, functionDoc(&f))
	}
	start := at.Start
	if at.Member {
		start = at.From
	}
	if t := m.typeOf(c, at, start, at.Whole); t.Kind != policy.KindAny {
		docs = append(docs, "here: `"+shortType(t)+"`")
	}
	return paragraphs(docs...)
}

func libraryDoc(name string) string {
	for _, f := range cel.Functions() {
		if strings.HasPrefix(f.Name, name+".") {
			return paragraphs(code("cel", name), "The functions of library `"+f.Library+"`.")
		}
	}
	return ""
}

// reservedDoc says what a name is that every condition has.
func reservedDoc(name string) string {
	switch name {
	case "now":
		return paragraphs(code("rung", "now: timestamp"), "The moment of the request.")
	case "posture":
		return paragraphs(code("rung", "posture: int"), "The rank of the current posture; compare it with `postures.NAME`.")
	case "postures":
		return paragraphs(code("rung", "postures"), "The ranks of the postures, by name; `postures.normal` is 0.")
	case "param":
		return paragraphs(code("rung", "param"), "The policy's params, by name.")
	case "list":
		return paragraphs(code("rung", "list"), "The policy's lists, by name: `x in list.NAME`.")
	case "level":
		return paragraphs(code("rung", "level"), "The ranks of the levels, by name; compare them with `session.level`.")
	case "resource":
		return paragraphs(code("rung", "resource"), "What the action is about, as the action's `resource` says.")
	}
	return ""
}

// hover says what stands at a place outside of conditions.
func (s *spot) hover() (string, span) {
	for _, x := range s.block.blocks {
		if x.kind.holds(s.offset) && x.schema != nil {
			return blockDoc(x.schema), x.kind
		}
	}
	a := s.block.attrAt(s.offset)
	if a == nil || s.block.schema == nil {
		return "", span{}
	}
	name := s.tree.text.bytes(a.name)
	if a.name.holds(s.offset) {
		if x := schemaAttr(s.block.schema, name); x != nil {
			return hclAttrDoc(x), a.name
		}
		return "", span{}
	}
	v := s.value
	if v == nil {
		return "", span{}
	}
	text := s.tree.nameOf(v)
	switch {
	case v.kind == valText && (name == "max_age" || name == "default" || name == "params"):
		return durationDoc(text), s.tree.inner(v)
	case v.kind == valText && (name == "amr" || name == "methods"):
		return methodDoc(text), s.tree.inner(v)
	case v.kind == valWord:
		return typeDoc(text), v.at
	}
	return "", span{}
}

func schemaAttr(b *hcl.Block, name string) *hcl.Attr {
	for i := range b.Attrs {
		if b.Attrs[i].Name == name {
			return &b.Attrs[i]
		}
	}
	return nil
}
