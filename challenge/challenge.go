// Package challenge writes and reads the challenges of a WWW-Authenticate field, by which a server says that a session is not strong or not
// fresh enough: RFC 9470, on top of RFC 6750 (Bearer) and RFC 9449 (DPoP).
//
// A server has one from its decision, and answers 401 with it:
//
//	if up := decision.Challenge(); up != nil {
//		w.Header().Add("WWW-Authenticate", up.Bearer().String())
//		w.WriteHeader(http.StatusUnauthorized)
//	}
//
// A client reads what it was answered, and sends its user to authenticate:
//
//	challenges, err := challenge.Parse(response.Header.Values("WWW-Authenticate")...)
//	if err != nil {
//		return err // not by the grammar: treat it as any other 401
//	}
//	if up, err := challenge.Find(challenges); err == nil && up != nil {
//		for name, value := range up.Query() { // acr_values, max_age
//			query.Set(name, value)
//		}
//	}
//
// The package imports nothing of the engines, so that a client does not link them.
package challenge

import "strings"

// The schemes that can say that an authentication does not do.
const (
	Bearer = "Bearer"
	DPoP   = "DPoP"
)

// Challenge is one challenge of a WWW-Authenticate field (RFC 9110, section 11.3). The zero value is none.
type Challenge struct {
	// Scheme is the name as it was written; its case does not count.
	Scheme string
	// Token68 stands in the place of parameters in some schemes, such as Negotiate; "" if there is none.
	Token68 string
	// Params are in the order written, without two of one name.
	Params []Param
}

// Param is a parameter of a challenge. The case of its name does not count.
type Param struct{ Name, Value string }

// Is reports whether a challenge is of a scheme.
func (c Challenge) Is(scheme string) bool { return strings.EqualFold(c.Scheme, scheme) }

// Param returns the value of a parameter, and whether it is there.
func (c Challenge) Param(name string) (string, bool) {
	for _, p := range c.Params {
		if strings.EqualFold(p.Name, name) {
			return p.Value, true
		}
	}
	return "", false
}

// String is the challenge as a field's value, for a line of its own. What a field cannot hold stays out: a parameter whose value has a control character or
// one beyond ASCII, or whose name is no token, is left out as a whole, never cut or replaced. It is "" if the scheme is no token.
func (c Challenge) String() string {
	if !all(c.Scheme, isToken) {
		return ""
	}
	var b strings.Builder
	b.WriteString(c.Scheme)
	if isToken68(c.Token68) {
		b.WriteByte(' ')
		b.WriteString(c.Token68)
		return b.String()
	}
	sep := " "
	for i, p := range c.Params {
		if !all(p.Name, isToken) || !isFieldText(p.Value) || c.before(i, p.Name) {
			continue
		}
		b.WriteString(sep)
		b.WriteString(p.Name)
		b.WriteString(`="`)
		b.WriteString(escaper.Replace(p.Value))
		b.WriteByte('"')
		sep = ", "
	}
	return b.String()
}

// before reports whether one of the first n parameters has this name: a second one would make the field invalid.
func (c Challenge) before(n int, name string) bool {
	_, found := Challenge{Params: c.Params[:n]}.Param(name)
	return found
}

// escaper escapes what ends or escapes a quoted string. Unescaped, a quote would cut the field short and swallow what comes after it.
var escaper = strings.NewReplacer(`"`, `\"`, `\`, `\\`)

// isFieldText reports whether a text may stand in a quoted string, escaped: %x20-7E and tab.
func isFieldText(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r != '\t' && (r < ' ' || r > '~') })
}

// all reports whether a text is of one or more of these bytes.
func all(s string, is func(byte) bool) bool {
	for i := range len(s) {
		if !is(s[i]) {
			return false
		}
	}
	return s != ""
}

func isAlnum(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// isToken reports whether a byte may stand in a token (RFC 9110, section 5.6.2).
func isToken(c byte) bool { return isAlnum(c) || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0 }

func isToken68Byte(c byte) bool { return isAlnum(c) || strings.IndexByte("-._~+/", c) >= 0 }

func isToken68(s string) bool { return all(strings.TrimRight(s, "="), isToken68Byte) }
