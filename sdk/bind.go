package rung

import (
	"reflect"
	"runtime"
	"slices"

	"github.com/rungpolicy/rung/policy"
)

// Binding decides requests that are Go values of type T, mostly a struct. [Bind] makes one; it is immutable and safe for
// concurrent use. It belongs to its engine, and goes with it from policy to policy: a policy that T does not fit is not taken, see
// [Engine.Refresh].
//
// The fields of T are the signals of the policy, and `resource`; those of a signal's struct are its attributes:
//
//	type Request struct {
//		Subject    Subject              // subject
//		Session    Session              // session
//		Network    *Network             // network; nil: missing
//		Reputation rung.Lazy[float64]   // a lazy signal
//		Transfer   Transfer             `rung:"resource"`
//		TraceID    string               `rung:"-"` // not of the request
//	}
//
// # Names
//
// A tag says the name: `rung:"first_seen"`. A field without one is the attribute of the same name, case and underscores
// aside: FirstSeen is first_seen, FailedLogins1h is failed_logins_1h. Tags of other packages are not looked at: renaming a
// field of some JSON is not to change decisions. The fields of an embedded struct without a tag count as the outer one's.
// Unexported fields are not read.
//
// A field that the policy does not know is ignored, or with [Strict] an error of Bind. What is the host's or computed,
// `action`, `now`, `posture`, `params` and `session.level`, cannot be bound and is an error.
//
// # What is missing
//
// nil pointers, interfaces, slices and maps are missing, and so are the zero [time.Time], [netip.Addr] and [netip.Prefix],
// which are no moment and no address. All other zero values are values: false, 0, "" and a struct of them. A field that is
// missing when it is zero says so: `rung:"country,omitzero"`. A lazy signal that is missing is pending; [Lazy] can also
// say that there is none.
//
// # Types
//
//	bool        bool
//	int, uint   any integer but time.Duration
//	double      any float or integer; NaN and infinities are refused
//	string      any string; what is an encoding.TextMarshaler, such as a UUID
//	bytes       []byte, an array of bytes
//	timestamp   time.Time
//	duration    time.Duration
//	ip          netip.Addr, net.IP, a string
//	cidr        netip.Prefix, a string
//	list        a slice or array
//	map         a map with string keys
//	object      a struct, a map with string keys
//	any         bool, numbers, strings, slices and maps of such
//
// and a pointer to it, at will. An interface holds whatever the attribute takes, and besides what encoding/json makes of a
// request: a time as text, an integer as float64. Its type is only known when a request comes: a wrong one is refused
// then.
//
// T may also be map[string]any, by the names of signals. There, nil is null.
//
// # What is read
//
// Decide reads what the conditions for the action can look at, and the evidence; the rest is neither converted nor
// checked. With [Strict], and for Explain, all of the request is. A value that the language refuses (an address with a
// zone, text that is not UTF-8, a list that is too long) is a deny with the code and path that [Engine.DecideJSON] has.
// All texts that are read have at most 1 MiB together, as a request of JSON has.
//
// A request is read while Decide runs, and not kept. Changing it meanwhile is a data race, and the caller's.
type Binding[T any] struct {
	engine *Engine
	number int
}

// Bind makes the plan by which requests of type T are read, for these actions, or for all of the policy. It says all that
// does not fit at once: each field with what the policy has in its place.
//
// One T may serve all actions: its resource may be an interface, or a struct with the attributes of all of them, of which
// each action reads its own. Or have one T for each action, and bind them one by one. A resource that is neither nil nor a
// struct in place is refused for an action that declares none.
func Bind[T any](e *Engine, actions ...string) (*Binding[T], error) {
	actions = slices.Clone(actions)
	n, err := e.bind(func(l *loaded) (*bound, error) { return newBound(l, reflect.TypeFor[T](), actions) })
	if err != nil {
		return nil, err
	}
	b := &Binding[T]{engine: e, number: n}
	runtime.AddCleanup(b, e.unbind, n)
	return b, nil
}

// current is what to decide by now; nil if there is nothing.
func (b *Binding[T]) current() (*snapshot, *bound) {
	if b == nil {
		return nil, nil
	}
	s := b.engine.snapshot()
	if s == nil {
		return nil, nil
	}
	return s, s.bound[b.number]
}

// Decide answers whether r's session may do an action now. It never returns nil and never panics; what cannot be read, nil too, is denied
// with the error in the decision.
func (b *Binding[T]) Decide(action string, r *T) (d *Decision) {
	defer guard(&d)
	return b.decideTo(nil, action, r)
}

// DecideInto is Decide for a caller that uses a decision's memory again: it sets all of d, and writes over what d.Satisfied points to. With [Wasm], if
// the answer is allow, it takes no memory.
func (b *Binding[T]) DecideInto(d *Decision, action string, r *T) {
	if made := b.decideInto(d, action, r); made != d {
		*d = *made
	}
}

func (b *Binding[T]) decideInto(d *Decision, action string, r *T) (made *Decision) {
	defer guard(&made)
	return b.decideTo(d, action, r)
}

// decideTo decides, with the memory of d if there is one and the engine can use it.
func (b *Binding[T]) decideTo(d *Decision, action string, r *T) *Decision {
	s, by := b.current()
	if s == nil || r == nil {
		return noRequest()
	}
	return b.decideBy(s, by, d, action, r)
}

func (b *Binding[T]) decideBy(s *snapshot, by *bound, d *Decision, action string, r *T) *Decision {
	a, refused := by.action(action)
	if refused != nil {
		return s.refuse(action, refused)
	}
	desks := a.desks
	if s.params != nil {
		desks = a.tuned
	}
	if desks == nil || s.hooks != nil {
		return by.decide(s, d, a, reflect.ValueOf(r).Elem())
	}
	x := desks.Get().(*desk)
	root := x.root.(*T)
	*root = *r
	d = by.decideAt(s, d, a, x)
	var none T
	*root = none
	x.clear()
	desks.Put(x)
	return d
}

// Explain decides like Decide and adds the trace of every rule. It reads and evaluates everything: it is for people, not
// for every request.
func (b *Binding[T]) Explain(action string, r *T) (d *Decision) {
	defer guard(&d)
	s, by := b.current()
	if s == nil || r == nil {
		return noRequest()
	}
	return by.explain(s, action, reflect.ValueOf(r).Elem())
}

func noRequest() *Decision {
	return &Decision{Error: &policy.RequestError{Code: policy.InvalidRequest, Message: "there is no request"}}
}

// Lazy is a lazy signal in a struct. The zero value is a signal that nobody has looked for yet: a decision that turns on
// it is [Need]. With Asked and no Value it was looked for and there is none: null.
type Lazy[T any] struct {
	// Asked says that the signal was looked for.
	Asked bool
	// Value is what was found; it counts only if Asked.
	Value *T
}

// Found is a lazy signal that was looked for and found.
func Found[T any](value T) Lazy[T] { return Lazy[T]{Asked: true, Value: &value} }

func (Lazy[T]) isLazy() {}

// lazy is every Lazy.
type lazy interface{ isLazy() }
