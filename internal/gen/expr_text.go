package gen

func (g *drawer) text(t *Type, depth int) *Expr {
	if t == octets {
		if g.Chance(2) {
			return node(t, "("+hole+" + "+hole+")", g.expr(t, depth), g.expr(t, depth))
		}
		return node(t, "bytes("+hole+")", g.expr(text, depth))
	}
	if g.N(3) == 0 {
		return node(t, "("+hole+" + "+hole+")", g.expr(t, depth), g.expr(t, depth))
	}
	from := Pick(g.Source, boolean, integer, unsigned, double, double, octets, moment, span, text)
	return node(t, "string("+hole+")", g.expr(from, depth))
}

func (g *drawer) time(t *Type, depth int) *Expr {
	if t == span {
		switch g.N(4) {
		case 0:
			return node(t, "("+hole+" - "+hole+")", g.expr(moment, depth), g.expr(moment, depth))
		case 1:
			return node(t, "("+hole+Pick(g.Source, " + ", " - ")+hole+")", g.expr(span, depth), g.expr(span, depth))
		case 2:
			return node(t, "duration("+hole+")", g.expr(text, depth))
		}
		return g.leaf(t)
	}
	switch g.N(5) {
	case 0, 1:
		return node(t, "("+hole+Pick(g.Source, " + ", " - ")+hole+")", g.expr(moment, depth), g.expr(span, depth))
	case 2:
		return node(t, "("+hole+" + "+hole+")", g.expr(span, depth), g.expr(moment, depth))
	case 3:
		return node(t, "timestamp("+hole+")", g.expr(Pick(g.Source, text, integer), depth))
	}
	return g.leaf(t)
}

// pattern draws a regular expression.
func (g *drawer) pattern(depth int) string {
	if depth <= 0 || g.Chance(3) {
		return Pick(g.Source, "a", "b", "o", "e", "É", "é", "😀", ".", `\d`, `\D`, `\w`, `\W`, `\s`, "[a-z]", "[^a-z]", `\pL`, `\PL`, `\p{Greek}`, "[[:alpha:]]", "[é-ü]", "[^é]",
			"^", "$", `\b`, `\B`, `\A`, `\z`, "", "al", "ice", `\x{301}`, `\.`, `\x00`, "[0-9a-fA-F]", "K", "ſ")
	}
	switch g.N(8) {
	case 0, 1, 2:
		return g.pattern(depth-1) + g.pattern(depth-1)
	case 3:
		return "(" + g.pattern(depth-1) + "|" + g.pattern(depth-1) + ")"
	case 4:
		return "(?:" + g.pattern(depth-1) + ")" + Pick(g.Source, "*", "+", "?", "*?", "+?", "{2}", "{1,3}", "{2,}", "{0}")
	case 5:
		return "(?" + Pick(g.Source, "i", "s", "m", "im", "U", "is") + ")" + g.pattern(depth-1)
	case 6:
		return "^" + g.pattern(depth-1) + Pick(g.Source, "$", "", ".*$")
	}
	return "(?" + Pick(g.Source, "i", "s", "m") + ":" + g.pattern(depth-1) + ")"
}
