package rung_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"log"
	"log/slog"
	"testing/fstest"
	"time"

	rung "github.com/rungpolicy/rung/sdk"
	"github.com/rungpolicy/rung/wasm"
	"github.com/rungpolicy/rung/wasm/host"
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

// shop is the policy of the examples below: os.DirFS("policy") in a program.
var shop = fstest.MapFS{"shop.rung.hcl": {Data: []byte(`
policy "shop" {
  language = 1
  version  = "1"
}

param "limit" {
  type     = double
  default  = 1000.0
  stricter = "lower"
}

posture "elevated" {
  rank   = 1
  params = { limit = 100.0 }
}

signal "reputation" {
  type = double
  lazy = true
}

action "order.pay" {
  level    = "none"
  resource = object({ amount = double })

  step_up "large" {
    when   = "resource.amount > param.limit"
    level  = "aal2"
    reason = "Large orders need a second factor."
  }

  deny "bad address" { when = "resource.amount > 50.0 && reputation < 0.2" }
}
`)}}

// anOrder asks to pay an order of so much.
func anOrder(amount float64) []byte {
	return fmt.Appendf(nil, `{"action": "order.pay", "signals": {"resource": {"amount": %v}, "reputation": 0.9}}`, amount)
}

// The dial is turned, and params are set, while the engine decides: all decisions that begin later go by it.
func ExampleEngine_Set() {
	engine, err := rung.Load(shop)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(engine.DecideJSON(anOrder(600)).Effect)

	if err := engine.SetPosture("elevated"); err != nil {
		log.Fatal(err)
	}
	fmt.Println(engine.DecideJSON(anOrder(600)).Effect)

	if err := engine.Set("normal", map[string]any{"limit": 500.0}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(engine.DecideJSON(anOrder(600)).Effect)

	fmt.Println(engine.SetParams(map[string]any{"limit": "a lot"}))
	// Output:
	// allow
	// step_up
	// step_up
	// `param.limit`: the value is string, and `param.limit` is double: use a float or an integer
}

// A policy is changed where it lies, or is swapped; one with mistakes is refused, and the last good one stays.
func ExampleEngine_Swap() {
	engine, err := rung.Load(shop)
	if err != nil {
		log.Fatal(err)
	}
	next, err := rung.Check(fstest.MapFS{"shop.rung.hcl": {Data: []byte("policy \"shop\" {\n  language = 1\n  version  = \"2\"\n}\naction \"order.pay\" { level = \"none\" }")}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(engine.Swap(next), engine.Policy().Version)

	bad, err := rung.Check(fstest.MapFS{"shop.rung.hcl": {Data: []byte("policy \"shop\" { language = 1 }\naction \"order.pay\" { level = \"aal9\" }")}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(engine.Swap(bad) != nil, engine.Policy().Version)
	// Output:
	// <nil> 2
	// true 2
}

// A policy is read anew where it comes from: here once, by Refresh, which Watch does every now and then.
func ExampleOpen() {
	version := "1"
	source := func(context.Context) (fs.FS, error) { // rung.Folder("policy"), or a download that was unpacked
		text := "policy \"p\" {\n  language = 1\n  version  = \"" + version + "\"\n}\naction \"a\" { level = \"none\" }"
		return fstest.MapFS{"p.rung.hcl": {Data: []byte(text)}}, nil
	}
	engine, err := rung.Open(context.Background(), source)
	if err != nil {
		log.Fatal(err)
	}
	// go engine.Watch(ctx, 2*time.Second)
	version = "2"
	changed, err := engine.Refresh(context.Background())
	fmt.Println(changed, err, engine.Policy().Version)
	// Output: true <nil> 2
}

// A lazy signal is fetched only where the outcome turns on it.
func ExampleWithProvider() {
	asked := 0
	engine, err := rung.Load(shop, rung.WithProvider("reputation", 5*time.Second, func(ctx context.Context, about *rung.Lookup) (any, error) {
		asked++
		return 0.1, nil // of a service that is asked for about.Value("network", "ip")
	}))
	if err != nil {
		log.Fatal(err)
	}
	for _, amount := range []string{"20", "60"} {
		d := engine.DecideJSONContext(context.Background(), []byte(`{"action": "order.pay", "signals": {"resource": {"amount": `+amount+`}}}`))
		fmt.Println(amount, d.Effect, asked)
	}
	// Output:
	// 20 allow 0
	// 60 deny 1
}

// Decisions are written to a log as JSON lines, and no decision waits for it.
func ExampleNewLog() {
	var lines bytes.Buffer // os.Stdout in a program
	decisions := rung.NewLog(slog.New(slog.NewJSONHandler(&lines, nil)), 4096)
	engine, err := rung.Load(shop, rung.WithHook(decisions.Hook))
	if err != nil {
		log.Fatal(err)
	}
	engine.DecideJSON(anOrder(2500))
	if err := decisions.Close(context.Background()); err != nil {
		log.Fatal(err)
	}
	var line struct {
		Action, Effect, Engine string
		Prompted               bool
	}
	if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
		log.Fatal(err)
	}
	fmt.Println(line.Action, line.Effect, line.Engine, line.Prompted)
	// Output: order.pay step_up native true
}

// Explain says how every rule came out, and the value of every part of its condition.
func ExampleEngine_ExplainJSON() {
	engine, err := rung.Load(shop)
	if err != nil {
		log.Fatal(err)
	}
	for _, rule := range engine.ExplainJSON(anOrder(2500)).Trace {
		fmt.Println(rule.State, rule.Rule)
		for _, n := range rule.Nodes {
			fmt.Println("  ", n.Text, "=", n.Value)
		}
	}
	// Output:
	// false order.pay/bad address
	//    resource.amount = 2500
	//    resource.amount > 50.0 = true
	//    reputation = 0.9
	//    reputation < 0.2 = false
	//    resource.amount > 50.0 && reputation < 0.2 = false
	// applies order.pay/large
	//    resource.amount = 2500
	//    param.limit = 1000
	//    resource.amount > param.limit = true
}

// What would have let it through: each of these has been tried.
func ExampleEngine_ChangesJSON() {
	engine, err := rung.Load(shop)
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range engine.ChangesJSON(anOrder(2500), rung.Allow) {
		fmt.Println(c.Attribute, c.How, c.Value, "and not", c.From)
	}
	// Output:
	// resource.amount at_most 1000 and not 2500
	// param.limit at_least 2500 and not 1000
}

// A policy becomes a module, one file, which package wasm/host runs in programs that link neither of the libraries that read policies.
func ExampleBuild() {
	checked, err := rung.Check(shop)
	if err != nil {
		log.Fatal(err)
	}
	module, err := rung.Build(checked, wasm.Options{})
	if err != nil {
		log.Fatal(err)
	}
	policy, err := host.Open(context.Background(), module.Bytes)
	if err != nil {
		log.Fatal(err)
	}
	defer policy.Close()
	fmt.Println(policy.DecideJSON(anOrder(2500)).Effect)
	// Output: step_up
}

// A decision that asks for more is answered with a challenge (RFC 9470).
func ExampleDecision() {
	engine, err := rung.Load(shop)
	if err != nil {
		log.Fatal(err)
	}
	d := engine.DecideJSON(anOrder(2500))
	challenge := d.Challenge()
	fmt.Println(d.Allowed(), d.Requirement.Level)
	fmt.Println(challenge.Bearer())
	// Output:
	// false aal2
	// Bearer error="insufficient_user_authentication", error_description="Large orders need a second factor.", acr_values="aal2 http://idmanagement.gov/ns/assurance/aal/2 aal3 http://idmanagement.gov/ns/assurance/aal/3"
}
