package cel

import "strings"

// tokenKind is the kind of a token of CEL.
type tokenKind uint8

const (
	tokEnd     tokenKind = iota
	tokInvalid           // no token of CEL; the token's problem says why
	tokIdent
	tokQuoted // `name`, in back quotes
	tokInt
	tokUint
	tokDouble
	tokString
	tokBytes
	tokTrue
	tokFalse
	tokNull
	tokIn
	tokPunct // an operator or bracket: its text says which
)

// token is a token of CEL: the bytes [start, end) of the text.
type token struct {
	kind       tokenKind
	start, end int
	text       string
	problem    string
}

// is reports whether t is this operator or bracket.
func (t *token) is(punct string) bool { return t.kind == tokPunct && t.text == punct }

// lexer cuts a text into tokens. It does not recurse, so that a text of any size can be looked at before a parser sees it.
type lexer struct {
	src string
	pos int
}

// next returns the next token; at the end, and after it, tokEnd.
func (l *lexer) next() token {
	l.skipSpace()
	start := l.pos
	if start >= len(l.src) {
		return token{kind: tokEnd, start: start, end: start}
	}
	c := l.src[start]
	switch {
	case isLetter(c):
		if n := stringPrefix(l.src[start:]); n > 0 {
			return l.quoted(n)
		}
		return l.word()
	case c == '"' || c == '\'':
		return l.quoted(0)
	case isDigit(c) || c == '.' && start+1 < len(l.src) && isDigit(l.src[start+1]):
		return l.number()
	case c == '`':
		return l.backQuoted()
	}
	return l.punct()
}

func (l *lexer) token(kind tokenKind, start int) token {
	return token{kind: kind, start: start, end: l.pos, text: l.src[start:l.pos]}
}

func (l *lexer) invalid(start int, problem string) token {
	t := l.token(tokInvalid, start)
	t.problem = problem
	return t
}

// skipSpace skips white space and comments.
func (l *lexer) skipSpace() {
	for l.pos < len(l.src) {
		switch c := l.src[l.pos]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f':
			l.pos++
		case c == '/' && strings.HasPrefix(l.src[l.pos:], "//"):
			n := strings.IndexByte(l.src[l.pos:], '\n')
			if n < 0 {
				l.pos = len(l.src)
				return
			}
			l.pos += n
		default:
			return
		}
	}
}

func (l *lexer) word() token {
	start := l.pos
	for l.pos < len(l.src) && (isLetter(l.src[l.pos]) || isDigit(l.src[l.pos])) {
		l.pos++
	}
	t := l.token(tokIdent, start)
	switch t.text {
	case "true":
		t.kind = tokTrue
	case "false":
		t.kind = tokFalse
	case "null":
		t.kind = tokNull
	case "in":
		t.kind = tokIn
	}
	return t
}

func (l *lexer) backQuoted() token {
	start := l.pos
	l.pos++
	for l.pos < len(l.src) {
		c := l.src[l.pos]
		l.pos++
		switch {
		case c == '`' && l.pos-start > 2:
			return l.token(tokQuoted, start)
		case !isLetter(c) && !isDigit(c) && !strings.ContainsRune(".-/ ", rune(c)):
			return l.invalid(start, "a name in back quotes has letters, digits and `_.-/ ` alone")
		}
	}
	return l.invalid(start, "a name in back quotes does not end")
}

// number reads an int, uint or double. Its sign, if any, is an operator.
func (l *lexer) number() token {
	start := l.pos
	kind := tokInt
	if strings.HasPrefix(l.src[start:], "0x") && start+2 < len(l.src) && isHex(l.src[start+2]) {
		l.pos += 2
		l.skip(isHex)
	} else {
		l.skip(isDigit)
		if l.at(0) == '.' && isDigit(l.at(1)) {
			kind = tokDouble
			l.pos++
			l.skip(isDigit)
		}
		if l.exponent() {
			kind = tokDouble
		}
	}
	if c := l.at(0); kind == tokInt && (c == 'u' || c == 'U') {
		kind = tokUint
		l.pos++
	}
	if isLetter(l.at(0)) || isDigit(l.at(0)) {
		l.skip(func(c byte) bool { return isLetter(c) || isDigit(c) })
		return l.invalid(start, "`"+l.src[start:l.pos]+"` is not a number")
	}
	return l.token(kind, start)
}

func (l *lexer) exponent() bool {
	if c := l.at(0); c != 'e' && c != 'E' {
		return false
	}
	n := 1
	if c := l.at(1); c == '+' || c == '-' {
		n = 2
	}
	if !isDigit(l.at(n)) {
		return false
	}
	l.pos += n
	l.skip(isDigit)
	return true
}

// at returns the byte n after the place, or 0.
func (l *lexer) at(n int) byte {
	if l.pos+n < len(l.src) {
		return l.src[l.pos+n]
	}
	return 0
}

func (l *lexer) skip(f func(byte) bool) {
	for l.pos < len(l.src) && f(l.src[l.pos]) {
		l.pos++
	}
}

// stringPrefix is the length of the letters before a string's quote, if a string or bytes literal begins here: r, b or br in any case.
func stringPrefix(s string) int {
	n := 0
	if s[n] == 'b' || s[n] == 'B' {
		n++
	}
	if n < len(s) && (s[n] == 'r' || s[n] == 'R') {
		n++
	}
	if n > 0 && n < len(s) && (s[n] == '"' || s[n] == '\'') {
		return n
	}
	return 0
}

// quoted reads a string or bytes literal with a prefix of n letters.
func (l *lexer) quoted(n int) token {
	start := l.pos
	prefix := l.src[start : start+n]
	kind := tokString
	if strings.ContainsAny(prefix, "bB") {
		kind = tokBytes
	}
	raw := strings.ContainsAny(prefix, "rR")
	quote := l.src[start+n : start+n+1]
	if triple := strings.Repeat(quote, 3); strings.HasPrefix(l.src[start+n:], triple) {
		quote = triple
	}
	l.pos += n + len(quote)
	for l.pos < len(l.src) {
		switch c := l.src[l.pos]; {
		case strings.HasPrefix(l.src[l.pos:], quote):
			l.pos += len(quote)
			return l.token(kind, start)
		case c == '\\' && !raw:
			l.pos = min(l.pos+2, len(l.src))
		case (c == '\n' || c == '\r') && len(quote) == 1:
			return l.invalid(start, "a string does not end on its line")
		default:
			l.pos++
		}
	}
	return l.invalid(start, "a string does not end")
}

func (l *lexer) punct() token {
	start := l.pos
	if start+2 <= len(l.src) {
		switch l.src[start : start+2] {
		case "==", "!=", "<=", ">=", "&&", "||":
			l.pos += 2
			return l.token(tokPunct, start)
		}
	}
	c := l.src[start]
	l.pos++
	if strings.IndexByte("()[]{}.,?:+-*/%!<>", c) >= 0 {
		return l.token(tokPunct, start)
	}
	switch c {
	case '=':
		return l.invalid(start, "`=` is not an operator; to compare, write `==`")
	case '&':
		return l.invalid(start, "`&` is not an operator; write `&&`")
	case '|':
		return l.invalid(start, "`|` is not an operator; write `||`")
	}
	for l.pos < len(l.src) && l.src[l.pos]&0xc0 == 0x80 {
		l.pos++ // the rest of a character beyond ASCII
	}
	if text := l.src[start:l.pos]; strings.Contains("“”„‘’‚«»", text) {
		return l.invalid(start, "`"+text+"` does not quote: texts stand in `'…'`")
	}
	return l.invalid(start, "`"+printable(l.src[start:l.pos])+"` has no meaning here")
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isHex(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}
