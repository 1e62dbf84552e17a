package host

import (
	"encoding/binary"
	"math"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/abi"
)

var le = binary.LittleEndian

// record is a request being written into an instance's memory: the fixed part first, what it points to behind it. If there is not room for all, writing goes
// on into memory of our own, so that afterwards it is known how much room it takes.
type record struct {
	// fixed is the fixed part.
	fixed []byte
	view  []byte
	// next is the address behind all that was written, end that of the end of the room.
	next, end int
	most      int
	message   string
	path      string
}

// now writes what is the host's.
func (w *record) now(now time.Time, posture uint32) bool {
	if !inRange(now) {
		w.refuse(beyond)
		return w.under("now")
	}
	b := w.fixed[:abi.RecordWords]
	le.PutUint64(b[abi.RecordSeconds:], uint64(now.Unix()))
	le.PutUint64(b[abi.RecordNanos:], uint64(now.Nanosecond()))
	le.PutUint32(b[abi.RecordPosture:], posture)
	return true
}

// guarded writes a request that somebody may change meanwhile: that must not end the program.
func (w *record) guarded(a *action, r *policy.Request) (ok bool) {
	defer func() {
		if recover() != nil {
			ok = w.refuse("the request changes while it is read")
		}
	}()
	return w.request(a, r)
}

// request writes the signals, the resource and the params of a request.
func (w *record) request(a *action, r *policy.Request) bool {
	le.PutUint32(w.fixed[abi.RecordPresence:], 0)
	le.PutUint64(w.fixed[abi.RecordKnown:], known(a, r.Signals))
	for _, at := range a.words {
		le.PutUint32(w.fixed[at:], 0)
	}
	for i := range a.signals {
		root := &a.signals[i]
		if root.index < len(r.Signals) && !w.step(&root.step, r.Signals[root.index]) {
			return w.under("signals", root.name)
		}
	}
	if a.resource != nil && !w.step(a.resource, r.Resource) {
		return w.under("signals", "resource")
	}
	for i := range a.params {
		root := &a.params[i]
		if root.index < len(r.Params) && !w.step(&root.step, r.Params[root.index]) {
			return w.under("params", root.name)
		}
	}
	return true
}

// known are the lazy signals that were looked for.
func known(a *action, signals []policy.Value) uint64 {
	var bits uint64
	for bit, i := range a.lazy {
		if i < len(signals) && signals[i] != nil {
			bits |= 1 << bit
		}
	}
	return bits
}

// refuse notes why a request cannot be written. It returns false.
func (w *record) refuse(message string) bool {
	w.message, w.path = message, ""
	return false
}

// under notes that what was refused is inside of something. It returns false.
func (w *record) under(names ...string) bool {
	escape := strings.NewReplacer("~", "~0", "/", "~1")
	for i := len(names) - 1; i >= 0; i-- {
		w.path = "/" + escape.Replace(names[i]) + w.path
	}
	return false
}

// step writes a value in its place, unless it is missing.
func (w *record) step(s *step, v policy.Value) bool {
	switch v.(type) {
	case nil:
		return true
	case policy.Null:
		if !s.nullable {
			return true
		}
	}
	if s.inner != nil || s.layout == nil {
		if !w.inside(s, v) {
			return false
		}
	}
	if s.layout != nil && !w.put(s.layout, w.fixed[s.offset:], v) {
		return false
	}
	if s.present {
		w.set(s.word, s.mask)
	}
	return true
}

func (w *record) set(word, mask uint32) {
	b := w.fixed[word:]
	le.PutUint32(b, le.Uint32(b)|mask)
}

// inside writes attributes of an object.
func (w *record) inside(s *step, v policy.Value) bool {
	o, ok := v.(*policy.Object)
	if !ok || o == nil {
		return w.refuse(wrong)
	}
	for i := range s.inner {
		in := &s.inner[i]
		if in.slot < len(o.Attrs) && !w.step(in, o.Attrs[in.slot]) {
			return w.under(in.name)
		}
	}
	return true
}

// wrong says that a value has a Go type that its type does not have.
const wrong = "the value is not of the type that the policy declares"

// scalar is the value of a slot, which may stand by its address.
func scalar[T policy.Scalar](v policy.Value) (T, bool) {
	switch v := v.(type) {
	case *T:
		if v != nil {
			return *v, true
		}
	case T:
		return v, true
	}
	var zero T
	return zero, false
}

// put writes a value in its memory form. It recurs as deep as types do.
func (w *record) put(l *layout, b []byte, v policy.Value) bool {
	switch l.kind {
	case policy.KindString:
		if s, ok := scalar[string](v); ok {
			return w.text(b, s)
		}
	case policy.KindBool:
		if x, ok := scalar[bool](v); ok {
			b[0] = 0
			if x {
				b[0] = 1
			}
			return true
		}
	case policy.KindInt:
		if n, ok := scalar[int64](v); ok {
			le.PutUint64(b, uint64(n))
			return true
		}
	case policy.KindUint:
		if n, ok := scalar[uint64](v); ok {
			le.PutUint64(b, n)
			return true
		}
	case policy.KindDouble:
		if f, ok := scalar[float64](v); ok {
			le.PutUint64(b, math.Float64bits(f))
			return true
		}
	case policy.KindDuration:
		if d, ok := scalar[time.Duration](v); ok {
			le.PutUint64(b, uint64(d))
			return true
		}
	case policy.KindTimestamp:
		if t, ok := scalar[time.Time](v); ok {
			return w.time(b, t)
		}
	case policy.KindIP:
		if a, ok := scalar[netip.Addr](v); ok {
			return w.ip(b, a)
		}
	case policy.KindCIDR:
		if p, ok := scalar[netip.Prefix](v); ok {
			return w.cidr(b, p)
		}
	case policy.KindBytes:
		if x, ok := v.([]byte); ok {
			return w.bytes(b, x)
		}
	case policy.KindAny:
		return w.any(b, v, 0)
	case policy.KindList:
		return w.list(l, b, v)
	case policy.KindMap:
		if m, ok := v.(*policy.Map); ok && m != nil {
			return w.mapping(l, b, m)
		}
	case policy.KindObject:
		if o, ok := v.(*policy.Object); ok && o != nil {
			return w.object(l, b, o)
		}
	}
	return w.refuse(wrong)
}

// take returns the address of n bytes behind what was written, and the bytes.
func (w *record) take(n, align int) (uint32, []byte) {
	at := (w.next + align - 1) &^ (align - 1)
	w.next = at + n
	if w.next <= w.end {
		return uint32(at), w.view[at:w.next:w.next]
	}
	if w.next > w.most { // it is refused when all is written
		w.next = w.most + 1
	}
	return uint32(at), make([]byte, n)
}

// full reports whether the memory has no room for what was written, however much is asked for. A list or map is not walked through
// any more then.
func (w *record) full() bool { return w.next > w.most }

func (w *record) text(b []byte, s string) bool {
	if !w.isText(s) {
		return false
	}
	w.copy(b, s)
	return true
}

// isText holds a text against what all texts are.
func (w *record) isText(s string) bool {
	if len(s) > policy.MaxStringBytes {
		return w.refuse("the string has " + strconv.Itoa(len(s)) + " bytes; at most " + strconv.Itoa(policy.MaxStringBytes) + " are allowed")
	}
	if !utf8.ValidString(s) {
		return w.refuse("the text has bytes that are not UTF-8")
	}
	return true
}

// copy writes a text that is yet to be held against what texts are.
func (w *record) copy(b []byte, s string) {
	at := w.next
	if w.next += len(s); w.next <= w.end {
		copy(w.view[at:], s)
	}
	le.PutUint64(b, uint64(len(s))<<32|uint64(at))
}

// ascii reports whether all that was written from start on is ASCII, and no more than one text may have. It may say no where there was
// no room.
func (w *record) ascii(start int) bool {
	if w.next > w.end || w.next-start > policy.MaxStringBytes {
		return false
	}
	b := w.view[start:w.next]
	var or uint64
	for len(b) >= 8 {
		or |= le.Uint64(b)
		b = b[8:]
	}
	for _, c := range b {
		or |= uint64(c)
	}
	return or&0x8080808080808080 == 0
}

// texts writes a list of texts.
func (w *record) texts(b []byte, list []string, most int) bool {
	if !w.counted(most, len(list)) {
		return false
	}
	at, to := w.take(8*len(list), 8)
	le.PutUint64(b, uint64(len(list))<<32|uint64(at))
	start := w.next
	for i, s := range list {
		if w.full() {
			return true
		}
		w.copy(to[8*i:], s)
	}
	if w.ascii(start) {
		return true
	}
	for i, s := range list {
		if !w.isText(s) {
			return w.under(strconv.Itoa(i))
		}
	}
	return true
}

func (w *record) bytes(b, x []byte) bool {
	if len(x) > policy.MaxStringBytes {
		return w.refuse("there are " + strconv.Itoa(len(x)) + " bytes; at most " + strconv.Itoa(policy.MaxStringBytes) + " are allowed")
	}
	at, to := w.take(len(x), 1)
	copy(to, x)
	le.PutUint64(b, uint64(len(x))<<32|uint64(at))
	return true
}

func (w *record) time(b []byte, t time.Time) bool {
	if !inRange(t) {
		return w.refuse(beyond)
	}
	le.PutUint64(b, uint64(t.Unix()))
	le.PutUint64(b[8:], uint64(t.Nanosecond())) // the offset from UTC is 0
	return true
}

const beyond = "the value is beyond the range of timestamp, the years 0001 to 9999 in UTC"

func (w *record) ip(b []byte, a netip.Addr) bool {
	if !a.IsValid() || a.Zone() != "" {
		return w.refuse("the value is not an IP address alone")
	}
	w.address(b, a, 0)
	return true
}

func (w *record) cidr(b []byte, p netip.Prefix) bool {
	if !p.IsValid() || p.Masked() != p || p.Addr().Is4In6() {
		return w.refuse("the value is not an address range")
	}
	bits := p.Bits()
	if p.Addr().Is4() {
		bits += 96
	}
	w.address(b, p.Addr(), byte(bits))
	return true
}

func (w *record) address(b []byte, a netip.Addr, prefix byte) {
	at, to := w.take(abi.AddressSize, 4)
	a = a.Unmap()
	to[abi.AddressFamily], to[abi.AddressPrefix], to[2], to[3] = 6, prefix, 0, 0
	if a.Is4() {
		to[abi.AddressFamily] = 4
	}
	raw := a.As16()
	copy(to[abi.AddressBytes:], raw[:])
	le.PutUint32(b, at)
}

func (w *record) list(l *layout, b []byte, v policy.Value) bool {
	switch v := v.(type) {
	case []policy.Value:
		if !w.counted(l.most, len(v)) {
			return false
		}
		to := w.elements(l, b, len(v))
		for i, e := range v {
			if w.full() {
				return true
			}
			if !w.put(l.elem, to[i*l.stride:], e) {
				return w.under(strconv.Itoa(i))
			}
		}
		return true
	case *[]string:
		if v == nil || l.elem.kind != policy.KindString {
			break
		}
		return w.texts(b, *v, l.most)
	}
	return w.refuse(wrong)
}

// elements writes a list but for its elements, whose memory it returns.
func (w *record) elements(l *layout, b []byte, n int) []byte {
	at, to := w.take(n*l.stride, l.align)
	le.PutUint64(b, uint64(n)<<32|uint64(at))
	return to
}

func (w *record) counted(most, n int) bool {
	if n > most {
		return w.refuse("there are " + strconv.Itoa(n) + " entries; at most " + strconv.Itoa(most) + " are allowed")
	}
	return true
}

func (w *record) mapping(l *layout, b []byte, m *policy.Map) bool {
	values, ok := w.keys(b, m, l.most, l.stride, l.align)
	for i, key := range m.Keys {
		if !ok || w.full() {
			break
		}
		if !w.put(l.elem, values[i*l.stride:], m.Values[i]) {
			return w.under(key)
		}
	}
	return ok
}

// keys writes a map but for its values, whose memory it returns.
func (w *record) keys(b []byte, m *policy.Map, most, stride, align int) (values []byte, ok bool) {
	n := len(m.Keys)
	if len(m.Values) != n {
		return nil, w.refuse(wrong)
	}
	if !w.counted(most, n) {
		return nil, false
	}
	at, head := w.take(abi.MapSize, 4)
	le.PutUint32(b, at)
	keysAt, keys := w.take(n*abi.MapStride, 8)
	valuesAt, values := w.take(n*stride, align)
	le.PutUint32(head[abi.MapCount:], uint32(n))
	le.PutUint32(head[abi.MapKeys:], keysAt)
	le.PutUint32(head[abi.MapValues:], valuesAt)
	for i, key := range m.Keys {
		if w.full() {
			return values, true
		}
		if i > 0 && key <= m.Keys[i-1] {
			return nil, w.refuse("the keys of the map are not in their order")
		}
		if !w.text(keys[i*abi.MapStride:], key) {
			return nil, false
		}
	}
	return values, true
}

// object writes an object whole.
func (w *record) object(l *layout, b []byte, o *policy.Object) bool {
	at, body := w.take(l.body.Size, abi.BodyAlign)
	le.PutUint32(b, at)
	clear(body[:4*l.body.Words])
	for i := range l.attrs {
		a := &l.attrs[i]
		if i >= len(o.Attrs) {
			break
		}
		switch o.Attrs[i].(type) {
		case nil:
			continue
		case policy.Null:
			if a.layout.kind != policy.KindAny {
				continue
			}
		}
		if !w.put(a.layout, body[a.offset:], o.Attrs[i]) {
			return w.under(a.name)
		}
		word := body[a.word:]
		le.PutUint32(word, le.Uint32(word)|a.mask)
	}
	return true
}
