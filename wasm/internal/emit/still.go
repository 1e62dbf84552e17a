package emit

import (
	"encoding/binary"
	"math"
	"net/netip"
	"time"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/abi"
	"github.com/rungpolicy/rung/wasm/internal/link"
)

// stillKey is a map or object, which are compared by where they are, and the type as which it lies in memory.
type stillKey struct {
	value policy.Value
	typ   string
}

// still is the name of data that is a constant map or object, as it lies in memory: it takes none at run time, however often it is read.
func (u *Unit) still(t *policy.Type, v policy.Value) string {
	key := stillKey{v, t.String()}
	if name, ok := u.stills[key]; ok {
		return name
	}
	d := &Data{Name: u.dataName(nil), Align: 8}
	u.stills[key] = d.Name
	switch v := v.(type) {
	case *policy.Map:
		d.Bytes = make([]byte, abi.MapSize)
		binary.LittleEndian.PutUint32(d.Bytes[abi.MapCount:], uint32(len(v.Keys)))
		keys := make([]policy.Value, len(v.Keys))
		for i, k := range v.Keys {
			keys[i] = k
		}
		u.pointRow(d, abi.MapKeys, policy.String, keys)
		u.pointRow(d, abi.MapValues, t.Elem, v.Values)
	case *policy.Object:
		body := abi.BodyOf(t)
		d.Bytes = make([]byte, body.Size)
		for i, attr := range v.Attrs {
			if attr != nil {
				field := body.Fields[i]
				d.Bytes[field.Bit/8] |= 1 << (field.Bit % 8)
				u.rest(nil, d, field.Offset, t.Attrs[i].Type, attr)
			}
		}
	}
	u.Data = append(u.Data, *d)
	return d.Name
}

// row is the name of data that is elements, one after another. Its parts are named after the list that they are of.
func (u *Unit) row(of []policy.Value, t *policy.Type, values []policy.Value) string {
	stride := abi.Stride(t)
	d := &Data{Align: 8, Bytes: make([]byte, stride*len(values))}
	for i, v := range values {
		u.rest(of, d, i*stride, t, v)
	}
	if len(d.Addresses) == 0 {
		return u.tableOf(of, d.Bytes, d.Align)
	}
	d.Name = u.dataName(of)
	u.Data = append(u.Data, *d)
	return d.Name
}

// pointRow writes the address of elements, if there are any.
func (u *Unit) pointRow(d *Data, at int, t *policy.Type, values []policy.Value) {
	if len(values) > 0 {
		d.Addresses = append(d.Addresses, link.Addr{At: at, Name: u.row(values, t, values)})
	}
}

// rest writes a value as it lies in memory, which is of a list, or of none.
func (u *Unit) rest(of []policy.Value, d *Data, at int, t *policy.Type, v policy.Value) {
	if t.Kind == policy.KindAny {
		u.restAny(of, d, at, v)
		return
	}
	le, to := binary.LittleEndian, d.Bytes[at:]
	point := func(name string) { d.Addresses = append(d.Addresses, link.Addr{At: at, Name: name}) }
	bytes := func(b string) {
		if b != "" {
			point(u.tableOf(of, []byte(b), 1))
			le.PutUint32(to[4:], uint32(len(b)))
		}
	}
	switch v := v.(type) {
	case policy.Null:
	case bool:
		to[0] = byte(flag(v))
	case int64:
		le.PutUint64(to, uint64(v))
	case uint64:
		le.PutUint64(to, v)
	case float64:
		le.PutUint64(to, math.Float64bits(v))
	case time.Duration:
		le.PutUint64(to, uint64(v))
	case time.Time:
		le.PutUint64(to, uint64(v.Unix()))
		le.PutUint64(to[8:], uint64(v.Nanosecond()))
	case string:
		bytes(v)
	case []byte:
		bytes(string(v))
	case netip.Addr:
		point(u.tableOf(of, addressBytes(v, 0), 4))
	case netip.Prefix:
		point(u.tableOf(of, prefixBytes(v), 4))
	case []policy.Value:
		u.pointRow(d, at, t.Elem, v)
		le.PutUint32(to[4:], uint32(len(v)))
	case *policy.Map, *policy.Object:
		point(u.still(t, v))
	default:
		u.fail("no data for a constant of type %s", t)
	}
}

// restAny writes a value of type any: its tag, and behind it the value, or where it lies if it takes more than eight bytes.
func (u *Unit) restAny(of []policy.Value, d *Data, at int, v policy.Value) {
	t := natural(v)
	tag, ok := abi.TagOf(t)
	if t == nil || !ok {
		u.fail("no data for a constant of type any")
		return
	}
	binary.LittleEndian.PutUint32(d.Bytes[at:], uint32(tag))
	if abi.SizeOf(t) > 8 {
		u.pointRow(d, at+abi.AnyPayload, t, []policy.Value{v})
		return
	}
	u.rest(of, d, at+abi.AnyPayload, t, v)
}
