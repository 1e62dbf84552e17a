package gen

import "strings"

func (g *drawer) list(t *Type, depth int) (e *Expr) {
	switch g.N(8) {
	case 0, 1:
		return g.listLiteral(t, depth)
	case 2:
		return node(t, "("+hole+" + "+hole+")", g.expr(t, depth), g.expr(t, depth))
	case 3, 4: // filter, of the same type
		name := g.expr(t, depth)
		g.within([]*Type{t.Elem}, func(names string) {
			e = node(t, hole+".filter("+names+", "+hole+")", name, g.predicate(depth))
		})
		return e
	case 5, 6:
		r, types := g.rangeOf(depth, 1)
		g.within(types, func(names string) {
			if g.Chance(3) {
				e = node(t, hole+".map("+names+", "+hole+", "+hole+")", r, g.predicate(depth), g.expr(t.Elem, depth))
			} else {
				e = node(t, hole+".map("+names+", "+hole+")", r, g.expr(t.Elem, depth))
			}
		})
		return e
	case 7:
		r, types := g.rangeOf(depth, 2)
		g.within(types, func(names string) {
			if g.Chance(3) {
				e = node(t, hole+".transformList("+names+", "+hole+", "+hole+")", r, g.predicate(depth), g.expr(t.Elem, depth))
			} else {
				e = node(t, hole+".transformList("+names+", "+hole+")", r, g.expr(t.Elem, depth))
			}
		})
		return e
	}
	return g.leaf(t)
}

func (g *drawer) listLiteral(t *Type, depth int) *Expr {
	var args []*Expr
	var parts []string
	for range 1 + g.N(3) {
		if t.Elem.Kind != "optional" && g.Chance(4) {
			args = append(args, g.expr(optionalOf(t.Elem), depth))
			parts = append(parts, "?"+hole)
			continue
		}
		args = append(args, g.expr(t.Elem, depth))
		parts = append(parts, hole)
	}
	return node(t, "["+strings.Join(parts, ", ")+"]", args...)
}

func (g *drawer) mapping(t *Type, depth int) (e *Expr) {
	switch g.N(5) {
	case 0, 1:
		r, types := g.rangeOf(depth, 2)
		if !types[0].equal(t.Key) {
			return g.mapLiteral(t, depth)
		}
		g.within(types, func(names string) {
			if g.Chance(3) {
				e = node(t, hole+".transformMap("+names+", "+hole+", "+hole+")", r, g.predicate(depth), g.expr(t.Elem, depth))
			} else {
				e = node(t, hole+".transformMap("+names+", "+hole+")", r, g.expr(t.Elem, depth))
			}
		})
		return e
	case 2:
		r, types := g.rangeOf(depth, 2)
		g.within(types, func(names string) {
			k, v := g.expr(t.Key, depth), g.expr(t.Elem, depth)
			if g.Chance(3) {
				e = node(t, hole+".transformMapEntry("+names+", "+hole+", {"+hole+": "+hole+"})", r, g.expr(boolean, depth), k, v)
			} else {
				e = node(t, hole+".transformMapEntry("+names+", {"+hole+": "+hole+"})", r, k, v)
			}
		})
		return e
	}
	return g.mapLiteral(t, depth)
}

func (g *drawer) mapLiteral(t *Type, depth int) *Expr {
	var args []*Expr
	var parts []string
	for range 1 + g.N(3) {
		if t.Elem.Kind != "optional" && g.Chance(4) {
			args = append(args, g.expr(t.Key, depth), g.expr(optionalOf(t.Elem), depth))
			parts = append(parts, "?"+hole+": "+hole)
			continue
		}
		args = append(args, g.expr(t.Key, depth), g.expr(t.Elem, depth))
		parts = append(parts, hole+": "+hole)
	}
	return node(t, "{"+strings.Join(parts, ", ")+"}", args...)
}

func (g *drawer) optional(t *Type, depth int) (e *Expr) {
	switch g.N(11) {
	case 8: // of an optional
		return node(t, hole+"["+hole+"]", g.expr(optionalOf(listOf(t.Elem)), depth), g.index(0))
	case 9:
		k := g.keyType()
		return node(t, hole+Pick(g.Source, "[", "[?")+hole+"]", g.expr(optionalOf(mapOf(k, t.Elem)), depth), g.expr(k, depth))
	case 10:
		if x := g.attribute(t.Elem, depth, "?"); x != nil {
			x.Type = t
			return x
		}
	case 0:
		return node(t, "optional.of("+hole+")", g.expr(t.Elem, depth))
	case 1:
		return node(t, hole+".or("+hole+")", g.expr(t, depth), g.expr(t, depth))
	case 2:
		return node(t, hole+"[?"+hole+"]", g.expr(listOf(t.Elem), depth), g.index(depth))
	case 3:
		k := g.keyType()
		return node(t, hole+"[?"+hole+"]", g.expr(mapOf(k, t.Elem), depth), g.expr(k, depth))
	case 4, 5:
		of := g.someType()
		if of.Kind == "optional" {
			of = integer
		}
		init := g.expr(optionalOf(of), depth)
		g.within([]*Type{of}, func(names string) {
			if g.Chance(2) {
				e = node(t, hole+".optMap("+names+", "+hole+")", init, g.expr(t.Elem, depth))
			} else {
				e = node(t, hole+".optFlatMap("+names+", "+hole+")", init, g.expr(t, depth))
			}
		})
		return e
	}
	return g.leaf(t)
}
