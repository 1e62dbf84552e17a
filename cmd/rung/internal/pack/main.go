// Command pack makes the archives that `rung init` writes policies from: each folder of examples that is a policy becomes a txtar archive. The example's own
// files are the source; `go generate` in cmd/rung runs this.
package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"
)

// around are files that go with every example.
var around = []txtar.File{
	{Name: ".editorconfig", Data: []byte(`# Read by most editors, some by a plug-in: editorconfig.org

[*.hcl]
charset = utf-8
end_of_line = lf
indent_size = 2
indent_style = space
insert_final_newline = true
trim_trailing_whitespace = true
`)},
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: pack EXAMPLES TEMPLATES")
		os.Exit(2)
	}
	if err := pack(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

// pack archives all examples in a folder that are policies.
func pack(examples, templates string) error {
	policies, err := filepath.Glob(filepath.Join(examples, "*", "*.rungtest.hcl"))
	if err != nil {
		return err
	}
	for i, f := range policies {
		policies[i] = filepath.Dir(f)
	}
	for _, dir := range slices.Compact(policies) {
		a, err := archive(os.DirFS(dir))
		if err != nil {
			return fmt.Errorf("%s: %w", dir, err)
		}
		if err := os.WriteFile(filepath.Join(templates, filepath.Base(dir)+".txtar"), a, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// archive is an example's files, in order of their names.
func archive(fsys fs.FS) ([]byte, error) {
	a := txtar.Archive{Files: slices.Clone(around)}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		// What txtar would take for the beginning of a file ends the one that it stands in.
		if strings.Contains("\n"+string(text), "\n-- ") || !strings.HasSuffix(string(text), "\n") {
			return fmt.Errorf("%s cannot be archived", name)
		}
		a.Files = append(a.Files, txtar.File{Name: name, Data: text})
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(a.Files, func(x, y txtar.File) int { return strings.Compare(x.Name, y.Name) })
	return txtar.Format(&a), nil
}
