package deps_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestDiagnosticsTable holds docs/diagnostics.md against the codes in the source: each has its row, and no row is of the past.
func TestDiagnosticsTable(t *testing.T) {
	t.Parallel()
	documented := matches(t, []string{"docs/diagnostics.md"}, `(?m)^\| `+"`"+`([a-z-]+)`+"`")
	used := matches(t, sources(t, "hcl"), `(?m)^\s+code[A-Z]\w+\s+= "([a-z-]+)"`)
	used = append(used, matches(t, sources(t, "cel"), `"(cel-[a-z]+|let-cycle)"`)...)
	slices.Sort(used)
	slices.Sort(documented)
	for _, code := range used {
		if !slices.Contains(documented, code) {
			t.Errorf("docs/diagnostics.md has no row for %s", code)
		}
	}
	for _, code := range documented {
		if !slices.Contains(used, code) {
			t.Errorf("docs/diagnostics.md has a row for %s, which nothing reports", code)
		}
	}
}

// sources are the files of a package, tests left out.
func sources(t *testing.T, pkg string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(pkg, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(files, func(f string) bool { return strings.HasSuffix(f, "_test.go") })
}

func matches(t *testing.T, files []string, expression string) []string {
	t.Helper()
	var out []string
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(expression).FindAllStringSubmatch(string(text), -1) {
			out = append(out, m[1])
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(out)))
}

// TestLinks: what the documents point to is there.
func TestLinks(t *testing.T) {
	t.Parallel()
	link := regexp.MustCompile(`\]\(([^)#]+)(#[^)]*)?\)`)
	for _, pattern := range []string{"*.md", "docs/*.md", "conformance/*.md", "examples/*/*.md"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range link.FindAllStringSubmatch(string(text), -1) {
				if strings.Contains(m[1], "://") {
					continue
				}
				if _, err := os.Stat(filepath.Join(filepath.Dir(f), m[1])); err != nil {
					t.Errorf("%s points to %s: %v", f, m[1], err)
				}
			}
		}
	}
}
