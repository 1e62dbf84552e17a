package gen

// form is how a function of a library is called: its text has a hole for each operand.
type form struct {
	text string
	args []*Type
}

func call(text string, args ...*Type) form { return form{text, args} }

// of are the forms with these operands.
func of(args []*Type, forms ...string) []form {
	var out []form
	for _, t := range forms {
		out = append(out, form{t, args})
	}
	return out
}

// manyTexts are lists of text.
var manyTexts = listOf(text)

// libraries are functions of the libraries by what they come to. A place is drawn small, mostly.
var libraries = map[*Type][][]form{
	text: {
		of([]*Type{text, place}, "¤.charAt(¤)", "¤.substring(¤)"),
		of([]*Type{text, place, place}, "¤.substring(¤, ¤)"),
		of([]*Type{text}, "¤.lowerAscii()", "¤.upperAscii()", "¤.trim()", "¤.reverse()", "strings.quote(¤)"),
		of([]*Type{text, text, text}, "¤.replace(¤, ¤)"),
		of([]*Type{text, text, text, place}, "¤.replace(¤, ¤, ¤)"),
		{call("¤.join()", manyTexts), call("¤.join(¤)", manyTexts, text), call("¤.join(',')", manyTexts)},
		{call("base64.encode(¤)", octets), call("base64.encodeUrl(¤)", octets), call("string(¤)", address), call("string(¤)", network)},
	},
	octets: {of([]*Type{text}, "base64.decode(¤)", "base64.decodeUrl(¤)"), {call("base64.decode(base64.encode(¤))", octets)}},
	integer: {
		of([]*Type{text, text}, "¤.indexOf(¤)", "¤.lastIndexOf(¤)"),
		of([]*Type{text, text, place}, "¤.indexOf(¤, ¤)", "¤.lastIndexOf(¤, ¤)"),
		of([]*Type{integer}, "math.abs(¤)", "math.sign(¤)", "math.bitNot(¤)"),
		of([]*Type{integer, integer}, "math.greatest(¤, ¤)", "math.least(¤, ¤)", "math.bitAnd(¤, ¤)", "math.bitOr(¤, ¤)", "math.bitXor(¤, ¤)"),
		of([]*Type{integer, place}, "math.bitShiftLeft(¤, ¤)", "math.bitShiftRight(¤, ¤)", "math.bitShiftRight(¤, 60 + ¤)"),
		of([]*Type{listOf(integer)}, "math.greatest(¤)", "math.least(¤)"),
		{call("¤.family()", address), call("¤.prefixLength()", network), call("¤.getHours(¤)", moment, text), call("¤.getDate(string(¤) + ':30')", moment, place)},
	},
	unsigned: {
		of([]*Type{unsigned}, "math.abs(¤)", "math.sign(¤)", "math.bitNot(¤)"),
		of([]*Type{unsigned, unsigned}, "math.greatest(¤, ¤)", "math.least(¤, ¤)", "math.bitAnd(¤, ¤)", "math.bitOr(¤, ¤)", "math.bitXor(¤, ¤)"),
		of([]*Type{unsigned, place}, "math.bitShiftLeft(¤, ¤)", "math.bitShiftRight(¤, ¤)"),
		of([]*Type{listOf(unsigned)}, "math.greatest(¤)", "math.least(¤)"),
	},
	double: {
		of([]*Type{double}, "math.abs(¤)", "math.sign(¤)", "math.ceil(¤)", "math.floor(¤)", "math.round(¤)", "math.trunc(¤)", "math.sqrt(¤)"),
		of([]*Type{double, double}, "math.greatest(¤, ¤)", "math.least(¤, ¤)"),
		{call("math.sqrt(¤)", integer), call("math.sqrt(¤)", unsigned), call("math.round(¤ / 2.0)", double)},
		of([]*Type{listOf(double)}, "math.greatest(¤)", "math.least(¤)"),
	},
	boolean: {
		of([]*Type{double}, "math.isNaN(¤)", "math.isInf(¤)", "math.isFinite(¤)"),
		of([]*Type{address}, "¤.isLoopback()", "¤.isGlobalUnicast()", "¤.isUnspecified()", "¤.isLinkLocalUnicast()", "¤.isLinkLocalMulticast()"),
		of([]*Type{text}, "isIP(¤)", "isCIDR(¤)", "ip.isCanonical(¤)"),
		{call("¤.isMask()", network), call("¤.containsIP(¤)", network, text), call("¤.containsCIDR(¤)", network, text)},
	},
	address: {{call("¤.ip()", network)}},
	network: {{call("¤.masked()", network)}},
	manyTexts: {
		of([]*Type{text, text}, "¤.split(¤)"),
		of([]*Type{text, text, place}, "¤.split(¤, ¤)"),
		of([]*Type{text}, "¤.split('')", "¤.split('a')"),
	},
}

// place is an int that is small, mostly.
var place = &Type{Kind: "int"}

// ranges are lists of numbers that are counted.
var ranges = of([]*Type{place}, "lists.range(¤)")

// library draws a call of a function of a library; nil where none comes to the type.
func (g *drawer) library(t *Type, depth int) *Expr {
	switch {
	case t.Kind == "string" && g.Chance(5):
		return g.formatted(depth)
	case t.equal(text) && g.Chance(5):
		times := Pick(g.Source, "", "", ", -1", ", 0", ", 1", ", 2")
		return node(t, "regex.replace(¤, "+quoted(g.pattern(3))+", ¤"+times+")", g.expr(text, depth), g.replacement(depth))
	case t.equal(manyTexts) && g.Chance(3):
		return node(t, "regex.extractAll(¤, "+quoted(g.pattern(3))+")", g.expr(text, depth))
	case t.equal(optionalOf(text)) && g.Chance(2):
		return node(t, "regex.extract(¤, "+quoted(g.pattern(3))+")", g.expr(text, depth))
	}
	var all [][]form
	for u, forms := range libraries {
		if u.equal(t) {
			all = forms
		}
	}
	switch t.Kind {
	case "list":
		all = append(append([][]form{}, all...), g.ofLists(t)...)
	case "optional":
		all = g.ofOptionals(t)
	case "bool":
		all = append(append([][]form{}, all...), g.setForms()...)
	}
	if len(all) == 0 {
		return nil
	}
	f := Pick(g.Source, Pick(g.Source, all...)...)
	args := make([]*Expr, len(f.args))
	for i, a := range f.args {
		if a == place {
			args[i] = g.index(depth)
		} else {
			args[i] = g.expr(a, depth)
		}
	}
	return node(t, f.text, args...)
}

// ofLists are functions that come to a list of the same type.
func (g *drawer) ofLists(t *Type) [][]form {
	out := [][]form{
		{call("¤.slice(¤, ¤)", t, place, place), call("¤.slice(0, ¤)", t, place)},
		{call("¤.reverse()", t)},
		{call("[¤, ¤].flatten()", t, t)},
	}
	if t.Elem.Kind != "optional" {
		out = append(out, []form{call("[optional.of(¤), ¤].unwrapOpt()", t.Elem, optionalOf(t.Elem)), call("optional.unwrap([¤, ¤])", optionalOf(t.Elem), optionalOf(t.Elem))})
	}
	if t.Elem.scalar() {
		out = append(out, []form{call("¤.distinct()", t)})
	}
	if t.Elem.ordered() {
		out = append(out, []form{call("¤.sort()", t), call("¤.sortBy(x, [x, x] == [])", t), call("¤.sortBy(x, x)", t)})
	}
	if t.Elem.Kind == "int" {
		out = append(out, ranges)
	}
	return out
}

func (g *drawer) ofOptionals(t *Type) [][]form {
	return [][]form{{call("¤.first()", listOf(t.Elem)), call("¤.last()", listOf(t.Elem)), call("optional.ofNonZeroValue(¤)", t.Elem)}}
}

func (g *drawer) setForms() [][]form {
	u := g.scalar()
	l := listOf(u)
	return [][]form{
		of([]*Type{l, l}, "sets.contains(¤, ¤)", "sets.intersects(¤, ¤)", "sets.equivalent(¤, ¤)", "¤.hasAll(¤)", "¤.hasAny(¤)", "¤.hasOnly(¤)", "¤.hasExactly(¤)"),
		{call("¤.hasValue(¤)", optionalOf(u), u)},
	}
}

// scalar reports whether values of the type have no parts.
func (t *Type) scalar() bool {
	return t.Kind != "list" && t.Kind != "map" && t.Kind != "optional" && t.Kind != "object" && t.Kind != "any"
}

// ordered reports whether values of the type have an order.
func (t *Type) ordered() bool { return t.scalar() && t.Kind != "ip" && t.Kind != "cidr" }

// replacement draws a text with names of groups, mostly.
func (g *drawer) replacement(depth int) *Expr {
	if g.Chance(4) {
		return g.expr(text, depth)
	}
	return leaf(text, quoted(Pick(g.Source, "x", "", `\0`, `\1`, `<\1>`, `\2\1`, `\\`, `\`, `é\0\0`)))
}

// formatted draws `'…'.format([…])`: clauses with operands that they take.
func (g *drawer) formatted(depth int) *Expr {
	var s string
	var args []*Expr
	for range 1 + g.N(4) {
		s += Pick(g.Source, "", "a", " ", "%%", "é")
		t := Pick(g.Source, text, boolean, integer, unsigned, double, double, moment, span, octets, listOf(g.scalar()), mapOf(g.keyType(), integer))
		if t.Kind == "list" && !t.Elem.ordered() {
			t = manyTexts
		}
		verbs := []string{"%s"}
		switch t {
		case integer, unsigned:
			verbs = []string{"%s", "%d", "%d", "%f", "%.1f", "%e", "%b", "%o", "%x", "%X"}
		case double:
			verbs = []string{"%s", "%d", "%f", "%.0f", "%.2f", "%.3f", "%.17f", "%e", "%.2e"}
		case text, octets:
			verbs = []string{"%s", "%x", "%X"}
		case boolean:
			verbs = []string{"%s", "%b"}
		}
		s += Pick(g.Source, verbs...)
		args = append(args, g.expr(t, depth))
	}
	holes := ""
	for i := range args {
		if i > 0 {
			holes += ", "
		}
		if g.Chance(4) {
			holes += "dyn(" + hole + ")"
		} else {
			holes += hole
		}
	}
	of := quoted(s)
	if g.Chance(12) { // which the checker does not see through
		of = Pick(g.Source, "('%q' + ", "('%s%' + ", "('%s%s%s%s%s' + ", "('%.' + ") + of + ")"
	}
	if g.Chance(4) { // of a list that is computed
		return node(text, of+".format([dyn('x')].slice(1, 1) + ["+holes+"])", args...)
	}
	return node(text, of+".format(["+holes+"])", args...)
}
