package editor_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rungpolicy/rung/editor"
)

const small = `policy "small" {
  language = 1
}

action "a" {
  level = "aal1"
  deny "𝒳" { when = "'𝒳𝒳' == subject.ide" }
}
`

// apply applies edits to a text, as an editor does.
func apply(t *testing.T, text string, edits []editor.TextEdit) string {
	t.Helper()
	w := editor.New(nil)
	w.Set("x.txt", text)
	for i := len(edits) - 1; i >= 0; i-- {
		w.Edit("x.txt", []editor.Change{{Range: &edits[i].Range, Text: edits[i].NewText}})
	}
	out, _ := w.Text("x.txt")
	return out
}

// TestUnits holds positions against characters beyond U+FFFF, of which each counts two.
func TestUnits(t *testing.T) {
	t.Parallel()
	w := editor.New(nil)
	w.Set("a.rung.hcl", small)
	files := w.Diagnostics()
	if len(files) != 1 || len(files[0].Diagnostics) != 1 {
		t.Fatalf("got %+v", files)
	}
	d := files[0].Diagnostics[0]
	want := editor.Range{Start: editor.Position{Line: 6, Character: 40}, End: editor.Position{Line: 6, Character: 43}}
	if d.Range != want || d.Suggestion == "" {
		t.Errorf("got %+v, want %+v", d, want)
	}
	if got := apply(t, small, []editor.TextEdit{{Range: d.Range, NewText: "id"}}); got != strings.Replace(small, "ide", "id", 1) {
		t.Errorf("the edit makes %q", got)
	}
	in := editor.Range{Start: editor.Position{Line: 6, Character: 9}, End: editor.Position{Line: 6, Character: 9}}
	if got := apply(t, small, []editor.TextEdit{{Range: in, NewText: ""}}); got != small {
		t.Errorf("a place in the middle of a character: %q", got)
	}
}

func TestEdit(t *testing.T) {
	t.Parallel()
	w := editor.New(nil)
	if w.Edit("a.rung.hcl", []editor.Change{{Text: ""}}) {
		t.Error("a file that is not open was edited")
	}
	w.Set("a.rung.hcl", "a\r\nb\rc\n")
	at := func(line, from, to int) *editor.Range {
		return &editor.Range{Start: editor.Position{Line: line, Character: from}, End: editor.Position{Line: line, Character: to}}
	}
	w.Edit("a.rung.hcl", []editor.Change{{Range: at(1, 0, 1), Text: "𝒳"}, {Range: at(1, 2, 2), Text: "!"}, {Range: at(2, 0, 99), Text: "C"}, {Range: at(9, 0, 0), Text: "end"}})
	if got, _ := w.Text("a.rung.hcl"); got != "a\r\n𝒳!\rC\nend" {
		t.Errorf("got %q", got)
	}
	w.Edit("a.rung.hcl", []editor.Change{{Text: "new"}})
	if got, _ := w.Text("a.rung.hcl"); got != "new" {
		t.Errorf("got %q", got)
	}
	w.Close("a.rung.hcl")
	if _, ok := w.Text("a.rung.hcl"); ok {
		t.Error("it is closed, and not in the folder")
	}
}

func TestFolder(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{
		"a.rung.hcl": {Data: []byte("policy \"p\" {\n  language = 1\n}\nlist \"l\" { file = \"l.txt\" }\n")},
		"b.rung.hcl": {Data: []byte("action \"a\" {\n  level = \"aal1\"\n  deny \"d\" { when = \"subject.id in list.l\" }\n}\n")},
		"l.txt":      {Data: []byte("one\n")},
	}
	w := editor.New(files)
	wrong := func() (n int) {
		for _, f := range w.Diagnostics() {
			n += len(f.Diagnostics)
		}
		return n
	}
	if got := wrong(); got != 0 {
		t.Errorf("%d diagnostics: %+v", got, w.Diagnostics())
	}
	w.Set("a.rung.hcl", "policy \"p\" {\n  language = 1\n}\n")
	if wrong() == 0 {
		t.Error("the list is gone, and nobody says so")
	}
	w.Close("a.rung.hcl")
	delete(files, "l.txt")
	w.Refresh()
	if wrong() == 0 {
		t.Error("the list file is gone, and nobody says so")
	}
}

func TestFormat(t *testing.T) {
	t.Parallel()
	const ugly = "policy \"p\" {\nlanguage=1\n}\n\n# 𝒳\naction \"a\" {\n  level = \"aal1\"\n}\n"
	w := editor.New(nil)
	w.Set("a.rung.hcl", ugly)
	edits := w.Format("a.rung.hcl")
	if got := apply(t, ugly, edits); got != strings.Replace(ugly, "language=1", "  language = 1", 1) {
		t.Errorf("got %q", got)
	}
	if len(edits) != 1 || edits[0].Range.Start.Line != 1 || edits[0].Range.End.Line != 2 {
		t.Errorf("it changes more than it must: %+v", edits)
	}
	w.Set("a.rung.hcl", "policy \"p\" {")
	if got := w.Format("a.rung.hcl"); got != nil {
		t.Errorf("what does not parse has no form: %v", got)
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	w := editor.New(nil)
	w.Set("a.rung.hcl", small)
	got, err := json.Marshal(w.Diagnostics())
	if err != nil {
		t.Fatal(err)
	}
	const want = `[{"file":"a.rung.hcl","diagnostics":[{"range":{"start":{"line":6,"character":40},"end":{"line":6,"character":43}},"severity":"error","code":"cel-unknown",`
	if !strings.HasPrefix(string(got), want) {
		t.Errorf("got %s", got)
	}
}

// FuzzWorkspace asks everything of any text: the answer may be anything, but it comes.
func FuzzWorkspace(f *testing.F) {
	for _, name := range []string{"bank.rung.hcl", "transfers.rung.hcl", "everywhere.rung.hcl"} {
		text, err := os.ReadFile("../examples/bank/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text), 300, 40, 0, 0)
		f.Add(string(text), 900, 3, 20, 20)
	}
	f.Add(head, 100, 20, 3, 5)
	f.Add("action \"a\" {\n  deny \"b\" {\n    when = \"resource.rows.exists(r, r.", 10, 1, 2, 38)
	f.Add("a = <<-X\n  b", 1, 1, 1, 3)
	f.Add("test \"t\" {\n  signals = { session = { amr = [\"\"] } }\n  expect { effect = \"", 1, 1, 1, 30)
	f.Fuzz(func(t *testing.T, text string, from, n, line, character int) {
		w := editor.New(nil)
		for _, name := range []string{"a.rung.hcl", "a.rungtest.hcl"} {
			w.Set(name, text)
			if len(text) > 0 {
				from = max(0, from%len(text))
				w.Set(name, text[:from]+text[min(len(text), from+max(0, n)):])
			}
			ask(w, name, editor.Position{Line: line, Character: character})
			for i := 0; i < 5; i++ {
				ask(w, name, editor.Position{Line: i * 3, Character: i * 7})
			}
		}
	})
}

func ask(w *editor.Workspace, name string, at editor.Position) {
	w.Diagnostics()
	w.Hover(name, at)
	w.Complete(name, at)
	w.Format(name)
}
