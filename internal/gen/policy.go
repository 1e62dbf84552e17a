package gen

import (
	"fmt"
	"strings"
	"testing/fstest"
)

// Policy is a policy as its blocks, which may be written in any order and into any number of files.
type Policy struct {
	// Blocks are all blocks but the policy block, one text each.
	Blocks []string
	// Lists are the list files, by name.
	Lists map[string]string
}

// Options say what a policy may hold.
type Options struct {
	// Monotone leaves out all by which less information can make a decision milder: has, optionals, `in` on the keys of a map, what is
	// inside `any`, session.level, on_error = "skip".
	Monotone bool
	// SteadyPosture leaves out conditions that read `posture`, and overlays.
	SteadyPosture bool
}

// The names that generated policies and requests share. They are the keys of the requests' JSON too.
var (
	postures = []string{"normal", "elevated", "critical"}
	levels   = []string{"pwd", "mfa", "key"}
	words    = []string{"alice", "bob", "FR", "DE", "KP", "pro", "étoile", ""}
)

const header = `policy "gen" {
  language = 1
  version  = "1"
}
`

var declarations = []string{
	`level "pwd" {
  rank = 1
  acr  = ["acr:pwd"]
  amr  = [["pwd"]]
}`,
	`level "mfa" {
  rank = 2
  acr  = ["acr:mfa"]
  amr  = [["pwd", "otp"], ["sms", "pwd"]]
}`,
	`level "key" {
  rank = 5
  acr  = ["acr:key", "acr:key2"]
  amr  = [["hwk", "user"], ["hwk", "pin"]]
}`,
	`signal "score" {
  type = double
  lazy = true
}`,
	`signal "risk" {
  type = object({
    points = int
    why    = list(string)
    seen   = map(int)
  })
  lazy = true
}`,
	`signal "cart" {
  type = object({
    total = double
    count = int
    items = list(object({
      price = double
      tag   = string
    }))
    note  = optional(string)
    extra = any
  })
}`,
	`list "bad" { values = ["KP", "IR", "alice"] }`,
	`list "nets" {
  type = cidr
  file = "nets.txt"
}`,
	`let {
  far   = "network.country != subject.country"
  risky = "far || score < 0.5"
}`,
}

// NewPolicy draws a policy of one to maxRules rules over one or two actions.
func NewPolicy(s *Source, o Options, maxRules int) *Policy {
	p := &Policy{Lists: map[string]string{"nets.txt": "# addresses\n10.0.0.0/8\n2001:db8::/32\n192.0.2.7\n"}}
	p.Blocks = append(p.Blocks, declarations...)
	limit := `param "limit" {
  type     = double
  default  = 100.0
  stricter = "lower"
}`
	elevated := "posture \"elevated\" { rank = 1 }"
	if !o.SteadyPosture && s.Chance(2) {
		elevated = "posture \"elevated\" {\n  rank   = 1\n  params = { limit = 10.0 }\n}"
	}
	p.Blocks = append(p.Blocks, limit, elevated, `posture "critical" { rank = 4 }`)

	g := &conditions{Source: s, Options: o}
	var pay, read []string
	for i := range 1 + s.N(maxRules) {
		switch name := fmt.Sprintf("r%d", i); s.N(4) {
		case 0:
			p.Blocks = append(p.Blocks, g.rule(name, Pick(s, `["*"]`, `["pay.*"]`, `["pay.send", "read"]`)))
		case 1:
			read = append(read, g.rule(name, ""))
		default:
			pay = append(pay, g.rule(name, ""))
		}
	}
	p.Blocks = append(p.Blocks, action(s, "pay.send", pay), action(s, "read", read))
	return p
}

func action(s *Source, name string, rules []string) string {
	Shuffle(s, rules)
	return fmt.Sprintf("action %q {\n  level = %q\n  resource = object({\n    amount = double\n    owner  = string\n    flag   = bool\n  })\n%s\n}",
		name, Pick(s, append([]string{"none"}, levels...)...), strings.Join(rules, "\n"))
}

// rule draws a rule block; actions is what a rule at top level says of them, "" inside of an action.
func (g *conditions) rule(name, actions string) string {
	deny := g.Chance(9)
	var b strings.Builder
	kind := "step_up"
	if deny {
		kind = "deny"
	}
	line := func(format string, a ...any) { fmt.Fprintf(&b, "  "+format+"\n", a...) }
	fmt.Fprintf(&b, "%s %q {\n", kind, name)
	if actions != "" {
		line("actions = %s", actions)
	}
	if !g.Chance(8) {
		g.resource = true // both actions declare the same resource
		line("when = %s", quote(g.boolean(3)))
	}
	if g.Chance(3) {
		line("unless = %s", quote(g.boolean(2)))
	}
	if !deny {
		g.requirement(line)
	}
	if g.Chance(4) {
		line("posture = %q", postures[1+g.N(2)])
	}
	if g.Chance(5) {
		line("mode = %q", Pick(g.Source, "shadow", "off", "enforce"))
	}
	if !deny && !g.Monotone && g.Chance(6) {
		line(`on_error = "skip"`)
	}
	if g.Chance(5) {
		line("rollout {\n    percent = %s\n    by = %q\n  }", Pick(g.Source, "0", "10", "50", "99.99", "100"), Pick(g.Source, "subject.id", "resource.owner"))
	}
	b.WriteString("}")
	return b.String()
}

func (g *conditions) requirement(line func(string, ...any)) {
	line("level = %q", Pick(g.Source, levels...))
	if g.Chance(2) {
		line("max_age = %q", Pick(g.Source, "30s", "5m", "1h", "10h"))
	}
	if g.Chance(4) {
		line("methods = %s", Pick(g.Source, `["otp"]`, `["otp", "hwk"]`, `["user", "sms"]`, `["hwk"]`))
	}
}

// quote writes a condition as an HCL string.
func quote(cel string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(cel) + `"`
}

// Files writes the policy, its blocks in an order and over files of the source's choice.
func (p *Policy) Files(s *Source) fstest.MapFS {
	blocks := append([]string{header}, p.Blocks...)
	Shuffle(s, blocks)
	texts := make([]strings.Builder, 1+s.N(3))
	for _, b := range blocks {
		texts[s.N(len(texts))].WriteString(b + "\n\n")
	}
	fsys := fstest.MapFS{}
	for i := range texts {
		fsys[fmt.Sprintf("%c.rung.hcl", 'a'+i)] = &fstest.MapFile{Data: []byte(texts[i].String())}
	}
	for name, text := range p.Lists {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return fsys
}

// Reordered is the policy with the rules inside of its actions in another order; only whole blocks are moved, never a text changed.
func (p *Policy) Reordered(s *Source) *Policy {
	out := &Policy{Lists: p.Lists, Blocks: append([]string(nil), p.Blocks...)}
	for i, b := range out.Blocks {
		if strings.HasPrefix(b, "action ") {
			out.Blocks[i] = reorderRules(s, b)
		}
	}
	return out
}

// reorderRules shuffles the rule blocks of an action, which begin a line with step_up or deny and end with a lone brace.
func reorderRules(s *Source, block string) string {
	lines := strings.Split(block, "\n")
	var rest, rules []string
	for i := 0; i < len(lines); i++ {
		if !strings.HasPrefix(lines[i], "step_up ") && !strings.HasPrefix(lines[i], "deny ") {
			rest = append(rest, lines[i])
			continue
		}
		end := i
		for lines[end] != "}" {
			end++
		}
		rules = append(rules, strings.Join(lines[i:end+1], "\n"))
		i = end
	}
	Shuffle(s, rules)
	last := len(rest) - 1
	return strings.Join(rest[:last], "\n") + "\n" + strings.Join(rules, "\n") + "\n" + rest[last]
}
