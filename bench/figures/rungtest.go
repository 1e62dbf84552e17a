package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// testRuns is how often a run of tests is timed.
const testRuns = 9

// bankTests is how long `rung test` takes on the bank example, on both engines and with its coverage: from the start of the process to its end.
func bankTests(s *setting) (string, bool, error) {
	dir, program, err := builtRung(s)
	if err != nil {
		return "", false, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a folder too many among those for such
	took, said, err := timedTests(program, filepath.Join(s.root, "examples/bank"), testRuns)
	if err != nil {
		return "", false, err
	}
	return fmt.Sprintf("%d ms for %s", took.Milliseconds(), said), took < 300*time.Millisecond, nil
}

// manyTests is how long 10,000 cases take, which are the bank's and generated ones.
func manyTests(s *setting) (string, bool, error) {
	dir, program, err := builtRung(s)
	if err != nil {
		return "", false, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a folder too many among those for such
	tests := filepath.Join(dir, "bank")
	if err := os.CopyFS(tests, os.DirFS(filepath.Join(s.root, "examples/bank"))); err != nil {
		return "", false, err
	}
	for i := range 10 {
		if err := os.WriteFile(filepath.Join(tests, fmt.Sprintf("generated%d.rungtest.hcl", i)), generatedTests(i*1000, 1000), 0o600); err != nil {
			return "", false, err
		}
	}
	took, said, err := timedTests(program, tests, 3)
	if err != nil {
		return "", false, err
	}
	return fmt.Sprintf("%.2f s for %s", took.Seconds(), said), took < 5*time.Second, nil
}

// generatedTests is a test with a case for each of some amounts.
func generatedTests(from, n int) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "test \"generated from %d\" {\n  action = \"transfer.create\"\n  uses   = [\"customer\", \"small transfer\"]\n", from)
	for amount := from; amount < from+n; amount++ {
		effect := "allow"
		if amount > 1000 {
			effect = "step_up"
		}
		fmt.Fprintf(&b, "  case \"%d\" {\n    signals = {\n      resource = { amount = %d }\n    }\n    expect { effect = %q }\n  }\n", amount, amount, effect)
	}
	return []byte(b.String() + "}\n")
}

// builtRung builds the command line into a folder for such.
func builtRung(s *setting) (dir, program string, err error) {
	if dir, err = os.MkdirTemp("", "figures"); err != nil {
		return "", "", err
	}
	program = filepath.Join(dir, "rung")
	build := exec.Command("go", "build", "-o", program, ".")
	build.Dir = filepath.Join(s.root, "cmd/rung")
	if out, err := build.CombinedOutput(); err != nil {
		return dir, "", fmt.Errorf("%w: %s", err, out)
	}
	return dir, program, nil
}

// timedTests runs tests some times, all of which have to pass, and returns the lower quartile of what they take; and how many there were, and what of that
// time the processor was theirs, all cores together, which tells of a machine that has other work.
func timedTests(program, dir string, runs int) (took time.Duration, said string, err error) {
	var all, busy []time.Duration
	for range runs {
		cmd := exec.Command(program, "test", dir, "--engine=all", "--coverage-min=100")
		began := time.Now()
		out, err := cmd.CombinedOutput()
		if err != nil {
			return 0, "", fmt.Errorf("rung test: %w: %s", err, out)
		}
		all = append(all, time.Since(began))
		busy = append(busy, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime())
		said, _, _ = strings.Cut(string(out), ",")
	}
	slices.Sort(all)
	slices.Sort(busy)
	return all[len(all)/4], fmt.Sprintf("%s; processor time %d ms", said, busy[len(busy)/4].Milliseconds()), nil
}
