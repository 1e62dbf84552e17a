// Package rung decides whether a session is strong and fresh enough for an action, by a policy of rules that live outside
// of the application.
//
//	engine, err := rung.Load(os.DirFS("policy"))
//	if err != nil {
//		log.Fatal(err) // every mistake in the policy, each with its place
//	}
//	decision := engine.DecideJSON(request)
//	if !decision.Allowed() {
//		// step_up: challenge for decision.Requirement; deny: refuse
//	}
//
// An [Engine] is safe for concurrent use. It fails closed: a request that cannot be read, an action that is not declared and a
// decision that was never taken are all deny. The policy language is in docs/language.md.
package rung

import (
	"fmt"
	"io/fs"
	"sync"
	"time"

	"github.com/rungpolicy/rung/cel"
	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/hcl"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/codec"
	"github.com/rungpolicy/rung/policy/plan"
)

// The words of a decision, so that most embedders import this package alone.
type (
	// Request asks whether a session may do an action now.
	Request = policy.Request
	// Decision is the answer. Its zero value denies.
	Decision = policy.Decision
	// Requirement is what a session is to prove.
	Requirement = policy.Requirement
)

// The effects of a decision.
const (
	Deny   = policy.Deny
	Allow  = policy.Allow
	StepUp = policy.StepUp
	Need   = policy.Need
)

// Engine decides by one policy. It is immutable and safe for concurrent use.
type Engine struct {
	plan   *plan.Plan
	native *cel.Engine
	// reads is what decisions look at, by action: for Bind.
	reads func() map[*policy.Action]reads
	// decoders are for DecideJSON.
	decoders sync.Pool // of *codec.Decoder
	// other decides in the place of native; nil if native decides.
	other decider
	options
}

type options struct {
	files   []string
	clock   func() time.Time
	posture string
	read    codec.Options
	using   Using
	// Of Both: how many decisions from one that is compared to the next, and who is told of differences.
	every uint64
	tell  func(Difference)
}

// Option changes how an Engine is loaded or reads requests.
type Option func(*options)

// WithClock sets where the time of a request comes from, unless the request is trusted and has its own. The default is time.Now.
func WithClock(now func() time.Time) Option { return func(o *options) { o.clock = now } }

// WithPosture sets the current posture by name. The default is "normal"; an undeclared one is an error of Load.
func WithPosture(name string) Option { return func(o *options) { o.posture = name } }

// WithFiles takes these files of the file system as the whole policy, instead of all *.rung.hcl in its root.
func WithFiles(names ...string) Option { return func(o *options) { o.files = names } }

// Strict refuses a request's unknown signals and attributes. By default they are counted and ignored, so that an application may
// run ahead of its policy.
func Strict() Option { return func(o *options) { o.read.Lenient = false } }

// Trusted takes now, posture and params from the JSON of a request: for tools and tests. By default JSON that carries them
// is refused: they are the host's, not the caller's.
func Trusted() Option { return func(o *options) { o.read.Trusted = true } }

// Load reads, checks and plans the policy in the root of a file system. If the policy has mistakes, the error is a [diag.List] with all of
// them.
func Load(fsys fs.FS, opts ...Option) (*Engine, error) {
	var o options
	for _, set := range opts {
		set(&o)
	}
	checked, err := Check(fsys, o.files...)
	if err != nil {
		return nil, err
	}
	return checked.Engine(opts...)
}

// Checked is a policy that was read and checked, and what there is to say about it.
type Checked struct {
	// Policy is as much as could be read.
	Policy      *policy.Policy
	Sources     []*diag.Source
	Diagnostics diag.List
	conditions  *expr.Conditions
}

// Check reads and checks a policy: the files named, or all *.rung.hcl in the root. The error says that it could not be read at all.
func Check(fsys fs.FS, names ...string) (*Checked, error) {
	parsed, err := hcl.Parse(fsys, names...)
	if err != nil {
		return nil, err
	}
	c := &Checked{Policy: parsed.Policy, Sources: parsed.Sources, Diagnostics: parsed.Diagnostics}
	conditions, found := cel.Check(parsed.Policy)
	c.conditions = conditions
	c.Diagnostics.Add(found...)
	c.Diagnostics.Sort()
	return c, nil
}

// Engine makes the policy ready to decide. If it has mistakes, the error is its Diagnostics.
func (c *Checked) Engine(opts ...Option) (*Engine, error) {
	if err := c.Diagnostics.Err(); err != nil {
		return nil, err
	}
	e := &Engine{plan: plan.Build(c.Policy, c.conditions), options: options{clock: time.Now, read: codec.Options{Lenient: true}, using: Native, every: 100}}
	for _, set := range opts {
		set(&e.options)
	}
	if e.posture != "" && e.posture != "normal" && c.Policy.Posture(e.posture) == nil {
		return nil, fmt.Errorf("the policy declares no posture `%s`", e.posture)
	}
	e.decoders.New = func() any { return codec.NewDecoder(c.Policy, e.read) }
	e.reads = sync.OnceValue(func() map[*policy.Action]reads { return actionReads(c.Policy, c.conditions) })
	var err error
	if e.native, err = cel.NewEngine(e.plan); err != nil {
		return nil, fmt.Errorf("planning the policy's conditions: %w", err)
	}
	if e.using == nil {
		return e, nil
	}
	if err := e.using(&opening{e}); err != nil {
		return nil, err
	}
	return e, nil
}

// Policy is the policy that the engine decides by. It must not be changed.
func (e *Engine) Policy() *policy.Policy { return e.plan.Policy }

// Decide answers a request. A zero Now without HasNow is the engine's clock, an empty Posture the engine's.
func (e *Engine) Decide(r *Request) *Decision { return e.decide(nil, e.complete(r)) }

// DecideInto is Decide for a caller that uses a decision's memory again: it sets all of d, and writes over what d.Satisfied points to. With [Wasm], if
// the answer is allow, it takes no memory.
func (e *Engine) DecideInto(d *Decision, r *Request) {
	if made := e.decide(d, e.complete(r)); made != d {
		*d = *made
	}
}

// Explain decides like Decide and adds the trace of every rule. It evaluates everything: it is for people, not for every request.
func (e *Engine) Explain(r *Request) *Decision { return e.plan.Explain(e.native, e.complete(r)) }

// DecideJSON answers a request written as JSON. One that cannot be read is denied, with the error in the decision.
func (e *Engine) DecideJSON(text []byte) *Decision {
	reader := e.decoders.Get().(*codec.Decoder)
	d := e.decideRead(reader.Decode(text))
	reader.Forget()
	e.decoders.Put(reader)
	return d
}

func (e *Engine) decideRead(r *Request, refused *policy.RequestError) *Decision {
	if refused != nil {
		return &Decision{Error: refused}
	}
	e.fill(r)
	return e.decide(nil, r)
}

// ExplainJSON is Explain of a request written as JSON.
func (e *Engine) ExplainJSON(text []byte) *Decision {
	r, refused := codec.DecodeRequest(e.plan.Policy, text, e.read)
	if refused != nil {
		return &Decision{Error: refused}
	}
	return e.Explain(r)
}

// complete is a request with what is the host's; the caller's is not changed.
func (e *Engine) complete(r *Request) *Request {
	if r == nil {
		return &Request{}
	}
	if timed(r) && r.Posture != "" {
		return r
	}
	full := *r
	e.fill(&full)
	return &full
}

// fill fills in what is the host's.
func (e *Engine) fill(r *Request) {
	if !timed(r) {
		r.Now = e.clock()
	}
	if r.Posture == "" {
		r.Posture = e.posture
	}
}

// timed reports whether a request says for which moment.
func timed(r *Request) bool { return r.HasNow || !r.Now.IsZero() }
