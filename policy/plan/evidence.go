package plan

import (
	"cmp"
	"slices"
	"time"

	"github.com/rungpolicy/rung/policy"
)

// skew is how far ahead of now evidence may be dated: clocks differ. Up to it, its age is 0; beyond it, it counts for nothing.
const skew = 60 * time.Second

// age is the time since an authentication, exact over the years 0001–9999, which a time.Duration does not span.
type age struct {
	seconds int64
	nanos   int64 // 0 to 999,999,999
}

func since(now, then time.Time) age {
	s, n := now.Unix()-then.Unix(), int64(now.Nanosecond()-then.Nanosecond())
	if n < 0 {
		s, n = s-1, n+int64(time.Second)
	}
	return age{s, n}
}

func (a age) compare(b age) int {
	return cmp.Or(cmp.Compare(a.seconds, b.seconds), cmp.Compare(a.nanos, b.nanos))
}

// proof is what evidence shows of something asked for: whether it is there, and the smallest age at which it is. Evidence without a
// time proves, but has no age.
type proof struct {
	ok, aged bool
	age      age
}

// or is the better of two proofs of one thing.
func (p proof) or(q proof) proof {
	if !p.ok || q.aged && !p.aged {
		return q
	}
	if p.aged && q.aged && q.age.compare(p.age) < 0 {
		return q
	}
	return p
}

// and is the proof of two things together: as old as the older.
func (p proof) and(q proof) proof {
	both := proof{ok: p.ok && q.ok, aged: p.ok && q.ok && p.aged && q.aged}
	if both.aged {
		both.age = p.age
		if q.age.compare(p.age) > 0 {
			both.age = q.age
		}
	}
	return both
}

// within reports whether the proof is fresh enough: an age up to and including max_age.
func (p proof) within(limit policy.Seconds) bool {
	if !limit.Set {
		return p.ok
	}
	return p.ok && p.aged && p.age.compare(age{seconds: limit.N}) <= 0
}

// authentication is one that counts: within the time limits.
type authentication struct {
	level int // that its acr proves; 0: none
	amr   policy.Texts
	date  proof // ok
}

func (a *authentication) has(method string) bool { return a.amr.Has(method) }

func (a *authentication) hasAll(methods []string) bool {
	return !slices.ContainsFunc(methods, func(m string) bool { return !a.has(m) })
}

// evidence is what a session's authentications prove.
type evidence struct {
	authentications []authentication
	// kept says that the session keeps its authentications: the next one joins these instead of replacing them.
	kept      bool
	notBefore notBefore
	// level is the highest level proved, 0 if none; proof is that of it.
	level int
	proof proof
	// byLevel are the proofs of levels already asked for, without methods.
	byLevel []cachedProof
}

type cachedProof struct {
	known bool
	proof proof
}

// notBefore is session.not_before: older evidence is void.
type notBefore struct {
	set  bool
	time time.Time
	age  age
}

// shorten caps a requirement's max_age, so that single sign-on does not answer the challenge with what was voided.
func (n notBefore) shorten(maxAge policy.Seconds) policy.Seconds {
	if !n.set {
		return maxAge
	}
	return shorter(maxAge, policy.Seconds{Set: true, N: n.age.seconds})
}

// sessionSlots are where a policy's session keeps what evidence is made of.
type sessionSlots struct {
	signal                                int
	acr, amr, authTime, notBefore, others int
	otherACR, otherAMR, otherTime         int
	subject, enrolled                     int
}

func newSessionSlots(p *policy.Policy) sessionSlots {
	s := sessionSlots{signal: p.SignalIndex("session"), subject: p.SignalIndex("subject")}
	session, subject := p.Signals[s.signal].Type, p.Signals[s.subject].Type
	s.acr, s.amr, s.authTime = session.Slot("acr"), session.Slot("amr"), session.Slot("auth_time")
	s.notBefore, s.others = session.Slot("not_before"), session.Slot("authentications")
	other := session.Attrs[s.others].Type.Elem
	s.otherACR, s.otherAMR, s.otherTime = other.Slot("acr"), other.Slot("amr"), other.Slot("time")
	s.enrolled = subject.Slot("enrolled")
	return s
}

// attr reads an attribute, nil if it or its object is missing.
func attr(object policy.Value, slot int) policy.Value {
	if o, ok := object.(*policy.Object); ok && o != nil && slot >= 0 && slot < len(o.Attrs) {
		return o.Attrs[slot]
	}
	return nil
}

func signal(in *Input, i int) policy.Value {
	if i < len(in.Signals) {
		return in.Signals[i]
	}
	return nil
}

// read takes the session's authentications from a request and finds the highest level that they prove.
func (ev *evidence) read(pl *Plan, in *Input) {
	s := &pl.session
	session := signal(in, s.signal)
	if t, ok := policy.As[time.Time](attr(session, s.notBefore)); ok {
		if t.After(in.Now) {
			t = in.Now
		}
		ev.notBefore = notBefore{set: true, time: t, age: since(in.Now, t)}
	}
	ev.add(&pl.ladder, in.Now, attr(session, s.acr), attr(session, s.amr), attr(session, s.authTime))
	others, kept := attr(session, s.others).([]policy.Value)
	ev.kept = kept
	for _, o := range others {
		ev.add(&pl.ladder, in.Now, attr(o, s.otherACR), attr(o, s.otherAMR), attr(o, s.otherTime))
	}
	ev.byLevel = slices.Grow(ev.byLevel[:0], len(pl.ladder.rungs))[:len(pl.ladder.rungs)]
	clear(ev.byLevel)
	for level := len(pl.ladder.rungs); level > 0; level-- {
		if p := ev.proves(&pl.ladder, level); p.ok {
			ev.level, ev.proof = level, p
			break
		}
	}
}

// reset makes the evidence ready for another request; it keeps no reference to this one's values.
func (ev *evidence) reset() {
	clear(ev.authentications)
	ev.authentications, ev.byLevel = ev.authentications[:0], ev.byLevel[:0]
	ev.kept, ev.notBefore, ev.level, ev.proof = false, notBefore{}, 0, proof{}
}

// add takes an authentication in, unless it is dated too far ahead or before session.not_before. With a not_before, one
// without a time counts for nothing.
func (ev *evidence) add(l *ladder, now time.Time, acr, amr, date policy.Value) {
	var a authentication
	name, _ := policy.As[string](acr)
	a.level = l.acrs[name] // no level has an empty one
	a.amr, _ = policy.TextsOf(amr)
	if a.level == 0 && a.amr.Len() == 0 {
		return // it proves nothing
	}
	a.date.ok = true
	t, dated := policy.As[time.Time](date)
	switch {
	case dated && t.After(now.Add(skew)), dated && ev.notBefore.set && t.Before(ev.notBefore.time), !dated && ev.notBefore.set:
		return
	case dated && t.After(now):
		a.date.aged = true
	case dated:
		a.date.aged, a.date.age = true, since(now, t)
	}
	ev.authentications = append(ev.authentications, a)
}

// meets reports whether one piece of evidence meets a rule's level, max_age and methods together. A rule has one group of methods at most.
func (ev *evidence) meets(l *ladder, r *requirement) bool {
	if len(r.groups) == 0 {
		return ev.proves(l, r.level).within(r.maxAge)
	}
	p := ev.byACR(r.level, r.groups[0])
	for _, method := range r.groups[0] {
		for i := range l.at(r.level).sets {
			p = p.or(ev.byAMR(&l.at(r.level).sets[i], method))
		}
	}
	return p.within(r.maxAge)
}

// proves is the proof of a level, methods aside.
func (ev *evidence) proves(l *ladder, level int) proof {
	if len(ev.authentications) == 0 {
		return proof{}
	}
	cached := &ev.byLevel[level-1]
	if !cached.known {
		p := ev.byACR(level, nil)
		for i := range l.at(level).sets {
			p = p.or(ev.byAMR(&l.at(level).sets[i], ""))
		}
		*cached = cachedProof{known: true, proof: p}
	}
	return cached.proof
}

// byACR is the proof by one authentication's acr, and one of the methods in its amr, if methods are asked for.
func (ev *evidence) byACR(level int, methods []string) proof {
	var p proof
	for i := range ev.authentications {
		a := &ev.authentications[i]
		if a.level < level {
			continue
		}
		if len(methods) == 0 || slices.ContainsFunc(methods, a.has) {
			p = p.or(a.date)
		}
	}
	return p
}

// byAMR is the proof by an amr set, and a method, if one is asked for (else ""): each method at its freshest, from one
// authentication or several. Words for a ceremony say something of the authentication they stand in: a set that has one is
// of one alone, and a method that is one is of the same as the set.
func (ev *evidence) byAMR(set *methodSet, method string) proof {
	var p proof
	switch {
	case ceremony(method):
		for i := range ev.authentications {
			if a := &ev.authentications[i]; a.hasAll(set.methods) && a.has(method) {
				p = p.or(a.date)
			}
		}
		return p
	case set.ceremony:
		for i := range ev.authentications {
			if a := &ev.authentications[i]; a.hasAll(set.methods) {
				p = p.or(a.date)
			}
		}
	default:
		p = ev.freshest(set.methods[0])
		for _, m := range set.methods[1:] {
			p = p.and(ev.freshest(m))
		}
	}
	if method != "" {
		p = p.and(ev.freshest(method))
	}
	return p
}

func (ev *evidence) freshest(method string) proof {
	var p proof
	for i := range ev.authentications {
		if a := &ev.authentications[i]; a.has(method) {
			p = p.or(a.date)
		}
	}
	return p
}

// ceremony reports whether an amr value (RFC 8176) describes how an authentication went rather than a thing that the subject has.
func ceremony(method string) bool {
	switch method {
	case "mfa", "mca", "user", "rba", "geo":
		return true
	}
	return false
}

// satisfied is the highest level that the session meets with no max_age, written to s; nil at level 0.
func (ev *evidence) satisfied(l *ladder, s *policy.Satisfied) *policy.Satisfied {
	if ev.level == 0 {
		return nil
	}
	s.Level = l.at(ev.level).Name
	if ev.proof.aged {
		s.Age = policy.Seconds{Set: true, N: ev.proof.age.seconds}
	}
	return s
}

// reachable says whether the subject's enrolled methods can meet a requirement. It is unknown where they are not given, or
// where neither the level nor a higher one has amr sets; where the level itself has none it is never No.
func (x *deciding) reachable(r *requirement) policy.Tristate {
	level, s := x.plan.ladder.at(r.level), &x.plan.session
	enrolled, given := policy.TextsOf(attr(signal(&x.in, s.subject), s.enrolled))
	if !given || len(level.enrollable) == 0 {
		return policy.Unknown
	}
	possible := slices.ContainsFunc(level.enrollable, func(set []string) bool {
		return !slices.ContainsFunc(set, func(m string) bool { return !enrolled.Has(m) })
	})
	for _, group := range r.groups {
		possible = possible && slices.ContainsFunc(group, func(m string) bool { return ceremony(m) || enrolled.Has(m) })
	}
	switch {
	case possible:
		return policy.Yes
	case level.own > 0:
		return policy.No
	}
	return policy.Unknown
}
