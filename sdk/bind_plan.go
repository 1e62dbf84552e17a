package rung

import (
	"encoding"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"reflect"

	"github.com/rungpolicy/rung/policy"
)

// compiler makes readers, and collects what does not fit.
type compiler struct {
	policy   *policy.Policy
	action   *policy.Action
	strict   bool
	problems []problem
	// known are the fields, by their path, that some action knows.
	known map[string]bool
	// made is the reader of the struct that was made last.
	made *object
}

// problem is what does not fit.
type problem struct {
	text  string
	path  string // JSON Pointer, from where the compiler began
	field string // set if the field is unknown: it is a problem if no action knows it
}

// place is where a Go value stands.
type place struct {
	field     string // "Request.Device.ID"
	name      string // "device.id"
	path      string // "/signals/device/id", from where the compiler began
	depth     int    // of the nesting, if the value is a list or object
	top       bool   // a signal, or the resource
	sensitive bool
	dynamic   bool // found in an interface: as encoding/json would have it
	pointers  int  // that lead here
	read      reads
}

func (c *compiler) err(g reflect.Type) error {
	var out []error
	seen := map[string]bool{}
	for _, p := range c.problems {
		if p.field != "" && c.known[p.field] || seen[p.text] {
			continue
		}
		seen[p.text] = true
		out = append(out, errors.New(p.text))
	}
	if len(out) == 0 {
		return nil
	}
	return fmt.Errorf("rung: %s does not fit the policy:\n%w", g, errors.Join(out...))
}

// misfit notes that a Go type cannot be a value of a type.
func (c *compiler) misfit(at place, g reflect.Type, t *policy.Type, instead string) reader {
	text := fmt.Sprintf("%s is %s, and `%s` is %s: %s", at.field, g, at.name, outline(t), instead)
	c.problems = append(c.problems, problem{text: text, path: at.path})
	return nil
}

// outline is a type in a few words.
func outline(t *policy.Type) string {
	switch t.Kind {
	case policy.KindObject:
		return "object"
	case policy.KindList:
		return "list(" + outline(t.Elem) + ")"
	case policy.KindMap:
		return "map(" + outline(t.Elem) + ")"
	}
	return t.String()
}

// root makes the reader of requests for an action.
func (c *compiler) root(g reflect.Type, a *policy.Action, read reads) rootReader {
	c.action = a
	inner := c.request(place{field: typeName(g), read: read, depth: 2}, g)
	return func(attrs []policy.Value, x *reading, v reflect.Value) *refusal {
		bad := inner(attrs, x, v)
		if bad != nil {
			return bad.under("signals")
		}
		return nil
	}
}

func (c *compiler) request(at place, g reflect.Type) rootReader {
	switch {
	case g.Kind() == reflect.Struct && !g.Implements(typeLazy):
		c.made = c.fields(at, g, c.signals())
		return c.made.into
	case g.Kind() == reflect.Map && g.Key().Kind() == reflect.String:
		return c.entries(at, g, c.signals()).into
	case g.Kind() == reflect.Interface:
		return c.dynamicRoot(at)
	case g.Kind() == reflect.Pointer && at.pointers < policy.MaxNesting:
		at.pointers++
		inner := c.request(at, g.Elem())
		return func(attrs []policy.Value, x *reading, v reflect.Value) *refusal {
			if v.IsNil() {
				return &refusal{message: "there is no request", whole: true}
			}
			return inner(attrs, x, v.Elem())
		}
	}
	c.problem(at, fmt.Sprintf("%s is %s: a request is a struct, or a map with string keys", at.field, g))
	return nil
}

func typeName(g reflect.Type) string {
	for g.Kind() == reflect.Pointer {
		g = g.Elem()
	}
	if g.Name() == "" {
		return "request"
	}
	return g.Name()
}

var (
	typeLazy     = reflect.TypeFor[lazy]()
	typeMarshals = reflect.TypeFor[encoding.TextMarshaler]()
	typeAddr     = reflect.TypeFor[netip.Addr]()
	typeNetIP    = reflect.TypeFor[net.IP]()
	typePrefix   = reflect.TypeFor[netip.Prefix]()
)

// value makes the reader of a Go type for a type; nil if it does not fit, which is then noted.
func (c *compiler) value(at place, g reflect.Type, t *policy.Type) reader {
	switch {
	case g.Implements(typeLazy) && g.Kind() == reflect.Struct:
		return c.lazy(at, g, t)
	case g.Kind() == reflect.Pointer:
		return c.pointer(at, g, t)
	case g.Kind() == reflect.Interface:
		return c.dynamic(at, t)
	case g == typeNull:
		null := at.top || t.Kind == policy.KindAny
		return func(*reading, reflect.Value) (policy.Value, *refusal) {
			if null {
				return policy.Null{}, nil
			}
			return nil, nil
		}
	}
	switch t.Kind {
	case policy.KindObject:
		return c.object(at, g, t)
	case policy.KindList:
		return c.list(at, g, t)
	case policy.KindMap:
		return c.keyed(at, g, t)
	case policy.KindAny:
		if why := noAnyIn(g); why != "" {
			return c.misfit(at, g, t, why)
		}
		return anyReader{depth: at.depth, sensitive: at.sensitive}.read
	}
	if r := c.scalar(at, g, t); r != nil {
		return r
	}
	return c.misfit(at, g, t, wanted[t.Kind])
}

// wanted says which Go types a type takes.
var wanted = map[policy.Kind]string{
	policy.KindBool:      "use a bool",
	policy.KindInt:       "use an integer",
	policy.KindUint:      "use an integer",
	policy.KindDouble:    "use a float or an integer",
	policy.KindString:    "use a string, or a type with MarshalText",
	policy.KindBytes:     "use []byte",
	policy.KindTimestamp: "use time.Time",
	policy.KindDuration:  "use time.Duration",
	policy.KindIP:        "use netip.Addr, net.IP or a string",
	policy.KindCIDR:      "use netip.Prefix or a string",
}

// scalar makes the reader of a type without parts; nil if the Go type does not fit.
func (c *compiler) scalar(at place, g reflect.Type, t *policy.Type) reader {
	switch t.Kind {
	case policy.KindBool:
		if g.Kind() == reflect.Bool {
			return readBool
		}
	case policy.KindInt, policy.KindUint, policy.KindDouble:
		return c.number(at, g, t.Kind)
	case policy.KindString:
		switch {
		case g.Kind() == reflect.String:
			return readString
		case g.Implements(typeMarshals) && g != typeTime:
			return readMarshaled
		}
	case policy.KindBytes:
		switch {
		case (g.Kind() == reflect.Slice || g.Kind() == reflect.Array) && g.Elem() == reflect.TypeFor[byte]() && g != typeNetIP:
			return readBytes
		case g.Kind() == reflect.String && at.dynamic:
			return textReader(policy.ParseBytes)
		}
	case policy.KindTimestamp:
		switch {
		case g == typeTime:
			return readTime
		case g.Kind() == reflect.String && at.dynamic:
			return textReader(policy.ParseTimestamp)
		}
	case policy.KindDuration:
		switch {
		case g == typeDuration:
			return readDuration
		case g.Kind() == reflect.String && at.dynamic:
			return textReader(policy.ParseDuration)
		}
	case policy.KindIP:
		switch {
		case g == typeAddr:
			return readAddr
		case g == typeNetIP:
			return readNetIP
		case g.Kind() == reflect.String:
			return textReader(policy.ParseIP)
		}
	case policy.KindCIDR:
		switch {
		case g == typePrefix:
			return readPrefix
		case g.Kind() == reflect.String:
			return textReader(parseCIDR)
		}
	}
	return nil
}

// number makes the reader of an int, uint or double.
func (c *compiler) number(at place, g reflect.Type, k policy.Kind) reader {
	if g == typeDuration {
		return nil // of which unit?
	}
	if g.Kind() == reflect.String && at.dynamic {
		return readTextNumber(g, k)
	}
	zero := reflect.Zero(g)
	switch {
	case k == policy.KindDouble && zero.CanFloat():
		return readFloat
	case k == policy.KindInt && zero.CanInt():
		return readInt
	case k == policy.KindUint && zero.CanUint():
		return readUint
	case k == policy.KindInt && zero.CanUint():
		return readUintAsInt
	case k == policy.KindUint && zero.CanInt():
		return readIntAsUint
	case k == policy.KindDouble && zero.CanInt():
		return readIntAsFloat
	case k == policy.KindDouble && zero.CanUint():
		return readUintAsFloat
	case k == policy.KindInt && zero.CanFloat() && at.dynamic:
		return readFloatAsInt
	case k == policy.KindUint && zero.CanFloat() && at.dynamic:
		return readFloatAsUint
	}
	return nil
}

// readTextNumber reads an integer that is text, and any json.Number.
func readTextNumber(g reflect.Type, k policy.Kind) reader {
	switch {
	case k == policy.KindInt:
		return textReader(policy.ParseInt)
	case k == policy.KindUint:
		return textReader(policy.ParseUint)
	case g == typeNumber:
		return readNumber
	}
	return nil
}

func readMarshaled(x *reading, v reflect.Value) (policy.Value, *refusal) {
	text, err := v.Interface().(encoding.TextMarshaler).MarshalText()
	if err != nil {
		return nil, refuse("the value has no text")
	}
	s := string(text)
	if bad := x.text(s); bad != nil {
		return nil, bad
	}
	return s, nil
}

// lazy makes the reader of a Lazy.
func (c *compiler) lazy(at place, g reflect.Type, t *policy.Type) reader {
	null := at.top || t.Kind == policy.KindAny
	asked, _ := g.FieldByName("Asked")
	value, _ := g.FieldByName("Value")
	inner := c.value(at, value.Type, t)
	return func(x *reading, v reflect.Value) (policy.Value, *refusal) {
		if !v.FieldByIndex(asked.Index).Bool() {
			return nil, nil
		}
		out, bad := inner(x, v.FieldByIndex(value.Index))
		if out == nil && null {
			out = policy.Null{}
		}
		return out, bad
	}
}

func (c *compiler) pointer(at place, g reflect.Type, t *policy.Type) reader {
	if at.pointers++; at.pointers > policy.MaxNesting {
		return c.misfit(at, g, t, "it points to itself")
	}
	inner := c.value(at, g.Elem(), t)
	return func(x *reading, v reflect.Value) (policy.Value, *refusal) {
		if v.IsNil() {
			return nil, nil
		}
		return inner(x, v.Elem())
	}
}

func (c *compiler) list(at place, g reflect.Type, t *policy.Type) reader {
	if g.Kind() != reflect.Slice && g.Kind() != reflect.Array {
		return c.misfit(at, g, t, "use a slice")
	}
	l := &list{most: limit(t), null: t.Elem.Kind == policy.KindAny, noun: noun(t.Elem)}
	if t.Elem.Kind == policy.KindString && g == reflect.TypeFor[[]string]() {
		return l.texts
	}
	l.elem = c.element(at, g.Elem(), t.Elem, "[]")
	return l.read
}

// element makes the reader of what is in a list or map.
func (c *compiler) element(at place, g reflect.Type, t *policy.Type, sign string) reader {
	in := at
	in.field, in.name, in.top, in.read, in.depth, in.pointers = at.field+sign, at.name+sign, false, nil, at.depth+1, 0
	return c.value(in, g, t)
}

// limit is the most entries that a list or map of a type may have.
func limit(t *policy.Type) int {
	if t.Max == 0 {
		return policy.DefaultMax
	}
	return t.Max
}

func (c *compiler) keyed(at place, g reflect.Type, t *policy.Type) reader {
	if g.Kind() != reflect.Map || g.Key().Kind() != reflect.String {
		return c.misfit(at, g, t, "use a map with string keys")
	}
	k := &keyed{sensitive: at.sensitive, list: list{most: limit(t), null: t.Elem.Kind == policy.KindAny, noun: noun(t.Elem)}}
	k.elem = c.element(at, g.Elem(), t.Elem, "[]")
	return k.read
}

func (c *compiler) object(at place, g reflect.Type, t *policy.Type) reader {
	switch {
	case g.Kind() == reflect.Map && g.Key().Kind() == reflect.String:
		return c.entries(at, g, c.shapeOf(at, t)).read
	case g.Kind() != reflect.Struct:
		return c.misfit(at, g, t, "use a struct")
	}
	c.made = c.fields(at, g, c.shapeOf(at, t))
	return c.made.read
}
