package main

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/spf13/cobra"
)

const initLong = `init writes a small policy that works into a folder, the current one by default: rules, tests,
a request to try, a page that says what to change first, and a setting for editors.

With --from it is one of the examples, policies of the real world to copy from:

  bank      a retail bank: transfers, payees, limits, cards
  deploy    a deploy gate for people and pipelines, with sudo mode
  hospital  patients' records, with a glass to break in an emergency
  psd2      strong customer authentication and its exemptions
  saas      the admin console of a software service

It asks nothing and overwrites nothing: if a file is there already, nothing is written.`

// The examples, as txtar archives, and what goes with each of them.
//
//go:generate go run ./internal/pack ../../examples template
//go:embed template
var templates embed.FS

// examples are what --from takes. The first is what there is without it.
var examples = []string{"start", "bank", "deploy", "hospital", "psd2", "saas"}

func newInit(a *app) *cobra.Command {
	var from string
	cmd := &cobra.Command{
		Use:     "init [DIR]",
		Short:   "Write a small policy that works, with tests",
		Long:    initLong,
		Example: "  rung init shop/\n  rung init --from saas console/",
		Args:    usage(cobra.MaximumNArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := oneOf("--from", from, examples); err != nil {
				return err
			}
			return a.init(slices.Concat(args, []string{"."})[0], from)
		},
	}
	cmd.Flags().StringVar(&from, "from", examples[0], "the `EXAMPLE` to write")
	complete(cmd, "from", examples)
	return cmd
}

// init writes an example into a folder.
func (a *app) init(dir, from string) error {
	files, err := template(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return plain(err)
	}
	// A root: nothing is written through a symbolic link that leads elsewhere.
	root, err := os.OpenRoot(dir)
	if err != nil {
		return plain(err)
	}
	defer root.Close() //nolint:errcheck // what was written has been closed by itself
	if err := vacant(root, dir, files); err != nil {
		return err
	}
	for _, f := range files {
		if err := put(root, f); err != nil {
			return fmt.Errorf("%s: %w", dir, plain(err))
		}
		fmt.Fprintln(a.out, filepath.Join(dir, filepath.FromSlash(f.Name)))
	}
	in := ""
	if dir != "." {
		in = " " + dir
	}
	fmt.Fprintf(a.err, "\nnext: rung check%[1]s, rung test%[1]s, and %[2]s\n", in, filepath.Join(dir, "README.md"))
	return nil
}

// template are the files of an example, in order of their names.
func template(name string) ([]txtar.File, error) {
	text, err := templates.ReadFile("template/" + name + ".txtar")
	if err != nil {
		return nil, err
	}
	return txtar.Parse(text).Files, nil
}

// vacant reports what is in the way: files of the same names, and another policy, which would become one with what is written.
func vacant(root *os.Root, dir string, files []txtar.File) error {
	var taken []string
	for _, f := range files {
		if _, err := root.Lstat(filepath.FromSlash(f.Name)); err == nil {
			taken = append(taken, "`"+f.Name+"`")
		} else if !errors.Is(err, fs.ErrNotExist) {
			return plain(err)
		}
	}
	if len(taken) > 0 {
		return fmt.Errorf("%s has %s already, and nothing was written; name a new folder: rung init policy", dir, strings.Join(taken, ", "))
	}
	there, err := fs.Glob(root.FS(), "*.rung*.hcl")
	if err != nil {
		return err
	}
	if len(there) > 0 {
		return fmt.Errorf("%s has a policy already, in `%s`, and nothing was written; name a new folder: rung init policy", dir, there[0])
	}
	return nil
}

// put writes a file that is not there yet.
func put(root *os.Root, f txtar.File) error {
	if folder := path.Dir(f.Name); folder != "." {
		if err := root.MkdirAll(filepath.FromSlash(folder), 0o777); err != nil {
			return err
		}
	}
	out, err := root.OpenFile(filepath.FromSlash(f.Name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = out.Write(f.Data)
	return errors.Join(err, out.Close())
}
