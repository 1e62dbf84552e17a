package rungtest

import (
	"bytes"
	"context"
	"encoding/json"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/hcl"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/codec"
	rung "github.com/rungpolicy/rung/sdk"
)

// Options say how tests are run. The zero value runs all of them on the native engine.
type Options struct {
	// Engines are those that decide. Each has to come to what is expected, and all to the same decision.
	Engines []Engine
	// Match picks the tests by their full name, `test` or `test/case`; nil is all.
	Match func(name string) bool
	// Coverage counts what the tests see of the policy. The decisions are taken once more for it, natively.
	Coverage bool
	// Workers is how many cases run at a time; 0 is one for each processor.
	Workers int
	// Done is told of each case as it is decided, before it is known why; nil is nobody. It is called by one goroutine at a time, in any order.
	Done func(*Result)
}

// Report is what came of a run.
type Report struct {
	Policy policy.Identity
	// Engines are the names of those that decided.
	Engines []string
	// Results are those of the cases that were run, by file and place.
	Results []*Result
	Passed  int
	Failed  int
	Elapsed time.Duration
	// Coverage is what was seen of the policy, by the cases that failed too; nil if it was not asked for.
	Coverage *Coverage
}

// OK reports whether all that was run has passed, and something was.
func (r *Report) OK() bool { return r.Failed == 0 && r.Passed > 0 }

// Result is what came of a case.
type Result struct {
	// Test and Case are its names; Case is "" where the test has no cases. Name is both.
	Test, Case, Name string
	// Range is where it stands.
	Range  diag.Range
	Passed bool
	// Request is what was asked, Decision what the first engine has answered. The first hundred failures of a run have a trace in it, and Changes.
	Request  *policy.Request
	Decision *policy.Decision
	// Differences are what is not as expected.
	Differences []Difference
	// Changes are single attributes of the request that, had they another value, would have the decision come out with the effect that is expected; of a case that has
	// failed with another one.
	Changes []policy.Change
	// Others are the engines that have decided otherwise than the first.
	Others  []Other
	Elapsed time.Duration

	expect *hcl.Expect
	rules  map[string]*policy.Rule
	lets   []*policy.Let
}

// Other is an engine that has decided otherwise than the first: a bug in one of them.
type Other struct {
	Engine   string
	Decision *policy.Decision
}

// Run runs tests. The error says that nothing could be run: it is a [diag.List] if policy or tests have mistakes, or the policy holds what an engine cannot do;
// or that of the context.
func (s *Suite) Run(ctx context.Context, o Options) (*Report, error) {
	if err := s.Diagnostics.Err(); err != nil {
		return nil, err
	}
	r, err := s.newRun(o)
	if err != nil {
		return nil, err
	}
	defer r.close()
	began := time.Now()
	if err := r.all(ctx); err != nil {
		return nil, err
	}
	r.explain(ctx)
	p := r.policy
	report := &Report{
		Policy: policy.Identity{Name: p.Name, Version: p.Version, Digest: p.Digest}, Engines: r.names, Results: r.results, Elapsed: time.Since(began),
	}
	if r.probe != nil {
		report.Coverage = r.probe.finish(r.total)
	}
	for _, x := range r.results {
		if x.Passed {
			report.Passed++
		} else {
			report.Failed++
		}
	}
	return report, nil
}

// running is a run.
type running struct {
	Options
	cases   []*hcl.Case
	results []*Result // by case
	engines []*rung.Engine
	names   []string
	policy  *policy.Policy
	rules   map[string]*policy.Rule
	// native explains.
	native *rung.Engine
	told   sync.Mutex
	// probe counts, in total; nil if that was not asked for.
	probe    *probe
	total    *tally
	totaling sync.Mutex
}

func (s *Suite) newRun(o Options) (*running, error) {
	r := &running{Options: o, policy: s.Policy.Policy, rules: rulesByID(s.Policy.Policy)}
	if len(r.Engines) == 0 {
		r.Engines = []Engine{Native}
	}
	for _, open := range r.Engines {
		name, e, err := open(s.Policy)
		if err != nil {
			r.close()
			return nil, err
		}
		r.names, r.engines = append(r.names, name), append(r.engines, e)
		if name == "native" {
			r.native = e
		}
	}
	if r.native == nil {
		var err error
		if _, r.native, err = Native(s.Policy); err != nil {
			r.close()
			return nil, err
		}
	}
	if o.Coverage {
		var err error
		if r.probe, err = newProbe(s.Policy); err != nil {
			r.close()
			return nil, err
		}
		r.total = r.probe.tally()
	}
	for _, c := range s.Cases {
		if o.Match == nil || o.Match(c.FullName()) {
			r.cases = append(r.cases, c)
		}
	}
	r.results = make([]*Result, len(r.cases))
	return r, nil
}

func (r *running) close() {
	for _, e := range r.engines {
		e.Close()
	}
}

// all runs the cases, several at a time.
func (r *running) all(ctx context.Context) error {
	workers := r.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	var next atomic.Int64
	var group sync.WaitGroup
	for range min(workers, len(r.cases)) {
		group.Go(func() { r.work(ctx, &next) })
	}
	group.Wait()
	return ctx.Err()
}

// work runs cases, the next one after the other.
func (r *running) work(ctx context.Context, next *atomic.Int64) {
	var seen *tally
	if r.probe != nil {
		seen = r.probe.tally()
		defer func() {
			r.totaling.Lock()
			defer r.totaling.Unlock()
			r.total.merge(seen)
		}()
	}
	for ctx.Err() == nil {
		i := int(next.Add(1)) - 1
		if i >= len(r.cases) {
			return
		}
		r.results[i] = r.one(r.cases[i])
		if seen != nil {
			seen.decide(r.cases[i].Request)
		}
		if r.Done != nil {
			r.told.Lock()
			r.Done(r.results[i])
			r.told.Unlock()
		}
	}
}

// one runs a case.
func (r *running) one(c *hcl.Case) *Result {
	began := time.Now()
	out := &Result{
		Test: c.Test, Case: c.Name, Name: c.FullName(), Range: c.Range, Request: c.Request,
		expect: &c.Expect, rules: r.rules, lets: r.policy.Lets,
	}
	var first []byte
	for i, e := range r.engines {
		d := e.Decide(c.Request)
		text := codec.AppendDecision(nil, d)
		if i == 0 {
			out.Decision, first = d, text
			out.Differences = compare(&c.Expect, text)
			continue
		}
		if bytes.Equal(first, text) || bytes.Equal(bare(out.Decision), bare(d)) {
			continue
		}
		out.Others = append(out.Others, Other{Engine: r.names[i], Decision: d})
	}
	out.Passed = len(out.Differences) == 0 && len(out.Others) == 0
	out.Elapsed = time.Since(began)
	return out
}

// otherEffect is the effect that is expected where the decision has another one.
func (r *Result) otherEffect() (policy.Effect, bool) {
	want := r.expect.Field("effect")
	if want == nil {
		return policy.Deny, false
	}
	for _, e := range []policy.Effect{policy.Allow, policy.StepUp, policy.Deny} {
		if e.String() == want.Text {
			return e, e != r.Decision.Effect
		}
	}
	return policy.Deny, false
}

// mostExplained is how many of the failures of a run come with their trace and changes: more than anybody reads, and each takes some hundred decisions.
const mostExplained = 100

// explain adds to failures why their decisions are as they are.
func (r *running) explain(ctx context.Context) {
	left := mostExplained
	for _, x := range r.results {
		if x.Passed {
			continue
		}
		if left--; left < 0 || ctx.Err() != nil {
			return
		}
		why := *x.Decision
		why.Trace = r.native.Explain(x.Request).Trace
		x.Decision = &why
		if effect, other := x.otherEffect(); other {
			x.Changes = r.native.Changes(x.Request, effect)
		}
	}
}

// bare is a decision as JSON without what engines may say in their own way: the wording of errors and the column of their places.
func bare(d *policy.Decision) []byte {
	out := *d
	out.Indeterminate = nil
	for _, x := range d.Indeterminate {
		x.At, x.Error = withoutColumn(x.At), ""
		out.Indeterminate = append(out.Indeterminate, x)
	}
	return codec.AppendDecision(nil, &out)
}

func withoutColumn(at string) string {
	if i := bytes.LastIndexByte([]byte(at), ':'); i >= 0 {
		return at[:i]
	}
	return at
}

// decoded is a decision's JSON as plain values.
func decoded(text []byte) any {
	in := json.NewDecoder(bytes.NewReader(text))
	in.UseNumber()
	var v any
	if err := in.Decode(&v); err != nil {
		return nil // it is ours, and reads
	}
	return v
}
