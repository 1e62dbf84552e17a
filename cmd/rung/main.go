// Command rung checks step-up policies, takes decisions by them, and makes modules of them.
//
// One file per command. Every command reads its arguments, has the library do the work and prints what came of it; results go
// to standard output, all else to standard error. The exit status is 0 where all is done and good, 1 where the answer is bad, 2
// where it could not be done.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
)

// The exit statuses.
const (
	exitGood = iota
	exitBad
	exitCannot
)

// errBad ends a command whose answer is bad; what there is to say has been said.
var errBad = errors.New("the answer is bad")

func main() {
	os.Exit(run(os.Args[1:], streams{in: os.Stdin, out: os.Stdout, err: os.Stderr}))
}

// run is the command line without the process around it.
func run(args []string, s streams) int {
	root := newRoot(s)
	root.SetArgs(args)
	switch cmd, err := root.ExecuteC(); {
	case err == nil:
		return exitGood
	case errors.Is(err, errBad):
		return exitBad
	default:
		fmt.Fprintf(s.err, "rung: %v\n", err)
		if errors.As(err, new(usageError)) {
			fmt.Fprintf(s.err, "see `%s --help`\n", cmd.CommandPath())
		}
		return exitCannot
	}
}

// usageError is a command that was called wrongly.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// streams are what a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// app is what all commands share.
type app struct {
	streams
	color string
}

const rootLong = `rung checks step-up policies, takes decisions by them, and makes modules of them.

A policy is a folder of *.rung.hcl files. It says which actions of an application are
critical, and how well a session must have authenticated for each: now, from there,
on this device. A decision is one of allow, step_up, deny and need.

Exit status: 0 done and good, 1 done and the answer is bad, 2 it could not be done.`

func newRoot(s streams) *cobra.Command {
	a := &app{streams: s}
	root := &cobra.Command{
		Use:           "rung",
		Short:         "Check step-up policies and take decisions by them",
		Long:          rootLong,
		Example:       "  rung check policy/\n  rung eval policy/ --request request.json",
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			return oneOf("--color", a.color, colors)
		},
		Args: func(cmd *cobra.Command, args []string) error {
			if err := cobra.NoArgs(cmd, args); err != nil {
				return usageError{unknownCommand(cmd, args[0])}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	root.PersistentFlags().StringVar(&a.color, "color", "auto", "`WHEN` to colour: auto (on a terminal), always or never")
	complete(root, "color", colors)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(newBuild(a), newCheck(a), newDiff(a), newEval(a), newFmt(a), newInit(a), newInspect(a), newLSP(a), newPlayground(a), newTest(a), newVersion(a))
	refuseUnknownTopics(root)
	return root
}

// refuseUnknownTopics makes `rung help nosuch` an error: cobra shows the manual of rung itself, with status 0.
func refuseUnknownTopics(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	help, _, err := root.Find([]string{"help"})
	if err != nil {
		panic("rung: no help: " + err.Error())
	}
	help.Example = "  rung help eval"
	help.Args = func(_ *cobra.Command, args []string) error {
		if _, rest, err := root.Find(args); err != nil || len(rest) > 0 {
			return usageError{unknownCommand(root, append(rest, args...)[0])}
		}
		return nil
	}
}

func unknownCommand(root *cobra.Command, name string) error {
	root.SuggestionsMinimumDistance = 2
	if near := root.SuggestionsFor(name); len(near) > 0 {
		return fmt.Errorf("there is no command `%s`; did you mean `%s`?", name, near[0])
	}
	return fmt.Errorf("there is no command `%s`", name)
}

// usage makes the errors of an argument check those of a wrong call.
func usage(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return usageError{err}
		}
		return nil
	}
}
