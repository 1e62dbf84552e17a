// Package session is what the playground's page asks of Rung: open a policy, decide requests by it, say why, build its module.
//
// A [Session] holds one policy, the files of a page's editor. Its methods take and return plain values with a JSON form, which the command
// in ../worker hands to the page and back; nothing here knows of a browser, so that all of it is tested as any other package.
package session

import (
	"errors"
	"testing/fstest"
	"time"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/editor"
	rung "github.com/rungpolicy/rung/sdk"
)

// errNoPolicy answers what needs a policy without mistakes, where there is none.
var errNoPolicy = errors.New("the policy has mistakes: there is nothing to decide by")

// Session is one policy and what was made of it. The zero value has none. It serves one goroutine.
type Session struct {
	files   fstest.MapFS
	checked *rung.Checked
	engine  *rung.Engine
	built   *built
	// workspace outlives the policy: it keeps what it knows of files that have not changed.
	workspace *editor.Workspace
}

// epoch is when it is where a request does not say: the time of tests, so that a page answers the same tomorrow.
func epoch() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }

// Opened is what there is to say about the files of a policy.
type Opened struct {
	// Diagnostics are in the order of their places.
	Diagnostics diag.List `json:"diagnostics"`
	// Decides says that there are no errors: requests can be decided.
	Decides bool `json:"decides"`
	// Policy is what a page shows of it, as much as could be read.
	Policy *Outline `json:"policy"`
}

// Open reads and checks files, by name, in the place of those before. The error says that they could not be read at all.
func (s *Session) Open(files map[string]string) (*Opened, error) {
	fsys := make(fstest.MapFS, len(files))
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o444}
	}
	*s = Session{files: fsys, workspace: s.workspace}
	s.sync(files)
	checked, err := rung.Check(fsys)
	if err != nil {
		return nil, err
	}
	s.checked = checked
	opened := &Opened{Diagnostics: checked.Diagnostics, Policy: outline(checked.Policy)}
	if opened.Diagnostics == nil {
		opened.Diagnostics = diag.List{}
	}
	if checked.Diagnostics.HasErrors() {
		return opened, nil
	}
	// The page's requests say when they are, and in which posture: it is the host.
	s.engine, err = checked.Engine(rung.Trusted(), rung.Strict(), rung.WithClock(epoch))
	opened.Decides = err == nil
	return opened, err
}
