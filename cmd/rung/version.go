package main

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/rungpolicy/rung/internal/zone"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/abi"
)

const versionLong = `version prints the version of rung, of the policy language that it reads, and of the libraries
that decide what a policy means: the same versions give the same decisions.`

// versions is what `rung version --json` prints.
type versions struct {
	Rung     string `json:"rung"`
	Language int    `json:"language"`
	// ABI is the version of the contract with modules.
	ABI int    `json:"abi"`
	CEL string `json:"cel-go"`
	HCL string `json:"hcl"`
	// Wazero runs modules.
	Wazero string `json:"wazero"`
	// Zones is the version of the time zone data, which is embedded.
	Zones string `json:"zones"`
	Go    string `json:"go"`
}

func newVersion(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Print the versions of rung and of what decides its meaning",
		Long:    versionLong,
		Example: "  rung version\n  rung version --json",
		Args:    usage(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			v := readVersions()
			if asJSON {
				return json.NewEncoder(a.out).Encode(v)
			}
			return v.print(a.out)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

// readVersions reads what the linker recorded.
func readVersions() versions {
	v := versions{Rung: "(devel)", Language: policy.Language, ABI: abi.Version, CEL: "(unknown)", HCL: "(unknown)", Wazero: "(unknown)", Zones: zone.Version, Go: runtime.Version()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	if info.Main.Version != "" {
		v.Rung = info.Main.Version
	}
	for _, m := range info.Deps {
		switch m.Path {
		case "cel.dev/cel-go":
			v.CEL = m.Version
		case "github.com/hashicorp/hcl/v2":
			v.HCL = m.Version
		case "github.com/tetratelabs/wazero":
			v.Wazero = m.Version
		}
	}
	return v
}

func (v versions) print(w io.Writer) error {
	_, err := fmt.Fprintf(w, "rung      %s\nlanguage  %d\nabi       %d\ncel-go    %s\nhcl       %s\nwazero    %s\nzones     %s\ngo        %s\n",
		v.Rung, v.Language, v.ABI, v.CEL, v.HCL, v.Wazero, v.Zones, v.Go)
	return err
}
