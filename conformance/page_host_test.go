package conformance_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/bits"
	"net/netip"
	"slices"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// pageHost is a host written from docs/abi.md alone: it uses nothing of this repository. It shows that a module takes decisions by itself, and that the
// page says what somebody needs who writes one in another language. Requests are read already, and valid.
type pageHost struct {
	module  api.Module
	meta    struct{ Name, Version, Digest string }
	schema  pageSchema
	outputs pageOutputs
	places  struct{ Places []string }
}

type pageSchema struct {
	Actions  []pageAction
	Lazy     []string
	Params   []pageAttr
	Postures []struct {
		Name string
		Rank int
	}
	Signals []pageAttr
}

type pageAction struct {
	Name     string
	Resource *pageType
	Size     int
	Slots    []struct {
		Bit    int
		Offset *int
		Path   []string
	}
}

type pageOutputs struct {
	Actions [][]int
	Levels  []struct {
		ACRValues []string `json:"acr_values"`
		Name      string
	}
	Methods []string
	Rules   []map[string]any // as decisions show them, but for the names of id and shadow
}

// pageType is a type: of a simple one the Kind alone.
type pageType struct {
	Kind  string
	Elem  *pageType
	Attrs []pageAttr
}

type pageAttr struct {
	Name string
	Type pageType
}

func (t *pageType) UnmarshalJSON(text []byte) error {
	if text[0] == '"' {
		return json.Unmarshal(text, &t.Kind)
	}
	var parts struct {
		List, Map *pageType
		Object    *[]pageAttr
	}
	if err := json.Unmarshal(text, &parts); err != nil {
		return err
	}
	switch {
	case parts.List != nil:
		t.Kind, t.Elem = "list", parts.List
	case parts.Map != nil:
		t.Kind, t.Elem = "map", parts.Map
	default:
		t.Kind, t.Attrs = "object", *parts.Object
	}
	return nil
}

func openPage(ctx context.Context, r wazero.Runtime, code []byte) (*pageHost, error) {
	compiled, err := r.CompileModule(ctx, code)
	if err != nil {
		return nil, err
	}
	h := &pageHost{}
	for _, s := range compiled.CustomSections() {
		into := map[string]any{"rung.meta": &h.meta, "rung.schema": &h.schema, "rung.outputs": &h.outputs, "rung.debug": &h.places}[s.Name()]
		if into == nil {
			continue
		}
		if err := json.Unmarshal(s.Data(), into); err != nil {
			return nil, fmt.Errorf("%s: %w", s.Name(), err)
		}
	}
	h.module, err = r.InstantiateModule(ctx, compiled, wazero.NewModuleConfig().WithName(""))
	return h, err
}

// call calls an export.
func (h *pageHost) call(name string, args ...uint64) (uint32, error) {
	out, err := h.module.ExportedFunction(name).Call(context.Background(), args...)
	if err != nil {
		return 0, err
	}
	return uint32(out[0]), nil
}

// Decide answers a request: `action`, `now`, `posture`, `params` and `signals`, by their names.
func (h *pageHost) Decide(request map[string]any) (map[string]any, error) {
	number := slices.IndexFunc(h.schema.Actions, func(a pageAction) bool { return a.Name == request["action"] })
	if number < 0 {
		return map[string]any{"effect": "deny", "error": map[string]any{"code": "unknown_action", "path": "/action"}}, nil
	}
	room := 1 << 12
	for {
		base, err := h.call("begin", uint64(room))
		if err != nil || base == 0 {
			return nil, fmt.Errorf("begin(%d): %d, %w", room, base, err)
		}
		w := &pageRecord{base: base, b: make([]byte, h.schema.Actions[number].Size)}
		h.write(w, number, request)
		if len(w.b) > room {
			room = len(w.b)
			continue
		}
		h.module.Memory().Write(base, w.b)
		at, err := h.call("decide", uint64(number), uint64(base))
		if err != nil || at == 0 {
			return nil, fmt.Errorf("decide: %d, %w", at, err)
		}
		return h.read(number, at, request)
	}
}

// pageRecord is the record and what lies behind it.
type pageRecord struct {
	base uint32
	b    []byte
}

func (w *pageRecord) take(n, align int) int {
	for len(w.b)%align != 0 {
		w.b = append(w.b, 0)
	}
	w.b = append(w.b, make([]byte, n)...)
	return len(w.b) - n
}

func (w *pageRecord) u32(at int, n uint32)  { binary.LittleEndian.PutUint32(w.b[at:], n) }
func (w *pageRecord) u64(at int, n uint64)  { binary.LittleEndian.PutUint64(w.b[at:], n) }
func (w *pageRecord) address(at int) uint32 { return w.base + uint32(at) }

func (w *pageRecord) bit(words func(word int) int, b int) {
	at := words(b / 32)
	w.u32(at, binary.LittleEndian.Uint32(w.b[at:])|1<<(b%32))
}

func (h *pageHost) write(w *pageRecord, number int, request map[string]any) {
	a := &h.schema.Actions[number]
	now := request["now"].(time.Time)
	w.u64(0, uint64(now.Unix()))
	w.u64(8, uint64(now.Nanosecond()))
	for _, p := range h.schema.Postures {
		if p.Name == request["posture"] {
			w.u32(16, uint32(p.Rank))
		}
	}
	signals, _ := request["signals"].(map[string]any)
	known := uint64(0)
	for i, name := range h.schema.Lazy {
		if _, given := signals[name]; given {
			known |= 1 << i
		}
	}
	w.u64(24, known)
	presence := func(word int) int {
		if word == 0 {
			return 20
		}
		return 96 + 4*(word-1)
	}
	for _, s := range a.Slots {
		value, typ, given := h.find(request, a.Resource, s.Path)
		if !given {
			continue
		}
		if s.Offset != nil {
			w.value(*s.Offset, typ, value)
		}
		w.bit(presence, s.Bit)
	}
}

// find is the value of a path, its type, and whether it is there.
func (h *pageHost) find(request map[string]any, resource *pageType, path []string) (any, *pageType, bool) {
	in, _ := request["signals"].(map[string]any)
	var types []pageAttr
	params := false
	switch path[0] {
	case "params":
		in, _ = request["params"].(map[string]any)
		types, params = h.schema.Params, true
		path = path[1:]
	case "resource":
		types = []pageAttr{{"resource", *resource}}
	default:
		types, path = h.schema.Signals, path[1:]
	}
	var value any = in
	given := true
	t := &pageType{Kind: "object", Attrs: types}
	for _, name := range path {
		i := slices.IndexFunc(t.Attrs, func(a pageAttr) bool { return a.Name == name })
		t = &t.Attrs[i].Type
		object, _ := value.(map[string]any)
		value, given = object[name]
	}
	null := t.Kind == "any" && (len(path) > 1 || params)
	return value, t, given && (value != nil || null)
}

// layout is a type's size and alignment.
func (t *pageType) layout() (size, align int) {
	switch t.Kind {
	case "bool":
		return 1, 1
	case "ip", "cidr", "map", "object":
		return 4, 4
	case "timestamp", "any":
		return 16, 8
	}
	return 8, 8
}

// value writes a value, whose Go type is that of its type.
func (w *pageRecord) value(at int, t *pageType, value any) {
	if t.Kind == "any" {
		w.any(at, value)
		return
	}
	switch v := value.(type) {
	case bool:
		if v {
			w.b[at] = 1
		}
	case int64:
		w.u64(at, uint64(v))
	case time.Duration:
		w.u64(at, uint64(v))
	case uint64:
		w.u64(at, v)
	case float64:
		w.u64(at, math.Float64bits(v))
	case string:
		w.text(at, v)
	case []byte:
		w.text(at, string(v))
	case time.Time:
		w.u64(at, uint64(v.Unix()))
		w.u64(at+8, uint64(v.Nanosecond()))
	case netip.Addr:
		w.ip(at, v, 0)
	case netip.Prefix:
		w.ip(at, v.Addr(), byte(v.Bits()+128-v.Addr().BitLen()))
	case []any:
		size, align := t.Elem.layout()
		first := w.take(len(v)*size, align)
		w.u64(at, uint64(len(v))<<32|uint64(w.address(first)))
		for i, e := range v {
			w.value(first+i*size, t.Elem, e)
		}
	case map[string]any:
		if t.Kind == "map" {
			w.mapping(at, t, v)
		} else {
			w.object(at, t, v)
		}
	}
}

// any writes a value of type any: a tag, and the value behind it.
func (w *pageRecord) any(at int, value any) {
	tag, typ := uint32(1), pageType{Kind: "any"}
	switch value.(type) {
	case bool:
		tag = 2
	case float64:
		tag = 5
	case string:
		tag = 6
	case []any:
		tag, typ = 12, pageType{Elem: &pageType{Kind: "any"}}
	case map[string]any:
		tag, typ = 109, pageType{Elem: &pageType{Kind: "any"}}
	}
	w.u32(at, tag)
	if tag > 1 {
		typ.Kind = map[uint32]string{2: "bool", 5: "double", 6: "string", 12: "list", 109: "map"}[tag]
		w.value(at+8, &typ, value)
	}
}

func (w *pageRecord) text(at int, s string) {
	to := w.take(len(s), 1)
	copy(w.b[to:], s)
	w.u64(at, uint64(len(s))<<32|uint64(w.address(to)))
}

func (w *pageRecord) ip(at int, a netip.Addr, length byte) {
	to := w.take(20, 4)
	w.u32(at, w.address(to))
	w.b[to], w.b[to+1] = 6, length
	if a.Is4() || a.Is4In6() {
		w.b[to] = 4
	}
	raw := a.As16()
	copy(w.b[to+4:], raw[:])
}

func (w *pageRecord) mapping(at int, t *pageType, m map[string]any) {
	keys := []string{}
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	size, align := t.Elem.layout()
	head := w.take(12, 4)
	keysAt := w.take(8*len(keys), 8)
	valuesAt := w.take(size*len(keys), align)
	w.u32(at, w.address(head))
	w.u32(head, uint32(len(keys)))
	w.u32(head+4, w.address(keysAt))
	w.u32(head+8, w.address(valuesAt))
	for i, k := range keys {
		w.text(keysAt+8*i, k)
		w.value(valuesAt+size*i, t.Elem, m[k])
	}
}

func (w *pageRecord) object(at int, t *pageType, o map[string]any) {
	attrs := slices.Clone(t.Attrs)
	kind := func(name string) string {
		for _, a := range attrs {
			if a.Name == name && a.Type.Kind == "list" {
				return "list of " + a.Type.Elem.Kind
			} else if a.Name == name {
				return a.Type.Kind
			}
		}
		return ""
	}
	if kind("acr") == "string" && kind("amr") == "list of string" && kind("time") == "timestamp" {
		first := []string{"acr", "amr", "time"}
		slices.SortStableFunc(attrs, func(a, b pageAttr) int {
			return (slices.Index(first, a.Name)+4)%4 - (slices.Index(first, b.Name)+4)%4
		})
	}
	offsets, end := []int{}, 4*max(1, (len(attrs)+31)/32)
	for _, a := range attrs {
		size, align := a.Type.layout()
		end = (end + align - 1) / align * align
		offsets = append(offsets, end)
		end += size
	}
	body := w.take((end+7)/8*8, 8)
	w.u32(at, w.address(body))
	for i := range attrs {
		if v, given := o[attrs[i].Name]; v != nil || given && attrs[i].Type.Kind == "any" {
			w.value(body+offsets[i], &attrs[i].Type, v)
			w.bit(func(word int) int { return body + 4*word }, i)
		}
	}
}

// read makes a decision of a result.
func (h *pageHost) read(number int, at uint32, request map[string]any) (map[string]any, error) {
	size := h.module.Memory().Size()
	memory, _ := h.module.Memory().Read(0, size)
	if int(at)+80 > len(memory) {
		return nil, errors.New("the result is outside of the memory")
	}
	u32 := func(offset int) int { return int(binary.LittleEndian.Uint32(memory[int(at)+offset:])) }
	i64 := func(offset int) int64 { return int64(binary.LittleEndian.Uint64(memory[int(at)+offset:])) }
	rules := h.outputs.Actions[number]
	set := func(offset int) (out []int) {
		for i := range rules {
			if memory[u32(offset)+i/8]>>(i%8)&1 == 1 {
				out = append(out, i)
			}
		}
		return out
	}
	effects := []string{"deny", "allow", "step_up", "need"}
	d := map[string]any{"effect": effects[u32(0)], "action": request["action"], "posture": "normal"}
	if p, ok := request["posture"]; ok {
		d["posture"] = p
	}
	identity := map[string]any{"name": h.meta.Name, "digest": h.meta.Digest}
	if h.meta.Version != "" {
		identity["version"] = h.meta.Version
	}
	d["policy"] = identity
	if level := u32(24); level > 0 {
		satisfied := map[string]any{"level": h.outputs.Levels[level-1].Name}
		if age := i64(32); age >= 0 {
			satisfied["age"] = age
		}
		d["satisfied"] = satisfied
	}
	if effect := u32(0); effect == 0 || effect == 2 {
		reasons := []any{}
		for _, i := range set(56) {
			reasons = append(reasons, h.reason(rules[i], 0, false))
		}
		d["reasons"] = reasons
		if effect == 2 {
			d["requirement"] = h.requirement(memory, u32, i64)
		}
	}
	if need := uint64(i64(40)); u32(0) == 3 {
		names := []string{}
		for ; need != 0; need &= need - 1 {
			names = append(names, h.schema.Lazy[bits.TrailingZeros64(need)])
		}
		d["need"] = names
	}
	codes := map[int]int{}
	for i := range u32(48) {
		fault := memory[u32(72)+8*i:]
		codes[int(binary.LittleEndian.Uint32(fault))] = int(binary.LittleEndian.Uint32(fault[4:]))
	}
	h.faults(d, rules, codes)
	h.shadow(d, rules, codes, u32, set)
	return d, nil
}

var pageCodes = []string{
	3: "no_such_attribute", 4: "no_such_key", 5: "index_out_of_bounds", 6: "overflow", 7: "divide_by_zero", 8: "no_such_overload", 9: "bad_value",
	10: "invalid_argument", 11: "optional_none", 12: "limit",
}

// reason is a rule as decisions show it; code is 0 if it has not erred.
func (h *pageHost) reason(rule, code int, pending bool) any {
	out := maps.Clone(h.outputs.Rules[rule])
	out["rule"] = out["id"]
	delete(out, "id")
	delete(out, "shadow")
	if code != 0 {
		out["code"] = pageCodes[code&0xff]
	}
	if pending {
		out["pending"] = true
	}
	return out
}

func (h *pageHost) requirement(memory []byte, u32 func(int) int, i64 func(int) int64) any {
	level := &h.outputs.Levels[u32(8)-1]
	out := map[string]any{"level": level.Name}
	if len(level.ACRValues) > 0 {
		out["acr_values"] = level.ACRValues
	}
	if age := i64(16); age >= 0 {
		out["max_age"] = age
	}
	if reachable := u32(12); reachable > 0 {
		out["reachable"] = reachable == 2
	}
	groups := [][]string{}
	for i := range u32(28) {
		group := []string{}
		for m := binary.LittleEndian.Uint64(memory[u32(68)+8*i:]); m != 0; m &= m - 1 {
			group = append(group, h.outputs.Methods[bits.TrailingZeros64(m)])
		}
		groups = append(groups, group)
	}
	slices.SortFunc(groups, slices.Compare)
	methods := []any{}
	for _, g := range groups {
		methods = append(methods, map[string]any{"one_of": g})
	}
	if len(methods) > 0 {
		out["methods"] = methods
	}
	return out
}

func (h *pageHost) faults(d map[string]any, rules []int, codes map[int]int) {
	out := []any{}
	for i, rule := range rules {
		code, erred := codes[i]
		if r := h.outputs.Rules[rule]; erred && r["shadow"] == nil {
			entry := map[string]any{"rule": r["id"], "code": pageCodes[code&0xff]}
			if len(h.places.Places) > 0 {
				entry["at"] = h.places.Places[code>>8]
			}
			out = append(out, entry)
		}
	}
	if len(out) > 0 {
		d["indeterminate"] = out
	}
}

func (h *pageHost) shadow(d map[string]any, rules []int, codes map[int]int, u32 func(int) int, set func(int) []int) {
	if u32(0) == 3 || !slices.ContainsFunc(rules, func(r int) bool { return h.outputs.Rules[r]["shadow"] != nil }) {
		return
	}
	applying, pending := set(60), set(64)
	out := []any{}
	for i, rule := range rules {
		if slices.Contains(applying, i) {
			out = append(out, h.reason(rule, codes[i], false))
		} else if slices.Contains(pending, i) {
			out = append(out, h.reason(rule, 0, true))
		}
	}
	if len(out) > 0 {
		d["shadow"] = out
	}
	if effect := u32(4); effect > 0 {
		d["shadow_effect"] = []string{"deny", "allow", "step_up"}[effect-1]
	}
}
