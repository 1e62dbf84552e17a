package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aymanbagabas/go-udiff"
	"github.com/spf13/cobra"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/policy"
	rung "github.com/rungpolicy/rung/sdk"
)

const fmtLong = `fmt gives policy and test files their canonical form, conditions included. What they say
and their comments stay as they are; a formatted file decides as it did before.

A path is a file, or a folder, in which all *.rung.hcl and *.rungtest.hcl are meant,
however deep, but for folders whose name begins with a dot, and node_modules. The
default is the current folder. For - the standard input is formatted to the standard
output.

Files are replaced as a whole, or not at all; the names of those that changed go to
standard output. With --check or --diff none is changed: --check prints the names of
those that would be, --diff what would become of them.

Exit status: 0 all is formatted, 1 --check or --diff found something, or a file does
not parse, 2 a file could not be read or written.`

// standardInput is the path that stands for it.
const standardInput = "-"

func newFmt(a *app) *cobra.Command {
	f := &formatting{app: a}
	cmd := &cobra.Command{
		Use:     "fmt [PATH...]",
		Short:   "Give policy and test files their canonical form",
		Long:    fmtLong,
		Example: "  rung fmt policy/\n  rung fmt --check --diff policy/",
		RunE:    func(_ *cobra.Command, args []string) error { return f.run(args) },
	}
	cmd.Flags().BoolVar(&f.check, "check", false, "change nothing; print the names of files that are not formatted")
	cmd.Flags().BoolVar(&f.diff, "diff", false, "change nothing; print what would change, as a unified diff")
	return cmd
}

// formatting is a run of `rung fmt`.
type formatting struct {
	*app
	check, diff bool
	bad         bool // a difference was found, or a file does not parse
}

func (f *formatting) run(args []string) error {
	if len(args) == 0 {
		args = []string{"."}
	}
	if slices.Contains(args, standardInput) {
		if len(args) > 1 {
			return usagef("`-` stands alone: standard input is one file")
		}
		return f.done(f.stream())
	}
	paths, err := policyFiles(args)
	if err != nil {
		return err
	}
	var errs []error
	for _, path := range paths {
		if err := f.file(path); err != nil {
			errs = append(errs, err)
		}
	}
	return f.done(errors.Join(errs...))
}

func (f *formatting) done(err error) error {
	if err == nil && f.bad {
		return errBad
	}
	return err
}

// policyFiles are the files that paths mean, each once.
func policyFiles(paths []string) ([]string, error) {
	var found []string
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, plain(err)
		}
		if !info.IsDir() {
			found = append(found, filepath.Clean(path))
			continue
		}
		before := len(found)
		root := path + string(filepath.Separator) + "." // a link to a folder is the folder
		err = filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && name != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules"):
				return filepath.SkipDir
			case isPolicyFile(d.Name()) && d.Type()&^fs.ModeSymlink == 0:
				found = append(found, filepath.Clean(name))
			}
			return nil
		})
		if err != nil {
			return nil, plain(err)
		}
		if len(found) == before {
			return nil, fmt.Errorf("%s: no *.rung.hcl or *.rungtest.hcl file here", path)
		}
	}
	slices.Sort(found)
	return slices.Compact(found), nil
}

func isPolicyFile(name string) bool {
	return strings.HasSuffix(name, ".rung.hcl") || strings.HasSuffix(name, ".rungtest.hcl")
}

// stream formats standard input.
func (f *formatting) stream() error {
	const name = "standard input"
	text, err := readAtMost(f.in)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	form, ok := f.form(name, text)
	if !ok {
		return nil
	}
	if f.check || f.diff {
		return f.tell(name, text, form)
	}
	_, err = f.out.Write(form)
	return err
}

// file formats a file.
func (f *formatting) file(path string) error {
	text, err := readPolicyFile(path)
	if err != nil {
		return plain(err)
	}
	form, ok := f.form(filepath.ToSlash(path), text)
	if !ok || bytes.Equal(text, form) {
		return nil
	}
	if f.check || f.diff {
		return f.tell(filepath.ToSlash(path), text, form)
	}
	if err := replaceFile(path, form); err != nil {
		return plain(err)
	}
	_, err = fmt.Fprintln(f.out, filepath.ToSlash(path))
	return err
}

func readPolicyFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // it was only read
	return readAtMost(file)
}

// readAtMost reads a policy file, and of one that is too large enough to show it.
func readAtMost(r io.Reader) ([]byte, error) {
	return io.ReadAll(io.LimitReader(r, policy.MaxFileBytes+1))
}

// form is the form of a text; ok is false if it has none, and it is said why.
func (f *formatting) form(name string, text []byte) (form []byte, ok bool) {
	form, found := rung.Format(name, text)
	if len(found) > 0 {
		src := diag.NewSource(name, text)
		// What cannot be printed is lost on the way to people, as all else on standard error.
		_ = diag.Print(f.err, found, func(string) *diag.Source { return src }, f.colorOn(f.err))
	}
	if found.HasErrors() {
		f.bad = true
		return nil, false
	}
	return form, true
}

// tell says, in the place of changing it, that a text has another form.
func (f *formatting) tell(name string, text, form []byte) error {
	if bytes.Equal(text, form) {
		return nil
	}
	f.bad = true
	if !f.diff {
		_, err := fmt.Fprintln(f.out, name)
		return err
	}
	diff := udiff.Unified(name, name+" (formatted)", string(text), string(form))
	if f.colorOn(f.out) {
		diff = colorDiff(diff)
	}
	_, err := io.WriteString(f.out, diff)
	return err
}

// colorDiff colours what goes and what comes.
func colorDiff(diff string) string {
	var b strings.Builder
	for line := range strings.Lines(diff) {
		text := strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "---"), strings.HasPrefix(line, "+++"):
			text = "\x1b[1m" + text + "\x1b[0m"
		case strings.HasPrefix(line, "-"):
			text = "\x1b[31m" + text + "\x1b[0m"
		case strings.HasPrefix(line, "+"):
			text = "\x1b[32m" + text + "\x1b[0m"
		case strings.HasPrefix(line, "@@"):
			text = "\x1b[36m" + text + "\x1b[0m"
		}
		b.WriteString(text + line[len(strings.TrimSuffix(line, "\n")):])
	}
	return b.String()
}

// replaceFile puts a text into the place of a file, as a whole or not at all: it is written beside it and then takes its name. A symbolic link stays one.
func replaceFile(path string, text []byte) error {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	beside, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = beside.Write(text)
	err = errors.Join(err, beside.Chmod(info.Mode().Perm()), beside.Sync(), beside.Close())
	if err == nil {
		err = os.Rename(beside.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(beside.Name()))
	}
	return nil
}
