package session

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/policy/codec"
	rung "github.com/rungpolicy/rung/sdk"
	"github.com/rungpolicy/rung/sdk/rungtest"
)

// Changes says which single attributes, had they another value, would have the request allowed.
func (s *Session) Changes(request string) (json.RawMessage, error) {
	if s.engine == nil {
		return nil, errNoPolicy
	}
	return codec.AppendChanges(nil, s.engine.ChangesJSON([]byte(request), rung.Allow)), nil
}

// File is a file's text as the editor has it.
type File struct {
	Name string `json:"file"`
	Text string `json:"text"`
}

// Format returns the canonical form of a file. The error is a diag.List where it does not parse.
func (s *Session) Format(f File) (string, error) {
	out, diags := rung.Format(f.Name, []byte(f.Text))
	if diags.HasErrors() {
		return "", diags
	}
	return string(out), nil
}

// Tested is what the policy's tests came to.
type Tested struct {
	// Report is that of `rung test --json`; nil where policy or tests have mistakes, or there are no tests.
	Report *rungtest.Report `json:"report"`
	// Diagnostics are those of the tests' files.
	Diagnostics diag.List `json:"diagnostics"`
}

// Test runs the policy's tests on the native engine.
func (s *Session) Test() (*Tested, error) {
	if s.checked == nil {
		return nil, errNoPolicy
	}
	suite, err := rungtest.Read(s.files)
	if err != nil {
		return nil, err
	}
	out := &Tested{Diagnostics: diag.List{}}
	for _, d := range suite.Diagnostics {
		if strings.HasSuffix(d.Range.File, ".rungtest.hcl") {
			out.Diagnostics = append(out.Diagnostics, d)
		}
	}
	if suite.Diagnostics.HasErrors() || len(suite.Cases) == 0 {
		return out, nil
	}
	out.Report, err = suite.Run(context.Background(), rungtest.Options{Workers: 1, Coverage: true})
	return out, err
}
