package odd

import (
	"fmt"
	"strings"
	"testing/fstest"

	"github.com/rungpolicy/rung/internal/gen"
)

// Policy draws a policy with rules of the kind that findings are about.
func Policy(s *gen.Source) fstest.MapFS {
	p := gen.NewPolicy(s, gen.Options{}, 4)
	g := rules{s}
	for i := range 3 + s.N(6) {
		p.Blocks = append(p.Blocks, g.rule(fmt.Sprintf("odd%d", i)))
	}
	p.Blocks = append(p.Blocks, "let {\n  common = \""+g.condition(2)+"\"\n}")
	return p.Files(s)
}

type rules struct{ *gen.Source }

func (g rules) rule(name string) string {
	var b strings.Builder
	if g.Chance(4) {
		fmt.Fprintf(&b, "deny %q {\n", name)
	} else {
		fmt.Fprintf(&b, "step_up %q {\n  level = %q\n", name, gen.Pick(g.Source, "pwd", "mfa", "key"))
		if g.Chance(2) {
			fmt.Fprintf(&b, "  max_age = %q\n", gen.Pick(g.Source, "30s", "5m", "1h"))
		}
		if g.Chance(3) {
			fmt.Fprintf(&b, "  methods = %s\n", gen.Pick(g.Source, `["otp"]`, `["otp", "hwk"]`, `["hwk"]`))
		}
		if g.Chance(4) {
			b.WriteString("  on_error = \"skip\"\n")
		}
	}
	fmt.Fprintf(&b, "  actions = %s\n", gen.Pick(g.Source, `["*"]`, `["pay.send"]`, `["pay.*", "read"]`))
	if !g.Chance(5) {
		fmt.Fprintf(&b, "  when = %q\n", gen.Pick(g.Source, g.atom(), "common", g.condition(2), g.condition(3)))
	}
	if g.Chance(4) {
		fmt.Fprintf(&b, "  unless = %q\n", g.condition(1))
	}
	if g.Chance(4) {
		fmt.Fprintf(&b, "  posture = %q\n", gen.Pick(g.Source, "elevated", "critical"))
	}
	if g.Chance(4) {
		fmt.Fprintf(&b, "  rollout {\n    percent = %s\n    by = %q\n    seed = \"x\"\n  }\n", gen.Pick(g.Source, "0", "50", "100"), gen.Pick(g.Source, "subject.id", "resource.owner"))
	}
	return b.String() + "}"
}

func (g rules) condition(depth int) string {
	if depth == 0 {
		return g.atom()
	}
	x, y := g.condition(depth-1), g.condition(depth-1)
	switch g.N(9) {
	case 0, 1, 2:
		return x + " && " + y
	case 3, 4:
		return "(" + x + " || " + y + ")"
	case 5:
		return "!(" + x + ")"
	case 6:
		return "(" + x + " ? " + y + " : " + g.atom() + ")"
	case 7:
		return "subject.groups." + gen.Pick(g.Source, "exists", "all", "exists_one") + "(g, " + gen.Pick(g.Source, "g > 'a'", "g == 'FR'", "g == g", x) + ")"
	}
	return g.atom()
}

func (g rules) atom() string {
	op := gen.Pick(g.Source, "<", "<=", ">", ">=", "==", "!=")
	pick := func(choices ...string) string { return gen.Pick(g.Source, choices...) }
	if g.Chance(3) { // much about one thing
		return "resource.amount " + op + " " + pick("0.5", "99.5", "100.0")
	}
	return pick(
		"resource.amount "+op+" "+pick("0.5", "99.5", "100.0", "1000.0", "100", "param.limit"),
		"resource.amount "+op+" "+pick("0.5", "99.5", "100.0", "1000.0"),
		"network.asn "+op+" "+pick("0", "1", "2", "3", "2.5", "-5", "behavior.failed_logins_1h"),
		"network.asn "+op+" "+pick("0", "1", "2", "3", "2.5", "-5"),
		"network.country "+op+" "+pick("'FR'", "'DE'", "'KP'"),
		"network.country in "+pick("['FR', 'DE']", "['FR']", "[]", "list.bad"),
		"posture "+op+" "+pick("0", "postures.elevated", "4", "5"),
		"session.level "+op+" "+pick("0", "level.mfa", "3", "level.key"),
		pick("has(device.os)", "has(device)", "!has(device.os)", "has(subject.country)"),
		pick("size(subject.groups)", "subject.groups.size()")+" "+op+" "+pick("0", "1", "-1"),
		"now.getHours('UTC') "+op+" "+pick("0", "12", "23", "24"),
		"now.getDayOfWeek('Europe/Vienna') "+op+" "+pick("0", "1", "6", "7"),
		"score "+op+" "+pick("0.5", "0.9"),
		pick("resource.owner.lowerAscii()", "resource.owner.upperAscii()")+" == "+pick("'FR'", "'fr'", "'bob'"),
		"resource.amount / cart.total "+op+" 1.0",
		pick("true", "false", "resource.owner.startsWith('')"),
		"risk.points "+op+" "+pick("0", "3"),
		"common",
		pick("cart.note == 'x'", "has(cart.note) && cart.note > 'a'", "cart.?note.orValue('x') == 'x'"),
		pick("resource.flag", "!resource.flag", "network.tor", "resource.flag == true", "device.trusted"),
	)
}
