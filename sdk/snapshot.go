package rung

import (
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rungpolicy/rung/cel"
	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/codec"
	"github.com/rungpolicy/rung/policy/plan"
)

// Engine decides by a policy. It is safe for concurrent use.
//
// What it decides by may be changed while it does: the policy by [Engine.Refresh], [Engine.Watch] and [Engine.Swap], the posture and the params by
// [Engine.SetPosture], [Engine.SetParams] and [Engine.Set]. A change is there at once for all decisions that begin after it, those by a [Binding]
// too; a decision that is under way ends by what it began with. A change that does not fit is refused, and all stays as it was.
type Engine struct {
	now     atomic.Pointer[snapshot]
	options options
	source  Source // where Refresh looks; nil if there is none
	// refreshing is held while a policy is read and made ready, changing while what was made is put in the place of what there is.
	refreshing, changing sync.Mutex
	seen                 *seen // what the source had last; of refreshing
	status               status
}

// snapshot is all that a decision goes by. It is immutable.
type snapshot struct {
	*loaded
	posture string
	// params are the host's values, by the policy's params; nil if it has set none.
	params []policy.Value
	// paramsHash is for hooks.
	paramsHash string
	// bound are the plans of the bindings, by their number; nil where a binding is gone.
	bound []*bound
}

// loaded is a policy that is ready to decide.
type loaded struct {
	plan   *plan.Plan
	native *cel.Engine
	// other decides in the place of native; nil if native decides.
	other      decider
	conditions *expr.Conditions
	// reads is what decisions look at, by action: for Bind.
	reads func() map[*policy.Action]reads
	// decoders are for DecideJSON.
	decoders sync.Pool // of *codec.Decoder
	// lazy are the providers, by the place of their signal; nil if there is none at all.
	lazy []*provider
	*options
}

// Load reads, checks and plans the policy in the root of a file system: os.DirFS("policy"), an embed.FS. If the policy has mistakes, the error is a
// [diag.List] with all of them. [Engine.Refresh] reads the file system again.
func Load(fsys fs.FS, opts ...Option) (*Engine, error) {
	e := newEngine(opts)
	e.source = from(fsys)
	checked, err := e.check(fsys)
	if err != nil {
		return nil, err
	}
	if err := e.begin(checked); err != nil {
		return nil, err
	}
	return e, nil
}

// Engine makes the policy ready to decide. If it has mistakes, the error is its Diagnostics.
func (c *Checked) Engine(opts ...Option) (*Engine, error) {
	e := newEngine(opts)
	if err := e.begin(c); err != nil {
		return nil, err
	}
	return e, nil
}

func newEngine(opts []Option) *Engine {
	e := &Engine{options: defaults()}
	for _, set := range opts {
		set(&e.options)
	}
	return e
}

// begin takes the first policy.
func (e *Engine) begin(c *Checked) error {
	l, err := c.load(&e.options)
	if err != nil {
		return err
	}
	if err := l.knows(e.options.posture); err != nil {
		return err
	}
	params, err := l.params(e.options.params)
	if err != nil {
		return err
	}
	e.now.Store(&snapshot{loaded: l, posture: e.options.posture, params: params, paramsHash: hashed(c.Policy, params)})
	e.status.took(l.plan.Policy, time.Now())
	return nil
}

// load makes a policy ready to decide.
func (c *Checked) load(o *options) (*loaded, error) {
	if err := c.Diagnostics.Err(); err != nil {
		return nil, err
	}
	l := &loaded{plan: plan.Build(c.Policy, c.conditions), conditions: c.conditions, options: o}
	l.decoders.New = func() any { return codec.NewDecoder(c.Policy, o.read) }
	l.reads = sync.OnceValue(func() map[*policy.Action]reads { return actionReads(c.Policy, c.conditions) })
	var err error
	if l.native, err = cel.NewEngine(l.plan); err != nil {
		return nil, fmt.Errorf("planning the policy's conditions: %w", err)
	}
	if l.lazy, err = o.provided(c.Policy); err != nil {
		return nil, err
	}
	if o.using == nil {
		return l, nil
	}
	return l, o.using(&opening{l})
}

// knows says whether the policy has a posture.
func (l *loaded) knows(posture string) error {
	if posture != "" && posture != "normal" && l.plan.Policy.Posture(posture) == nil {
		return fmt.Errorf("the policy declares no posture `%s`", posture)
	}
	return nil
}

// snapshot is what to decide by now; nil if there is nothing: of an engine that Load has not made.
func (e *Engine) snapshot() *snapshot {
	if e == nil {
		return nil
	}
	return e.now.Load()
}

// Policy is the policy that the engine decides by now. It must not be changed.
func (e *Engine) Policy() *policy.Policy {
	if s := e.snapshot(); s != nil {
		return s.plan.Policy
	}
	return nil
}

var errNoEngine = errors.New("rung: there is no engine: Load makes one")

// failed is a decision for what is wrong on our side, or on the host's.
func failed(message string) *Decision {
	return &Decision{Error: &policy.RequestError{Code: policy.EngineError, Message: message}}
}

func noEngine() *Decision { return failed("there is no engine") }
