package rungdiff

import (
	"encoding/json"

	"github.com/rungpolicy/rung/policy/codec"
	rung "github.com/rungpolicy/rung/sdk"
)

// MarshalJSON writes a report as JSON: {"requests", "refused", "different", then the counts of [Counts], "rules": [{"rule", "different", the counts, "example":
// {"request", "old", "new"}}]}. Decisions are as docs/language.md has them. The requests themselves are not there: they may hold what is sensitive.
func (r *Report) MarshalJSON() ([]byte, error) {
	type report struct {
		Requests  int `json:"requests"`
		Refused   int `json:"refused"`
		Different int `json:"different"`
		Counts
		Rules []rule `json:"rules"`
	}
	out := report{r.Requests, r.Refused, r.Different, r.All, []rule{}}
	for _, x := range r.Rules {
		out.Rules = append(out.Rules, rule{x.ID, x.Different, x.Counts, example{x.Example.Request, decision(x.Example.Old), decision(x.Example.New)}})
	}
	return json.Marshal(out)
}

type rule struct {
	ID        string `json:"rule"`
	Different int    `json:"different"`
	Counts
	Example example `json:"example"`
}

type example struct {
	Request int             `json:"request"`
	Old     json.RawMessage `json:"old"`
	New     json.RawMessage `json:"new"`
}

func decision(d *rung.Decision) json.RawMessage { return codec.AppendDecision(nil, d) }
