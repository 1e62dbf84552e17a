package gen

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Values at the edges of their types, as JSON has them, and some in between.
var (
	ints = []string{
		"0", "0", "1", "1", "2", "3", "5", "7", "10", "-1", "-2", "60", "100", "3600", "-100", "9007199254740991", "9007199254740992", "9007199254740993", "-9007199254740993",
		"9223372036854775807", "-9223372036854775808", "9223372036854775806", "4294967295", "4294967296", "2147483648", "-2147483649", "253402300799", "253402300800", "-62135596800",
		"-62135596801", "1772150400", "128", "65536", "3037000500",
	}
	uints   = []string{"0", "0", "1", "1", "2", "3", "7", "10", "18446744073709551615", "9223372036854775807", "9223372036854775808", "9007199254740993", "4294967296", "18446744073709549568"}
	doubles = []string{
		"0", "-0.0", "1", "-1", "0.5", "0.1", "2", "100", "99.5", "1e9", "9007199254740991", "9007199254740992", "9007199254740993", "-9007199254740993", "1.7976931348623157e308",
		"-1.7976931348623157e308", "5e-324", "2.2250738585072014e-308", "9.223372036854775807e18", "-9.223372036854775808e18", "1.8446744073709551615e19", "9.223372036854774784e18", "1e21", "1e-7", "123456.789", "1e100", "0.30000000000000004",
	}
	texts = []string{
		"", "", "a", "b", "alice", "bob", "FR", "DE", "étoile", "e\u0301toile", "\u0301", "É", "😀", "a😀b", "👨‍👩‍👧", "\U0010ffff", "\uffff", "\uf8ff", "𝒳", "ſ", "K", "ß", "İ", "Ω",
		"\u0000", "a\u0000b", "\n", "a\nb", "'", "\"", "\\", " a ", "0", "1", "-1", "+1", "007", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "18446744073709551615",
		"1.5", "1e400", "-0", "NaN", "Infinity", "-inf", "0x10", "1_000", "1e-400", ".5", "5.", "true", "false", "TRUE", "t", "True", "1h", "1h30m", "-1.5s", "1d", "90s", "106751d", "2562047h47m16.854775807s",
		"9223372036.854775808s", "2024-02-29T12:00:00Z", "2023-02-29T00:00:00Z", "2026-03-29T01:30:00+02:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "0000-12-31T23:59:59Z",
		"2026-01-01T00:00:60Z", "2026-01-01T00:00:00.123456789Z", "2026-01-01t00:00:00z", "2026-01-01T00:00:00-00:00", "10.0.0.1", "::1", "2001:db8::1", "::ffff:10.0.0.1", "10.0.0.0/8", "2001:db8::/32",
		"10.0.0.1/8", "fe80::1%eth0", "010.0.0.1", "1.2.3", "abcdefghijklmnopqrstuvwxyz0123456789", "k1", "pwd", "otp", "a.b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab",
	}
	moments = []string{
		"1970-01-01T00:00:00Z", "1969-12-31T23:59:59.999999999Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "2024-02-29T12:00:00Z", "2000-02-29T23:59:59Z", "1900-02-28T23:59:59Z",
		"2026-03-29T00:59:59.999999999Z", "2026-03-29T01:00:00Z", "2026-10-25T00:59:59Z", "2026-10-25T01:00:00Z", "2026-03-08T06:59:59Z", "2026-03-08T07:00:00Z", "2026-11-01T05:59:59Z", "2026-11-01T06:00:00Z",
		"2011-12-30T10:00:00Z", "2011-12-30T09:59:59Z", "2026-04-04T15:00:00Z", "2026-10-03T15:30:00Z", "2038-01-19T03:14:08Z", "2026-12-31T23:30:00Z", "2026-01-01T00:00:00Z", "1883-11-18T17:00:00Z", "2099-07-01T12:34:56.789Z",
		"2026-11-20T12:00:00Z", "2026-11-20T11:55:00Z", "2026-11-20T11:59:30Z", "2026-11-20T12:00:59.5Z", "2026-11-20T12:01:00.000000001Z", "2026-11-20T11:00:00Z", "2026-11-19T12:00:00Z", "1752-09-14T00:00:00Z",
	}
	spans = []string{
		"0s", "1s", "-1s", "60s", "90s", "3600s", "86400s", "-86400s", "0.000000001s", "-0.000000001s", "1.5s", "0.999999999s", "9223372036.854775807s", "-9223372036.854775808s", "2592000s", "300s", "30s",
		"9223372036.854775806s", "0.001s", "7199.999s",
	}
	addresses = []string{"10.1.2.3", "10.0.0.0", "192.0.2.7", "192.0.2.8", "8.8.8.8", "0.0.0.0", "255.255.255.255", "2001:db8::1", "2001:db8::", "2001:db9::", "::", "::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::ffff:10.0.0.1", "fe80::1", "11.0.0.0", "9.255.255.255"}
	networks  = []string{"10.0.0.0/8", "192.0.2.7/32", "0.0.0.0/0", "::/0", "2001:db8::/32", "192.0.2.0/24", "10.128.0.0/9", "2001:db8::1/128", "255.255.255.254/31", "fe80::/10", "128.0.0.0/1"}
	keys      = []string{"a", "b", "k1", "", "é", "e\u0301", "😀", "alice", "z"}
	octetses  = []string{"", "a", "\x00", "\xff", "\xc3", "é", "\xed\xa0\x80", "\xf4\x90\x80\x80", "😀", "abc", "\xc0\x80"}
)

// quoted writes a text as CEL does.
func quoted(s string) string {
	var b strings.Builder
	b.WriteByte('\'')
	for _, r := range s {
		switch {
		case r == '\'' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('\'')
	return b.String()
}

func quotedBytes(s string) string {
	var b strings.Builder
	b.WriteString("b'")
	for i := range len(s) {
		fmt.Fprintf(&b, `\x%02x`, s[i])
	}
	return b.String() + "'"
}

// literal draws a constant.
func (g *drawer) literal(t *Type, depth int) *Expr {
	call := func(name string, values []string) *Expr {
		return leaf(t, name+"("+quoted(Pick(g.Source, values...))+")")
	}
	switch t.Kind {
	case "bool":
		return leaf(t, Pick(g.Source, "true", "false"))
	case "int":
		return leaf(t, Pick(g.Source, ints...))
	case "uint":
		return leaf(t, Pick(g.Source, uints...)+"u")
	case "double":
		return leaf(t, g.doubleLiteral())
	case "string":
		return leaf(t, quoted(Pick(g.Source, texts...)))
	case "bytes":
		return leaf(t, quotedBytes(Pick(g.Source, octetses...)))
	case "timestamp":
		return call("timestamp", moments)
	case "duration":
		return call("duration", spans)
	case "ip":
		return call("ip", addresses)
	case "cidr":
		return call("cidr", networks)
	case "any":
		return g.anyLiteral(depth)
	}
	return g.composite(t, depth)
}

func (g *drawer) doubleLiteral() string {
	if g.Chance(6) {
		return Pick(g.Source, "(0.0 / 0.0)", "(1.0 / 0.0)", "(-1.0 / 0.0)", "double('NaN')", "-0.0")
	}
	s := Pick(g.Source, doubles...)
	if !strings.ContainsAny(s, ".e") {
		s += ".0"
	}
	return s
}

func (g *drawer) composite(t *Type, depth int) *Expr {
	switch t.Kind {
	case "list":
		if depth <= 0 || g.Chance(4) {
			return leaf(t, "[]")
		}
		return g.listOf(t, depth)
	case "map":
		if depth <= 0 || g.Chance(4) {
			return leaf(t, "{}")
		}
		k, v := g.literal(t.Key, 0), g.leafOr(t.Elem, depth-1)
		if t.Key == text {
			k = leaf(text, quoted(Pick(g.Source, keys...)))
		}
		return node(t, "{"+hole+": "+hole+"}", k, v)
	case "optional":
		if g.Chance(3) {
			return leaf(t, "optional.none()")
		}
		return node(t, "optional.of("+hole+")", g.leafOr(t.Elem, depth))
	}
	// Of an object nothing can be written: it is read out of a list that a request has not, which errs.
	if x := g.read(t); x != nil {
		return x
	}
	return leaf(t, "nothing")
}

// leafOr is a literal, or what is read where there is no literal.
func (g *drawer) leafOr(t *Type, depth int) *Expr {
	if g.Chance(2) {
		if x := g.read(t); x != nil {
			return x
		}
	}
	return g.literal(t, depth)
}

func (g *drawer) listOf(t *Type, depth int) *Expr {
	var args []*Expr
	n := 1 + g.N(3)
	for range n {
		args = append(args, g.leafOr(t.Elem, depth-1))
	}
	return node(t, "["+strings.Repeat(hole+", ", n-1)+hole+"]", args...)
}

// Value draws a value of a type as JSON; within objects some attributes are missing, or null.
func (s *Source) value(t *Type) any {
	switch t.Kind {
	case "bool":
		return s.Chance(2)
	case "int":
		return wholeNumber(Pick(s, ints...))
	case "uint":
		return wholeNumber(Pick(s, uints...))
	case "double":
		return json.Number(Pick(s, doubles...))
	case "string":
		return Pick(s, texts...)
	case "bytes":
		return base64.StdEncoding.EncodeToString([]byte(Pick(s, octetses...)))
	case "timestamp":
		return Pick(s, moments...)
	case "duration":
		return Pick(s, spans...)
	case "ip":
		if s.Chance(2) {
			return s.near().String()
		}
		return Pick(s, addresses...)
	case "cidr":
		return Pick(s, networks...)
	case "any":
		return s.jsonValue(3)
	case "list":
		out := []any{}
		for range s.N(min(t.Max, 4) + 1) {
			out = append(out, s.value(t.Elem))
		}
		return out
	case "map":
		out := Object{}
		for range s.N(min(t.Max, 4) + 1) {
			out[Pick(s, keys...)] = s.value(t.Elem)
		}
		return out
	}
	out := Object{}
	for _, a := range t.Attrs {
		s.put(out, a.Name, a.Type)
	}
	return out
}

// put sets a member, or leaves it out, or makes it null.
func (s *Source) put(o Object, name string, t *Type) {
	switch s.N(24) {
	case 0:
	case 1:
		o[name] = nil
	default:
		o[name] = s.value(t)
	}
}

// wholeNumber is text where a number would not hold it.
func wholeNumber(digits string) any {
	if n, err := strconv.ParseInt(digits, 10, 64); err != nil || n > 1<<53 || n < -1<<53 {
		return digits
	}
	return json.Number(digits)
}
