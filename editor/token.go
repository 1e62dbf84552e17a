package editor

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// tokenKind is the kind of a token of HCL, as far as policies use it.
type tokenKind uint8

const (
	tokEnd tokenKind = iota
	tokNewline
	tokComment
	tokName
	tokNumber
	tokText // in quotes
	tokHeredoc
	tokPunct // one character
)

// token is a token: the bytes [start, end). Of text, closed says that its end is there.
type token struct {
	kind   tokenKind
	start  int
	end    int
	closed bool
}

// lexer cuts any text into tokens. Text in quotes ends on its line at the latest, so that what is being typed swallows no more than that.
type lexer struct {
	src []byte
	pos int
}

func tokens(src []byte) []token {
	l := lexer{src: src}
	if bytes.HasPrefix(src, []byte("\xef\xbb\xbf")) {
		l.pos = 3
	}
	var all []token
	for {
		t := l.next()
		all = append(all, t)
		if t.kind == tokEnd {
			return all
		}
	}
}

func (l *lexer) at(i int) byte {
	if i < len(l.src) {
		return l.src[i]
	}
	return 0
}

func (l *lexer) next() token {
	for l.pos < len(l.src) && (l.src[l.pos] == ' ' || l.src[l.pos] == '\t' || l.src[l.pos] == '\r') {
		l.pos++
	}
	start := l.pos
	if start == len(l.src) {
		return token{kind: tokEnd, start: start, end: start}
	}
	c := l.src[start]
	kind, closed := tokPunct, true
	switch {
	case c == '\n':
		l.pos++
		kind = tokNewline
	case c == '#', c == '/' && l.at(start+1) == '/':
		l.line()
		kind = tokComment
	case c == '/' && l.at(start+1) == '*':
		kind, closed = tokComment, l.comment()
	case c == '"':
		kind, closed = tokText, l.quoted()
	case c == '<' && l.at(start+1) == '<' && l.heredocMarker() != nil:
		kind, closed = tokHeredoc, l.heredoc()
	case '0' <= c && c <= '9':
		l.number()
		kind = tokNumber
	default:
		r, size := utf8.DecodeRune(l.src[start:])
		l.pos += size
		if unicode.IsLetter(r) || r == '_' {
			l.name()
			kind = tokName
		}
	}
	return token{kind, start, l.pos, closed}
}

func (l *lexer) line() {
	if n := bytes.IndexByte(l.src[l.pos:], '\n'); n >= 0 {
		l.pos += n
		return
	}
	l.pos = len(l.src)
}

func (l *lexer) comment() bool {
	if n := bytes.Index(l.src[l.pos+2:], []byte("*/")); n >= 0 {
		l.pos += n + 4
		return true
	}
	l.pos = len(l.src)
	return false
}

func (l *lexer) name() {
	for l.pos < len(l.src) {
		r, size := utf8.DecodeRune(l.src[l.pos:])
		if r != '_' && r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return
		}
		l.pos += size
	}
}

func (l *lexer) number() {
	for l.pos < len(l.src) {
		c := l.src[l.pos]
		exponent := (c == '+' || c == '-') && (l.src[l.pos-1] == 'e' || l.src[l.pos-1] == 'E')
		if c != '.' && c != 'e' && c != 'E' && !exponent && (c < '0' || '9' < c) {
			return
		}
		l.pos++
	}
}

// quoted reads text in quotes, up to the closing one or the end of the line.
func (l *lexer) quoted() bool {
	for l.pos++; l.pos < len(l.src); l.pos++ {
		switch l.src[l.pos] {
		case '"':
			l.pos++
			return true
		case '\\':
			if l.at(l.pos+1) != '\n' && l.at(l.pos+1) != 0 {
				l.pos++
			}
		case '\n':
			if l.src[l.pos-1] == '\r' {
				l.pos--
			}
			return false
		}
	}
	return false
}

// heredocMarker is the word behind `<<` or `<<-`, nil if there is none.
func (l *lexer) heredocMarker() []byte {
	rest := bytes.TrimPrefix(l.src[l.pos+2:], []byte("-"))
	n := 0
	for n < len(rest) && (rest[n] == '_' || rest[n] == '-' || rest[n] >= utf8.RuneSelf || '0' <= rest[n] && rest[n] <= '9' || 'a' <= rest[n]|0x20 && rest[n]|0x20 <= 'z') {
		n++
	}
	if n == 0 || n < len(rest) && rest[n] != '\n' && rest[n] != '\r' {
		return nil
	}
	return rest[:n]
}

// heredoc reads up to the line of the marker, without its end.
func (l *lexer) heredoc() bool {
	marker := l.heredocMarker()
	for l.line(); l.pos < len(l.src); l.line() {
		l.pos++ // the newline
		end := len(l.src)
		if n := bytes.IndexByte(l.src[l.pos:], '\n'); n >= 0 {
			end = l.pos + n
		}
		line := l.src[l.pos:end]
		if bytes.Equal(bytes.TrimSpace(line), marker) {
			l.pos += len(bytes.TrimRight(line, " \t\r"))
			return true
		}
	}
	return false
}
