package policy

import (
	"slices"

	"github.com/rungpolicy/rung/challenge"
)

// Challenge is what to answer a client with on StepUp, with status 401; nil for every other effect, and for a refusal:
//
//	up := d.Challenge()
//	w.Header().Add("WWW-Authenticate", up.Bearer().String())
//	body, err := json.Marshal(up.Problem())
func (d *Decision) Challenge() *challenge.StepUp {
	if d == nil || d.Effect != StepUp || d.Error != nil || d.Requirement == nil {
		return nil
	}
	r := d.Requirement
	return &challenge.StepUp{
		ACRValues: r.ACRValues, MaxAge: r.MaxAge.N, HasMaxAge: r.MaxAge.Set, Methods: r.Methods, Reasons: d.Messages(),
	}
}

// Messages are the reasons for people that the authors of the rules gave, each once: none of it says which rule it is of.
func (d *Decision) Messages() []string {
	if d == nil {
		return nil
	}
	var out []string
	for _, r := range d.Reasons {
		if r.Message != "" && !slices.Contains(out, r.Message) {
			out = append(out, r.Message)
		}
	}
	return out
}
