package gen

func (g *drawer) number(t *Type, depth int) *Expr {
	switch n := g.N(10); {
	case n < 4:
		op := Pick(g.Source, " + ", " - ", " * ", " / ", " % ")
		if t == double && op == " % " {
			op = " / "
		}
		return node(t, "("+hole+op+hole+")", g.expr(t, depth), g.expr(t, depth))
	case n < 5 && t != unsigned:
		return node(t, "-("+hole+")", g.expr(t, depth))
	case t == integer && n < 7:
		return g.size(depth)
	case t == integer && n < 9:
		return g.getter(depth)
	}
	from := map[*Type][]*Type{
		integer:  {unsigned, double, text, moment, span, integer},
		unsigned: {integer, double, text, unsigned},
		double:   {integer, unsigned, text, double},
	}[t]
	return node(t, t.Kind+"("+hole+")", g.expr(Pick(g.Source, from...), depth))
}

func (g *drawer) size(depth int) *Expr {
	t := Pick(g.Source, text, octets, listOf(g.scalar()), mapOf(g.keyType(), g.scalar()))
	return node(integer, Pick(g.Source, "size("+hole+")", hole+".size()"), g.expr(t, depth))
}

var zones = []string{
	"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu", "Africa/Casablanca", "Europe/Dublin",
	"America/St_Johns", "America/Sao_Paulo", "Antarctica/Troll", "Pacific/Kiritimati", "+02:00", "-11:45", "+14:00", "05:30", "-00:00", "",
}

func (g *drawer) getter(depth int) *Expr {
	if g.Chance(4) {
		return node(integer, hole+Pick(g.Source, ".getHours()", ".getMinutes()", ".getSeconds()", ".getMilliseconds()"), g.expr(span, depth))
	}
	name := Pick(g.Source, "getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear", "getHours", "getMinutes", "getSeconds", "getMilliseconds")
	zone := ""
	if g.N(3) > 0 {
		zone = quoted(Pick(g.Source, zones...))
	}
	return node(integer, hole+"."+name+"("+zone+")", g.expr(moment, depth))
}
