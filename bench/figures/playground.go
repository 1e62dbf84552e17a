package main

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// page runs the tests of the playground's page, once: they use it in real browsers as a person does, and print figures.
var page = sync.OnceValues(func() (string, error) {
	log := ""
	for _, script := range []string{
		"npm run pretest --silent",
		"node test/brotli.mjs",
		"node --test --test-concurrency=1 --test-reporter=tap test/*.test.mjs || true", // which tests have failed is in what it prints
	} {
		cmd := exec.Command("sh", "-c", script)
		cmd.Dir = pageDir
		out, err := cmd.CombinedOutput()
		if err != nil {
			return "", fmt.Errorf("%w: %s", err, out)
		}
		log += string(out)
	}
	return log, nil
})

var pageDir string

// ofPage measures by what the page's tests have printed.
func ofPage(measure func(log string) (string, bool, error)) func(*setting) (string, bool, error) {
	return func(s *setting) (string, bool, error) {
		pageDir = filepath.Join(s.root, "playground", "web")
		log, err := page()
		if err != nil {
			return "", false, err
		}
		return measure(log)
	}
}

var (
	pageFigure = regexp.MustCompile(`figure ([a-z0-9-]+) (\d+)`)
	pageTest   = regexp.MustCompile(`(?m)^ *(ok|not ok) \d+ - (.*?)( # SKIP.*)?$`)
)

// pageAtMost is a figure of the page's that has a bound.
func pageAtMost(name, unit string, most int) func(*setting) (string, bool, error) {
	return ofPage(func(log string) (string, bool, error) {
		for _, m := range pageFigure.FindAllStringSubmatch(log, -1) {
			if m[1] != name {
				continue
			}
			n, err := strconv.Atoi(m[2])
			return m[2] + " " + unit, n <= most, err
		}
		return "", false, errors.New("the page's tests did not print it")
	})
}

// pageTests counts the tests whose names match, and wants all of them to pass, and none to be skipped.
func pageTests(match string) func(*setting) (string, bool, error) {
	pick := regexp.MustCompile(match)
	return ofPage(func(log string) (string, bool, error) {
		passed, failed := 0, []string{}
		for _, m := range pageTest.FindAllStringSubmatch(log, -1) {
			switch {
			case !pick.MatchString(m[2]):
			case m[1] == "ok" && m[3] == "":
				passed++
			default:
				failed = append(failed, m[2])
			}
		}
		text := fmt.Sprintf("%d passed", passed)
		if len(failed) > 0 {
			text += "; not: " + strings.Join(failed, "; ")
		}
		return text, passed > 0 && len(failed) == 0, nil
	})
}
