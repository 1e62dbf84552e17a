package codec

import (
	"slices"
	"unicode/utf8"

	"github.com/rungpolicy/rung/policy"
)

// kind is what a JSON value is.
type kind uint8

const (
	kindNull kind = iota
	kindFalse
	kindTrue
	kindNumber
	kindString
	kindList
	kindObject
)

// token is a value of the text, or the name of a member. An object's token is followed by the tokens of its members, name and
// value in turn; a list's by those of its elements.
type token struct {
	// start and end are the bytes of a number, or those between the quotes of a string. A list or object has its count of
	// entries for end.
	start, end uint32
	// next is the index of the token after the whole value. While a list or object is open, it is the one around it.
	next uint32
	kind kind
	// escaped says that the string has backslashes in it.
	escaped bool
}

// flaw is what can be wrong with a text that is JSON by its grammar.
type flaw uint8

const (
	flawNone       flaw = iota
	flawUTF8            // bytes that are not UTF-8, in a string
	flawSurrogate       // half of a surrogate pair, in a string
	flawLong            // a string beyond policy.MaxStringBytes
	flawNesting         // a list or object beyond policy.MaxNesting
	flawDuplicates      // an object with a name twice
)

// scanner takes a JSON text apart: the grammar of RFC 8259, and what docs/language.md forbids besides: sizes, and what I-JSON (RFC
// 7493) does of equal names and surrogates; noncharacters are let through. It does not recurse, and takes time in proportion to the
// text.
//
// Grammar comes before all else, because where the text is not JSON an error has no path: so the first flaw is only noted, and
// the scan goes on. Flaws come in the order in which their places end: a name that stands twice is seen when its object
// closes.
type scanner struct {
	text string
	tape []token
	// depth is how many lists and objects are open, top the token of the innermost.
	depth int
	top   uint32

	// wanted says what the grammar wanted at byte stop; "" if the text is JSON.
	wanted string
	stop   int

	flaw flaw
	// flawAt is the token of the innermost value that is readable: the string itself, but the object where one of its names
	// is at fault, as a name that stands twice points at neither of two values (RFC 6901, section 4); and of nested lists
	// and objects the last that is not too deep.
	flawAt int
	// flawSize is the length of the string that is too long; flawName the name that stands twice.
	flawSize int
	flawName string
}

// failed stands for the next place in the text where there is none: the grammar is broken.
const failed = -1

// scan reads the whole text. It reports whether that is JSON.
func (s *scanner) scan() bool {
	for i := s.space(0); ; {
		opened := false
		if i, opened = s.value(i); opened {
			continue
		}
		if i = s.after(i); i < 0 || s.depth == 0 {
			return i >= 0
		}
	}
}

// value reads the value that begins at i, or its beginning: if it is a list or object with something in it, then opened, and the
// next value is its first.
func (s *scanner) value(i int) (next int, opened bool) {
	switch s.at(i) {
	case '"':
		return s.string(i, len(s.tape)), false
	case '{':
		s.push(kindObject, i)
		if i = s.space(i + 1); s.at(i) == '}' {
			return s.pop(i), false
		}
		i = s.name(i)
		return i, i >= 0
	case '[':
		s.push(kindList, i)
		if i = s.space(i + 1); s.at(i) == ']' {
			return s.pop(i), false
		}
		return i, true
	case 't':
		return s.word(i, "true", kindTrue), false
	case 'f':
		return s.word(i, "false", kindFalse), false
	case 'n':
		return s.word(i, "null", kindNull), false
	default:
		return s.number(i), false
	}
}

// after reads on behind a value: closes what closes there, up to where the next value begins, or the text ends.
func (s *scanner) after(i int) int {
	for i >= 0 {
		i = s.space(i)
		if s.depth == 0 {
			if i < len(s.text) {
				return s.fail(i, "the end of the text")
			}
			return i
		}
		top := &s.tape[s.top]
		top.end++
		switch c := s.at(i); {
		case c == ',' && top.kind == kindObject:
			return s.name(s.space(i + 1))
		case c == ',':
			return s.space(i + 1)
		case c == '}' && top.kind == kindObject, c == ']' && top.kind == kindList:
			i = s.pop(i)
		case top.kind == kindObject:
			return s.fail(i, "a comma or the end of the object")
		default:
			return s.fail(i, "a comma or the end of the list")
		}
	}
	return failed
}

// name reads a member's name and colon, up to where its value begins.
func (s *scanner) name(i int) int {
	if s.at(i) != '"' {
		return s.fail(i, "a name in double quotes")
	}
	if i = s.string(i, int(s.top)); i < 0 {
		return failed
	}
	if i = s.space(i); s.at(i) != ':' {
		return s.fail(i, "a colon")
	}
	return s.space(i + 1)
}

func (s *scanner) push(k kind, i int) {
	if s.depth == policy.MaxNesting {
		s.note(flawNesting, int(s.top))
	}
	s.add(token{start: uint32(i), next: s.top, kind: k})
	s.top = uint32(len(s.tape) - 1)
	s.depth++
}

// pop closes the innermost list or object, whose end stands at i.
func (s *scanner) pop(i int) int {
	closed := s.top
	s.top = s.tape[closed].next
	s.depth--
	s.tape[closed].next = uint32(len(s.tape))
	if s.tape[closed].kind == kindObject && s.tape[closed].end > 1 {
		s.distinct(int(closed))
	}
	return i + 1
}

func (s *scanner) leaf(k kind, start, end int, escaped bool) {
	s.add(token{start: uint32(start), end: uint32(end), next: uint32(len(s.tape) + 1), kind: k, escaped: escaped})
}

// add appends to the tape. It doubles, for append alone would copy a text of brackets alone, or of digits, five times over.
func (s *scanner) add(t token) {
	if n := len(s.tape); n == cap(s.tape) {
		s.tape = slices.Grow(s.tape, max(n, 16))
	}
	s.tape = append(s.tape, t)
}

func (s *scanner) word(i int, w string, k kind) int {
	if len(s.text)-i < len(w) || s.text[i:i+len(w)] != w {
		return s.fail(i, "a value")
	}
	s.leaf(k, i, i+len(w), false)
	return i + len(w)
}

// number reads RFC 8259's `[ minus ] int [ frac ] [ exp ]`.
func (s *scanner) number(start int) int {
	i := start
	if s.at(i) == '-' {
		i++
	}
	switch c := s.at(i); {
	case c == '0':
		i++
	case isDigit(c):
		i = s.digits(i)
	case i == start:
		return s.fail(i, "a value")
	default:
		return s.fail(i, "a digit")
	}
	if s.at(i) == '.' {
		if i = s.digits(i + 1); i < 0 {
			return failed
		}
	}
	if c := s.at(i); c == 'e' || c == 'E' {
		i++
		if c = s.at(i); c == '+' || c == '-' {
			i++
		}
		if i = s.digits(i); i < 0 {
			return failed
		}
	}
	s.leaf(kindNumber, start, i, false)
	return i
}

// digits reads one digit or more.
func (s *scanner) digits(i int) int {
	if !isDigit(s.at(i)) {
		return s.fail(i, "a digit")
	}
	for isDigit(s.at(i)) {
		i++
	}
	return i
}

// string reads the string whose quote stands at i. Flaws in it are noted at the token owner.
func (s *scanner) string(i, owner int) int {
	text, start := s.text, i+1
	saved, escaped := 0, false // saved is by how many bytes the string is shorter than its text
	for i = start; i < len(text); {
		c := text[i]
		switch {
		case c == '"':
			if n := i - start - saved; n > policy.MaxStringBytes && s.flaw == flawNone {
				s.flawSize = n
				s.note(flawLong, owner)
			}
			s.leaf(kindString, start, i, escaped)
			return i + 1
		case c == '\\':
			escaped = true
			next, made := s.escape(i, owner)
			if next < 0 {
				return failed
			}
			saved += next - i - made
			i = next
		case c < ' ':
			return s.fail(i, "an escape for a control character")
		case c < utf8.RuneSelf:
			i++
		default:
			r, n := utf8.DecodeRuneInString(text[i:])
			if r == utf8.RuneError && n == 1 {
				s.note(flawUTF8, owner)
			}
			i += n
		}
	}
	return s.fail(i, "the end of the string")
}

// escape reads the escape at i, both halves of a surrogate pair at once. It returns where the text goes on, and the number of
// bytes that the escape stands for.
func (s *scanner) escape(i, owner int) (next, made int) {
	switch s.at(i + 1) {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2, 1
	case 'u':
	default:
		return s.fail(i, "an escape that JSON has"), 0
	}
	r := hex4(s.text, i+2)
	switch {
	case r < 0:
		return s.fail(i, "four hexadecimal digits in the escape"), 0
	case !isSurrogate(r):
		return i + 6, utf8.RuneLen(r)
	case isHigh(r) && s.at(i+6) == '\\' && s.at(i+7) == 'u' && isLow(hex4(s.text, i+8)):
		return i + 12, utf8.UTFMax
	}
	s.note(flawSurrogate, owner)
	return i + 6, 0
}

// space returns the first place from i on that is not white space.
func (s *scanner) space(i int) int {
	for i < len(s.text) {
		switch s.text[i] {
		case ' ', '\n', '\r', '\t':
			i++
		default:
			return i
		}
	}
	return i
}

// at is the byte at i, or NUL, which stands nowhere in the grammar, behind the end.
func (s *scanner) at(i int) byte {
	if i < len(s.text) {
		return s.text[i]
	}
	return 0
}

func (s *scanner) fail(i int, wanted string) int {
	s.stop, s.wanted = i, wanted
	return failed
}

func (s *scanner) note(f flaw, at int) {
	if s.flaw == flawNone {
		s.flaw, s.flawAt = f, at
	}
}

// fewNames is how many names are compared each with each; more are sorted.
const fewNames = 16

// distinct notes a name that the object has twice, after unescaping.
func (s *scanner) distinct(object int) {
	if s.tape[object].end <= fewNames {
		s.distinctFew(object)
		return
	}
	names := make([]string, 0, s.tape[object].end)
	for i := object + 1; i < len(s.tape); i = int(s.tape[i+1].next) {
		names = append(names, s.unquoted(i))
	}
	slices.Sort(names)
	for i := 1; i < len(names); i++ {
		if names[i-1] == names[i] {
			s.duplicate(object, names[i])
			return
		}
	}
}

func (s *scanner) distinctFew(object int) {
	// Most names differ from those before them in length or ends, which are a bit here; the others are compared.
	var seen uint64
	for i := object + 1; i < len(s.tape); i = int(s.tape[i+1].next) {
		name := s.unquoted(i)
		bit := uint64(1)
		if n := len(name); n > 0 {
			bit <<= (n*9 + int(name[0])*5 + int(name[n-1])) % 64
		}
		if seen&bit != 0 && s.before(object, i, name) {
			s.duplicate(object, name)
			return
		}
		seen |= bit
	}
}

// before reports whether the object has the name before the token i.
func (s *scanner) before(object, i int, name string) bool {
	for k := object + 1; k < i; k = int(s.tape[k+1].next) {
		if s.unquoted(k) == name {
			return true
		}
	}
	return false
}

func (s *scanner) duplicate(object int, name string) {
	if s.flaw == flawNone {
		s.flawName = name
		s.note(flawDuplicates, object)
	}
}

// unquoted is the string of a token, escapes resolved.
func (s *scanner) unquoted(i int) string {
	t := &s.tape[i]
	if !t.escaped {
		return s.text[t.start:t.end]
	}
	return unescape(s.text[t.start:t.end])
}

// unescape resolves the escapes of a string that the scanner has read. Half a surrogate pair, which it has noted, and nobody
// is shown, comes out as U+FFFD.
func unescape(s string) string {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		if s[i] != '\\' {
			b = append(b, s[i])
			i++
			continue
		}
		c := s[i+1]
		i += 2
		switch c {
		case 'b':
			b = append(b, '\b')
		case 'f':
			b = append(b, '\f')
		case 'n':
			b = append(b, '\n')
		case 'r':
			b = append(b, '\r')
		case 't':
			b = append(b, '\t')
		case 'u':
			r := hex4(s, i)
			i += 4
			if isHigh(r) && i+6 <= len(s) && s[i] == '\\' && s[i+1] == 'u' {
				if low := hex4(s, i+2); isLow(low) {
					r = 0x10000 + (r-0xD800)<<10 + (low - 0xDC00)
					i += 6
				}
			}
			b = utf8.AppendRune(b, r)
		default: // a quote, a backslash or a slash stand for themselves
			b = append(b, c)
		}
	}
	return string(b)
}

// hex4 is the value of the four hexadecimal digits at i, or -1.
func hex4(s string, i int) rune {
	if i+4 > len(s) {
		return -1
	}
	var r rune
	for _, c := range []byte(s[i : i+4]) {
		switch {
		case isDigit(c):
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return -1
		}
		r = r<<4 | rune(c)
	}
	return r
}

func isDigit(c byte) bool     { return '0' <= c && c <= '9' }
func isSurrogate(r rune) bool { return 0xD800 <= r && r <= 0xDFFF }
func isHigh(r rune) bool      { return 0xD800 <= r && r <= 0xDBFF }
func isLow(r rune) bool       { return 0xDC00 <= r && r <= 0xDFFF }
