package editor

import (
	"github.com/rungpolicy/rung/cel"
	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/hcl"
	"github.com/rungpolicy/rung/policy"
)

// Format returns what makes a file's text its canonical form: one edit, or none if it is in that form already, or does not parse.
func (w *Workspace) Format(file string) []TextEdit {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := w.text(file)
	if t == nil || w.tree(file) == nil {
		return nil
	}
	formatted, problems := hcl.Format(t.src, formatCEL)
	if problems.HasErrors() || string(formatted) == string(t.src.Bytes) {
		return nil
	}
	return []TextEdit{t.difference(string(formatted))}
}

func formatCEL(text *policy.Text, width int, newline string) (string, diag.List) {
	return cel.Format(text, cel.Layout{Width: width, Newline: newline})
}

// difference is the edit that makes a text another: of the lines between those that both begin and end with.
func (t *text) difference(want string) TextEdit {
	have := string(t.src.Bytes)
	start := 0
	for i := range min(len(have), len(want)) {
		if have[i] != want[i] {
			break
		}
		if have[i] == '\n' {
			start = i + 1
		}
	}
	end := 0 // bytes behind it
	for i := 1; i <= min(len(have), len(want))-start; i++ {
		if have[len(have)-i] != want[len(want)-i] {
			break
		}
		if have[len(have)-i] == '\n' {
			end = i - 1
		}
	}
	return TextEdit{Range: t.rng(span{start, len(have) - end}), NewText: want[start : len(want)-end]}
}
