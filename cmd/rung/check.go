package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rungpolicy/rung/diag"
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
				err = writeJSON(a.out, c.diagnostics)
			} else {
				err = a.report(a.out, c)
			}
			if err == nil && c.diagnostics.HasErrors() {
				err = errBad
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the diagnostics as a JSON array")
	return cmd
}

// report prints the diagnostics to w, how many there are to standard error.
func (a *app) report(w io.Writer, c *checked) error {
	if err := diag.Print(w, c.diagnostics, c.source, a.colorOn(w)); err != nil {
		return err
	}
	if len(c.diagnostics) > 0 {
		fmt.Fprintf(a.err, "\n%s\n", count(c.diagnostics))
		return nil
	}
	name := strings.TrimSpace(c.policy.Name + " " + c.policy.Version)
	fmt.Fprintf(a.err, "%s: %s, %s, nothing to say\n", diag.Visible(name), plural(len(c.policy.Actions), "action"), plural(len(c.policy.Rules), "rule"))
	return nil
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
