package rungtest

import (
	"encoding/json"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/codec"
)

// MarshalJSON writes the report as `rung test --json` prints it.
func (r *Report) MarshalJSON() ([]byte, error) {
	results := r.Results
	if results == nil {
		results = []*Result{}
	}
	return json.Marshal(struct {
		Policy   identity  `json:"policy"`
		Engines  []string  `json:"engines"`
		Passed   int       `json:"passed"`
		Failed   int       `json:"failed"`
		Seconds  float64   `json:"seconds"`
		Results  []*Result `json:"results"`
		Coverage *Coverage `json:"coverage,omitempty"`
	}{identity(r.Policy), r.Engines, r.Passed, r.Failed, r.Elapsed.Seconds(), results, r.Coverage})
}

// identity is a [policy.Identity] with names for JSON.
type identity struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
	Digest  string `json:"digest"`
}

// MarshalJSON writes the result of a case: its decision as `rung eval` prints it, with the trace of the rules that matter if the case has failed.
func (r *Result) MarshalJSON() ([]byte, error) {
	type other struct {
		Engine   string          `json:"engine"`
		Decision json.RawMessage `json:"decision"`
	}
	var others []other
	for _, o := range r.Others {
		others = append(others, other{o.Engine, rawDecision(o.Decision)})
	}
	var decision json.RawMessage
	if r.Decision != nil {
		shown := *r.Decision
		shown.Trace = r.Rules()
		decision = rawDecision(&shown)
	}
	var changes json.RawMessage
	if len(r.Changes) > 0 {
		changes = codec.AppendChanges(nil, r.Changes)
	}
	return json.Marshal(struct {
		Name        string          `json:"name"`
		Test        string          `json:"test"`
		Case        string          `json:"case,omitempty"`
		Range       diag.Range      `json:"at"`
		Passed      bool            `json:"passed"`
		Seconds     float64         `json:"seconds"`
		Decision    json.RawMessage `json:"decision,omitempty"`
		Differences []Difference    `json:"differences,omitempty"`
		Changes     json.RawMessage `json:"changes,omitempty"`
		Others      []other         `json:"others,omitempty"`
		Text        string          `json:"text,omitempty"`
	}{r.Name, r.Test, r.Case, r.Range, r.Passed, r.Elapsed.Seconds(), decision, r.Differences, changes, others, r.Text()})
}

func rawDecision(d *policy.Decision) json.RawMessage { return codec.AppendDecision(nil, d) }

// MarshalJSON writes the coverage with its sums.
func (c *Coverage) MarshalJSON() ([]byte, error) {
	type plain Coverage // without this method
	seen, all := c.Outcomes()
	return json.Marshal(struct {
		Percent  float64 `json:"percent"`
		Seen     int     `json:"seen"`
		Outcomes int     `json:"outcomes"`
		*plain
	}{c.Percent(), seen, all, (*plain)(c)})
}
