package rung

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/rungpolicy/rung/policy"
)

// shape is what an object of the policy looks like to a Go value: an object type, or the request itself.
type shape struct {
	attrs []shapeAttr
	slots int
	// refused are the names that cannot be bound, and why.
	refused map[string]string
	unknown string // "no signal "
}

type shapeAttr struct {
	name      string
	slot      int
	t         *policy.Type // nil: the resource of an action that declares none
	sensitive bool
}

const hosts = "is the host's to set: a request cannot say it"

// signals is the shape of a request.
func (c *compiler) signals() shape {
	s := shape{slots: len(c.policy.Signals) + 1, unknown: "no declared signal ", refused: map[string]string{
		"now": hosts, "posture": hosts, "params": hosts, "action": "is an argument of Decide",
	}}
	for i, signal := range c.policy.Signals {
		s.attrs = append(s.attrs, shapeAttr{name: signal.Name, slot: i, t: signal.Type, sensitive: signal.Sensitive})
	}
	s.attrs = append(s.attrs, shapeAttr{name: "resource", slot: len(c.policy.Signals), t: c.action.Resource})
	return s
}

func (c *compiler) shapeOf(at place, t *policy.Type) shape {
	s := shape{slots: len(t.Attrs), unknown: "no declared attribute "}
	if at.name == "session" && at.top {
		s.refused = map[string]string{"level": "is computed from the evidence: a request cannot say it"}
	}
	for i, a := range t.Attrs {
		s.attrs = append(s.attrs, shapeAttr{name: a.Name, slot: i, t: a.Type, sensitive: at.sensitive})
	}
	return s
}

// at is the place of an attribute of what stands at p.
func (p place) at(a shapeAttr, field string) place {
	in := place{
		field: field, name: a.name, path: p.path + "/" + a.name, depth: p.depth + 1, sensitive: a.sensitive, top: p.name == "" && p.depth == 2,
	}
	if !in.top {
		in.name = p.name + "." + a.name
	}
	in.read, _ = p.read.of(a.slot)
	return in
}

// entries makes the reader of a map that stands for an object.
func (c *compiler) entries(at place, g reflect.Type, s shape) *mapped {
	m := &mapped{known: map[string]bool{}, slots: s.slots, strict: c.strict, sensitive: at.sensitive, unknown: s.unknown}
	for name, why := range s.refused {
		if name == "level" { // in the signals, the others are unknown ones
			m.computed, m.said = name, "`session.level` "+why
		}
	}
	for _, a := range s.attrs {
		in := at.at(a, at.field+"["+a.name+"]")
		if a.t == nil {
			m.computed, m.said = a.name, c.noResource()
			continue
		}
		if s.refused[a.name] != "" {
			continue
		}
		m.known[a.name] = true
		if _, read := at.read.of(a.slot); !read {
			continue
		}
		r := c.value(in, g.Elem(), a.t)
		key := reflect.ValueOf(a.name).Convert(g.Key())
		m.attrs = append(m.attrs, mappedAttr{name: a.name, key: key, slot: a.slot, null: in.top || a.t.Kind == policy.KindAny, read: r})
	}
	return m
}

func (c *compiler) noResource() string {
	return "the action `" + c.action.Name + "` declares no resource"
}

// fields makes the reader of a struct.
func (c *compiler) fields(at place, g reflect.Type, s shape) *object {
	o := &object{slots: s.slots}
	taken := map[string]string{}
	c.embedded(at, g, s, o, nil, taken)
	return o
}

func (c *compiler) embedded(at place, g reflect.Type, s shape, o *object, outer []int, taken map[string]string) {
	for i := range g.NumField() {
		f := g.Field(i)
		field := at.field + "." + f.Name
		tag, tagged := f.Tag.Lookup("rung")
		if tag == "-" {
			continue
		}
		if inner, ok := embeds(f, tagged); ok && len(outer) < policy.MaxNesting {
			c.embedded(at, inner, s, o, append(slices.Clone(outer), i), taken)
			continue
		}
		if !f.IsExported() {
			if tagged {
				c.problem(at, field+" is not exported, so its tag is of no use")
			}
			continue
		}
		name, omitZero, bad := parseTag(tag)
		if bad != "" {
			c.problem(at, field+bad)
			continue
		}
		a, known := c.attr(at, field, f.Name, name, s)
		if !known {
			continue
		}
		if other := taken[a.name]; other != "" {
			c.problem(at, fmt.Sprintf("%s and %s are both `%s`", other, field, a.name))
			continue
		}
		taken[a.name] = field
		c.field(at, f, a, o, field, outer, omitZero)
	}
}

// field makes the reader of one field, if it is read at all.
func (c *compiler) field(at place, f reflect.StructField, a shapeAttr, o *object, name string, outer []int, omitZero bool) {
	in := at.at(a, name)
	made := field{index: f.Index[0], outer: outer, slot: a.slot, name: a.name, omitZero: omitZero, t: a.t}
	if a.t == nil {
		if made.read = c.without(f.Type); made.read != nil {
			o.fields = append(o.fields, made)
		}
		return
	}
	if _, read := at.read.of(a.slot); !read {
		return
	}
	c.made = nil
	made.read = c.value(in, f.Type, a.t)
	if g := f.Type; g.Kind() == reflect.Struct || g.Kind() == reflect.Pointer && g.Elem().Kind() == reflect.Struct {
		if !g.Implements(typeLazy) {
			made.inner = c.made
		}
	}
	o.fields = append(o.fields, made)
}

// without reads the resource for an action that declares none: one that is there, but for a struct in place, which always
// is, is refused.
func (c *compiler) without(g reflect.Type) reader {
	switch g.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Map:
		said := c.noResource()
		return func(_ *reading, v reflect.Value) (policy.Value, *refusal) {
			if isNil(v) {
				return nil, nil
			}
			return nil, refuse(said)
		}
	}
	return nil
}

func (c *compiler) problem(at place, text string) {
	c.problems = append(c.problems, problem{text: text, path: at.path})
}

// embeds reports whether a field is an embedded struct whose fields count as the outer's.
func embeds(f reflect.StructField, tagged bool) (reflect.Type, bool) {
	if !f.Anonymous || tagged {
		return nil, false
	}
	g := f.Type
	if g.Kind() == reflect.Pointer {
		g = g.Elem()
	}
	return g, g.Kind() == reflect.Struct && !g.Implements(typeLazy) && g != typeTime && g != typeAddr && g != typePrefix
}

// parseTag reads a tag: a name, and the option omitzero.
func parseTag(tag string) (name string, omitZero bool, bad string) {
	name, options, some := strings.Cut(tag, ",")
	if !some {
		return name, false, ""
	}
	for option := range strings.SplitSeq(options, ",") {
		if option != "omitzero" {
			return "", false, " has the option `" + option + "` in its tag; there is `omitzero` alone"
		}
	}
	return name, true, ""
}

// attr finds what a field stands for.
func (c *compiler) attr(at place, field, goName, tag string, s shape) (shapeAttr, bool) {
	is := func(name string) bool { return name == tag }
	if tag == "" {
		folded := fold(goName)
		is = func(name string) bool { return fold(name) == folded }
	}
	for name, why := range s.refused {
		if is(name) {
			c.problem(at, fmt.Sprintf("%s: `%s` %s; leave it out with the tag `rung:\"-\"`", field, name, why))
			return shapeAttr{}, false
		}
	}
	var out []shapeAttr
	for _, a := range s.attrs {
		if is(a.name) {
			out = append(out, a)
		}
	}
	switch {
	case len(out) > 1:
		c.problem(at, fmt.Sprintf("%s may be `%s` or `%s`: say which with a tag", field, out[0].name, out[1].name))
		return shapeAttr{}, false
	case len(out) == 0 || out[0].t == nil:
		name := tag
		if tag == "" {
			name = goName
		}
		if c.strict {
			text := fmt.Sprintf("%s: %s`%s`; leave it out with the tag `rung:\"-\"`", field, "there is "+s.unknown, name)
			c.problems = append(c.problems, problem{text: text, path: at.path + "/" + name, field: field})
		}
		if len(out) == 0 {
			return shapeAttr{}, false
		}
	default:
		c.known[field] = true
	}
	return out[0], true
}

// fold is a name without case and underscores.
func fold(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "")) }
