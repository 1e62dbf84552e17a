package guard_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rungpolicy/rung/challenge"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/sdk/guard"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

var ladder = &policy.Policy{Levels: []*policy.Level{
	{Name: "mfa", Rank: 2, ACR: []string{"urn:mfa"}, AMR: [][]string{{"otp", "pwd"}, {"pwd", "sms"}}},
	{Name: "passkey", Rank: 3, ACR: []string{"phr"}, AMR: [][]string{{"hwk", "mfa"}}},
	{Name: "password", Rank: 1, ACR: []string{"urn:pwd"}, AMR: [][]string{{"pwd"}}},
}}

// TestPassesAllowAlone: whatever the decision, the error and the query, an answer passes for an allow about the action and for nothing else, and otherwise has a status
// that refuses.
func TestPassesAllowAlone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{"", "a", "b"})
		d := rapid.Ptr(rapid.Custom(func(t *rapid.T) policy.Decision {
			d := policy.Decision{Effect: policy.Effect(rapid.Uint8Range(0, 6).Draw(t, "effect")), Action: name.Draw(t, "about")}
			if rapid.Bool().Draw(t, "requires") {
				d.Requirement = &policy.Requirement{
					Level: rapid.SampledFrom([]string{"password", "mfa", "odd"}).Draw(t, "level"), ACRValues: rapid.SliceOf(rapid.SampledFrom([]string{"urn:mfa", "phr", "x"})).Draw(t, "acr"),
					MaxAge:  policy.Seconds{Set: rapid.Bool().Draw(t, "aged"), N: rapid.Int64Range(-1, 100).Draw(t, "age")},
					Methods: rapid.SliceOf(rapid.SliceOf(rapid.SampledFrom([]string{"hwk", "otp"}))).Draw(t, "methods"), Reachable: policy.Tristate(rapid.Uint8Range(0, 3).Draw(t, "reachable")),
				}
			}
			if rapid.Bool().Draw(t, "proves") {
				d.Satisfied = &policy.Satisfied{Level: rapid.SampledFrom([]string{"password", "passkey", "odd"}).Draw(t, "has"), Age: policy.Seconds{Set: rapid.Bool().Draw(t, "dated"), N: 5}}
			}
			if rapid.IntRange(0, 4).Draw(t, "errs") == 0 {
				d.Error = &policy.RequestError{Code: policy.EngineError}
			}
			return d
		}), true).Draw(t, "decision")
		err := rapid.SampledFrom([]error{nil, nil, errors.New("x"), guard.ErrUnauthenticated, guard.ErrUnreadable}).Draw(t, "err")
		q := guard.Query{Credential: rapid.Bool().Draw(t, "credential"), Mark: rapid.String().Draw(t, "mark"), Carried: rapid.String().Draw(t, "carried")}
		p := rapid.SampledFrom([]*policy.Policy{nil, ladder}).Draw(t, "policy")
		action := name.Draw(t, "action")
		a := guard.To(p, action, d, err, q)
		if want := err == nil && d != nil && d.Effect == policy.Allow && d.Error == nil && d.Action == action; a.Pass != want {
			t.Fatalf("passes: %v, want %v", a.Pass, want)
		}
		if a.Pass {
			return
		}
		if a.Problem == nil || a.Problem.Status < 400 || a.Problem.Title == "" {
			t.Fatalf("%+v", a.Problem)
		}
		if (a.Challenge != nil) != (a.Mark != "") || a.Challenge != nil && (a.Problem.Status != 401 || d.Effect != policy.StepUp) {
			t.Fatalf("%+v", a)
		}
	})
}

func TestRefuse(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]int{200: 500, 0: 500, 403: 403, 503: 503} {
		if a := guard.Refuse(status, "", nil); a.Pass || a.Problem.Status != want {
			t.Errorf("%d is %+v", status, a.Problem)
		}
	}
	var zero guard.Answer
	if zero.Pass {
		t.Error("the zero answer passes")
	}
}

// TestDeadEnd: a challenge goes out only where it can change something.
func TestDeadEnd(t *testing.T) {
	t.Parallel()
	five := policy.Seconds{Set: true, N: 300}
	mfa := policy.Requirement{Level: "mfa", ACRValues: []string{"urn:mfa", "phr"}, MaxAge: five}
	with := func(change func(*policy.Requirement)) policy.Requirement {
		r := mfa
		change(&r)
		return r
	}
	for name, c := range map[string]struct {
		required policy.Requirement
		has      policy.Satisfied
		want     int
	}{
		"too weak":                            {mfa, policy.Satisfied{Level: "password", Age: policy.Seconds{Set: true}}, 401},
		"too old":                             {mfa, policy.Satisfied{Level: "passkey", Age: policy.Seconds{Set: true, N: 301}}, 401},
		"without an age":                      {mfa, policy.Satisfied{Level: "mfa"}, 401},
		"all that was asked for":              {mfa, policy.Satisfied{Level: "mfa", Age: five}, 403},
		"methods that the level implies":      {with(func(r *policy.Requirement) { r.Methods = [][]string{{"pwd"}} }), policy.Satisfied{Level: "mfa", Age: five}, 403},
		"methods that a higher level implies": {with(func(r *policy.Requirement) { r.Methods = [][]string{{"fpt", "hwk"}} }), policy.Satisfied{Level: "mfa", Age: five}, 401},
		"the same, by the higher one":         {with(func(r *policy.Requirement) { r.Methods = [][]string{{"fpt", "hwk"}} }), policy.Satisfied{Level: "passkey", Age: five}, 403},
		"methods that no level implies":       {with(func(r *policy.Requirement) { r.Methods = [][]string{{"otp"}} }), policy.Satisfied{Level: "mfa", Age: five}, 403},
		"the same, too weak":                  {with(func(r *policy.Requirement) { r.Methods = [][]string{{"otp"}} }), policy.Satisfied{Level: "password", Age: five}, 401},
		"unreachable":                         {with(func(r *policy.Requirement) { r.Reachable = policy.No }), policy.Satisfied{Level: "password", Age: five}, 403},
		"reachable":                           {with(func(r *policy.Requirement) { r.Reachable = policy.Yes }), policy.Satisfied{Level: "password", Age: five}, 401},
		"a level without acr values":          {policy.Requirement{Level: "mfa"}, policy.Satisfied{Level: "mfa"}, 403},
	} {
		d := &policy.Decision{Effect: policy.StepUp, Action: "a", Requirement: &c.required, Satisfied: &c.has}
		a := guard.To(ladder, "a", d, nil, guard.Query{Credential: true})
		if a.Problem.Status != c.want {
			t.Errorf("%s: %+v", name, a.Problem)
		}
		if c.want == 403 && (a.Problem.Error != guard.Unmet || a.Problem.Detail == "" || len(a.Problem.Methods) != len(c.required.Methods)) {
			t.Errorf("%s: %+v", name, a.Problem)
		}
	}
}

// TestModuleLadder: a module tells names and ranks alone. Then no challenge is held back for want of methods.
func TestModuleLadder(t *testing.T) {
	t.Parallel()
	bare := &policy.Policy{Levels: []*policy.Level{{Name: "mfa", Rank: 2}, {Name: "passkey", Rank: 3}}}
	d := &policy.Decision{
		Effect: policy.StepUp, Action: "a", Satisfied: &policy.Satisfied{Level: "mfa"},
		Requirement: &policy.Requirement{Level: "mfa", ACRValues: []string{"urn:mfa", "phr"}, Methods: [][]string{{"hwk"}}},
	}
	if a := guard.To(bare, "a", d, nil, guard.Query{Credential: true}); a.Problem.Status != 401 || len(a.Challenge.ACRValues) != 2 {
		t.Errorf("%+v", a.Problem)
	}
}

// TestMarks: a mark counts for its requirement alone, whatever becomes of the number in max_age, and for a quarter of an hour.
func TestMarks(t *testing.T) {
	t.Parallel()
	required := &policy.Requirement{Level: "mfa", ACRValues: []string{"urn:mfa"}, MaxAge: policy.Seconds{Set: true, N: 300}}
	ask := func(r *policy.Requirement, mark string, after time.Duration) int {
		d := &policy.Decision{Effect: policy.StepUp, Action: "a", Requirement: r}
		return guard.To(ladder, "a", d, nil, guard.Query{Credential: true, Mark: mark, Now: noon.Add(after)}).Problem.Status
	}
	mark := guard.Mark(required, noon)
	other := *required
	other.MaxAge.N = 30
	if got := ask(&other, mark, 0); got != 403 {
		t.Errorf("another number: %d", got)
	}
	for name, r := range map[string]*policy.Requirement{
		"no max_age": {Level: "mfa", ACRValues: []string{"urn:mfa"}},
		"a level":    {Level: "passkey", ACRValues: []string{"urn:mfa"}, MaxAge: required.MaxAge},
		"acr":        {Level: "mfa", ACRValues: []string{"urn:mfa", ""}, MaxAge: required.MaxAge},
		"methods":    {Level: "mfa", ACRValues: []string{"urn:mfa"}, MaxAge: required.MaxAge, Methods: [][]string{{"otp"}}},
	} {
		if got := ask(r, mark, 0); got != 401 {
			t.Errorf("another requirement, by its %s: %d", name, got)
		}
	}
	for after, want := range map[time.Duration]int{0: 403, 15 * time.Minute: 403, 15*time.Minute + time.Second: 401, -time.Minute: 403, -time.Minute - time.Second: 401} {
		if got := ask(required, mark, after); got != want {
			t.Errorf("after %v: %d", after, got)
		}
	}
}

func TestSessionOf(t *testing.T) {
	t.Parallel()
	second := time.Unix(1795172400, 0).UTC()
	for text, want := range map[string]guard.Session{
		`{}`: {},
		`{"acr": null, "amr": null, "auth_time": null, "sub": 1, "iat": 5}`:          {},
		`{"acr": "phr", "amr": ["hwk", "mfa"], "auth_time": 1795172400, "sid": "s"}`: {ID: "s", ACR: "phr", AMR: []string{"hwk", "mfa"}, AuthTime: second},
		`{"amr": [], "auth_time": 1795172400.9}`:                                     {AMR: []string{}, AuthTime: second},
		`{"auth_time": -0.5}`:                                                        {AuthTime: time.Unix(-1, 0).UTC()},
	} {
		var claims map[string]any
		if err := json.Unmarshal([]byte(text), &claims); err != nil {
			t.Fatal(err)
		}
		got, err := guard.SessionOf(claims)
		if d := cmp.Diff(want, got); err != nil || d != "" {
			t.Errorf("%s: %v\n%s", text, err, d)
		}
	}
	for _, v := range []any{second, int64(1795172400), 1795172400, json.Number("1795172400")} {
		if s, err := guard.SessionOf(map[string]any{"auth_time": v, "amr": []string{"pwd"}}); err != nil || !s.AuthTime.Equal(second) || len(s.AMR) != 1 {
			t.Errorf("%T: %+v, %v", v, s, err)
		}
	}
	for i, claims := range []map[string]any{
		{"acr": 1},
		{"acr": []any{"phr"}},
		{"sid": 1.0},
		{"amr": "pwd"},
		{"amr": []any{"pwd", 1}},
		{"amr": []any{nil}},
		{"auth_time": "1795172400"},
		{"auth_time": true},
		{"auth_time": math.NaN()},
		{"auth_time": math.Inf(1)},
		{"auth_time": math.Inf(-1)},
		{"auth_time": 1795172400000.0},
		{"auth_time": json.Number("x")},
		{"auth_time": -1e12},
	} {
		if s, err := guard.SessionOf(claims); !errors.Is(err, guard.ErrUnauthenticated) || cmp.Diff(guard.Session{}, s) != "" {
			t.Errorf("%d: %+v, %v", i, s, err)
		}
	}
}

func ExampleTo() {
	d := &policy.Decision{
		Effect: policy.StepUp, Action: "transfer.create",
		Requirement: &policy.Requirement{Level: "passkey", ACRValues: []string{"phr"}},
		Reasons:     []*policy.Reason{{Rule: "transfer.create/large", Message: "Large transfers need a passkey."}},
	}
	a := guard.To(ladder, "transfer.create", d, nil, guard.Query{Credential: true})
	fmt.Println(a.Pass, a.Problem.Status, strings.Join(a.Problem.Reasons, " "))
	fmt.Println(a.Challenge.In(challenge.Challenge{Scheme: challenge.Bearer, Params: []challenge.Param{{Name: "realm", Value: "bank"}}}))
	// Output:
	// false 401 Large transfers need a passkey.
	// Bearer realm="bank", error="insufficient_user_authentication", error_description="Large transfers need a passkey.", acr_values="phr"
}
