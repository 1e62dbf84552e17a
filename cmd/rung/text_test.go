package main

import (
	"testing"

	"github.com/rungpolicy/rung/policy"
)

// TestDescribe shows what the scripts do not: each member of a decision as people read it.
func TestDescribe(t *testing.T) {
	t.Parallel()
	age := func(n int64) policy.Seconds { return policy.Seconds{Set: true, N: n} }
	tests := []struct {
		name string
		d    policy.Decision
		want string
	}{
		{"the zero value", policy.Decision{}, "deny\n  session    proves no level\n"},
		{
			"methods, and unknown ages",
			policy.Decision{
				Effect: policy.StepUp, Action: "a", Satisfied: &policy.Satisfied{Level: "password"},
				Requirement: &policy.Requirement{Level: "mfa", Methods: [][]string{{"hwk", "otp"}, {"pwd"}}},
				Reasons:     []*policy.Reason{{Rule: "a/x", Effect: policy.StepUp, Methods: []string{"hwk", "otp"}}, {Rule: "a/y", Effect: policy.StepUp}},
			},
			`step_up  a
  requires   mfa, with hwk or otp, with pwd
  session    proves password, of unknown age
  reason     a/x asks for with hwk or otp
             a/y
`,
		},
		{
			"rules on trial",
			policy.Decision{
				Effect: policy.Allow, Action: "a", ShadowDiffers: true, ShadowEffect: policy.Deny,
				Shadow: []*policy.Reason{
					{Rule: "a/x", Effect: policy.Deny, Message: "no"},
					{Rule: "a/y", Effect: policy.StepUp, Level: "mfa", MaxAge: age(93784), Pending: true},
					{Rule: "a/z", Effect: policy.Deny, Code: policy.NoSuchKey},
				},
			},
			`allow  a
  session    proves no level
  on trial   a/x denies: no
             a/y asks for mfa, at most 1d2h3m4s old, pending
             a/z denies, in error: no_such_key
             with the rules on trial it would be deny
`,
		},
		{
			"what a terminal would obey",
			policy.Decision{Effect: policy.Deny, Action: "a", Reasons: []*policy.Reason{{Rule: "a/\x1b[2J", Effect: policy.Deny, Message: "line\nbreak"}}},
			"deny  a\n  session    proves no level\n  reason     a/\uFFFD[2J denies: line break\n",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := describe(&tt.d, nil, &policy.Policy{}, false); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

func TestSpan(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{0: "0s", 59: "59s", 60: "1m", 300: "5m", 5400: "1h30m", 86_400: "1d", 90_061: "1d1h1m1s"} {
		if got := span(n); got != want {
			t.Errorf("span(%d) = %s, want %s", n, got, want)
		}
	}
}
