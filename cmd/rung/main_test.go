package main

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"

	rung "github.com/rungpolicy/rung/sdk"
	"github.com/rungpolicy/rung/wasm"
)

var update = flag.Bool("update", false, "write what the commands print into the scripts, for the diff to be reviewed")

func TestMain(m *testing.M) {
	testscript.Main(tidy{m}, map[string]func(){"rung": main})
}

// tidy runs the tests and removes what they have built.
type tidy struct{ tests *testing.M }

func (m tidy) Run() int {
	code := m.tests.Run()
	if binaryFolder != "" {
		_ = os.RemoveAll(binaryFolder)
	}
	return code
}

const bank = "../../examples/bank"

// TestScripts runs the scripts in testdata/script: the command line, told by example.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		Setup:               setup,
		UpdateScripts:       *update,
		RequireExplicitExec: false,
		RequireUniqueNames:  true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"repeat": repeat,
		},
	})
}

// setup lays the bank's policy beside a script.
func setup(env *testscript.Env) error {
	env.Setenv("NO_COLOR", "1")
	return os.CopyFS(filepath.Join(env.WorkDir, "bank"), os.DirFS(bank))
}

// repeat appends a text to a file, a number of times: repeat FILE N TEXT. \n in the text is a line's end.
func repeat(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: repeat FILE N TEXT")
	}
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	ts.Check(err)
	_, err = f.WriteString(strings.Repeat(strings.ReplaceAll(args[2], `\n`, "\n"), n))
	ts.Check(err)
	ts.Check(f.Close())
}

// conversations are the commands that go on until somebody ends them: lsp_test.go and the tests of the playground speak to them.
var conversations = []string{"rung lsp", "rung playground"}

// TestManuals runs the examples of every command's manual, as a shell would, in a folder that has what they name.
func TestManuals(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, cmd := range commands() {
		if strings.TrimSpace(cmd.Example) == "" {
			t.Errorf("the manual of `%s` has no example", cmd.CommandPath())
			continue
		}
		if slices.Contains(conversations, cmd.CommandPath()) {
			continue
		}
		script := "cd " + "$WORK\n"
		for line := range strings.Lines(cmd.Example) {
			script += "exec sh -c '" + strings.ReplaceAll(strings.TrimSpace(line), "'", "''") + "'\n"
		}
		name := strings.ReplaceAll(cmd.CommandPath(), " ", "_") + ".txtar"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	testscript.Run(t, testscript.Params{Dir: dir, Setup: func(env *testscript.Env) error {
		for _, name := range []string{"policy", "next"} {
			if err := os.CopyFS(filepath.Join(env.WorkDir, name), os.DirFS(bank)); err != nil {
				return err
			}
		}
		request, err := os.ReadFile(filepath.Join(bank, "requests/02-large-transfer.json"))
		if err != nil {
			return err
		}
		c, err := read([]string{bank})
		if err != nil {
			return err
		}
		m, err := rung.Build(c, wasm.Options{})
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(env.WorkDir, "bank.wasm"), m.Bytes, 0o600); err != nil {
			return err
		}
		line := strings.Join(strings.Fields(string(request)), " ") + "\n"
		if err := os.WriteFile(filepath.Join(env.WorkDir, "requests.jsonl"), []byte(line+line), 0o644); err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(env.WorkDir, "request.json"), request, 0o644)
	}})
}

// TestManualsFitAScreen holds every manual to one screen.
func TestManualsFitAScreen(t *testing.T) {
	t.Parallel()
	for _, cmd := range commands() {
		var out strings.Builder
		root := newRoot(streams{out: &out, err: &out})
		root.SetArgs(append(strings.Fields(cmd.CommandPath())[1:], "--help"))
		if err := root.Execute(); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		if len(lines) > 40 {
			t.Errorf("the manual of `%s` has %d lines", cmd.CommandPath(), len(lines))
		}
		for _, line := range lines {
			if len([]rune(line)) > 100 {
				t.Errorf("the manual of `%s` has a line of %d characters: %s", cmd.CommandPath(), len([]rune(line)), line)
			}
		}
	}
}

// commands are ours, the root too; cobra adds `help` and `completion`.
func commands() []*cobra.Command {
	root := newRoot(streams{})
	return append([]*cobra.Command{root}, root.Commands()...)
}
