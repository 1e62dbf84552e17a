package host_test

import (
	"context"
	"fmt"
	"log"
	"testing/fstest"

	rung "github.com/rungpolicy/rung/sdk"
	"github.com/rungpolicy/rung/wasm"
	"github.com/rungpolicy/rung/wasm/host"
)

// built is what `rung build policy -o policy.wasm` writes: os.ReadFile("policy.wasm") in a program, which then links neither CEL nor HCL.
func built() []byte {
	checked, err := rung.Check(fstest.MapFS{"p.rung.hcl": {Data: []byte(`
policy "shop" { language = 1 }
action "order.pay" {
  level    = "none"
  resource = object({ amount = double })
  step_up "large" {
    when  = "resource.amount > 1000.0"
    level = "aal2"
  }
}
`)}})
	if err != nil {
		log.Fatal(err)
	}
	module, err := rung.Build(checked, wasm.Options{})
	if err != nil {
		log.Fatal(err)
	}
	return module.Bytes
}

func Example() {
	policy, err := host.Open(context.Background(), built())
	if err != nil {
		log.Fatal(err) // it is no module of rung's, or of a version that this host does not know
	}
	defer policy.Close()
	d := policy.DecideJSON([]byte(`{"action": "order.pay", "signals": {"resource": {"amount": 2500}}}`))
	fmt.Println(d.Effect, d.Requirement.Level)
	// Output: step_up aal2
}
