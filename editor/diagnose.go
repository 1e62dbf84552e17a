package editor

import (
	"maps"
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
// entries of list files with something wrong. Texts may be changed and other questions asked meanwhile.
func (w *Workspace) Diagnostics() []FileDiagnostics {
	w.mu.Lock()
	s := w.derived()
	if s.diagnostics != nil {
		defer w.mu.Unlock()
		return s.diagnostics
	}
	v, now := w.view(false), w.now()
	w.mu.Unlock()
	found := v.diagnose(now)
	w.mu.Lock()
	defer w.mu.Unlock()
	s.diagnostics = found
	return found
}

// now is what the clock says; without one it is no time.
func (w *Workspace) now() time.Time {
	if w.clock == nil {
		return time.Time{}
	}
	return w.clock()
}

func (v *view) diagnose(now time.Time) []FileDiagnostics {
	found := make(map[string][]Diagnostic)
	for _, name := range slices.Concat(v.tests, v.policies) {
		found[name] = []Diagnostic{}
	}
	if len(v.policies) > 0 {
		for _, d := range v.check(now, nil) {
			found[d.Range.File] = append(found[d.Range.File], v.diagnostic(d))
		}
	}
	all := make([]FileDiagnostics, 0, len(found))
	for _, name := range slices.Sorted(maps.Keys(found)) {
		all = append(all, FileDiagnostics{File: name, Diagnostics: found[name]})
	}
	return all
}

// check runs the stages over the policy as it is written, and its tests; texts stand in the place of files' own. Warnings are there if nothing is wrong.
func (v *view) check(now time.Time, texts map[string]string) diag.List {
	fsys := folder{v, texts}
	c, err := rung.Read(fsys, v.policies...)
	if err != nil {
		return nil // a file has gone meanwhile
	}
	list := c.Diagnostics
	list.Add(c.Findings(now)...)
	if len(v.tests) > 0 && !c.Policy.Partial {
		if t, err := hcl.ParseTests(fsys, c.Policy, v.tests...); err == nil {
			list.Add(t.Diagnostics...)
		}
	}
	list.Sort()
	return list
}

func (v *view) diagnostic(d diag.Diagnostic) Diagnostic {
	out := Diagnostic{
		Range: v.location(d.Range).Range, Severity: d.Severity.String(), Code: d.Code, Summary: d.Summary, Detail: d.Detail, Suggestion: d.Suggestion,
	}
	for _, r := range d.Related {
		out.Related = append(out.Related, Related{Location: v.location(r.Range), Message: r.Message})
	}
	return out
}

// location converts a range of package diag.
func (v *view) location(r diag.Range) Location {
	l := Location{File: r.File}
	if t := v.text(r.File); t != nil {
		l.Range = t.diagRange(r)
	}
	return l
}
