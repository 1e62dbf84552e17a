package hcl_test

import (
	"crypto/sha256"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/hcl"
	"github.com/rungpolicy/rung/policy"
)

const torExits = "\xef\xbb\xbf# exits\r\n10.0.0.1\r\n\r\n  2001:db8::/32\r\n10.0.0.1\r\n10.0.0.1/32"

func bank(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile("testdata/bank.rung.hcl")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func parseFiles(t testing.TB, fsys fstest.MapFS) *hcl.Result {
	t.Helper()
	r, err := hcl.Parse(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func parseBank(t testing.TB) *policy.Policy {
	t.Helper()
	r := parseFiles(t, fstest.MapFS{"bank.rung.hcl": {Data: []byte(bank(t))}, "tor-exits.txt": {Data: []byte(torExits)}})
	if len(r.Diagnostics) > 0 {
		t.Fatal(r.Diagnostics)
	}
	return r.Policy
}

func TestModel(t *testing.T) {
	t.Parallel()
	p := parseBank(t)
	password, mfa, passkey := p.Level("password"), p.Level("mfa"), p.Level("passkey")
	transfer, profile := p.Action("transfer.create"), p.Action("profile.update")
	if got := []string{p.Name, p.Version, p.Description}; !cmp.Equal(got, []string{"bank", "2026.11.1", "Step-up rules of the retail bank"}) {
		t.Errorf("policy: %q", got)
	}
	if p.MaxCost != policy.DefaultMaxCost {
		t.Errorf("max cost %d", p.MaxCost)
	}
	if !cmp.Equal(p.Levels, []*policy.Level{password, mfa, passkey}) || !cmp.Equal(mfa.AMR, [][]string{{"otp", "pwd"}, {"pwd", "sms"}}) {
		t.Errorf("levels: %v", p.Levels)
	}
	if got := p.Params[0]; got.Default != 1000.0 || got.Stricter != policy.StricterLower || got.Type != policy.Double {
		t.Errorf("param: %+v", got)
	}
	if got := p.Postures; len(got) != 2 || got[0].Params["transfer_limit"] != 200.0 || got[1].Name != "critical" {
		t.Errorf("postures: %+v", got)
	}
	exits := []policy.Value{netip.MustParsePrefix("10.0.0.1/32"), netip.MustParsePrefix("2001:db8::/32")}
	if got := p.Lists; got[0].Name != "sanctioned" || got[1].File != "tor-exits.txt" || !cmp.Equal(got[1].Values, exits, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })) {
		t.Errorf("lists: %+v", got)
	}
	var signals []string
	for _, s := range p.Signals {
		signals = append(signals, fmt.Sprintf("%s %v %v", s.Name, s.Declared, s.Lazy))
	}
	if got := strings.Join(signals, ", "); got != "behavior false false, device true false, network false false, reputation true true, session false false, subject false false, velocity true false" {
		t.Errorf("signals: %s", got)
	}
	if got := p.Signal("device").Type.String(); got != "object({first_seen = optional(timestamp), id = string, trusted = bool})" {
		t.Errorf("device: %s", got)
	}
	if transfer.Level != password || profile.Level != nil || transfer.Resource.Slot("amount") != 0 || profile.Resource != nil {
		t.Errorf("actions: %+v, %+v", transfer, profile)
	}
	var rules []string
	for _, r := range p.Rules {
		rules = append(rules, fmt.Sprintf("%s: %s %d actions", r.ID, r.Effect, len(r.Actions)))
	}
	want := []string{
		"risky network: step_up 2 actions", "transfer.create/large transfer: step_up 1 actions",
		"transfer.create/new device while elevated: step_up 1 actions", "transfer.create/sanctioned country: deny 1 actions",
		"transfer.create/velocity, on trial: step_up 1 actions",
	}
	if diff := cmp.Diff(want, rules); diff != "" {
		t.Error(diff)
	}
	large, risky, trial, elevated := p.Rules[1], p.Rules[0], p.Rules[4], p.Rules[2]
	if large.Level != mfa || large.MaxAge != (policy.Seconds{Set: true, N: 300}) || large.When.Value != "resource.amount > param.transfer_limit" {
		t.Errorf("large: %+v", large)
	}
	if risky.When.Value != "risky_network && !('vpn-allowed' in subject.groups)\n" || risky.When.Place(0, 13).Text() != "risky_network" {
		t.Errorf("risky: %q", risky.When.Value)
	}
	if trial.Mode != policy.Shadow || trial.Rollout.Bucket != 1000 || trial.Rollout.By.Value != "subject.id" {
		t.Errorf("trial: %+v", trial)
	}
	if elevated.Posture != p.Posture("elevated") || elevated.Level != passkey {
		t.Errorf("elevated: %+v", elevated)
	}
}

// TestSplitPolicies parses the bank's blocks in any order and in any number of files: the policy is the same.
func TestOrderOfBlocksAndFilesDoesNotMatter(t *testing.T) {
	t.Parallel()
	want := parseBank(t)
	blocks := strings.Split(strings.TrimSpace(bank(t)), "\n\n")
	for i := 0; i < len(blocks); i++ { // an action has empty lines in it
		if strings.HasPrefix(blocks[i], "  ") || strings.HasPrefix(blocks[i], "\t") {
			blocks[i-1] += "\n\n" + blocks[i]
			blocks = append(blocks[:i], blocks[i+1:]...)
			i--
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		fsys := fstest.MapFS{"tor-exits.txt": {Data: []byte(torExits)}}
		for _, b := range rapid.Permutation(blocks).Draw(t, "order") {
			name := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "file") + ".rung.hcl"
			if fsys[name] == nil {
				fsys[name] = &fstest.MapFile{}
			}
			fsys[name].Data = append(fsys[name].Data, (b + "\n\n")...)
		}
		r, err := hcl.Parse(fsys)
		if err != nil || len(r.Diagnostics) > 0 {
			t.Fatalf("%v, %v", err, r.Diagnostics)
		}
		if diff := cmp.Diff(want, r.Policy, withoutPlaces()...); diff != "" {
			t.Fatal(diff)
		}
	})
}

// withoutPlaces compares policies but for where they are written.
func withoutPlaces() []cmp.Option {
	return []cmp.Option{
		cmp.Comparer(func(a, b diag.Range) bool { return true }),
		cmp.Comparer(func(a, b policy.Text) bool { return a.Value == b.Value }),
		cmp.Comparer(func(a, b netip.Prefix) bool { return a == b }),
		cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Digest" || p.Last().String() == ".Bytes" }, cmp.Ignore()),
	}
}

func TestDefaultLadderAndDefaultLevel(t *testing.T) {
	t.Parallel()
	r := parseText(t, `policy "p" { language = 1 }
action "a" {
  level = "aal2"
  step_up "x" {
    max_age = "1h"
  }
}
`)
	if diff := cmp.Diff(policy.DefaultLevels(), r.Policy.Levels); diff != "" || len(r.Diagnostics) > 0 {
		t.Errorf("%s %v", diff, r.Diagnostics)
	}
	if got := r.Policy.Rules[0].Level; got != r.Policy.Levels[0] {
		t.Errorf("a rule without level asks for %v", got)
	}
}

func TestRedeclaredSessionKeepsItsEvidence(t *testing.T) {
	t.Parallel()
	r := parseText(t, `policy "p" { language = 1 }
signal "session" {
  type = object({
    acr             = optional(string)
    tenant          = string
    authentications = list(object({ time = optional(timestamp), acr = string, amr = list(string) }))
  })
}
signal "subject" { type = object({ id = string }) }
`)
	if len(r.Diagnostics) > 0 {
		t.Fatal(r.Diagnostics)
	}
	session := r.Policy.Signal("session").Type
	for _, a := range policy.EvidenceAttrs() {
		if i := session.Slot(a.Name); i < 0 || !session.Attrs[i].Type.Equal(a.Type) {
			t.Errorf("session.%s is missing or of another type", a.Name)
		}
	}
	if len(session.Attrs) != len(policy.EvidenceAttrs())+1 || !session.Attrs[session.Slot("acr")].Optional {
		t.Errorf("session: %s", session)
	}
	if got := r.Policy.Signal("subject").Type.String(); got != "object({enrolled = list(string, 32), id = string})" {
		t.Errorf("subject: %s", got)
	}
}

func TestValues(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		typ, literal string
		want         policy.Value
	}{
		{"int", `1e3`, int64(1000)},
		{"int", `-5.0`, int64(-5)},
		{"int", `"-9223372036854775808"`, int64(-1 << 63)},
		{"int", `9007199254740992`, int64(1 << 53)},
		{"uint", `"18446744073709551615"`, ^uint64(0)},
		{"double", `0.1`, 0.1},
		{"double", `5e-324`, 5e-324},
		{"double", `1.7976931348623157e308`, 1.7976931348623157e308},
		{"string", "\"e\u0301\"", "e\u0301"},
		{"string", "<<-E\n    a\n  E\n", "a\n"},
		{"bytes", `"AQI="`, []byte{1, 2}},
		{"timestamp", `"2026-01-01T01:00:00+01:00"`, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)},
		{"duration", `"1h30m"`, 90 * time.Minute},
		{"bool", `false`, false},
		{"any", `null`, policy.Null{}},
		{"any", `{ b = [1, "x"], "a" = true }`, &policy.Map{Keys: []string{"a", "b"}, Values: []policy.Value{true, []policy.Value{1.0, "x"}}}},
		{"list(int)", `[1, 2]`, []policy.Value{int64(1), int64(2)}},
		{"map(int)", `{ true = 1, "b c" = 2 }`, &policy.Map{Keys: []string{"b c", "true"}, Values: []policy.Value{int64(2), int64(1)}}},
		{"object({ a = int, b = int, c = any })", `{ b = 1, c = null, a = null }`, &policy.Object{Attrs: []policy.Value{nil, int64(1), policy.Null{}}}},
	} {
		r := parseText(t, "policy \"p\" { language = 1 }\nparam \"x\" {\n  type = "+c.typ+"\n  default = "+c.literal+"\n}\n")
		if len(r.Diagnostics) > 0 {
			t.Errorf("%s as %s: %v", c.literal, c.typ, r.Diagnostics)
			continue
		}
		if diff := cmp.Diff(c.want, r.Policy.Params[0].Default); diff != "" {
			t.Errorf("%s as %s: %s", c.literal, c.typ, diff)
		}
	}
}

func TestDigest(t *testing.T) {
	t.Parallel()
	a, b := "policy \"p\" { language = 1 }\n", "list \"x\" { file = \"d/x.txt\" }\nlist \"y\" { file = \"d/../d/x.txt\" }\n"
	r := parseFiles(t, fstest.MapFS{
		"b.rung.hcl": {Data: []byte(b)}, "a.rung.hcl": {Data: []byte(a)}, "d/x.txt": {Data: []byte("1\n")},
		"t.rungtest.hcl": {Data: []byte("test")}, "other.txt": {Data: []byte("x")},
	})
	if len(r.Diagnostics) > 0 {
		t.Fatal(r.Diagnostics)
	}
	text := ""
	for _, f := range [][2]string{{"a.rung.hcl", a}, {"b.rung.hcl", b}, {"d/x.txt", "1\n"}} {
		text += fmt.Sprintf("%s\x00%x\n", f[0], sha256.Sum256([]byte(f[1])))
	}
	if want := fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(text))); r.Policy.Digest != want {
		t.Errorf("got %s, want %s", r.Policy.Digest, want)
	}
	if len(r.Sources) != 3 || r.Sources[2].Name != "d/x.txt" {
		t.Errorf("sources: %v", r.Sources)
	}
}

func TestListFilesStayInTheFolder(t *testing.T) {
	t.Parallel()
	outside, root := t.TempDir(), filepath.Join(t.TempDir(), "policy")
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	link := func(target, name string) {
		t.Helper()
		if err := os.Symlink(target, filepath.Join(root, name)); err != nil {
			t.Skip("no symbolic links here")
		}
	}
	write(filepath.Join(outside, "secret.txt"), "x\n")
	write(filepath.Join(root, "data/list.txt"), "x\n")
	link(filepath.Join(outside, "secret.txt"), "absolute.txt")
	link("../../outside.txt", "data/relative.txt")
	link(outside, "folder")
	link("data/list.txt", "good.txt")
	link("data", "more")
	link("loop.txt", "loop.txt")
	for name, good := range map[string]bool{
		"absolute.txt": false, "data/relative.txt": false, "folder/secret.txt": false, "good.txt": true, "more/list.txt": true, "loop.txt": false,
	} {
		write(filepath.Join(root, "a.rung.hcl"), "policy \"p\" { language = 1 }\nlist \"x\" { file = \""+name+"\" }\n")
		r, err := hcl.Parse(os.DirFS(root))
		if err != nil {
			t.Fatal(err)
		}
		if got := len(r.Diagnostics) == 0; got != good {
			t.Errorf("%s: %v", name, r.Diagnostics)
		}
		if !good && r.Diagnostics[0].Code != "list-file" {
			t.Errorf("%s: %v", name, r.Diagnostics)
		}
	}
}

func TestListsOver8MiB(t *testing.T) {
	t.Parallel()
	entries := func(from, n int) []byte {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "%024d\n", from+i) // 32 bytes in a module
		}
		return []byte(b.String())
	}
	policyText := []byte("policy \"p\" { language = 1 }\nlist \"a\" { file = \"a.txt\" }\nlist \"b\" { file = \"b.txt\" }\n")
	half := policy.MaxListBytes / 32 / 2
	r := parseFiles(t, fstest.MapFS{"a.rung.hcl": {Data: policyText}, "a.txt": {Data: entries(0, half)}, "b.txt": {Data: entries(0, half)}})
	if len(r.Diagnostics) > 0 {
		t.Errorf("8 MiB: %v", r.Diagnostics)
	}
	r = parseFiles(t, fstest.MapFS{"a.rung.hcl": {Data: policyText}, "a.txt": {Data: entries(0, half)}, "b.txt": {Data: entries(0, half+1)}})
	if len(r.Diagnostics) != 1 || r.Diagnostics[0].Code != "limit" || r.Diagnostics[0].Range.Start.Line != 3 {
		t.Errorf("more than 8 MiB: %v", r.Diagnostics)
	}
}

func TestRulesOver65535(t *testing.T) {
	t.Parallel()
	rules := func(n int) fstest.MapFS {
		fsys := fstest.MapFS{"a.rung.hcl": {Data: []byte("policy \"p\" { language = 1 }\naction \"a\" { level = \"none\" }\n")}}
		for i := range n {
			name := fmt.Sprintf("r%d.rung.hcl", i/20_000)
			if fsys[name] == nil {
				fsys[name] = &fstest.MapFile{}
			}
			fsys[name].Data = fmt.Appendf(fsys[name].Data, "deny \"%d\" { actions = [\"a\"] }\n", i)
		}
		return fsys
	}
	r := parseFiles(t, rules(policy.MaxRules+2))
	// The first that is too many is named, and that alone: it is line 5,536 of the fourth file.
	if len(r.Diagnostics) != 1 || r.Diagnostics[0].Code != "limit" || r.Diagnostics[0].Range.String() != "r3.rung.hcl:5536:1" {
		t.Errorf("65,537 rules: %v", r.Diagnostics)
	}
}

func TestManyErrorsEnd(t *testing.T) {
	t.Parallel()
	r := parseText(t, strings.Repeat("polcy {}\n", 5000))
	if n := len(r.Diagnostics); n != 1001 || r.Diagnostics[n-1].Code != "limit" {
		t.Errorf("%d diagnostics", n)
	}
}

// TestBrokenDeclarationsAreKept: what has a name stays, so that later stages do not complain again.
func TestBrokenDeclarationsAreKept(t *testing.T) {
	t.Parallel()
	r := parseText(t, `policy "p" { language = 1 }
signal "a" { type = strng }
param "b" {}
list "c" { type = strng }
let { d = 5 }
posture "e" {}
level "f" {}
action "g" { resource = strng }
`)
	p := r.Policy
	if p.Signal("a") == nil || len(p.Params) != 1 || len(p.Lists) != 1 || len(p.Lets) != 1 || p.Posture("e") == nil || p.Level("f") == nil || p.Action("g") == nil {
		t.Errorf("%+v", p)
	}
	if p.Signal("a").Type != policy.Any || p.Params[0].Type != policy.Any || p.Action("g").Resource != policy.Any || p.Lets[0].CEL == nil {
		t.Errorf("broken types are any: %+v", p)
	}
}

func manyRules(n int) fstest.MapFS {
	fsys := fstest.MapFS{"a.rung.hcl": {Data: []byte("policy \"p\" { language = 1 }\n")}}
	for i := range n {
		name := fmt.Sprintf("r%d.rung.hcl", i/2000)
		if fsys[name] == nil {
			fsys[name] = &fstest.MapFile{}
		}
		fsys[name].Data = fmt.Appendf(fsys[name].Data, `action "service%d.create" {
  http  = ["POST /v1/services/%d/{id}"]
  level = "aal1"
  resource = object({ amount = double, payee = string })
  step_up "large" {
    when    = "resource.amount > %d.0 && device.trusted"
    level   = "aal2"
    max_age = "5m"
    reason  = "Large amounts need a second factor."
  }
}
step_up "rule %d" {
  actions = ["service%d.*"]
  when    = <<-CEL
    subject.country in ["KP", "IR"] ||
      resource.amount > %d.0
  CEL
  level   = "aal3"
}
`, i, i, i, i, i, i)
	}
	return fsys
}

func BenchmarkParse10000Rules(b *testing.B) {
	fsys := manyRules(5000)
	for b.Loop() {
		if r := parseFiles(b, fsys); len(r.Diagnostics) > 0 || len(r.Policy.Rules) != 10_000 {
			b.Fatal(len(r.Policy.Rules), r.Diagnostics)
		}
	}
}

func TestManyRulesAreRead(t *testing.T) {
	t.Parallel()
	r := parseFiles(t, manyRules(500))
	if len(r.Diagnostics) > 0 || len(r.Policy.Rules) != 1000 {
		t.Errorf("%d rules, %v", len(r.Policy.Rules), r.Diagnostics)
	}
}
