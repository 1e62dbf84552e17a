package session_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rungpolicy/rung/editor"
	"github.com/rungpolicy/rung/playground/session"
)

// bank is the repository's example.
func bank(t testing.TB) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, pattern := range []string{"*.hcl", "*.txt"} {
		names, err := filepath.Glob(filepath.Join("../../examples/bank", pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			out[filepath.Base(name)] = string(text)
		}
	}
	return out
}

// call calls a method as the page does.
func call[R any](t *testing.T, s *session.Session, method string, argument any) R {
	t.Helper()
	in, err := json.Marshal(argument)
	if err != nil {
		t.Fatal(err)
	}
	var out struct {
		Result R
		Error  *struct{ Message string }
	}
	text := s.Call(method, in)
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatalf("%s: %v\n%s", method, err, text)
	}
	if out.Error != nil {
		t.Fatalf("%s: %s", method, out.Error.Message)
	}
	return out.Result
}

const large = `{"action": "transfer.create", "now": "2026-11-20T12:00:00Z", "signals": {
	"session": {"acr": "urn:bank:acr:pwd", "auth_time": "2026-11-20T11:00:00Z"}, "reputation": 0.9, "network": {"ip": "198.51.100.7"},
	"resource": {"amount": 2500, "payee_country": "FR", "payee_added": "2020-01-01T00:00:00Z"}}}`

func TestSession(t *testing.T) {
	t.Parallel()
	var s session.Session
	opened := call[session.Opened](t, &s, "open", bank(t))
	if !opened.Decides || len(opened.Policy.Levels) != 3 || len(opened.Policy.Postures) != 3 || len(opened.Policy.Actions) != 7 {
		t.Fatalf("opened: %+v", opened)
	}
	decisions := call[[]map[string]any](t, &s, "decide", []string{large, "no JSON"})
	if decisions[0]["effect"] != "step_up" || decisions[1]["effect"] != "deny" || decisions[1]["error"] == nil {
		t.Errorf("decided: %v", decisions)
	}
	explained := call[map[string]any](t, &s, "explain", large)
	if explained["effect"] != "step_up" || explained["trace"] == nil {
		t.Errorf("explained: %v", explained)
	}
	built := call[session.Built](t, &s, "build", nil)
	if built.Bytes != len(s.Module()) || !bytes.HasPrefix(s.Module(), []byte("\x00asm")) || len(built.Parts) == 0 {
		t.Errorf("built: %+v", built)
	}
	if text := call[string](t, &s, "text", nil); !strings.HasPrefix(text, "(module") {
		t.Errorf("text: %.40s", text)
	}
	tested := call[map[string]any](t, &s, "test", nil)
	if report, ok := tested["report"].(map[string]any); !ok || report["failed"] != 0.0 || report["coverage"] == nil {
		t.Errorf("tested: %v", tested)
	}
	changes := call[[]map[string]any](t, &s, "changes", large)
	if len(changes) == 0 || changes[0]["attribute"] == nil {
		t.Errorf("changes: %v", changes)
	}
}

// TestRollouts: where a subject stands is where the engine puts it.
func TestRollouts(t *testing.T) {
	t.Parallel()
	var s session.Session
	call[session.Opened](t, &s, "open", map[string]string{"a.rung.hcl": `policy "p" { language = 1 }
action "a" {
  level = "none"
  step_up "some" {
    level = "aal2"
    rollout {
      percent = 30
      by      = "subject.id"
    }
  }
  deny "those whose id is not known" {
    when = "subject.id == ''"
    rollout {
      percent = 0.5
      by      = "subject.id + '!'"
    }
  }
}
`})
	var subjects, requests []string
	for i := range 200 {
		subjects = append(subjects, fmt.Sprintf("u-%d", i))
		requests = append(requests, fmt.Sprintf(`{"action": "a", "signals": {"subject": {"id": "u-%d"}}}`, i))
	}
	rollouts := call[[]session.Rollout](t, &s, "rollouts", subjects)
	if len(rollouts) != 2 || rollouts[0].Percent != 30 || strings.Join(rollouts[0].Path, ".") != "signals.subject.id" || rollouts[1].Path != nil || rollouts[1].Percent != 0.5 {
		t.Fatalf("rollouts: %+v", rollouts)
	}
	decisions := call[[]map[string]any](t, &s, "decide", requests)
	in := 0
	for i, d := range decisions {
		if (d["effect"] == "step_up") != (rollouts[0].Stands[i] < 30) {
			t.Errorf("%s stands at %v, and the answer is %v", subjects[i], rollouts[0].Stands[i], d["effect"])
		}
		if d["effect"] == "step_up" {
			in++
		}
	}
	if in < 30 || in > 90 {
		t.Errorf("%d of 200 are in", in)
	}
}

func TestEditing(t *testing.T) {
	t.Parallel()
	var s session.Session
	files := bank(t)
	call[session.Opened](t, &s, "open", files)
	text := files["transfers.rung.hcl"]
	before, _, _ := strings.Cut(text, "param.transfer_limit")
	at := editor.Position{Line: strings.Count(before, "\n"), Character: len(before) - strings.LastIndex(before, "\n") - 1 + len("param.")}
	place := session.Place{File: "transfers.rung.hcl", Text: text, At: at}
	items := call[[]editor.Completion](t, &s, "complete", place)
	if len(items) != 4 {
		t.Errorf("completions: %+v", items)
	}
	if hover := call[*editor.Hover](t, &s, "hover", place); hover == nil || !strings.Contains(hover.Markdown, "second factor") {
		t.Errorf("hover: %+v", hover)
	}
	if found := call[[]editor.Location](t, &s, "define", place); len(found) != 1 || found[0].File != "signals.rung.hcl" {
		t.Errorf("defined: %+v", found)
	}
	if edits := call[[]editor.FileEdits](t, &s, "rename", session.Renaming{Place: place, Name: "sum_limit"}); len(edits) < 3 {
		t.Errorf("renamed: %+v", edits)
	}
	if got := call[string](t, &s, "format", session.File{Name: "transfers.rung.hcl", Text: strings.ReplaceAll(text, "  level ", "level ")}); got != text {
		t.Error("the canonical form is another")
	}
}

// TestBadInput: whatever the page asks for is answered.
func TestBadInput(t *testing.T) {
	t.Parallel()
	var s session.Session
	for _, c := range []struct{ method, argument, want string }{
		{"nosuch", "null", "there is no method"},
		{"decide", `["{}"]`, "mistakes"},
		{"explain", `"{}"`, "mistakes"},
		{"changes", `"{}"`, "mistakes"},
		{"build", "null", "mistakes"},
		{"text", "null", "mistakes"},
		{"test", "null", "mistakes"},
		{"rollouts", `["u"]`, "mistakes"},
		{"decide", `{`, "unexpected end"},
		{"open", `{"a.rung.hcl": "}"}`, "syntax"},
		{"format", `{"file": "a.rung.hcl", "text": "}"}`, "diagnostics"},
		{"open", `{}`, "no *.rung.hcl file"},
		{"complete", `{"file": "x", "text": "", "at": {"line": 7, "character": -1}}`, "result"},
		{"rename", `{"file": "x.rung.hcl", "text": "", "at": {"line": 0, "character": 0}, "name": "y"}`, "error"},
	} {
		if got := string(s.Call(c.method, []byte(c.argument))); !strings.Contains(got, c.want) {
			t.Errorf("%s %s: %s", c.method, c.argument, got)
		}
	}
	for range 3 {
		s.Call("open", []byte(`{"a.rung.hcl": "policy \"a\" { language = 1 }\naction \"a\" { level = \"none\" }\n"}`))
		if got := string(s.Call("decide", []byte(`["{\"action\": \"a\"}"]`))); !strings.Contains(got, `"effect":"allow"`) {
			t.Error(got)
		}
		s.Call("open", []byte(`{"a.rung.hcl": "policy"}`))
		if got := string(s.Call("decide", []byte(`["{\"action\": \"a\"}"]`))); !strings.Contains(got, "mistakes") {
			t.Error("it decides by the policy before:", got)
		}
	}
}

func BenchmarkRound(b *testing.B) {
	var s session.Session
	files := bank(b)
	in, err := json.Marshal(files)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		s.Call("open", in)
		s.Call("build", []byte("null"))
	}
}
