package challenge

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// What Parse takes at most: a server that sends more has other plans.
const (
	maxBytes      = 16 << 10 // of all lines
	maxChallenges = 32
	maxParams     = 32 // of a challenge
)

// ParseError says why lines are no challenges.
type ParseError struct {
	// Line and Offset are where: both count from 0, Offset in bytes.
	Line, Offset int
	Reason       string
}

// Error implements error.
func (e *ParseError) Error() string {
	return "WWW-Authenticate, line " + strconv.Itoa(e.Line) + ", byte " + strconv.Itoa(e.Offset) + ": " + e.Reason
}

// Parse reads the lines of a WWW-Authenticate field, each with one or several challenges, as RFC 9110 has them: lines are one list, empty elements are skipped.
// It is strict: what is not by the grammar, a parameter that is there twice, and more than 16 KiB, 32 challenges or 32 parameters are a [*ParseError], and
// nothing is returned of the rest.
func Parse(lines ...string) ([]Challenge, error) {
	p := parser{}
	size := 0
	for i, line := range lines {
		p.line, p.text, p.at = i, line, 0
		if size += len(line); size > maxBytes {
			return nil, p.fail("more than 16 KiB")
		}
		if err := p.list(); err != nil {
			return nil, err
		}
	}
	return p.found, nil
}

type parser struct {
	line  int
	text  string
	at    int
	found []Challenge
	// takes says that the last challenge may have more parameters.
	takes bool
}

func (p *parser) fail(reason string) *ParseError {
	return &ParseError{Line: p.line, Offset: p.at, Reason: reason}
}

// list reads a line: #element, whose commas separate challenges and parameters alike.
func (p *parser) list() error {
	for {
		p.skip(" \t,")
		if p.end() {
			return nil
		}
		if err := p.element(); err != nil {
			return err
		}
		p.skip(" \t")
		if !p.end() && p.text[p.at] != ',' {
			return p.fail("expected a comma")
		}
	}
}

func (p *parser) end() bool { return p.at == len(p.text) }

func (p *parser) skip(set string) {
	for !p.end() && strings.IndexByte(set, p.text[p.at]) >= 0 {
		p.at++
	}
}

// run takes one or more of these bytes.
func (p *parser) run(is func(byte) bool) string {
	from := p.at
	for !p.end() && is(p.text[p.at]) {
		p.at++
	}
	return p.text[from:p.at]
}

// element reads a parameter of the challenge under way, or the beginning of another one: a name with an equals sign behind it is a parameter's.
func (p *parser) element() error {
	from := p.at
	name := p.run(isToken)
	if name == "" {
		return p.fail("expected a name")
	}
	after := p.at
	p.skip(" \t")
	if !p.end() && p.text[p.at] == '=' {
		p.at = from
		if !p.takes {
			return p.fail("a parameter without a scheme")
		}
		return p.param()
	}
	p.at = after
	return p.scheme(name)
}

func (p *parser) scheme(name string) error {
	if len(p.found) == maxChallenges {
		return p.fail("more than 32 challenges")
	}
	p.found = append(p.found, Challenge{Scheme: name})
	before := p.at
	p.skip(" ")
	p.takes = p.at > before
	if !p.takes || p.end() || p.text[p.at] == ',' {
		return nil
	}
	if p.token68() {
		p.takes = false
		return nil
	}
	return p.param()
}

// token68 takes one, if all up to the end or a comma is one.
func (p *parser) token68() bool {
	from := p.at
	p.run(isToken68Byte)
	p.skip("=")
	to := p.at
	p.skip(" \t")
	if to == from || !p.end() && p.text[p.at] != ',' || !isToken68(p.text[from:to]) {
		p.at = from
		return false
	}
	p.at = to
	p.found[len(p.found)-1].Token68 = p.text[from:to]
	return true
}

// param reads `name = value`.
func (p *parser) param() error {
	last := &p.found[len(p.found)-1]
	name := p.run(isToken)
	if name == "" {
		return p.fail("expected a parameter")
	}
	if _, twice := last.Param(name); twice {
		return p.fail("a parameter is there twice")
	}
	if len(last.Params) == maxParams {
		return p.fail("more than 32 parameters")
	}
	p.skip(" \t")
	if p.end() || p.text[p.at] != '=' {
		return p.fail("expected an equals sign")
	}
	p.at++
	p.skip(" \t")
	value, err := p.value()
	if err != nil {
		return err
	}
	last.Params = append(last.Params, Param{name, value})
	return nil
}

func (p *parser) value() (string, error) {
	if !p.end() && p.text[p.at] == '"' {
		return p.quoted()
	}
	if v := p.run(isToken); v != "" {
		return v, nil
	}
	return "", p.fail("expected a value")
}

// quoted reads a quoted string. Bytes beyond ASCII, which the grammar lets in for old times' sake, are taken if they are UTF-8.
func (p *parser) quoted() (string, error) {
	var b strings.Builder
	for p.at++; !p.end(); p.at++ {
		c := p.text[p.at]
		if c == '"' {
			p.at++
			if !utf8.ValidString(b.String()) {
				return "", p.fail("text that is not UTF-8")
			}
			return b.String(), nil
		}
		if c == '\\' {
			if p.at++; p.end() {
				break
			}
			c = p.text[p.at]
		}
		if c != '\t' && c < ' ' || c == 0x7f {
			return "", p.fail("a control character")
		}
		b.WriteByte(c)
	}
	return "", p.fail("a quoted string without an end")
}
