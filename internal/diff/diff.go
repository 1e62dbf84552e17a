// Package diff holds every engine that decides by a policy against the native one: its module on wazero's machine code, in wazero's
// interpreter, and on V8. Policies and requests are drawn at random (package gen); where two answers differ, the policy and the request are made as
// small as they can be while the answers still do, and come out as a case of the conformance suite.
//
// The package is for tests and cmd soak alone.
package diff

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/rungpolicy/rung/cel"
	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/hcl"
	"github.com/rungpolicy/rung/internal/gen"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/codec"
	"github.com/rungpolicy/rung/policy/plan"
	"github.com/rungpolicy/rung/wasm"
	"github.com/rungpolicy/rung/wasm/host"
)

// Built is a policy in all forms that are compared.
type Built struct {
	policy *policy.Policy
	plan   *plan.Plan
	native *cel.Engine
	Module []byte
	hosts  []*host.Policy // machine code, interpreter
}

// Close gives its memory back.
func (b *Built) Close() {
	for _, h := range b.hosts {
		h.Close()
	}
}

// build checks and compiles a policy; the error is a diag.List where the policy is at fault. What goes wrong in the compiler leaves the native engine there.
func build(files fs.FS, o wasm.Options) (b *Built, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, stack())
		}
	}()
	parsed, err := hcl.Parse(files)
	if err != nil {
		return nil, err
	}
	if err := parsed.Diagnostics.Err(); err != nil {
		return nil, err
	}
	conditions, found := cel.Check(parsed.Policy)
	if err := found.Err(); err != nil {
		return nil, err
	}
	b = &Built{policy: parsed.Policy, plan: plan.Build(parsed.Policy, conditions)}
	if b.native, err = cel.NewEngine(b.plan); err != nil {
		return nil, err
	}
	m, err := wasm.Compile(b.plan, o)
	if err != nil {
		return b, err
	}
	b.Module = m.Bytes
	return b, nil
}

// limits leave room for the memory that the dearest conditions may take, patience for their time on a busy machine.
var limits, patience = host.WithLimits(host.DefaultMaxBytes, 4096), host.WithMaxTime(time.Minute)

// open opens the module in wazero's engines.
func (b *Built) open() error {
	for _, o := range [][]host.Option{{host.WithInstances(1), limits, patience}, {host.WithInstances(1), limits, patience, host.WithInterpreter()}} {
		h, err := host.Open(context.Background(), b.Module, o...)
		if err != nil {
			b.Close()
			return fmt.Errorf("the module does not open: %w", err)
		}
		b.hosts = append(b.hosts, h)
	}
	return nil
}

// Refusals counts what kept drawn conditions from becoming modules.
type Refusals map[string]int

// What the choices of a seed are for: a policy's are others than those of its requests.
const (
	policies = iota
	requests
)

// optionsOf says how the module of a seed is made: one of four as those that engines of JavaScript have.
func optionsOf(seed uint64) wasm.Options { return wasm.Options{Fast: seed%4 == 0} }

// Draw draws a policy for a seed. What the checker or the compiler refuses is drawn anew.
func Draw(seed uint64, refused Refusals) (*gen.Model, *Built, error) {
	m := gen.NewModel(gen.Scattered(seed, policies))
	for range 60 {
		b, err := build(m.Files(), optionsOf(seed))
		if err == nil {
			return m, b, nil
		}
		var list diag.List
		if !errors.As(err, &list) {
			return m, nil, err
		}
		if !redraw(m, list, refused) {
			return m, nil, err
		}
	}
	return m, nil, fmt.Errorf("seed %d: no policy after 60 attempts", seed)
}

// unsupported is the code of what modules cannot do yet.
const unsupported = "module-unsupported"

var number = regexp.MustCompile(`[0-9]+`)

// redraw draws anew what the errors of a list are about.
func redraw(m *gen.Model, list diag.List, refused Refusals) bool {
	lines := map[int]bool{}
	for _, d := range list {
		if d.Severity != diag.Error {
			continue
		}
		what := d.Code + ": " + number.ReplaceAllString(d.Summary, "N")
		if d.Code != unsupported {
			what = d.Code
		}
		refused[what]++
		lines[d.Range.Start.Line] = true
	}
	done := false
	for _, line := range slices.Sorted(maps.Keys(lines)) {
		done = m.Redraw(line) || done
	}
	return done
}

// request reads a request.
func (b *Built) request(r *gen.Request) (*policy.Request, error) {
	return b.read(r.JSON())
}

// read reads a request's text.
func (b *Built) read(text []byte) (*policy.Request, error) {
	out, refused := codec.DecodeRequest(b.policy, text, codec.Options{Trusted: true, Lenient: true})
	if refused != nil {
		return nil, refused
	}
	return out, nil
}

// answers are what the engines say, the native one first.
func (b *Built) answers(r *policy.Request) []string {
	out := []string{answer(b.plan.Decide(b.native, r))}
	for _, h := range b.hosts {
		out = append(out, answer(h.Decide(r)))
	}
	return out
}

// answer is a decision as text, without what engines may word for themselves.
func answer(d *policy.Decision) string {
	for i := range d.Indeterminate {
		d.Indeterminate[i].Error = ""
	}
	return string(codec.AppendDecision(nil, d))
}

// stack are the topmost functions of a panic.
func stack() string {
	lines := strings.Split(string(debug.Stack()), "\n")
	var out []string
	for i, line := range lines {
		if strings.HasPrefix(line, "github.com/rungpolicy/rung/wasm") || strings.HasPrefix(line, "github.com/rungpolicy/rung/cel") {
			line, _, _ = strings.Cut(line, "(0x")
			at := strings.TrimSpace(lines[i+1])
			if j := strings.LastIndex(at, "/"); j >= 0 {
				at = at[j+1:]
			}
			at, _, _ = strings.Cut(at, " ")
			out = append(out, line+" "+at)
			if len(out) == 3 {
				break
			}
		}
	}
	return strings.Join(out, "\n")
}
