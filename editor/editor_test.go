package editor_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/rungpolicy/rung/editor"
)

// cut takes the cursor, `▮`, out of a text.
func cut(t *testing.T, s string) (text string, at editor.Position) {
	t.Helper()
	before, after, ok := strings.Cut(s, "▮")
	if !ok {
		t.Fatalf("no cursor in %q", s)
	}
	at.Line = strings.Count(before, "\n")
	for _, r := range before[strings.LastIndexByte(before, '\n')+1:] {
		if at.Character++; r > 0xffff {
			at.Character++
		}
	}
	return before + after, at
}

const head = `policy "test" {
  language = 1
}

level "mfa" {
  rank = 1
  acr  = ["urn:mfa"]
  amr  = [["pwd", "otp"]]
}

signal "velocity" {
  description = "How much has been going on"
  type = object({
    transfers = int
    odd-name  = optional(string)
  })
}

param "limit" {
  type     = double
  default  = 10.0
  stricter = "lower"
}

list "tor exits" { values = ["a"] }

let {
  fast = "velocity.transfers > 5"
}

posture "high" { rank = 1 }

`

func labels(items []editor.Completion) []string {
	out := make([]string, len(items))
	for i, x := range items {
		out[i] = x.Label
	}
	return out
}

func TestComplete(t *testing.T) {
	t.Parallel()
	action := func(body string) string {
		return head + "action \"transfer.create\" {\n  level = \"mfa\"\n  resource = object({\n    amount = double\n    tags = list(string)\n    rows = list(object({ id = ip }))\n  })\n" + body + "\n}\n"
	}
	when := func(cel string) string { return action("  deny \"x\" {\n    when = \"" + cel + "\n  }") }
	tests := []struct {
		name, text string
		want       string // labels that are there
		not        string // and those that are not
	}{
		{"top", head + "▮\n", "action step_up deny level list", "rollout when"},
		{"top, a word", head + "act▮", "action", "when"},
		{"body", action("  step_up \"x\" {\n    ▮\n  }"), "when level max_age rollout", "actions rank"},
		{"body of action", action("  ▮"), "http step_up deny", "level actions"},
		{"not closed", head + "action \"a\" {\n  level = \"none\"\n  deny \"b\" {\n    w▮\n\naction \"c\" {\n  level = \"mfa\"\n}\n", "when unless", "level"},
		{"level", head + "action \"a\" {\n  level = \"▮\"\n}\n", "mfa none", "high"},
		{"level, no quotes", head + "action \"a\" {\n  level = ▮\n}\n", "mfa none", "high"},
		{"posture", action("  deny \"x\" {\n    posture = \"▮\n  }"), "high normal", "mfa"},
		{"actions", action("") + "deny \"x\" {\n  actions = [\"▮\"]\n}\n", "transfer.create *", ""},
		{"methods", action("  step_up \"x\" {\n    methods = [\"pwd\", \"▮\"]\n  }"), "otp hwk", ""},
		{"mode", action("  step_up \"x\" {\n    mode = \"▮\"\n  }"), "enforce shadow off", "mfa"},
		{"type", head + "signal \"x\" {\n  type = ▮\n}\n", "object list bool", "true"},
		{"type inside", head + "signal \"x\" {\n  type = object({ a = lis▮ })\n}\n", "object list bool", "true"},
		{"bool", head + "signal \"x\" {\n  type = int\n  lazy = ▮\n}\n", "true false", "int"},
		{"overlay", head + "posture \"x\" {\n  rank = 2\n  params = { ▮ }\n}\n", "limit", "mfa"},
		{"comment", head + "# act▮\n", "", "action"},
		{"condition", when("▮\""), "velocity fast resource now param has math.abs true session", "contains"},
		{"no end", when("▮"), "velocity fast resource", "contains"},
		{"resource", when("resource.▮"), "amount tags rows", "contains"},
		{"resource, then more", when("resource.▮ > 5 && fast\""), "amount tags rows", "contains"},
		{"back quotes", when("velocity.▮"), "transfers odd-name", ""},
		{"param", when("resource.amount > param.▮"), "limit", "fast"},
		{"list", when("'a' in list.▮"), "tor exits", "limit"},
		{"level of CEL", when("session.level >= level.▮"), "mfa", "limit"},
		{"postures", when("posture >= postures.▮"), "high normal", "mfa"},
		{"methods of text", when("session.acr.▮"), "startsWith contains size", "exists hasAny getHours"},
		{"methods of a list", when("resource.tags.▮"), "exists all sortBy hasAny size join", "startsWith optMap"},
		{"methods of a time", when("now.▮"), "getHours getDayOfWeek", "startsWith size"},
		{"of a call", when("session.acr.split(':').▮"), "exists size", "startsWith"},
		{"variable", when("resource.tags.exists(t, ▮)"), "t fast", ""},
		{"of a variable", when("resource.tags.exists(t, t.▮)"), "startsWith", "exists"},
		{"of an object's", when("resource.rows.exists(r, r.▮)"), "id", "startsWith"},
		{"of an object's, nested", when("resource.rows.exists(r, resource.tags.all(t, r.id.▮"), "isLoopback family", "startsWith id"},
		{"two variables", when("resource.tags.exists(i, t, t.▮)"), "startsWith", "exists"},
		{"bound", when("cel.bind(x, now, x.▮)"), "getHours", "exists"},
		{"optional", when("device.?id.▮"), "orValue optMap hasValue", "exists"},
		{"namespace", when("math.▮"), "abs greatest", "fast"},
		{"text", when("'▮' in session.amr\""), "otp hwk", "fast"},
		{"text held", when("session.acr == '▮'\""), "urn:mfa", "fast"},
		{"heredoc", action("  deny \"x\" {\n    when = <<-CEL\n      fast &&\n        resource.▮\n    CEL\n  }"), "amount", ""},
		{"let", head + "let {\n  b = \"velocity.▮\"\n}\naction \"a\" {\n  level = \"mfa\"\n}\n", "transfers", ""},
		{"by", action("  step_up \"x\" {\n    level = \"mfa\"\n    rollout {\n      percent = 1\n      by = \"subject.▮\"\n    }\n  }"), "id", ""},
		{"rule at top level", action("") + "deny \"x\" {\n  actions = [\"transfer.*\"]\n  when = \"resource.▮\"\n}\n", "amount", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text, at := cut(t, tt.text)
			w := editor.New(nil)
			w.Set("a.rung.hcl", text)
			got := labels(w.Complete("a.rung.hcl", at))
			for _, want := range strings.Fields(strings.ReplaceAll(tt.want, "tor exits", "tor_exits")) {
				if !slices.Contains(got, strings.ReplaceAll(want, "tor_exits", "tor exits")) {
					t.Errorf("%q is not among %q", want, got)
				}
			}
			for _, not := range strings.Fields(tt.not) {
				if slices.Contains(got, not) {
					t.Errorf("%q is among them", not)
				}
			}
		})
	}
}

func TestHover(t *testing.T) {
	t.Parallel()
	rule := func(cel string) string {
		return head + "action \"a\" {\n  level = \"mfa\"\n  resource = object({ amount = double })\n  deny \"x\" {\n    when = \"" + cel + "\"\n  }\n}\n"
	}
	tests := []struct{ text, want string }{
		{rule("velocity.trans▮fers > 5"), "velocity.transfers: int"},
		{rule("velo▮city.transfers > 5"), "How much has been going on"},
		{rule("sess▮ion.level > 0"), "How and when the subject authenticated"},
		{rule("fa▮st"), "fast: bool"},
		{rule("resource.am▮ount > 1.0"), "resource.amount: double"},
		{rule("resource.amount > param.li▮mit"), "param.limit: double = 10"},
		{rule("session.acr.starts▮With('a')"), "string.startsWith(string) -> bool"},
		{rule("subject.groups.exists(g▮, g == 'a')"), "g: "},
		{rule("subject.groups.exists(g, g▮ == 'a')"), "g: string"},
		{rule("subject.groups.exis▮ts(g, g == 'a')"), "list.exists(x, predicate) -> bool"},
		{rule("session.level >= level.m▮fa"), "proved by any of these"},
		{rule("now - device.first_seen < duration('2▮4h')"), "1 day (86400 seconds)"},
		{rule("math.ab▮s(1) == 1"), "math.abs(number) -> number"},
		{rule("ma▮th.abs(1) == 1"), "library `math`"},
		{rule("n▮ow == now"), "now: timestamp"},
		{strings.Replace(rule("fast"), "level = \"mfa\"", "lev▮el = \"mfa\"", 1), "the baseline, before any rule"},
		{strings.Replace(rule("fast"), "level = \"mfa\"", "level = \"m▮fa\"", 1), "level \"mfa\", rank 1"},
		{strings.Replace(rule("fast"), "deny \"x\"", "de▮ny \"x\"", 1), "deny"},
		{strings.Replace(rule("fast"), "deny \"x\" {", "step_up \"x\" {\n    max_age = \"5▮m\"", 1), "5 minutes (300 seconds)"},
		{strings.Replace(head, `"pwd", "otp"`, `"pwd", "o▮tp"`, 1), "one-time password"},
		{strings.Replace(head, "transfers = int", "transfers = in▮t", 1), "a whole number of 64 bits"},
	}
	for _, tt := range tests {
		text, at := cut(t, tt.text)
		w := editor.New(nil)
		w.Set("a.rung.hcl", text)
		h := w.Hover("a.rung.hcl", at)
		if h == nil {
			t.Errorf("nothing to say of %q", strings.Split(tt.text, "\n")[at.Line])
			continue
		}
		if !strings.Contains(h.Markdown, tt.want) {
			t.Errorf("%q: got %q, want %q", strings.Split(tt.text, "\n")[at.Line], h.Markdown, tt.want)
		}
	}
}

func TestBank(t *testing.T) {
	t.Parallel()
	w := editor.New(os.DirFS("../examples/bank"))
	for _, f := range w.Diagnostics() {
		if len(f.Diagnostics) > 0 {
			t.Errorf("%s: %v", f.File, f.Diagnostics)
		}
	}
}

func TestCompleteTests(t *testing.T) {
	t.Parallel()
	in := func(body string) string { return "fixture \"base\" {\n}\n\ntest \"t\" {\n" + body + "\n}\n" }
	tests := []struct{ text, want, not string }{
		{"▮\n", "test fixture", "action case"},
		{in("  ▮"), "action signals uses case expect", "when effect"},
		{in("  action = \"▮\""), "a.b", "mfa"},
		{in("  uses = [\"▮\"]"), "base", "a.b"},
		{in("  posture = ▮"), "high normal", ""},
		{in("  signals = { ▮ }"), "session velocity resource", "amr"},
		{in("  signals = {\n    session = {\n      ▮\n    }\n  }"), "amr auth_time acr", "velocity"},
		{in("  signals = { session = { amr = [\"pwd\"], ▮ } }"), "auth_time", "amr"},
		{in("  signals = { session = { amr = [\"▮\"] } }"), "otp hwk", "auth_time"},
		{in("  signals = { session = { acr = \"▮\" } }"), "urn:mfa", ""},
		{in("  signals = { network = { tor = ▮ } }"), "true false", ""},
		{in("  signals = { resource = { ▮ } }"), "amount", "tor"},
		{in("  params = { ▮ }"), "limit", "mfa"},
		{in("  expect {\n    ▮\n  }"), "effect requirement reasons", "when"},
		{in("  expect {\n    effect = \"▮\"\n  }"), "allow step_up deny need", "mfa"},
		{in("  expect {\n    requirement = { level = \"▮\" }\n  }"), "mfa", "allow"},
	}
	for _, tt := range tests {
		text, at := cut(t, tt.text)
		w := editor.New(nil)
		w.Set("a.rung.hcl", head+"action \"a.b\" {\n  level = \"mfa\"\n  resource = object({ amount = double })\n}\n")
		w.Set("a.rungtest.hcl", text)
		got := labels(w.Complete("a.rungtest.hcl", at))
		for _, want := range strings.Fields(tt.want) {
			if !slices.Contains(got, want) {
				t.Errorf("%q: %q is not among %q", tt.text, want, got)
			}
		}
		for _, not := range strings.Fields(tt.not) {
			if slices.Contains(got, not) {
				t.Errorf("%q: %q is among %q", tt.text, not, got)
			}
		}
	}
}

// TestCompleteEdit holds what is written against what stands there then.
func TestCompleteEdit(t *testing.T) {
	t.Parallel()
	rule := func(s string) string {
		return head + "action \"a\" {\n  level = \"mfa\"\n  deny \"x\" {\n    " + s + "\n  }\n}\n"
	}
	tests := []struct{ text, label, want string }{
		{rule("when = \"velocity.tr▮ans > 5\""), "transfers", "when = \"velocity.transfers > 5\""},
		{rule("when = \"velocity.▮ == 'a'\""), "odd-name", "when = \"velocity.`odd-name` == 'a'\""},
		{rule("when = \"'a' in list.▮\""), "tor exits", "when = \"'a' in list.`tor exits`\""},
		{rule("when = \"session.acr.starts▮\""), "startsWith", "when = \"session.acr.startsWith($1)\""},
		{rule("when = \"session.acr.starts▮('a')\""), "startsWith", "when = \"session.acr.startsWith('a')\""},
		{rule("when = \"'\\u00e9𝒳' == session.▮\""), "acr", "when = \"'\\u00e9𝒳' == session.acr\""},
		{rule("posture = ▮"), "high", "posture = \"high\""},
		{rule("posture = \"n▮o\""), "high", "posture = \"high\""},
		{rule("mod▮"), "mode", "mode = \"$1\""},
		{rule("mod▮ = \"off\""), "mode", "mode = \"off\""},
	}
	for _, tt := range tests {
		text, at := cut(t, tt.text)
		w := editor.New(nil)
		w.Set("a.rung.hcl", text)
		found := false
		for _, c := range w.Complete("a.rung.hcl", at) {
			if c.Label == tt.label {
				found = true
				if got := apply(t, text, []editor.TextEdit{c.Edit}); !strings.Contains(got, tt.want) {
					t.Errorf("%q: %q is not in %q", tt.label, tt.want, got[len(head):])
				}
			}
		}
		if !found {
			t.Errorf("%q is not among those of %q", tt.label, tt.text[len(head):])
		}
	}
	if got, want := editor.Unsnippet(`a(${1:x}, $2) \$ {`+"\n$0}"), "a(x, ) $ {\n}"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
