package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing/fstest"
	"time"

	"github.com/tetratelabs/wazero"

	"github.com/rungpolicy/rung/bench/bank"
	"github.com/rungpolicy/rung/bench/lang"
	"github.com/rungpolicy/rung/cel"
	"github.com/rungpolicy/rung/hcl"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/plan"
	"github.com/rungpolicy/rung/wasm"
	"github.com/rungpolicy/rung/wasm/host"
)

// The most bytes that modules may have, custom sections and the data of lists apart.
const (
	mostEmpty  = 400
	mostRule   = 1500
	mostMedian = 600
	mostBank   = 8 << 10
	mostSixty  = 40 << 10
)

// module builds a policy, from its files to its bytes, after an edit of what was read.
func module(fsys fs.FS, edit func(*policy.Policy), options ...wasm.Options) (*wasm.Module, error) {
	parsed, err := hcl.Parse(fsys)
	if err != nil {
		return nil, err
	}
	edit(parsed.Policy)
	conditions, found := cel.Check(parsed.Policy)
	parsed.Diagnostics.Add(found...)
	if err := parsed.Diagnostics.Err(); err != nil {
		return nil, err
	}
	return wasm.Compile(plan.Build(parsed.Policy, conditions), append(options, wasm.Options{})[0])
}

func whole(*policy.Policy) {}

func bareSize(fsys fs.FS) (int, error) {
	m, err := module(fsys, whole)
	if err != nil {
		return 0, err
	}
	return m.Sizes.Bare(), nil
}

func emptyModule(*setting) (string, bool, error) {
	n, err := bareSize(fstest.MapFS{"a.rung.hcl": {Data: []byte("policy \"empty\" { language = 1 }\n")}})
	return fmt.Sprintf("%d B", n), n <= mostEmpty, err
}

// eight is a condition of eight parts, of the kinds that policies are made of; %d makes it a rule's own.
const eight = `resource.amount > %d.0 && resource.currency != "EUR" && !(resource.payee_country in ["DE", "FR", "IT"]) && device.trusted == false && ` +
	`now - device.first_seen < duration("24h") && network.asn == %d && resource.reference.contains("gift card") && behavior.failed_logins_1h >= 3`

// eights is a policy of n rules of eight conditions.
func eights(n int) fs.FS {
	var b strings.Builder
	b.WriteString("policy \"figures\" {\n  language = 1\n}\naction \"transfer.create\" {\n  level = \"none\"\n" +
		"  resource = object({\n    amount = double\n    currency = string\n    payee_country = string\n    reference = string\n  })\n")
	for i := range n {
		fmt.Fprintf(&b, "  step_up \"rule %d\" {\n    when  = %q\n    level = \"aal%d\"\n  }\n", i, fmt.Sprintf(eight, 1000+i, 64500+i), 1+i%3)
	}
	b.WriteString("}\n")
	return fstest.MapFS{"a.rung.hcl": {Data: []byte(b.String())}}
}

// furtherRule is what one more rule of eight conditions takes, at most: behind each number of rules from one on.
func furtherRule(*setting) (string, bool, error) {
	var more []int
	before := 0
	for n := 1; n <= 41; n++ {
		size, err := bareSize(eights(n))
		if err != nil {
			return "", false, err
		}
		if n > 1 {
			more = append(more, size-before)
		}
		before = size
	}
	slices.Sort(more)
	most := more[len(more)-1]
	return fmt.Sprintf("%d B (median %d B of %d)", most, more[len(more)/2], len(more)), most <= mostRule, nil
}

// bankRules is what a rule of examples/bank takes, on the median: by how much the module is smaller without it.
func bankRules(s *setting) (string, bool, error) {
	fsys := os.DirFS(filepath.Join(s.root, "examples/bank"))
	full, err := module(fsys, whole)
	if err != nil {
		return "", false, err
	}
	parsed, err := hcl.Parse(fsys)
	if err != nil {
		return "", false, err
	}
	var sizes []int
	for i := range parsed.Policy.Rules {
		m, err := module(fsys, func(p *policy.Policy) { p.Rules = slices.Delete(slices.Clone(p.Rules), i, i+1) })
		if err != nil {
			return "", false, err
		}
		sizes = append(sizes, full.Sizes.Bare()-m.Sizes.Bare())
	}
	if len(sizes) == 0 {
		return "", false, fmt.Errorf("the policy has no rules")
	}
	slices.Sort(sizes)
	median := sizes[len(sizes)/2]
	return fmt.Sprintf("%d B (%d–%d B, %d rules)", median, sizes[0], sizes[len(sizes)-1], len(sizes)), median <= mostMedian, nil
}

func bankModule(s *setting) (string, bool, error) {
	m, err := module(os.DirFS(filepath.Join(s.root, "examples/bank")), whole)
	if err != nil {
		return "", false, err
	}
	return parts(m), m.Sizes.Bare() <= mostBank, nil
}

func sixtyModule(*setting) (string, bool, error) {
	p := bank.Bank()
	m, err := module(lang.Rung(p), whole)
	if err != nil {
		return "", false, err
	}
	return fmt.Sprintf("%s; %d rules", parts(m), len(p.Rules)), m.Sizes.Bare() <= mostSixty, nil
}

// parts says what a module takes, and what is not counted.
func parts(m *wasm.Module) string {
	s := m.Sizes
	return fmt.Sprintf("%d B (runtime %d, lists %d, custom sections %d apart)", s.Bare(), s.Kind(wasm.KindRuntime), s.Kind(wasm.KindList), s.Custom())
}

// opening is how long it takes to verify and compile the bank's module and to take the first decision by it: the median of many.
func opening(bar time.Duration, options func() ([]host.Option, func(), error)) func(*setting) (string, bool, error) {
	return func(s *setting) (string, bool, error) {
		folder := filepath.Join(s.root, "examples/bank")
		m, err := module(os.DirFS(folder), whole)
		if err != nil {
			return "", false, err
		}
		request, err := os.ReadFile(filepath.Join(folder, "requests/02-large-transfer.json"))
		if err != nil {
			return "", false, err
		}
		opts, done, err := options()
		if err != nil {
			return "", false, err
		}
		defer done()
		var times []time.Duration
		for range 31 {
			start := time.Now()
			p, err := host.Open(context.Background(), m.Bytes, append(opts, host.Trusted(), host.Strict())...)
			if err != nil {
				return "", false, err
			}
			d := p.DecideJSON(request)
			times = append(times, time.Since(start))
			p.Close()
			if d.Effect != policy.StepUp {
				return "", false, fmt.Errorf("the decision is %s", d.Effect)
			}
		}
		slices.Sort(times)
		median := times[len(times)/2]
		return fmt.Sprintf("%.2f ms (%.2f–%.2f)", ms(median), ms(times[0]), ms(times[len(times)-1])), median < bar, nil
	}
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func compiled() ([]host.Option, func(), error) { return nil, func() {}, nil }

func interpreted() ([]host.Option, func(), error) {
	return []host.Option{host.WithInterpreter()}, func() {}, nil
}

// cached is with machine code that another process has left in a folder.
func cached() ([]host.Option, func(), error) {
	dir, err := os.MkdirTemp("", "figures")
	if err != nil {
		return nil, nil, err
	}
	c, err := wazero.NewCompilationCacheWithDir(dir)
	if err != nil {
		return nil, nil, err
	}
	done := func() {
		_ = c.Close(context.Background())
		_ = os.RemoveAll(dir)
	}
	return []host.Option{host.WithCache(c)}, done, nil
}

// building is how long a policy of n rules takes from its files to its module: the best of three, as other work can only add to it.
func building(n int, bar time.Duration) func(*setting) (string, bool, error) {
	return func(*setting) (string, bool, error) {
		fsys := written(n - len(conditions))
		best, alone := time.Hour, time.Hour
		for range 3 {
			start := time.Now()
			if _, err := module(fsys, whole); err != nil {
				return "", false, err
			}
			best = min(best, time.Since(start))
		}
		e, err := open(fsys)
		if err != nil {
			return "", false, err
		}
		var m *wasm.Module
		for range 3 {
			start := time.Now()
			if m, err = wasm.Compile(e.plan, wasm.Options{}); err != nil {
				return "", false, err
			}
			alone = min(alone, time.Since(start))
		}
		return fmt.Sprintf("%.2f s, of which the module %.2f s (%d KiB)", best.Seconds(), alone.Seconds(), len(m.Bytes)>>10), best < bar, nil
	}
}
