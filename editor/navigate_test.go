package editor_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rungpolicy/rung/editor"
)

// whole is a policy in which names stand in all forms: in labels, texts, conditions, keys and tests.
const whole = head + `posture "very high" {
  rank   = 2
  params = { limit = 5.0 }
}

signal "odd" {
  type = object({ "a b" = string })
  lazy = true
}

action "a.b" {
  level    = "mfa"
  resource = object({ amount = double, tags = list(string) })

  step_up "x" {
    when    = "resource.amount > param.limit && resource.tags.exists(t, t in list.` + "`tor exits`" + `) && odd.` + "`a b`" + ` == 'é\u00e9'"
    unless  = "fast || posture >= postures.high || posture >= postures.` + "`very high`" + `"
    posture = "very high"
    level   = "mfa"
  }
}

deny "y" {
  actions = ["a.b", "a.*"]
  when    = <<-CEL
    session.level < level.mfa && velocity.transfers > 3
      && fast
  CEL
}
`

const wholeTests = `fixture "base" {
  signals = { velocity = { transfers = 1 } }
}

test "t" {
  action  = "a.b"
  uses    = ["base"]
  posture = "high"
  params  = { limit = 3.0 }
  signals = { session = { amr = ["pwd"] }, resource = { amount = 1.0 } }

  expect {
    effect      = "step_up"
    requirement = { level = "mfa" }
    reasons     = [{ rule = "a.b/x", level = "mfa" }]
  }
}
`

func wholeWorkspace(t *testing.T, files map[string]string) *editor.Workspace {
	t.Helper()
	w := editor.New(nil)
	for name, text := range files {
		w.Set(name, text)
	}
	for _, f := range w.Diagnostics() {
		for _, d := range f.Diagnostics {
			if d.Severity == "error" {
				t.Fatalf("%s: %+v", f.File, d)
			}
		}
	}
	return w
}

// place finds the n'th place of a text in a file, counted from 1, and goes off characters into it.
func place(text, of string, n, off int) editor.Position {
	at := 0
	for range n {
		i := strings.Index(text[at:], of)
		if i < 0 {
			panic("not there: " + of)
		}
		at += i + len(of)
	}
	before := text[:at-len(of)+off]
	return editor.Position{Line: strings.Count(before, "\n"), Character: len([]rune(before[strings.LastIndexByte(before, '\n')+1:]))}
}

func lines(w *editor.Workspace, all []editor.Location) string {
	var out []string
	for _, l := range all {
		text, _ := w.Text(l.File)
		line := strings.Split(text, "\n")[l.Range.Start.Line]
		out = append(out, fmt.Sprintf("%s:%d:%s", l.File, l.Range.Start.Line+1, string([]rune(line)[l.Range.Start.Character:l.Range.End.Character])))
	}
	return strings.Join(out, " ")
}

func TestDefinition(t *testing.T) {
	t.Parallel()
	w := wholeWorkspace(t, map[string]string{"a.rung.hcl": whole, "a.rungtest.hcl": wholeTests})
	tests := []struct {
		file, of string
		n, off   int
		want     string
	}{
		{"a.rung.hcl", `level    = "mfa"`, 1, 13, "a.rung.hcl:5:mfa"},
		{"a.rung.hcl", "param.limit", 1, 7, "a.rung.hcl:19:limit"},
		{"a.rung.hcl", "list.`tor", 1, 7, "a.rung.hcl:25:tor exits"},
		{"a.rung.hcl", "postures.`very", 1, 11, "a.rung.hcl:33:very high"},
		{"a.rung.hcl", "fast ||", 1, 1, "a.rung.hcl:28:fast"},
		{"a.rung.hcl", "resource.amount", 1, 10, "a.rung.hcl:45:amount"},
		{"a.rung.hcl", "resource.amount", 1, 2, "a.rung.hcl:45:resource"},
		{"a.rung.hcl", "odd.`a b`", 1, 5, "a.rung.hcl:39:a b"},
		{"a.rung.hcl", "velocity.transfers", 2, 10, "a.rung.hcl:14:transfers"},
		{"a.rung.hcl", "t in list", 1, 0, "a.rung.hcl:48:t"},
		{"a.rung.hcl", `"a.*"`, 1, 2, "a.rung.hcl:43:a.b"},
		{"a.rungtest.hcl", `"base"]`, 1, 2, "a.rungtest.hcl:1:base"},
		{"a.rungtest.hcl", "a.b/x", 1, 1, "a.rung.hcl:43:a.b"},
		{"a.rungtest.hcl", "limit", 1, 1, "a.rung.hcl:19:limit"},
		{"a.rungtest.hcl", "velocity", 1, 1, "a.rung.hcl:11:velocity"},
		{"a.rung.hcl", "policy", 1, 1, ""},
		{"a.rung.hcl", "session.level", 1, 1, ""},
	}
	for _, tt := range tests {
		text, _ := w.Text(tt.file)
		if got := lines(w, w.Definition(tt.file, place(text, tt.of, tt.n, tt.off))); got != tt.want {
			t.Errorf("%s %q: got %q, want %q", tt.file, tt.of, got, tt.want)
		}
	}
	got := lines(w, w.References("a.rung.hcl", place(whole, "mfa", 1, 1), true))
	if want := "a.rung.hcl:5:mfa a.rung.hcl:44:mfa a.rung.hcl:51:mfa a.rung.hcl:58:mfa a.rungtest.hcl:14:mfa a.rungtest.hcl:15:mfa"; got != want {
		t.Errorf("references: got %q, want %q", got, want)
	}
	got = lines(w, w.References("a.rung.hcl", place(whole, "t in list", 1, 0), false))
	if want := "a.rung.hcl:48:t"; got != want {
		t.Errorf("references of a variable: got %q, want %q", got, want)
	}
}

func TestRename(t *testing.T) {
	t.Parallel()
	w := wholeWorkspace(t, map[string]string{"a.rung.hcl": whole, "a.rungtest.hcl": wholeTests})
	tests := []struct{ of, to, want string }{
		{`"mfa" {`, "m f\"a", "cannot write"},
		{`"mfa" {`, "none", "a meaning of its own"},
		{`"mfa" {`, "", "1 to 128 bytes"},
		{`"velocity" {`, "odd", "taken"},
		{`"velocity" {`, "fast", "taken"},
		{`"velocity" {`, "device", "taken"},
		{`"velocity" {`, "resource", "by itself"},
		{`"velocity" {`, "t", "taken"},
		{`"velocity" {`, "a b", "cannot be written in a condition"},
		{`"velocity" {`, "string", "string"},
		{"fast =", "while", "while"},
		{`"high" {`, "very high", "taken"},
		{`"high" {`, "normal", "a meaning of its own"},
		{`"a.b" {`, "b.c", "matches only one"},
		{`"a.b" {`, "a.B", "no action's name"},
		{`"a.b" {`, "y", "matches only one"},
		{"session.level", "x", "declared nowhere"},
		{"resource.amount", "x", "no name stands here"},
		{"language", "x", "no name stands here"},
		{"exists(t", "x", "no name stands here"},
	}
	for _, tt := range tests {
		at := place(whole, tt.of, 1, min(1, len(tt.of)-1))
		if _, err := w.Rename("a.rung.hcl", at, tt.to); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s to %q: got %v, want %q", tt.of, tt.to, err, tt.want)
		}
	}
	w.Set("b.rung.hcl", "level \"x\" {")
	if _, err := w.Rename("a.rung.hcl", place(whole, `"mfa" {`, 1, 1), "x"); err == nil || !strings.Contains(err.Error(), "b.rung.hcl does not parse") {
		t.Errorf("got %v", err)
	}
}

// renameAll renames at a place, and applies it.
func renameAll(t *testing.T, w *editor.Workspace, file string, at editor.Position, name string) {
	t.Helper()
	edits, err := w.Rename(file, at, name)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	for _, f := range edits {
		for _, e := range slices.Backward(f.Edits) {
			w.Edit(f.File, []editor.Change{{Range: &e.Range, Text: e.NewText}})
		}
	}
	for _, f := range w.Diagnostics() {
		for _, d := range f.Diagnostics {
			if d.Severity == "error" {
				text, _ := w.Text(f.File)
				t.Fatalf("after it is called %s: %s: %+v\n%s", name, f.File, d, text)
			}
		}
	}
}

// TestRenameBack renames one of everything that two policies declare, and back again: nothing is wrong in between, and the texts are as they were.
func TestRenameBack(t *testing.T) {
	t.Parallel()
	bank := make(map[string]string)
	paths, err := filepath.Glob("../examples/bank/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if text, err := os.ReadFile(path); err == nil && !strings.HasSuffix(path, ".md") {
			bank[filepath.Base(path)] = string(text)
		}
	}
	renamed := 0
	for _, files := range []map[string]string{{"a.rung.hcl": whole, "a.rungtest.hcl": wholeTests}, bank} {
		w := wholeWorkspace(t, files)
		seen := make(map[string]bool) // one of each kind
		for _, name := range slices.Sorted(maps.Keys(files)) {
			for _, s := range w.Symbols(name) {
				if s.Kind == "let" {
					s = s.Children[0]
				}
				if !seen[s.Kind] && back(t, w, name, s) {
					seen[s.Kind] = true
				}
			}
		}
		renamed += len(seen)
		for name, text := range files {
			if got, _ := w.Text(name); got != text {
				t.Errorf("%s is not as it was:\n%s", name, got)
			}
		}
	}
	if renamed < 15 {
		t.Errorf("only %d kinds of name were renamed", renamed)
	}
}

func back(t *testing.T, w *editor.Workspace, file string, s editor.Symbol) bool {
	t.Helper()
	to := map[string]string{"level": "new-level x", "posture": "new posture", "signal": "new_signal", "param": "new-param", "list": "new-list", "let": "new_let", "fixture": "a \"new\" ${one}"}[s.Kind]
	target, err := w.Renameable(file, s.Selection.Start)
	if s.Kind == "action" && err == nil {
		to = target.Name + "x"
		if _, err := w.Rename(file, s.Selection.Start, to); err != nil {
			return false // a pattern reaches it by its last letters
		}
	}
	if to == "" || err != nil {
		if err == nil && s.Kind != "policy" {
			t.Errorf("a %s can be renamed", s.Kind)
		}
		return false
	}
	renameAll(t, w, file, s.Selection.Start, to)
	renameAll(t, w, file, s.Selection.Start, target.Name)
	return true
}

func TestRenameVariable(t *testing.T) {
	t.Parallel()
	w := wholeWorkspace(t, map[string]string{"a.rung.hcl": whole})
	at := place(whole, "t in list", 1, 0)
	if _, err := w.Rename("a.rung.hcl", at, "odd"); err == nil {
		t.Error("a variable is called like a signal")
	}
	renameAll(t, w, "a.rung.hcl", at, "tag")
	if got, _ := w.Text("a.rung.hcl"); !strings.Contains(got, "exists(tag, tag in list.") {
		t.Errorf("got %s", got)
	}
}

func TestFixes(t *testing.T) {
	t.Parallel()
	const text = "policy \"p\" {\n  language = 1\n}\n\naction \"a\" {\n  levl = \"aal1\"\n}\n"
	w := editor.New(nil)
	w.Set("a.rung.hcl", text)
	at := editor.Position{Line: 5, Character: 3}
	fixes := w.Fixes("a.rung.hcl", editor.Range{Start: at, End: at})
	if len(fixes) != 1 {
		t.Fatalf("got %+v", fixes)
	}
	if got := apply(t, text, []editor.TextEdit{fixes[0].Edit}); got != strings.Replace(text, "levl", "level", 1) {
		t.Errorf("got %q", got)
	}
	if got := w.Fixes("a.rung.hcl", editor.Range{}); len(got) != 0 {
		t.Errorf("at another place: %+v", got)
	}
}

func TestSymbols(t *testing.T) {
	t.Parallel()
	w := editor.New(nil)
	w.Set("a.rung.hcl", whole+"\ndeny \"not closed\" {\n  when = \"")
	var got []string
	for _, s := range w.Symbols("a.rung.hcl") {
		got = append(got, s.Name)
		for _, x := range s.Children {
			got = append(got, "-"+x.Name)
		}
	}
	want := "policy test,level mfa,signal velocity,param limit,list tor exits,let,-fast,posture high,posture very high,signal odd,action a.b,-step_up x,deny y,deny not closed"
	if s := strings.Join(got, ","); s != want {
		t.Errorf("got %s", s)
	}
}

// TestTyping types a policy from its beginning to its end, and asks everything on the way.
func TestTyping(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"a.rung.hcl": whole, "a.rungtest.hcl": wholeTests} {
		w := editor.New(nil)
		w.Set("b.rung.hcl", head)
		for i := 0; i <= len(text); i += 7 {
			w.Set(name, text[:i])
			at := editor.Position{Line: strings.Count(text[:i], "\n"), Character: 1 << 20}
			ask(w, name, at)
			w.Definition(name, at)
			w.References(name, at, true)
			w.Symbols(name)
			_, _ = w.Rename(name, at, "x")
		}
	}
}
