package guard

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rungpolicy/rung/challenge"
)

// Schemes are what a client may authenticate by, as the challenges that one without a credential gets.
type Schemes []challenge.Challenge

// Check says what is wrong with schemes: there are none, or one whose name is no token.
func (s Schemes) Check() error {
	if len(s) == 0 {
		return errors.New("a guard needs a scheme to challenge by")
	}
	for _, c := range s {
		if c.String() == "" {
			return fmt.Errorf("`%s` is no scheme", c.Scheme)
		}
	}
	return nil
}

// Challenges are those that go with an answer of 401, each for a line of its own. The error stands in the scheme of the credential that came, or in the first; the others
// are bare (RFC 9449, section 7.2).
func (s Schemes) Challenges(a Answer, authorization string) []challenge.Challenge {
	out := slices.Clone(s)
	if len(out) == 0 {
		return nil
	}
	word, _, _ := strings.Cut(authorization, " ")
	used := max(0, slices.IndexFunc(out, func(c challenge.Challenge) bool { return c.Is(word) }))
	switch {
	case a.Challenge != nil:
		out[used] = a.Challenge.In(out[used])
	case a.Problem != nil && a.Problem.Error != "":
		out[used].Params = append(slices.Clone(out[used].Params), challenge.Param{Name: "error", Value: a.Problem.Error})
	}
	return out
}
