package rung

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rungpolicy/rung/policy"
)

// A Provider fetches a lazy signal: it costs money or time, and is asked only where the outcome may turn on it. What it returns has the Go types that
// [Bind] takes for the signal. nil, an error, a panic, a value of the wrong type and being late are all the same to the decision: the signal is
// absent, and rules that read it apply.
//
// It is called by a goroutine of its own. The context ends with the time limit; who ignores it delays nothing, but holds one of the flights, see
// [WithFlights].
type Provider func(ctx context.Context, about *Lookup) (any, error)

// Lookup is what a provider may go by. It stays as it is after the decision, too.
type Lookup struct {
	// Signal is what is looked for, Action what is asked.
	Signal, Action string
	// Now is the moment that is decided for.
	Now time.Time

	policy  *policy.Policy
	request *Request
}

// Value is what the request has at a path: Value("network", "ip") is a netip.Addr, Value("resource", "amount") a float64. Lists and maps are
// []any and map[string]any, objects map[string]any without what is missing. It is nil where there is nothing.
func (l *Lookup) Value(path ...string) any {
	if l == nil || l.policy == nil || len(path) == 0 {
		return nil
	}
	t, v := slotOf(l.policy, l.request, path[0])
	for _, name := range path[1:] {
		t, v = step(t, v, name)
	}
	return native(t, v)
}

// slotOf is a signal of a request, or its resource.
func slotOf(p *policy.Policy, r *Request, name string) (*policy.Type, policy.Value) {
	if a := p.Action(r.Action); name == "resource" && a != nil {
		return a.Resource, r.Resource
	}
	if i := p.SignalIndex(name); i >= 0 && i < len(r.Signals) {
		return p.Signals[i].Type, r.Signals[i]
	}
	return nil, nil
}

// step goes to an attribute, or the value of a key.
func step(t *policy.Type, v policy.Value, name string) (*policy.Type, policy.Value) {
	switch v := v.(type) {
	case *policy.Object:
		if t == nil || v == nil {
			return nil, nil
		}
		if i := t.Slot(name); i >= 0 && i < len(v.Attrs) {
			return t.Attrs[i].Type, v.Attrs[i]
		}
	case *policy.Map:
		if v == nil {
			return nil, nil
		}
		in, _ := v.Get(name)
		if t != nil {
			t = t.Elem
		}
		return t, in
	}
	return nil, nil
}

// native is a value in the Go types of a host.
func native(t *policy.Type, v policy.Value) any {
	switch v := policy.Plain(v).(type) {
	case nil, policy.Null:
		return nil
	case []policy.Value:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = native(elem(t), e)
		}
		return out
	case *policy.Map:
		out := make(map[string]any, len(v.Keys))
		for i, key := range v.Keys {
			out[key] = native(elem(t), v.Values[i])
		}
		return out
	case *policy.Object:
		out := map[string]any{}
		for i, e := range v.Attrs {
			if t != nil && i < len(t.Attrs) && e != nil {
				out[t.Attrs[i].Name] = native(t.Attrs[i].Type, e)
			}
		}
		return out
	default:
		return v
	}
}

func elem(t *policy.Type) *policy.Type {
	if t == nil {
		return nil
	}
	return t.Elem
}

// DefaultFlights is how many calls of one provider are under way at most, unless [WithFlights] says otherwise.
const DefaultFlights = 1000

// WithProvider sets who fetches a lazy signal, and how long that may take. Decisions ask providers only by DecideContext: of an engine, or a [Binding].
// A signal that is declared, but not as lazy, is an error of Load; one that is not declared is passed over, or with [Strict] an error too.
func WithProvider(signal string, limit time.Duration, p Provider) Option {
	return func(o *options) {
		o.providers = append(o.providers, &provider{signal: signal, limit: limit, fetch: p})
	}
}

// WithFlights sets how many calls of one provider are under way at most. Another one waits, and its time runs: where providers hang, requests go on
// without their signals, and no goroutines pile up.
func WithFlights(n int) Option { return func(o *options) { o.flights = max(1, n) } }

// provider is a Provider at its place. It is shared by all policies of an engine, and so are its flights.
type provider struct {
	signal string
	limit  time.Duration
	fetch  Provider

	once    sync.Once
	flights chan struct{}
}

// provided are the providers by the place of their signal; nil if there are none.
func (o *options) provided(p *policy.Policy) ([]*provider, error) {
	if len(o.providers) == 0 {
		return nil, nil
	}
	out := make([]*provider, len(p.Signals))
	for _, by := range o.providers {
		i := p.SignalIndex(by.signal)
		switch {
		case by.fetch == nil || by.limit <= 0:
			return nil, fmt.Errorf("rung: the provider of `%s` needs a function and a time limit", by.signal)
		case i < 0 && !o.read.Lenient:
			return nil, fmt.Errorf("rung: there is a provider of `%s`, which the policy does not declare", by.signal)
		case i < 0:
			continue
		case !p.Signals[i].Lazy:
			return nil, fmt.Errorf("rung: there is a provider of `%s`, which the policy does not declare as lazy", by.signal)
		}
		by.once.Do(func() { by.flights = make(chan struct{}, o.flights) })
		out[i] = by
	}
	return out, nil
}

// Fetch is how a provider came out.
type Fetch struct {
	Signal string
	Took   time.Duration
	// Err is why the signal is absent; nil if it is there, or if the provider says that there is none.
	Err error
}

// fetched is what came of one provider.
type fetched struct {
	index int
	value policy.Value
	Fetch
}

// resolve asks the providers for what a decision needs, and decides again, until it needs nothing more. The request is the decision's own.
func (s *snapshot) resolve(ctx context.Context, d *Decision, r *Request) (*Decision, []Fetch) {
	var all []Fetch
	for d.Effect == policy.Need && d.Error == nil {
		var asked []int
		for _, name := range d.Need {
			asked = append(asked, s.plan.Policy.SignalIndex(name))
		}
		if slices.ContainsFunc(asked, func(i int) bool { return i < 0 || r.Signals[i] != nil }) || len(asked) == 0 {
			return failed("a decision needs what it has"), all // it is a bug of ours
		}
		all = append(all, s.round(ctx, asked, r)...)
		d = s.decide(nil, r)
	}
	return d, all
}

// round asks for several signals at once. When it returns, each is there or null.
func (s *snapshot) round(ctx context.Context, asked []int, r *Request) []Fetch {
	var all []Fetch
	for _, i := range asked {
		r.Signals[i] = policy.Null{}
	}
	about := *r // providers may outlive the round: they look at what was known when they were asked
	about.Signals = slices.Clone(r.Signals)
	came := make(chan fetched, len(asked)) // so that who is late does not wait
	waiting := map[int]*provider{}
	for _, i := range asked {
		if p := s.provider(i); p != nil {
			waiting[i] = p
			go s.fetch(ctx, p, i, &about, came)
		} else {
			all = append(all, Fetch{Signal: s.plan.Policy.Signals[i].Name, Err: ErrNoProvider})
		}
	}
	return append(all, await(ctx, waiting, came, r)...)
}

// provider is who fetches a signal; nil if there is nobody.
func (l *loaded) provider(i int) *provider {
	if l.lazy == nil {
		return nil
	}
	return l.lazy[i]
}

// Why a signal is absent that nobody has failed to fetch: the Err of a [Fetch].
var (
	ErrNoProvider = errors.New("there is no provider")
	ErrLate       = errors.New("the provider is late")
)

// await takes what comes, until all is there or late.
func await(ctx context.Context, waiting map[int]*provider, came <-chan fetched, r *Request) []Fetch {
	var all []Fetch
	take := func(f fetched) {
		if waiting[f.index] != nil {
			delete(waiting, f.index)
			r.Signals[f.index] = f.value
			all = append(all, f.Fetch)
		}
	}
	began := time.Now()
	for len(waiting) > 0 {
		limit := time.Duration(1<<63 - 1)
		for _, p := range waiting {
			limit = min(limit, p.limit)
		}
		late := time.NewTimer(limit - time.Since(began))
		select {
		case f := <-came:
			take(f)
		case <-late.C:
			for len(came) > 0 { // it came in time, and the process was asleep
				take(<-came)
			}
			all = append(all, drop(waiting, began, ErrLate, time.Since(began))...)
		case <-ctx.Done():
			all = append(all, drop(waiting, began, ctx.Err(), 1<<63-1)...)
		}
		late.Stop()
	}
	slices.SortFunc(all, func(a, b Fetch) int { return strings.Compare(a.Signal, b.Signal) })
	return all
}

// drop waits no longer for those whose time is over.
func drop(waiting map[int]*provider, began time.Time, why error, after time.Duration) []Fetch {
	var all []Fetch
	for i, p := range waiting {
		if p.limit <= after {
			delete(waiting, i)
			all = append(all, Fetch{Signal: p.signal, Took: time.Since(began), Err: why})
		}
	}
	return all
}

// fetch asks one provider. It ends with the provider, or with the time limit if that has no flight for it.
func (s *snapshot) fetch(ctx context.Context, p *provider, i int, r *Request, came chan<- fetched) {
	began := time.Now()
	ctx, cancel := context.WithTimeoutCause(ctx, p.limit, ErrLate)
	defer cancel()
	select {
	case p.flights <- struct{}{}:
		defer func() { <-p.flights }()
	case <-ctx.Done():
		return
	}
	v, err := s.fetchOne(ctx, p, i, r)
	if err == nil && ctx.Err() != nil { // whether await has seen it yet or not
		v, err = policy.Null{}, context.Cause(ctx)
	}
	came <- fetched{i, v, Fetch{Signal: p.signal, Took: time.Since(began), Err: err}}
}

func (s *snapshot) fetchOne(ctx context.Context, p *provider, i int, r *Request) (value policy.Value, err error) {
	value = policy.Null{}
	defer func() {
		if x := recover(); x != nil {
			value, err = policy.Null{}, fmt.Errorf("the provider panicked: %.200v", x)
		}
	}()
	if ctx.Err() != nil {
		return value, context.Cause(ctx)
	}
	got, err := p.fetch(ctx, &Lookup{Signal: p.signal, Action: r.Action, Now: r.Now, policy: s.plan.Policy, request: r})
	if err != nil || isNilAny(got) {
		return value, err
	}
	read, err := s.value(p.signal, s.plan.Policy.Signals[i].Type, got)
	if err != nil {
		return value, err
	}
	return read, nil
}
