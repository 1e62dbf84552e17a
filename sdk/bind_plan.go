package rung

import (
	"encoding"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/rungpolicy/rung/policy"
)

// binder is a Binding without its type parameter.
type binder struct {
	engine  *Engine
	actions map[string]*boundAction
	memory  sync.Pool // of *reading
}

// boundAction is how requests for one action are read.
type boundAction struct {
	name string
	// lean reads what deciding looks at; full, which is made when it is first asked for, all.
	lean rootReader
	full func() rootReader
	// desks does what lean does, for structs; nil for other types.
	desks *sync.Pool // of *desk
}

// rootReader reads a request into the signals, and the resource after them.
type rootReader func(attrs []policy.Value, x *reading, v reflect.Value) *refusal

func (b *binder) bind(e *Engine, g reflect.Type, actions []string) error {
	if e == nil || e.plan == nil {
		return errors.New("rung: there is no engine to bind to")
	}
	b.engine, b.actions = e, map[string]*boundAction{}
	b.memory.New = func() any { return new(reading) }
	bound, err := named(e.Policy(), actions)
	if err != nil {
		return err
	}
	c := &compiler{policy: e.Policy(), words: words(e.Policy()), strict: !e.read.Lenient, known: map[string]bool{}}
	read := e.reads()
	for _, a := range bound {
		made := c
		full := c.root(g, a, nil) // everything is checked, read or not
		action := &boundAction{name: a.Name, lean: full, full: func() rootReader { return full }}
		if !c.strict {
			made = &compiler{policy: c.policy, words: c.words, known: map[string]bool{}}
			action.lean = made.root(g, a, read[a])
			action.full = sync.OnceValue(func() rootReader {
				return (&compiler{policy: c.policy, words: c.words, known: map[string]bool{}}).root(g, a, nil)
			})
		}
		if fields := made.made; g.Kind() == reflect.Struct && fields != nil {
			action.desks = &sync.Pool{New: func() any { return newDesk(g, fields) }}
		}
		b.actions[a.Name] = action
	}
	return c.err(g)
}

// named are the actions of these names; all, if there are none.
func named(p *policy.Policy, names []string) ([]*policy.Action, error) {
	if len(names) == 0 {
		return p.Actions, nil
	}
	var out []*policy.Action
	for _, name := range names {
		a := p.Action(name)
		if a == nil {
			return nil, fmt.Errorf("rung: the policy declares no action `%s`", name)
		}
		out = append(out, a)
	}
	return out, nil
}

func (b *binder) decide(action string, v reflect.Value) *Decision {
	a, refused := b.action(action)
	if refused != nil {
		return &Decision{Error: refused}
	}
	if a.desks != nil {
		return b.decideAt(a, v)
	}
	x := b.memory.Get().(*reading)
	d := b.answer(&x.request, b.read(x, a, a.lean, v))
	x.reset()
	b.memory.Put(x)
	return d
}

// answer decides a request that was read, or was not.
func (b *binder) answer(r *policy.Request, refused *policy.RequestError) *Decision {
	if refused != nil {
		return &Decision{Error: refused}
	}
	return b.engine.plan.Decide(b.engine.native, r)
}

// decideAt is decide at a desk.
func (b *binder) decideAt(a *boundAction, v reflect.Value) *Decision {
	x := a.desks.Get().(*desk)
	d := b.answer(&x.request, b.readAt(x, a, v))
	x.clear()
	a.desks.Put(x)
	return d
}

func (b *binder) readAt(x *desk, a *boundAction, v reflect.Value) (refused *policy.RequestError) {
	defer func() {
		if p := recover(); p != nil {
			refused = &policy.RequestError{Code: policy.EngineError, Message: "reading the request failed"}
		}
	}()
	if bad := x.read(&x.reading, v); bad != nil {
		return bad.error()
	}
	b.fill(&x.request, a, x.attrs)
	return nil
}

func (b *binder) explain(action string, v reflect.Value) *Decision {
	a, refused := b.action(action)
	if refused != nil {
		return &Decision{Error: refused}
	}
	x := new(reading) // its values are in the trace
	if refused := b.read(x, a, a.full(), v); refused != nil {
		return &Decision{Error: refused}
	}
	return b.engine.plan.Explain(b.engine.native, &x.request)
}

func (b *binder) action(name string) (*boundAction, *policy.RequestError) {
	if a := b.actions[name]; a != nil {
		return a, nil
	}
	if b.engine == nil || b.engine.plan.Policy.Action(name) == nil {
		return nil, &policy.RequestError{Code: policy.UnknownAction, Path: "/action", Message: "the policy declares no such action"}
	}
	return nil, &policy.RequestError{Code: policy.InvalidRequest, Path: "/action", Message: "requests of this type are not bound to the action"}
}

// read fills in x.request. A panic, of a method of the request's or because it is being changed, is an error.
func (b *binder) read(x *reading, a *boundAction, read rootReader, v reflect.Value) (refused *policy.RequestError) {
	defer func() {
		if p := recover(); p != nil {
			refused = &policy.RequestError{Code: policy.EngineError, Message: "reading the request failed"}
		}
	}()
	attrs := x.slots(len(b.engine.plan.Policy.Signals) + 1)
	if bad := read(attrs, x, v); bad != nil {
		return bad.error()
	}
	b.fill(&x.request, a, attrs)
	return nil
}

// fill makes a request of its signals and the resource after them.
func (b *binder) fill(r *policy.Request, a *boundAction, attrs []policy.Value) {
	n := len(attrs) - 1
	r.Action, r.Signals, r.Resource = a.name, attrs[:n:n], attrs[n]
	r.Now, r.Posture = b.engine.clock(), b.engine.posture
}

// compiler makes readers, and collects what does not fit.
type compiler struct {
	policy   *policy.Policy
	action   *policy.Action
	strict   bool
	problems []problem
	// known are the fields, by their path, that some action knows.
	known map[string]bool
	// made is the reader of the struct that was made last.
	made  *object
	words map[string]policy.Value
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

// shape is what an object of the policy looks like to a Go value: an object type, or the request itself.
type shape struct {
	attrs []shapeAttr
	slots int
	// refused are the names that cannot be bound, and why.
	refused map[string]string
	unknown string // "no signal "
}

type shapeAttr struct {
	name      string
	slot      int
	t         *policy.Type // nil: the resource of an action that declares none
	sensitive bool
}

const hosts = "is the host's to set: a request cannot say it"

// signals is the shape of a request.
func (c *compiler) signals() shape {
	s := shape{slots: len(c.policy.Signals) + 1, unknown: "no declared signal ", refused: map[string]string{
		"now": hosts, "posture": hosts, "params": hosts, "action": "is an argument of Decide",
	}}
	for i, signal := range c.policy.Signals {
		s.attrs = append(s.attrs, shapeAttr{name: signal.Name, slot: i, t: signal.Type, sensitive: signal.Sensitive})
	}
	s.attrs = append(s.attrs, shapeAttr{name: "resource", slot: len(c.policy.Signals), t: c.action.Resource})
	return s
}

func (c *compiler) shapeOf(at place, t *policy.Type) shape {
	s := shape{slots: len(t.Attrs), unknown: "no declared attribute "}
	if at.name == "session" && at.top {
		s.refused = map[string]string{"level": "is computed from the evidence: a request cannot say it"}
	}
	for i, a := range t.Attrs {
		s.attrs = append(s.attrs, shapeAttr{name: a.Name, slot: i, t: a.Type, sensitive: at.sensitive})
	}
	return s
}

// at is the place of an attribute of what stands at p.
func (p place) at(a shapeAttr, field string) place {
	in := place{
		field: field, name: a.name, path: p.path + "/" + a.name, depth: p.depth + 1, sensitive: a.sensitive, top: p.name == "" && p.depth == 2,
	}
	if !in.top {
		in.name = p.name + "." + a.name
	}
	in.read, _ = p.read.of(a.slot)
	return in
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

// dynamic makes the reader of an interface: what is in it gets a reader when it first comes.
func (c *compiler) dynamic(at place, t *policy.Type) reader {
	at.dynamic = true
	if t.Kind == policy.KindAny {
		return anyReader{depth: at.depth, sensitive: at.sensitive}.read
	}
	types := &found[reader]{compile: func(g reflect.Type) (reader, *refusal) {
		of := &compiler{policy: c.policy, action: c.action, strict: c.strict, known: map[string]bool{}}
		in := at
		in.path = ""
		r := of.value(in, g, t)
		return r, of.refusal(t)
	}}
	return func(x *reading, v reflect.Value) (policy.Value, *refusal) {
		if v.Kind() == reflect.Interface {
			v = v.Elem()
		}
		if !v.IsValid() {
			return nil, nil
		}
		r, bad := types.of(v.Type())
		if bad != nil {
			return nil, bad
		}
		return r(x, v)
	}
}

// dynamicRoot is dynamic for the whole request.
func (c *compiler) dynamicRoot(at place) rootReader {
	action := c.action
	types := &found[rootReader]{compile: func(g reflect.Type) (rootReader, *refusal) {
		of := &compiler{policy: c.policy, action: action, strict: c.strict, known: map[string]bool{}}
		return of.request(at, g), of.refusal(&policy.Type{Kind: policy.KindObject})
	}}
	return func(attrs []policy.Value, x *reading, v reflect.Value) *refusal {
		if v.IsNil() {
			return &refusal{message: "there is no request", whole: true}
		}
		r, bad := types.of(v.Elem().Type())
		if bad != nil {
			return bad
		}
		return r(attrs, x, v.Elem())
	}
}

// found are the readers for the Go types that have come in an interface.
type found[R any] struct {
	compile func(reflect.Type) (R, *refusal)
	types   sync.Map // of reflect.Type to *foundType[R]
}

type foundType[R any] struct {
	read R
	bad  *refusal
}

func (f *found[R]) of(g reflect.Type) (R, *refusal) {
	known, ok := f.types.Load(g)
	if !ok {
		t := new(foundType[R])
		t.read, t.bad = f.compile(g)
		known, _ = f.types.LoadOrStore(g, t)
	}
	t := known.(*foundType[R])
	if t.bad != nil {
		bad := *t.bad // its path grows
		return t.read, &bad
	}
	return t.read, nil
}

// refusal is what is wrong with a type that came in a request.
func (c *compiler) refusal(t *policy.Type) *refusal {
	if len(c.problems) == 0 {
		return nil
	}
	p := c.problems[0]
	if p.path == "" {
		return &refusal{message: "expected " + noun(t) + ", got something else"}
	}
	return &refusal{message: "the value does not fit the policy", path: p.path}
}

// noun says for people what a value of a type is.
func noun(t *policy.Type) string {
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
		return "bytes"
	case policy.KindTimestamp:
		return "a timestamp"
	case policy.KindDuration:
		return "a duration"
	case policy.KindIP:
		return "an IP address"
	case policy.KindCIDR:
		return "an address range"
	case policy.KindList:
		return "a list"
	}
	return "an object"
}

func (c *compiler) list(at place, g reflect.Type, t *policy.Type) reader {
	if g.Kind() != reflect.Slice && g.Kind() != reflect.Array {
		return c.misfit(at, g, t, "use a slice")
	}
	l := c.newList(at, t)
	if plain(g, t) {
		return l.texts
	}
	l.elem = c.element(at, g.Elem(), t.Elem, "[]")
	return l.read
}

func (c *compiler) newList(at place, t *policy.Type) *list {
	l := &list{most: limit(t), null: t.Elem.Kind == policy.KindAny, noun: noun(t.Elem)}
	if isEvidence(at) {
		l.words = c.words
	}
	return l
}

// isEvidence reports whether what stands at a place is made of the ladder's words.
func isEvidence(at place) bool {
	switch at.name {
	case "session.acr", "session.amr", "session.authentications[].acr", "session.authentications[].amr", "subject.enrolled":
		return true
	}
	return false
}

// words are the values of the texts that evidence is mostly made of, acr values and methods of the policy: an allocation less for each.
func words(p *policy.Policy) map[string]policy.Value {
	out := map[string]policy.Value{}
	add := func(texts []string) {
		for _, s := range texts {
			out[s] = s
		}
	}
	for _, l := range p.Levels {
		add(l.ACR)
		for _, set := range l.AMR {
			add(set)
		}
	}
	for _, r := range p.Rules {
		add(r.Methods)
	}
	return out
}

// plain reports whether a Go type is the one that stands for a type, of those that are common.
func plain(g reflect.Type, t *policy.Type) bool {
	switch t.Kind {
	case policy.KindBool:
		return g == reflect.TypeFor[bool]()
	case policy.KindInt:
		return g == reflect.TypeFor[int64]() || g == reflect.TypeFor[int]()
	case policy.KindDouble:
		return g == reflect.TypeFor[float64]()
	case policy.KindString:
		return g == reflect.TypeFor[string]()
	case policy.KindTimestamp:
		return g == typeTime
	case policy.KindList:
		return t.Elem.Kind == policy.KindString && g == reflect.TypeFor[[]string]()
	}
	return false
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

// entries makes the reader of a map that stands for an object.
func (c *compiler) entries(at place, g reflect.Type, s shape) *mapped {
	m := &mapped{known: map[string]bool{}, slots: s.slots, strict: c.strict, sensitive: at.sensitive, unknown: s.unknown}
	for name, why := range s.refused {
		if name == "level" { // in the signals, the others are unknown ones
			m.computed, m.said = name, "`session.level` "+why
		}
	}
	for _, a := range s.attrs {
		in := at.at(a, at.field+"["+a.name+"]")
		if a.t == nil {
			m.computed, m.said = a.name, c.noResource()
			continue
		}
		if s.refused[a.name] != "" {
			continue
		}
		m.known[a.name] = true
		if _, read := at.read.of(a.slot); !read {
			continue
		}
		r := c.value(in, g.Elem(), a.t)
		key := reflect.ValueOf(a.name).Convert(g.Key())
		m.attrs = append(m.attrs, mappedAttr{name: a.name, key: key, slot: a.slot, null: in.top || a.t.Kind == policy.KindAny, read: r})
	}
	return m
}

func (c *compiler) noResource() string {
	return "the action `" + c.action.Name + "` declares no resource"
}

// fields makes the reader of a struct.
func (c *compiler) fields(at place, g reflect.Type, s shape) *object {
	o := &object{slots: s.slots}
	taken := map[string]string{}
	c.embedded(at, g, s, o, nil, taken)
	return o
}

func (c *compiler) embedded(at place, g reflect.Type, s shape, o *object, outer []int, taken map[string]string) {
	for i := range g.NumField() {
		f := g.Field(i)
		field := at.field + "." + f.Name
		tag, tagged := f.Tag.Lookup("rung")
		if tag == "-" {
			continue
		}
		if inner, ok := embeds(f, tagged); ok && len(outer) < policy.MaxNesting {
			c.embedded(at, inner, s, o, append(slices.Clone(outer), i), taken)
			continue
		}
		if !f.IsExported() {
			if tagged {
				c.problem(at, field+" is not exported, so its tag is of no use")
			}
			continue
		}
		name, omitZero, bad := parseTag(tag)
		if bad != "" {
			c.problem(at, field+bad)
			continue
		}
		a, known := c.attr(at, field, f.Name, name, s)
		if !known {
			continue
		}
		if other := taken[a.name]; other != "" {
			c.problem(at, fmt.Sprintf("%s and %s are both `%s`", other, field, a.name))
			continue
		}
		taken[a.name] = field
		c.field(at, f, a, o, field, outer, omitZero)
	}
}

// field makes the reader of one field, if it is read at all.
func (c *compiler) field(at place, f reflect.StructField, a shapeAttr, o *object, name string, outer []int, omitZero bool) {
	in := at.at(a, name)
	made := field{index: f.Index[0], outer: outer, slot: a.slot, name: a.name, omitZero: omitZero}
	if a.t == nil {
		if made.read = c.without(f.Type); made.read != nil {
			o.fields = append(o.fields, made)
		}
		return
	}
	if _, read := at.read.of(a.slot); !read {
		return
	}
	c.made = nil
	made.read = c.value(in, f.Type, a.t)
	if g := f.Type; g.Kind() == reflect.Struct || g.Kind() == reflect.Pointer && g.Elem().Kind() == reflect.Struct {
		if !g.Implements(typeLazy) {
			made.inner = c.made
		}
	}
	made.plain = plain(f.Type, a.t)
	if made.plain && a.t.Kind == policy.KindList {
		made.list = c.newList(in, a.t)
	} else if made.plain && isEvidence(in) {
		made.words = c.words
	}
	o.fields = append(o.fields, made)
}

// without reads the resource for an action that declares none: one that is there, but for a struct in place, which always is, is refused.
func (c *compiler) without(g reflect.Type) reader {
	switch g.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Map:
		said := c.noResource()
		return func(_ *reading, v reflect.Value) (policy.Value, *refusal) {
			if isNil(v) {
				return nil, nil
			}
			return nil, refuse(said)
		}
	}
	return nil
}

func (c *compiler) problem(at place, text string) {
	c.problems = append(c.problems, problem{text: text, path: at.path})
}

// embeds reports whether a field is an embedded struct whose fields count as the outer's.
func embeds(f reflect.StructField, tagged bool) (reflect.Type, bool) {
	if !f.Anonymous || tagged {
		return nil, false
	}
	g := f.Type
	if g.Kind() == reflect.Pointer {
		g = g.Elem()
	}
	return g, g.Kind() == reflect.Struct && !g.Implements(typeLazy) && g != typeTime && g != typeAddr && g != typePrefix
}

// parseTag reads a tag: a name, and the option omitzero.
func parseTag(tag string) (name string, omitZero bool, bad string) {
	name, options, some := strings.Cut(tag, ",")
	if !some {
		return name, false, ""
	}
	for option := range strings.SplitSeq(options, ",") {
		if option != "omitzero" {
			return "", false, " has the option `" + option + "` in its tag; there is `omitzero` alone"
		}
	}
	return name, true, ""
}

// attr finds what a field stands for.
func (c *compiler) attr(at place, field, goName, tag string, s shape) (shapeAttr, bool) {
	is := func(name string) bool { return name == tag }
	if tag == "" {
		folded := fold(goName)
		is = func(name string) bool { return fold(name) == folded }
	}
	for name, why := range s.refused {
		if is(name) {
			c.problem(at, fmt.Sprintf("%s: `%s` %s; leave it out with the tag `rung:\"-\"`", field, name, why))
			return shapeAttr{}, false
		}
	}
	var out []shapeAttr
	for _, a := range s.attrs {
		if is(a.name) {
			out = append(out, a)
		}
	}
	switch {
	case len(out) > 1:
		c.problem(at, fmt.Sprintf("%s may be `%s` or `%s`: say which with a tag", field, out[0].name, out[1].name))
		return shapeAttr{}, false
	case len(out) == 0 || out[0].t == nil:
		name := tag
		if tag == "" {
			name = goName
		}
		if c.strict {
			text := fmt.Sprintf("%s: %s`%s`; leave it out with the tag `rung:\"-\"`", field, "there is "+s.unknown, name)
			c.problems = append(c.problems, problem{text: text, path: at.path + "/" + name, field: field})
		}
		if len(out) == 0 {
			return shapeAttr{}, false
		}
	default:
		c.known[field] = true
	}
	return out[0], true
}

// fold is a name without case and underscores.
func fold(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "")) }
