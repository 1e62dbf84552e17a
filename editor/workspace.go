package editor

import (
	"io/fs"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rungpolicy/rung/hcl"
)

// Limits on what an editor may hand over; what is beyond them is cut.
const (
	maxOpen  = 1000     // files
	maxBytes = 32 << 20 // of one of them: a list file
)

// Workspace is the folder of one policy, as an editor sees it. It is safe for concurrent use. The zero value is an empty folder.
type Workspace struct {
	mu    sync.Mutex
	fsys  fs.FS
	clock func() time.Time
	open  map[string]*text // by name: what the editor has
	disk  map[string]*text // and what has been read of the folder
	// trees are kept by the text that they are of.
	trees map[*text]*tree
	state *state // of all that is derived from the texts; nil after a change
	// vocabulary is kept until the declarations change, or files beside the policy's.
	vocabulary *vocabulary
}

// New returns the workspace of a folder; nil is an empty one, all of whose files are opened. The folder is read when something is asked, and again after
// [Workspace.Refresh].
func New(folder fs.FS) *Workspace { return &Workspace{fsys: folder} }

// SetClock says what time it is: rules on trial are held against it. Without a clock they are held against none.
func (w *Workspace) SetClock(now func() time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock = now
}

// Set opens a file with a text, or gives an open file another text. Names are relative to the policy's folder, with '/'.
func (w *Workspace) Set(file, content string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.set(file, content)
}

func (w *Workspace) set(file, content string) {
	if !fs.ValidPath(file) || len(w.open) >= maxOpen && w.open[file] == nil {
		return
	}
	if w.open == nil {
		w.open = make(map[string]*text)
	}
	w.open[file] = newText(file, content[:min(len(content), maxBytes)])
	w.changed(file)
}

// Change is an edit of an open file. Without a range it is the whole text.
type Change struct {
	Range *Range `json:"range,omitempty"`
	Text  string `json:"text"`
}

// Edit applies changes to an open file, one after the other: each range is of the text as the change before has left it. It reports false if the file
// is not open.
func (w *Workspace) Edit(file string, changes []Change) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := w.open[file]
	if t == nil {
		return false
	}
	for _, c := range changes {
		content := c.Text
		if c.Range != nil {
			start, end := t.offset(c.Range.Start), t.offset(c.Range.End)
			content = string(t.src.Bytes[:start]) + c.Text + string(t.src.Bytes[max(start, end):])
		}
		t = newText(file, content[:min(len(content), maxBytes)])
	}
	w.open[file] = t
	w.changed(file)
	return true
}

// Close forgets what the editor has of a file: the folder's counts again.
func (w *Workspace) Close(file string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.open, file)
	delete(w.disk, file)
	w.changed(file)
}

// Refresh says that files of the folder have changed.
func (w *Workspace) Refresh() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.disk = nil
	w.changed("")
}

// Text returns the text of a file, and whether it is there.
func (w *Workspace) Text(file string) (string, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := w.text(file)
	if t == nil {
		return "", false
	}
	return string(t.src.Bytes), true
}

// Files returns the names of the policy's files and test files, in order.
func (w *Workspace) Files() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append(w.files(policySuffix), w.files(testSuffix)...)
}

const (
	policySuffix = ".rung.hcl"
	testSuffix   = ".rungtest.hcl"
)

// changed forgets what was derived of the texts; file is the one that has changed, "" if it may be any.
func (w *Workspace) changed(file string) {
	w.state = nil
	if !strings.HasSuffix(file, policySuffix) && !strings.HasSuffix(file, testSuffix) {
		w.vocabulary = nil
	}
	for t := range w.trees {
		if w.open[t.src.Name] != t && w.disk[t.src.Name] != t {
			delete(w.trees, t)
		}
	}
}

// files are the names in the folder's root that end so, in order.
func (w *Workspace) files(suffix string) []string {
	var names []string
	for name := range w.open {
		if strings.HasSuffix(name, suffix) && !strings.Contains(name, "/") {
			names = append(names, name)
		}
	}
	if w.fsys != nil {
		entries, _ := fs.ReadDir(w.fsys, ".") // what is not there has nothing to say
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), suffix) && !e.IsDir() {
				names = append(names, e.Name())
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// text returns a file's text: the editor's, or the folder's; nil if there is none.
func (w *Workspace) text(file string) *text {
	if t := w.open[file]; t != nil {
		return t
	}
	if t, ok := w.disk[file]; ok {
		return t
	}
	if w.fsys == nil || !fs.ValidPath(file) {
		return nil
	}
	if w.disk == nil {
		w.disk = make(map[string]*text)
	}
	w.disk[file] = nil
	if info, err := fs.Stat(w.fsys, file); err == nil && info.Mode().IsRegular() && info.Size() <= maxBytes {
		if b, err := fs.ReadFile(w.fsys, file); err == nil {
			w.disk[file] = newText(file, string(b))
		}
	}
	return w.disk[file]
}

// tree returns what can be read of a file; nil if it is not there, or is no file of blocks.
func (w *Workspace) tree(file string) *tree {
	if !strings.HasSuffix(file, policySuffix) && !strings.HasSuffix(file, testSuffix) {
		return nil
	}
	t := w.text(file)
	if t == nil {
		return nil
	}
	if known := w.trees[t]; known != nil {
		return known
	}
	if w.trees == nil {
		w.trees = make(map[*text]*tree)
	}
	w.trees[t] = readTree(t, schemas(file))
	return w.trees[t]
}

// policySchemas and testSchemas are the kinds of block by the word they begin with.
var (
	policySchemas = sync.OnceValue(func() map[string]*hcl.Block { return byType(hcl.Blocks()) })
	testSchemas   = sync.OnceValue(func() map[string]*hcl.Block { return byType(hcl.TestBlocks()) })
)

func byType(blocks []*hcl.Block) map[string]*hcl.Block {
	m := make(map[string]*hcl.Block)
	for _, b := range blocks {
		m[b.Type] = b
	}
	return m
}

// schemaList are the kinds of block that a file may hold, in order.
func schemaList(file string) []*hcl.Block {
	if strings.HasSuffix(file, testSuffix) {
		return hcl.TestBlocks()
	}
	return hcl.Blocks()
}

func schemas(file string) map[string]*hcl.Block {
	if strings.HasSuffix(file, testSuffix) {
		return testSchemas()
	}
	return policySchemas()
}
