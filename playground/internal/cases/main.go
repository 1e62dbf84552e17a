// Command cases writes the suite of conformance for the page's tests: the files of each policy, its requests as text, the decisions they must get, or the
// diagnostics. What holds bytes that are no text is left out, and counted: a page has no such files.
package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"unicode/utf8"

	"github.com/rungpolicy/rung/conformance"
)

type one struct {
	Name        string            `json:"name"`
	Reader      string            `json:"reader"`
	Files       map[string]string `json:"files"`
	Requests    []string          `json:"requests,omitempty"`
	Decisions   []json.RawMessage `json:"decisions,omitempty"`
	Refused     bool              `json:"refused"`
	Diagnostics []string          `json:"diagnostics,omitempty"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	cases, err := conformance.Cases(conformance.Files())
	if err != nil {
		return err
	}
	var out struct {
		Cases []*one `json:"cases"`
		Left  int    `json:"left"`
	}
	for _, c := range cases {
		o, text, err := read(c)
		if err != nil {
			return fmt.Errorf("%s: %w", c.Name, err)
		}
		if text {
			out.Cases = append(out.Cases, o)
		} else {
			out.Left++
		}
	}
	return json.NewEncoder(os.Stdout).Encode(out)
}

// read makes a case one of the page's, and reports whether it is text.
func read(c *conformance.Case) (o *one, text bool, err error) {
	o = &one{Name: c.Name, Reader: string(c.Reader), Files: map[string]string{}, Refused: c.Refused, Diagnostics: c.Diagnostics}
	text = true
	err = fs.WalkDir(c.Folder, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		content, err := fs.ReadFile(c.Folder, name)
		text = text && utf8.Valid(content)
		o.Files[name] = string(content)
		return err
	})
	for _, r := range c.Requests {
		text = text && utf8.Valid(r.Request)
		o.Requests = append(o.Requests, string(r.Request))
		o.Decisions = append(o.Decisions, r.Decision)
	}
	return o, text, err
}
