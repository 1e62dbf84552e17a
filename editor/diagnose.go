package editor

import (
	"slices"
	"time"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/hcl"
	rung "github.com/rungpolicy/rung/sdk"
)

// Diagnostic is something to tell the author at a place of a file.
type Diagnostic struct {
	Range Range `json:"range"`
	// Severity is "error", "warning" or "info".
	Severity string `json:"severity"`
	// Code is stable; docs/diagnostics.md has a section for each.
	Code    string `json:"code"`
	Summary string `json:"summary"`
	// Detail is why, or the way out.
	Detail string `json:"detail,omitempty"`
	// Suggestion is what to put in the place of the range, and that alone; "" if there is none.
	Suggestion string    `json:"suggestion,omitempty"`
	Related    []Related `json:"related,omitempty"`
}

// Related is another place that a diagnostic speaks of.
type Related struct {
	Location
	Message string `json:"message"`
}

// FileDiagnostics is what there is to say of a file.
type FileDiagnostics struct {
	File        string       `json:"file"`
	Diagnostics []Diagnostic `json:"diagnostics"`
}

// Diagnostics returns what there is to say of the policy: an entry for every file of it, ordered by name, those with nothing wrong too; and
// entries of list files with something wrong.
func (w *Workspace) Diagnostics() []FileDiagnostics {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.derived()
	if s.diagnostics == nil {
		s.diagnostics = w.diagnose()
	}
	return s.diagnostics
}

func (w *Workspace) diagnose() []FileDiagnostics {
	names := w.files(policySuffix)
	found := make(map[string][]Diagnostic)
	for _, name := range append(w.files(testSuffix), names...) {
		found[name] = []Diagnostic{}
	}
	if len(names) > 0 {
		for _, d := range w.check(names, nil) {
			found[d.Range.File] = append(found[d.Range.File], w.diagnostic(d))
		}
	}
	all := make([]FileDiagnostics, 0, len(found))
	for name, list := range found {
		all = append(all, FileDiagnostics{File: name, Diagnostics: list})
	}
	slices.SortFunc(all, func(a, b FileDiagnostics) int {
		if a.File < b.File {
			return -1
		}
		return 1
	})
	return all
}

// check runs the stages over the policy as it is written, and its tests; texts stand in the place of files' own. Warnings are there if nothing is wrong.
func (w *Workspace) check(names []string, texts map[string]string) diag.List {
	fsys := folder{w, texts}
	c, err := rung.Read(fsys, names...)
	if err != nil {
		return nil // a file has gone meanwhile
	}
	list := c.Diagnostics
	var now time.Time
	if w.clock != nil {
		now = w.clock()
	}
	list.Add(c.Findings(now)...)
	if tests := w.files(testSuffix); len(tests) > 0 && !c.Policy.Partial {
		if t, err := hcl.ParseTests(fsys, c.Policy, tests...); err == nil {
			list.Add(t.Diagnostics...)
		}
	}
	list.Sort()
	return list
}

func (w *Workspace) diagnostic(d diag.Diagnostic) Diagnostic {
	out := Diagnostic{
		Range: w.location(d.Range).Range, Severity: d.Severity.String(), Code: d.Code, Summary: d.Summary, Detail: d.Detail, Suggestion: d.Suggestion,
	}
	for _, r := range d.Related {
		out.Related = append(out.Related, Related{Location: w.location(r.Range), Message: r.Message})
	}
	return out
}

// location converts a range of package diag.
func (w *Workspace) location(r diag.Range) Location {
	l := Location{File: r.File}
	if t := w.text(r.File); t != nil {
		l.Range = t.diagRange(r)
	}
	return l
}
