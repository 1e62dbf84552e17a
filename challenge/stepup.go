package challenge

import (
	"errors"
	"slices"
	"strconv"
	"strings"
)

// Insufficient is the error of a challenge that asks for another authentication (RFC 9470, section 3).
const Insufficient = "insufficient_user_authentication"

// maxACRValues bounds what acr_values takes of a header: proxies refuse large ones. What comes first is cheapest, so what is left out are the dearest ways.
const maxACRValues = 4 << 10

// maxMessage bounds what a message takes of a header; the body has it whole.
const maxMessage = 200

// StepUp is what a client has to do: to authenticate its user anew, so strongly and at most so long ago. The zero value asks for nothing in
// particular. A nil one is no challenge, and all its methods say so.
type StepUp struct {
	// ACRValues are in the order of preference; any one of them does.
	ACRValues []string
	// MaxAge is how many seconds ago the user may have authenticated at most; it counts only if HasMaxAge. 0 is: now.
	MaxAge    int64
	HasMaxAge bool
	// Methods are the RFC 8176 methods: one of each group. A header has no word for them, so they stand in the body alone.
	Methods [][]string
	// Reasons are for people; they may be in any language.
	Reasons []string
	// Description is the challenge's error_description. "" stands for the first of Reasons that fits into a header, and else for a sentence.
	Description string
	// Realm, Scope and ResourceMetadata (RFC 9728) are left out where they are "".
	Realm, Scope, ResourceMetadata string
}

// Bearer is the challenge for who came with a bearer token, or with a session of another kind.
func (s *StepUp) Bearer() Challenge { return s.challenge(Bearer) }

// DPoP is the challenge for who came with a token bound to a key; algs are the JWS algorithms that the server takes proofs of.
func (s *StepUp) DPoP(algs ...string) Challenge { return s.challenge(DPoP, Algs(algs...)...) }

// Algs is the parameter that says which algorithms of DPoP proofs a server takes (RFC 9449, section 7.1); none if there are none.
func Algs(algs ...string) []Param {
	if fit := words(algs, maxACRValues); fit != "" {
		return []Param{{"algs", fit}}
	}
	return nil
}

func (s *StepUp) challenge(scheme string, more ...Param) Challenge {
	if s == nil {
		return Challenge{}
	}
	c := Challenge{Scheme: scheme}
	c.add("realm", s.Realm)
	c.add("error", Insufficient)
	c.add("error_description", s.description())
	c.add("acr_values", words(s.ACRValues, maxACRValues))
	if s.HasMaxAge {
		c.add("max_age", strconv.FormatInt(max(0, s.MaxAge), 10))
	}
	c.add("scope", words(strings.Fields(s.Scope), maxACRValues))
	c.add("resource_metadata", s.ResourceMetadata)
	c.Params = append(c.Params, more...)
	return c
}

func (c *Challenge) add(name, value string) {
	if value != "" && isFieldText(value) {
		c.Params = append(c.Params, Param{name, value})
	}
}

// description is a text that error_description can hold.
func (s *StepUp) description() string {
	for _, text := range append([]string{s.Description}, s.Reasons...) {
		if isDescription(text) {
			return text
		}
	}
	if s.HasMaxAge && len(s.ACRValues) == 0 {
		return "More recent authentication is required"
	}
	return "A different authentication level is required"
}

// isDescription reports whether a text may be an error_description: RFC 6750, section 3, leaves out quotes and backslashes, escaped too.
func isDescription(s string) bool {
	return strings.TrimSpace(s) != "" && len(s) <= maxMessage && !strings.ContainsFunc(s, func(r rune) bool {
		return r < ' ' || r > '~' || r == '"' || r == '\\'
	})
}

// words joins those that fit with spaces, up to a size.
func words(list []string, limit int) string {
	var b strings.Builder
	for _, w := range list {
		if !all(w, isWord) {
			continue
		}
		if b.Len()+len(w)+1 > limit {
			break
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(w)
	}
	return b.String()
}

// isWord is RFC 6749's NQCHAR: %x21 / %x23-5B / %x5D-7E.
func isWord(c byte) bool { return '!' <= c && c <= '~' && c != '"' && c != '\\' }

// StepUp reads a challenge of RFC 9470: nil if it is another one, whatever its scheme. What it asks for is then in ACRValues and MaxAge; where it has neither,
// any new authentication may do. The error says that it is one, and not well-formed.
func (c Challenge) StepUp() (*StepUp, error) {
	if code, _ := c.Param("error"); code != Insufficient {
		return nil, nil
	}
	s := &StepUp{}
	s.Description, _ = c.Param("error_description")
	s.Realm, _ = c.Param("realm")
	s.Scope, _ = c.Param("scope")
	s.ResourceMetadata, _ = c.Param("resource_metadata")
	if acr, ok := c.Param("acr_values"); ok {
		s.ACRValues = strings.Split(acr, " ")
		for _, a := range s.ACRValues {
			if !all(a, isWord) {
				return nil, errors.New("acr_values are words with one space between them")
			}
		}
	}
	if age, ok := c.Param("max_age"); ok {
		n, err := strconv.ParseUint(age, 10, 31)
		if err != nil {
			return nil, errors.New("max_age is a whole number of seconds")
		}
		s.MaxAge, s.HasMaxAge = int64(n), true
	}
	return s, nil
}

// Find returns the first challenge of RFC 9470; nil if there is none. The error is that of a malformed one before it.
func Find(challenges []Challenge) (*StepUp, error) {
	for _, c := range challenges {
		if s, err := c.StepUp(); s != nil || err != nil {
			return s, err
		}
	}
	return nil, nil
}

// Query are the parameters of the authorization request that answers the challenge (RFC 9470, section 4). What comes back is to be checked all the same: a user
// can change a query on its way, and the parameters are wishes to some servers.
func (s *StepUp) Query() map[string]string {
	q := map[string]string{}
	if s == nil {
		return q
	}
	if acr := words(s.ACRValues, maxACRValues); acr != "" {
		q["acr_values"] = acr
	}
	if s.HasMaxAge {
		q["max_age"] = strconv.FormatInt(max(0, s.MaxAge), 10)
	}
	return q
}

// In is the challenge in another scheme, or beside parameters of the host's own: those of c come first.
func (s *StepUp) In(c Challenge) Challenge {
	if s == nil {
		return c
	}
	out := s.challenge(c.Scheme)
	out.Params = append(slices.Clone(c.Params), slices.DeleteFunc(out.Params, func(p Param) bool {
		_, has := c.Param(p.Name)
		return has
	})...)
	return out
}
