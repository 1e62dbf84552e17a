package challenge

// ProblemType is the media type of a [Problem].
const ProblemType = "application/problem+json"

// Problem is the body of an answer that refuses (RFC 9457), for encoding/json. It has what a client may know: the authors' reasons, but no rule's name.
type Problem struct {
	// Title is the status in words.
	Title  string `json:"title"`
	Status int    `json:"status"`
	// Detail is a sentence about this answer.
	Detail string `json:"detail,omitempty"`
	// Error is the challenge's error.
	Error string `json:"error,omitempty"`
	// ACRValues, MaxAge and Methods are those of [StepUp]; MaxAge is nil if there is none.
	ACRValues []string `json:"acr_values,omitempty"`
	MaxAge    *int64   `json:"max_age,omitempty"`
	Methods   []Group  `json:"methods,omitempty"`
	Reasons   []string `json:"reasons,omitempty"`
}

// Group are methods of which one is asked for.
type Group struct {
	OneOf []string `json:"one_of"`
}

// Problem is the body that goes with the challenge; nil without one.
func (s *StepUp) Problem() *Problem {
	if s == nil {
		return nil
	}
	p := &Problem{
		Title: "Unauthorized", Status: 401, Detail: s.Description, Error: Insufficient, ACRValues: s.ACRValues, Reasons: s.Reasons,
	}
	if p.Detail == "" {
		p.Detail = (&StepUp{ACRValues: s.ACRValues, HasMaxAge: s.HasMaxAge}).description()
	}
	if s.HasMaxAge {
		age := max(0, s.MaxAge)
		p.MaxAge = &age
	}
	for _, g := range s.Methods {
		p.Methods = append(p.Methods, Group{g})
	}
	return p
}
