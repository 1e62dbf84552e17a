package rung

import (
	"encoding/json"
	"reflect"
	"sort"
	"strconv"
	"time"

	"github.com/rungpolicy/rung/policy"
)

// anyReader reads what is of type `any`: there the Go value says what it is, as JSON would.
type anyReader struct {
	depth     int // of the nesting, if the value is a list or map
	sensitive bool
}

func (a anyReader) read(x *reading, v reflect.Value) (policy.Value, *refusal) {
	if isNil(v) {
		return nil, nil
	}
	return a.value(x, v, a.depth)
}

func (a anyReader) value(x *reading, v reflect.Value, depth int) (policy.Value, *refusal) {
	for hops := 0; v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer; hops++ {
		if hops > policy.MaxNesting {
			return nil, tooDeep()
		}
		v = v.Elem()
	}
	if !v.IsValid() || v.Type() == typeNull {
		return policy.Null{}, nil
	}
	if noAny(v.Type()) != "" {
		return nil, refuse("expected a value of JSON")
	}
	switch v.Kind() {
	case reflect.Bool:
		return v.Bool(), nil
	case reflect.String:
		if v.Type() == typeNumber {
			return readNumber(x, v)
		}
		return readString(x, v)
	case reflect.Float32, reflect.Float64:
		return readFloat(x, v)
	case reflect.Slice, reflect.Array:
		return a.list(x, v, depth)
	case reflect.Map:
		return a.mapping(x, v, depth)
	}
	if v.CanInt() {
		return float64(v.Int()), nil
	}
	return float64(v.Uint()), nil
}

// tooDeep is also the end of a list or map that holds itself.
func tooDeep() *refusal {
	return &refusal{
		message: "lists and objects are nested " + strconv.Itoa(policy.MaxNesting+1) + " deep; at most " + strconv.Itoa(policy.MaxNesting) + " are allowed", holder: true,
	}
}

func (a anyReader) under(bad *refusal, name string) *refusal {
	if a.sensitive {
		bad.path, bad.holder = "", false
		return bad
	}
	return bad.under(name)
}

func (a anyReader) list(x *reading, v reflect.Value, depth int) (policy.Value, *refusal) {
	if v.Kind() == reflect.Slice && v.IsNil() {
		return policy.Null{}, nil
	}
	n := v.Len()
	if depth > policy.MaxNesting {
		return nil, tooDeep()
	}
	if bad := x.entries(n, policy.MaxAnyEntries); bad != nil {
		return nil, bad
	}
	out := make([]policy.Value, n)
	for i := range out {
		e, bad := a.value(x, v.Index(i), depth+1)
		if bad != nil {
			return nil, a.under(bad, strconv.Itoa(i))
		}
		out[i] = e
	}
	return out, nil
}

func (a anyReader) mapping(x *reading, v reflect.Value, depth int) (policy.Value, *refusal) {
	if v.IsNil() {
		return policy.Null{}, nil
	}
	n := v.Len()
	if depth > policy.MaxNesting {
		return nil, tooDeep()
	}
	if bad := x.entries(n, policy.MaxAnyEntries); bad != nil {
		return nil, bad
	}
	m := &policy.Map{Keys: make([]string, 0, n), Values: make([]policy.Value, 0, n)}
	for it := v.MapRange(); it.Next(); {
		key := it.Key().String()
		if bad := x.text(key); bad != nil {
			return nil, bad
		}
		e, bad := a.value(x, it.Value(), depth+1)
		if bad != nil {
			return nil, a.under(bad, key)
		}
		m.Keys, m.Values = append(m.Keys, key), append(m.Values, e)
	}
	sort.Sort((*byKey)(m))
	return m, nil
}

// readNumber reads a json.Number as a double.
func readNumber(x *reading, v reflect.Value) (policy.Value, *refusal) {
	f, err := json.Number(v.String()).Float64()
	if err != nil {
		return nil, refuse("the value is not a number, or beyond the range of double")
	}
	return readFloat(x, reflect.ValueOf(f))
}

var (
	typeNull     = reflect.TypeFor[policy.Null]()
	typeNumber   = reflect.TypeFor[json.Number]()
	typeTime     = reflect.TypeFor[time.Time]()
	typeDuration = reflect.TypeFor[time.Duration]()
)

// noAny says why values of a Go type cannot be of type `any`; "" if they can, as far as the type alone shows.
func noAny(g reflect.Type) string {
	switch g {
	case typeDuration:
		return "`any` is JSON, which has no durations: declare the attribute as duration"
	case typeNull:
		return ""
	}
	switch g.Kind() {
	case reflect.Bool, reflect.String, reflect.Interface,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64:
		return ""
	case reflect.Slice, reflect.Array:
		if g.Elem().Kind() == reflect.Uint8 {
			return "`any` is JSON, which has no bytes: declare the attribute as bytes"
		}
		return ""
	case reflect.Map:
		if g.Key().Kind() == reflect.String {
			return ""
		}
		return "a map in `any` has string keys"
	case reflect.Struct:
		if g == typeTime {
			return "`any` is JSON, which has no times: declare the attribute as timestamp"
		}
		return "`any` is JSON: use a map, or declare the attribute as object"
	}
	return "`any` takes what JSON has"
}

// noAnyIn is noAny of a type and of all that it holds. A type that holds itself ends where it comes again.
func noAnyIn(g reflect.Type, seen ...reflect.Type) string {
	for _, s := range seen {
		if s == g {
			return ""
		}
	}
	seen = append(seen, g)
	switch g.Kind() {
	case reflect.Pointer:
		return noAnyIn(g.Elem(), seen...)
	case reflect.Slice, reflect.Array, reflect.Map:
		if why := noAny(g); why != "" {
			return why
		}
		return noAnyIn(g.Elem(), seen...)
	}
	return noAny(g)
}
