package main

import (
	"context"
	"os"
	"sync"

	"github.com/rungpolicy/rung/internal/gen"
	"github.com/rungpolicy/rung/internal/mutant"
	rung "github.com/rungpolicy/rung/sdk"
	"github.com/rungpolicy/rung/wasm"
	"github.com/rungpolicy/rung/wasm/host"
)

// modules are those that mutations start from: the example's, and of generated policies a few that can be built.
var modules = sync.OnceValue(func() []string {
	checked, err := rung.Check(os.DirFS("examples/bank"))
	if err != nil {
		panic(err)
	}
	list := []string{build(checked)}
	for seed := uint64(1); len(list) < 8; seed++ {
		s := gen.Seeded(seed)
		checked, err := rung.Check(gen.NewPolicy(s, gen.Options{}, 1+s.N(6)).Files(s))
		if err != nil {
			continue
		}
		if m := build(checked); m != "" {
			list = append(list, m)
		}
	}
	return list
})

// build makes a module of a policy; "" if there is none yet.
func build(c *rung.Checked) string {
	m, err := rung.Build(c, wasm.Options{})
	if err != nil {
		return ""
	}
	return string(m.Bytes)
}

func mutatedModule(seed int) string {
	r := random(seed)
	list := modules()
	return string(mutant.Module(r, []byte(list[r.IntN(len(list))]), []byte(list[r.IntN(len(list))])))
}

// openModule opens a module, and where it is good, decides by it.
func openModule(module string) bool {
	p, err := host.Open(context.Background(), []byte(module))
	if err != nil {
		return err.Error() == ""
	}
	defer p.Close()
	if actions := p.Policy().Actions; len(actions) > 0 {
		d := p.DecideJSON([]byte(`{"action":"` + actions[len(module)%len(actions)].Name + `","signals":{"session":{"acr":"a","amr":["otp"]},"subject":{"id":"s"}},"resource":{}}`))
		if d.Error != nil && d.Allowed() {
			panic("a refused request is allowed")
		}
	}
	return true
}
