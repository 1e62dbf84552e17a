package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// packages are the folders with a package.json that have tests: `npm test` runs them, and prints what node's test runner does.
func packages() ([]string, error) {
	files, err := lines("", "git", "ls-files", "package-lock.json", "*/package-lock.json")
	if err != nil {
		return nil, err
	}
	var dirs []string
	for _, f := range files {
		if f == "" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(filepath.Dir(f), "package.json"))
		if err != nil {
			return nil, err
		}
		if strings.Contains(string(text), `"test":`) {
			dirs = append(dirs, filepath.Dir(f))
		}
	}
	return dirs, nil
}

// npm runs the tests of npm packages: of those in these folders, or of all.
func npm(dirs []string) (err error) {
	if len(dirs) == 0 {
		if dirs, err = packages(); err != nil {
			return err
		}
	}
	t := &tally{output: map[string][]string{}, show: os.Stdout}
	for _, dir := range dirs {
		if err := t.npm(dir); err != nil {
			return err
		}
	}
	return t.end()
}

// installAll installs what packages need.
func installAll(dirs []string) error {
	for _, dir := range dirs {
		if err := install(dir); err != nil {
			return err
		}
	}
	return nil
}

// install installs what a package's lock file names, unless that has been done.
func install(dir string) error {
	lock, err := os.Stat(filepath.Join(dir, "package-lock.json"))
	if err != nil {
		return err
	}
	if done, err := os.Stat(filepath.Join(dir, "node_modules", ".package-lock.json")); err == nil && !done.ModTime().Before(lock.ModTime()) {
		return nil
	}
	fmt.Fprintf(os.Stderr, "npm ci in %s\n", dir)
	cmd := exec.Command("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error")
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("npm ci in %s: %w", dir, err)
	}
	now := time.Now() // npm ci keeps the times of what it copies
	return os.Chtimes(filepath.Join(dir, "node_modules", ".package-lock.json"), now, now)
}

// npm runs the tests of a package, and shows what they print that is more than a test that has passed.
func (t *tally) npm(dir string) error {
	if err := install(dir); err != nil {
		return err
	}
	began := time.Now()
	cmd := exec.Command("npm", "test", "--silent")
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	cmd.Env = append(os.Environ(), "NODE_OPTIONS=", "NO_COLOR=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	failed, passed := t.failed, t.passed
	t.tap(out)
	err = cmd.Wait()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		return err
	}
	switch {
	case err != nil && t.failed == failed, t.passed == passed && t.failed == failed:
		t.failed++ // it did not get as far as a test
		t.names = append(t.names, dir)
	case t.failed == failed:
		fmt.Fprintf(t.show, "ok    %s  %.2fs\n", dir, time.Since(began).Seconds())
	default:
		t.names = append(t.names, dir)
	}
	return nil
}

// counted is a closing line of node's test runner, in either of its forms.
var counted = regexp.MustCompile(`^(?:#|ℹ) (pass|fail|skipped) (\d+)$`)

// tap counts what node's test runner says, and shows what is more than a test that has passed: a runner may run several times.
func (t *tally) tap(out io.Reader) {
	scan := bufio.NewScanner(out)
	scan.Buffer(nil, 64<<20)
	for scan.Scan() {
		line := scan.Text()
		m := counted.FindStringSubmatch(line)
		if m == nil {
			fmt.Fprintln(t.show, line)
			continue
		}
		n, _ := strconv.Atoi(m[2]) // digits, by the expression
		switch m[1] {
		case "pass":
			t.passed += n
		case "fail":
			t.failed += n
		default:
			t.skipped += n
		}
	}
}
