package main

import (
	"fmt"
	"log"
	"os"
	"testing"

	rung "github.com/rungpolicy/rung/sdk"
	"github.com/rungpolicy/rung/sdk/rungtest"
)

// The program is the README's.
func Example() {
	main()
	// Output: step_up aal2 [aal2 http://idmanagement.gov/ns/assurance/aal/2 aal3 http://idmanagement.gov/ns/assurance/aal/3]
}

// The same policy, by a module.
func Example_module() {
	engine, err := rung.Load(os.DirFS("policy"), rung.WithEngine(rung.Wasm))
	if err != nil {
		log.Fatal(err)
	}
	defer engine.Close()
	fmt.Println(engine.DecideJSON([]byte(`{"action": "transfer.create", "signals": {"session": {"amr": ["pwd"]}, "resource": {"amount": 2500}}}`)).Effect)
	// Output: step_up
}

// The tests of the policy, which stand beside it.
func TestPolicy(t *testing.T) {
	rungtest.Run(t, os.DirFS("policy"), rungtest.On(rungtest.Native, rungtest.Wasm), rungtest.Covering(100))
}

// What the program asks.
func TestTransfer(t *testing.T) {
	engine, err := rung.Load(os.DirFS("policy"))
	if err != nil {
		t.Fatal(err)
	}
	request := []byte(`{"action": "transfer.create", "signals": {"session": {"amr": ["pwd"]}, "resource": {"amount": 2500}}}`)
	rungtest.StepUp(t, engine.DecideJSON(request), "aal2")
}
