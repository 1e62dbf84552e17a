package conformance_test

import (
	"context"
	"errors"
	"flag"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rungpolicy/rung/cel"
	"github.com/rungpolicy/rung/conformance"
	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/hcl"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/codec"
	"github.com/rungpolicy/rung/policy/plan"
	"github.com/rungpolicy/rung/wasm"
	"github.com/rungpolicy/rung/wasm/host"
)

// TestModule runs every case whose policy a module can be made of as a module: on machine code, and interpreted.
func TestModule(t *testing.T) {
	t.Parallel()
	cases, err := conformance.Cases(conformance.Files())
	if err != nil {
		t.Fatal(err)
	}
	var refused []string
	var mu sync.Mutex
	t.Run("cases", func(t *testing.T) {
		for _, c := range cases {
			t.Run(c.Name, func(t *testing.T) {
				t.Parallel()
				pl, bad := planOf(c.Folder)
				if bad {
					return // what is wrong with a policy is found before there is a module
				}
				m, err := wasm.Compile(pl, wasm.Options{})
				var list diag.List
				if errors.As(err, &list) {
					mu.Lock()
					defer mu.Unlock()
					for _, d := range list {
						refused = append(refused, c.Name+": "+strings.TrimSuffix(d.Summary, " cannot be built into a module yet"))
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				conformance.RunCase(t, &modules{t: t, plan: pl, module: m.Bytes}, c)
				if c.Name == "fine-print/sizes-reread" || c.Name == "fine-print/sizes-flatten" {
					return // 25 million characters, and two million lists, take the interpreter half a minute
				}
				// As those are that engines of JavaScript have.
				if m, err = wasm.Compile(pl, wasm.Options{Fast: true}); err != nil {
					t.Fatal(err)
				}
				conformance.RunCase(t, &modules{t: t, plan: pl, module: m.Bytes, options: []host.Option{host.WithInterpreter()}}, c)
			})
		}
	})
	slices.Sort(refused)
	golden(t, "testdata/refused.txt", strings.Join(slices.Compact(refused), "\n")+"\n")
}

var update = flag.Bool("update", false, "write the golden files anew")

// golden holds the list of what modules refuse against the one that is checked in. It only gets shorter: look at the difference before you update it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; now:\n%s", name, got)
	}
}

// planOf is a policy in order; bad, if there is something wrong with it.
func planOf(folder fs.FS) (pl *plan.Plan, bad bool) {
	parsed, err := hcl.Parse(folder)
	if err != nil {
		return nil, true
	}
	conditions, found := cel.Check(parsed.Policy)
	if parsed.Diagnostics.HasErrors() || found.HasErrors() {
		return nil, true
	}
	return plan.Build(parsed.Policy, conditions), false
}

// patience is for what is at the limits of the language: it takes the interpreter seconds, and machine code on a busy machine more than the host's own limit.
var patience = host.WithMaxTime(time.Minute)

type modules struct {
	t       *testing.T
	plan    *plan.Plan
	module  []byte
	options []host.Option
}

func (m *modules) Open(fs.FS) (conformance.Engine, []string) {
	p, err := host.Open(context.Background(), m.module, append(m.options, patience)...)
	if err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(p.Close)
	return &moduleEngine{plan: m.plan, policy: p}, nil
}

type moduleEngine struct {
	plan   *plan.Plan
	policy *host.Policy
}

func (e *moduleEngine) Decide(request []byte, reader conformance.Reader) []byte {
	tools := reader == conformance.Tools
	r, refused := codec.DecodeRequest(e.plan.Policy, request, codec.Options{Trusted: tools, Lenient: !tools})
	if refused != nil {
		return codec.AppendDecision(nil, &policy.Decision{Error: refused})
	}
	if !r.HasNow {
		r.Now = conformance.Now()
	}
	return codec.AppendDecision(nil, e.policy.Decide(r))
}
