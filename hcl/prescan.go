package hcl

import (
	"bytes"
	"unicode/utf8"

	hclv2 "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/policy"
)

// HCL's parser recurses without a limit, and a Go stack overflow cannot be recovered: 140 KB of `(` end the process, and far
// less costs seconds. So nothing reaches it before prescan has bounded all that it recurses on. prescan itself keeps a stack of its
// own, and HCL's scanner, whose tokens it counts, is a state machine: so the two cannot disagree on where text begins and ends.
//
// Of text the parser sees only that it is there: prescan blots out what is in it. The parser would take templates apart, which
// nest too, join the pieces of long text in quadratic time, and normalise what we want as it is written. Text is read from the author's
// bytes, by readText.

// maxOperators is how many operators a file may hold outside of text. Each is an error in a policy anyway; the bound is here because
// chains of them nest without brackets (`!!!!a`, `a?b:a?b:c`), and
// names of namespaces (`a::b`) are joined in quadratic time.
const maxOperators = 64

var byteOrderMark = []byte("\xef\xbb\xbf")

// prescan returns what the parser may see of a file, and where it begins; or why it may not see it.
func prescan(src *diag.Source) (text []byte, start hclv2.Pos, why *diag.Diagnostic) {
	if len(src.Bytes) > policy.MaxFileBytes {
		return nil, start, fault(src.Span(0, 0), codeLimit, "the file is larger than 1 MiB", "split it: a policy is all the `*.rung.hcl` files of its folder; data goes into list files")
	}
	if i := bytes.IndexByte(src.Bytes, 0); i >= 0 {
		return nil, start, fault(src.Span(i, i+1), codeSyntax, "the file holds a NUL byte", "policy files are text in UTF-8")
	}
	if i := invalidUTF8(src.Bytes); i >= 0 {
		return nil, start, fault(src.Span(i, i+1), codeSyntax, "the file is not UTF-8", "save it in UTF-8: text is compared with what callers send byte by byte")
	}
	if i := openComment(src.Bytes); i >= 0 {
		return nil, start, fault(src.Span(i, i+2), codeSyntax, "the comment is not closed", "`*/` closes it")
	}
	text = bytes.TrimPrefix(src.Bytes, byteOrderMark)
	if n := len(byteOrderMark); bytes.HasPrefix(text, byteOrderMark) {
		return nil, start, fault(src.Span(n, 2*n), codeSyntax, "the file begins with two byte order marks", "one is taken; save it without")
	}
	start = hclv2.Pos{Line: 1, Column: 1, Byte: len(src.Bytes) - len(text)}
	tokens, _ := hclsyntax.LexConfig(text, src.Name, start) // its diagnostics come again from the parser
	if why = boundNesting(src, tokens); why != nil {
		return nil, start, why
	}
	text = bytes.Clone(text)
	if tokens, why = blotText(src, tokens, text, start.Byte); why == nil {
		why = boundOperators(src, tokens)
	}
	return text, start, why
}

// blotText replaces what is in quotes and heredocs by dots, byte for byte: no marker of a heredoc is of dots. It returns the tokens
// that are left.
func blotText(src *diag.Source, tokens hclsyntax.Tokens, text []byte, offset int) (hclsyntax.Tokens, *diag.Diagnostic) {
	outside := make(hclsyntax.Tokens, 0, len(tokens))
	depth, open := 0, 0 // how deep we are in text and the templates in it, and where the outermost text begins
	for i, t := range tokens {
		switch t.Type {
		case hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc:
			if depth++; depth == 1 {
				open = i
				outside = append(outside, t)
			}
			continue
		case hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
			depth++
			continue
		case hclsyntax.TokenCQuote, hclsyntax.TokenCHeredoc:
			if depth--; depth == 0 {
				blot(text[tokens[open].Range.End.Byte-offset:t.Range.Start.Byte-offset], t.Type == hclsyntax.TokenCHeredoc)
			}
		case hclsyntax.TokenTemplateSeqEnd:
			if depth > 0 {
				depth--
				continue
			}
		case hclsyntax.TokenQuotedNewline:
			if depth == 1 {
				return nil, fault(tokenSpan(src, tokens[open]), codeSyntax, "the text is not closed on its line", "`\"` closes it; text of several lines is a heredoc, `<<-EOT`")
			}
		}
		if depth == 0 {
			outside = append(outside, t)
		}
	}
	if depth > 0 {
		return nil, fault(tokenSpan(src, tokens[open]), codeSyntax, "the text is not closed", "`\"` closes text in quotes; a heredoc ends with its marker on a line of its own")
	}
	return outside, nil
}

func blot(text []byte, heredoc bool) {
	if heredoc && len(text) > 0 {
		text = text[:len(text)-1] // the newline before the closing marker stays
	}
	for i := range text {
		text[i] = '.'
	}
}

func invalidUTF8(b []byte) int {
	if utf8.Valid(b) {
		return -1
	}
	for i := 0; i < len(b); {
		r, size := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

// boundNesting bounds how deep brackets, and templates in text, stand in each other. A closing bracket of the wrong kind closes nothing: so
// the count is never less than the depth to which the parser goes.
func boundNesting(src *diag.Source, tokens hclsyntax.Tokens) *diag.Diagnostic {
	var open []hclsyntax.TokenType
	for _, t := range tokens {
		switch t.Type {
		case hclsyntax.TokenOParen, hclsyntax.TokenOBrack, hclsyntax.TokenOBrace,
			hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
			if len(open) == policy.MaxNesting {
				return fault(tokenSpan(src, t), codeLimit, "brackets are nested deeper than 64", "")
			}
			open = append(open, t.Type)
		case hclsyntax.TokenCParen, hclsyntax.TokenCBrack, hclsyntax.TokenCBrace, hclsyntax.TokenTemplateSeqEnd:
			if last := len(open) - 1; last >= 0 && closes(t.Type, open[last]) {
				open = open[:last]
			}
		}
	}
	return nil
}

// boundOperators bounds what makes the parser recurse without brackets. The tokens are those outside of text.
func boundOperators(src *diag.Source, tokens hclsyntax.Tokens) *diag.Diagnostic {
	operators := 0
	for i, t := range tokens {
		if t.Type == hclsyntax.TokenInvalid {
			return fault(tokenSpan(src, t), codeSyntax, "this character has no meaning here", "text stands in quotes")
		}
		if !isOperator(tokens, i) {
			continue
		}
		if operators++; operators > maxOperators {
			return fault(tokenSpan(src, t), codeLimit, "the file holds more than 64 operators outside of text",
				"values are literals; a condition is written as text: `when = \"…\"`")
		}
	}
	return nil
}

func closes(end, begin hclsyntax.TokenType) bool {
	switch begin {
	case hclsyntax.TokenOParen:
		return end == hclsyntax.TokenCParen
	case hclsyntax.TokenOBrack:
		return end == hclsyntax.TokenCBrack
	case hclsyntax.TokenOBrace:
		return end == hclsyntax.TokenCBrace
	default: // `${` and `%{`
		return end == hclsyntax.TokenTemplateSeqEnd
	}
}

// isOperator reports whether the parser may recurse, or loop over a growing tree, on a token. The sign of a number is none.
func isOperator(tokens hclsyntax.Tokens, i int) bool {
	switch tokens[i].Type {
	case hclsyntax.TokenMinus:
		return i+1 >= len(tokens) || tokens[i+1].Type != hclsyntax.TokenNumberLit
	case hclsyntax.TokenBang, hclsyntax.TokenStar, hclsyntax.TokenSlash, hclsyntax.TokenPercent, hclsyntax.TokenPlus,
		hclsyntax.TokenAnd, hclsyntax.TokenOr, hclsyntax.TokenQuestion, hclsyntax.TokenEqualOp, hclsyntax.TokenNotEqual,
		hclsyntax.TokenLessThan, hclsyntax.TokenLessThanEq, hclsyntax.TokenGreaterThan, hclsyntax.TokenGreaterThanEq,
		hclsyntax.TokenDoubleColon:
		return true
	}
	return false
}

func tokenSpan(src *diag.Source, t hclsyntax.Token) diag.Span {
	return src.Span(t.Range.Start.Byte, t.Range.End.Byte)
}

// openComment returns the offset of a `/*` that is never closed, or -1. HCL's scanner looks for the end of each of them up to the
// end of the file and, not finding it, goes on behind the slash: quadratic, were such a file let through.
func openComment(b []byte) int {
	s := commentScanner{b: b}
	for s.i < len(b) {
		switch {
		case len(s.modes) > 0 && s.modes[len(s.modes)-1] == inQuoted:
			s.quoted()
		case len(s.modes) > 0 && s.modes[len(s.modes)-1] == inHeredoc:
			s.heredoc()
		default:
			if at := s.main(); at >= 0 {
				return at
			}
		}
	}
	return -1
}

type scanMode uint8

const (
	inQuoted scanMode = iota
	inHeredoc
	inTemplate // code again, within `${` or `%{`
	inBraces   // within braces within that
)

// commentScanner follows HCL's scanner in as much as it needs to know text from code.
type commentScanner struct {
	b       []byte
	i       int
	modes   []scanMode
	markers [][]byte // of the heredocs that are open
}

func (s *commentScanner) push(m scanMode) { s.modes = append(s.modes, m) }
func (s *commentScanner) pop()            { s.modes = s.modes[:len(s.modes)-1] }

func (s *commentScanner) at(text string) bool { return bytes.HasPrefix(s.b[s.i:], []byte(text)) }

// line moves to the end of the line.
func (s *commentScanner) line() {
	if n := bytes.IndexByte(s.b[s.i:], '\n'); n >= 0 {
		s.i += n + 1
	} else {
		s.i = len(s.b)
	}
}

func (s *commentScanner) main() int {
	switch {
	case s.at("#"), s.at("//"):
		s.line()
	case s.at("/*"):
		n := bytes.Index(s.b[s.i+2:], []byte("*/"))
		if n < 0 {
			return s.i
		}
		s.i += n + 4
	case s.at(`"`):
		s.push(inQuoted)
		s.i++
	case s.at("<<"):
		s.openHeredoc()
	case s.at("{"):
		if len(s.modes) > 0 {
			s.push(inBraces)
		}
		s.i++
	case s.at("}"):
		if len(s.modes) > 0 {
			s.pop()
		}
		s.i++
	default:
		s.i++
	}
	return -1
}

// maxMarker is how far the end of a heredoc's marker is looked for.
const maxMarker = 1024

func (s *commentScanner) openHeredoc() {
	s.i += 2
	name := s.i
	if s.at("-") {
		name++
	}
	rest := s.b[name:min(name+maxMarker, len(s.b))]
	end := bytes.IndexByte(rest, '\n')
	if end < 0 {
		return
	}
	marker := bytes.TrimSuffix(rest[:end], []byte("\r"))
	if !hclsyntax.ValidIdentifier(string(marker)) {
		return
	}
	s.i = name + end + 1
	s.push(inHeredoc)
	s.markers = append(s.markers, marker)
	s.closeHeredoc()
}

// closeHeredoc leaves the heredoc if the line that begins here is its closing marker.
func (s *commentScanner) closeHeredoc() {
	end := bytes.IndexByte(s.b[s.i:], '\n')
	if end < 0 {
		return
	}
	last := len(s.markers) - 1
	if bytes.Equal(bytes.TrimSpace(s.b[s.i:s.i+end]), s.markers[last]) {
		s.markers = s.markers[:last]
		s.pop()
		s.i += end
	}
}

// template takes what begins with `$` or `%` in text.
func (s *commentScanner) template() {
	c := s.b[s.i]
	rest := s.b[s.i+1:]
	switch {
	case len(rest) >= 2 && rest[0] == c && rest[1] == '{':
		s.i += 3
	case len(rest) >= 1 && rest[0] == '{':
		s.push(inTemplate)
		s.i += 2
	default:
		s.i++
	}
}

func (s *commentScanner) quoted() {
	switch s.b[s.i] {
	case '"':
		s.pop()
		s.i++
	case '\\':
		s.i = min(s.i+2, len(s.b))
	case '$', '%':
		s.template()
	default:
		s.i++
	}
}

func (s *commentScanner) heredoc() {
	switch s.b[s.i] {
	case '\n':
		s.i++
		s.closeHeredoc()
	case '$', '%':
		s.template()
	default:
		s.i++
	}
}
