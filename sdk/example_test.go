package rung_test

import (
	"fmt"
	"log"
	"testing/fstest"
	"time"

	rung "github.com/rungpolicy/rung/sdk"
)

func Example() {
	// os.DirFS("policy") in a program.
	files := fstest.MapFS{"bank.rung.hcl": {Data: []byte(`
policy "bank" { language = 1 }

action "transfer.create" {
  level    = "aal1"
  resource = object({ amount = double })

  step_up "large transfer" {
    when    = "resource.amount > 1000.0"
    level   = "aal2"
    max_age = "5m"
    reason  = "Large transfers need a second factor."
  }
}
`)}}
	now := func() time.Time { return time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) } // time.Now, if left out

	engine, err := rung.Load(files, rung.WithClock(now))
	if err != nil {
		log.Fatal(err)
	}
	decision := engine.DecideJSON([]byte(`{
		"action": "transfer.create",
		"signals": {
			"session": {"acr": "aal1", "auth_time": "2026-11-20T11:00:00Z"},
			"resource": {"amount": 1200.5}
		}
	}`))

	fmt.Println(decision.Allowed(), decision.Effect)
	fmt.Println(decision.Requirement.ACRValues[0], decision.Requirement.MaxAge.N)
	fmt.Println(decision.Reasons[0].Message)
	// Output:
	// false step_up
	// aal2 300
	// Large transfers need a second factor.
}
