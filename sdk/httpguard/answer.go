package httpguard

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/rungpolicy/rung/challenge"
	"github.com/rungpolicy/rung/sdk/guard"
)

// MarkHeader comes with a challenge. A client that has authenticated on account of it sends it back, with the request that it repeats: if the same is still
// required, it is refused with 403 and its reason, and not sent round in circles. For scripts of other origins, Access-Control-Allow-Headers has to name it.
const MarkHeader = "Rung-Challenge"

// cookieName's prefix keeps other hosts of the domain, and plain HTTP, from setting it.
const cookieName = "__Host-rung-challenge"

// query is what there is to know of a request besides its decision.
func (g *Guard) query(r *http.Request) guard.Query {
	q := guard.Query{Credential: r.Header.Get("Authorization") != "", Mark: r.Header.Get(MarkHeader), Now: g.clock()}
	if c, err := r.Cookie(cookieName); err == nil && g.cookie {
		q.Carried = c.Value
	}
	return q
}

// answer writes what is not let through.
func (g *Guard) answer(w http.ResponseWriter, r *http.Request, a guard.Answer) {
	if a.Problem == nil {
		a = guard.Refuse(http.StatusInternalServerError, "", errors.New("an answer without a problem"))
	}
	if a.Err != nil {
		g.report(r, a.Err)
	}
	h := w.Header()
	if a.Problem.Status == http.StatusUnauthorized {
		for _, c := range g.schemes.Challenges(a, r.Header.Get("Authorization")) {
			h.Add("WWW-Authenticate", c.String())
		}
		// Scripts of other origins see no header that is not named here (RFC 9449, section 7.1).
		h.Add("Access-Control-Expose-Headers", "WWW-Authenticate, "+MarkHeader)
		g.mark(w, a.Mark)
	}
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", challenge.ProblemType)
	h.Set("X-Content-Type-Options", "nosniff")
	body, err := json.Marshal(a.Problem)
	if err != nil { // it is of texts and numbers
		g.report(r, err)
	}
	w.WriteHeader(a.Problem.Status)
	if _, err := w.Write(append(body, '\n')); err != nil {
		return // the client is gone
	}
}

// mark gives the client what it is to give back.
func (g *Guard) mark(w http.ResponseWriter, mark string) {
	if mark == "" {
		return
	}
	w.Header().Set(MarkHeader, mark)
	if g.cookie {
		http.SetCookie(w, &http.Cookie{
			Name: cookieName, Value: mark, Path: "/", MaxAge: 900, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		})
	}
}

// Body is a request's body, which can be read again afterwards: for a function that decides by what it holds. More than limit bytes, and a client that breaks off, are an
// error that wraps [guard.ErrUnreadable].
func Body(r *http.Request, limit int64) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	text, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", guard.ErrUnreadable, err)
	}
	if int64(len(text)) > limit {
		return nil, fmt.Errorf("%w: the body is too large", guard.ErrUnreadable)
	}
	if err := r.Body.Close(); err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(text))
	return text, nil
}
