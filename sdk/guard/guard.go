// Package guard is what the guards of all protocols have in common: what a decision is answered with, and the session signal from the claims of a
// token. Handlers of net/http take package httpguard, servers of gRPC the module grpcguard; this one is for who writes another guard.
//
//	a := guard.To(engine.Policy(), "transfer.create", decision, err, guard.Query{Credential: true})
//	if a.Pass {
//		// go on
//	}
//
// It fails closed: an answer passes for a decision that allows this action, and for nothing else.
package guard

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/rungpolicy/rung/challenge"
	"github.com/rungpolicy/rung/policy"
)

// ErrUnauthenticated says that the credential of who asks is not valid: wrap it where reading the evidence shows so. The answer is then a challenge and
// not a failure.
var ErrUnauthenticated = errors.New("not authenticated")

// ErrUnreadable says that what was sent cannot be read, such as a body that is no JSON: the answer is then 400, and what wraps it is for the host's log alone.
var ErrUnreadable = errors.New("not readable")

// The errors of problems, beside challenge.Insufficient.
const (
	// InvalidToken is RFC 6750's.
	InvalidToken = "invalid_token"
	// Unmet says that another challenge would not help: OpenID's unmet_authentication_requirements.
	Unmet = "unmet_authentication_requirements"
)

// Query is what a guard knows of a request besides its decision.
type Query struct {
	// Credential says that it came with one, valid or not. Who came with none is not told what an action requires (RFC 9470, section 9).
	Credential bool
	// Mark is what the client gave back of an earlier challenge, as a statement: it comes back from that. See [Mark].
	Mark string
	// Carried is a mark that comes with every request, as in a cookie: it counts only where the session has authenticated since.
	Carried string
	// Now is the moment; the zero value is time.Now.
	Now time.Time
}

// Answer is what to answer with. The zero value refuses.
type Answer struct {
	// Pass says that the action may go on.
	Pass bool
	// Challenge is what to challenge for, with status 401.
	Challenge *challenge.StepUp
	// Problem is the answer's status and body; nil if Pass.
	Problem *challenge.Problem
	// Mark is for the client to give back: "" without a Challenge.
	Mark string
	// Err is what went wrong, for the host's log; it holds what a client is not told.
	Err error
}

// To is the answer to a decision about an action, or to the error in its place. It passes if d allows the action, and err is nil.
func To(p *policy.Policy, action string, d *policy.Decision, err error, q Query) Answer {
	switch {
	case errors.Is(err, ErrUnauthenticated):
		return unauthenticated(q, err)
	case errors.Is(err, ErrUnreadable):
		return refuse(400, "The request cannot be read.", fmt.Errorf("deciding about %s: %w", action, err))
	case err != nil:
		return refuse(503, "The evidence is not available.", fmt.Errorf("deciding about %s: %w", action, err))
	case d == nil:
		return refuse(500, "", fmt.Errorf("deciding about %s: there is no decision", action))
	case d.Error != nil:
		return refused(action, d.Error)
	case d.Action != action:
		return refuse(500, "", fmt.Errorf("deciding about %s: the decision is about %q", action, d.Action))
	}
	switch d.Effect {
	case policy.Allow:
		return Answer{Pass: d.Allowed()}
	case policy.StepUp:
		return stepUp(p, d, q)
	case policy.Need:
		return refuse(503, "The evidence is not available.", fmt.Errorf("deciding about %s: nobody looked for %q", action, d.Need))
	case policy.Deny:
	}
	a := refuse(403, "", nil)
	a.Problem.Reasons = d.Messages()
	return a
}

var titles = map[int]string{400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 500: "Internal Server Error", 503: "Service Unavailable"}

func refuse(status int, detail string, err error) Answer {
	return Answer{Problem: &challenge.Problem{Title: titles[status], Status: status, Detail: detail}, Err: err}
}

// Refuse is an answer that refuses with one of the statuses 400, 401, 403, 500 and 503; other ones are 500.
func Refuse(status int, detail string, err error) Answer {
	if titles[status] == "" {
		status = 500
	}
	return refuse(status, detail, err)
}

func unauthenticated(q Query, err error) Answer {
	a := refuse(401, "", err)
	if q.Credential {
		a.Problem.Error = InvalidToken
	}
	return a
}

// refused answers a request that the engine did not take. The message may quote what was sent, so it stays here.
func refused(action string, e *policy.RequestError) Answer {
	err := fmt.Errorf("deciding about %s: %w", action, e)
	if e.Code == policy.InvalidRequest {
		return refuse(400, "The request holds what cannot be decided about.", err)
	}
	return refuse(500, "", err)
}

func stepUp(p *policy.Policy, d *policy.Decision, q Query) Answer {
	up := d.Challenge()
	switch {
	case up == nil:
		return refuse(500, "", errors.New("a step_up without a requirement"))
	case !q.Credential && d.Satisfied == nil:
		return unauthenticated(q, nil)
	case d.Requirement.Reachable == policy.No:
		return deadEnd(up, "None of the enrolled methods can meet what is required.")
	}
	up.ACRValues = narrowed(p, d.Requirement)
	now := q.Now
	if now.IsZero() {
		now = time.Now()
	}
	if meets(p, d, up) {
		return deadEnd(up, "The authentication has all that a challenge can ask for, and is not of the methods that are required.")
	}
	if returned(d, q, now) {
		return deadEnd(up, "The new authentication does not meet what was asked for either.")
	}
	return Answer{Challenge: up, Problem: up.Problem(), Mark: Mark(d.Requirement, now)}
}

// deadEnd refuses where a challenge would send the user round in circles.
func deadEnd(up *challenge.StepUp, detail string) Answer {
	a := refuse(403, detail, nil)
	full := up.Problem()
	a.Problem.Error, a.Problem.Reasons, a.Problem.Methods = Unmet, full.Reasons, full.Methods
	return a
}

// narrowed are the acr values to ask for. A challenge has no word for methods: where they are required, it asks for the levels that imply
// them, if there are such; else a server that answers with the cheapest would answer with the same again and again.
func narrowed(p *policy.Policy, r *policy.Requirement) []string {
	least := rank(p, r.Level)
	if len(r.Methods) == 0 || least == 0 {
		return r.ACRValues
	}
	var out []string
	for _, a := range r.ACRValues {
		if l := holder(p, a); l != nil && l.Rank >= least && implies(l, r.Methods) {
			out = append(out, a)
		}
	}
	if out == nil {
		return r.ACRValues
	}
	return out
}

// implies reports whether each amr set of a level holds a method of every group.
func implies(l *policy.Level, groups [][]string) bool {
	for _, set := range l.AMR {
		for _, group := range groups {
			if !slices.ContainsFunc(group, func(m string) bool { return slices.Contains(set, m) }) {
				return false
			}
		}
	}
	return len(l.AMR) > 0
}

// meets reports whether the session proves all that the challenge can say: then the same would come back.
func meets(p *policy.Policy, d *policy.Decision, up *challenge.StepUp) bool {
	has := d.Satisfied
	if has == nil || up.HasMaxAge && (!has.Age.Set || has.Age.N > up.MaxAge) {
		return false
	}
	if len(d.Requirement.Methods) > 0 && !told(p) {
		return false // a higher level may imply them
	}
	least := rank(p, d.Requirement.Level)
	for i, a := range up.ACRValues {
		if l := holder(p, a); l != nil && (i == 0 || l.Rank < least) {
			least = l.Rank
		}
	}
	return least > 0 && rank(p, has.Level) >= least
}

// told reports whether a policy says what proves its levels: what a module tells of its own does not.
func told(p *policy.Policy) bool {
	return p != nil && slices.ContainsFunc(p.Levels, func(l *policy.Level) bool { return len(l.ACR)+len(l.AMR) > 0 })
}

// rank is the rank of a level; 0 if there is none of that name.
func rank(p *policy.Policy, level string) int {
	if p != nil {
		if l := p.Level(level); l != nil {
			return l.Rank
		}
	}
	return 0
}

// holder is the level that an acr value proves; nil if there is none.
func holder(p *policy.Policy, acr string) *policy.Level {
	if p == nil {
		return nil
	}
	for _, l := range p.Levels {
		if slices.Contains(l.ACR, acr) {
			return l
		}
	}
	return nil
}
