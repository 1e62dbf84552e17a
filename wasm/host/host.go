// Package host opens the module of a policy and decides requests by it.
//
//	p, err := host.Open(ctx, module)
//	if err != nil {
//		log.Fatal(err)
//	}
//	defer p.Close()
//	decision := p.DecideJSON(request)
//
// The machine: [Open] reads the custom sections, holds the module against the profile of modules that rung builds (verify.go) and has
// wazero compile it. It makes a plan for each action (plan.go): which values of a request go where in its record. A decision then takes an
// instance of the module from a pool (pool.go), writes the record straight into the instance's memory (record.go), calls the module, and
// makes a [policy.Decision] of the numbers that come back (result.go), each of which is checked before it is used. docs/abi.md describes the
// record and the numbers.
//
// The package fails closed: whatever goes wrong, in a module too, is a deny with an error. It links neither the CEL nor the HCL library.
package host

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/codec"
	"github.com/rungpolicy/rung/wasm/abi"
	"github.com/rungpolicy/rung/wasm/internal/binary"
	"github.com/rungpolicy/rung/wasm/internal/fuel"
)

// Policy is an open module. It is safe for concurrent use.
type Policy struct {
	module *abi.Module
	view   *policy.Policy
	// What decisions share.
	actions  []action
	numbers  map[string]int // of the actions
	postures []posture      // by rank
	identity policy.Identity
	// room is how much memory for input an instance begins with.
	room   int
	pool   *pool
	reader reader
}

type posture struct {
	name string
	rank uint32
}

// Limits of what [Open] takes, unless options say otherwise.
const (
	// DefaultMaxBytes is the most bytes that a module may have.
	DefaultMaxBytes = 32 << 20
	// DefaultMaxPages is the most memory that an instance may declare, in pages of 64 KiB: 32 MiB.
	DefaultMaxPages = abi.MaxPages
	// DefaultMaxFuel is the most that a decision may cost. It is more than any policy that rung builds needs: what bounds a decision is time ([WithMaxTime]).
	DefaultMaxFuel = abi.MaxFuel
)

// Option changes how a module is opened.
type Option func(*options)

type options struct {
	interpreter bool
	runtime     wazero.Runtime
	cache       wazero.CompilationCache
	instances   int
	bytes       int
	pages       int
	fuel        int64
	time        time.Duration // 0: the default of the engine
	// Of DecideJSON.
	clock   func() time.Time
	posture string
	read    codec.Options
}

func defaults() options {
	return options{
		instances: defaultInstances(), bytes: DefaultMaxBytes, pages: DefaultMaxPages, fuel: DefaultMaxFuel,
		clock: time.Now, read: codec.Options{Lenient: true},
	}
}

// WithInterpreter runs the module in wazero's interpreter instead of as machine code: it opens faster and decides slower.
func WithInterpreter() Option { return func(o *options) { o.interpreter = true } }

// WithCache keeps machine code in a cache, where other modules that are opened with it, or other processes if it is a folder, find it. The caller
// closes it, after the policies.
func WithCache(c wazero.CompilationCache) Option { return func(o *options) { o.cache = c } }

// WithRuntime opens the module in a runtime that is there already, with the features and limits that it has. The caller closes it, after the
// policies; [WithInterpreter] and [WithCache] have no effect.
func WithRuntime(r wazero.Runtime) Option { return func(o *options) { o.runtime = r } }

// WithInstances sets how many decisions may be taken at once, each by an instance of its own; others wait. The default is twice the number of
// processors, and four at least.
func WithInstances(n int) Option { return func(o *options) { o.instances = n } }

// WithLimits sets the most bytes that the module may have, and the most pages of memory that an instance may.
func WithLimits(maxBytes, maxPages int) Option {
	return func(o *options) { o.bytes, o.pages = maxBytes, min(max(maxPages, 1), 1<<16) }
}

// WithMaxFuel sets the most that a decision may cost, in units of which a module's section rung.meta says how many it may spend.
func WithMaxFuel(n int64) Option { return func(o *options) { o.fuel = n } }

// Open reads, verifies and compiles a module. The bytes are not kept. The context is for opening alone.
func Open(ctx context.Context, module []byte, opts ...Option) (*Policy, error) {
	o := defaults()
	for _, set := range opts {
		set(&o)
	}
	v, err := read(module, &o)
	if err != nil {
		return nil, fmt.Errorf("the module cannot be used: %w", err)
	}
	p := newPolicy(v.about)
	if err := p.reads(&o); err != nil {
		return nil, err
	}
	metered := fuel.Meter(&v.file.Module, v.decide, v.report, o.pieces().first)
	if p.pool, err = o.compile(ctx, metered.Encode()); err != nil {
		return nil, fmt.Errorf("the module cannot be compiled: %w", err)
	}
	p.pool.room, p.pool.pages = p.room, v.about.Meta.Pages
	p.pool.meter = o.meter(v.report)
	// The first instance shows that the module works, and is there for the first decision.
	i, err := p.pool.get()
	if err != nil {
		p.Close()
		return nil, err
	}
	p.pool.put(i)
	return p, nil
}

// verified is a module in which nothing is wrong.
type verified struct {
	file   *binary.File
	about  *abi.Module
	report *fuel.Report
	decide uint32
}

// read verifies a module and reads what it says of itself.
func read(module []byte, o *options) (*verified, error) {
	if len(module) > o.bytes {
		return nil, fmt.Errorf("it has %d bytes, more than %d", len(module), o.bytes)
	}
	f, err := binary.Decode(module)
	if err != nil {
		return nil, err
	}
	v, err := verify(f, o)
	if err != nil {
		return nil, err
	}
	about, err := abi.Parse(sections(f))
	if err != nil {
		return nil, err
	}
	v.about = about
	if int64(f.Memory.Max) != int64(about.Meta.Pages) {
		return nil, fmt.Errorf("its memory does not have the maximum that %s says", abi.SectionMeta)
	}
	if v.report.Budget != about.Meta.Fuel {
		return nil, fmt.Errorf("a decision may cost %d, and %s says %d", v.report.Budget, abi.SectionMeta, about.Meta.Fuel)
	}
	return v, nil
}

func sections(f *binary.File) []abi.Section {
	out := make([]abi.Section, len(f.Customs))
	for i, c := range f.Customs {
		out[i] = abi.Section{Name: c.Name, Data: c.Bytes}
	}
	return out
}

// features are those of the modules that rung builds.
const features = api.CoreFeaturesV1 | api.CoreFeatureSignExtensionOps | api.CoreFeatureNonTrappingFloatToIntConversion |
	api.CoreFeatureMultiValue | api.CoreFeatureBulkMemoryOperations

// compile makes the pool, with a runtime of its own if there is none yet.
func (o *options) compile(ctx context.Context, module []byte) (*pool, error) {
	r, own := o.runtime, o.runtime == nil
	if own {
		config := wazero.NewRuntimeConfig()
		if o.interpreter {
			config = wazero.NewRuntimeConfigInterpreter()
		}
		if o.cache != nil {
			config = config.WithCompilationCache(o.cache)
		}
		// A deadline of the context would not bound the module's run: the meter does.
		config = config.WithCoreFeatures(features).WithDebugInfoEnabled(false).WithMemoryLimitPages(uint32(o.pages))
		r = wazero.NewRuntimeWithConfig(ctx, config)
	}
	err := meters(ctx, r)
	var compiled wazero.CompiledModule
	if err == nil {
		compiled, err = r.CompileModule(ctx, module)
	}
	if err != nil {
		if own {
			err = errors.Join(err, r.Close(ctx))
		}
		return nil, err
	}
	return newPool(r, own, compiled, o.instances), nil
}

// newPolicy makes what decisions share.
func newPolicy(m *abi.Module) *Policy {
	p := &Policy{
		module: m, view: m.Policy(),
		numbers:  make(map[string]int, len(m.Schema.Actions)),
		postures: []posture{{name: "normal"}},
		identity: policy.Identity{Name: m.Meta.Name, Version: m.Meta.Version, Digest: m.Meta.Digest},
	}
	for _, x := range m.Schema.Postures {
		p.postures = append(p.postures, posture{x.Name, uint32(x.Rank)})
	}
	shared := newShared(m)
	types := layouts{}
	for i := range m.Schema.Actions {
		a := &m.Schema.Actions[i]
		p.numbers[a.Name] = i
		p.actions = append(p.actions, newAction(p.view, m, i, shared, types))
		p.room = max(p.room, a.Size)
	}
	p.room += tail
	return p
}

// tail is the room that an instance begins with for what lies behind a record.
const tail = 8 << 10

// Policy is as much of the policy as the module tells: names and types, by which package codec reads requests. It must not be changed.
func (p *Policy) Policy() *policy.Policy { return p.view }

// Module is what the module says of itself. It must not be changed.
func (p *Policy) Module() *abi.Module { return p.module }

// Close gives the memory back, of decisions under way as soon as they are taken. Later ones are denied.
func (p *Policy) Close() { p.pool.close() }

// answer is a decision with what nearly every one points to: memory is taken once for both.
type answer struct {
	policy.Decision
	satisfied policy.Satisfied
}

// Decide answers a request, whose values are those that its policy has ([Policy.Policy]) and whose Now is set. It never returns nil. What the
// rules do not read is not looked at.
func (p *Policy) Decide(r *policy.Request) *policy.Decision {
	a := new(answer)
	p.decide(&a.Decision, &a.satisfied, r)
	return &a.Decision
}

// DecideInto is [Policy.Decide] for a caller that uses a decision's memory again: it sets all of d, and writes over what d.Satisfied points to.
// If the answer is allow it takes no memory of its own.
func (p *Policy) DecideInto(d *policy.Decision, r *policy.Request) {
	satisfied := d.Satisfied
	if satisfied == nil {
		satisfied = new(policy.Satisfied)
	}
	*d = policy.Decision{}
	p.decide(d, satisfied, r)
}

func (p *Policy) decide(d *policy.Decision, satisfied *policy.Satisfied, r *policy.Request) {
	if p == nil || r == nil {
		d.Error = unknownAction()
		return
	}
	n, ok := p.numbers[r.Action]
	if !ok {
		d.Error = unknownAction()
		return
	}
	in := input{action: &p.actions[n], number: uint32(n), now: r.Now, request: r}
	p.ask(&in, r.Posture, d, satisfied)
}

// ask has an instance decide.
func (p *Policy) ask(in *input, name string, d *policy.Decision, satisfied *policy.Satisfied) {
	at := p.posture(name)
	if at == nil {
		d.Error = &policy.RequestError{Code: policy.InvalidRequest, Path: "/posture", Message: "the policy declares no such posture"}
		return
	}
	in.posture = at.rank
	i, err := p.pool.get()
	if err != nil {
		d.Error = engineError(err.Error())
		return
	}
	if refused := i.decide(in, d, satisfied); refused != nil {
		*d = policy.Decision{Error: refused}
	} else {
		d.Action, d.Posture, d.Policy = in.action.name, at.name, p.identity
	}
	p.pool.release(i)
}

// posture finds a posture by name, "" being normal; nil if there is none of that name.
func (p *Policy) posture(name string) *posture {
	if name == "" {
		return &p.postures[0]
	}
	for i := range p.postures {
		if p.postures[i].name == name {
			return &p.postures[i]
		}
	}
	return nil
}

func unknownAction() *policy.RequestError {
	return &policy.RequestError{Code: policy.UnknownAction, Path: "/action", Message: "the policy declares no such action"}
}

func engineError(message string) *policy.RequestError {
	return &policy.RequestError{Code: policy.EngineError, Message: message}
}

func inRange(t time.Time) bool {
	s := t.Unix()
	return s >= policy.FirstSecond && s <= policy.LastSecond
}
