package codec

import (
	"net/netip"
	"sort"
	"strconv"
	"strings"

	"github.com/rungpolicy/rung/policy"
)

// value reads the value of a token by a type.
func (d *decoder) value(t *policy.Type, at int) (policy.Value, *policy.RequestError) {
	switch t.Kind {
	case policy.KindBool:
		if k := d.tape[at].kind; k == kindTrue || k == kindFalse {
			return k == kindTrue, nil
		}
		return nil, d.mismatch(wanted(t), at)
	case policy.KindInt:
		return boxed(d.int(t, at))
	case policy.KindUint:
		return boxed(d.uint(t, at))
	case policy.KindDouble:
		return boxed(d.double(t, at))
	case policy.KindString:
		return boxed(d.string(t, at))
	case policy.KindBytes:
		return boxed(literal(d, t, at, policy.ParseBytes))
	case policy.KindTimestamp:
		return boxed(literal(d, t, at, policy.ParseTimestamp))
	case policy.KindDuration:
		return boxed(literal(d, t, at, policy.ParseDuration))
	case policy.KindIP:
		return boxed(literal(d, t, at, policy.ParseIP))
	case policy.KindCIDR:
		// A bare address is for lists of the policy; a range that is sent says how long its prefix is.
		return boxed(literal(d, t, at, func(s string) (netip.Prefix, error) { return policy.ParseCIDR(s, false) }))
	case policy.KindList:
		return d.list(t, at)
	case policy.KindMap:
		return d.mapping(t, at)
	case policy.KindObject:
		return d.object(t, at)
	case policy.KindAny:
		return d.any(at)
	}
	// Null, optionals and types are there to compute with; no declaration names them.
	return nil, d.refuse(at, "a value of type "+t.String()+" cannot be sent")
}

// wanted says for people what a value of a type is in JSON.
func wanted(t *policy.Type) string {
	switch t.Kind {
	case policy.KindBool:
		return "true or false"
	case policy.KindInt, policy.KindUint:
		return "a whole number (" + t.String() + ")"
	case policy.KindDouble:
		return "a number"
	case policy.KindString:
		return "a string"
	case policy.KindBytes:
		return "a string of base64"
	case policy.KindTimestamp:
		return "a timestamp such as \"2026-11-20T12:00:00Z\""
	case policy.KindDuration:
		return "a duration such as \"90s\""
	case policy.KindIP:
		return "an IP address as a string"
	case policy.KindCIDR:
		return "an address range as a string"
	case policy.KindList:
		return "a list"
	}
	return "an object"
}

// literal reads a value that is a string in JSON.
func literal[T any](d *decoder, t *policy.Type, at int, parse func(string) (T, error)) (T, *policy.RequestError) {
	if d.tape[at].kind != kindString {
		var zero T
		return zero, d.mismatch(wanted(t), at)
	}
	v, err := parse(d.unquoted(at))
	if err != nil {
		return v, d.bad(t, at, err.Error())
	}
	return v, nil
}

// boxed makes a value of what [literal] returns.
func boxed[T any](v T, err *policy.RequestError) (policy.Value, *policy.RequestError) {
	if err != nil {
		return nil, err
	}
	return v, nil
}

// bad is the error for a value of the right kind that the type does not have. The reason may show a part of the value, so a
// sensitive signal goes without.
func (d *decoder) bad(t *policy.Type, at int, reason string) *policy.RequestError {
	if d.sensitive {
		return d.refuse(at, "expected "+wanted(t)+"; the value is none")
	}
	return d.refuse(at, d.came(at)+" is "+reason)
}

// maxWhole is how far numbers of JSON are taken for integers: beyond it, other readers round.
const maxWhole = 1 << 53

const beyondWhole = "beyond 2^53, where numbers are rounded; send it as a string"

func (d *decoder) string(t *policy.Type, at int) (string, *policy.RequestError) {
	if d.tape[at].kind != kindString {
		return "", d.mismatch(wanted(t), at)
	}
	return d.unquoted(at), nil
}

func (d *decoder) int(t *policy.Type, at int) (int64, *policy.RequestError) {
	switch tok := &d.tape[at]; tok.kind {
	case kindNumber:
		negative, n, wrong := whole(d.text[tok.start:tok.end])
		if wrong != "" {
			return 0, d.bad(t, at, wrong)
		}
		if negative {
			return -int64(n), nil
		}
		return int64(n), nil
	case kindString:
		return literal(d, t, at, policy.ParseInt)
	default:
		return 0, d.mismatch(wanted(t), at)
	}
}

func (d *decoder) uint(t *policy.Type, at int) (uint64, *policy.RequestError) {
	switch tok := &d.tape[at]; tok.kind {
	case kindNumber:
		negative, n, wrong := whole(d.text[tok.start:tok.end])
		if wrong != "" {
			return 0, d.bad(t, at, wrong)
		}
		if negative && n != 0 {
			return 0, d.bad(t, at, "below the range of uint")
		}
		return n, nil
	case kindString:
		return literal(d, t, at, policy.ParseUint)
	default:
		return 0, d.mismatch(wanted(t), at)
	}
}

// whole reads a number of JSON that is an integer of up to 2^53 in magnitude, exactly, however it is written: 5, 5.0, 1e3, 50e-1. If it
// is none, wrong says why.
func whole(s string) (negative bool, n uint64, wrong string) {
	mantissa, exponent := s, 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		mantissa, exponent = s[:i], clamped(s[i+1:])
	}
	if mantissa[0] == '-' {
		negative, mantissa = true, mantissa[1:]
	}
	// power is the power of ten of the digit at hand.
	power := len(mantissa) - 1
	if i := strings.IndexByte(mantissa, '.'); i >= 0 {
		power = i - 1
	}
	power += exponent
	for _, c := range []byte(mantissa) {
		if c == '.' {
			continue
		}
		if c != '0' {
			if power < 0 {
				return negative, 0, "not a whole number"
			}
			if power >= len(powers) {
				return negative, 0, beyondWhole
			}
			n += uint64(c-'0') * powers[power]
		}
		power--
	}
	if n > maxWhole {
		return negative, 0, beyondWhole
	}
	return negative, n, ""
}

// powers are the powers of ten below 2^53.
var powers = [...]uint64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

// clamped reads an exponent. One that is far larger than a request's length decides alone, whatever the digits: it is cut
// to what cannot overflow.
func clamped(s string) int {
	digits := strings.TrimLeft(s, "+-")
	n := 0
	for _, c := range []byte(digits) {
		n = min(n*10+int(c-'0'), 1<<30)
	}
	if s[0] == '-' {
		return -n
	}
	return n
}

func (d *decoder) double(t *policy.Type, at int) (float64, *policy.RequestError) {
	tok := &d.tape[at]
	if tok.kind != kindNumber {
		return 0, d.mismatch(wanted(t), at)
	}
	f, err := policy.ParseDouble(d.text[tok.start:tok.end])
	if err != nil { // The grammar is JSON's: only the range can be wrong. What is too small is 0.
		return 0, d.bad(t, at, "beyond the range of double")
	}
	return f, nil
}

// limit is the most entries that a list or map of a type may have.
func limit(t *policy.Type) int {
	if t.Max == 0 {
		return policy.DefaultMax
	}
	return t.Max
}

// counted returns an error if a list or object has more entries than it may.
func (d *decoder) counted(at, most int) *policy.RequestError {
	n := int(d.tape[at].end)
	if n <= most {
		return nil
	}
	return d.refuse(at, "there are "+strconv.Itoa(n)+" entries; at most "+strconv.Itoa(most)+" are allowed")
}

func (d *decoder) list(t *policy.Type, at int) (policy.Value, *policy.RequestError) {
	if d.tape[at].kind != kindList {
		return nil, d.mismatch(wanted(t), at)
	}
	if err := d.counted(at, limit(t)); err != nil {
		return nil, err
	}
	out := make([]policy.Value, d.tape[at].end)
	entry := at + 1
	for i := range out {
		v, err := d.value(t.Elem, entry)
		if err != nil {
			return nil, err
		}
		out[i] = v
		entry = int(d.tape[entry].next)
	}
	return out, nil
}

func (d *decoder) mapping(t *policy.Type, at int) (policy.Value, *policy.RequestError) {
	if d.tape[at].kind != kindObject {
		return nil, d.mismatch(wanted(t), at)
	}
	if err := d.counted(at, limit(t)); err != nil {
		return nil, err
	}
	n := int(d.tape[at].end)
	m := &policy.Map{Keys: make([]string, 0, n), Values: make([]policy.Value, 0, n)}
	for i, end := at+1, int(d.tape[at].next); i < end; i = int(d.tape[i+1].next) {
		v, err := d.value(t.Elem, i+1)
		if err != nil {
			return nil, err
		}
		m.Keys = append(m.Keys, d.unquoted(i))
		m.Values = append(m.Values, v)
	}
	if !sort.StringsAreSorted(m.Keys) {
		sort.Sort((*byKey)(m))
	}
	return m, nil
}

// byKey sorts a map's entries.
type byKey policy.Map

func (m *byKey) Len() int           { return len(m.Keys) }
func (m *byKey) Less(i, j int) bool { return m.Keys[i] < m.Keys[j] }
func (m *byKey) Swap(i, j int) {
	m.Keys[i], m.Keys[j] = m.Keys[j], m.Keys[i]
	m.Values[i], m.Values[j] = m.Values[j], m.Values[i]
}

func (d *decoder) object(t *policy.Type, at int) (policy.Value, *policy.RequestError) {
	if d.tape[at].kind != kindObject {
		return nil, d.mismatch(wanted(t), at)
	}
	o := d.newObject(t)
	for i, end := at+1, int(d.tape[at].next); i < end; i = int(d.tape[i+1].next) {
		name := d.unquoted(i)
		slot := slotOf(t, name)
		if slot < 0 {
			if d.ignores() {
				continue
			}
			return nil, d.refuse(i+1, d.noAttribute(t, name))
		}
		attr := t.Attrs[slot].Type
		if d.tape[i+1].kind == kindNull && attr.Kind != policy.KindAny {
			continue
		}
		v, err := d.slot(attr, i+1)
		if err != nil {
			return nil, err
		}
		o.Attrs[slot] = v
	}
	return o, nil
}

// newObject is policy.NewObject, out of memory that the objects of one request share: they live and die together.
func (d *decoder) newObject(t *policy.Type) *policy.Object {
	return d.objects.put(policy.Object{Attrs: d.slots.take(len(t.Attrs))})
}

// slotOf is t.Slot: for few attributes, most of which differ in length, trying each is faster.
func slotOf(t *policy.Type, name string) int {
	if len(t.Attrs) > fewNames {
		return t.Slot(name)
	}
	for i := range t.Attrs {
		if t.Attrs[i].Name == name {
			return i
		}
	}
	return -1
}

func attrName(a policy.Attr) string { return a.Name }

func (d *decoder) noAttribute(t *policy.Type, name string) string {
	switch {
	case d.sensitive:
		return "an attribute is not declared"
	case t.Name == "":
		return "no attribute " + word(name) + " is declared" + likely(name, t.Attrs, attrName)
	}
	return word(t.Name) + " has no attribute " + word(name) + likely(name, t.Attrs, attrName)
}

// Inside `any`, lists and maps are as if they were declared so.
var (
	anyList = policy.ListOfMax(policy.Any, policy.MaxAnyEntries)
	anyMap  = &policy.Type{Kind: policy.KindMap, Key: policy.String, Elem: policy.Any, Max: policy.MaxAnyEntries}
)

func (d *decoder) any(at int) (policy.Value, *policy.RequestError) {
	switch d.tape[at].kind {
	case kindFalse:
		return false, nil
	case kindTrue:
		return true, nil
	case kindNumber:
		return boxed(d.double(policy.Double, at))
	case kindString:
		return d.unquoted(at), nil
	case kindList:
		return d.list(anyList, at)
	case kindObject:
		return d.mapping(anyMap, at)
	default: // null
		return policy.Null{}, nil
	}
}
