package host

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"time"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/abi"
)

// Form is a request for one action whose values stand at addresses that do not change: who fills it in, again and again, is spared to build a
// [policy.Request] each time, and the host to look for the values. It is used by one goroutine at a time.
//
// What is not bound is missing. So are, of what is bound, a zero [time.Time], [netip.Addr] and [netip.Prefix], a nil slice, and a [policy.Value] that
// is nil; all other values are there.
type Form struct {
	policy *Policy
	action *action
	number uint32
	// words are the presence bits of what is always there, by the words' places; known the lazy signals that are.
	words []formWord
	known uint64

	strings   []formAt[string]
	bools     []formAt[bool]
	ints      []formAt[int64]
	wholes    []formAt[int]
	uints     []formAt[uint64]
	doubles   []formAt[float64]
	durations []formAt[time.Duration]
	// What may be missing.
	times    []formMaybe[time.Time]
	addrs    []formMaybe[netip.Addr]
	prefixes []formMaybe[netip.Prefix]
	texts    []formMaybe[[]string]
	values   []formValue
	lazy     []formLazy
}

type (
	formWord struct{ at, bits uint32 }
	// formAt is an address, and where in the record its value goes.
	formAt[T any] struct {
		at     *T
		offset uint32
		path   []string
	}
	// formMaybe is that of a value that may be missing.
	formMaybe[T any] struct {
		formAt[T]
		word, mask uint32
		most       int // entries of a list
	}
	formValue struct {
		at *policy.Value
		*step
		path []string
	}
	formLazy struct {
		at  *policy.Value
		bit uint64
	}
)

// Form makes a form for an action, nil if there is no such action.
func (p *Policy) Form(name string) *Form {
	n, ok := p.numbers[name]
	if !ok {
		return nil
	}
	a := &p.actions[n]
	f := &Form{policy: p, action: a, number: uint32(n), words: []formWord{{at: abi.RecordPresence}}}
	for _, at := range a.words {
		f.words = append(f.words, formWord{at: at})
	}
	return f
}

// Bind says where the value of a path stands: an address of a Go type that its type has ([policy.Scalar], int, []string), or a *[policy.Value], of which
// all is read that the rules look at. Paths are those of [abi.Slot]. What the rules of the action do not look at is passed over. The error is about a type
// that does not fit; a path is bound once.
func (f *Form) Bind(at any, path ...string) error {
	if len(path) == 0 {
		return errors.New("there is no path")
	}
	if len(path) == 2 && path[0] == "signals" {
		f.bindLazy(at, path[1])
	}
	s := f.action.step(f.policy.view, path)
	if s == nil {
		return nil
	}
	switch at := at.(type) {
	case *policy.Value:
		f.values = append(f.values, formValue{at, s, path})
		return nil
	}
	if s.layout == nil || !f.bind(at, s, path) {
		return fmt.Errorf("%T is no address of a value of %v", at, path)
	}
	return nil
}

// BindObject says that the object of a path is always there: the attributes of it that are bound are in it. It is an error if the rules look at the
// object as a whole.
func (f *Form) BindObject(path ...string) error {
	if len(path) == 0 {
		return errors.New("there is no path")
	}
	if len(path) == 2 && path[0] == "signals" {
		f.bindLazy(nil, path[1])
	}
	s := f.action.step(f.policy.view, path)
	if s == nil {
		return nil
	}
	if s.layout != nil {
		return fmt.Errorf("%v is read whole", path)
	}
	f.always(s)
	return nil
}

// bindLazy notes how it is known whether a lazy signal was looked for.
func (f *Form) bindLazy(at any, name string) {
	bit, lazy := slices.BinarySearch(f.policy.module.Schema.Lazy, name)
	if !lazy {
		return
	}
	if at, ok := at.(*policy.Value); ok {
		f.lazy = append(f.lazy, formLazy{at, 1 << bit})
		return
	}
	f.known |= 1 << bit
}

// always notes that a value is always there.
func (f *Form) always(s *step) {
	if !s.present {
		return
	}
	i := slices.IndexFunc(f.words, func(w formWord) bool { return w.at == s.word })
	f.words[i].bits |= s.mask
}

func (f *Form) bind(at any, s *step, path []string) bool {
	switch at := at.(type) {
	case *time.Time:
		return maybe(&f.times, at, s, path, s.layout.kind == policy.KindTimestamp)
	case *netip.Addr:
		return maybe(&f.addrs, at, s, path, s.layout.kind == policy.KindIP)
	case *netip.Prefix:
		return maybe(&f.prefixes, at, s, path, s.layout.kind == policy.KindCIDR)
	case *[]string:
		return maybe(&f.texts, at, s, path, s.layout.kind == policy.KindList && s.layout.elem.kind == policy.KindString)
	}
	f.always(s)
	return f.bindFixed(at, s, path)
}

// bindFixed binds what is always there.
func (f *Form) bindFixed(at any, s *step, path []string) bool {
	kind := s.layout.kind
	switch at := at.(type) {
	case *string:
		return fixed(&f.strings, at, s, path, kind == policy.KindString)
	case *bool:
		return fixed(&f.bools, at, s, path, kind == policy.KindBool)
	case *int64:
		return fixed(&f.ints, at, s, path, kind == policy.KindInt)
	case *int:
		return fixed(&f.wholes, at, s, path, kind == policy.KindInt)
	case *uint64:
		return fixed(&f.uints, at, s, path, kind == policy.KindUint)
	case *float64:
		return fixed(&f.doubles, at, s, path, kind == policy.KindDouble)
	case *time.Duration:
		return fixed(&f.durations, at, s, path, kind == policy.KindDuration)
	}
	return false
}

// fixed adds an address to those of its kind, if it fits.
func fixed[T any](all *[]formAt[T], at *T, s *step, path []string, fits bool) bool {
	if fits {
		*all = append(*all, formAt[T]{at, s.offset, path})
	}
	return fits
}

func maybe[T any](all *[]formMaybe[T], at *T, s *step, path []string, fits bool) bool {
	if fits {
		*all = append(*all, formMaybe[T]{formAt[T]{at, s.offset, path}, s.word, s.mask, s.layout.most})
	}
	return fits
}

// step is the step of a path, nil if there is none.
func (a *action) step(p *policy.Policy, path []string) *step {
	var at *step
	rest := path[1:]
	find := func(roots []root, index int) {
		if i := slices.IndexFunc(roots, func(r root) bool { return r.index == index }); i >= 0 {
			at = &roots[i].step
		}
		rest = rest[1:]
	}
	switch {
	case path[0] == "resource":
		at = a.resource
	case path[0] == "signals" && len(rest) > 0:
		find(a.signals, p.SignalIndex(path[1]))
	case path[0] == "params" && len(rest) > 0:
		find(a.params, p.ParamIndex(path[1]))
	}
	for _, name := range rest {
		if at == nil {
			return nil
		}
		i := slices.IndexFunc(at.inner, func(s step) bool { return s.name == name })
		if i < 0 {
			return nil
		}
		at = &at.inner[i]
	}
	return at
}

// Decide answers the request that stands in the form. It never returns nil.
func (f *Form) Decide(now time.Time, posture string) *policy.Decision {
	a := new(answer)
	f.decide(&a.Decision, &a.satisfied, now, posture)
	return &a.Decision
}

// DecideInto is [Form.Decide] as [Policy.DecideInto] is of [Policy.Decide].
func (f *Form) DecideInto(d *policy.Decision, now time.Time, posture string) {
	satisfied := d.Satisfied
	if satisfied == nil {
		satisfied = new(policy.Satisfied)
	}
	*d = policy.Decision{}
	f.decide(d, satisfied, now, posture)
}

func (f *Form) decide(d *policy.Decision, satisfied *policy.Satisfied, now time.Time, posture string) {
	in := input{action: f.action, number: f.number, now: now, form: f}
	f.policy.ask(&in, posture, d, satisfied)
}

// write writes what stands in the form.
func (f *Form) write(w *record) bool {
	b := w.fixed
	known := f.known
	for i := range f.lazy {
		if *f.lazy[i].at != nil {
			known |= f.lazy[i].bit
		}
	}
	le.PutUint64(b[abi.RecordKnown:], known)
	for _, word := range f.words[1:] {
		le.PutUint32(b[word.at:], word.bits)
	}
	if !f.writeStrings(w) {
		return false
	}
	for i := range f.bools {
		x := &f.bools[i]
		b[x.offset] = 0
		if *x.at {
			b[x.offset] = 1
		}
	}
	for i := range f.ints {
		x := &f.ints[i]
		le.PutUint64(b[x.offset:], uint64(*x.at))
	}
	for i := range f.wholes {
		x := &f.wholes[i]
		le.PutUint64(b[x.offset:], uint64(*x.at))
	}
	for i := range f.uints {
		x := &f.uints[i]
		le.PutUint64(b[x.offset:], *x.at)
	}
	for i := range f.doubles {
		x := &f.doubles[i]
		if *x.at-*x.at != 0 {
			w.refuse("expected a number, got NaN or an infinity")
			return w.at(x.path)
		}
		le.PutUint64(b[x.offset:], math.Float64bits(*x.at))
	}
	for i := range f.durations {
		x := &f.durations[i]
		le.PutUint64(b[x.offset:], uint64(*x.at))
	}
	return f.writeOptional(w)
}

// writeStrings writes the strings one behind the other. Where all of them are ASCII it is seen at once that they are UTF-8.
func (f *Form) writeStrings(w *record) bool {
	start := w.next
	for i := range f.strings {
		x := &f.strings[i]
		w.copy(w.fixed[x.offset:], *x.at)
	}
	if w.ascii(start) {
		return true
	}
	for i := range f.strings {
		if x := &f.strings[i]; !w.isText(*x.at) {
			return w.at(x.path)
		}
	}
	return true
}

// writeOptional writes what may be missing.
func (f *Form) writeOptional(w *record) bool {
	bits := f.words[0].bits // they are written when all are known
	for i := range f.texts {
		x := &f.texts[i]
		if *x.at == nil {
			continue
		}
		if !w.texts(w.fixed[x.offset:], *x.at, x.most) {
			return w.at(x.path)
		}
		bits |= f.present(w, x.word, x.mask)
	}
	for i := range f.times {
		x := &f.times[i]
		if x.at.IsZero() {
			continue
		}
		if !w.time(w.fixed[x.offset:], *x.at) {
			return w.at(x.path)
		}
		bits |= f.present(w, x.word, x.mask)
	}
	for i := range f.addrs {
		x := &f.addrs[i]
		if !x.at.IsValid() {
			continue
		}
		if !w.ip(w.fixed[x.offset:], *x.at) {
			return w.at(x.path)
		}
		bits |= f.present(w, x.word, x.mask)
	}
	for i := range f.prefixes {
		x := &f.prefixes[i]
		if *x.at == (netip.Prefix{}) {
			continue
		}
		if !w.cidr(w.fixed[x.offset:], *x.at) {
			return w.at(x.path)
		}
		bits |= f.present(w, x.word, x.mask)
	}
	le.PutUint32(w.fixed[abi.RecordPresence:], bits)
	for i := range f.values { // which set their bits in the record
		x := &f.values[i]
		if !w.step(x.step, *x.at) {
			return w.at(x.path)
		}
	}
	return true
}

// present sets a presence bit; it returns the bit instead, if it is of the first word.
func (f *Form) present(w *record, word, mask uint32) uint32 {
	if word == abi.RecordPresence {
		return mask
	}
	w.set(word, mask)
	return 0
}

// at notes where what was refused stands, by the path of its slot. It returns false.
func (w *record) at(path []string) bool {
	w.under(path...)
	if path[0] == "resource" { // which is among a request's signals
		w.under("signals")
	}
	return false
}
