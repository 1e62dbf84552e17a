package deps_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/hcl"
	"github.com/rungpolicy/rung/internal/canon"
	rung "github.com/rungpolicy/rung/sdk"
	"github.com/rungpolicy/rung/sdk/rungtest"
	"github.com/rungpolicy/rung/wasm"
)

// TestDiagnosticsTable holds docs/diagnostics.md against the codes in the source: each has its row, and no row is of the past.
func TestDiagnosticsTable(t *testing.T) {
	t.Parallel()
	documented := matches(t, []string{"docs/diagnostics.md"}, `(?m)^\| `+"`"+`([a-z-]+)`+"`")
	used := matches(t, sources(t, "hcl"), `(?m)^\s+code[A-Z]\w+\s+= "([a-z-]+)"`)
	used = append(used, matches(t, sources(t, "cel"), `"(cel-[a-z]+|let-cycle)"`)...)
	used = append(used, matches(t, sources(t, "wasm"), `"(module-[a-z]+)"`)...)
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
	code := regexp.MustCompile("(?ms)^```.*?^```") // Bind[Request](engine) is no link
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/*/*.md", "conformance/*.md", "examples/*/*.md", "examples/*/*/*.md"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range link.FindAllStringSubmatch(code.ReplaceAllString(string(text), ""), -1) {
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

// TestLanguageSnippets holds the policy of docs/language.md against the check: it says all that a policy may, so it must be one. The
// files beside it are what it names.
func TestLanguageSnippets(t *testing.T) {
	t.Parallel()
	policies := fenced(t, "docs/language.md", "hcl")
	for i, text := range policies {
		if codes := checkFS(t, snippet(text, ""), wasm.Options{}); len(codes) > 0 {
			t.Errorf("policy %d of docs/language.md: %s", i, codes)
		}
	}
	for i, tests := range fenced(t, "docs/language.md", `hcl \[test\]`) {
		rungtest.Run(t, snippet(policies[0], tests), rungtest.On(rungtest.Native, rungtest.Wasm))
		if form, diags := hcl.Format(diag.NewSource("snippet.rungtest.hcl", []byte(tests)), canon.Condition); string(form) != tests {
			t.Errorf("tests %d of docs/language.md: %v; rung fmt would write\n%s", i, diags, form)
		}
	}
	decisions := fenced(t, "docs/language.md", "json")
	if len(policies) == 0 || len(decisions) == 0 {
		t.Error("docs/language.md shows no policy or no decision")
	}
	for i, text := range decisions {
		if !json.Valid([]byte(text)) {
			t.Errorf("decision %d of docs/language.md is not JSON", i)
		}
	}
}

// snippet is the policy of docs/language.md, with what it names beside it, and tests.
func snippet(policy, tests string) fstest.MapFS {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	return fstest.MapFS{
		"snippet.rung.hcl": file(policy), "snippet.rungtest.hcl": file(tests), "tor-exits.txt": file("192.0.2.1\n"),
		"beside.rung.hcl": file("action \"profile.update\" { level = \"password\" }\n"),
	}
}

// TestDiagnosticsExamples runs the examples of docs/diagnostics.md: each gets the code of its row. Those that are too large for a page
// are made here.
func TestDiagnosticsExamples(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("docs/diagnostics.md")
	if err != nil {
		t.Fatal(err)
	}
	made := map[string]string{
		"limit":         strings.Repeat("# a file over 1 MiB\n", 1<<20/19),
		"missing-block": "",
		"cel-limit":     "true" + strings.Repeat(" && true", 5_000),
	}
	span := regexp.MustCompile("`([^`]+)`")
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(line, " | ")
		if len(cells) != 4 || !strings.HasPrefix(line, "| `") {
			continue
		}
		code := strings.Trim(cells[0], "| `")
		var example []string
		for _, m := range span.FindAllStringSubmatch(cells[2], -1) {
			example = append(example, m[1])
		}
		if more, ok := made[code]; ok {
			example = []string{more}
		}
		if len(example) == 0 {
			t.Errorf("%s has no example", code)
			continue
		}
		if codes := checkFiles(t, frame(code, strings.Join(example, "\n")), wasm.Options{Public: true}); !slices.Contains(codes, code) {
			t.Errorf("the example of %s gets %s", code, codes)
		}
	}
}

// frame is a policy with an example in it.
func frame(code, example string) map[string]string {
	files := map[string]string{"example.rung.hcl": example + "\n"}
	if code == "missing-block" {
		files["example.rung.hcl"] = "action \"a\" { level = \"none\" }\n"
		return files
	}
	condition, rollout := "true", ""
	if by, ok := strings.CutPrefix(example, "by = "); ok {
		rollout = "rollout {\n percent = 10\n by = " + by + "\n}\n"
		delete(files, "example.rung.hcl")
	} else if strings.HasPrefix(code, "cel-") || strings.HasPrefix(code, "module-") {
		condition = example
		delete(files, "example.rung.hcl")
	}
	files["frame.rung.hcl"] = fmt.Sprintf(`policy "frame" { language = 1 }
param "limit" {
  type    = double
  default = 1.0
}
signal "reputation" {
  type = double
  lazy = true
}
signal "secret" {
  type      = string
  sensitive = true
}
action "frame" {
  level    = "none"
  resource = object({ amount = double, payee = string })
  deny "d" {
    when = <<-CEL
      %s
    CEL
    %s
  }
}
`, condition, rollout)
	return files
}

// TestExclusions holds the reasons of cel/testdata/suite-excluded.txt against RATIONALE.md: each has its row there.
func TestExclusions(t *testing.T) {
	t.Parallel()
	reasons := matches(t, []string{"cel/testdata/suite-excluded.txt"}, `(?m)^[^#\t\n]+\t(.+)$`)
	explained := matches(t, []string{"RATIONALE.md"}, `(?m)^\| (.+?) \|`)
	if len(reasons) == 0 {
		t.Error("no reasons")
	}
	for _, r := range reasons {
		if !slices.Contains(explained, r) {
			t.Errorf("RATIONALE.md has no row for %q", r)
		}
	}
}

// checkFiles are the codes of what is wrong with a policy.
func checkFiles(t *testing.T, files map[string]string, o wasm.Options) []string {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return checkFS(t, fsys, o)
}

func checkFS(t *testing.T, fsys fs.FS, o wasm.Options) []string {
	t.Helper()
	checked, err := rung.Check(fsys)
	if err != nil {
		t.Fatal(err)
	}
	found := checked.Diagnostics
	if _, err := rung.Build(checked, o); !found.HasErrors() && err != nil {
		var refused diag.List
		if !errors.As(err, &refused) {
			t.Fatal(err)
		}
		found.Add(refused...)
	}
	var codes []string
	for _, d := range found {
		codes = append(codes, d.Code)
	}
	return codes
}

// fenced are the fenced blocks of a language in a Markdown file.
func fenced(t *testing.T, file, language string) []string {
	t.Helper()
	return matches(t, []string{file}, "(?ms)^```"+language+"\n(.*?)^```")
}
