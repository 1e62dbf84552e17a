package rung

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/codec"
	"github.com/rungpolicy/rung/wasm"
	"github.com/rungpolicy/rung/wasm/host"
)

// Using says what takes an engine's decisions: [Native], [Wasm] or [Both]. A program that names neither of the latter does not link what they need.
type Using func(*opening) error

// opening is an engine that is being made.
type opening struct{ *loaded }

// WithEngine sets what takes the decisions; the default is [Native]. All come to the same decisions, but for the wording of errors. [Engine.Explain] is
// native always.
func WithEngine(u Using) Option { return func(o *options) { o.using = u } }

// WithSample sets that [Both] compares every nth decision; the default is 100. The first is compared in any case.
func WithSample(n int) Option { return func(o *options) { o.every = uint64(max(1, n)) } }

// WithDifference sets who is told of decisions that differ, with [Both]: by goroutines of their own, so that no decision waits, a few at a time; while those are
// at work further ones are only counted, see [Engine.Differences]. A panic of tell is kept from the program.
func WithDifference(tell func(Difference)) Option { return func(o *options) { o.tell = tell } }

// Difference is a request that two engines have decided otherwise: a bug in one of them. All of it is a copy.
type Difference struct {
	// Request is what was asked.
	Request *Request
	// Native and Wasm are the decisions.
	Native, Wasm *Decision
}

// Native evaluates conditions in Go. It is at once ready, and can explain.
func Native(*opening) error { return nil }

// Wasm compiles the policy to a WebAssembly module and has that decide: it takes some milliseconds longer to load, and decides faster, the more
// so the more rules an action has. A regular expression that is too large for a module is an error of Load, with its place.
func Wasm(o *opening) error {
	m, err := wasm.Compile(o.plan, wasm.Options{})
	if err != nil {
		return err
	}
	p, err := host.Open(context.Background(), m.Bytes, host.WithMaxTime(time.Minute)) // it was made here, of a policy that is bounded
	if err != nil {
		return fmt.Errorf("opening the policy's module: %w", err)
	}
	made := opened{p}
	o.other = made
	runtime.AddCleanup(o.loaded, func(m opened) { m.Close() }, made) // of a policy that was swapped: decisions by it may be under way until nobody has it
	return nil
}

// Both decides as [Wasm] does, and has [Native] decide a part of the requests too: see [WithSample] and [WithDifference].
func Both(o *opening) error {
	if err := Wasm(o); err != nil {
		return err
	}
	o.other = &compared{decider: o.other, engine: o.loaded, tellers: make(chan struct{}, mostTellers)}
	return nil
}

// decider takes decisions in the place of the native engine. It is an interface so that what decides is linked where it is named.
type decider interface {
	Decide(r *policy.Request) *policy.Decision
	DecideInto(d *policy.Decision, r *policy.Request)
	// Form is a request for an action whose values stand at fixed addresses; nil if there is none.
	Form(action string) form
	Close()
}

// form is a [host.Form].
type form interface {
	Bind(at any, path ...string) error
	BindObject(path ...string) error
	Decide(now time.Time, posture string) *policy.Decision
	DecideInto(d *policy.Decision, now time.Time, posture string)
}

// opened is a module that decides.
type opened struct{ *host.Policy }

func (o opened) Form(action string) form {
	if f := o.Policy.Form(action); f != nil {
		return f
	}
	return nil
}

// compared is a module that decides, of whose decisions some are compared with those of the native engine.
type compared struct {
	decider
	engine *loaded
	asked  atomic.Uint64
	differ atomic.Uint64
	// tellers has an entry for each goroutine that tells of a difference.
	tellers chan struct{}
}

// mostTellers is how many differences may be told of at once.
const mostTellers = 8

func (c *compared) Decide(r *policy.Request) *policy.Decision {
	d := c.decider.Decide(r)
	c.compare(r, d)
	return d
}

func (c *compared) DecideInto(d *policy.Decision, r *policy.Request) {
	c.decider.DecideInto(d, r)
	c.compare(r, d)
}

// Form returns none: a form has no request to ask the native engine.
func (c *compared) Form(string) form { return nil }

func (c *compared) compare(r *policy.Request, d *policy.Decision) {
	e := c.engine
	if (c.asked.Add(1)-1)%e.every != 0 {
		return
	}
	native := e.plan.Decide(e.native, r)
	if alike(native, d) {
		return
	}
	c.differ.Add(1)
	if e.tell == nil {
		return
	}
	select {
	case c.tellers <- struct{}{}:
		go c.report(Difference{Request: copyRequest(r), Native: native, Wasm: copyDecision(d)})
	default:
	}
}

func (c *compared) report(d Difference) {
	defer func() {
		_ = recover() // of the host's function, which is told of mistakes and is not to make worse ones
		<-c.tellers
	}()
	c.engine.tell(d)
}

// alike reports whether two decisions are the same, but for the wording of errors and the columns of places.
func alike(a, b *policy.Decision) bool {
	return bytes.Equal(bare(a), bare(b))
}

// bare is a decision as JSON without what engines may say in their own way.
func bare(d *policy.Decision) []byte {
	out := *d
	out.Indeterminate = nil
	for _, x := range d.Indeterminate {
		if i := strings.LastIndexByte(x.At, ':'); i >= 0 {
			x.At = x.At[:i]
		}
		x.Error = ""
		out.Indeterminate = append(out.Indeterminate, x)
	}
	if d.Error != nil {
		refusal := *d.Error
		refusal.Message = ""
		out.Error = &refusal
	}
	return codec.AppendDecision(nil, &out)
}

// Differences is how many decisions have differed so far, with [Both], since the policy was loaded.
func (e *Engine) Differences() uint64 {
	if s := e.snapshot(); s != nil {
		if c, ok := s.other.(*compared); ok {
			return c.differ.Load()
		}
	}
	return 0
}

// Close gives back what the engine holds besides memory: a module's code. Decisions under way are taken; later ones are denied. With [Native] there
// is nothing to give back.
func (e *Engine) Close() {
	if s := e.snapshot(); s != nil && s.other != nil {
		s.other.Close()
	}
}

// decide decides a complete request, with the memory of d if there is one and the engine can use it.
func (l *loaded) decide(d *policy.Decision, r *policy.Request) *policy.Decision {
	switch {
	case l.other == nil:
		return l.plan.Decide(l.native, r)
	case d == nil:
		return l.other.Decide(r)
	}
	l.other.DecideInto(d, r)
	return d
}

// form is a form for the requests of an action; nil if there is none, or if all of a request is to be read.
func (l *loaded) form(action string) form {
	if l.other == nil || !l.read.Lenient {
		return nil
	}
	return l.other.Form(action)
}
