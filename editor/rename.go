package editor

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/rungpolicy/rung/cel"
	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/hcl"
	"github.com/rungpolicy/rung/policy"
)

// FileEdits are the edits of a file, in order; they do not overlap.
type FileEdits struct {
	File  string     `json:"file"`
	Edits []TextEdit `json:"edits"`
}

// RenameTarget is what a rename at a place would change.
type RenameTarget struct {
	Range Range  `json:"range"`
	Name  string `json:"name"`
}

var errNoName = errors.New("no name stands here that the policy gives")

// Renameable returns what is named at a place. The error says why it cannot be renamed.
func (w *Workspace) Renameable(file string, p Position) (RenameTarget, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r, err := w.rename(file, p)
	if err != nil {
		return RenameTarget{}, err
	}
	at := r.at
	if r.quoted {
		at = span{at.start + 1, at.end - 1}
	}
	return RenameTarget{Range: w.text(file).rng(at), Name: r.name}, nil
}

// Rename returns the edits that give what is named at a place another name, in all files, conditions and tests. It refuses, with an error for people, what
// is declared nowhere, names that cannot be, and what would clash or change what the policy means.
func (w *Workspace) Rename(file string, p Position, name string) ([]FileEdits, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r, err := w.rename(file, p)
	if err != nil {
		return nil, err
	}
	if name == r.name {
		return []FileEdits{}, nil
	}
	if err := r.allowed(name); err != nil {
		return nil, err
	}
	edits := make(map[string][]TextEdit)
	for _, x := range r.places {
		if t := w.text(x.file); t != nil {
			edits[x.file] = append(edits[x.file], TextEdit{Range: t.rng(x.at), NewText: r.write(x, name)})
		}
	}
	if err := w.verify(edits); err != nil {
		return nil, err
	}
	var all []FileEdits
	for _, file := range slices.Sorted(maps.Keys(edits)) {
		all = append(all, FileEdits{File: file, Edits: edits[file]})
	}
	return all, nil
}

// renaming is a name that may be changed, and all places where it stands.
type renaming struct {
	*model
	mention
	places []mention
	// in is the condition that a variable is of; nil for all else.
	in *condition
}

func (w *Workspace) rename(file string, p Position) (*renaming, error) {
	s := w.spot(file, p)
	if s == nil || s.comment {
		return nil, errNoName
	}
	m := w.model()
	for _, name := range append(w.files(policySuffix), w.files(testSuffix)...) {
		if t := w.tree(name); t != nil && (len(t.junk) > 0 || len(t.open) > 0) {
			return nil, fmt.Errorf("%s does not parse: names in it would be missed", name)
		}
	}
	x, ok := m.mentionAt(file, s.offset)
	if !ok {
		if c, at := m.conditionAt(file, s.offset); c != nil {
			return m.renameVariable(c, at)
		}
		return nil, errNoName
	}
	if len(m.declared[x.symbolID]) == 0 {
		return nil, fmt.Errorf("the %s `%s` is declared nowhere in the policy", x.kind, x.name)
	}
	if x.kind == symSignal && policy.Fixed(x.name) {
		return nil, fmt.Errorf("decisions read `%s` by its name", x.name)
	}
	return &renaming{model: m, mention: x, places: m.of(x.symbolID)}, nil
}

func (m *model) renameVariable(c *condition, offset int) (*renaming, error) {
	i := c.nameAt(offset)
	if i < 0 || c.names[i].Kind != cel.NameVariable {
		return nil, errNoName
	}
	r := &renaming{model: m, in: c}
	for k, n := range c.names {
		if n.Kind == cel.NameVariable && n.Bound == c.names[i].Bound {
			at := c.text.Place(n.Start, n.End)
			x := mention{symbolID: symbolID{name: n.Text}, file: c.file, at: span{at.Start, at.End}, form: formRoot}
			r.places = append(r.places, x)
			if k == i {
				r.mention = x
			}
		}
	}
	return r, nil
}

// allowed says why a name cannot be; the rest the checker finds.
func (r *renaming) allowed(name string) error {
	bare := r.kind == symSignal || r.kind == symLet || r.in != nil
	switch {
	case name == "" || len(name) > policy.MaxNameBytes:
		return errors.New("a name has 1 to 128 bytes")
	case bare && !cel.IsIdentifier(name):
		return fmt.Errorf("`%s` cannot be written in a condition: letters, digits and `_`, the first no digit", name)
	case bare && slices.Contains(cel.Reserved(), name):
		return fmt.Errorf("conditions have `%s` by itself", name)
	case r.taken(name):
		return fmt.Errorf("`%s` is taken", name)
	case slices.ContainsFunc(r.places, func(x mention) bool { return x.form == formMember }) && !cel.Quotable(name):
		return fmt.Errorf("conditions name it, and cannot write `%s`: letters, digits, `_`, `-`, `.`, `/` and spaces", name)
	case r.kind == symLevel && name == "none", r.kind == symPosture && name == "normal":
		return fmt.Errorf("`%s` has a meaning of its own", name)
	case r.kind == symAction:
		return r.samePatterns(name)
	}
	return nil
}

// taken reports whether something has the name already that this one would be taken for.
func (r *renaming) taken(name string) bool {
	if r.in != nil && slices.ContainsFunc(r.in.names, func(n cel.Name) bool { return n.Text == name && n.Of < 0 }) {
		return true
	}
	if r.kind == symSignal || r.kind == symLet || r.in != nil {
		return len(r.declared[symbolID{symSignal, name}]) > 0 || len(r.declared[symbolID{symLet, name}]) > 0 || r.policy.Signal(name) != nil || r.bindsAnywhere(name)
	}
	return len(r.declared[symbolID{r.kind, name}]) > 0
}

// bindsAnywhere reports whether a macro of a condition binds a variable of that name.
func (r *renaming) bindsAnywhere(name string) bool {
	for _, conds := range r.conds {
		for _, c := range conds {
			if r.in == nil && slices.ContainsFunc(c.names, func(n cel.Name) bool { return n.Binds && n.Text == name }) {
				return true
			}
		}
	}
	return false
}

// samePatterns: a rule whose patterns reach the action must reach it by its new name, and no other rule may.
func (r *renaming) samePatterns(name string) error {
	for _, x := range r.patterns {
		if hcl.Matches(x.symbolID.name, r.name) != hcl.Matches(x.symbolID.name, name) {
			return fmt.Errorf("the pattern `%s` in %s matches only one of `%s` and `%s`: rules would reach other actions", x.symbolID.name, x.file, r.name, name)
		}
	}
	return nil
}

// write returns a name as it stands at a place.
func (r *renaming) write(x mention, name string) string {
	inQuotes := true
	if t := r.w.tree(x.file); x.form == formRoot || x.form == formMember {
		for _, c := range r.conds[x.file] {
			if c.attr.value.at.holds(x.at.start) && c.attr.value.at.holds(x.at.end) {
				inQuotes = t.text.src.Bytes[c.attr.value.at.start] == '"'
			}
		}
	}
	switch x.form {
	case formWord:
		return key(name)
	case formMember:
		name = member(name)
	case formRoot, formText:
	}
	if inQuotes {
		return escape(name)
	}
	return name
}

// verify makes the edits on the side and has the policy checked: there may not be more errors than before.
func (w *Workspace) verify(edits map[string][]TextEdit) error {
	v := w.view(true)
	after := make(map[string]string)
	for file, list := range edits {
		t := w.text(file)
		for _, e := range slices.Backward(list) {
			start, end := t.offset(e.Range.Start), t.offset(e.Range.End)
			t = newText(file, string(t.src.Bytes[:start])+e.NewText+string(t.src.Bytes[end:]))
		}
		after[file] = string(t.src.Bytes)
	}
	known := faults(v.check(w.now(), nil))
	for _, d := range faults(v.check(w.now(), after)) {
		if i := slices.IndexFunc(known, func(k diag.Diagnostic) bool { return k.Code == d.Code && k.Range.File == d.Range.File }); i >= 0 {
			known = slices.Delete(known, i, i+1)
			continue
		}
		return errors.New(d.Summary)
	}
	return nil
}

func faults(l diag.List) []diag.Diagnostic {
	return slices.DeleteFunc(slices.Clone(l), func(d diag.Diagnostic) bool { return d.Severity != diag.Error })
}
