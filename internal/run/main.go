// Command run is what the Makefile does that is more than a line: the tests of all modules, counted, and every fuzz target.
//
//	go run ./internal/run test [go test's flags]
//	go run ./internal/run npm [folders of packages]
//	go run ./internal/run install FOLDER…
//	go run ./internal/run fuzz -time 60s -logs .cache/fuzz
//
// It runs at the root of the repository.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

func main() {
	commands := map[string]func([]string) error{"test": test, "npm": npm, "install": installAll, "fuzz": fuzz}
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: run test|npm|install|fuzz")
		os.Exit(2)
	}
	if err := commands[os.Args[1]](os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// modules are the folders of the workspace's modules: `go test ./...` at the root leaves nested ones out without a word.
func modules() ([]string, error) { return lines("", "go", "list", "-m", "-f", "{{.Dir}}") }

// lines runs a command in a folder and splits what it prints.
func lines(dir, name string, args ...string) ([]string, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = fmt.Errorf("%w\n%s", err, bytes.TrimSpace(exit.Stderr))
		}
		return nil, fmt.Errorf("%s: %w", strings.Join(cmd.Args, " "), err)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n"), nil
}

// onTerminal reports whether a person looks at standard error.
func onTerminal() bool {
	info, err := os.Stderr.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
