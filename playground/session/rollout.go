package session

import (
	"regexp"
	"strings"

	"github.com/rungpolicy/rung/policy/plan"
)

// Rollout is a rule that is for a part of the subjects, and where some of them stand in it.
type Rollout struct {
	Rule string `json:"rule"`
	// By is the expression that says who somebody is; Path is where that stands in a request, if it is an attribute and nothing more.
	By      string   `json:"by"`
	Path    []string `json:"path,omitempty"`
	Percent float64  `json:"percent"`
	// Stands are percentages, one for each subject that was asked about: who stands below Percent is in, and stays in as it grows.
	Stands []float64 `json:"stands"`
}

// attribute is an expression that names an attribute of a signal.
var attribute = regexp.MustCompile(`^\w+(\.\w+)+$`)

// Rollouts says of every rule with a rollout where subjects stand in it, each as the value of the rollout's `by`.
func (s *Session) Rollouts(subjects []string) ([]Rollout, error) {
	if s.engine == nil {
		return nil, errNoPolicy
	}
	p := s.checked.Policy
	out := []Rollout{}
	for _, r := range p.Rules {
		if r.Rollout == nil {
			continue
		}
		x := Rollout{Rule: r.ID, By: strings.TrimSpace(r.Rollout.By.Value), Percent: percent(r.Rollout.Bucket), Stands: []float64{}}
		if attribute.MatchString(x.By) {
			x.Path = append([]string{"signals"}, strings.Split(x.By, ".")...)
		}
		for _, by := range subjects {
			x.Stands = append(x.Stands, percent(plan.Bucket(p, r, by)))
		}
		out = append(out, x)
	}
	return out, nil
}

// percent is a number of buckets as a percentage.
func percent(buckets uint64) float64 { return float64(buckets) / 100 }
