package gen

import (
	"encoding/json"
	"time"
)

// Now is the moment of all generated requests.
var Now = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// LazySignals are the lazy signals of generated policies.
var LazySignals = []string{"risk", "score"}

// Object is a JSON object.
type Object = map[string]any

// Request is a request to a generated policy.
type Request struct {
	Action  string
	Posture string
	// Signals are those given at once, Lazy what a host would answer when it is asked for a lazy one.
	Signals, Lazy Object
	// Now is the time as text, if it is not [Now]; Params are the host's.
	Now    string
	Params Object
}

// NewRequest draws a request; anything in it may be missing or null.
func NewRequest(s *Source) *Request {
	r := &Request{Action: Pick(s, "pay.send", "read"), Posture: Pick(s, postures...)}
	at := func(d time.Duration) string { return Now.Add(-d).Format(time.RFC3339Nano) }
	when := func() any {
		return at(Pick(s, 0, time.Second, 30*time.Second, 299*time.Second, time.Hour, 48*time.Hour, -time.Second))
	}
	word := func() any { return Pick(s, words...) }
	number := func() any { return Pick(s, 0.0, 0.25, 0.5, 99.5, 100, 1e9, -1) }
	whole := func() any { return Pick[any](s, 0, 1, 3, 7, "9223372036854775807", -5) }
	truth := func() any { return s.Chance(2) }
	ip := func() any { return Pick(s, "10.1.2.3", "192.0.2.7", "2001:db8::1", "8.8.8.8", "::ffff:10.0.0.1") }
	list := func(f func() any, n int) any {
		out := []any{}
		for range s.N(n) {
			out = append(out, f())
		}
		return out
	}
	amr := func() any { return list(func() any { return Pick(s, "pwd", "otp", "sms", "hwk", "user", "pin") }, 4) }
	acr := func() any { return Pick(s, "acr:pwd", "acr:mfa", "acr:key", "acr:key2", "odd", "") }

	session := Object{"acr": acr(), "amr": amr(), "auth_time": when(), "ip": ip(), "id": word()}
	if s.Chance(3) {
		session["authentications"] = list(func() any { return Object{"acr": acr(), "amr": amr(), "time": when()} }, 4)
	}
	r.Signals = Object{
		"subject":  Object{"id": word(), "country": word(), "groups": list(word, 4), "tenure": "90m", "enrolled": amr(), "attributes": Object{"vip": truth()}},
		"session":  session,
		"device":   Object{"trusted": truth(), "managed": truth(), "os": word(), "first_seen": when()},
		"network":  Object{"ip": ip(), "country": word(), "tor": truth(), "asn": whole(), "reputation": number()},
		"behavior": Object{"failed_logins_1h": whole()},
		"cart": Object{
			"total": number(), "count": whole(), "note": word(), "extra": Pick[any](s, 1, Object{"x": "y"}, []any{nil}, nil),
			"items": list(func() any { return Object{"price": number(), "tag": word()} }, 3),
		},
		"resource": Object{"amount": number(), "owner": word(), "flag": truth()},
	}
	r.Lazy = Object{
		"score": Pick[any](s, 0.1, 0.5, 0.9, nil),
		"risk":  Pick[any](s, Object{"points": whole(), "why": list(word, 3), "seen": Object{"a": whole()}}, nil),
	}
	for range s.N(16) {
		r.Drop(s)
	}
	if s.Chance(3) {
		r.Answer("score")
	}
	return r
}

// Answer gives a lazy signal.
func (r *Request) Answer(name string) { r.Signals[name] = r.Lazy[name] }

// Drop sets a signal or an attribute to null, or leaves it out, and reports whether it was there. Of the session's authentications
// it takes attributes, or all.
func (r *Request) Drop(s *Source) bool {
	in, name := r.place(s)
	if name == "" {
		return false
	}
	v, there := in[name]
	if s.Chance(2) {
		in[name] = nil
	} else {
		delete(in, name)
	}
	return there && v != nil
}

// place draws a signal or attribute.
func (r *Request) place(s *Source) (in Object, name string) {
	in = r.Signals
	if len(r.Lazy) > 0 && s.Chance(4) {
		in = r.Lazy
	}
	name = key(s, in)
	for s.N(4) > 0 {
		switch v := in[name].(type) {
		case Object:
			if len(v) == 0 || name == "seen" { // what is in a map cannot be null
				return in, name
			}
			in, name = v, key(s, v)
		case []any:
			o, ok := pickObject(s, v)
			if !ok {
				return in, name
			}
			in, name = o, key(s, o)
		default:
			return in, name
		}
	}
	return in, name
}

func pickObject(s *Source, list []any) (Object, bool) {
	if len(list) == 0 {
		return nil, false
	}
	o, ok := list[s.N(len(list))].(Object)
	return o, ok && len(o) > 0
}

// key draws a key, "" of an empty object; maps are walked in order so that equal sources draw equal keys.
func key(s *Source, o Object) string {
	if len(o) == 0 {
		return ""
	}
	keys := sortedKeys(o)
	return keys[s.N(len(keys))]
}

// Clone is a deep copy.
func (r *Request) Clone() *Request {
	out := *r
	out.Signals, out.Lazy, out.Params = cloneObject(r.Signals), cloneObject(r.Lazy), cloneObject(r.Params)
	return &out
}

// JSON writes the request as a tool would, with now and posture.
func (r *Request) JSON() []byte {
	all := Object{"action": r.Action, "now": Now.Format(time.RFC3339Nano), "signals": r.Signals}
	if r.Now != "" {
		all["now"] = r.Now
	}
	if r.Posture != "" {
		all["posture"] = r.Posture
	}
	if len(r.Params) > 0 {
		all["params"] = r.Params
	}
	b, err := json.Marshal(all)
	if err != nil {
		panic(err) // maps, slices, text and finite numbers only
	}
	return b
}
