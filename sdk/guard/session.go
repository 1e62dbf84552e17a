package guard

import (
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/rungpolicy/rung/policy"
)

// Session is the session signal as far as a token says it: a field of that name in a struct that is bound, or the value of "session" in a map. What is
// zero is missing.
type Session struct {
	ID       string    `rung:"id,omitzero"`
	ACR      string    `rung:"acr,omitzero"`
	AMR      []string  `rung:"amr"`
	AuthTime time.Time `rung:"auth_time"`
}

// SessionOf reads the claims of a token (RFC 9470, section 6; OpenID Connect): acr, amr, auth_time and sid. The token is verified before, by a library for
// that. A claim that is missing or null is missing in the session, which then proves less; one of another type is an error that wraps [ErrUnauthenticated].
// auth_time never comes from iat: a token may be refreshed without anybody having authenticated.
func SessionOf(claims map[string]any) (Session, error) {
	var s Session
	for _, c := range []struct {
		name string
		read func(any) bool
	}{{"sid", text(&s.ID)}, {"acr", text(&s.ACR)}, {"amr", texts(&s.AMR)}, {"auth_time", moment(&s.AuthTime)}} {
		if v := claims[c.name]; v != nil && !c.read(v) {
			return Session{}, fmt.Errorf("%w: the claim %s is of another type", ErrUnauthenticated, c.name)
		}
	}
	return s, nil
}

func text(to *string) func(any) bool {
	return func(v any) (ok bool) {
		*to, ok = v.(string)
		return ok
	}
}

func texts(to *[]string) func(any) bool {
	return func(v any) (ok bool) {
		switch v := v.(type) {
		case []string:
			*to = v
			return true
		case []any:
			*to = make([]string, len(v))
			for i, e := range v {
				if (*to)[i], ok = e.(string); !ok {
					return false
				}
			}
			return true
		}
		return false
	}
}

// moment reads a NumericDate (RFC 7519): seconds, maybe with a fraction, which is cut: an authentication seems older by it, never younger.
func moment(to *time.Time) func(any) bool {
	return func(v any) bool {
		seconds, ok := number(v)
		if t, is := v.(time.Time); is {
			*to = t
			return true
		}
		if !ok || !(policy.FirstSecond < seconds && seconds <= policy.LastSecond) { // so that NaN is out, and what counts in milliseconds
			return false
		}
		*to = time.Unix(int64(math.Floor(seconds)), 0).UTC()
		return true
	}
}

func number(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case int64:
		return float64(v), true
	case int:
		return float64(v), true
	case json.Number:
		f, err := v.Float64()
		return f, err == nil
	}
	return 0, false
}
