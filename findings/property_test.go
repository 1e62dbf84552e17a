package findings_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/findings"
	"github.com/rungpolicy/rung/internal/gen"
	"github.com/rungpolicy/rung/policy"
	rung "github.com/rungpolicy/rung/sdk"
)

// These properties hold what is found against decisions: on policies drawn at random, with conditions that say much about few things, so that they often
// contradict themselves.

// oddPolicy draws a policy with rules of the kind that findings are about.
func oddPolicy(s *gen.Source) fstest.MapFS {
	p := gen.NewPolicy(s, gen.Options{}, 4)
	g := odd{s}
	for i := range 3 + s.N(6) {
		p.Blocks = append(p.Blocks, g.rule(fmt.Sprintf("odd%d", i)))
	}
	p.Blocks = append(p.Blocks, "let {\n  common = \""+g.condition(2)+"\"\n}")
	return p.Files(s)
}

type odd struct{ *gen.Source }

func (g odd) rule(name string) string {
	var b strings.Builder
	deny := g.Chance(4)
	if deny {
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

func (g odd) condition(depth int) string {
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

func (g odd) atom() string {
	op := gen.Pick(g.Source, "<", "<=", ">", ">=", "==", "!=")
	switch g.N(18) {
	case 0, 1:
		return "resource.amount " + op + " " + gen.Pick(g.Source, "0.5", "99.5", "100.0", "1000.0", "100", "param.limit")
	case 2, 3:
		return "network.asn " + op + " " + gen.Pick(g.Source, "0", "1", "2", "3", "2.5", "-5", "behavior.failed_logins_1h")
	case 4:
		return "network.country " + op + " " + gen.Pick(g.Source, "'FR'", "'DE'", "'KP'")
	case 5:
		return "network.country in " + gen.Pick(g.Source, "['FR', 'DE']", "['FR']", "[]", "list.bad")
	case 6:
		return "posture " + op + " " + gen.Pick(g.Source, "0", "postures.elevated", "4", "5")
	case 7:
		return "session.level " + op + " " + gen.Pick(g.Source, "0", "level.mfa", "3", "level.key")
	case 8:
		return gen.Pick(g.Source, "has(device.os)", "has(device)", "!has(device.os)", "has(subject.country)")
	case 9:
		return gen.Pick(g.Source, "size(subject.groups)", "subject.groups.size()") + " " + op + " " + gen.Pick(g.Source, "0", "1", "-1")
	case 10:
		return "now.getHours('UTC') " + op + " " + gen.Pick(g.Source, "0", "12", "23", "24")
	case 11:
		return "score " + op + " " + gen.Pick(g.Source, "0.5", "0.9")
	case 12:
		return gen.Pick(g.Source, "resource.owner.lowerAscii()", "resource.owner.upperAscii()") + " == " + gen.Pick(g.Source, "'FR'", "'fr'", "'bob'")
	case 13:
		return "resource.amount / cart.total " + op + " 1.0"
	case 14:
		return gen.Pick(g.Source, "true", "false", "resource.owner.startsWith('')")
	case 15:
		return "risk.points " + op + " " + gen.Pick(g.Source, "0", "3")
	case 16:
		return "common"
	}
	return gen.Pick(g.Source, "resource.flag", "!resource.flag", "network.tor", "resource.flag == true", "device.trusted")
}

func open(t *testing.T, fsys fs.FS) *rung.Checked {
	t.Helper()
	c, err := rung.Read(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func engine(t *testing.T, c *rung.Checked) *rung.Engine {
	t.Helper()
	e, err := c.Engine(rung.Trusted(), rung.Strict())
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestSound draws policies and holds what is found in them against decisions. `make soak` draws more.
func TestSound(t *testing.T) {
	t.Parallel()
	always, covered := 0, 0
	for seed := range uint64(150) {
		s := gen.Scattered(seed, 7)
		files := oddPolicy(s)
		c := open(t, files)
		if c.Diagnostics.HasErrors() {
			continue // too costly, say
		}
		var requests [][]byte
		for range 60 {
			r := gen.NewRequest(s)
			if s.Chance(2) {
				r.Answer("risk")
				r.Answer("score")
			}
			requests = append(requests, r.JSON())
		}
		original := engine(t, c)
		for _, d := range c.Findings(now) {
			switch d.Code {
			case "always-true", "always-false":
				if holdAlways(t, files, original, d, requests) {
					always++
				}
			case "covered":
				covered++
				holdCovered(t, files, original, d, requests)
			}
		}
	}
	t.Logf("%d conditions are always the same, %d rules covered", always, covered)
	if always < 200 || covered < 30 {
		t.Errorf("too little was found: %d and %d", always, covered)
	}
}

// holdAlways puts the constant into the place of a part: no rule comes out in another way, where nothing in it failed.
func holdAlways(t *testing.T, files fstest.MapFS, original *rung.Engine, d diag.Diagnostic, requests [][]byte) bool {
	t.Helper()
	value := d.Code == "always-true"
	text := string(files[d.Range.File].Data)
	part := text[d.Range.Start.Byte:d.Range.End.Byte]
	quoted, _, _ := strings.Cut(strings.TrimPrefix(d.Summary, "`"), "`")
	switch {
	case strings.Contains(d.Summary, "this is just"), quoted == part, strings.HasSuffix(quoted, "…"):
	case quoted == "!("+part+")":
		value = !value
	default:
		return false // `when` and `unless` together
	}
	changed := fstest.MapFS{}
	for name, f := range files {
		changed[name] = f
	}
	changed[d.Range.File] = &fstest.MapFile{Data: []byte(text[:d.Range.Start.Byte] + fmt.Sprint(value) + text[d.Range.End.Byte:])}
	c := open(t, changed)
	if c.Diagnostics.HasErrors() {
		t.Fatalf("%v: %v", d, c.Diagnostics)
	}
	other := engine(t, c)
	for _, r := range requests {
		x, y := original.ExplainJSON(r), other.ExplainJSON(r)
		for i, rule := range x.Trace {
			if !failed(rule) && rule.State != y.Trace[i].State {
				t.Errorf("%v: %s is %v, and %v where it is %v\n%s\n%s", d, rule.Rule, rule.State, y.Trace[i].State, value, text, r)
				return true
			}
		}
	}
	return true
}

// failed reports whether something in a rule's condition failed, or is pending.
func failed(r policy.RuleTrace) bool {
	for _, n := range r.Nodes {
		if n.Error != "" || len(n.Pending) > 0 {
			return true
		}
	}
	return false
}

// holdCovered turns a rule off: no decision changes but for its reasons.
func holdCovered(t *testing.T, files fstest.MapFS, original *rung.Engine, d diag.Diagnostic, requests [][]byte) {
	t.Helper()
	c := open(t, files)
	for _, r := range c.Policy.Rules {
		if r.Range == d.Range {
			r.Mode = policy.Off
		}
	}
	other := engine(t, c)
	for _, r := range requests {
		x, y := original.DecideJSON(r), other.DecideJSON(r)
		ignore := cmpopts.IgnoreFields(policy.Decision{}, "Reasons", "Indeterminate")
		if diff := cmp.Diff(x, y, ignore, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%v:\n%s\n%s", d, diff, r)
			return
		}
	}
}

var _ = findings.All
