package host

import (
	"math"
	"net/netip"
	"strconv"
	"time"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/abi"
)

// any writes a value of type any as a cell: its tag, and the value in the form that its own type has. A request that JSON was read for holds null, bools, doubles,
// strings, lists and maps; one that a program makes may hold values of other simple types, which are what they are in the native engine too.
func (w *record) any(b []byte, v policy.Value, depth int) bool {
	payload := b[abi.AnyPayload:abi.AnySize]
	tag := func(t abi.Tag) bool {
		le.PutUint32(b[abi.AnyTag:], t)
		return true
	}
	if depth > policy.MaxNesting {
		return w.refuse("lists and objects are nested more than " + strconv.Itoa(policy.MaxNesting) + " deep")
	}
	switch v := policy.Plain(v).(type) {
	case policy.Null:
		return tag(abi.TagNull)
	case bool:
		le.PutUint64(payload, 0)
		if v {
			payload[0] = 1
		}
		return tag(abi.TagBool)
	case float64:
		le.PutUint64(payload, math.Float64bits(v))
		return tag(abi.TagDouble)
	case string:
		return tag(abi.TagString) && w.text(payload, v)
	case []policy.Value:
		return tag(abi.TagAnyList) && w.anyList(payload, v, depth)
	case *policy.Map:
		return tag(abi.TagAnyMap) && v != nil && w.anyMap(payload, v, depth)
	case int64:
		le.PutUint64(payload, uint64(v))
		return tag(abi.TagInt)
	case uint64:
		le.PutUint64(payload, v)
		return tag(abi.TagUint)
	case time.Duration:
		le.PutUint64(payload, uint64(v))
		return tag(abi.TagDuration)
	case []byte:
		return tag(abi.TagBytes) && w.bytes(payload, v)
	case time.Time:
		at, to := w.take(abi.SizeOf(policy.Timestamp), 8)
		le.PutUint64(payload, uint64(at))
		return tag(abi.TagTimestamp) && w.time(to, v)
	case netip.Addr:
		return tag(abi.TagIP) && w.ip(payload, v)
	case netip.Prefix:
		return tag(abi.TagCIDR) && w.cidr(payload, v)
	}
	return w.refuse(wrong)
}

func (w *record) anyList(b []byte, list []policy.Value, depth int) bool {
	if !w.counted(policy.DefaultMax, len(list)) {
		return false
	}
	at, to := w.take(len(list)*abi.AnySize, 8)
	le.PutUint64(b, uint64(len(list))<<32|uint64(at))
	for i, e := range list {
		if w.full() {
			break
		}
		if !w.any(to[i*abi.AnySize:], e, depth+1) {
			return w.under(strconv.Itoa(i))
		}
	}
	return true
}

func (w *record) anyMap(b []byte, m *policy.Map, depth int) bool {
	values, ok := w.keys(b, m, policy.DefaultMax, abi.AnySize, 8)
	for i, key := range m.Keys {
		if !ok || w.full() {
			break
		}
		if !w.any(values[i*abi.AnySize:], m.Values[i], depth+1) {
			return w.under(key)
		}
	}
	return ok
}
