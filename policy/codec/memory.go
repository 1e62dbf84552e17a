package codec

import (
	"net/netip"
	"time"

	"github.com/rungpolicy/rung/policy"
)

// Decoder reads requests as [DecodeRequest] does, but into memory that it uses again, with values by their address: see
// [policy.Value]. It serves one goroutine at a time.
type Decoder struct{ decoder }

// NewDecoder returns a Decoder for requests to a policy.
func NewDecoder(p *policy.Policy, o Options) *Decoder {
	return &Decoder{decoder{policy: p, options: o, reuse: true}}
}

// Decode reads a request. It is good until Forget, which comes before the next.
func (d *Decoder) Decode(text []byte) (*policy.Request, *policy.RequestError) { return d.decode(text) }

// Forget ends the use of what Decode has returned: nothing of it is kept.
func (d *Decoder) Forget() { d.forget() }

// memory is what a request is built in.
type memory struct {
	request policy.Request
	signals []policy.Value
	objects arena[policy.Object]
	slots   arena[policy.Value]
	// These are for values by their address.
	ints    arena[int64]
	doubles arena[float64]
	texts   arena[string]
	times   arena[time.Time]
	addrs   arena[netip.Addr]
	lists   arena[[]string]
}

func (m *memory) reset() {
	clear(m.signals)
	m.request = policy.Request{}
	m.objects.reset()
	m.slots.reset()
	m.ints.reset()
	m.doubles.reset()
	m.texts.reset()
	m.times.reset()
	m.addrs.reset()
	m.lists.reset()
}

// arena hands out memory, zeroed. What it hands out stays where it is.
type arena[T any] struct {
	cells []T
	used  int
}

// How many cells an arena begins with, and how many it keeps for the next request: more is for requests of unusual size.
const (
	fewCells  = 16
	keptCells = 1024
)

func (a *arena[T]) take(n int) []T {
	if a.used+n > len(a.cells) {
		a.cells, a.used = make([]T, max(n, fewCells, 2*len(a.cells))), 0
	}
	out := a.cells[a.used : a.used+n : a.used+n]
	a.used += n
	return out
}

func (a *arena[T]) put(v T) *T {
	cell := &a.take(1)[0]
	*cell = v
	return cell
}

// reset takes back all that was handed out.
func (a *arena[T]) reset() {
	if len(a.cells) > keptCells {
		a.cells = nil
	}
	clear(a.cells[:min(a.used, len(a.cells))])
	a.used = 0
}

// kept is a value by its address.
func kept[T any](a *arena[T], v T, err *policy.RequestError) (policy.Value, *policy.RequestError) {
	if err != nil {
		return nil, err
	}
	return a.put(v), nil
}

// slot reads the value of a token for a slot of the request.
func (d *decoder) slot(t *policy.Type, at int) (policy.Value, *policy.RequestError) {
	if !d.reuse {
		return d.value(t, at)
	}
	switch t.Kind {
	case policy.KindInt:
		n, err := d.int(t, at)
		return kept(&d.ints, n, err)
	case policy.KindDouble:
		f, err := d.double(t, at)
		return kept(&d.doubles, f, err)
	case policy.KindString:
		s, err := d.string(t, at)
		return kept(&d.texts, s, err)
	case policy.KindTimestamp:
		moment, err := literal(d, t, at, policy.ParseTimestamp)
		return kept(&d.times, moment, err)
	case policy.KindIP:
		ip, err := literal(d, t, at, policy.ParseIP)
		return kept(&d.addrs, ip, err)
	case policy.KindList:
		if t.Elem.Kind == policy.KindString {
			return d.textList(t, at)
		}
	}
	return d.value(t, at)
}

// textList is [decoder.list] of texts, by its address.
func (d *decoder) textList(t *policy.Type, at int) (policy.Value, *policy.RequestError) {
	if d.tape[at].kind != kindList {
		return nil, d.mismatch(wanted(t), at)
	}
	if err := d.counted(at, limit(t)); err != nil {
		return nil, err
	}
	out := d.texts.take(int(d.tape[at].end))
	for i := range out {
		s, err := d.string(t.Elem, at+1+i) // a text is one token
		if err != nil {
			return nil, err
		}
		out[i] = s
	}
	return d.lists.put(out), nil
}
