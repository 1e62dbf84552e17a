package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/rungpolicy/rung/diag"
	rung "github.com/rungpolicy/rung/sdk"
)

// read reads the policy that the arguments name: a folder, the current one by default, or files. The error is about the outside
// world: no such file, nothing there.
func read(args []string) (*rung.Checked, error) {
	dir, names, err := locate(args)
	if err != nil {
		return nil, err
	}
	// A root and not os.DirFS: a list's file cannot lead out of the folder, not by a symbolic link either.
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, plain(err)
	}
	defer root.Close() //nolint:errcheck // it was only read
	c, err := rung.Read(root.FS(), names...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, plain(err))
	}
	return c, nil
}

// locate is the folder that arguments name, and the files in it if they name files.
func locate(args []string) (dir string, names []string, err error) {
	if len(args) == 0 {
		return ".", nil, nil
	}
	for _, arg := range args {
		info, err := os.Stat(arg)
		switch {
		case err != nil:
			return "", nil, plain(err)
		case info.IsDir() && len(args) == 1:
			return arg, nil, nil
		case info.IsDir():
			return "", nil, usagef("`%s` is a folder: give one folder, or files", arg)
		}
	}
	dir = filepath.Dir(args[0])
	for _, arg := range args {
		name, err := filepath.Rel(dir, arg)
		if err != nil || !filepath.IsLocal(name) {
			return "", nil, usagef("`%s` is outside `%s`, the folder of the first file", arg, dir)
		}
		names = append(names, filepath.ToSlash(name))
	}
	return dir, names, nil
}

// plain words the errors of the operating system for people: "policy: no such file or directory".
func plain(err error) error {
	if e, ok := err.(*os.PathError); ok { //nolint:errorlint // of the outermost alone: what wraps one has words of its own
		return fmt.Errorf("%s: %w", e.Path, e.Err)
	}
	return err
}

// count says how many errors and warnings there are: "2 errors, 1 warning".
func count(l diag.List) string {
	var n [3]int
	for _, d := range l {
		if int(d.Severity) < len(n) {
			n[d.Severity]++
		}
	}
	var parts []string
	for i, word := range [...]string{diag.Error: "error", diag.Warning: "warning", diag.Info: "note"} {
		if n[i] > 0 {
			parts = append(parts, plural(n[i], word))
		}
	}
	return strings.Join(parts, ", ")
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
