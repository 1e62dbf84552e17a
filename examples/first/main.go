// Command first decides one request inside a Go program: the whole of what embedding rung takes.
package main

import (
	"fmt"
	"log"
	"os"

	rung "github.com/rungpolicy/rung/sdk"
)

func main() {
	engine, err := rung.Load(os.DirFS("policy"))
	if err != nil {
		log.Fatal(err) // every mistake in the policy, each with its place
	}
	d := engine.DecideJSON([]byte(`{
	  "action": "transfer.create",
	  "signals": {"session": {"amr": ["pwd"]}, "resource": {"amount": 2500}}
	}`))
	fmt.Println(d.Effect, d.Requirement.Level, d.Requirement.ACRValues)
}
