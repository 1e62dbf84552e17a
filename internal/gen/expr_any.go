package gen

import (
	"encoding/json"
	"strings"
)

// Values whose type is known only at run time: what a request's `any` holds, and what `dyn()` and mixed lists and maps make.

// anything is their type.
var anything = &Type{Kind: "any"}

// inside are names and indices by which `any` is looked into: mostly of what requests have there.
var inside = []string{"a", "b", "k1", "z", "nothing"}

// any draws an expression of type any.
func (g *drawer) any(depth int) *Expr {
	is := func(form string, args ...*Expr) *Expr { return node(anything, form, args...) }
	switch g.N(16) {
	case 0, 1, 2:
		return is("dyn("+hole+")", g.expr(g.someType(), depth))
	case 3, 4:
		return is(hole+"."+Pick(g.Source, inside...), g.expr(anything, depth))
	case 5, 6:
		return is(hole+"["+hole+"]", g.expr(anything, depth), g.anyKey(depth))
	case 7:
		return is(hole+"["+hole+"]", g.mixedList(depth), g.anyKey(depth))
	case 8:
		return is(hole+"["+hole+"]", g.mixedMap(depth), g.anyKey(depth))
	case 9, 10:
		x, y := g.expr(anything, depth), g.expr(anything, depth)
		return is("("+hole+Pick(g.Source, " + ", " + ", " - ", " * ", " / ", " % ")+hole+")", x, y)
	case 11:
		return is("("+hole+" + "+hole+")", g.expr(anything, depth), node(anything, "dyn("+hole+")", g.expr(g.scalar(), depth)))
	case 12:
		return is("-("+hole+")", g.expr(anything, depth))
	case 13:
		return is("dyn("+hole+")", g.mixedList(depth))
	case 14:
		return is("dyn("+hole+")", g.mixedMap(depth))
	}
	if x := g.anyPath(); x != nil {
		return x
	}
	return g.leaf(anything)
}

// anyPath draws a part of something that a request has as any.
func (g *drawer) anyPath() *Expr {
	var all []path
	for _, p := range g.byType[anything.String()] {
		if !(g.eager && p.lazy) {
			all = append(all, p)
		}
	}
	if len(all) == 0 {
		return nil
	}
	steps := Pick(g.Source, all...).steps
	for g.Chance(2) {
		steps = append(append([]string(nil), steps...), Pick(g.Source, inside...))
	}
	return leaf(anything, strings.Join(steps, "."))
}

// anyKey draws what any is indexed with.
func (g *drawer) anyKey(depth int) *Expr {
	switch g.N(6) {
	case 0, 1:
		return leaf(text, quoted(Pick(g.Source, inside...)))
	case 2, 3:
		return leaf(integer, Pick(g.Source, "0", "0", "1", "2", "-1"))
	case 4:
		return node(anything, "dyn("+Pick(g.Source, "0.0", "1.0", "0u", "1u", "0.5", "1", "true", "'a'", "18446744073709551615u", "9007199254740993", "9007199254740992.0", "-0.0")+")")
	}
	return g.expr(anything, depth-1)
}

// mixedList and mixedMap draw literals of elements of several types.
func (g *drawer) mixedList(depth int) *Expr {
	var args []*Expr
	var parts []string
	for range 1 + g.N(3) {
		args, parts = append(args, g.expr(Pick(g.Source, g.scalar(), anything), depth-1)), append(parts, hole)
	}
	return node(listOf(anything), "[dyn(null), "+strings.Join(parts, ", ")+"]", args...)
}

func (g *drawer) mixedMap(depth int) *Expr {
	var args []*Expr
	var parts []string
	for range 1 + g.N(3) {
		k := g.anyKey(depth - 1)
		if g.N(3) > 0 {
			k = leaf(anything, "dyn("+Pick(g.Source, "0", "0u", "0.0", "1", "1u", "1.0", "true", "'a'", "'b'", "0.5", "9007199254740993", "9007199254740992.0", "(0.0 / 0.0)")+")")
		}
		args, parts = append(args, k, g.expr(Pick(g.Source, g.scalar(), anything), depth-1)), append(parts, hole+": "+hole)
	}
	return node(mapOf(anything, anything), "{"+strings.Join(parts, ", ")+", dyn('z'): dyn(null)}", args...)
}

// anyBool draws a condition on what is of type any.
func (g *drawer) anyBool(depth int) *Expr {
	is := func(form string, args ...*Expr) *Expr { return node(boolean, "("+form+")", args...) }
	x := func() *Expr { return g.expr(anything, depth) }
	other := func() *Expr {
		return g.expr(Pick(g.Source, g.scalar(), anything, listOf(anything), g.someType()), depth)
	}
	switch g.N(15) {
	case 0, 1, 2:
		return is(hole+Pick(g.Source, " == ", " != ")+hole, x(), other())
	case 3:
		return is(hole+Pick(g.Source, " == ", " != ")+"dyn("+hole+")", other(), other())
	case 4, 5:
		t := Pick(g.Source, integer, unsigned, double, text, moment, span, anything)
		return is(hole+Pick(g.Source, " < ", " <= ", " > ", " >= ")+hole, x(), g.expr(t, depth))
	case 6:
		return is(hole+" in "+hole, other(), Pick(g.Source, x(), g.mixedList(depth), g.mixedMap(depth)))
	case 7:
		return is("type("+hole+") == "+Pick(g.Source, "int", "uint", "double", "bool", "string", "bytes", "list", "map", "null_type", "type", "google.protobuf.Timestamp"), x())
	case 8:
		return is(hole+Pick(g.Source, " && ", " || ")+hole, x(), g.expr(boolean, depth))
	case 9:
		if p := g.anyPath(); p != nil && strings.Contains(p.form, ".") {
			return leaf(boolean, "has("+p.form+")")
		}
		return is("has("+hole+"."+Pick(g.Source, inside...)+")", x())
	case 10:
		return is(hole+".?"+Pick(g.Source, inside...)+Pick(g.Source, "", ".a", ".?b")+".hasValue()", x())
	case 11:
		return g.anyQuantifier(depth)
	case 12:
		return is(hole+Pick(g.Source, ".startsWith(", ".contains(")+hole+")", x(), g.expr(Pick(g.Source, text, anything), depth))
	case 13:
		return is("bool("+hole+")", x())
	}
	list := func() *Expr { return Pick(g.Source, g.mixedList(depth), g.expr(listOf(g.scalar()), depth)) }
	switch g.N(5) {
	case 0:
		return is("sets."+Pick(g.Source, "contains", "intersects", "equivalent")+"("+hole+", dyn("+hole+"))", list(), list())
	case 1:
		return is("math."+Pick(g.Source, "greatest", "least")+"("+hole+", "+hole+") == "+hole, x(), x(), x())
	case 2:
		return is("size("+hole+".distinct()) > 1", list())
	case 3:
		return is("dyn("+hole+").flatten("+Pick(g.Source, "", "2")+") == "+hole, list(), list())
	}
	return is("dyn("+hole+").sort() == "+hole, list(), list())
}

// anyQuantifier draws a macro over any.
func (g *drawer) anyQuantifier(depth int) (e *Expr) {
	r := Pick(g.Source, g.expr(anything, depth), g.mixedList(depth), g.mixedMap(depth))
	if g.Chance(2) {
		g.within([]*Type{anything}, func(names string) {
			e = node(boolean, hole+Pick(g.Source, ".all(", ".exists(", ".exists_one(")+names+", "+hole+")", r, g.predicate(depth))
		})
		return e
	}
	if g.Chance(3) {
		g.within([]*Type{anything, anything}, func(names string) {
			e = node(boolean, hole+Pick(g.Source, ".all(", ".exists(", ".existsOne(")+names+", "+hole+")", r, g.predicate(depth))
		})
		return e
	}
	form := Pick(g.Source, "size("+hole+".filter(@@, "+hole+")) == 1", hole+".map(@@, "+hole+") == [1]", hole+".transformList(i, @@, "+hole+") == [dyn(1)]",
		hole+".transformMap(i, @@, "+hole+") == {dyn(0): 1}", hole+".transformMapEntry(i, @@, {dyn(@@): "+hole+"}) == {dyn('a'): 1}")
	g.within([]*Type{anything}, func(name string) {
		body := g.expr(Pick(g.Source, integer, anything), depth)
		if strings.HasPrefix(form, "size(") {
			body = g.predicate(depth)
		}
		e = node(boolean, "("+strings.ReplaceAll(form, "@@", name)+")", r, body)
	})
	return e
}

// fromAny draws a conversion of any to a type; nil if there is none.
func (g *drawer) fromAny(t *Type, depth int) *Expr {
	switch t.Kind {
	case "int", "uint", "double", "string", "bytes", "timestamp", "duration", "ip", "cidr":
		return node(t, t.Kind+"("+hole+")", g.expr(anything, depth))
	}
	return nil
}

// anyLiteral draws a constant of type any.
func (g *drawer) anyLiteral(depth int) *Expr {
	switch g.N(8) {
	case 0:
		return leaf(anything, "dyn(null)")
	case 1:
		if depth > 0 {
			return node(anything, "dyn([dyn("+hole+"), dyn("+hole+")])", g.literal(g.scalar(), 0), g.literal(g.scalar(), 0))
		}
	case 2:
		if depth > 0 {
			return node(anything, "dyn({"+quoted(Pick(g.Source, inside...))+": "+hole+"})", g.literal(g.scalar(), 0))
		}
	}
	return node(anything, "dyn("+hole+")", g.literal(g.scalar(), 0))
}

// jsonValue draws what a request holds as any.
func (s *Source) jsonValue(depth int) any {
	n := 8
	if depth <= 0 {
		n = 6
	}
	switch s.N(n) {
	case 0:
		return nil
	case 1:
		return s.Chance(2)
	case 2, 3:
		return json.Number(Pick(s, Pick(s, doubles...), "0", "1", "2", "3"))
	case 4, 5:
		return Pick(s, texts...)
	case 6:
		out := []any{}
		for range s.N(4) {
			out = append(out, s.jsonValue(depth-1))
		}
		return out
	}
	out := Object{}
	for range s.N(4) {
		out[Pick(s, inside...)] = s.jsonValue(depth - 1)
	}
	return out
}
