package abi

import (
	"fmt"

	"github.com/rungpolicy/rung/policy"
)

// Section is a custom section.
type Section struct {
	Name string
	Data []byte
}

// Sections returns the custom sections of a module, in the order in which they stand there. They are canonical JSON: equal modules have equal
// bytes. The error says what a module cannot say of itself.
func (m *Module) Sections() ([]Section, error) {
	if err := m.Check(); err != nil {
		return nil, err
	}
	var out []Section
	for _, part := range m.parts() {
		if part.is == nil {
			continue
		}
		t := &text{}
		part.is(t)
		if t.err != nil {
			return nil, fmt.Errorf("%s: %w", part.name, t.err)
		}
		out = append(out, Section{part.name, t.b})
	}
	return out, nil
}

// Parse reads the custom sections of a module, of which those that have other names are passed over. It takes what [Module.Sections] writes and
// nothing else: a section that is missing, there twice, written otherwise or at odds with another is an error.
func Parse(sections []Section) (*Module, error) {
	m := &Module{Debug: &Debug{}}
	for _, part := range m.parts() {
		data, n := find(sections, part.name)
		switch {
		case n > 1:
			return nil, fmt.Errorf("there are %d sections %s", n, part.name)
		case n == 0 && part.name == SectionDebug:
			m.Debug = nil
			continue
		case n == 0:
			return nil, fmt.Errorf("there is no section %s", part.name)
		}
		t := &text{b: data, reading: true}
		part.is(t)
		if t.err == nil && t.at != len(t.b) {
			t.fail("the end")
		}
		if t.err != nil {
			return nil, fmt.Errorf("%s: %w", part.name, t.err)
		}
	}
	m.Schema.resolve()
	return m, m.Check()
}

func find(sections []Section, name string) (data []byte, n int) {
	for _, s := range sections {
		if s.Name == name {
			data = s.Data
			n++
		}
	}
	return data, n
}

// part is a section and what is in it.
type part struct {
	name string
	is   func(*text)
}

func (m *Module) parts() []part {
	all := []part{{SectionMeta, m.Meta.text}, {SectionSchema, m.Schema.text}, {SectionOutputs, m.Outputs.text}, {name: SectionDebug}}
	if m.Debug != nil {
		all[len(all)-1].is = m.Debug.text
	}
	return all
}

func (m *Meta) text(t *text) {
	t.open("{")
	t.member("abi")
	t.number(&m.ABI)
	if t.err == nil && m.ABI != Version {
		t.err = fmt.Errorf("the module is made for version %d of the interface; this is version %d", m.ABI, Version)
	}
	t.must("compiler", &m.Compiler)
	t.must("digest", &m.Digest)
	t.member("fuel")
	t.int(&m.Fuel)
	t.member("language")
	t.number(&m.Language)
	t.must("name", &m.Name)
	t.member("pages")
	t.number(&m.Pages)
	t.named("tzdata", &m.TZData)
	t.named("version", &m.Version)
	t.close("}")
}

func (s *Schema) text(t *text) {
	t.open("{")
	list(t, "actions", &s.Actions, func(t *text, a *Action) { a.text(t) })
	texts(t, "lazy", &s.Lazy)
	list(t, "params", &s.Params, func(t *text, p *Param) {
		t.open("{")
		t.must("name", &p.Name)
		t.member("type")
		typeText(t, &p.Type, 0)
		t.close("}")
	})
	list(t, "postures", &s.Postures, func(t *text, p *Posture) {
		t.open("{")
		t.must("name", &p.Name)
		t.member("rank")
		t.number(&p.Rank)
		t.close("}")
	})
	list(t, "signals", &s.Signals, func(t *text, g *Signal) {
		t.open("{")
		t.must("name", &g.Name)
		t.flag("sensitive", &g.Sensitive)
		t.member("type")
		typeText(t, &g.Type, 0)
		t.close("}")
	})
	t.member("words")
	t.number(&s.Words)
	t.close("}")
}

func (a *Action) text(t *text) {
	t.open("{")
	texts(t, "grpc", &a.GRPC)
	texts(t, "http", &a.HTTP)
	t.must("name", &a.Name)
	if t.optional("resource", a.Resource != nil) {
		typeText(t, &a.Resource, 0)
	}
	t.member("size")
	t.number(&a.Size)
	list(t, "slots", &a.Slots, func(t *text, s *Slot) { s.text(t) })
	t.close("}")
}

func (s *Slot) text(t *text) {
	t.open("{")
	t.member("bit")
	t.number(&s.Bit)
	s.Presence = !t.optional("offset", !s.Presence)
	if !s.Presence {
		t.number(&s.Offset)
	}
	texts(t, "path", &s.Path)
	t.close("}")
}

// typeText is a type: the name of a kind, or an object that says what is in it.
func typeText(t *text, v **policy.Type, depth int) {
	if depth > policy.MaxNesting {
		t.fail("a type that is not nested so deep")
		return
	}
	if t.reading {
		*v = new(policy.Type)
	}
	if *v == nil {
		t.fail("a type")
		return
	}
	typ := *v
	if t.reading && t.ahead(`"`) || !t.reading && kindOf(typ.Kind.String()) != policy.KindInvalid {
		simpleText(t, v)
		return
	}
	t.open("{")
	switch {
	case t.optional("list", typ.Kind == policy.KindList):
		typ.Kind = policy.KindList
		typeText(t, &typ.Elem, depth+1)
		maxText(t, typ)
	case t.optional("map", typ.Kind == policy.KindMap):
		typ.Kind, typ.Key = policy.KindMap, policy.String
		typeText(t, &typ.Elem, depth+1)
		maxText(t, typ)
	case t.reading || typ.Kind == policy.KindObject:
		typ.Kind = policy.KindObject
		t.named("name", &typ.Name)
		t.member("object")
		elements(t, &typ.Attrs, func(t *text, a *policy.Attr) { attrText(t, a, depth) })
	default:
		t.fail("a type that a request may have, not " + typ.String())
	}
	t.close("}")
}

func attrText(t *text, a *policy.Attr, depth int) {
	t.open("{")
	t.must("name", &a.Name)
	t.flag("optional", &a.Optional)
	t.member("type")
	typeText(t, &a.Type, depth+1)
	t.close("}")
}

// maxText is the most entries, left out where it is what types have that do not say.
func maxText(t *text, typ *policy.Type) {
	if !t.reading && typ.Max == 0 {
		return
	}
	if t.optional("max", typ.Max != policy.DefaultMax) {
		t.number(&typ.Max)
		if typ.Max == policy.DefaultMax {
			t.fail("no member `max` that says what is so anyway")
		}
	} else if t.reading {
		typ.Max = policy.DefaultMax
	}
}

// simple are the types without parts.
var simple = []*policy.Type{
	policy.Any, policy.Bool, policy.Bytes, policy.CIDR, policy.Double, policy.Duration, policy.Int, policy.IP, policy.String, policy.Timestamp, policy.Uint,
}

func kindOf(name string) policy.Kind {
	for _, s := range simple {
		if s.Kind.String() == name {
			return s.Kind
		}
	}
	return policy.KindInvalid
}

func simpleText(t *text, v **policy.Type) {
	name := (*v).Kind.String()
	t.string(&name)
	for _, s := range simple {
		if s.Kind.String() == name {
			*v = s
			return
		}
	}
	t.fail("the name of a type")
}

func (o *Outputs) text(t *text) {
	t.open("{")
	list(t, "actions", &o.Actions, func(t *text, rules *[]int) {
		elements(t, rules, (*text).number)
	})
	list(t, "levels", &o.Levels, func(t *text, l *Level) {
		t.open("{")
		texts(t, "acr_values", &l.ACRValues)
		t.must("name", &l.Name)
		t.member("rank")
		t.number(&l.Rank)
		t.close("}")
	})
	texts(t, "methods", &o.Methods)
	list(t, "rules", &o.Rules, func(t *text, r *Rule) { r.text(t) })
	t.close("}")
}

func (r *Rule) text(t *text) {
	t.open("{")
	effect := r.Effect.String()
	t.must("effect", &effect)
	switch effect {
	case policy.Deny.String():
		r.Effect = policy.Deny
	case policy.StepUp.String():
		r.Effect = policy.StepUp
	default:
		t.fail("the effect of a rule, deny or step_up")
	}
	t.must("id", &r.ID)
	t.named("level", &r.Level)
	if r.MaxAge.Set = t.optional("max_age", r.MaxAge.Set); r.MaxAge.Set {
		t.int(&r.MaxAge.N)
	}
	t.named("message", &r.Message)
	texts(t, "methods", &r.Methods)
	t.flag("shadow", &r.Shadow)
	t.close("}")
}

func (d *Debug) text(t *text) {
	t.open("{")
	texts(t, "places", &d.Places)
	t.close("}")
}
