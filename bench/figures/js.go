package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// jsBars are what bench/js and sdk/js/test/sizes.mjs print.
type jsBars struct {
	Times map[string]float64 // nanoseconds a decision, by engine: rung is by `rung build --js --fast`, module by the SDK and a module
	Start float64            // milliseconds
	Sizes map[string]int
}

// jsMeasured measures once.
func jsMeasured(s *setting) (*jsBars, error) {
	if s.js != nil {
		return s.js, nil
	}
	if _, err := in(s, ".", "go", "run", "./internal/run", "install", "sdk/js", "bench/js"); err != nil {
		return nil, err
	}
	for _, step := range [][]string{{"sdk/js", "run", "--silent", "build"}, {"bench/js", "run", "--silent", "build"}} {
		if _, err := in(s, step[0], "npm", step[1:]...); err != nil {
			return nil, err
		}
	}
	b := &jsBars{}
	out, err := in(s, "bench/js", "node", "bench.mjs", "--json")
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(out, b); err != nil {
		return nil, err
	}
	if out, err = in(s, "sdk/js", "node", "test/sizes.mjs", "../../bench/js/made/bank.wasm"); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(out, &b.Sizes); err != nil {
		return nil, err
	}
	s.js = b
	return b, nil
}

// in runs a command in a folder of the repository.
func in(s *setting, dir, name string, args ...string) ([]byte, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = filepath.Join(s.root, dir), append(os.Environ(), "NO_COLOR=1")
	out, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		err = fmt.Errorf("%s: %w\n%s%s", strings.Join(cmd.Args, " "), err, out, exit.Stderr)
	}
	return out, err
}

func jsSize(of string, most int) func(*setting) (string, bool, error) {
	return func(s *setting) (string, bool, error) {
		b, err := jsMeasured(s)
		if err != nil {
			return "", false, err
		}
		return fmt.Sprintf("%d B", b.Sizes[of]), b.Sizes[of] > 0 && b.Sizes[of] <= most, nil
	}
}

func jsSpeed(peer string, least float64) func(*setting) (string, bool, error) {
	return func(s *setting) (string, bool, error) {
		b, err := jsMeasured(s)
		if err != nil {
			return "", false, err
		}
		ratio := b.Times[peer] / b.Times["rung"]
		return fmt.Sprintf("%.1f: %.0f ns, %.0f ns; without --fast %.1f", ratio, b.Times["rung"], b.Times[peer], b.Times[peer]/b.Times["module"]), ratio >= least, nil
	}
}

func jsHand(s *setting) (string, bool, error) {
	b, err := jsMeasured(s)
	if err != nil {
		return "", false, err
	}
	ratio := b.Times["rung"] / b.Times["handwritten"]
	return fmt.Sprintf("%.1f: %.0f ns, %.0f ns; without --fast %.1f", ratio, b.Times["rung"], b.Times["handwritten"], b.Times["module"]/b.Times["handwritten"]), ratio <= 3, nil
}

func jsStart(s *setting) (string, bool, error) {
	b, err := jsMeasured(s)
	if err != nil {
		return "", false, err
	}
	return fmt.Sprintf("%.1f ms", b.Start), b.Start < 5, nil
}

// ofCases is what a runtime's test logs.
var ofCases = regexp.MustCompile(`(?m)^ +(\S.*): (\d+) of (\d+) cases of conformance(?: in a page, (\d+) in a worker)?$`)

func jsRuntimes(s *setting) (string, bool, error) {
	if _, err := in(s, ".", "go", "run", "./internal/run", "install", "sdk/js", "sdk/js/test/runtimes"); err != nil {
		return "", false, err
	}
	for _, script := range []string{"build", "cases"} {
		if _, err := in(s, "sdk/js", "npm", "run", "--silent", script); err != nil {
			return "", false, err
		}
	}
	out, err := in(s, "sdk/js/test/runtimes", "npm", "test", "--silent")
	if err != nil {
		return "", false, err
	}
	var names []string
	total, all := "", true
	for _, m := range ofCases.FindAllStringSubmatch(string(out), -1) {
		total = m[3]
		all = all && m[2] == total && (m[4] == "" || m[4] == total)
		names = append(names, m[1])
	}
	return fmt.Sprintf("%s on %d: %s", total, len(names), strings.Join(names, ", ")), all && len(names) >= 7, nil
}

func jsHostile(s *setting) (string, bool, error) {
	if _, err := jsMeasured(s); err != nil {
		return "", false, err
	}
	if _, err := in(s, "sdk/js", "npm", "run", "--silent", "cases"); err != nil {
		return "", false, err
	}
	out, err := in(s, "sdk/js", "node", "--expose-gc", "--test", "--test-reporter=./test/reporter.mjs", "test/decide.test.mjs", "test/fast.test.mjs")
	if err != nil {
		return "", false, err
	}
	m := regexp.MustCompile(`# pass (\d+)`).FindStringSubmatch(string(out))
	if m == nil {
		return "", false, errors.New("the tests have not counted")
	}
	return m[1] + " tests pass", true, nil
}
