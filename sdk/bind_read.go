package rung

import (
	"math"
	"net/netip"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rungpolicy/rung/policy"
)

// reader makes a value of a Go value; nil if it is missing. Bind makes them, one for each field, so that no request asks
// what type it is of.
type reader func(x *reading, v reflect.Value) (policy.Value, *refusal)

// refusal is why a request is refused. Its path grows from the inside out.
type refusal struct {
	message string
	path    string
	whole   bool // the request as a whole: there is no path
	holder  bool // the value cannot be read: the path is that of what holds it
}

func refuse(message string) *refusal { return &refusal{message: message} }

// under is the refusal of a value as that of what holds it.
func (r *refusal) under(name string) *refusal {
	if r.holder {
		r.holder = false
	} else if !r.whole {
		r.path = "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name) + r.path
	}
	return r
}

func (r *refusal) error() *policy.RequestError {
	return &policy.RequestError{Code: policy.InvalidRequest, Message: r.message, Path: r.path}
}

// reading is a request being read, and the memory for it. It is reused: nothing of it is in a decision, but for those of
// Explain, which get one of their own.
type reading struct {
	request policy.Request
	objects []policy.Object
	values  []policy.Value
	// used are how many of the above hold something of this request.
	usedObjects, usedValues int
	lists                   [keptLength + 1]shelf
	// size is about the size of the request as JSON.
	size int
}

// shelf keeps lists of one length: as a value, a slice costs an allocation of its own, which is worth keeping.
type shelf struct {
	lists []keptList
	used  int
}

func (s *shelf) clear() {
	for _, l := range s.lists[:s.used] {
		clear(l.elems)
	}
	s.used = 0
	if len(s.lists) > keptLists {
		s.lists = nil
	}
}

type keptList struct {
	elems []policy.Value
	value policy.Value // elems
}

// How much memory a reading keeps for later requests. What is beyond came from a request of unusual size.
const (
	keptValues = 4096
	keptLength = 8 // of lists
	keptLists  = 64
)

// reset forgets the request, so that none of its values lives on in the pool.
func (x *reading) reset() {
	clear(x.values[:x.usedValues])
	clear(x.objects[:x.usedObjects])
	for n := range x.lists {
		if x.lists[n].used > 0 {
			x.lists[n].clear()
		}
	}
	if len(x.values) > keptValues {
		x.values = nil
	}
	if len(x.objects) > keptValues {
		x.objects = nil
	}
	x.request, x.usedObjects, x.usedValues, x.size = policy.Request{}, 0, 0, 0
}

// slots returns n missing values.
func (x *reading) slots(n int) []policy.Value {
	if x.usedValues+n > len(x.values) {
		x.values, x.usedValues = make([]policy.Value, max(64, 2*len(x.values), n)), 0
	}
	s := x.values[x.usedValues : x.usedValues+n : x.usedValues+n]
	x.usedValues += n
	return s
}

// list returns a list of n missing values, and the value that it is.
func (x *reading) list(n int) ([]policy.Value, policy.Value) {
	if n > keptLength {
		elems := x.slots(n)
		return elems, elems
	}
	s := &x.lists[n]
	if s.used == len(s.lists) {
		elems := make([]policy.Value, n)
		s.lists = append(s.lists, keptList{elems, elems})
	}
	l := s.lists[s.used]
	s.used++
	return l.elems, l.value
}

func (x *reading) object(n int) *policy.Object {
	if x.usedObjects == len(x.objects) {
		x.objects, x.usedObjects = make([]policy.Object, max(8, 2*len(x.objects))), 0
	}
	o := &x.objects[x.usedObjects]
	x.usedObjects++
	o.Attrs = x.slots(n)
	return o
}

// grow counts what a value would take in JSON.
func (x *reading) grow(n int) *refusal {
	if x.size += n; x.size > policy.MaxRequestBytes {
		return &refusal{message: "the request is longer than " + strconv.Itoa(policy.MaxRequestBytes) + " bytes", whole: true}
	}
	return nil
}

// text holds a text against the rules of all texts.
func (x *reading) text(s string) *refusal {
	if len(s) > policy.MaxStringBytes {
		return refuse("the string has " + strconv.Itoa(len(s)) + " bytes; at most " + strconv.Itoa(policy.MaxStringBytes) + " are allowed")
	}
	if !utf8.ValidString(s) {
		return refuse("the text has bytes that are not UTF-8")
	}
	return x.grow(len(s))
}

// entries holds the size of a list or map against what its type says.
func (x *reading) entries(n, most int) *refusal {
	if n > most {
		return refuse("there are " + strconv.Itoa(n) + " entries; at most " + strconv.Itoa(most) + " are allowed")
	}
	return x.grow(2 * n) // an entry takes at least a comma and a digit
}

func readBool(_ *reading, v reflect.Value) (policy.Value, *refusal) { return v.Bool(), nil }

func readString(x *reading, v reflect.Value) (policy.Value, *refusal) {
	s := v.String()
	if bad := x.text(s); bad != nil {
		return nil, bad
	}
	return s, nil
}

func readInt(_ *reading, v reflect.Value) (policy.Value, *refusal) { return v.Int(), nil }

func readUint(_ *reading, v reflect.Value) (policy.Value, *refusal) { return v.Uint(), nil }

func readDuration(_ *reading, v reflect.Value) (policy.Value, *refusal) {
	return time.Duration(v.Int()), nil
}

func readUintAsInt(_ *reading, v reflect.Value) (policy.Value, *refusal) {
	n := v.Uint()
	if n > math.MaxInt64 {
		return nil, refuse("the value is beyond the range of int, -9223372036854775808 to 9223372036854775807")
	}
	return int64(n), nil
}

func readIntAsUint(_ *reading, v reflect.Value) (policy.Value, *refusal) {
	n := v.Int()
	if n < 0 {
		return nil, refuse("the value is below the range of uint")
	}
	return uint64(n), nil
}

// whole reads a float that encoding/json has made of an integer.
func whole(v reflect.Value, lowest float64) (float64, *refusal) {
	f := v.Float()
	switch {
	case f != math.Trunc(f) || math.IsInf(f, 0):
		return 0, refuse("the value is not a whole number")
	case math.Abs(f) > 1<<53:
		return 0, refuse("the value is beyond 2^53, where numbers are rounded; send it as a string")
	case f < lowest:
		return 0, refuse("the value is below the range of uint")
	}
	return f, nil
}

func readFloatAsInt(_ *reading, v reflect.Value) (policy.Value, *refusal) {
	f, bad := whole(v, math.Inf(-1))
	if bad != nil {
		return nil, bad
	}
	return int64(f), nil
}

func readFloatAsUint(_ *reading, v reflect.Value) (policy.Value, *refusal) {
	f, bad := whole(v, 0)
	if bad != nil {
		return nil, bad
	}
	return uint64(f), nil
}

func finite(f float64) *refusal {
	switch {
	case math.IsNaN(f):
		return refuse("expected a number, got NaN")
	case math.IsInf(f, 0):
		return refuse("expected a number, got an infinity")
	}
	return nil
}

func readFloat(_ *reading, v reflect.Value) (policy.Value, *refusal) {
	f := v.Float()
	if bad := finite(f); bad != nil {
		return nil, bad
	}
	return f, nil
}

func readIntAsFloat(_ *reading, v reflect.Value) (policy.Value, *refusal) {
	return float64(v.Int()), nil
}

func readUintAsFloat(_ *reading, v reflect.Value) (policy.Value, *refusal) {
	return float64(v.Uint()), nil
}

func readBytes(x *reading, v reflect.Value) (policy.Value, *refusal) {
	if v.Kind() == reflect.Slice && v.IsNil() {
		return nil, nil
	}
	n := v.Len()
	if text := (n + 2) / 3 * 4; text > policy.MaxStringBytes { // as base64
		return nil, refuse("the string has " + strconv.Itoa(text) + " bytes; at most " + strconv.Itoa(policy.MaxStringBytes) + " are allowed")
	}
	if bad := x.grow(n); bad != nil {
		return nil, bad
	}
	b := make([]byte, n)
	reflect.Copy(reflect.ValueOf(b), v)
	return b, nil
}

func readTime(_ *reading, v reflect.Value) (policy.Value, *refusal) {
	return moment(v.Interface().(time.Time))
}

func moment(t time.Time) (policy.Value, *refusal) {
	if t.IsZero() {
		return nil, nil
	}
	if s := t.Unix(); s < policy.FirstSecond || s > policy.LastSecond {
		return nil, refuse("the value is beyond the range of timestamp, the years 0001 to 9999 in UTC")
	}
	return t.UTC(), nil // without the monotonic clock, too
}

func readAddr(_ *reading, v reflect.Value) (policy.Value, *refusal) {
	return address(v.Interface().(netip.Addr))
}

func address(a netip.Addr) (policy.Value, *refusal) {
	switch {
	case !a.IsValid():
		return nil, nil
	case a.Zone() != "":
		return nil, refuse("the value is not an IP address alone: it has a zone")
	}
	return a.Unmap(), nil
}

// readNetIP is for net.IP.
func readNetIP(_ *reading, v reflect.Value) (policy.Value, *refusal) {
	if v.IsNil() {
		return nil, nil
	}
	a, ok := netip.AddrFromSlice(v.Bytes())
	if !ok {
		return nil, refuse("the value is not an IP address: it has " + strconv.Itoa(v.Len()) + " bytes, not 4 or 16")
	}
	return a.Unmap(), nil
}

func readPrefix(_ *reading, v reflect.Value) (policy.Value, *refusal) {
	boxed := v.Interface()
	p := boxed.(netip.Prefix)
	if p == (netip.Prefix{}) {
		return nil, nil
	}
	if p.Addr().Is4In6() || !p.IsValid() || p.Masked() != p {
		return parsed(p.String(), parseCIDR)
	}
	return boxed, nil
}

func parseCIDR(s string) (netip.Prefix, error) { return policy.ParseCIDR(s, false) }

// parsed reads the text form of a value.
func parsed[T any](s string, parse func(string) (T, error)) (policy.Value, *refusal) {
	v, err := parse(s)
	if err != nil {
		return nil, refuse("the value is " + err.Error())
	}
	return v, nil
}

// textReader reads strings that are the text form of something else.
func textReader[T any](parse func(string) (T, error)) reader {
	return func(x *reading, v reflect.Value) (policy.Value, *refusal) {
		if bad := x.text(v.String()); bad != nil {
			return nil, bad
		}
		return parsed(v.String(), parse)
	}
}

// object reads structs.
type object struct {
	fields []field
	slots  int
}

// field is a field of a struct that is read.
type field struct {
	index    int
	outer    []int // the embedded structs that lead to it
	slot     int
	name     string
	omitZero bool
	read     reader
	t        *policy.Type // nil: the resource of an action that declares none
	inner    *object      // what read reads by, where the field is a struct, or a pointer to one
}

func (o *object) read(x *reading, v reflect.Value) (policy.Value, *refusal) {
	out := x.object(o.slots)
	if bad := o.into(out.Attrs, x, v); bad != nil {
		return nil, bad
	}
	return out, nil
}

func (o *object) into(attrs []policy.Value, x *reading, v reflect.Value) *refusal {
	for i := range o.fields {
		f := &o.fields[i]
		in := v
		if f.outer != nil {
			if in = through(v, f.outer); !in.IsValid() {
				continue
			}
		}
		in = in.Field(f.index)
		if f.omitZero && in.IsZero() {
			continue
		}
		value, bad := f.read(x, in)
		if bad != nil {
			return bad.under(f.name)
		}
		attrs[f.slot] = value
	}
	return nil
}

// through is the embedded struct at the end of a path; invalid where a pointer on the way is nil.
func through(v reflect.Value, path []int) reflect.Value {
	for _, i := range path {
		if v = v.Field(i); v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return reflect.Value{}
			}
			v = v.Elem()
		}
	}
	return v
}

// mapped reads maps that stand for an object.
type mapped struct {
	attrs []mappedAttr // those that are read
	known map[string]bool
	slots int
	// strict refuses what the policy does not know, and unknown says so.
	strict  bool
	unknown string
	// computed is what nobody may send, "" if there is nothing, and said why.
	computed, said string
	sensitive      bool
}

type mappedAttr struct {
	name string
	key  reflect.Value
	slot int
	null bool // null is a value
	read reader
}

func (m *mapped) read(x *reading, v reflect.Value) (policy.Value, *refusal) {
	if v.IsNil() {
		return nil, nil
	}
	out := x.object(m.slots)
	if bad := m.into(out.Attrs, x, v); bad != nil {
		return nil, bad
	}
	return out, nil
}

func (m *mapped) into(attrs []policy.Value, x *reading, v reflect.Value) *refusal {
	if m.strict || m.computed != "" {
		if bad := m.check(x, v); bad != nil {
			return bad
		}
	}
	plain, isPlain := v.Interface().(map[string]any)
	for i := range m.attrs {
		a := &m.attrs[i]
		var in reflect.Value
		if isPlain {
			e, ok := plain[a.name]
			if !ok {
				continue
			}
			in = reflect.ValueOf(e)
		} else if in = v.MapIndex(a.key); !in.IsValid() {
			continue
		}
		if isNil(in) {
			if a.null {
				attrs[a.slot] = policy.Null{}
			}
			continue
		}
		value, bad := a.read(x, in)
		if bad != nil {
			return bad.under(a.name)
		}
		attrs[a.slot] = value
	}
	return nil
}

// check looks at the names. Of several that may not be there, the first in their order is refused.
func (m *mapped) check(x *reading, v reflect.Value) *refusal {
	worst, found := "", false
	for it := v.MapRange(); it.Next(); {
		name := it.Key().String()
		computed := name == m.computed && m.computed != ""
		if computed && isNil(it.Value()) || !computed && (!m.strict || m.known[name]) {
			continue
		}
		if !found || name < worst {
			worst, found = name, true
		}
	}
	switch {
	case !found:
		return nil
	case worst == m.computed:
		return refuse(m.said).under(worst)
	case m.sensitive:
		return refuse("an attribute is not declared")
	}
	if bad := x.text(worst); bad != nil {
		return bad
	}
	return refuse(m.unknown + word(worst)).under(worst)
}

// word is a name of the request as a message shows it: at most 40 characters, with escapes for what does not print.
func word(name string) string {
	n := 0
	for i := range name {
		if n++; n > 40 {
			name = name[:i] + "…"
			break
		}
	}
	q := strconv.Quote(name)
	return "`" + q[1:len(q)-1] + "`"
}

// isNil reports whether v is nothing, in an interface or not.
func isNil(v reflect.Value) bool {
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.Invalid:
		return true
	case reflect.Pointer, reflect.Map, reflect.Slice:
		return v.IsNil()
	}
	return false
}

// list reads slices and arrays.
type list struct {
	elem reader
	most int
	null bool // an element may be null
	noun string
}

func (l *list) read(x *reading, v reflect.Value) (policy.Value, *refusal) {
	if v.Kind() == reflect.Slice && v.IsNil() {
		return nil, nil
	}
	n := v.Len()
	if bad := x.entries(n, l.most); bad != nil {
		return nil, bad
	}
	elems, out := x.list(n)
	for i := range elems {
		e, bad := l.elem(x, v.Index(i))
		if bad == nil && e == nil {
			e, bad = orNull(l.null, l.noun)
		}
		if bad != nil {
			return nil, bad.under(strconv.Itoa(i))
		}
		elems[i] = e
	}
	return out, nil
}

// texts reads []string as read does.
func (l *list) texts(x *reading, v reflect.Value) (policy.Value, *refusal) {
	if v.IsNil() {
		return nil, nil
	}
	texts := v.Interface().([]string)
	if bad := x.entries(len(texts), l.most); bad != nil {
		return nil, bad
	}
	elems, out := x.list(len(texts))
	for i, s := range texts {
		if bad := x.text(s); bad != nil {
			return nil, bad.under(strconv.Itoa(i))
		}
		elems[i] = s
	}
	return out, nil
}

// orNull is what an element that is nil is.
func orNull(null bool, noun string) (policy.Value, *refusal) {
	if null {
		return policy.Null{}, nil
	}
	return nil, refuse("expected " + noun + ", got null")
}

// keyed reads maps.
type keyed struct {
	list
	sensitive bool // keys are data: they are in no path
}

func (k *keyed) read(x *reading, v reflect.Value) (policy.Value, *refusal) {
	if v.IsNil() {
		return nil, nil
	}
	n := v.Len()
	if bad := x.entries(n, k.most); bad != nil {
		return nil, bad
	}
	m := &policy.Map{Keys: make([]string, 0, n), Values: make([]policy.Value, 0, n)}
	for it := v.MapRange(); it.Next(); {
		key := it.Key().String()
		if bad := x.text(key); bad != nil {
			return nil, bad
		}
		e, bad := k.elem(x, it.Value())
		if bad == nil && e == nil {
			e, bad = orNull(k.null, k.noun)
		}
		if bad != nil && k.sensitive {
			bad.path, bad.holder = "", false
			return nil, bad
		}
		if bad != nil {
			return nil, bad.under(key)
		}
		m.Keys, m.Values = append(m.Keys, key), append(m.Values, e)
	}
	sort.Sort((*byKey)(m))
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
