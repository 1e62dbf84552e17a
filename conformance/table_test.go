package conformance_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/rungpolicy/rung/conformance"
)

// fewest is how many cases there are at least: they only become more.
const fewest = 400

// TestTable holds the cases against the table of sentences.
func TestTable(t *testing.T) {
	t.Parallel()
	cases, err := conformance.Cases(conformance.Files())
	if err != nil {
		t.Fatal(err)
	}
	sentences, err := conformance.Sentences(conformance.Files())
	if err != nil {
		t.Fatal(err)
	}
	if len(cases) < fewest {
		t.Errorf("%d cases, want %d", len(cases), fewest)
	}
	covered := map[string]bool{}
	for _, s := range sentences {
		if _, twice := covered[s.ID]; twice {
			t.Errorf("%s is there twice", s.ID)
		}
		covered[s.ID] = s.Later != ""
	}
	for _, c := range cases {
		for _, id := range c.Sentences {
			if _, known := covered[id]; !known {
				t.Errorf("%s: unknown sentence %s", c.Name, id)
			}
			covered[id] = true
		}
	}
	for id, ok := range covered {
		if !ok {
			t.Errorf("%s: no case shows it", id)
		}
	}
}

// TestExpected finds slips in the expected decisions, which are written by hand: members that a decision does not have, lists out of
// order, members that the effect rules out.
func TestExpected(t *testing.T) {
	t.Parallel()
	cases, err := conformance.Cases(conformance.Files())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		for _, r := range c.Requests {
			if slip := slip(r.Decision); slip != "" {
				t.Errorf("%s: decision %s: %s", c.Name, r.Name, slip)
			}
		}
	}
}

// reason is a decision's `reasons` and `shadow`.
type reason struct {
	Rule    string   `json:"rule"`
	Effect  string   `json:"effect"`
	Level   string   `json:"level"`
	MaxAge  *int64   `json:"max_age"`
	Methods []string `json:"methods"`
	Message string   `json:"message"`
	Code    string   `json:"code"`
	Pending bool     `json:"pending"`
}

// decision is all that a decision may hold (docs/language.md, "Decision").
type decision struct {
	Effect      string `json:"effect"`
	Action      string `json:"action"`
	Requirement *struct {
		Level     string   `json:"level"`
		ACRValues []string `json:"acr_values"`
		MaxAge    *int64   `json:"max_age"`
		Methods   []struct {
			OneOf []string `json:"one_of"`
		} `json:"methods"`
		Reachable *bool `json:"reachable"`
	} `json:"requirement"`
	Satisfied *struct {
		Level string `json:"level"`
		Age   *int64 `json:"age"`
	} `json:"satisfied"`
	Reasons       []reason `json:"reasons"`
	Shadow        []reason `json:"shadow"`
	ShadowEffect  string   `json:"shadow_effect"`
	Indeterminate []struct {
		Rule  string `json:"rule"`
		Code  string `json:"code"`
		Error string `json:"error"`
		At    string `json:"at"`
	} `json:"indeterminate"`
	Need    []string `json:"need"`
	Posture string   `json:"posture"`
	Policy  any      `json:"policy"`
	Error   *struct {
		Code    string  `json:"code"`
		Message string  `json:"message"`
		Path    *string `json:"path"`
	} `json:"error"`
}

func slip(text []byte) string {
	dec := json.NewDecoder(strings.NewReader(string(text)))
	dec.DisallowUnknownFields()
	var d decision
	if err := dec.Decode(&d); err != nil {
		return err.Error()
	}
	rules := func(list []reason) bool {
		return slices.IsSortedFunc(list, func(a, b reason) int { return strings.Compare(a.Rule, b.Rule) })
	}
	refused := d.Error != nil
	need := d.Effect == "need"
	switch {
	case !slices.Contains([]string{"allow", "step_up", "deny", "need"}, d.Effect):
		return "no such effect"
	case refused && (d.Action != "" || d.Posture != "" || d.Effect != "deny" || d.Reasons != nil):
		return "a refusal has only effect and error"
	case !refused && (d.Action == "" || d.Posture == ""):
		return "action and posture are missing"
	case (d.Requirement != nil) != (d.Effect == "step_up"):
		return "requirement is there on step_up alone"
	case (len(d.Reasons) > 0) != (d.Effect == "step_up" || d.Effect == "deny" && !refused):
		return "reasons are there on step_up and deny alone"
	case (len(d.Need) > 0) != need || need && (d.Shadow != nil || d.ShadowEffect != ""):
		return "need has its signals, and no shadow"
	case d.ShadowEffect == d.Effect:
		return "shadow_effect is there where it differs"
	case !rules(d.Reasons) || !rules(d.Shadow) || !slices.IsSorted(d.Need):
		return "reasons, shadow or need out of order"
	}
	return ""
}
