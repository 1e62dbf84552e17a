package host

import (
	"fmt"
	"sync"
	"time"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/codec"
	"github.com/rungpolicy/rung/wasm/abi"
)

// WithClock sets where [Policy.DecideJSON] takes the time from, unless the request is trusted and has its own. The default is time.Now.
func WithClock(now func() time.Time) Option { return func(o *options) { o.clock = now } }

// WithPosture sets the posture of requests that [Policy.DecideJSON] reads, unless they are trusted and have their own. The default is "normal"; one that
// the policy does not declare is an error of Open.
func WithPosture(name string) Option { return func(o *options) { o.posture = name } }

// Strict has [Policy.DecideJSON] refuse unknown signals and attributes. By default they are ignored, so that an application may run ahead of its policy.
func Strict() Option { return func(o *options) { o.read.Lenient = false } }

// Trusted has [Policy.DecideJSON] take now, posture and params from the JSON of a request: for tools and tests. By default JSON that carries them is
// refused: they are the host's, not the caller's.
func Trusted() Option { return func(o *options) { o.read.Trusted = true } }

// reader is how requests of JSON are read.
type reader struct {
	clock    func() time.Time
	posture  string
	decoders sync.Pool // of *codec.Decoder
}

func (p *Policy) reads(o *options) error {
	if p.posture(o.posture) == nil {
		return fmt.Errorf("the policy declares no posture `%s`", o.posture)
	}
	p.reader.clock, p.reader.posture = o.clock, o.posture
	read, view := o.read, p.view
	p.reader.decoders.New = func() any { return codec.NewDecoder(view, read) }
	return nil
}

// DecideJSON answers a request written as JSON. It never returns nil; a request that cannot be read is denied, with the error in the decision.
func (p *Policy) DecideJSON(text []byte) *policy.Decision {
	d := p.reader.decoders.Get().(*codec.Decoder)
	defer p.reader.decoders.Put(d)
	defer d.Forget()
	r, refused := d.Decode(text)
	if refused != nil {
		return &policy.Decision{Error: refused}
	}
	if !r.HasNow && r.Now.IsZero() {
		r.Now = p.reader.clock()
	}
	if r.Posture == "" {
		r.Posture = p.reader.posture
	}
	return p.Decide(r)
}

// Verify holds a module against the profile of modules that rung builds, and returns what it says of itself. Nothing of it runs. [Open] does the same
// before anything else; options beside [WithLimits] have no effect.
func Verify(module []byte, opts ...Option) (*abi.Module, error) {
	o := defaults()
	for _, set := range opts {
		set(&o)
	}
	v, err := read(module, &o)
	if err != nil {
		return nil, err
	}
	return v.about, nil
}
