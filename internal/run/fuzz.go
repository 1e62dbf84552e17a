package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// fuzzFile lists the fuzz targets that must be there, a line each: "policy/codec FuzzDecode". One that is renamed or lost
// is then missed, and one that is new has to be named.
const fuzzFile = "internal/run/fuzz-targets.txt"

// execs is in the last line of progress of a fuzzing run.
var execs = regexp.MustCompile(`execs: (\d+)`)

type target struct{ dir, pkg, name string }

func (t target) String() string { return t.pkg + " " + t.name }

// fuzz runs every fuzz target for a time, each with its log. It fails where one crashes, never ran, or is not there.
func fuzz(args []string) error {
	flags := flag.NewFlagSet("fuzz", flag.ExitOnError)
	each := flags.Duration("time", time.Minute, "how long each target runs")
	logs := flags.String("logs", ".cache/fuzz", "where the logs go")
	if err := flags.Parse(args); err != nil {
		return err
	}
	targets, err := targets()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(*logs, 0o755); err != nil {
		return err
	}
	var errs []error
	for i, t := range targets {
		fmt.Printf("[%d/%d] %s, %s\n", i+1, len(targets), t, each)
		n, err := t.run(*each, *logs)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", t, err))
		}
		fmt.Printf("        %d execs\n", n)
	}
	return errors.Join(errs...)
}

// targets lists the fuzz targets of all modules and compares them with the file.
func targets() ([]target, error) {
	root, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	dirs, err := modules()
	if err != nil {
		return nil, err
	}
	var found []target
	var names []string
	for _, dir := range dirs {
		pkgs, err := lines(dir, "go", "list", "-f", "{{.Dir}}", "./...")
		if err != nil {
			return nil, err
		}
		for _, pkg := range pkgs {
			list, err := lines(pkg, "go", "test", "-list", "^Fuzz", ".")
			if err != nil {
				return nil, err
			}
			rel, err := filepath.Rel(root, pkg)
			if err != nil {
				return nil, err
			}
			for _, name := range list {
				if strings.HasPrefix(name, "Fuzz") {
					found = append(found, target{pkg, filepath.ToSlash(rel), name})
					names = append(names, found[len(found)-1].String())
				}
			}
		}
	}
	return found, compare(names)
}

func compare(found []string) error {
	text, err := os.ReadFile(fuzzFile)
	if err != nil {
		return err
	}
	var errs []error
	wanted := strings.Split(strings.TrimSpace(string(text)), "\n")
	for _, w := range wanted {
		if !slices.Contains(found, w) {
			errs = append(errs, fmt.Errorf("the fuzz target %s of %s is not there", w, fuzzFile))
		}
	}
	for _, f := range found {
		if !slices.Contains(wanted, f) {
			errs = append(errs, fmt.Errorf("the fuzz target %s is not in %s", f, fuzzFile))
		}
	}
	return errors.Join(errs...)
}

// run fuzzes one target and returns how often it ran.
func (t target) run(each time.Duration, logs string) (int, error) {
	log := filepath.Join(logs, strings.ReplaceAll(t.pkg, "/", "_")+"."+t.name+".log")
	cmd := exec.Command("go", "test", "-run", "^$", "-fuzz", "^"+t.name+"$", "-fuzztime", each.String(),
		"-fuzzminimizetime", "10x", ".") // by default workers make inputs smaller for a minute each, and find nothing meanwhile
	cmd.Dir = t.dir
	out, failed := cmd.CombinedOutput()
	if err := os.WriteFile(log, out, 0o644); err != nil {
		return 0, err
	}
	n := 0
	if all := execs.FindAllSubmatch(out, -1); len(all) > 0 {
		n, _ = strconv.Atoi(string(all[len(all)-1][1])) // digits, by the expression
	}
	if failed != nil {
		return n, fmt.Errorf("%w; see %s", failed, log)
	}
	if n == 0 {
		return 0, fmt.Errorf("it never ran; see %s", log)
	}
	return n, nil
}
