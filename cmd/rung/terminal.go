package main

import (
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// colors are the values of --color.
var colors = []string{"auto", "always", "never"}

// oneOf refuses a flag's value that is none of those it may have.
func oneOf(flag, value string, values []string) error {
	if slices.Contains(values, value) {
		return nil
	}
	last := len(values) - 1
	choice := strings.Join(values[:last], ", ")
	if last > 0 {
		choice += " or "
	}
	return usagef("%s is %s%s, not `%s`", flag, choice, values[last], value)
}

// complete gives the shell a flag's values.
func complete(cmd *cobra.Command, flag string, values []string) {
	if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // a bug: the flag is not there
	}
}

// colorOn reports whether what goes to w may be coloured.
func (a *app) colorOn(w io.Writer) bool {
	switch a.color {
	case "always":
		return true
	case "never":
		return false
	}
	return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && isTerminal(w)
}

// isTerminal reports whether a stream is one that a person looks at.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
