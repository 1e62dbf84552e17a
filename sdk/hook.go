package rung

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/codec"
)

// WithHook sets who is told of every decision, but for those of Explain: for a log, for metrics. He is called before the decision is returned, by the goroutine that asked,
// so what takes long he hands on. A panic of his is dropped, and what he does to the event changes nothing.
//
// With a hook, decisions of a [Binding] go the longer way, as what a log is to have is a request.
func WithHook(tell func(*Event)) Option {
	return func(o *options) {
		if tell != nil {
			o.hooks = append(o.hooks, tell)
		}
	}
}

// WithMaskKey has values of sensitive signals stand in events as a keyed hash, so that equal ones can be told to be equal. Without a key they are left out.
func WithMaskKey(key []byte) Option {
	return func(o *options) { o.maskKey = slices.Clone(key) }
}

// Event is a decision that was taken. It is good while the hook runs; what it returns may be kept.
type Event struct {
	// Context is that of DecideContext; else context.Background().
	Context context.Context
	// Decision is what was decided, by which policy.
	Decision *Decision
	// Engine is what decided: "native", "wasm" or "both".
	Engine string
	// Time is the moment that was decided for, Took how long it took, providers included.
	Time time.Time
	Took time.Duration
	// Params is a hash of the values that the host has set; "" if it has set none.
	Params string
	// Fetched are the lazy signals that were asked for.
	Fetched []Fetch

	mu      sync.Mutex
	request *Request
	policy  *policy.Policy
	key     []byte
	id      func() string
}

// ID is a name for the decision that no other has: a UUID of version 7, which sorts by time. All hooks that are told of the decision have the same.
func (e *Event) ID() string {
	if e.id == nil { // of an event that somebody has made for a test
		return newID(time.Now())
	}
	return e.id()
}

// Request is the request as JSON, and the paths in it whose values are sensitive. Of those only "(sensitive)" is there, or a keyed hash, see
// [WithMaskKey]. Of a struct it has what decisions look at. It is nil if the request could not be read.
func (e *Event) Request() (text []byte, masked []string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.request == nil {
		return nil, nil
	}
	w := masker{policy: e.policy, key: e.key}
	return w.request(e.request), w.masked
}

// end ends the event: the request's memory is used again.
func (e *Event) end() {
	e.mu.Lock()
	e.request = nil
	e.mu.Unlock()
}

// observed decides a complete request and tells the hooks.
func (s *snapshot) observed(d *Decision, r *Request) *Decision {
	began := time.Now()
	d = s.guarded(d, r)
	s.observe(context.Background(), d, r, began, nil)
	return d
}

// guarded is decide where a panic has become a deny, so that hooks are told of it.
func (s *snapshot) guarded(d *Decision, r *Request) (out *Decision) {
	defer guard(&out)
	return s.decide(d, r)
}

// observe tells the hooks of a request that was read.
func (s *snapshot) observe(ctx context.Context, d *Decision, r *Request, began time.Time, fetched []Fetch) {
	s.tellHooks(ctx, d, r, r, began, fetched)
}

// tellHooks tells the hooks, each of which gets a decision of its own. Of a request that could not be read, asked is nil, and r what is known of it.
func (s *snapshot) tellHooks(ctx context.Context, d *Decision, r, asked *Request, began time.Time, fetched []Fetch) {
	took, id := time.Since(began), sync.OnceValue(func() string { return newID(time.Now()) })
	for _, tell := range s.hooks {
		own := *d
		e := &Event{
			Context: ctx, Decision: &own, Engine: s.engineName(), Time: r.Now, Took: took, Params: s.paramsHash, Fetched: slices.Clone(fetched),
			request: asked, policy: s.plan.Policy, key: s.maskKey, id: id,
		}
		if own.Action == "" {
			own.Action = r.Action
		}
		if own.Policy == (policy.Identity{}) {
			own.Policy = identity(s.plan.Policy)
		}
		quietly(func() { tell(e) })
		e.end()
	}
}

func (l *loaded) engineName() string {
	switch l.other.(type) {
	case nil:
		return "native"
	case *compared:
		return "both"
	}
	return "wasm"
}

// hashed is a hash of the host's params; "" if it has set none.
func hashed(p *policy.Policy, params []policy.Value) string {
	if params == nil {
		return ""
	}
	sum := sha256.Sum256(appendParams(nil, p, params))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// masker writes requests without what is sensitive.
type masker struct {
	policy *policy.Policy
	key    []byte
	masked []string
}

func (m *masker) request(r *Request) []byte {
	b := append([]byte(nil), `{"action":`...)
	b = codec.AppendValue(b, r.Action)
	b = append(b, `,"signals":`...)
	b = m.signals(b, r)
	if !r.Now.IsZero() || r.HasNow {
		b = codec.AppendValue(append(b, `,"now":`...), r.Now)
	}
	if r.Posture != "" {
		b = codec.AppendValue(append(b, `,"posture":`...), r.Posture)
	}
	if r.Params != nil {
		b = appendParams(append(b, `,"params":`...), m.policy, r.Params)
	}
	return append(b, '}')
}

func (m *masker) signals(b []byte, r *Request) []byte {
	b = append(b, '{')
	comma := func(name string) {
		if b[len(b)-1] != '{' {
			b = append(b, ',')
		}
		b = append(codec.AppendValue(b, name), ':')
	}
	for i, v := range r.Signals {
		if v == nil || i >= len(m.policy.Signals) {
			continue
		}
		declared := m.policy.Signals[i]
		comma(declared.Name)
		if _, none := v.(policy.Null); declared.Sensitive && !none {
			m.masked = append(m.masked, "/signals/"+pointer(declared.Name))
			b = codec.AppendValue(b, m.mask(declared.Type, v))
			continue
		}
		b = codec.AppendTyped(b, declared.Type, v)
	}
	if a := m.policy.Action(r.Action); a != nil && r.Resource != nil {
		comma("resource")
		b = codec.AppendTyped(b, a.Resource, r.Resource)
	}
	return append(b, '}')
}

// mask is what stands for a sensitive value.
func (m *masker) mask(t *policy.Type, v policy.Value) string {
	if len(m.key) == 0 {
		return "(sensitive)"
	}
	h := hmac.New(sha256.New, m.key)
	h.Write(codec.AppendTyped(nil, t, v))
	return "hmac-sha256:" + hex.EncodeToString(h.Sum(nil))
}

// pointer is a name as a part of a JSON Pointer.
func pointer(name string) string { return strings.NewReplacer("~", "~0", "/", "~1").Replace(name) }

func appendParams(b []byte, p *policy.Policy, params []policy.Value) []byte {
	b = append(b, '{')
	for i, v := range params {
		if v == nil || i >= len(p.Params) {
			continue
		}
		if b[len(b)-1] != '{' {
			b = append(b, ',')
		}
		b = append(codec.AppendValue(b, p.Params[i].Name), ':')
		b = codec.AppendTyped(b, p.Params[i].Type, v)
	}
	return append(b, '}')
}

// newID is a UUID of version 7: RFC 9562, section 5.7.
func newID(now time.Time) string {
	var id [16]byte
	_, _ = rand.Read(id[6:]) // it never fails
	ms := uint64(now.UnixMilli())
	for i := range 6 {
		id[i] = byte(ms >> (40 - 8*i))
	}
	id[6], id[8] = id[6]&0x0f|0x70, id[8]&0x3f|0x80
	b := hex.AppendEncode(make([]byte, 0, 36), id[:4])
	for _, part := range [][]byte{id[4:6], id[6:8], id[8:10], id[10:]} {
		b = hex.AppendEncode(append(b, '-'), part)
	}
	return string(b)
}
