package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestReadme runs what the README shows: it is to be true, whatever changes. With -update, the output of its commands is written anew.
func TestReadme(t *testing.T) {
	t.Parallel()
	const readme = "../../README.md"
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	blocks := fences(string(text))
	dir := t.TempDir()
	lay(t, dir, "policy/bank.rung.hcl", only(t, blocks, "hcl"))
	lay(t, dir, "typo/bank.rung.hcl", strings.Replace(only(t, blocks, "hcl"), "resource.amount", "resource.amuont", 1))
	lay(t, dir, "policy/bank.rungtest.hcl", only(t, blocks, "hcl [test]"))
	lay(t, dir, "request.json", only(t, blocks, "json"))
	consoles(t, readme, string(text), dir)
	// What is said of the session after the challenge.
	fresh := strings.NewReplacer(`["pwd"]`, `["pwd", "otp"]`, "T11:00:00Z", "T11:59:00Z").Replace(only(t, blocks, "json"))
	lay(t, dir, "fresh.json", fresh)
	if out := output(t, dir, strings.Fields("eval policy --request fresh.json --format=text")); !strings.HasPrefix(out, "allow") {
		t.Errorf("after the challenge: %s", out)
	}
	embedded(t, blocks)
}

// consoles runs the commands of a document and holds what they print against it; those of sh are run for what they do alone. With -update, the output is written anew.
func consoles(t *testing.T, name, text, dir string) {
	t.Helper()
	hold(t, name, text, ran(t, text, dir))
}

// ran is a text with what its commands print now.
func ran(t *testing.T, text, dir string) string {
	t.Helper()
	now := text
	for _, b := range fences(text) {
		switch b.language {
		case "sh":
			for command := range strings.Lines(b.text) {
				output(t, dir, strings.Fields(strings.TrimPrefix(command, "rung ")))
			}
		case "console":
			command, _, _ := strings.Cut(b.text, "\n")
			out := output(t, dir, strings.Fields(strings.TrimPrefix(command, "$ rung ")))
			if want := command + "\n" + out; want != b.text {
				now = strings.Replace(now, "```console\n"+b.text+"```", "```console\n"+want+"```", 1)
			}
		}
	}
	return now
}

// hold holds a document against what it should be; with -update it is written anew.
func hold(t *testing.T, name, text, now string) {
	t.Helper()
	switch {
	case now == text:
	case *update:
		if err := os.WriteFile(name, []byte(now), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("%s shows other output than the commands print; `go test ./cmd/rung -update` writes it:\n%s", name, now)
	}
}

// TestTestingPage runs what docs/testing.md shows: each block of HCL is the file of tests that the commands below it run. Its Go stands in examples/first.
func TestTestingPage(t *testing.T) {
	t.Parallel()
	const page = "../../docs/testing.md"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile("../../examples/first/main_test.go")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	lay(t, dir, "policy/bank.rung.hcl", only(t, fences(string(readme)), "hcl"))
	var steps []string
	for part := range strings.SplitSeq(string(text), "```hcl\n") {
		steps = append(steps, part)
	}
	now := []string{steps[0]}
	for _, step := range steps[1:] {
		tests, rest, _ := strings.Cut(step, "```\n")
		lay(t, dir, "policy/bank.rungtest.hcl", tests)
		if out := output(t, dir, []string{"fmt", "--check", "policy"}); out != "" {
			t.Errorf("not in canonical form: %s\n%s", out, tests)
		}
		now = append(now, tests+"```\n"+ran(t, rest, dir))
	}
	hold(t, page, string(text), strings.Join(now, "```hcl\n"))
	for _, b := range fences(string(text)) {
		if b.language == "go" && !strings.Contains(string(program), b.text) {
			t.Errorf("examples/first/main_test.go does not have\n%s", b.text)
		}
	}
}

// TestHomePage runs what the site's first page shows: an action of the README's policy, and its request.
func TestHomePage(t *testing.T) {
	t.Parallel()
	const page = "../../site/index.md"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	policy := only(t, fences(string(readme)), "hcl")
	dir := t.TempDir()
	lay(t, dir, "policy/bank.rung.hcl", policy)
	lay(t, dir, "request.json", only(t, fences(string(readme)), "json"))
	consoles(t, page, string(text), dir)
	for line := range strings.Lines(only(t, fences(string(text)), "hcl")) {
		if shown := strings.Join(strings.Fields(line), " "); !strings.Contains(strings.Join(strings.Fields(policy), " "), shown) {
			t.Errorf("the README's policy does not say %q", shown)
		}
	}
}

// TestModulesPage runs what docs/modules.md shows, with the README's policy and request.
func TestModulesPage(t *testing.T) {
	t.Parallel()
	const page = "../../docs/modules.md"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	lay(t, dir, "policy/bank.rung.hcl", only(t, fences(string(readme)), "hcl"))
	lay(t, dir, "request.json", only(t, fences(string(readme)), "json"))
	consoles(t, page, string(text), dir)
	var programs []string
	for _, b := range fences(string(text)) {
		if b.language == "go" {
			programs = append(programs, indented(b.text))
		}
	}
	program, err := os.ReadFile("../../examples/module/main.go")
	if err != nil {
		t.Fatal(err)
	}
	if len(programs) != 2 || !strings.Contains(string(program), programs[0]) {
		t.Errorf("examples/module/main.go does not have the page's lines:\n%s", programs)
	}
	program, err = os.ReadFile("../../examples/first/main_test.go")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(program), programs[1]) {
		t.Errorf("examples/first/main_test.go does not have the page's line:\n%s", programs[1])
	}
}

// indented is code as it stands in a function.
func indented(code string) string {
	return "\t" + strings.ReplaceAll(strings.TrimSpace(code), "\n", "\n\t")
}

// embedded holds the README's Go programs and policy against those of examples/first and examples/embed, which are run by tests of their own.
func embedded(t *testing.T, blocks []fence) {
	t.Helper()
	shown := slices.DeleteFunc(slices.Clone(blocks), func(b fence) bool { return b.language != "go" })
	files := []string{"../../examples/first/main.go", "../../examples/embed/main.go"}
	if len(shown) != len(files) {
		t.Fatalf("%d blocks of Go, want %d", len(shown), len(files))
	}
	for i, file := range files {
		program, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if lines := indented(shown[i].text); !strings.Contains(string(program), lines) {
			t.Errorf("%s does not have the README's lines:\n%s", file, lines)
		}
	}
	if n := strings.Count(shown[1].text, "\n"); n > 15 {
		t.Errorf("a guard takes %d lines in the README, and is to take 15", n)
	}
	policy, err := os.ReadFile("../../examples/first/policy/bank.rung.hcl")
	if err != nil {
		t.Fatal(err)
	}
	if string(policy) != only(t, blocks, "hcl") {
		t.Error("examples/first/policy is not the README's policy")
	}
}

type fence struct{ language, text string }

// fences are the fenced blocks of a Markdown text.
func fences(text string) []fence {
	var out []fence
	in := false
	for line := range strings.Lines(text) {
		language, isFence := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case isFence && !in:
			out, in = append(out, fence{language: language}), true
		case isFence:
			in = false
		case in:
			out[len(out)-1].text += line
		}
	}
	return out
}

// only is the text of the one block of a language.
func only(t *testing.T, blocks []fence, language string) string {
	t.Helper()
	var found []string
	for _, b := range blocks {
		if b.language == language {
			found = append(found, b.text)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d blocks of %s, want one", len(found), language)
	}
	return found[0]
}

func lay(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// output is what a command prints, results first. The test's own program is rung when it is called so.
func output(t *testing.T, dir string, args []string) string {
	t.Helper()
	rung, err := exec.LookPath("rung") // testscript.Main has laid it into PATH
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(rung, args...)
	cmd.Dir = dir
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil && cmd.ProcessState.ExitCode() != exitBad {
		t.Fatalf("rung %s: %v\n%s", strings.Join(args, " "), err, errs.String())
	}
	return elapsed.ReplaceAllString(out.String()+errs.String(), ", in 1ms\n")
}

// elapsed is how long tests took, which a page says as 1ms.
var elapsed = regexp.MustCompile(`, in [0-9][0-9a-zµ.]*s\n`)
