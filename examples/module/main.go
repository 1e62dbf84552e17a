// Command module decides one request by a module that `rung build` has made: without what reads policies, in a program of a few megabytes.
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/rungpolicy/rung/wasm/host"
)

func main() {
	if err := decide("tour.wasm"); err != nil {
		log.Fatal(err)
	}
}

func decide(name string) error {
	module, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	policy, err := host.Open(context.Background(), module)
	if err != nil {
		return err // it is no module of rung's, or of a version that this host does not know
	}
	defer policy.Close()
	d := policy.DecideJSON([]byte(`{
	  "action": "transfer.create",
	  "signals": {"session": {"amr": ["pwd"]}, "resource": {"amount": 2500}}
	}`))
	fmt.Println(d.Effect, d.Requirement.Level, d.Requirement.ACRValues)
	return nil
}
