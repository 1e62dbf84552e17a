package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/bundle"
	"github.com/open-policy-agent/opa/v1/compile"
)

// compileRego compiles a file of Rego to WebAssembly, for the bench in JavaScript: `go run . -rego FILE.rego -entry five/decision -wasm FILE.wasm`.
func compileRego(file, entry, to string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	path := filepath.Base(file)
	module, err := ast.ParseModule(path, string(text))
	if err != nil {
		return err
	}
	b := &bundle.Bundle{Data: map[string]any{}, Modules: []bundle.ModuleFile{{Path: path, URL: path, Raw: text, Parsed: module}}}
	var out bytes.Buffer
	c := compile.New().WithTarget(compile.TargetWasm).WithEntrypoints(entry).WithBundle(b).WithOutput(&out)
	if err := c.Build(context.Background()); err != nil {
		return err
	}
	built := c.Bundle()
	if len(built.WasmModules) != 1 {
		return errors.New("OPA made no module")
	}
	return os.WriteFile(to, built.WasmModules[0].Raw, 0o600)
}
