package canon

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/rungpolicy/rung/internal/gen"
)

// Sprinkle puts comments into a policy file, each a note with a number of its own: on lines of their own, at the end of lines, before what begins
// a line, and between the tokens of conditions.
func Sprinkle(s *gen.Source, text string) string {
	p := &sprinkler{Source: s}
	for line := range strings.Lines(text) {
		p.line(strings.TrimSuffix(line, "\n"))
	}
	return p.out.String()
}

type sprinkler struct {
	*gen.Source
	out    strings.Builder
	n      int
	marker string // of the heredoc that is open
	cel    bool   // which holds a condition
}

var (
	heredoc   = regexp.MustCompile(`<<-?(\w+)\s*$`)
	condition = regexp.MustCompile(`^\s*(when|unless|by|far|risky)\s*=\s*"(.*)"$`)
	ofCEL     = regexp.MustCompile(`^\s*(when|unless|by)\s*=`)
)

func (p *sprinkler) note() string {
	p.n++
	return fmt.Sprintf("note-%d", p.n)
}

func (p *sprinkler) line(line string) {
	if p.marker != "" {
		p.heredocLine(line)
		return
	}
	for p.Chance(8) {
		fmt.Fprintf(&p.out, "%s%s %s\n", gen.Pick(p.Source, "", "  ", "\n"), gen.Pick(p.Source, "#", "//", "# #"), p.note())
	}
	if p.Chance(20) {
		p.out.WriteString("/* " + p.note() + gen.Pick(p.Source, "", "\n") + " */")
	}
	if m := condition.FindStringSubmatchIndex(line); m != nil {
		line = line[:m[4]] + p.condition(line[m[4]:m[5]]) + line[m[5]:]
	}
	p.out.WriteString(line)
	if m := heredoc.FindStringSubmatch(line); m != nil {
		p.marker, p.cel = m[1], ofCEL.MatchString(line)
	} else if p.Chance(8) {
		p.out.WriteString(gen.Pick(p.Source, " # ", "//") + p.note())
	}
	p.out.WriteString("\n")
}

func (p *sprinkler) heredocLine(line string) {
	p.out.WriteString(line)
	if strings.TrimSpace(line) == p.marker {
		p.marker = ""
	} else if p.cel && !strings.Contains(line, "'''") && !strings.Contains(line, `"""`) && p.Chance(3) {
		p.out.WriteString(" // " + p.note())
	}
	p.out.WriteString("\n")
}

// condition puts comments into a condition in quotes: at spaces that are not within its strings.
func (p *sprinkler) condition(text string) string {
	if strings.Contains(text, "//") || strings.Contains(text, "'''") || strings.Contains(text, `\"`) || strings.Contains(text, `\\`) || !p.Chance(3) {
		return text
	}
	var b strings.Builder
	quoted := false
	for _, c := range text {
		if c == '\'' {
			quoted = !quoted
		}
		if c == ' ' && !quoted && p.Chance(4) {
			b.WriteString(gen.Pick(p.Source, " // ", `\n// `, `\n\n\n  //`) + p.note() + `\n`)
		}
		b.WriteRune(c)
	}
	return b.String()
}
