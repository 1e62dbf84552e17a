package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/rungpolicy/rung/policy"
	rung "github.com/rungpolicy/rung/sdk"
	"github.com/rungpolicy/rung/wasm"
	"github.com/rungpolicy/rung/wasm/host"
)

// decider takes the decisions of eval: a policy's engine, or a module.
type decider interface {
	DecideJSON(text []byte) *rung.Decision
	Policy() *policy.Policy
}

// isWasm reports whether an argument names a module.
func isWasm(args []string) bool { return len(args) > 0 && strings.HasSuffix(args[0], ".wasm") }

// readModule reads a module's file, of a bounded size.
func readModule(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, plain(err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	module, err := io.ReadAll(io.LimitReader(f, host.DefaultMaxBytes+1))
	if err != nil {
		return nil, plain(err)
	}
	return module, nil
}

// openModule opens a module to decide requests that say themselves when it is; options may say otherwise.
func openModule(module []byte, opts ...host.Option) (*host.Policy, error) {
	if len(opts) == 0 {
		opts = []host.Option{host.Trusted(), host.Strict()}
	}
	return host.Open(context.Background(), module, opts...)
}

// open makes what decides: of a policy, or of a module. The error is errBad if the policy or the module is not in order, which has been said.
func (a *app) decider(args []string, o *evalOptions) (d decider, done func(), err error) {
	nothing := func() {}
	if isWasm(args) {
		module, err := readModule(args[0])
		if err != nil {
			return nil, nothing, err
		}
		p, err := openModule(module)
		if err != nil {
			fmt.Fprintf(a.err, "rung: %s: %v\n", args[0], err)
			return nil, nothing, errBad
		}
		return p, p.Close, nil
	}
	c, err := read(args)
	if err != nil {
		return nil, nothing, err
	}
	if o.engine == "wasm" {
		m, err := a.compile(c, wasm.Options{Compiler: readVersions().Rung})
		if err != nil {
			return nil, nothing, err
		}
		p, err := openModule(m.Bytes)
		if err != nil {
			return nil, nothing, err
		}
		return p, p.Close, nil
	}
	if c.Diagnostics.HasErrors() {
		if err := a.report(a.err, c); err != nil {
			return nil, nothing, err
		}
		return nil, nothing, errBad
	}
	e, err := c.Engine(rung.Trusted(), rung.Strict())
	return e, nothing, err
}
