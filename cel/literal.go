package cel

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/rungpolicy/rung/policy"
)

// parseLiteral returns the value of a literal's token, with a sign before it if negative.
func parseLiteral(t token, negative bool) (ref.Val, error) {
	switch t.kind {
	case tokTrue:
		return types.True, nil
	case tokFalse:
		return types.False, nil
	case tokNull:
		return types.NullValue, nil
	case tokInt:
		return parseInt(t.text, negative)
	case tokUint:
		return parseUint(t.text[:len(t.text)-1])
	case tokDouble:
		f, err := policy.ParseDouble(t.text)
		if err != nil {
			return nil, errors.New("`" + t.text + "` is beyond what a double holds")
		}
		if negative {
			f = -f
		}
		return types.Double(f), nil
	case tokBytes:
		s, err := unescape(t.text, true)
		return types.Bytes(s), err
	default:
		s, err := unescape(t.text, false)
		return types.String(s), err
	}
}

func parseInt(s string, negative bool) (ref.Val, error) {
	sign := ""
	if negative {
		sign = "-"
	}
	digits, base := numberBase(s)
	n, err := strconv.ParseInt(sign+digits, base, 64)
	if err != nil {
		return nil, errors.New("`" + sign + s + "` is beyond what an int holds (64 bits)")
	}
	return types.Int(n), nil
}

func parseUint(s string) (ref.Val, error) {
	digits, base := numberBase(s)
	n, err := strconv.ParseUint(digits, base, 64)
	if err != nil {
		return nil, errors.New("`" + s + "u` is beyond what a uint holds (64 bits)")
	}
	return types.Uint(n), nil
}

func numberBase(s string) (digits string, base int) {
	if hex, ok := strings.CutPrefix(s, "0x"); ok {
		return hex, 16
	}
	return s, 10
}

// unescape returns what a string or bytes literal means. Line ends inside one are \n, as in CEL's own.
func unescape(s string, isBytes bool) (string, error) {
	n := strings.IndexAny(s, `'"`)
	raw := strings.ContainsAny(s[:n], "rR")
	s = s[n:]
	quotes := 1
	if len(s) >= 6 && s[1] == s[0] && s[2] == s[0] {
		quotes = 3
	}
	s = s[quotes : len(s)-quotes]
	if strings.IndexByte(s, '\r') >= 0 {
		s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	}
	if raw || strings.IndexByte(s, '\\') < 0 {
		return s, nil
	}
	var b strings.Builder
	for len(s) > 0 {
		i := strings.IndexByte(s, '\\')
		if i < 0 {
			i = len(s)
		}
		b.WriteString(s[:i])
		if s = s[i:]; s == "" {
			break
		}
		rest, err := unescapeOne(&b, s, isBytes)
		if err != nil {
			return "", err
		}
		s = rest
	}
	return b.String(), nil
}

// unescapeOne writes what the escape at the start of s means and returns the rest.
func unescapeOne(b *strings.Builder, s string, isBytes bool) (string, error) {
	if len(s) < 2 {
		return "", errors.New("an escape is not complete")
	}
	if i := strings.IndexByte("abfnrtv\\'\"`?", s[1]); i >= 0 {
		b.WriteByte("\a\b\f\n\r\t\v\\'\"`?"[i])
		return s[2:], nil
	}
	digits, base := 0, 16
	start := 2
	switch s[1] {
	case 'x', 'X':
		digits = 2
	case 'u':
		digits = 4
	case 'U':
		digits = 8
	case '0', '1', '2', '3':
		digits, base, start = 3, 8, 1
	}
	if digits == 0 || isBytes && (digits == 4 || digits == 8) {
		return "", errors.New("`" + printable(s[:2]) + "` is not an escape of CEL; a backslash is written `\\\\`, or the whole string as `r'…'`")
	}
	if len(s) < start+digits {
		return "", errors.New("the escape `" + printable(s) + "` is not complete")
	}
	v, err := strconv.ParseUint(s[start:start+digits], base, 32)
	if err != nil {
		return "", errors.New("the escape `" + printable(s[:start+digits]) + "` is not well formed")
	}
	if isBytes {
		b.WriteByte(byte(v))
		return s[start+digits:], nil
	}
	if v > utf8.MaxRune || !utf8.ValidRune(rune(v)) {
		return "", errors.New("the escape `" + s[:start+digits] + "` is no character")
	}
	b.WriteRune(rune(v))
	return s[start+digits:], nil
}

// printable is s as a message may show it: without control characters, and not long.
func printable(s string) string {
	const most = 40
	if utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most]) + "…"
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}
