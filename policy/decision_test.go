package policy_test

import (
	"testing"

	"github.com/rungpolicy/rung/policy"
)

func TestEffect(t *testing.T) {
	t.Parallel()
	for e, want := range map[policy.Effect]string{
		policy.Deny: "deny", policy.Allow: "allow", policy.StepUp: "step_up", policy.Need: "need", 4: "effect(4)", 255: "effect(255)",
	} {
		if e.String() != want {
			t.Errorf("effect %d is %q, want %q", uint8(e), e, want)
		}
	}
	var zero policy.Effect
	if zero != policy.Deny {
		t.Errorf("the zero effect is %q", zero)
	}
}

func TestAllowed(t *testing.T) {
	t.Parallel()
	cases := []struct {
		d    *policy.Decision
		want bool
	}{
		{nil, false},
		{&policy.Decision{}, false},
		{&policy.Decision{Effect: policy.Allow}, true},
		{&policy.Decision{Effect: policy.StepUp}, false},
		{&policy.Decision{Effect: policy.Need}, false},
		{&policy.Decision{Effect: policy.Allow, Error: &policy.RequestError{}}, false},
		{&policy.Decision{Effect: 200}, false},
	}
	for _, c := range cases {
		if got := c.d.Allowed(); got != c.want {
			t.Errorf("%+v allows: %v", c.d, got)
		}
	}
}

func TestRequestError(t *testing.T) {
	t.Parallel()
	var err error = &policy.RequestError{Code: policy.UnknownAction, Message: "no action `x` is declared", Path: "/action"}
	if got, want := err.Error(), "unknown_action at /action: no action `x` is declared"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	err = &policy.RequestError{Code: policy.InvalidRequest, Message: "the request is not JSON"}
	if got, want := err.Error(), "invalid_request: the request is not JSON"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
