package gen

import "fmt"

// conditions draws CEL.
type conditions struct {
	*Source
	Options
	resource bool
}

// boolean draws a condition of at most that depth.
func (g *conditions) boolean(depth int) string {
	if depth > 0 {
		switch g.N(6) {
		case 0:
			return "(" + g.boolean(depth-1) + " && " + g.boolean(depth-1) + ")"
		case 1:
			return "(" + g.boolean(depth-1) + " || " + g.boolean(depth-1) + ")"
		case 2:
			return "!(" + g.boolean(depth-1) + ")"
		case 3:
			return "(" + g.boolean(depth-1) + " ? " + g.boolean(depth-1) + " : " + g.boolean(depth-1) + ")"
		}
	}
	if !g.Monotone && g.Chance(5) {
		return g.peeking()
	}
	if !g.SteadyPosture && g.Chance(12) {
		return "posture " + g.order() + " postures.elevated"
	}
	switch g.N(9) {
	case 0:
		return Pick(g.Source, "device.trusted", "network.tor", "resource.flag", "device.managed", "true", "false", "far", "risky")
	case 1:
		return g.integer(1) + " " + g.order() + " " + g.integer(1)
	case 2:
		return g.double() + " " + g.order() + " " + g.double()
	case 3:
		return g.text() + Pick(g.Source, " == ", " != ", " < ") + g.text()
	case 4:
		return g.text() + Pick(g.Source, ".startsWith('a')", ".contains('o')", ".matches('^[a-z]+$')", " in list.bad", " in subject.groups", " in ['FR', 'DE']")
	case 5:
		return Pick(g.Source, "network.ip in list.nets", "session.ip in list.nets", "cidr('10.0.0.0/8').containsIP(network.ip)")
	case 6:
		return Pick(g.Source, "now - device.first_seen < duration('24h')", "session.auth_time > device.first_seen", "subject.tenure > duration('1h')", "now.getHours('+02:00') < 12")
	case 7:
		return g.overList()
	}
	return g.double() + " > param.limit"
}

// peeking looks at what is there and what is not: less information may make it true or false.
func (g *conditions) peeking() string {
	return Pick(g.Source,
		"has(device.first_seen)", "has(device)", "has(cart.note)", "has(risk.points)", "has(score)", "device.?trusted.orValue(false)",
		"cart.?note.hasValue()", "risk.?points.orValue(7) > 3", "'a' in risk.seen", "cart.extra == 1.0", "cart.extra.x == 'y'",
		"session.level >= level.mfa", "has(session.level)", "!has(subject.attributes.vip)", "subject.attributes.vip == true")
}

func (g *conditions) overList() string {
	list, elem := "subject.groups", "x "+Pick(g.Source, "== ", "!= ", "< ")+g.word()
	switch g.N(4) {
	case 0:
		list, elem = "risk.why", "x.size() > 2"
	case 1:
		list, elem = "cart.items", "x.price "+g.order()+" "+g.double()
	case 2:
		list, elem = "[1, 2, 0]", g.integer(0)+" / x > 1"
	}
	switch g.N(5) {
	case 0:
		return list + ".filter(x, " + elem + ").size() > 0"
	case 1:
		return list + ".map(x, " + elem + ").exists(y, y)"
	}
	return list + Pick(g.Source, ".exists", ".all", ".exists_one") + "(x, " + elem + ")"
}

func (g *conditions) order() string { return Pick(g.Source, "<", "<=", ">", ">=", "==", "!=") }

func (g *conditions) integer(depth int) string {
	if depth > 0 && g.Chance(3) {
		return "(" + g.integer(depth-1) + Pick(g.Source, " + ", " - ", " * ", " / ", " % ") + g.integer(depth-1) + ")"
	}
	return Pick(g.Source, "behavior.failed_logins_1h", "cart.count", "risk.points", "risk.seen.a", "network.asn", "size(subject.groups)",
		"0", "1", "5", "9223372036854775807")
}

func (g *conditions) double() string {
	return Pick(g.Source, "resource.amount", "cart.total", "score", "network.reputation", "0.0", "0.5", "100.0", "double(cart.count)")
}

func (g *conditions) word() string { return fmt.Sprintf("'%s'", Pick(g.Source, words...)) }

func (g *conditions) text() string {
	return Pick(g.Source, "subject.id", "resource.owner", "network.country", "subject.country", "device.os", "risk.why[0]", "cart.items[0].tag", g.word())
}
