package rungtest

import (
	"context"
	"io/fs"
	"strings"

	"github.com/rungpolicy/rung/diag"
)

// Tester is a [*testing.T]. It is an interface so that programs that are no tests do not link package testing.
type Tester[Self any] interface {
	T
	// Run runs f as a subtest.
	Run(name string, f func(Self)) bool
}

// T is the part of a [*testing.T], or of a [*testing.B] or [*testing.F], that tells of what is wrong.
type T interface {
	// Helper leaves the caller out of places.
	Helper()
	// Errorf tells of what is wrong.
	Errorf(format string, args ...any)
	// Fatalf tells of it and ends the test.
	Fatalf(format string, args ...any)
}

// Option is a way to run tests as Go tests.
type Option func(*goOptions)

type goOptions struct {
	Options
	atLeast float64
}

// On runs the tests on these engines in place of [Native] alone; they must agree.
func On(engines ...Engine) Option { return func(o *goOptions) { o.Engines = engines } }

// Covering fails if the tests see less of the policy than a percentage, and says what they have not seen. See [Coverage].
func Covering(percent float64) Option {
	return func(o *goOptions) { o.Coverage, o.atLeast = true, percent }
}

// Run runs the tests of the policy in the root of a file system as Go tests: a subtest for each test, and one in it for each case. So `go test` runs them with all
// others, and -run picks them.
//
//	func TestPolicy(t *testing.T) {
//		rungtest.Run(t, os.DirFS("policy"))
//	}
//
// A policy or tests with mistakes fail it with all of them, and so does a policy without tests.
func Run[G Tester[G]](t G, fsys fs.FS, opts ...Option) {
	t.Helper()
	var o goOptions
	for _, set := range opts {
		set(&o)
	}
	s, err := Read(fsys)
	if err != nil {
		t.Fatalf("%v", err)
		return
	}
	report, err := s.Run(context.Background(), o.Options)
	if err != nil {
		t.Fatalf("%s", explain(s, err))
		return
	}
	if len(report.Results) == 0 {
		t.Fatalf("the policy has no tests: they stand in *.rungtest.hcl files beside it")
		return
	}
	for results := report.Results; len(results) > 0; {
		n := 1
		for n < len(results) && results[n].Test == results[0].Test {
			n++
		}
		subtest(t, results[:n])
		results = results[n:]
	}
	if c := report.Coverage; c != nil && c.Percent() < o.atLeast {
		var b strings.Builder
		_ = c.WriteText(&b) // a Builder takes it all
		t.Errorf("the tests see too little of the policy, less than %g %%:\n%s", o.atLeast, b.String())
	}
}

// subtest reports the results of a test.
func subtest[G Tester[G]](t G, results []*Result) {
	t.Run(results[0].Test, func(t G) {
		t.Helper()
		for _, r := range results {
			if r.Case == "" {
				tell(t, r)
				continue
			}
			t.Run(r.Case, func(t G) {
				t.Helper()
				tell(t, r)
			})
		}
	})
}

func tell(t T, r *Result) {
	t.Helper()
	if !r.Passed {
		t.Errorf("\n%s", r.Text())
	}
}

// explain is an error of a run for people: diagnostics with the lines they are about.
func explain(s *Suite, err error) string {
	l, ok := err.(diag.List) //nolint:errorlint // as Run returns it
	if !ok {
		return err.Error()
	}
	var b strings.Builder
	_ = diag.Print(&b, l, s.Source, false) // a Builder takes it all
	return "\n" + b.String()
}
