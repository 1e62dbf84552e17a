package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rungpolicy/rung/diag"
	rung "github.com/rungpolicy/rung/sdk"
)

const checkLong = `check reads a policy and says all there is to say about it: each problem with its place,
the line with the offending words underlined, why, and the way out.

The policy is a folder (the current one by default) or the files named, which are then
the whole policy; its folder is that of the first.

The diagnostics go to standard output, how many there are to standard error. With --json
they are one JSON array, empty if there is nothing to say. Their codes are stable.

Exit status: 0 no errors (there may be warnings), 1 errors, 2 it could not be read.`

func newCheck(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "check [DIR|FILE...]",
		Short:   "Read a policy and say what is wrong with it",
		Long:    checkLong,
		Example: "  rung check policy/\n  rung check --json policy/ > findings.json",
		RunE: func(_ *cobra.Command, args []string) error {
			c, err := check(args)
			if err != nil {
				return err
			}
			if asJSON {
				err = writeJSON(a.out, c.Diagnostics)
			} else {
				err = a.report(a.out, c)
			}
			if err == nil && c.Diagnostics.HasErrors() {
				err = errBad
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the diagnostics as a JSON array")
	return cmd
}

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
