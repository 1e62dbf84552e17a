package cel

import (
	"errors"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	celext "cel.dev/cel-go/ext"

	"github.com/rungpolicy/rung/policy"
)

// This file is the way between the values of requests (package policy) and those that conditions compute with (cel-go's).
// Lists and maps of a request are wrapped, not copied.

// missing reports whether a signal or attribute is not there: docs/language.md, "Absence". Whether null is a value depends on the
// declared type.
func missing(v policy.Value, nullable bool) bool {
	switch v.(type) {
	case nil:
		return true
	case policy.Null:
		return !nullable
	}
	return false
}

// toVal returns a value of a request as conditions see it, whether it stands for itself or by its address. What is not there is null:
// look first.
func toVal(v policy.Value) ref.Val {
	switch v := v.(type) {
	case bool:
		return types.Bool(v)
	case int64:
		return types.Int(v)
	case uint64:
		return types.Uint(v)
	case float64:
		return types.Double(v)
	case string:
		return types.String(v)
	case []byte:
		return types.Bytes(v)
	case time.Time:
		return types.Timestamp{Time: v.UTC()}
	case time.Duration:
		return types.Duration{Duration: v}
	case netip.Addr:
		return celext.IP{Addr: v}
	case netip.Prefix:
		return celext.CIDR{Prefix: v}
	case []policy.Value:
		return &requestList{elems: v}
	case *policy.Map:
		return (*requestMap)(v)
	case *policy.Object:
		return (*object)(v)
	case *[]string:
		return &requestList{texts: *v}
	case ref.Val:
		return v
	}
	return addressed(v)
}

// addressed is toVal of a value that stands by its address.
func addressed(v policy.Value) ref.Val {
	switch v := v.(type) {
	case *bool:
		return types.Bool(*v)
	case *int64:
		return types.Int(*v)
	case *uint64:
		return types.Uint(*v)
	case *float64:
		return types.Double(*v)
	case *string:
		return types.String(*v)
	case *time.Time:
		return types.Timestamp{Time: v.UTC()}
	case *time.Duration:
		return types.Duration{Duration: *v}
	case *netip.Addr:
		return celext.IP{Addr: *v}
	case *netip.Prefix:
		return celext.CIDR{Prefix: *v}
	}
	return types.NullValue
}

// fromVal returns a value of a condition as a request would hold it, and its type. What requests cannot hold becomes what reads
// best in a trace: an optional its value, or null; a type its name; a map with other keys one with their texts.
func fromVal(v ref.Val) (policy.Value, *policy.Type) {
	switch v := v.(type) {
	case types.Bool:
		return bool(v), policy.Bool
	case types.Int:
		return int64(v), policy.Int
	case types.Uint:
		return uint64(v), policy.Uint
	case types.Double:
		return float64(v), policy.Double
	case types.String:
		return string(v), policy.String
	case types.Bytes:
		return []byte(v), policy.Bytes
	case types.Timestamp:
		return v.Time, policy.Timestamp
	case types.Duration:
		return v.Duration, policy.Duration
	case celext.IP:
		return v.Addr, policy.IP
	case celext.CIDR:
		return v.Prefix, policy.CIDR
	case *requestList:
		return v.values(), policy.ListOf(policy.Any)
	case *requestMap:
		return plain((*policy.Map)(v)), policy.MapOf(policy.Any)
	case *object:
		return plain((*policy.Object)(v)), &policy.Type{Kind: policy.KindObject}
	case *types.Optional:
		if !v.HasValue() {
			return policy.Null{}, &policy.Type{Kind: policy.KindOptional}
		}
		inner, t := fromVal(v.GetValue())
		return inner, &policy.Type{Kind: policy.KindOptional, Elem: t}
	case traits.Lister:
		elems := make([]policy.Value, 0, sizeOf(v))
		for it := v.Iterator(); it.HasNext() == types.True; {
			e, _ := fromVal(it.Next())
			elems = append(elems, e)
		}
		return elems, policy.ListOf(policy.Any)
	case traits.Mapper:
		m := make(map[string]policy.Value, sizeOf(v))
		for it := v.Iterator(); it.HasNext() == types.True; {
			key := it.Next()
			m[keyText(key)], _ = fromVal(v.Get(key))
		}
		return policy.NewMap(m), policy.MapOf(policy.Any)
	case ref.Type:
		return v.TypeName(), &policy.Type{Kind: policy.KindType}
	}
	return policy.Null{}, policy.NullType
}

// plain is a value whose parts stand for themselves, all the way down.
func plain(v policy.Value) policy.Value {
	switch v := v.(type) {
	case *policy.Object:
		if v == nil {
			return v
		}
		return &policy.Object{Attrs: plainAll(v.Attrs)}
	case []policy.Value:
		return plainAll(v)
	case *policy.Map:
		return &policy.Map{Keys: v.Keys, Values: plainAll(v.Values)}
	}
	return policy.Plain(v)
}

func plainAll(values []policy.Value) []policy.Value {
	out := make([]policy.Value, len(values))
	for i, v := range values {
		out[i] = plain(v)
	}
	return out
}

func keyText(key ref.Val) string {
	if s, ok := key.(types.String); ok {
		return string(s)
	}
	return types.Format(key)
}

// sizeOf is how many entries a list or map has.
func sizeOf(v traits.Sizer) int {
	n, _ := v.Size().(types.Int)
	return int(n)
}

// adapter is for what cel-go's lists and maps want one for; their elements are already values.
var adapter types.Adapter = types.DefaultTypeAdapter

// errNative is why values of this package become no Go values: no function of the profile asks for it.
var errNative = errors.New("no conversion to a Go value")

// notValue is the part of ref.Val that is never used of things that travel as values, but are none.
type notValue struct{}

func (notValue) ConvertToNative(reflect.Type) (any, error) { return nil, errNative }
func (notValue) ConvertToType(ref.Type) ref.Val            { return types.NoSuchOverloadErr() }
func (notValue) Equal(ref.Val) ref.Val                     { return types.False }
func (notValue) Type() ref.Type                            { return types.ErrType }
func (notValue) Value() any                                { return nil }

// object is an object of a request. It is selected from, and nothing else: docs/language.md, "CEL".
type object policy.Object

func (*object) ConvertToNative(reflect.Type) (any, error) { return nil, errNative }
func (*object) ConvertToType(ref.Type) ref.Val            { return types.NoSuchOverloadErr() }
func (o *object) Equal(other ref.Val) ref.Val             { return types.Bool(ref.Val(o) == other) }
func (*object) Type() ref.Type                            { return types.DynType }
func (o *object) Value() any                              { return (*policy.Object)(o) }

// requestList is a list of a request: elems, or texts.
type requestList struct {
	elems []policy.Value
	texts []string
}

func (l *requestList) size() int { return len(l.elems) + len(l.texts) }

func (l *requestList) at(i int) ref.Val {
	if l.texts != nil {
		return types.String(l.texts[i])
	}
	return toVal(l.elems[i])
}

// values is the list as a request would hold it, of values that stand for themselves.
func (l *requestList) values() policy.Value {
	if l.texts != nil {
		return policy.Plain(&l.texts)
	}
	return plainAll(l.elems)
}

func (l *requestList) vals() []ref.Val {
	vals := make([]ref.Val, l.size())
	for i := range vals {
		vals[i] = l.at(i)
	}
	return vals
}

// Add implements traits.Adder.
func (l *requestList) Add(other ref.Val) ref.Val {
	return types.NewRefValList(adapter, l.vals()).Add(other)
}

// Contains implements traits.Container.
func (l *requestList) Contains(elem ref.Val) ref.Val {
	if s, ok := elem.(types.String); ok {
		return types.Bool(l.hasText(string(s)))
	}
	for i := range l.size() {
		if types.Equal(elem, l.at(i)) == types.True {
			return types.True
		}
	}
	return types.False
}

func (l *requestList) hasText(s string) bool {
	if l.texts != nil {
		return slices.Contains(l.texts, s)
	}
	for _, e := range l.elems {
		if t, ok := e.(string); ok && t == s {
			return true
		}
	}
	return false
}

// ConvertToNative implements ref.Val.
func (l *requestList) ConvertToNative(t reflect.Type) (any, error) {
	return types.NewRefValList(adapter, l.vals()).ConvertToNative(t)
}

// ConvertToType implements ref.Val.
func (l *requestList) ConvertToType(t ref.Type) ref.Val {
	switch t {
	case types.ListType:
		return l
	case types.TypeType:
		return types.ListType
	}
	return types.NewErr("type conversion error from '%s' to '%s'", types.ListType, t)
}

// Equal implements ref.Val.
func (l *requestList) Equal(other ref.Val) ref.Val {
	o, ok := other.(traits.Lister)
	if !ok || sizeOf(o) != l.size() {
		return types.False
	}
	for i := range l.size() {
		if types.Equal(l.at(i), o.Get(types.Int(i))) == types.False {
			return types.False
		}
	}
	return types.True
}

// Get implements traits.Indexer.
func (l *requestList) Get(index ref.Val) ref.Val {
	i, err := types.GetOrError(index)
	if err != nil {
		return types.WrapErr(err)
	}
	if i < 0 || i >= l.size() {
		return types.NewErr("index '%d' out of range in list size '%d'", i, l.size())
	}
	return l.at(i)
}

// IsZeroValue implements traits.Zeroer.
func (l *requestList) IsZeroValue() bool { return l.size() == 0 }

// Iterator implements traits.Iterable.
func (l *requestList) Iterator() traits.Iterator {
	return &iterator{n: l.size(), at: l.at}
}

// Size implements traits.Sizer.
func (l *requestList) Size() ref.Val { return types.Int(l.size()) }

// Type implements ref.Val.
func (*requestList) Type() ref.Type { return types.ListType }

// Value implements ref.Val.
func (l *requestList) Value() any { return l.vals() }

// requestMap is a map of a request.
type requestMap policy.Map

// Contains implements traits.Container.
func (m *requestMap) Contains(key ref.Val) ref.Val {
	_, ok := m.Find(key)
	return types.Bool(ok)
}

// ConvertToNative implements ref.Val.
func (*requestMap) ConvertToNative(reflect.Type) (any, error) { return nil, errNative }

// ConvertToType implements ref.Val.
func (m *requestMap) ConvertToType(t ref.Type) ref.Val {
	switch t {
	case types.MapType:
		return m
	case types.TypeType:
		return types.MapType
	}
	return types.NewErr("type conversion error from '%s' to '%s'", types.MapType, t)
}

// Equal implements ref.Val.
func (m *requestMap) Equal(other ref.Val) ref.Val {
	o, ok := other.(traits.Mapper)
	if !ok || sizeOf(o) != len(m.Keys) {
		return types.False
	}
	for i, k := range m.Keys {
		v, found := o.Find(types.String(k))
		if !found || types.Equal(toVal(m.Values[i]), v) == types.False {
			return types.False
		}
	}
	return types.True
}

// Find implements traits.Mapper.
func (m *requestMap) Find(key ref.Val) (ref.Val, bool) {
	s, ok := key.(types.String)
	if !ok {
		return nil, false
	}
	v, ok := (*policy.Map)(m).Get(string(s))
	if !ok {
		return nil, false
	}
	return toVal(v), true
}

// Get implements traits.Indexer.
func (m *requestMap) Get(key ref.Val) ref.Val {
	v, ok := m.Find(key)
	if !ok {
		return types.NewErr("no such key: %v", key)
	}
	return v
}

// IsZeroValue implements traits.Zeroer.
func (m *requestMap) IsZeroValue() bool { return len(m.Keys) == 0 }

// Iterator implements traits.Iterable.
func (m *requestMap) Iterator() traits.Iterator {
	return &iterator{n: len(m.Keys), at: func(i int) ref.Val { return types.String(m.Keys[i]) }}
}

// Size implements traits.Sizer.
func (m *requestMap) Size() ref.Val { return types.Int(len(m.Keys)) }

// Type implements ref.Val.
func (*requestMap) Type() ref.Type { return types.MapType }

// Value implements ref.Val.
func (m *requestMap) Value() any { return (*policy.Map)(m) }

// sortedMap is a map that a condition makes: cel-go's, whose lookups and equality it keeps, iterated in the order of its keys.
type sortedMap struct {
	traits.Mapper
	keys []ref.Val
}

// newSortedMap keeps entries, whose keys have passed [keyable].
func newSortedMap(entries map[ref.Val]ref.Val) *sortedMap {
	keys := make([]ref.Val, 0, len(entries))
	for k := range entries {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, compareKeys)
	return &sortedMap{Mapper: types.NewRefValMap(adapter, entries), keys: keys}
}

// Iterator implements traits.Iterable.
func (m *sortedMap) Iterator() traits.Iterator {
	return &iterator{n: len(m.keys), at: func(i int) ref.Val { return m.keys[i] }}
}

// Contains implements traits.Container.
func (m *sortedMap) Contains(key ref.Val) ref.Val {
	_, ok := m.Find(key)
	return types.Bool(ok)
}

// Find implements traits.Mapper. cel-go's panics on what Go's maps cannot hash.
func (m *sortedMap) Find(key ref.Val) (ref.Val, bool) {
	if !keyable(key) {
		return nil, false
	}
	return m.Mapper.Find(key)
}

// Get implements traits.Indexer.
func (m *sortedMap) Get(key ref.Val) ref.Val {
	v, ok := m.Find(key)
	if !ok {
		return types.NewErr("no such key: %v", key)
	}
	return v
}

// IsZeroValue implements traits.Zeroer.
func (m *sortedMap) IsZeroValue() bool { return len(m.keys) == 0 }

// keyable reports whether a value may be a map's key. cel-go takes what Go's maps take, and panics on the rest; the language
// orders bools, numbers and strings, so those it is. NaN is in no order, and is found by nothing.
func keyable(key ref.Val) bool {
	switch key := key.(type) {
	case types.Bool, types.Int, types.Uint, types.String:
		return true
	case types.Double:
		return key == key
	}
	return false
}

// notMapKey ends the message of an error for a value that is not keyable.
const notMapKey = " cannot be a map's key"

// notKey says that a value that is not keyable is none, by the name that the language has for its type.
func notKey(key ref.Val) string {
	name := key.Type().TypeName()
	switch name {
	case types.TimestampType.TypeName():
		name = "a timestamp"
	case types.DurationType.TypeName():
		name = "a duration"
	case celext.IPType.TypeName():
		name = "an ip"
	case celext.CIDRType.TypeName():
		name = "a cidr"
	case types.OptionalType.TypeName():
		name = "an optional"
	case types.NullType.TypeName():
		name = "null"
	case types.BytesType.TypeName():
		name = "bytes"
	case types.DoubleType.TypeName():
		name = "NaN"
	default: // list, map, type
		name = "a " + name
	}
	return name + notMapKey
}

// compareKeys orders keys: bools, then numbers by value, int before uint, then strings bytewise. Doubles, which the language
// does not speak of as keys, come after an equal uint.
func compareKeys(a, b ref.Val) int {
	if ra, rb := keyRank(a), keyRank(b); ra != rb {
		return ra - rb
	}
	switch a := a.(type) {
	case types.Bool:
		switch {
		case a == b.(types.Bool):
			return 0
		case bool(a):
			return 1
		}
		return -1
	case types.String:
		return strings.Compare(string(a), string(b.(types.String)))
	}
	if c, ok := a.(traits.Comparer).Compare(b).(types.Int); ok && c != 0 {
		return int(c)
	}
	return numberRank(a) - numberRank(b)
}

func keyRank(key ref.Val) int {
	switch key.(type) {
	case types.Bool:
		return 0
	case types.String:
		return 2
	}
	return 1
}

func numberRank(key ref.Val) int {
	switch key.(type) {
	case types.Int:
		return 0
	case types.Uint:
		return 1
	}
	return 2
}

// iterator implements traits.Iterator.
type iterator struct {
	notValue
	n, i int
	at   func(i int) ref.Val
}

// HasNext implements traits.Iterator.
func (it *iterator) HasNext() ref.Val { return types.Bool(it.i < it.n) }

// Next implements traits.Iterator.
func (it *iterator) Next() ref.Val {
	v := it.at(it.i)
	it.i++
	return v
}
