package rungtest_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"testing"
	"testing/fstest"

	rung "github.com/rungpolicy/rung/sdk"
	"github.com/rungpolicy/rung/sdk/rungtest"
)

// policy is os.DirFS("policy") in a program.
var policy = fstest.MapFS{
	"bank.rung.hcl": {Data: []byte(`
policy "bank" { language = 1 }

action "transfer.create" {
  level    = "aal1"
  resource = object({ amount = double })

  step_up "large transfer" {
    when    = "resource.amount > 1000.0"
    level   = "aal2"
    max_age = "5m"
  }
}
`)},
	"bank.rungtest.hcl": {Data: []byte(`
test "transfers" {
  action = "transfer.create"
  signals = {
    session = { amr = ["pwd"], auth_time = "2026-01-01T00:00:00Z" }
  }
  case "small" {
    signals = { resource = { amount = 20 } }
    expect { effect = "allow" }
  }
  case "large" {
    signals = { resource = { amount = 2500 } }
    expect { effect = "allow" }
  }
}
`)},
}

func ExampleSuite_Run() {
	suite, err := rungtest.Read(policy)
	if err != nil {
		log.Fatal(err)
	}
	report, err := suite.Run(context.Background(), rungtest.Options{
		Engines: []rungtest.Engine{rungtest.Native, rungtest.Wasm}, Coverage: true,
	})
	if err != nil {
		log.Fatal(err) // every mistake in the policy or the tests, each with its place
	}
	for _, r := range report.Results {
		if !r.Passed {
			fmt.Print(r.Text())
		}
	}
	if err := report.Coverage.WriteText(os.Stdout); err != nil {
		log.Fatal(err)
	}
	// Output:
	// FAIL  transfers/large  bank.rungtest.hcl:11:3
	//           expected  got
	//   effect  "allow"   "step_up"
	//   it would be allow if resource.amount is at most 1000, not 2500
	//   rules
	//     applies  transfer.create/large transfer  bank.rung.hcl:8:3
	//              resource.amount > 1000.0 → true
	//                resource.amount → 2500
	// coverage 100 %: 2 of 2 outcomes; 1 of 1 sub-conditions seen true and false
}

// A policy's own tests as Go tests, and what a program asks of its engine.
func ExampleRun() {
	_ = func(t *testing.T) { // func TestPolicy(t *testing.T)
		rungtest.Run(t, os.DirFS("policy"), rungtest.On(rungtest.Native, rungtest.Wasm), rungtest.Covering(100))
	}
}

func ExampleStepUp() {
	t := &printer{} // the *testing.T of a test

	engine, err := rung.Load(policy)
	if err != nil {
		log.Fatal(err)
	}
	d := engine.DecideJSON([]byte(`{
		"action": "transfer.create",
		"signals": {"session": {"amr": ["pwd"]}, "resource": {"amount": 2500}}
	}`))
	rungtest.StepUp(t, d, "aal2")
	rungtest.StepUp(t, d, "aal3")
	// Output:
	// the decision is not as expected
	//                      expected  got
	//   requirement.level  "aal3"    "aal2"
	//   decision  {"effect":"step_up","action":"transfer.create","requirement":{"level":"aal2","acr_values":["aal2","http://idmanagement.gov/ns/assurance/aal/2","aal3","http://idmanagement.gov/ns/assurance/aal/3"],"max_age":300},"satisfied":{"level":"aal1"},"reasons":[{"rule":"transfer.create/large transfer","effect":"step_up","level":"aal2","max_age":300}],"posture":"normal"}
}

// printer is a test that prints what is wrong.
type printer struct{}

func (*printer) Helper()                           {}
func (*printer) Errorf(format string, args ...any) { fmt.Printf(format+"\n", args...) }
func (*printer) Fatalf(format string, args ...any) { fmt.Printf(format+"\n", args...) }
