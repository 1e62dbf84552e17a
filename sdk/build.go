package rung

import (
	"github.com/rungpolicy/rung/policy/plan"
	"github.com/rungpolicy/rung/wasm"
)

// Build makes a WebAssembly module of a policy, which package wasm/host runs without what reads policies. The same policy comes to the same bytes. If the policy has
// mistakes, or holds what modules cannot do, the error is a [diag.List].
func Build(c *Checked, o wasm.Options) (*wasm.Module, error) {
	if err := c.Diagnostics.Err(); err != nil {
		return nil, err
	}
	return wasm.Compile(plan.Build(c.Policy, c.conditions), o)
}
