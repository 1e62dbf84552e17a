package main

import (
	"io"
	"strings"
	"testing"
)

func TestTally(t *testing.T) {
	t.Parallel()
	tally := &tally{output: map[string][]string{}, show: io.Discard}
	for _, e := range []event{
		{Action: "pass", Package: "a", Test: "TestX"},
		{Action: "pass", Package: "a", Test: "TestX/sub"},
		{Action: "output", Package: "a", Test: "TestY", Output: "=== RUN   TestY\n"},
		{Action: "output", Package: "a", Test: "TestY", Output: "wrong\n"},
		{Action: "skip", Package: "a", Test: "TestZ"},
		{Action: "fail", Package: "a", Test: "TestY"},
		{Action: "fail", Package: "a"}, // because of TestY
		{Action: "build-output", ImportPath: "b", Output: "undefined: x"},
		{Action: "build-fail", ImportPath: "b"},
		{Action: "fail", Package: "b"}, // of itself
		{Action: "pass", Package: "c"},
	} {
		tally.add(e)
	}
	if tally.passed != 2 || tally.failed != 2 || tally.skipped != 1 {
		t.Errorf("%d passed, %d failed, %d skipped", tally.passed, tally.failed, tally.skipped)
	}
}

func TestTAP(t *testing.T) {
	t.Parallel()
	var shown strings.Builder
	tally := &tally{show: &shown}
	tally.tap(strings.NewReader("# pass 3\n# fail 1\n# skipped 0\nnode v20: 1847 cases\nℹ pass 2\nℹ fail 0\nℹ skipped 4\n"))
	if tally.passed != 5 || tally.failed != 1 || tally.skipped != 4 || shown.String() != "node v20: 1847 cases\n" {
		t.Errorf("%d passed, %d failed, %d skipped; shown: %s", tally.passed, tally.failed, tally.skipped, shown.String())
	}
}

func TestCompare(t *testing.T) {
	t.Chdir("../..")
	if err := compare([]string{"cel FuzzNobodyNamed"}); err == nil {
		t.Error("neither a target that is missing nor one that is not listed is an error")
	}
}
