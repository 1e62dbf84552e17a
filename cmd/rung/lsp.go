package main

import (
	"io"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/rungpolicy/rung/cmd/rung/internal/lsp"
)

const lspLong = `lsp serves editors by the Language Server Protocol, on standard input and output: diagnostics
while one types, hover, completion, go to definition, references, rename, outlines,
formatting, and quick fixes. Editors start it; docs/editors.md says how, for some.

The policy is the folder that a file lies in: what is open in the editor counts before
what is on the disk. Nothing outside of the folder is read, and nothing is written.

Exit status: 0 the editor said goodbye, 2 it did not.`

func newLSP(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "lsp",
		Short:   "Serve editors: the Language Server Protocol on standard input and output",
		Long:    lspLong,
		Example: "  rung lsp",
		Args:    usage(cobra.NoArgs),
		RunE:    func(*cobra.Command, []string) error { return a.lsp() },
	}
}

func (a *app) lsp() error {
	debug.SetGCPercent(400) // somebody waits, and a policy is small: memory is cheaper than time
	return lsp.Serve(a.in, closer{a.out}, readVersions().Rung)
}

// closer leaves closing to the process.
type closer struct{ io.Writer }

// Close implements [io.Closer].
func (closer) Close() error { return nil }
