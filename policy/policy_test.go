package policy_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rungpolicy/rung/policy"
)

func names[T any](xs []T, name func(T) string) []string {
	out := make([]string, len(xs))
	for i, x := range xs {
		out[i] = name(x)
	}
	return out
}

func TestLookups(t *testing.T) {
	t.Parallel()
	p := &policy.Policy{
		Levels:   policy.DefaultLevels(),
		Signals:  policy.StandardSignals(),
		Params:   []*policy.Param{{Name: "a"}, {Name: "limit"}, {Name: "z"}},
		Actions:  []*policy.Action{{Name: "profile.view"}, {Name: "transfer.create"}},
		Postures: []*policy.Posture{{Name: "elevated", Rank: 1}, {Name: "critical", Rank: 2}}, // by rank, not by name
	}
	for _, l := range p.Levels {
		if p.Level(l.Name) != l {
			t.Errorf("level %s is not found", l.Name)
		}
	}
	for i, s := range p.Signals {
		if p.Signal(s.Name) != s || p.SignalIndex(s.Name) != i {
			t.Errorf("signal %s is not found", s.Name)
		}
	}
	for i, x := range p.Params {
		if p.ParamIndex(x.Name) != i {
			t.Errorf("param %s is not found", x.Name)
		}
	}
	for _, a := range p.Actions {
		if p.Action(a.Name) != a {
			t.Errorf("action %s is not found", a.Name)
		}
	}
	for _, x := range p.Postures {
		if p.Posture(x.Name) != x {
			t.Errorf("posture %s is not found", x.Name)
		}
	}
	for _, name := range []string{"", "normal", "none", "Device", "transfer", "zz"} {
		if p.Level(name) != nil || p.Signal(name) != nil || p.SignalIndex(name) != -1 || p.ParamIndex(name) != -1 || p.Action(name) != nil || p.Posture(name) != nil {
			t.Errorf("%q is found", name)
		}
	}
}

// TestDefaultLadder holds the ladder against the table of docs/language.md, "Blocks".
func TestDefaultLadder(t *testing.T) {
	t.Parallel()
	const urn = "http://idmanagement.gov/ns/assurance/aal/"
	want := []*policy.Level{
		{Name: "aal1", Rank: 1, ACR: []string{"aal1", urn + "1"}, AMR: [][]string{{"pwd"}, {"otp"}, {"sms"}, {"swk"}, {"hwk"}, {"pop"}}},
		{Name: "aal2", Rank: 2, ACR: []string{"aal2", urn + "2"}, AMR: [][]string{{"otp", "pwd"}, {"pwd", "sms"}, {"pwd", "swk"}, {"hwk", "pwd"}, {"mfa"}}},
		{Name: "aal3", Rank: 3, ACR: []string{"aal3", urn + "3"}, AMR: [][]string{{"hwk", "mfa"}, {"hwk", "pwd"}, {"hwk", "pin"}, {"fpt", "hwk"}, {"face", "hwk"}}},
	}
	got := policy.DefaultLevels()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for _, l := range got {
		for _, set := range l.AMR {
			if !slices.IsSorted(set) {
				t.Errorf("%s: %v is not sorted", l.Name, set)
			}
		}
	}
	got[0].ACR[0] = "changed"
	if policy.DefaultLevels()[0].ACR[0] != "aal1" {
		t.Error("two ladders share memory")
	}
}

// TestStandardSignals holds the signals against the table of docs/language.md, "Standard signals".
func TestStandardSignals(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"behavior": "object({failed_logins_1h = int, impossible_travel = bool, new_country = bool, score = double, typical_hour = bool})",
		"device":   "object({browser = string, compliant = bool, first_seen = timestamp, id = string, managed = bool, os = string, os_version = string, trusted = bool})",
		"network": "object({asn = int, city = string, country = string, hosting = bool, ip = ip, latitude = double, longitude = double, " +
			"proxy = bool, reputation = double, tor = bool, vpn = bool})",
		"session": "object({acr = string, amr = list(string, 32), auth_time = timestamp, " +
			"authentications = list(object({acr = string, amr = list(string, 32), time = timestamp}), 64), " +
			"country = string, id = string, ip = ip, level = int, not_before = timestamp})",
		"subject": "object({attributes = map(any), country = string, enrolled = list(string, 32), groups = list(string, 10000), id = string, " +
			"roles = list(string), tenure = duration, type = string})",
	}
	got := policy.StandardSignals()
	if ns := names(got, func(s *policy.Signal) string { return s.Name }); !slices.Equal(ns, []string{"behavior", "device", "network", "session", "subject"}) {
		t.Fatalf("signals are %v", ns)
	}
	for _, s := range got {
		if s.Type.String() != want[s.Name] {
			t.Errorf("%s is\n%s, want\n%s", s.Name, s.Type, want[s.Name])
		}
		if s.Type.Name != s.Name || s.Lazy || s.Sensitive || s.Declared {
			t.Errorf("%+v is not a standard signal as it comes", s)
		}
	}
}

func TestEvidenceAttrs(t *testing.T) {
	t.Parallel()
	session, subject := policy.StandardSignals()[3].Type, policy.StandardSignals()[4].Type
	for _, a := range policy.EvidenceAttrs() {
		if slot := session.Slot(a.Name); slot < 0 || !session.Attrs[slot].Type.Equal(a.Type) {
			t.Errorf("the standard session has no %s of type %s", a.Name, a.Type)
		}
	}
	for _, a := range policy.SubjectAttrs() {
		if slot := subject.Slot(a.Name); slot < 0 || !subject.Attrs[slot].Type.Equal(a.Type) {
			t.Errorf("the standard subject has no %s of type %s", a.Name, a.Type)
		}
	}
	attr := func(a policy.Attr) string { return a.Name }
	if got, want := names(policy.EvidenceAttrs(), attr), []string{"acr", "amr", "auth_time", "not_before", "authentications", "level"}; !slices.Equal(got, want) {
		t.Errorf("evidence is %v, want %v", got, want)
	}
	if got := names(policy.SubjectAttrs(), attr); !slices.Equal(got, []string{"enrolled"}) {
		t.Errorf("of the subject, %v is read", got)
	}
}
