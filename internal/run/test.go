package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// event is a line of `go test -json`; see `go doc test2json`.
type event struct {
	Action     string
	Package    string
	ImportPath string // instead of Package, where it is about building
	Test       string
	Output     string
	Elapsed    float64
}

// tally counts tests, and keeps what each printed until it is known to be worth showing.
type tally struct {
	passed, failed, skipped int
	output                  map[string][]string
	names                   []string // of those that failed
	show                    io.Writer
	progress                bool
}

// test runs the tests of every module and of every npm package, shows what fails, and ends with the count.
func test(flags []string) error {
	dirs, err := modules()
	if err != nil {
		return err
	}
	t := &tally{output: map[string][]string{}, show: os.Stdout, progress: onTerminal()}
	for _, dir := range dirs {
		if err := t.module(dir, flags); err != nil {
			return err
		}
	}
	if dirs, err = packages(); err != nil {
		return err
	}
	for _, dir := range dirs {
		if err := t.npm(dir); err != nil {
			return err
		}
	}
	return t.end()
}

// end says what has failed, and the count.
func (t *tally) end() error {
	for _, name := range t.names {
		fmt.Println("FAIL", name)
	}
	fmt.Printf("%d passed, %d failed, %d skipped\n", t.passed, t.failed, t.skipped)
	if t.failed > 0 {
		return errors.New("tests have failed")
	}
	if t.passed == 0 {
		return errors.New("no test has run")
	}
	return nil
}

func (t *tally) module(dir string, flags []string) error {
	// By default a package has ten minutes, which is little for the largest ones where a machine has other things to do.
	cmd := exec.Command("go", append(append([]string{"test", "-json", "-timeout=30m"}, flags...), "./...")...)
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	before := t.failed
	for in := json.NewDecoder(out); ; {
		var e event
		if err := in.Decode(&e); err == io.EOF {
			break
		} else if err != nil {
			return fmt.Errorf("reading what go test says: %w", err)
		}
		t.add(e)
	}
	if err := cmd.Wait(); err != nil && t.failed == before {
		t.failed++ // it did not get as far as a test
	}
	return nil
}

func (t *tally) add(e event) {
	key := e.Package + e.ImportPath + "\x00" + e.Test
	switch e.Action {
	case "output", "build-output":
		if !strings.HasPrefix(e.Output, "=== ") { // which test runs, and when
			t.output[key] = append(t.output[key], e.Output)
		}
		return
	case "pass", "skip", "fail", "build-fail":
	default:
		return
	}
	if t.progress {
		fmt.Fprintf(os.Stderr, "\r\x1b[K%d passed, %d failed  %s", t.passed, t.failed, e.Package)
		defer fmt.Fprint(os.Stderr, "\r\x1b[K")
	}
	switch {
	case e.Action == "build-fail": // its package fails besides
		fmt.Fprint(t.show, strings.Join(t.output[key], ""))
	case e.Action == "fail":
		if e.Test != "" || !slices.ContainsFunc(t.names, func(n string) bool { return strings.HasPrefix(n, e.Package+" ") }) {
			t.failed++ // a package that fails because of a test of its is counted with that
			t.names = append(t.names, strings.TrimSpace(e.Package+" "+e.Test))
		}
		fmt.Fprint(t.show, strings.Join(t.output[key], ""))
	case e.Test == "":
		fmt.Fprintf(t.show, "%-4s  %s  %.2fs\n", map[string]string{"pass": "ok", "skip": "-"}[e.Action], e.Package, e.Elapsed)
	case e.Action == "skip":
		t.skipped++
		fmt.Fprint(t.show, strings.Join(t.output[key], ""))
	default:
		t.passed++
	}
	delete(t.output, key)
}
