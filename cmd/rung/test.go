package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"time"

	"github.com/spf13/cobra"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/sdk/rungtest"
)

const testLong = `test runs the tests of a policy, the current folder by default: the *.rungtest.hcl files beside
its *.rung.hcl files. A test names an action and the signals of a request, and what is
expected of the decision; with cases it is a table.

A failure shows what was expected and what was got.

Exit status: 0 all tests pass; 1 one fails, or the policy or its tests have errors; 2 they
could not be run.`

// testEngines are the values of --engine.
var testEngines = []string{"native", "wasm", "all"}

type testOptions struct {
	run, engine string
}

func newTest(a *app) *cobra.Command {
	var o testOptions
	cmd := &cobra.Command{
		Use:     "test [DIR]",
		Short:   "Run the tests of a policy",
		Long:    testLong,
		Example: "  rung test policy/\n  rung test policy/ --run 'large transfer' --engine=all",
		Args:    usage(cobra.MaximumNArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := oneOf("--engine", o.engine, testEngines); err != nil {
				return err
			}
			return a.test(args, &o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.run, "run", "", "run the tests whose name, `test/case`, matches this regular expression")
	f.StringVar(&o.engine, "engine", "native", "the `ENGINE` that decides: native, wasm, or all")
	complete(cmd, "engine", testEngines)
	return cmd
}

// test runs the tests once.
func (a *app) test(args []string, o *testOptions) error {
	dir := "."
	if len(args) > 0 {
		dir = args[0]
	}
	options, err := o.options()
	if err != nil {
		return err
	}
	s, err := readTests(dir)
	if err != nil {
		return err
	}
	if len(s.Diagnostics) > 0 {
		if err := diag.Print(a.out, s.Diagnostics, s.Source, a.colorOn(a.out)); err != nil {
			return err
		}
		fmt.Fprintf(a.err, "\n%s\n", count(s.Diagnostics))
		if s.Diagnostics.HasErrors() {
			return errBad
		}
	}
	report, err := s.Run(context.Background(), options)
	if refused := diag.List(nil); errors.As(err, &refused) {
		if err := diag.Print(a.out, refused, s.Source, a.colorOn(a.out)); err != nil {
			return err
		}
		return errBad
	}
	if err != nil {
		return err
	}
	for _, r := range report.Results {
		if !r.Passed {
			fmt.Fprintf(a.out, "%s\n", r.Text())
		}
	}
	fmt.Fprintf(a.err, "%s, %d failed, in %s\n", plural(report.Passed+report.Failed, "case"), report.Failed, report.Elapsed.Round(time.Millisecond))
	if !report.OK() {
		return errBad
	}
	return nil
}

// options are those of a run.
func (o *testOptions) options() (rungtest.Options, error) {
	var out rungtest.Options
	if o.run != "" {
		pattern, err := regexp.Compile(o.run)
		if err != nil {
			return out, usagef("--run: %v", err)
		}
		out.Match = pattern.MatchString
	}
	switch o.engine {
	case "wasm":
		out.Engines = []rungtest.Engine{rungtest.Wasm}
	case "all":
		out.Engines = []rungtest.Engine{rungtest.Native, rungtest.Wasm}
	}
	return out, nil
}

// readTests reads the policy of a folder, and its tests.
func readTests(dir string) (*rungtest.Suite, error) {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return nil, usagef("`%s` is no folder: tests stand beside their policy", dir)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, plain(err)
	}
	defer root.Close() //nolint:errcheck // it was only read
	s, err := rungtest.Read(root.FS())
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, plain(err)
		}
		return nil, fmt.Errorf("%s: %w", dir, plain(err))
	}
	return s, nil
}
