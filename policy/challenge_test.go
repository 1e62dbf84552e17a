package policy_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rungpolicy/rung/challenge"
	"github.com/rungpolicy/rung/policy"
)

func TestChallenge(t *testing.T) {
	t.Parallel()
	required := &policy.Requirement{ACRValues: []string{"phr"}, MaxAge: policy.Seconds{Set: true, N: 300}, Methods: [][]string{{"hwk"}}}
	d := &policy.Decision{Effect: policy.StepUp, Requirement: required, Reasons: []*policy.Reason{{Rule: "a/b", Message: "One."}, {Rule: "a/c"}, {Rule: "a/d", Message: "One."}, {Rule: "a/e", Message: "Zwö."}}}
	want := &challenge.StepUp{ACRValues: []string{"phr"}, MaxAge: 300, HasMaxAge: true, Methods: [][]string{{"hwk"}}, Reasons: []string{"One.", "Zwö."}}
	if diff := cmp.Diff(want, d.Challenge()); diff != "" {
		t.Error(diff)
	}
	for name, d := range map[string]*policy.Decision{
		"nil": nil, "zero": {}, "allow": {Effect: policy.Allow, Requirement: required}, "need": {Effect: policy.Need, Requirement: required},
		"deny": {Requirement: required}, "refused": {Effect: policy.StepUp, Requirement: required, Error: &policy.RequestError{}},
		"without a requirement": {Effect: policy.StepUp},
	} {
		if up := d.Challenge(); up != nil {
			t.Errorf("%s: %+v", name, up)
		}
	}
	var none *policy.Decision
	if none.Messages() != nil {
		t.Error("messages of nothing")
	}
}
