package gen

import "strings"

func (g *drawer) bool(depth int) *Expr {
	is := func(form string, args ...*Expr) *Expr { return node(boolean, form, args...) }
	switch g.N(32) {
	case 24:
		return g.quarrel(depth)
	case 0, 1, 2:
		return is("("+hole+" && "+hole+")", g.expr(boolean, depth), g.expr(boolean, depth))
	case 3, 4, 5:
		return is("("+hole+" || "+hole+")", g.expr(boolean, depth), g.expr(boolean, depth))
	case 6:
		return is("!("+hole+")", g.expr(boolean, depth))
	case 7, 8, 9:
		t := Pick(g.Source, integer, integer, unsigned, double, double, text, octets, moment, span, boolean)
		u := t
		if g.Chance(60) {
			u = Pick(g.Source, integer, unsigned, double)
		}
		return is("("+hole+Pick(g.Source, " < ", " <= ", " > ", " >= ")+hole+")", g.expr(t, depth), g.expr(u, depth))
	case 10, 11:
		return g.equality(depth)
	case 12, 13:
		return g.in(depth)
	case 14:
		return is(hole+Pick(g.Source, ".startsWith(", ".endsWith(", ".contains(")+hole+")", g.expr(text, depth), g.expr(text, depth))
	case 15:
		return is(hole+".matches("+quoted(g.pattern(3))+")", g.expr(text, depth))
	case 16, 17, 18:
		return g.quantifier(depth)
	case 19:
		return g.has(depth)
	case 20:
		return is(hole+".hasValue()", g.expr(optionalOf(g.someType()), depth))
	case 21:
		if g.Chance(2) {
			return is(hole+".containsIP("+hole+")", g.expr(network, depth), g.expr(address, depth))
		}
		return is(hole+".containsCIDR("+hole+")", g.expr(network, depth), g.expr(network, depth))
	case 22:
		return is("bool("+hole+")", g.expr(text, depth))
	}
	return g.anyBool(depth)
}

func (g *drawer) equality(depth int) *Expr {
	t := g.someType()
	if g.Chance(12) {
		t = g.signalType(2)
	}
	if !t.compares() {
		t = integer
	}
	return node(boolean, "("+hole+Pick(g.Source, " == ", " != ")+hole+")", g.expr(t, depth), g.expr(t, depth))
}

// in draws `a in b`, of a list that is written, one of the policy, or a map's keys.
func (g *drawer) in(depth int) *Expr {
	is := func(form string, args ...*Expr) *Expr { return node(boolean, "("+form+")", args...) }
	switch g.N(4) {
	case 0:
		if len(g.lists) == 0 {
			break
		}
		l := Pick(g.Source, g.lists...)
		t := l.Type
		if t == network {
			t = address
		}
		return is(hole+" in list."+l.Name, g.expr(t, depth))
	case 1:
		k := g.keyType()
		return is(hole+" in "+hole, g.expr(k, depth), g.expr(mapOf(k, g.scalar()), depth))
	case 2:
		t := Pick(g.Source, text, text, integer, unsigned)
		var parts []string
		for range 1 + g.N(6) {
			parts = append(parts, g.literal(t, 0).String())
		}
		return is(hole+" in ["+strings.Join(parts, ", ")+"]", g.expr(t, depth))
	}
	t := g.scalar()
	return is(hole+" in "+hole, g.expr(t, depth), g.expr(listOf(t), depth))
}

// has draws has() of what can be read, of a part of a variable, and of a map's entry.
func (g *drawer) has(int) *Expr {
	var all []path
	for _, v := range g.vars {
		s := scope{byType: map[string][]path{}}
		s.add([]string{v.Name}, v.Type, false)
		all = append(all, s.paths...)
	}
	if len(all) == 0 || g.Chance(2) {
		all = g.paths
	}
	p := Pick(g.Source, all...)
	text := strings.Join(p.steps, ".")
	if p.typ.Kind == "map" && g.N(4) > 0 {
		return leaf(boolean, "has("+text+"."+Pick(g.Source, "a", "b", "k1")+")")
	}
	if g.eager && p.lazy || len(p.steps) == 1 && (p.typ.Kind != "object" || len(g.vars) > 0 && strings.HasPrefix(text, "v")) {
		return g.leaf(boolean)
	}
	return leaf(boolean, "has("+text+")")
}

// rangeOf draws what a macro goes over, and the types of one or two variables for it.
func (g *drawer) rangeOf(depth, vars int) (*Expr, []*Type) {
	var r *Expr
	switch g.N(6) {
	case 0:
		k := g.keyType()
		r = g.expr(mapOf(k, g.someType()), depth)
	case 1, 2, 3: // what the request has
		var all []path
		for _, p := range g.paths {
			if (p.typ.Kind == "list" || p.typ.Kind == "map") && !(g.eager && p.lazy) {
				all = append(all, p)
			}
		}
		if len(all) > 0 {
			p := Pick(g.Source, all...)
			r = leaf(p.typ, strings.Join(p.steps, "."))
			break
		}
		fallthrough
	default:
		r = g.expr(listOf(g.someType()), depth)
	}
	t := r.Type
	switch {
	case t.Kind == "map" && vars == 1:
		return r, []*Type{t.Key}
	case t.Kind == "map":
		return r, []*Type{t.Key, t.Elem}
	case vars == 1:
		return r, []*Type{t.Elem}
	}
	return r, []*Type{integer, t.Elem}
}

// within draws over variables of these types.
func (g *drawer) within(types []*Type, draw func(names string)) {
	var names []string
	for _, t := range types {
		names = append(names, g.push(t))
	}
	draw(strings.Join(names, ", "))
	g.pop(len(types))
}

func (g *drawer) quantifier(depth int) (e *Expr) {
	vars := 1
	if g.Chance(3) {
		vars = 2
	}
	r, types := g.rangeOf(depth, vars)
	macro := Pick(g.Source, ".all(", ".exists(", ".exists_one(")
	if vars == 2 && macro == ".exists_one(" {
		macro = ".existsOne("
	}
	g.within(types, func(names string) {
		e = node(boolean, hole+macro+names+", "+hole+")", r, g.predicate(depth))
	})
	return e
}

// quarrel draws a macro over a few numbers, for some of which it errs, for each in its own way: which error counts depends on the macro.
func (g *drawer) quarrel(depth int) (e *Expr) {
	var numbers []string
	for range 2 + g.N(3) {
		numbers = append(numbers, Pick(g.Source, "0", "1", "2", "3"))
	}
	list := leaf(listOf(integer), "["+strings.Join(numbers, ", ")+"]")
	form := Pick(g.Source, hole+".exists_one(x, "+hole+")", hole+".existsOne(i, x, "+hole+")", "size("+hole+".filter(x, "+hole+")) == 1", hole+".map(x, "+hole+", x) == [1]", hole+".all(x, "+hole+")",
		hole+".exists(x, "+hole+")", hole+".transformList(i, x, "+hole+", x + i) == [1]", hole+".transformMap(i, x, "+hole+", x) == {0: 1}", hole+".map(x, "+hole+") == [true]", hole+".transformList(i, x, "+hole+") == [true]",
		hole+".transformMapEntry(i, x, "+hole+", {x: i}) == {0: 1}")
	g.vars = append(g.vars, Attr{"x", integer})
	third := g.expr(boolean, depth-1)
	g.pop(1)
	asked := node(boolean, "(x "+Pick(g.Source, "<", ">", "==", "!=")+" "+Pick(g.Source, "0", "1", "2")+" ? "+hole+" : x "+Pick(g.Source, "<", ">", "==")+" "+Pick(g.Source, "1", "2", "3")+" ? "+hole+" : "+hole+")",
		g.erring(), g.erring(), third)
	return node(boolean, "("+form+")", list, asked)
}

// predicate draws what is asked of elements; now and then it errs for one element otherwise than for another.
func (g *drawer) predicate(depth int) *Expr {
	if g.N(5) > 0 {
		return g.expr(boolean, depth)
	}
	rest := g.expr(boolean, depth-1)
	if g.Chance(2) {
		rest = g.erring()
	}
	return node(boolean, "("+hole+" ? "+hole+" : "+hole+")", g.elementwise(depth), g.erring(), rest)
}

// elementwise draws a condition that differs from element to element.
func (g *drawer) elementwise(depth int) *Expr {
	v := g.vars[len(g.vars)-1]
	for _, t := range scalars {
		if v.Type.equal(t) {
			return node(boolean, "("+hole+Pick(g.Source, " == ", " != ")+hole+")", leaf(t, v.Name), g.leaf(t))
		}
	}
	return g.expr(boolean, depth)
}

// erring draws what nearly always errs, in one way or another.
func (g *drawer) erring() *Expr {
	return leaf(boolean, Pick(g.Source, "(plain.b / (plain.b - plain.b) > 0)", "([plain.b][1] > 0)", "bool(plain.e)", "({'a': plain.b}['zz'] > 0)",
		"(duration(plain.e) > duration('0s'))", "(uint(plain.b) + 18446744073709551615u > 0u)", "{'a': plain.a}.?b.value()", "(plain.g > timestamp(plain.e))", "(int(plain.d * 1e300) > 0)", "(ip(plain.e) == plain.i)"))
}
