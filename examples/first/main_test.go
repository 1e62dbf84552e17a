package main

import (
	"fmt"
	"log"
	"os"

	rung "github.com/rungpolicy/rung/sdk"
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
