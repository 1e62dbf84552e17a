package rungtest

import (
	"cmp"
	"io/fs"
	"slices"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/hcl"
	rung "github.com/rungpolicy/rung/sdk"
)

// Suite is a policy and its tests. It is immutable, and safe for concurrent use. Read makes one.
type Suite struct {
	// Policy is the policy as far as it could be read.
	Policy *rung.Checked
	// Cases are the cases of all tests, by file and place.
	Cases []*hcl.Case
	// Sources are the files: of the policy, its lists, and the tests.
	Sources []*diag.Source
	// Diagnostics are what there is to say about policy and tests. If they have errors, nothing can be run.
	Diagnostics diag.List
}

// Read reads the policy in the root of a file system, and its tests: all *.rung.hcl and *.rungtest.hcl files there. What is wrong with what they say is in the
// diagnostics, but for warnings about the policy; the error is for files that cannot be read.
func Read(fsys fs.FS) (*Suite, error) {
	c, err := rung.Read(fsys)
	if err != nil {
		return nil, err
	}
	t, err := hcl.ParseTests(fsys, c.Policy)
	if err != nil {
		return nil, err
	}
	s := &Suite{Policy: c, Cases: t.Cases, Sources: append(slices.Clone(c.Sources), t.Sources...)}
	s.Diagnostics.Add(c.Diagnostics...)
	s.Diagnostics.Add(t.Diagnostics...)
	s.Diagnostics.Sort()
	return s, nil
}

// Source is the file of a name, or nil.
func (s *Suite) Source(name string) *diag.Source {
	i := slices.IndexFunc(s.Sources, func(f *diag.Source) bool { return f.Name == name })
	if i < 0 {
		return nil
	}
	return s.Sources[i]
}

// Engine makes what takes the decisions of a run: [Native] or [Wasm]. The error of one may be a [diag.List].
type Engine func(*rung.Checked) (name string, e *rung.Engine, err error)

// Native is the engine in Go.
func Native(c *rung.Checked) (string, *rung.Engine, error) {
	e, err := c.Engine(rung.Strict())
	return "native", e, err
}

// Wasm is the policy's module. A program that does not name it does not link what it needs.
func Wasm(c *rung.Checked) (string, *rung.Engine, error) {
	e, err := c.Engine(rung.Strict(), rung.WithEngine(rung.Wasm))
	return "wasm", e, err
}

// byPlace orders results as the cases stand in the files.
func byPlace(a, b diag.Range) int {
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Start.Byte, b.Start.Byte))
}
