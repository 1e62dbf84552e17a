package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/spf13/cobra"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/sdk/rungtest"
)

const testLong = `test runs the tests of a policy, the current folder by default: the *.rungtest.hcl files beside
its *.rung.hcl files. A test names an action and the signals of a request, and what is
expected of the decision; with cases it is a table.

A failure shows what was expected and got, the rules that matter with the value of every
sub-expression, and what would change the decision. --coverage says what no test has seen
of the rules: in a file of its own, whose ending says the form, or else beside the results.

Exit status: 0 all tests pass; 1 one fails, too little is covered, or the policy or its
tests have errors; 2 they could not be run, or there are none.`

// testEngines are the values of --engine.
var testEngines = []string{"native", "wasm", "all"}

type testOptions struct {
	run, engine, coverage, junit string
	atLeast                      float64
	json, watch                  bool
	// min says that a coverage is asked for.
	min bool
}

func newTest(a *app) *cobra.Command {
	var o testOptions
	cmd := &cobra.Command{
		Use:     "test [DIR]",
		Short:   "Run the tests of a policy",
		Long:    testLong,
		Example: "  rung test policy/ --engine=all\n  rung test policy/ --run 'trusted payee' --coverage\n  rung test policy/ --coverage=coverage.html --coverage-min=90 --junit=junit.xml",
		Args:    usage(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.min = cmd.Flags().Changed("coverage-min")
			if err := o.check(); err != nil {
				return err
			}
			dir := "."
			if len(args) > 0 {
				dir = args[0]
			}
			if o.watch {
				return a.watch(cmd.Context(), dir, &o)
			}
			return a.test(cmd.Context(), dir, &o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.run, "run", "", "run the tests whose name, `TEST/CASE`, matches this regular expression")
	f.StringVar(&o.engine, "engine", "native", "the `ENGINE` that decides: native, wasm, or all")
	f.StringVar(&o.coverage, "coverage", "", "say what was not seen; to `FILE`.html, .info (LCOV), .json, .txt")
	f.Lookup("coverage").NoOptDefVal = beside
	f.Float64Var(&o.atLeast, "coverage-min", 0, "fail if less than this `PERCENT` of the outcomes is seen")
	f.StringVar(&o.junit, "junit", "", "write the results to `FILE` as JUnit XML")
	f.BoolVar(&o.json, "json", false, "print the results as a JSON document")
	f.BoolVar(&o.watch, "watch", false, "run again whenever a file of the policy changes")
	complete(cmd, "engine", testEngines)
	return cmd
}

// beside is the value of --coverage where the coverage stands beside the results.
const beside = "-"

func (o *testOptions) check() error {
	if err := oneOf("--engine", o.engine, testEngines); err != nil {
		return err
	}
	if o.min && !(o.atLeast >= 0 && o.atLeast <= 100) {
		return usagef("--coverage-min is a percentage, from 0 to 100")
	}
	if o.coverage != "" && o.coverage != beside {
		return oneOf("the ending of --coverage", filepath.Ext(o.coverage), []string{".html", ".info", ".lcov", ".json", ".txt"})
	}
	return nil
}

// options are those of a run.
func (o *testOptions) options() (rungtest.Options, error) {
	out := rungtest.Options{Coverage: o.coverage != "" || o.min}
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

// test reads the tests, runs them once and prints what came of it.
func (a *app) test(ctx context.Context, dir string, o *testOptions) error {
	_, err := a.testOnce(ctx, dir, o)
	return err
}

// testOnce is test, and what it has read; nil if that could not be read.
func (a *app) testOnce(ctx context.Context, dir string, o *testOptions) (*rungtest.Suite, error) {
	options, err := o.options()
	if err != nil {
		return nil, err
	}
	s, err := readTests(dir)
	if err != nil {
		return nil, err
	}
	if err := a.found(s, s.Diagnostics); err != nil {
		return s, err
	}
	p := a.newProgress()
	if p.w != nil {
		n := 0
		options.Done = func(*rungtest.Result) {
			n++
			p.show(n, "cases")
		}
	}
	report, err := s.Run(ctx, options)
	p.done()
	if refused := diag.List(nil); errors.As(err, &refused) {
		return s, a.found(s, refused)
	}
	switch {
	case err != nil:
		return s, err
	case len(s.Cases) == 0:
		return s, fmt.Errorf("%s: no tests here; they stand in *.rungtest.hcl files beside the policy", dir)
	case len(report.Results) == 0:
		return s, fmt.Errorf("no test's name matches %q", o.run)
	}
	return s, a.told(dir, s, report, o)
}

// found prints diagnostics; the error says that they hold an error.
func (a *app) found(s *rungtest.Suite, l diag.List) error {
	if len(l) == 0 {
		return nil
	}
	w := a.out
	if !l.HasErrors() {
		w = a.err // the results are still to come
	}
	if err := diag.Print(w, l, s.Source, a.colorOn(w)); err != nil {
		return err
	}
	fmt.Fprintf(a.err, "\n%s\n", count(l))
	if l.HasErrors() {
		return errBad
	}
	return nil
}

// told prints and writes what came of a run; the error says that it was not good.
func (a *app) told(dir string, s *rungtest.Suite, r *rungtest.Report, o *testOptions) error {
	if err := a.results(r, o); err != nil {
		return err
	}
	if o.junit != "" {
		if err := writeFile(o.junit, r.WriteJUnit); err != nil {
			return err
		}
	}
	if err := a.coverage(dir, s, r, o); err != nil {
		return err
	}
	fmt.Fprintf(a.err, "%s, %d failed, in %s\n", plural(r.Passed+r.Failed, "case"), r.Failed, r.Elapsed.Round(10*time.Microsecond))
	if o.min && r.Coverage.Percent() < o.atLeast {
		fmt.Fprintf(a.err, "coverage is %s, less than %g %%\n", r.Coverage, o.atLeast)
		return errBad
	}
	if !r.OK() {
		return errBad
	}
	return nil
}

// results prints the failures, or all as JSON.
func (a *app) results(r *rungtest.Report, o *testOptions) error {
	if o.json {
		text, err := json.MarshalIndent(r, "", "  ")
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(a.out, "%s\n", text)
		return err
	}
	first := true
	for _, x := range r.Results {
		if x.Passed {
			continue
		}
		if !first {
			fmt.Fprintln(a.out)
		}
		first = false
		if err := x.WriteText(a.out, a.colorOn(a.out)); err != nil {
			return err
		}
	}
	return nil
}

// coverage writes what was seen of the policy, as the options say.
func (a *app) coverage(dir string, s *rungtest.Suite, r *rungtest.Report, o *testOptions) error {
	c := r.Coverage
	if o.coverage == "" || o.coverage == beside {
		if o.coverage == "" || o.json {
			return nil // nobody has asked, or it is in the results
		}
		return c.WriteText(a.out)
	}
	return writeFile(o.coverage, func(w io.Writer) error {
		switch filepath.Ext(o.coverage) {
		case ".html":
			return c.WriteHTML(w, "Coverage of "+r.Policy.Name, s.Sources)
		case ".info", ".lcov":
			return c.WriteLCOV(w, filepath.ToSlash(dir))
		case ".json":
			text, err := json.MarshalIndent(c, "", "  ")
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(w, "%s\n", text)
			return err
		}
		return c.WriteText(w)
	})
}

// writeFile writes a file.
func writeFile(name string, write func(io.Writer) error) error {
	f, err := os.Create(name)
	if err != nil {
		return plain(err)
	}
	if err := write(f); err != nil {
		return errors.Join(err, f.Close())
	}
	return plain(f.Close())
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
		return nil, fmt.Errorf("%s: %w", dir, plain(err))
	}
	return s, nil
}
