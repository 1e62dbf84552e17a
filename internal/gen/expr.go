package gen

import (
	"fmt"
	"strings"
)

// Expr is an expression of CEL as a tree, whose parts can be taken out.
type Expr struct {
	Type *Type
	Args []*Expr
	// form is the text with a hole for each of Args.
	form string
}

// hole stands in a form for an operand.
const hole = "¤"

// String writes the expression.
func (e *Expr) String() string {
	var b strings.Builder
	e.write(&b)
	return b.String()
}

func (e *Expr) write(b *strings.Builder) {
	if len(e.Args) == 0 {
		b.WriteString(e.form)
		return
	}
	parts := strings.Split(e.form, hole)
	for i, part := range parts {
		b.WriteString(part)
		if i < len(e.Args) {
			e.Args[i].write(b)
		}
	}
}

// With is the expression with another operand i.
func (e *Expr) With(i int, x *Expr) *Expr {
	out := *e
	out.Args = append([]*Expr(nil), e.Args...)
	out.Args[i] = x
	return &out
}

// Simpler are expressions of the same type that are less: parts, and constants.
func (e *Expr) Simpler() []*Expr {
	var out []*Expr
	for _, c := range plainest[e.Type.Kind] {
		if c != e.form {
			out = append(out, leaf(e.Type, c))
		} else {
			break
		}
	}
	return append(out, e.parts(e.Type)...)
}

// parts are the parts of a type, the largest first.
func (e *Expr) parts(t *Type) []*Expr {
	var out []*Expr
	for _, a := range e.Args {
		if a.Type.equal(t) {
			out = append(out, a)
		}
	}
	for _, a := range e.Args {
		out = append(out, a.parts(t)...)
	}
	return out
}

// Size is how many nodes there are.
func (e *Expr) Size() int {
	n := 1
	for _, a := range e.Args {
		n += a.Size()
	}
	return n
}

// plainest are constants that say little.
var plainest = map[string][]string{
	"bool": {"true", "false"}, "int": {"0", "1"}, "uint": {"0u", "1u"}, "double": {"0.0", "1.0"}, "string": {"''", "'a'"}, "bytes": {"b''"},
	"timestamp": {"now", "timestamp('1970-01-01T00:00:00Z')"}, "duration": {"duration('0s')"}, "ip": {"ip('0.0.0.0')"}, "cidr": {"cidr('0.0.0.0/0')"},
	"list": {"[]"}, "map": {"{}"}, "optional": {"optional.none()"}, "any": {"dyn(0)", "dyn(null)"},
}

func leaf(t *Type, form string) *Expr { return &Expr{Type: t, form: form} }

func node(t *Type, form string, args ...*Expr) *Expr { return &Expr{Type: t, form: form, Args: args} }

// path is what can be read: a signal, an attribute.
type path struct {
	steps []string
	typ   *Type
	lazy  bool
}

// scope is what an expression may name.
type scope struct {
	paths   []path
	byType  map[string][]path
	params  []*Param
	lists   []*List
	lets    []*Let
	levels  []string
	posture []string
	level   bool // session.level
}

func (s *scope) add(steps []string, t *Type, lazy bool) {
	p := path{append([]string(nil), steps...), t, lazy}
	s.paths = append(s.paths, p)
	s.byType[t.String()] = append(s.byType[t.String()], p)
	if t.Kind == "object" {
		for _, a := range t.Attrs {
			s.add(append(steps, a.Name), a.Type, lazy)
		}
	}
}

// drawer draws expressions.
type drawer struct {
	*Source
	*scope
	vars   []Attr
	fresh  int
	budget int
	eager  bool // no lazy signals
}

// Draw is an expression of a type.
func (g *drawer) draw(t *Type, size int) *Expr {
	g.vars, g.budget = nil, size
	return g.expr(t, 5)
}

func (g *drawer) expr(t *Type, depth int) *Expr {
	g.budget--
	if depth <= 0 || g.budget <= 0 || t.Kind != "bool" && g.Chance(3) {
		return g.leaf(t)
	}
	if t.Kind != "bool" && g.Chance(5) || g.Chance(12) {
		return g.anywhere(t, depth-1)
	}
	if g.Chance(4) {
		if x := g.library(t, depth-1); x != nil {
			return x
		}
	}
	if g.Chance(9) {
		if x := g.fromAny(t, depth-1); x != nil {
			return x
		}
	}
	switch t.Kind {
	case "any":
		return g.any(depth - 1)
	case "bool":
		return g.bool(depth - 1)
	case "int", "uint", "double":
		return g.number(t, depth-1)
	case "string", "bytes":
		return g.text(t, depth-1)
	case "timestamp", "duration":
		return g.time(t, depth-1)
	case "list":
		return g.list(t, depth-1)
	case "map":
		return g.mapping(t, depth-1)
	case "optional":
		return g.optional(t, depth-1)
	case "ip", "cidr":
		if g.Chance(2) {
			return node(t, t.Kind+"("+hole+")", g.expr(text, depth-1))
		}
	}
	return g.leaf(t)
}

// anywhere draws what may stand wherever a value is wanted.
func (g *drawer) anywhere(t *Type, depth int) *Expr {
	switch g.N(8) {
	case 0, 1:
		return node(t, "("+hole+" ? "+hole+" : "+hole+")", g.expr(boolean, depth), g.expr(t, depth), g.expr(t, depth))
	case 2:
		of := g.someType()
		if g.Chance(2) {
			of = t // so that the variable is read
		}
		init := g.expr(of, depth)
		name := g.push(of)
		body := g.expr(t, depth)
		g.pop(1)
		return node(t, "cel.bind("+name+", "+hole+", "+hole+")", init, body)
	case 3:
		if t.Kind == "optional" {
			break
		}
		return node(t, hole+".orValue("+hole+")", g.expr(optionalOf(t), depth), g.expr(t, depth))
	case 4:
		if t.Kind == "optional" {
			break
		}
		return node(t, hole+".value()", g.expr(optionalOf(t), depth))
	case 5:
		return node(t, hole+"["+hole+"]", g.expr(listOf(t), depth), g.index(depth))
	case 6:
		k := g.keyType()
		return node(t, hole+"["+hole+"]", g.expr(mapOf(k, t), depth), g.expr(k, depth))
	case 7:
		if x := g.attribute(t, depth, ""); x != nil {
			return x
		}
	}
	return g.leaf(t)
}

// attribute draws `list[0].name`, an attribute of an object in a list; mark is "?" for one that may be missing.
func (g *drawer) attribute(t *Type, depth int, mark string) *Expr {
	var all []*Expr
	for _, p := range g.paths {
		if p.typ.Kind != "list" || p.typ.Elem.Kind != "object" || g.eager && p.lazy {
			continue
		}
		for _, a := range p.typ.Elem.Attrs {
			if a.Type.equal(t) {
				all = append(all, node(t, hole+"["+mark+hole+"]."+a.Name, leaf(p.typ, strings.Join(p.steps, ".")), nil))
			}
		}
	}
	if len(all) == 0 {
		return nil
	}
	return Pick(g.Source, all...).With(1, g.index(depth))
}

// index draws what a list is indexed with: mostly small.
func (g *drawer) index(depth int) *Expr {
	if g.Chance(4) {
		return g.expr(integer, depth)
	}
	return leaf(integer, Pick(g.Source, "0", "0", "0", "1", "1", "2", "3", "-1", "9223372036854775807", "4294967296"))
}

func (g *drawer) keyType() *Type { return Pick(g.Source, text, text, text, integer, unsigned, boolean) }

func (g *drawer) someType() *Type {
	of := g.scalar()
	if g.Chance(5) {
		of = anything
	}
	switch g.N(6) {
	case 0:
		return listOf(of)
	case 1:
		return mapOf(g.keyType(), of)
	case 2:
		return optionalOf(of)
	}
	return of
}

// push brings a variable into scope.
func (g *drawer) push(t *Type) string {
	name := fmt.Sprintf("v%d", g.fresh)
	g.fresh++
	g.vars = append(g.vars, Attr{name, t})
	return name
}

func (g *drawer) pop(n int) { g.vars = g.vars[:len(g.vars)-n] }

// leaf draws something short of a type.
func (g *drawer) leaf(t *Type) *Expr {
	if g.N(4) > 0 {
		if x := g.variable(t); x != nil && g.N(3) > 0 {
			return x
		}
		if x := g.named(t); x != nil && g.Chance(4) {
			return x
		}
		if x := g.read(t); x != nil {
			return x
		}
	}
	return g.literal(t, 1)
}

// variable draws a variable, or a part of one.
func (g *drawer) variable(t *Type) *Expr {
	var all []path
	for _, v := range g.vars {
		s := scope{byType: map[string][]path{}}
		s.add([]string{v.Name}, v.Type, false)
		all = append(all, s.byType[t.String()]...)
		if t.Kind == "optional" {
			for _, p := range s.byType[t.Elem.String()] {
				if len(p.steps) > 1 {
					all = append(all, path{optionalStep(g.Source, p.steps), t, false})
				}
			}
		}
	}
	if len(all) == 0 {
		return nil
	}
	return leaf(t, strings.Join(Pick(g.Source, all...).steps, "."))
}

func optionalStep(s *Source, steps []string) []string {
	out := append([]string(nil), steps...)
	out[1+s.N(len(out)-1)] = "?" + out[len(out)-1]
	for i := 1; i < len(out); i++ {
		if strings.HasPrefix(out[i], "?") {
			out[i] = "?" + steps[i]
		}
	}
	return out
}

// named draws a param, a let, a list or a word of the policy.
func (g *drawer) named(t *Type) *Expr {
	var all []string
	for _, p := range g.params {
		if p.Type.equal(t) {
			all = append(all, "param."+p.Name)
		}
	}
	for _, l := range g.lets {
		if l.Expr.Type.equal(t) && !(g.eager && l.lazy) {
			all = append(all, l.Name)
		}
	}
	if t.Kind == "int" {
		all = append(all, "posture")
		if g.level {
			all = append(all, "session.level")
		}
		for _, l := range g.levels {
			all = append(all, "level."+l)
		}
		for _, p := range g.posture {
			all = append(all, "postures."+p)
		}
	}
	if t.equal(listOf(text)) {
		for _, l := range g.lists {
			if l.Type == text {
				all = append(all, "list."+l.Name)
			}
		}
	}
	if t.Kind == "timestamp" {
		all = append(all, "now", "now")
	}
	if len(all) == 0 {
		return nil
	}
	return leaf(t, Pick(g.Source, all...))
}

// read draws a signal or attribute; of an optional, one that is looked for.
func (g *drawer) read(t *Type) *Expr {
	of := t
	if t.Kind == "optional" {
		of = t.Elem
	}
	var all []path
	for _, p := range g.byType[of.String()] {
		if !(g.eager && p.lazy) && (of == t || len(p.steps) > 1) {
			all = append(all, p)
		}
	}
	if len(all) == 0 {
		return nil
	}
	steps := Pick(g.Source, all...).steps
	if of != t {
		steps = optionalStep(g.Source, steps)
	}
	return leaf(t, strings.Join(steps, "."))
}
