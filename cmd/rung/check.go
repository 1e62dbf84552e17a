package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/findings"
	rung "github.com/rungpolicy/rung/sdk"
)

const checkLong = `check reads a policy and says all there is to say about it: each problem with its place,
the line with the offending words underlined, why, and the way out.

The policy is a folder (the current one by default) or the files named, which are then
the whole policy; its folder is that of the first.

Errors break the language, and nothing is built from a policy with one. Warnings are
odd, and likely mistakes; they come once there is no error. Where one is meant, a comment
on the line above or at the end of the line silences it, and says why:

    # rung:ignore unused  the rule that reads it comes next week

The diagnostics go to standard output, how many there are to standard error. With --json
they are one JSON array, empty if there is nothing to say. Their codes are stable.

Exit status: 0 no errors (there may be warnings, unless --strict), 1 errors, 2 it could
not be read.`

func newCheck(a *app) *cobra.Command {
	o := &checkOptions{app: a}
	cmd := &cobra.Command{
		Use:     "check [DIR|FILE...]",
		Short:   "Read a policy and say what is wrong with it",
		Long:    checkLong,
		Example: "  rung check policy/\n  rung check --json policy/ > findings.json\n  rung check --strict --ignore=unused policy/",
		RunE:    func(_ *cobra.Command, args []string) error { return o.run(args) },
	}
	cmd.Flags().BoolVar(&o.asJSON, "json", false, "print the diagnostics as a JSON array")
	cmd.Flags().BoolVar(&o.strict, "strict", false, "fail where there are warnings")
	cmd.Flags().StringSliceVar(&o.ignore, "ignore", nil, "leave out the warnings of a `CODE`; may be repeated")
	cmd.Flags().StringVar(&o.now, "now", "", "hold rules on trial against this `TIME` (RFC 3339), not the present")
	cmd.Flags().BoolVar(&o.costs, "costs", false, "say what rules and actions cost at most")
	cmd.Flags().BoolVar(&o.missing, "missing", false, "say which rules do not apply where a signal is missing")
	complete(cmd, "ignore", findings.Warnings())
	return cmd
}

type checkOptions struct {
	*app
	asJSON, strict bool
	costs, missing bool
	ignore         []string
	now            string
}

func (o *checkOptions) run(args []string) error {
	for _, code := range o.ignore {
		if err := oneOf("--ignore", code, findings.Warnings()); err != nil {
			return err
		}
	}
	now := time.Now()
	if o.now != "" {
		var err error
		if now, err = time.Parse(time.RFC3339, o.now); err != nil {
			return usagef("--now is a time like 2026-11-20T12:00:00Z, not `%s`", o.now)
		}
	}
	c, err := read(args)
	if err != nil {
		return err
	}
	c.Diagnostics.Add(c.Findings(now, o.ignore...)...)
	for code, shown := range map[string]bool{"cost": o.costs, "missing-signal": o.missing} {
		if shown {
			c.Diagnostics.Add(c.Info(code)...)
		}
	}
	c.Diagnostics.Sort()
	if o.asJSON {
		err = writeJSON(o.out, c.Diagnostics)
	} else {
		err = o.report(o.out, c)
	}
	if err == nil && (c.Diagnostics.HasErrors() || o.strict && slices.ContainsFunc(c.Diagnostics, isWarning)) {
		err = errBad
	}
	return err
}

func isWarning(d diag.Diagnostic) bool { return d.Severity == diag.Warning }

// report prints the diagnostics to w, how many there are to standard error.
func (a *app) report(w io.Writer, c *rung.Checked) error {
	if err := diag.Print(w, c.Diagnostics, sourcesOf(c), a.colorOn(w)); err != nil {
		return err
	}
	if len(c.Diagnostics) > 0 {
		fmt.Fprintf(a.err, "\n%s\n", count(c.Diagnostics))
		return nil
	}
	name := strings.TrimSpace(c.Policy.Name + " " + c.Policy.Version)
	fmt.Fprintf(a.err, "%s: %s, %s, nothing to say\n", diag.Visible(name), plural(len(c.Policy.Actions), "action"), plural(len(c.Policy.Rules), "rule"))
	return nil
}

// sourcesOf finds the policy's files by name.
func sourcesOf(c *rung.Checked) func(string) *diag.Source {
	return func(name string) *diag.Source {
		i := slices.IndexFunc(c.Sources, func(s *diag.Source) bool { return s.Name == name })
		if i < 0 {
			return nil
		}
		return c.Sources[i]
	}
}

// writeJSON prints the diagnostics as one array, also where there are none.
func writeJSON(w io.Writer, l diag.List) error {
	if l == nil {
		l = diag.List{}
	}
	text, err := json.MarshalIndent(l, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n", text)
	return err
}
