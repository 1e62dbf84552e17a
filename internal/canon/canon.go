// Package canon holds what is promised of formatting against policies: formatting again changes nothing, the policy means what it meant, and
// every comment is still there.
package canon

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing/fstest"

	"github.com/rungpolicy/rung/cel"
	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/hcl"
	"github.com/rungpolicy/rung/policy"
)

// Condition lays a condition out, for hcl.Format.
func Condition(text *policy.Text, width int, newline string) (string, diag.List) {
	return cel.Format(text, cel.Layout{Width: width, Newline: newline})
}

// Result says what a policy came to.
type Result struct {
	// Formatted and Refused count its files: those that have a form, and those that do not parse.
	Formatted, Refused int
	// Comments counts the notes of [Sprinkle] that are in it.
	Comments int
}

var note = regexp.MustCompile(`\bnote-\d+\b`)

// Hold formats the files of a policy. The error says what does not hold.
func Hold(fsys fs.FS) (Result, error) {
	var r Result
	formed, err := form(fsys, &r)
	if err != nil {
		return r, err
	}
	before, after := meaning(fsys), meaning(formed)
	if before != after {
		return r, fmt.Errorf("formatted, it means something else: %s", difference(before, after))
	}
	return r, nil
}

// form formats all files of a policy, and holds each against what it was.
func form(fsys fs.FS, r *Result) (fs.FS, error) {
	formed, err := copied(fsys)
	if err != nil {
		return nil, err
	}
	for name, file := range formed {
		if !isPolicyFile(name) {
			continue
		}
		text := file.Data
		out, diags := hcl.Format(diag.NewSource(name, text), Condition)
		if diags.HasErrors() {
			r.Refused++
			if faults := faultsOf(fsys); !strings.Contains(faults, "error") {
				return nil, fmt.Errorf("%s is refused, and is no mistake: %w", name, diags)
			}
			continue
		}
		formed[name].Data = out
		r.Formatted++
		if err := r.holdFile(name, text, out); err != nil {
			return nil, err
		}
	}
	return formed, nil
}

// isPolicyFile reports whether a file is one that is formatted, where other files may be.
func isPolicyFile(name string) bool {
	return strings.HasSuffix(name, ".rung.hcl") || strings.HasSuffix(name, ".rungtest.hcl")
}

// copied is a policy's folder in memory.
func copied(fsys fs.FS) (fstest.MapFS, error) {
	out := fstest.MapFS{}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(fsys, name)
		out[name] = &fstest.MapFile{Data: text}
		return err
	})
	return out, err
}

func (r *Result) holdFile(name string, text, out []byte) error {
	again, diags := hcl.Format(diag.NewSource(name, out), Condition)
	if diags.HasErrors() || string(again) != string(out) {
		return fmt.Errorf("%s, formatted again, is not the same: %s%w", name, difference(string(out), string(again)), diags)
	}
	had, has := note.FindAllString(string(text), -1), note.FindAllString(string(out), -1)
	slices.Sort(had)
	slices.Sort(has)
	if !slices.Equal(had, has) {
		return fmt.Errorf("%s had %d comments, and has %d", name, len(had), len(has))
	}
	r.Comments += len(has)
	return nil
}

// difference is the first line in which two texts differ.
func difference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return fmt.Sprintf("%q became %q", x[i], y[i])
		}
	}
	return fmt.Sprintf("%d lines became %d", len(x), len(y))
}

// faultsOf are the severities and codes of what there is to say about a policy.
func faultsOf(fsys fs.FS) string {
	parsed, err := hcl.Parse(fsys)
	if err != nil {
		return "error " + err.Error()
	}
	_, found := cel.Check(parsed.Policy)
	return codes(append(parsed.Diagnostics, found...))
}

func codes(l diag.List) string {
	var out []string
	for _, d := range l {
		out = append(out, d.Severity.String()+" "+d.Code)
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}
