// Command cases writes the suite of conformance as modules, for hosts in other languages: a JSON file with the decision cases whose policy a module can be made of.
//
//	go run ./internal/cases FILE.json [FOLDER…]
//
// Policies in the folders are made modules beside the file, by the names of the folders: FOLDER.wasm, FOLDER.mjs, which is fast, its
// FOLDER.d.mts, and FOLDER.writer.mjs with the code alone that writes requests.
//
// The file is an object: `modules` in base64; `cases` with a name, the number of the module, the reader ("tools" or "sdk"), and the text of a request, in base64 as it may be no
// text, with the decision that it must get. Beside it, writers.mjs has the code that writes requests to each module fast.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/rungpolicy/rung/cel"
	"github.com/rungpolicy/rung/conformance"
	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/hcl"
	"github.com/rungpolicy/rung/policy/plan"
	"github.com/rungpolicy/rung/wasm"
	"github.com/rungpolicy/rung/wasm/host"
	"github.com/rungpolicy/rung/wasm/js"
)

func main() {
	flag.Usage = func() { fmt.Fprintln(os.Stderr, "usage: cases FILE.json [FOLDER…]") }
	flag.Parse()
	args := flag.Args()
	if len(args) == 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := errors.Join(run(args[0]), modules(filepath.Dir(args[0]), args[1:])); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type file struct {
	Modules [][]byte `json:"modules"`
	writers []string
	Cases   []one `json:"cases"`
	// Left is how many requests are of policies that no module can be made of.
	Left int `json:"left"`
}

type one struct {
	Name     string          `json:"name"`
	Module   int             `json:"module"`
	Reader   string          `json:"reader"`
	Request  []byte          `json:"request"`
	Decision json.RawMessage `json:"decision"`
}

func run(to string) error {
	cases, err := conformance.Cases(conformance.Files())
	if err != nil {
		return err
	}
	out := &file{}
	for _, c := range cases {
		if err := out.add(c); err != nil {
			return fmt.Errorf("%s: %w", c.Name, err)
		}
	}
	text, err := json.Marshal(out)
	if err != nil {
		return err
	}
	fmt.Printf("%d requests to %d modules; %d to policies that modules cannot have\n", len(out.Cases), len(out.Modules), out.Left)
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	writers := "export default [\n" + strings.Join(out.writers, ",\n") + "\n];\n"
	return errors.Join(os.WriteFile(to, text, 0o600), os.WriteFile(filepath.Join(filepath.Dir(to), "writers.mjs"), []byte(writers), 0o600))
}

func (f *file) add(c *conformance.Case) error {
	if c.Refused {
		return nil
	}
	pl, err := planOf(c.Folder)
	if err != nil {
		return err
	}
	m, err := wasm.Compile(pl, wasm.Options{})
	if diagnostics := diag.List(nil); errors.As(err, &diagnostics) {
		f.Left += len(c.Requests)
		return nil
	} else if err != nil {
		return err
	}
	for _, r := range c.Requests {
		f.Cases = append(f.Cases, one{c.Name + " " + r.Name, len(f.Modules), string(c.Reader), r.Request, r.Decision})
	}
	about, err := host.Verify(m.Bytes)
	if err != nil {
		return err
	}
	f.Modules = append(f.Modules, m.Bytes)
	f.writers = append(f.writers, string(js.Writer(about)))
	return nil
}

// modules makes policies modules, and those of JavaScript that are fast.
func modules(to string, folders []string) error {
	for _, folder := range folders {
		if err := module(filepath.Join(to, filepath.Base(folder)), os.DirFS(folder)); err != nil {
			return fmt.Errorf("%s: %w", folder, err)
		}
	}
	return nil
}

// module makes those of a policy, whose names begin with a stem.
func module(stem string, folder fs.FS) error {
	pl, err := planOf(folder)
	if err != nil {
		return err
	}
	m, err := wasm.Compile(pl, wasm.Options{})
	if err != nil {
		return err
	}
	fast, err := wasm.Compile(pl, wasm.Options{Fast: true})
	if err != nil {
		return err
	}
	about, err := host.Verify(m.Bytes)
	if err != nil {
		return err
	}
	code, err := js.Module(fast.Bytes, about, true)
	if err != nil {
		return err
	}
	for end, text := range map[string][]byte{
		".wasm": m.Bytes, ".mjs": code, ".d.mts": js.Types(about), ".writer.mjs": fmt.Appendf(nil, "export default %s;\n", js.Writer(about)),
	} {
		if err := os.WriteFile(stem+end, text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func planOf(folder fs.FS) (*plan.Plan, error) {
	parsed, err := hcl.Parse(folder)
	if err != nil {
		return nil, err
	}
	conditions, found := cel.Check(parsed.Policy)
	if parsed.Diagnostics.HasErrors() || found.HasErrors() {
		return nil, errors.New("the policy has errors")
	}
	return plan.Build(parsed.Policy, conditions), nil
}
