package abi

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// text is the JSON of a section, being written or read. Either way goes through the same functions, member by member, so that what is read is what
// would have been written and no other text is taken: members in the order of their names, no spaces, numbers whole and shortest, escapes
// where JSON wants them, members left out that say nothing. Errors stick: the first counts, and nothing happens after it.
type text struct {
	b       []byte
	at      int // where reading goes on
	reading bool
	// next says that something stands before, in the same list or object, so that a comma comes first.
	next bool
	err  error
}

func (t *text) fail(wanted string) {
	if t.err == nil {
		t.err = fmt.Errorf("byte %d: expected %s", t.at, wanted)
	}
}

// token writes s, or reads it.
func (t *text) token(s string) {
	if t.err != nil {
		return
	}
	if !t.reading {
		t.b = append(t.b, s...)
		return
	}
	if !t.ahead(s) {
		t.fail("`" + s + "`")
		return
	}
	t.at += len(s)
}

// ahead reports whether s is what is read next.
func (t *text) ahead(s string) bool {
	return t.err == nil && len(t.b)-t.at >= len(s) && string(t.b[t.at:t.at+len(s)]) == s
}

func (t *text) open(bracket string) {
	t.token(bracket)
	t.next = false
}

func (t *text) close(bracket string) {
	t.token(bracket)
	t.next = true
}

// comma comes before an element or a member.
func (t *text) comma() {
	if t.next {
		t.token(",")
	}
	t.next = true
}

// member begins a member.
func (t *text) member(name string) {
	t.comma()
	t.token(`"` + name + `":`)
}

// optional begins a member that is written where some says so, and read if it is there. It reports whether it has begun.
func (t *text) optional(name string, some bool) bool {
	if t.reading {
		comma := ""
		if t.next {
			comma = ","
		}
		some = t.ahead(comma + `"` + name + `":`)
	}
	if some {
		t.member(name)
	}
	return some && t.err == nil
}

func (t *text) int(v *int64) {
	switch {
	case t.err != nil:
	case !t.reading:
		t.b = strconv.AppendInt(t.b, *v, 10)
	default:
		end := t.at
		for end < len(t.b) && (t.b[end] == '-' || '0' <= t.b[end] && t.b[end] <= '9') {
			end++
		}
		digits := string(t.b[t.at:end])
		n, err := strconv.ParseInt(digits, 10, 64)
		if err != nil || strconv.FormatInt(n, 10) != digits {
			t.fail("a whole number")
			return
		}
		*v, t.at = n, end
	}
}

// number is int for a count, a place or the like: 0 to 2^31-1.
func (t *text) number(v *int) {
	n := int64(*v)
	t.int(&n)
	if n < 0 || n > 1<<31-1 {
		t.fail("a number from 0 to 2147483647")
		return
	}
	*v = int(n)
}

// flag is a member that is `true` or not there.
func (t *text) flag(name string, v *bool) {
	if t.optional(name, *v) {
		t.token("true")
		*v = true
	}
}

const hex = "0123456789abcdef"

// escapes are the short ones, by the byte they stand for.
var escapes = map[byte]byte{'"': '"', '\\': '\\', '\b': 'b', '\f': 'f', '\n': 'n', '\r': 'r', '\t': 't'}

func (t *text) string(v *string) {
	switch {
	case t.err != nil:
	case t.reading:
		*v = t.quoted()
	case !utf8.ValidString(*v):
		t.err = errors.New("a text is not UTF-8")
	default:
		t.b = append(t.b, '"')
		for i := range len(*v) {
			t.b = appendEscaped(t.b, (*v)[i])
		}
		t.b = append(t.b, '"')
	}
}

func appendEscaped(b []byte, c byte) []byte {
	if c >= ' ' && c != '"' && c != '\\' {
		return append(b, c)
	}
	if short, ok := escapes[c]; ok {
		return append(b, '\\', short)
	}
	return append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xF])
}

// quoted reads a string.
func (t *text) quoted() string {
	t.token(`"`)
	start := t.at
	for t.err == nil {
		switch {
		case t.at == len(t.b) || t.b[t.at] < ' ':
			t.fail("the end of a string")
		case t.b[t.at] == '"':
			raw := t.b[start:t.at]
			t.at++
			return t.unescaped(raw)
		case t.b[t.at] == '\\':
			t.at = min(t.at+2, len(t.b))
		default:
			t.at++
		}
	}
	return ""
}

// unescaped resolves the escapes of a string, if they are those that would be written.
func (t *text) unescaped(raw []byte) string {
	out := make([]byte, 0, len(raw))
	if !bytes.Contains(raw, []byte{'\\'}) {
		out = raw
		raw = nil
	}
	for i := 0; i < len(raw); {
		c, n := raw[i], 1
		if c == '\\' {
			c, n = escaped(raw[i:])
		}
		if n == 0 {
			t.fail("a string with the escapes that are needed alone")
			return ""
		}
		out = append(out, c)
		i += n
	}
	if !utf8.Valid(out) {
		t.fail("a string that is UTF-8")
		return ""
	}
	return string(out)
}

// escaped is the byte that an escape stands for, and the escape's length; 0 if it is none.
func escaped(raw []byte) (c byte, n int) {
	for c, short := range escapes {
		if len(raw) > 1 && raw[1] == short {
			return c, 2
		}
	}
	for c := range byte(' ') {
		if _, short := escapes[c]; !short && len(raw) >= 6 && string(raw[:6]) == string(appendEscaped(nil, c)) {
			return c, 6
		}
	}
	return 0, 0
}

// list is a member that is a list, left out if it is empty.
func list[T any](t *text, name string, s *[]T, item func(*text, *T)) {
	if t.optional(name, len(*s) > 0) {
		elements(t, s, item)
		if len(*s) == 0 {
			t.fail("an element")
		}
	}
}

// elements is a list.
func elements[T any](t *text, s *[]T, item func(*text, *T)) {
	t.open("[")
	if t.reading {
		for t.err == nil && !t.ahead("]") {
			t.comma()
			var v T
			item(t, &v)
			*s = append(*s, v)
		}
	} else {
		for i := range *s {
			t.comma()
			item(t, &(*s)[i])
		}
	}
	t.close("]")
}

func texts(t *text, name string, s *[]string) { list(t, name, s, (*text).string) }

// named is a member that is a string, left out if it is empty.
func (t *text) named(name string, v *string) {
	if t.optional(name, *v != "") {
		t.string(v)
		if *v == "" {
			t.fail("a string with something in it")
		}
	}
}

func (t *text) must(name string, v *string) {
	t.member(name)
	t.string(v)
}
