package editor_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rungpolicy/rung/editor"
)

// Long is a policy of about a thousand lines in one file, as people write them: 60 actions with three rules each.
func Long() string {
	var b strings.Builder
	b.WriteString(head)
	for i := range 60 {
		fmt.Fprintf(&b, `action "area%d.create" {
  level = "mfa"

  resource = object({
    amount = double
    tags   = list(string)
  })

  step_up "large" {
    when   = "resource.amount > param.limit && (fast || resource.tags.exists(t, t.startsWith('x%d')))"
    level  = "mfa"
    reason = "A second factor is needed."
  }

  deny "sanctioned" {
    when = "subject.country in list.`+"`tor exits`"+` || network.tor"
  }
}

`, i, i)
	}
	return b.String()
}

// typed has a policy of a thousand lines open, and types and deletes a letter in a condition in its middle.
func typed(b *testing.B, ask func(w *editor.Workspace, at editor.Position)) {
	b.Helper()
	text := Long()
	w := editor.New(nil)
	w.Set("a.rung.hcl", text)
	line := 0
	for i, l := range strings.Split(text, "\n") {
		if strings.Contains(l, "x30") {
			line = i
		}
	}
	at := editor.Position{Line: line, Character: strings.Index(strings.Split(text, "\n")[line], "fast")}
	after := editor.Position{Line: at.Line, Character: at.Character + 1}
	b.ReportMetric(float64(strings.Count(text, "\n")), "lines")
	for i := 0; b.Loop(); i++ {
		if i%2 == 0 {
			w.Edit("a.rung.hcl", []editor.Change{{Range: &editor.Range{Start: at, End: at}, Text: "x"}})
		} else {
			w.Edit("a.rung.hcl", []editor.Change{{Range: &editor.Range{Start: at, End: after}, Text: ""}})
		}
		ask(w, after)
	}
}

func BenchmarkDiagnostics(b *testing.B) {
	typed(b, func(w *editor.Workspace, _ editor.Position) { w.Diagnostics() })
}

func BenchmarkComplete(b *testing.B) {
	typed(b, func(w *editor.Workspace, at editor.Position) { w.Complete("a.rung.hcl", at) })
}

func BenchmarkHover(b *testing.B) {
	typed(b, func(w *editor.Workspace, at editor.Position) { w.Hover("a.rung.hcl", at) })
}
