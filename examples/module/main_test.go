package main

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	rung "github.com/rungpolicy/rung/sdk"
	"github.com/rungpolicy/rung/wasm"
)

// The program decides as examples/first does, by the same policy.
func Example() {
	name, err := build("../first/policy")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(filepath.Dir(name))
	fmt.Println(decide(name))
	// Output:
	// step_up aal2 [aal2 http://idmanagement.gov/ns/assurance/aal/2 aal3 http://idmanagement.gov/ns/assurance/aal/3]
	// <nil>
}

// build makes a module of a policy, as `rung build` does.
func build(folder string) (string, error) {
	checked, err := rung.Check(os.DirFS(folder))
	if err != nil {
		return "", err
	}
	module, err := rung.Build(checked, wasm.Options{})
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "module")
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "tour.wasm")
	return name, os.WriteFile(name, module.Bytes, 0o600)
}
