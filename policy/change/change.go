// Package change says what would change a decision: the single attributes of a request that, had they another value, would have it come out as wanted.
//
// It reads candidates off the conditions of the rules that reach the action. A comparison yields the value at its boundary, solved for each attribute in it
// (solve.go); a membership the element that is missing or one too many; a bool its opposite; has() that something is there, or not (seek.go says how a
// condition as a whole is to come out, and what follows for its parts). Each candidate is put into a copy of the request, which is decided (place.go): what is
// returned has been tried. Nothing is guessed beyond that: two attributes that would have to change together are not found, and evidence that a step_up asks
// for is in its requirement.
//
// Like deciding it is pure. How many candidates are tried is bounded, by what a decision on the action may cost.
package change

import (
	"cmp"
	"slices"

	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/plan"
)

// Engine evaluates conditions, and parts of them.
type Engine interface {
	plan.Engine
	// Value is the value of an expression in which no variable of a macro is free; false if it has none: it errs, or is pending.
	Value(e expr.Expr, in *plan.Input) (policy.Value, bool)
}

// The bounds of a search: most candidates; and what all decisions together may cost in the worst case, in cel-go's cost units, though a few are always tried.
const (
	mostCandidates = 1000
	mostCost       = 1_000_000_000
	fewTries       = 16
)

// Find returns the changes with which the decision on a request would be `to`, at most one for each attribute, the one nearest to what it has: first those
// of signals, by name, then of now, of the posture, and of params. There are none if it is `to` already, if the request is refused, and where either effect
// is [policy.Need].
func Find(pl *plan.Plan, e Engine, r *policy.Request, to policy.Effect) []policy.Change {
	if to > policy.StepUp {
		return nil
	}
	d := pl.Decide(e, r)
	if d.Error != nil || d.Effect == to || d.Effect == policy.Need {
		return nil
	}
	in, refused := pl.Input(e, r)
	steps, ok := pl.StepsOf(r.Action)
	if refused != nil || !ok {
		return nil
	}
	s := &search{plan: pl, engine: e, request: r, in: in, to: to, action: steps.Action, bound: map[int]binding{}}
	cost := uint64(1)
	for _, rule := range steps.Rules {
		cost += s.rule(&rule)
	}
	s.otherPostures(d.Posture)
	s.tries = max(fewTries, int(min(mostCandidates, mostCost/cost)))
	return s.changes()
}

// search is the search for changes to one request.
type search struct {
	plan    *plan.Plan
	engine  Engine
	request *policy.Request
	in      *plan.Input
	to      policy.Effect
	action  *policy.Action
	// bound are the variables that are bound where the search is, by slot.
	bound map[int]binding
	found []candidate
	tries int
}

// candidate is a change that may do.
type candidate struct {
	place  *place
	to     policy.Value
	how    policy.How
	value  policy.Value
	secret bool
}

// rule looks for candidates in a rule's condition, and returns what that costs.
func (s *search) rule(rule *plan.Step) uint64 {
	if rule.When < 0 || rule.Shadow || rule.Posture > s.in.Posture {
		return 0
	}
	c := s.plan.Conditions[rule.When]
	deny := rule.Reason.Effect == policy.Deny
	switch s.to {
	case policy.Allow:
		s.seek(c.Root, false)
	case policy.StepUp:
		s.seek(c.Root, !deny)
	case policy.Deny:
		if deny {
			s.seek(c.Root, true)
		}
	case policy.Need:
	}
	return c.Cost
}

func (s *search) otherPostures(current string) {
	p := &place{group: ofPosture, text: "posture", path: "/posture", typ: policy.String}
	names := []string{"normal"}
	for _, other := range s.plan.Policy.Postures {
		names = append(names, other.Name)
	}
	for _, name := range names {
		if name != current {
			s.add(candidate{place: p, to: name, how: policy.Is, value: name})
		}
	}
}

func (s *search) add(c candidate) {
	if len(s.found) < mostCandidates {
		s.found = append(s.found, c)
	}
}

// changes tries the candidates.
func (s *search) changes() []policy.Change {
	slices.SortStableFunc(s.found, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.place.group, b.place.group), cmp.Compare(a.place.path, b.place.path),
			cmp.Compare(s.rank(&a), s.rank(&b)), cmp.Compare(narrow(&a), narrow(&b)))
	})
	var out []policy.Change
	for i := range s.found {
		c := &s.found[i]
		if len(out) > 0 && out[len(out)-1].Path == c.place.path {
			continue // a nearer one does
		}
		if s.tries == 0 {
			break
		}
		s.tries--
		if d := s.plan.Decide(s.engine, c.place.with(s, c.to)); d.Error == nil && d.Effect == s.to {
			out = append(out, s.change(c))
		}
	}
	return out
}

// rank orders the candidates for one attribute: by how far they are from what it has; those that say no more than that it is there, or is not, come last.
func (s *search) rank(c *candidate) float64 {
	const far = 1e300
	switch c.how {
	case policy.Present:
		return far
	case policy.Absent:
		return 2 * far
	case policy.Is, policy.Not, policy.AtMost, policy.AtLeast, policy.Below, policy.Above, policy.With, policy.Without:
	}
	return min(distance(c.place.read(s), c.to), far/2)
}

// narrow is 1 of a change to one value alone: what says more comes first.
func narrow(c *candidate) int {
	if c.how == policy.Is {
		return 1
	}
	return 0
}

// hidden stands for what comes of a sensitive signal, as in traces.
const hidden = "(sensitive)"

func (s *search) change(c *candidate) policy.Change {
	out := policy.Change{
		Attribute: c.place.text, Path: c.place.path, How: c.how, Type: c.place.typ,
		From: c.place.read(s), To: c.to, Value: c.value,
	}
	if !c.secret && !c.place.secret {
		return out
	}
	out.Type = policy.String
	for _, v := range []*policy.Value{&out.From, &out.To, &out.Value} {
		if *v != nil {
			*v = hidden
		}
	}
	return out
}
