package table

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/codec"
	"github.com/rungpolicy/rung/wasm/abi"
)

// The constant data of a module that reads JSON: what the guest's json.h declares, and the texts that it points to, with alignments of 4 and 1.
const (
	JSONData  = "rt_json"
	JSONTexts = "json.texts"
)

// JSON is what a policy's module says to the guest's reader of JSON.
type JSON struct {
	// Data and Texts are [JSONData] and [JSONTexts]; Addresses are where in Data addresses stand.
	Data, Texts []byte
	Addresses   []Address
	// Bytes and Ranges say that there are types whose values are bytes or ranges.
	Bytes, Ranges bool
}

// Kinds of types beside package policy's: the guest's json.h.
const (
	jsonLevel policy.Kind = iota + policy.KindObject + 1
	jsonResource
	jsonPosture
	jsonName
)

// What null is for an attribute.
const (
	nullIsAValue = iota
	nullOfAnyIsAValue
	nullIsMissing
)

// Sizes of the guest's structs.
const (
	typeSize   = 12
	jsonHead   = 5*typeSize + 5*4
	jsonRoot   = 32 // struct body_of_request, whose members have these offsets:
	rootUnread = 28
	signalsAt  = 4
	nowAt      = 8
	paramsAt   = 24

	lazySensitive = 0x80
	ofParams      = 0x80
)

// NewJSON makes the data out of what a module says of itself. It fails where a policy is larger than the form has room for.
func NewJSON(m *abi.Module) (*JSON, error) {
	w := &jsonWriter{JSON: &JSON{Data: make([]byte, jsonHead)}, module: m, texts: map[string]int{}, types: map[string]int{}}
	w.request()
	w.header(3*typeSize, w.actions())
	w.header(4*typeSize, w.postures())
	at := 5 * typeSize
	for _, place := range []int{w.table(w.levels()), w.groups(), w.table(words(m.Schema.Lazy)), w.table(w.places())} {
		if place < len(w.Data) { // it is not empty
			w.point(at, place)
		}
		at += 4
	}
	w.pointText(at, w.end())
	slices.SortFunc(w.Addresses, func(a, b Address) int { return a.At - b.At })
	return w.JSON, w.err
}

// jsonWriter puts the data together. A struct is written when all that it points to has its place.
type jsonWriter struct {
	*JSON
	module *abi.Module
	texts  map[string]int // by the text, its place in Texts
	types  map[string]int // by what they are, their place in Data
	// signals and params are objects that have all of them as attributes.
	signals, params *policy.Type
	anyAt           int // the place of the type any, 0: it has none yet
	err             error
}

// attr is an attribute, as the guest has it.
type attr struct {
	name string
	// to is the place of what it is of, in Data.
	to     int
	offset int
	lazy   int
}

func (w *jsonWriter) fail(format string, args ...any) {
	if w.err == nil {
		w.err = fmt.Errorf("the policy is too large for a module that reads JSON: "+format, args...)
	}
}

// u16 is a number that has room in 16 bits.
func (w *jsonWriter) u16(b []byte, n int, what string) []byte {
	if n < 0 || n > math.MaxUint16 {
		w.fail("%s is %d, more than %d", what, n, math.MaxUint16)
	}
	return order.AppendUint16(b, uint16(n))
}

// add adds to the data and returns where it stands.
func (w *jsonWriter) add(b []byte) int {
	at := len(w.Data)
	w.Data = append(w.Data, b...)
	return at
}

// point has an address stand in the data, that of a place in it.
func (w *jsonWriter) point(at, to int) {
	w.Addresses = append(w.Addresses, Address{at, JSONData, to})
}

func (w *jsonWriter) pointText(at int, text string) {
	w.Addresses = append(w.Addresses, Address{at, JSONTexts, w.text(text)})
}

// text adds a text, which ends with a byte of 0.
func (w *jsonWriter) text(s string) int {
	at, ok := w.texts[s]
	if !ok {
		at = len(w.Texts)
		w.texts[s] = at
		w.Texts = append(append(w.Texts, s...), 0)
	}
	return at
}

// table adds the addresses of texts.
func (w *jsonWriter) table(texts []string) int {
	at := w.add(make([]byte, 4*len(texts)))
	for i, s := range texts {
		w.pointText(at+4*i, s)
	}
	return at
}

// typ adds a struct type and what it points to: of is that place, -1 none.
func (w *jsonWriter) typ(kind policy.Kind, nulls, size, n, of int) int {
	key := fmt.Sprint(kind, nulls, size, n, of)
	if at, ok := w.types[key]; ok {
		return at
	}
	at := w.add(make([]byte, typeSize))
	w.types[key] = at
	w.writeType(at, kind, nulls, size, n, of)
	return at
}

func (w *jsonWriter) writeType(at int, kind policy.Kind, nulls, size, n, of int) {
	b := w.u16([]byte{byte(kind), byte(nulls)}, size, "the size of an object or element")
	copy(w.Data[at:], order.AppendUint32(b, uint32(n)))
	if of >= 0 {
		w.point(at+8, of)
	}
}

// header writes names that are looked up into the head.
func (w *jsonWriter) header(at int, attrs []attr) {
	w.writeType(at, policy.KindObject, nullIsAValue, 0, len(attrs), w.attrs(attrs))
}

// attrs adds attributes.
func (w *jsonWriter) attrs(attrs []attr) int {
	at := w.add(make([]byte, typeSize*len(attrs)))
	for i, a := range attrs {
		to := at + typeSize*i
		w.pointText(to, a.name)
		w.point(to+4, a.to)
		b := w.u16(nil, a.offset, "the offset of an attribute")
		copy(w.Data[to+8:], append(b, byte(len(a.name)), byte(a.lazy)))
		if len(a.name) > math.MaxUint8 {
			w.fail("a name has %d bytes", len(a.name))
		}
	}
	return at
}

// of adds a type of the policy.
func (w *jsonWriter) of(t *policy.Type) int {
	most := t.Max
	if most == 0 {
		most = policy.DefaultMax
	}
	switch t.Kind {
	case policy.KindList, policy.KindMap:
		return w.typ(t.Kind, 0, abi.Stride(t.Elem), most, w.of(t.Elem))
	case policy.KindAny:
		return w.any()
	case policy.KindObject:
		return w.object(t, nullOfAnyIsAValue, w.attrOf)
	case policy.KindBytes:
		w.Bytes = true
	case policy.KindCIDR:
		w.Ranges = true
	}
	return w.typ(t.Kind, 0, 0, 0, -1)
}

// any adds the type any, whose elements are of itself.
func (w *jsonWriter) any() int {
	if w.anyAt == 0 {
		w.anyAt = w.add(make([]byte, typeSize))
		w.writeType(w.anyAt, policy.KindAny, 0, abi.AnySize, policy.MaxAnyEntries, w.anyAt)
	}
	return w.anyAt
}

// object adds the type of an object, its attributes in the order of their bits.
func (w *jsonWriter) object(t *policy.Type, nulls int, of func(*policy.Attr) attr) int {
	body := abi.BodyOf(t)
	attrs := make([]attr, len(t.Attrs))
	for i, f := range body.Fields {
		a := of(&t.Attrs[i])
		a.name, a.offset = t.Attrs[i].Name, f.Offset
		attrs[f.Bit] = a
	}
	return w.typ(policy.KindObject, nulls, body.Size, len(attrs), w.attrs(attrs))
}

func (w *jsonWriter) attrOf(a *policy.Attr) attr { return attr{to: w.of(a.Type)} }

// request writes the types of requests: all members, of which a caller's text has the first two, and a host's beside it the others.
func (w *jsonWriter) request() {
	s := &w.module.Schema
	w.signals = &policy.Type{Kind: policy.KindObject, Attrs: []policy.Attr{{Name: "resource", Type: policy.ObjectOf("")}}}
	for _, g := range s.Signals {
		w.signals.Attrs = append(w.signals.Attrs, policy.Attr{Name: g.Name, Type: g.Type})
	}
	w.signals = policy.ObjectOf("", w.signals.Attrs...)
	w.params = &policy.Type{Kind: policy.KindObject}
	for _, p := range s.Params {
		w.params.Attrs = append(w.params.Attrs, policy.Attr{Name: p.Name, Type: p.Type})
	}
	members := []attr{
		{name: "action", to: w.typ(jsonName, 0, 0, 0, -1), offset: rootUnread},
		{name: "signals", to: w.object(w.signals, nullIsMissing, w.signal), offset: signalsAt},
		{name: "now", to: w.of(policy.Timestamp), offset: nowAt},
		{name: "posture", to: w.typ(jsonPosture, 0, 0, 0, -1), offset: rootUnread},
		{name: "params", to: w.object(w.params, nullIsAValue, w.attrOf), offset: paramsAt},
	}
	const callers = 2
	at := w.attrs(members)
	for i, part := range [][2]int{{0, callers}, {callers, len(members)}, {0, len(members)}} {
		w.writeType(i*typeSize, policy.KindObject, nullIsAValue, 0, part[1]-part[0], at+part[0]*typeSize)
	}
}

// signal is the attribute that a signal is of all signals, of which the resource is one.
func (w *jsonWriter) signal(a *policy.Attr) attr {
	s := &w.module.Schema
	i := s.Signal(a.Name)
	if i < 0 {
		return attr{to: w.typ(jsonResource, 0, 0, 0, -1)}
	}
	out := attr{}
	if a.Name == "session" && a.Type.Kind == policy.KindObject {
		out.to = w.object(a.Type, nullOfAnyIsAValue, func(a *policy.Attr) attr {
			if a.Name == "level" {
				return attr{to: w.typ(jsonLevel, 0, 0, 0, -1)}
			}
			return w.attrOf(a)
		})
	} else {
		out.to = w.of(a.Type)
	}
	if lazy, ok := slices.BinarySearch(s.Lazy, a.Name); ok {
		out.lazy = lazy + 1
	}
	if s.Signals[i].Sensitive {
		out.lazy |= lazySensitive
	}
	return out
}

// actions are the actions by name, each with a struct action.
func (w *jsonWriter) actions() []attr {
	rules := w.rules()
	out := make([]attr, len(w.module.Schema.Actions))
	for i := range out {
		a := &w.module.Schema.Actions[i]
		out[i] = attr{name: a.Name, to: w.action(i, a, rules)}
	}
	return out
}

func (w *jsonWriter) action(n int, a *abi.Action, rules []int) int {
	of := w.module.Outputs.Actions[n]
	list := w.add(make([]byte, 4*len(of)))
	for i, rule := range of {
		w.point(list+4*i, rules[rule])
	}
	resource := w.typ(policy.KindInvalid, 0, 0, 0, -1)
	if a.Resource != nil {
		resource = w.of(a.Resource)
	}
	slots := len(w.Data)
	for i := range a.Slots {
		w.slot(a, &a.Slots[i])
	}
	at := len(w.Data)
	for _, x := range []int{n, 0, 0, len(of), 0, a.Size, len(a.Slots), 0} {
		w.Data = order.AppendUint32(w.Data, uint32(x))
	}
	w.point(at+4, resource)
	w.pointText(at+8, `,"action":`+quoted(a.Name))
	w.point(at+16, list)
	w.point(at+28, slots)
	return at
}

// slot adds a slot, and the steps from all signals or params to where its value is read to.
func (w *jsonWriter) slot(a *abi.Action, s *abi.Slot) {
	from, path, flag := w.signals, s.Path, 0
	if path[0] == "params" {
		from, flag = w.params, ofParams
	}
	if path[0] != "resource" {
		path = path[1:]
	}
	size := 0
	if !s.Presence {
		size = abi.SizeOf(s.Type)
	}
	b := w.u16(nil, abi.PresenceOffset(s.Bit), "the offset of a presence word")
	b = w.u16(b, s.Offset, "the offset of a slot")
	b = w.u16(b, size, "the size of a slot")
	b = append(b, byte(s.Bit%32), byte(len(path)|flag))
	for i, name := range path {
		slot := from.Slot(name)
		field := abi.BodyOf(from).Fields[slot]
		b = w.u16(w.u16(b, field.Bit, "the number of an attribute"), field.Offset, "the offset of an attribute")
		from = from.Attrs[slot].Type
		if i == 0 && s.Path[0] == "resource" {
			from = a.Resource
		}
	}
	w.Data = append(w.Data, b...)
}

// rules adds all rules, and returns their places.
func (w *jsonWriter) rules() []int {
	out := make([]int, len(w.module.Outputs.Rules))
	for i := range out {
		r := &w.module.Outputs.Rules[i]
		shadow := uint32(0)
		if r.Shadow {
			shadow = 1
		}
		out[i] = w.add(order.AppendUint32(nil, shadow))
		w.add(make([]byte, 8))
		rest := `,"effect":` + quoted(r.Effect.String()) + memberIf("level", r.Level)
		if r.MaxAge.Set {
			rest += `,"max_age":` + strconv.FormatInt(r.MaxAge.N, 10)
		}
		w.pointText(out[i]+4, `{"rule":`+quoted(r.ID))
		w.pointText(out[i]+8, rest+listIf("methods", r.Methods)+memberIf("message", r.Message))
	}
	return out
}

// postures are the postures by name, the first of which is normal, each with a struct posture.
func (w *jsonWriter) postures() []attr {
	all := append([]abi.Posture{{Name: "normal"}}, w.module.Schema.Postures...)
	out := make([]attr, len(all))
	for i, p := range all {
		at := w.add(order.AppendUint32(nil, uint32(p.Rank)))
		w.add(make([]byte, 4))
		w.pointText(at+4, `,"posture":`+quoted(p.Name))
		out[i] = attr{name: p.Name, to: at}
	}
	return out
}

// levels are two texts for each level: it is asked for, and it is proved.
func (w *jsonWriter) levels() []string {
	var out []string
	for _, l := range w.module.Outputs.Levels {
		name := `{"level":` + quoted(l.Name)
		out = append(out, `,"requirement":`+name+listIf("acr_values", l.ACRValues), `,"satisfied":`+name)
	}
	return out
}

// groups adds the methods that rules ask for, each once, as a set and as it is written, in the order in which decisions have them.
func (w *jsonWriter) groups() int {
	var all [][]string
	for _, r := range w.module.Outputs.Rules {
		if len(r.Methods) > 0 {
			all = append(all, r.Methods)
		}
	}
	slices.SortFunc(all, slices.Compare)
	all = slices.CompactFunc(all, slices.Equal)
	at := len(w.Data)
	for _, methods := range all {
		text := w.add(append(order.AppendUint64(nil, Mask(w.module.Outputs.Methods, methods)), 0, 0, 0, 0)) + 8
		w.pointText(text, `{"one_of":[`+strings.Join(words(methods), ",")+"]}")
	}
	return at
}

func (w *jsonWriter) places() []string {
	if w.module.Debug == nil {
		return nil
	}
	out := make([]string, len(w.module.Debug.Places))
	for i, p := range w.module.Debug.Places {
		if p != "" { // it has one
			text := `","at":` + quoted(p)
			out[i] = text[:len(text)-1]
		}
	}
	return out
}

// end is how every decision ends.
func (w *jsonWriter) end() string {
	text := codec.AppendDecision(nil, &policy.Decision{Policy: policy.Identity{Name: w.module.Meta.Name, Version: w.module.Meta.Version, Digest: w.module.Meta.Digest}})
	return string(text[len(`{"effect":"deny"`):])
}

func quoted(s string) string { return string(codec.AppendValue(nil, s)) }

func words(texts []string) []string {
	out := make([]string, len(texts))
	for i, s := range texts {
		out[i] = quoted(s)
	}
	return out
}

func memberIf(name, value string) string {
	if value == "" {
		return ""
	}
	return `,"` + name + `":` + quoted(value)
}

func listIf(name string, values []string) string {
	if len(values) == 0 {
		return ""
	}
	return `,"` + name + `":[` + strings.Join(words(values), ",") + "]"
}
