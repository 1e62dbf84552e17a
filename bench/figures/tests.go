package main

import (
	"bytes"
	"encoding/json"
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

// outcome counts the tests of a run.
type outcome struct {
	passed, failed, skipped int
	output                  string
}

// goTest runs tests and counts those whose name begins with prefix and "/".
func goTest(s *setting, prefix string, args ...string) (outcome, error) {
	cmd := exec.Command("go", append([]string{"test", "-json", "-timeout=5m"}, args...)...)
	cmd.Dir = s.root
	out, failed := cmd.Output()
	var o outcome
	for in := json.NewDecoder(bytes.NewReader(out)); ; {
		var e struct{ Action, Test, Output string }
		if err := in.Decode(&e); err == io.EOF {
			break
		} else if err != nil {
			return o, err
		}
		o.output += e.Output
		if !strings.HasPrefix(e.Test, prefix+"/") {
			continue
		}
		switch e.Action {
		case "pass":
			o.passed++
		case "fail":
			o.failed++
		case "skip":
			o.skipped++
		}
	}
	if failed != nil && o.failed == 0 {
		return o, fmt.Errorf("the tests failed: %w", failed)
	}
	return o, nil
}

func conformance(s *setting) (string, bool, error) {
	files, err := filepath.Glob(filepath.Join(s.root, "conformance/cases/*/*.txtar"))
	if err != nil {
		return "", false, err
	}
	o, err := goTest(s, "TestNative", "-run", "^TestNative$|^TestTable$", "./conformance")
	if err != nil {
		return "", false, err
	}
	text := fmt.Sprintf("%d cases, %d passed, %d failed, %d skipped", len(files), o.passed, o.failed, o.skipped)
	return text, len(files) >= 400 && o.passed >= len(files) && o.failed+o.skipped == 0, nil
}

// suiteCount is the line that the test of the suite logs.
var suiteCount = regexp.MustCompile(`(\d+) passed, (\d+) failed, (\d+) excluded`)

func celSuite(s *setting) (string, bool, error) {
	o, err := goTest(s, "TestSuite", "-run", "^TestSuite", "-v", "./cel")
	if err != nil {
		return "", false, err
	}
	m := suiteCount.FindStringSubmatch(o.output)
	if m == nil {
		return "", false, errors.New("the test of the suite has not counted")
	}
	return fmt.Sprintf("%s passed, %s excluded, %s failed", m[1], m[3], m[2]), m[2] == "0" && m[1] != "0", nil
}

// moduleCount is the line that the test of the suite through modules logs, once for each way.
var moduleCount = regexp.MustCompile(`(\d+) pass on each engine, (\d+) are excluded; V8: (true|false)`)

// moduleSuite is the suite through modules: as it is written, and with its literals lifted.
func moduleSuite(s *setting) (string, bool, error) {
	o, err := goTest(s, "TestSuite", "-run", "^TestSuite$", "-v", "./internal/diff")
	if err != nil {
		return "", false, err
	}
	counts := moduleCount.FindAllStringSubmatch(o.output, -1)
	if len(counts) != 2 {
		return "", false, errors.New("the test of the suite has not counted")
	}
	text, ok := "", true
	for i, m := range counts {
		text += fmt.Sprintf("%s%s pass, %s excluded", []string{"", "; "}[i], m[1], m[2])
		ok = ok && m[2] == "0" && m[3] == "true"
	}
	return text, ok, nil
}

// steps is the line that the test of the tutorial logs.
var steps = regexp.MustCompile(`(\d+) files written, (\d+) commands run`)

// tutorial follows docs/tutorial.md: a block of the page that the test cannot take as a step is a failure.
func tutorial(s *setting) (string, bool, error) {
	page, err := os.ReadFile(filepath.Join(s.root, "docs/tutorial.md"))
	if err != nil {
		return "", false, err
	}
	o, err := goTest(s, "", "-run", "^TestTutorial$", "-count=1", "-v", "./cmd/rung")
	if err != nil {
		return "", false, err
	}
	m := steps.FindStringSubmatch(o.output)
	if m == nil {
		return "", false, errors.New("the test of the tutorial has not counted")
	}
	files, _ := strconv.Atoi(m[1]) // digits, by the expression
	blocks := regexp.MustCompile("(?m)^```[a-z]+ \\[[^]]+\\.[a-z]+\\]$").FindAll(page, -1)
	return m[0] + ", in an empty folder", files > 0 && files == len(blocks) && m[2] != "0", nil
}

func coverage(s *setting) (string, bool, error) {
	profile, err := os.CreateTemp("", "cover")
	if err != nil {
		return "", false, err
	}
	defer os.Remove(profile.Name()) //nolint:errcheck // a file too many in the folder for such
	defer profile.Close()           //nolint:errcheck // nothing is written to it here
	if _, err := goTest(s, "", "-coverprofile", profile.Name(), "./policy/..."); err != nil {
		return "", false, err
	}
	text, err := os.ReadFile(profile.Name())
	if err != nil {
		return "", false, err
	}
	total, hit := 0, 0
	for line := range strings.Lines(string(text)) {
		var n, count int
		_, rest, ok := strings.Cut(line, " ")
		if _, err := fmt.Sscan(rest, &n, &count); !ok || err != nil {
			continue // the line that says the mode
		}
		total += n
		if count > 0 {
			hit += n
		}
	}
	if total == 0 {
		return "", false, errors.New("no statements")
	}
	return fmt.Sprintf("%.1f %% of %d", 100*float64(hit)/float64(total), total), hit == total, nil
}

// made runs a target of the Makefile, if the setting says so.
func made(s *setting, target string) error {
	if !s.run {
		return nil
	}
	cmd := exec.Command("make", target)
	cmd.Dir, cmd.Stdout, cmd.Stderr = s.root, os.Stderr, os.Stderr
	return cmd.Run()
}

func mutation(s *setting) (string, bool, error) {
	if err := made(s, "mutate"); err != nil {
		return "", false, err
	}
	text, err := os.ReadFile(filepath.Join(s.root, ".cache/mutate.json"))
	if err != nil {
		return "", false, errors.New("run `make mutate` first")
	}
	var result struct {
		Killed   int `json:"mutants_killed"`
		Lived    int `json:"mutants_lived"`
		NotFound int `json:"mutants_not_covered"`
	}
	if err := json.Unmarshal(text, &result); err != nil {
		return "", false, err
	}
	total := result.Killed + result.Lived + result.NotFound
	if total == 0 {
		return "", false, errors.New("no mutants")
	}
	share := 100 * float64(result.Killed) / float64(total)
	return fmt.Sprintf("%.1f %% of %d, %d survive", share, total, result.Lived+result.NotFound), share >= 85, nil
}

var execs = regexp.MustCompile(`elapsed: (\S+), execs: (\d+)`)

func fuzzing(s *setting) (string, bool, error) {
	if err := made(s, "fuzz"); err != nil {
		return "", false, err
	}
	targets, err := os.ReadFile(filepath.Join(s.root, "internal/run/fuzz-targets.txt"))
	if err != nil {
		return "", false, err
	}
	names := strings.Split(strings.TrimSpace(string(targets)), "\n")
	total, holds := 0, true
	for _, name := range names {
		log := strings.ReplaceAll(strings.Replace(name, " ", ".", 1), "/", "_") + ".log"
		text, err := os.ReadFile(filepath.Join(s.root, ".cache/fuzz", log))
		if err != nil {
			return "", false, errors.New("run `make fuzz` first")
		}
		n, elapsed := 0, time.Duration(0)
		for _, m := range execs.FindAllSubmatch(text, -1) {
			if elapsed, err = time.ParseDuration(string(m[1])); err != nil {
				return "", false, err
			}
			n, _ = strconv.Atoi(string(m[2])) // digits, by the expression
		}
		total += n
		holds = holds && n > 0 && elapsed >= time.Minute && !bytes.Contains(text, []byte("FAIL"))
	}
	return fmt.Sprintf("%d targets, %d execs", len(names), total), holds, nil
}

// soakOf reads a line of the soak's log: "soak policy: 1000000 tried, 75% accepted, 0 died, 0 over 250ms, peak 90 MB, 9m3s".
func soakOf(what string) func(*setting) (string, bool, error) {
	line := regexp.MustCompile(`soak ` + what + `: (\d+) tried, .*?(\d+) died, (\d+) over.*`)
	return func(s *setting) (string, bool, error) {
		if what == "policy" { // one run does both
			if err := made(s, "soak"); err != nil {
				return "", false, err
			}
		}
		text, err := os.ReadFile(filepath.Join(s.root, ".cache/soak.log"))
		if err != nil {
			return "", false, errors.New("run `make soak` first")
		}
		m := line.FindStringSubmatch(string(text))
		if m == nil {
			return "", false, fmt.Errorf("the log does not speak of %s", what)
		}
		n, _ := strconv.Atoi(m[1]) // digits, by the expression
		return strings.TrimPrefix(m[0], "soak "+what+": "), n >= 1_000_000 && m[2] == "0" && m[3] == "0", nil
	}
}

// soakPairs reads the line "soak pairs: 1000000 tried, 0 differ, four engines, …".
func soakPairs(s *setting) (string, bool, error) {
	text, err := os.ReadFile(filepath.Join(s.root, ".cache/soak.log"))
	if err != nil {
		return "", false, errors.New("run `make soak` first")
	}
	m := regexp.MustCompile(`soak pairs: ((\d+) tried, (\d+) differ, .*)`).FindStringSubmatch(string(text))
	if m == nil {
		return "", false, errors.New("the log does not speak of pairs")
	}
	n, _ := strconv.Atoi(m[2]) // digits, by the expression
	return m[1], n >= 1_000_000 && m[3] == "0" && strings.Contains(m[1], "four engines"), nil
}

func bankExample(s *setting) (string, bool, error) {
	p, err := open(os.DirFS(filepath.Join(s.root, "examples/bank")))
	if err != nil {
		return "", false, err
	}
	rules, actions := len(p.policy.Rules), len(p.policy.Actions)
	return fmt.Sprintf("%d rules, %d actions", rules, actions), rules >= 12 && actions >= 5, nil
}
