package host

import (
	"encoding/binary"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/abi"
)

// guest reads a record as a module does.
type guest struct {
	t      interface{ Fatalf(string, ...any) }
	memory []byte
	room   [2]int // where what is pointed to must lie
}

func (g *guest) bytes(at, n uint32) []byte {
	if int(at) < g.room[0] || int(at)+int(n) > g.room[1] {
		g.t.Fatalf("%d bytes at %d are outside of the memory for input", n, at)
	}
	return g.memory[at : at+n]
}

func (g *guest) text(b []byte) string {
	s := binary.LittleEndian.Uint64(b)
	return string(g.bytes(uint32(s), uint32(s>>32)))
}

func (g *guest) pointer(b []byte, n uint32, align uint32) []byte {
	at := binary.LittleEndian.Uint32(b)
	if at%align != 0 {
		g.t.Fatalf("%d is not aligned to %d", at, align)
	}
	return g.bytes(at, n)
}

// value reads a value from its memory form.
func (g *guest) value(t *policy.Type, b []byte) policy.Value {
	switch t.Kind {
	case policy.KindBool:
		if b[0] > 1 {
			g.t.Fatalf("a bool is %d", b[0])
		}
		return b[0] == 1
	case policy.KindInt:
		return int64(binary.LittleEndian.Uint64(b))
	case policy.KindUint:
		return binary.LittleEndian.Uint64(b)
	case policy.KindDouble:
		return math.Float64frombits(binary.LittleEndian.Uint64(b))
	case policy.KindDuration:
		return time.Duration(binary.LittleEndian.Uint64(b))
	case policy.KindTimestamp:
		nanos := binary.LittleEndian.Uint64(b[8:])
		if nanos > 999_999_999 {
			g.t.Fatalf("nanoseconds, or an offset, of %d", nanos)
		}
		return time.Unix(int64(binary.LittleEndian.Uint64(b)), int64(nanos)).UTC()
	case policy.KindString:
		return g.text(b)
	case policy.KindBytes:
		return []byte(g.text(b))
	case policy.KindIP, policy.KindCIDR:
		return g.address(t, g.pointer(b, abi.AddressSize, 4))
	case policy.KindList:
		head := binary.LittleEndian.Uint64(b)
		if uint32(head)%uint32(abi.AlignOf(t.Elem)) != 0 {
			g.t.Fatalf("a list at %d", uint32(head))
		}
		return g.values(t.Elem, uint32(head), uint32(head>>32))
	case policy.KindMap:
		return g.mapping(t, g.pointer(b, abi.MapSize, 4))
	case policy.KindObject:
		return g.object(t, b)
	case policy.KindAny:
		return g.any(b)
	}
	panic(t.String())
}

// any reads a cell.
func (g *guest) any(b []byte) policy.Value {
	tag, payload := binary.LittleEndian.Uint32(b[abi.AnyTag:]), b[abi.AnyPayload:]
	if tag == abi.TagNull {
		return policy.Null{}
	}
	for _, t := range []*policy.Type{policy.Bool, policy.Double, policy.String, policy.Int, policy.Bytes, policy.IP, policy.ListOf(policy.Any), policy.MapOf(policy.Any)} {
		if of, ok := abi.TagOf(t); ok && of == tag {
			return g.value(t, payload)
		}
	}
	g.t.Fatalf("a tag of %#x", tag)
	return nil
}

func (g *guest) values(t *policy.Type, at, n uint32) []policy.Value {
	stride := uint32(abi.Stride(t))
	all := g.bytes(at, n*stride)
	out := []policy.Value{}
	for i := range n {
		out = append(out, g.value(t, all[i*stride:]))
	}
	return out
}

func (g *guest) address(t *policy.Type, b []byte) policy.Value {
	a := netip.AddrFrom16([16]byte(b[abi.AddressBytes:]))
	if (b[abi.AddressFamily] == 4) != a.Is4In6() || b[abi.AddressFamily] != 4 && b[abi.AddressFamily] != 6 || b[2] != 0 || b[3] != 0 {
		g.t.Fatalf("an address of % x", b)
	}
	bits := int(b[abi.AddressPrefix])
	if a.Is4In6() {
		a, bits = a.Unmap(), bits-96
	}
	if t.Kind == policy.KindIP {
		return a
	}
	return netip.PrefixFrom(a, bits)
}

func (g *guest) mapping(t *policy.Type, b []byte) policy.Value {
	n := binary.LittleEndian.Uint32(b[abi.MapCount:])
	m := &policy.Map{Keys: []string{}}
	for _, k := range g.values(policy.String, binary.LittleEndian.Uint32(b[abi.MapKeys:]), n) {
		m.Keys = append(m.Keys, k.(string))
	}
	m.Values = g.values(t.Elem, binary.LittleEndian.Uint32(b[abi.MapValues:]), n)
	if !slices.IsSorted(m.Keys) {
		g.t.Fatalf("keys %q", m.Keys)
	}
	return m
}

func (g *guest) object(t *policy.Type, b []byte) policy.Value {
	layout := abi.BodyOf(t)
	body := g.pointer(b, uint32(layout.Size), abi.BodyAlign)
	o := policy.NewObject(t)
	for i, f := range layout.Fields {
		if binary.LittleEndian.Uint32(body[4*(f.Bit/32):])>>(f.Bit%32)&1 == 1 {
			o.Attrs[i] = g.value(t.Attrs[i].Type, body[f.Offset:])
		}
	}
	return o
}

// slots reads what an action's slots hold, by their paths; true for an object that is there.
func (g *guest) slots(a *abi.Action, record []byte) map[string]policy.Value {
	out := map[string]policy.Value{}
	for i := range a.Slots {
		s := &a.Slots[i]
		if binary.LittleEndian.Uint32(record[abi.PresenceOffset(s.Bit):])>>(s.Bit%32)&1 == 0 {
			continue
		}
		out[s.String()] = true
		if !s.Presence {
			out[s.String()] = g.value(s.Type, record[s.Offset:])
		}
	}
	return out
}

// want is what they are to hold.
func want(p *Policy, a *abi.Action, r *policy.Request) map[string]policy.Value {
	out := map[string]policy.Value{}
	for i := range a.Slots {
		s := &a.Slots[i]
		var v policy.Value
		t, rest := p.Policy().Action(a.Name).Resource, s.Path[1:]
		switch s.Path[0] {
		case "resource":
			v = r.Resource
		case "signals":
			n := p.Policy().SignalIndex(rest[0])
			v, t, rest = r.Signals[n], p.Policy().Signals[n].Type, rest[1:]
		case "params":
			v, rest = r.Params[p.Policy().ParamIndex(rest[0])], nil
		}
		null := false
		for _, name := range rest {
			null = true
			if o, ok := v.(*policy.Object); ok {
				v, t = o.Attrs[t.Slot(name)], t.Attrs[t.Slot(name)].Type
			} else {
				v = nil
			}
		}
		if v == nil || v == (policy.Null{}) && !(null && t.Kind == policy.KindAny) {
			continue
		}
		out[s.String()] = true
		if !s.Presence {
			out[s.String()] = plain(v)
		}
	}
	return out
}

// plain is a value without addresses, and without what is null.
func plain(v policy.Value) policy.Value {
	v = policy.Plain(v)
	switch v := v.(type) {
	case []policy.Value:
		out := []policy.Value{}
		for _, e := range v {
			out = append(out, plain(e))
		}
		return out
	case *policy.Map:
		return &policy.Map{Keys: append([]string{}, v.Keys...), Values: plain(v.Values).([]policy.Value)}
	case *policy.Object:
		out := &policy.Object{Attrs: make([]policy.Value, len(v.Attrs))}
		for i, a := range v.Attrs {
			if a != (policy.Null{}) { // no object here has an attribute of type any inside
				out.Attrs[i] = plain(a)
			}
		}
		return out
	}
	return v
}

// drawn is a value of a type.
func drawn(t *rapid.T, typ *policy.Type, slot bool) policy.Value {
	if slot {
		switch rapid.IntRange(0, 9).Draw(t, "missing") {
		case 0:
			return nil
		case 1:
			return policy.Null{}
		}
	}
	v := drawnPlain(t, typ)
	if !slot || !rapid.Bool().Draw(t, "address") {
		return v
	}
	switch v := v.(type) {
	case bool:
		return &v
	case int64:
		return &v
	case uint64:
		return &v
	case float64:
		return &v
	case string:
		return &v
	case time.Time:
		return &v
	case time.Duration:
		return &v
	case netip.Addr:
		return &v
	case netip.Prefix:
		return &v
	case []policy.Value:
		if typ.Elem != nil && typ.Elem.Kind == policy.KindString {
			out := []string{}
			for _, s := range v {
				out = append(out, s.(string))
			}
			return &out
		}
	}
	return v
}

func drawnPlain(t *rapid.T, typ *policy.Type) policy.Value {
	switch typ.Kind {
	case policy.KindBool:
		return rapid.Bool().Draw(t, "bool")
	case policy.KindInt:
		return rapid.Int64().Draw(t, "int")
	case policy.KindUint:
		return rapid.Uint64().Draw(t, "uint")
	case policy.KindDouble:
		return rapid.Float64().Draw(t, "double")
	case policy.KindString:
		return rapid.StringN(0, 40, -1).Draw(t, "string")
	case policy.KindBytes:
		return rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "bytes")
	case policy.KindTimestamp:
		return time.Unix(rapid.Int64Range(policy.FirstSecond, policy.LastSecond).Draw(t, "s"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns")).UTC()
	case policy.KindDuration:
		return time.Duration(rapid.Int64().Draw(t, "duration"))
	case policy.KindIP:
		return drawnAddr(t)
	case policy.KindCIDR:
		a := drawnAddr(t)
		return netip.PrefixFrom(a, rapid.IntRange(0, a.BitLen()).Draw(t, "bits")).Masked()
	case policy.KindList:
		out := []policy.Value{}
		for range rapid.IntRange(0, 3).Draw(t, "n") {
			out = append(out, drawn(t, typ.Elem, false))
		}
		return out
	case policy.KindMap:
		m := map[string]policy.Value{}
		for range rapid.IntRange(0, 3).Draw(t, "n") {
			m[rapid.StringN(0, 5, -1).Draw(t, "key")] = drawn(t, typ.Elem, false)
		}
		return policy.NewMap(m)
	case policy.KindAny:
		kinds := []*policy.Type{policy.NullType, policy.Bool, policy.Double, policy.String, policy.Int, policy.Bytes, policy.IP, policy.ListOf(policy.Any), policy.MapOf(policy.Any)}
		return drawnPlain(t, kinds[rapid.IntRange(0, len(kinds)-1).Draw(t, "kind")])
	case policy.KindNull:
		return policy.Null{}
	}
	o := policy.NewObject(typ)
	for i, a := range typ.Attrs {
		o.Attrs[i] = drawn(t, a.Type, true)
	}
	return o
}

func drawnAddr(t *rapid.T) netip.Addr {
	b := rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "address")
	if rapid.Bool().Draw(t, "IPv4") {
		return netip.AddrFrom4([4]byte(b))
	}
	return netip.AddrFrom16([16]byte(b)).Unmap()
}

// TestRecord: what a request says, in any of the forms that values may have, is what a module finds in its record, and nothing else.
func TestRecord(t *testing.T) {
	t.Parallel()
	p := open(t, about(), head())
	a := &p.Module().Schema.Actions[0]
	types := p.Policy()
	i, err := p.pool.get()
	if err != nil {
		t.Fatal(err)
	}
	defer p.pool.release(i)
	rapid.Check(t, func(t *rapid.T) {
		r := request(p)
		for n, s := range types.Signals {
			r.Signals[n] = drawn(t, s.Type, true)
		}
		r.Resource = drawn(t, types.Actions[0].Resource, true)
		for _, x := range types.Params {
			r.Params = append(r.Params, drawn(t, x.Type, true))
		}
		in := input{action: &p.actions[0], posture: 7, now: r.Now, request: r}
		if refused := i.write(&in); refused != nil {
			t.Fatal(refused)
		}
		record := i.view[i.base:]
		g := &guest{t: t, memory: i.view, room: [2]int{int(i.base) + a.Size, int(i.base) + int(i.size)}}
		if d := cmp.Diff(want(p, a, r), g.slots(a, record), cmp.Comparer(func(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) }),
			cmp.Comparer(func(a, b netip.Addr) bool { return a == b }), cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); d != "" {
			t.Fatal(d)
		}
		head := fmt.Sprint(int64(le.Uint64(record)), le.Uint64(record[8:]), le.Uint32(record[16:]))
		if want := fmt.Sprint(r.Now.Unix(), r.Now.Nanosecond(), 7); head != want {
			t.Fatalf("the record begins with %s, not %s", head, want)
		}
		for bit, name := range p.Module().Schema.Lazy {
			if got := le.Uint64(record[abi.RecordKnown:])>>bit&1 == 1; got != (r.Signals[types.SignalIndex(name)] != nil) {
				t.Fatalf("%s is known: %v", name, got)
			}
		}
	})
}

// TestRoom: a request that is larger than the room for it gets more, up to what the module has.
func TestRoom(t *testing.T) {
	t.Parallel()
	p := open(t, about(), head(), WithInstances(1))
	names := func(n, size int) []policy.Value {
		out := make([]policy.Value, n)
		for i := range out {
			out[i] = strings.Repeat("é", size/2)
		}
		return out
	}
	for _, c := range []struct {
		n, size int
		refused string
	}{
		{1, 0, ""},
		{500, 10, ""},
		{1000, 1000, ""},
		{60, 60_000, ""},
		{62, 65_536, ""},
		{64, 65_536, "too large"},
		{1000, 65_536, "too large"},
		{1, 65_538, "at most 65536"},
		{1001, 1, "at most 1000"},
		{5, 5, ""},
	} {
		r := request(p)
		r.Params = []policy.Value{nil, names(c.n, c.size)}
		d := p.Decide(r)
		if c.refused == "" && !d.Allowed() {
			t.Errorf("%d × %d: %v", c.n, c.size, d.Error)
		}
		if c.refused != "" && (d.Error == nil || d.Effect != policy.Deny || !strings.Contains(d.Error.Message, c.refused)) {
			t.Errorf("%d × %d: %+v", c.n, c.size, d)
		}
	}
}

// TestHostile: a request that no reader makes is refused, and neither ends the program nor goes through.
func TestHostile(t *testing.T) {
	t.Parallel()
	p := open(t, about(), head())
	resource := p.Policy().Action("act").Resource
	at := func(name string, v policy.Value) func(*policy.Request) {
		return func(r *policy.Request) {
			o := policy.NewObject(resource)
			o.Attrs[resource.Slot(name)] = v
			r.Resource = o
		}
	}
	signal := func(name string, v policy.Value) func(*policy.Request) {
		return func(r *policy.Request) { r.Signals[p.Policy().SignalIndex(name)] = v }
	}
	payee := resource.Attrs[resource.Slot("payee")].Type
	for name, c := range map[string]struct {
		change func(*policy.Request)
		path   string
	}{
		"an int for a double":     {at("amount", int64(1)), "/signals/resource/amount"},
		"an int":                  {at("count", 1), "/signals/resource/count"},
		"a nil address":           {at("count", (*int64)(nil)), "/signals/resource/count"},
		"a nil list of texts":     {signal("session", typed(p, "session", "amr", (*[]string)(nil))), "/signals/session/amr"},
		"a list of texts of ints": {at("payees", &[]string{"x"}), "/signals/resource/payees"},
		"a nil map":               {at("scores", (*policy.Map)(nil)), "/signals/resource/scores"},
		"a map of keys alone":     {at("scores", &policy.Map{Keys: []string{"a"}}), "/signals/resource/scores"},
		"a map out of order":      {at("scores", &policy.Map{Keys: []string{"b", "a"}, Values: []policy.Value{[]policy.Value{}, []policy.Value{}}}), "/signals/resource/scores"},
		"a map with a key twice":  {at("scores", &policy.Map{Keys: []string{"a", "a"}, Values: []policy.Value{[]policy.Value{}, []policy.Value{}}}), "/signals/resource/scores"},
		"a map of ints":           {at("scores", &policy.Map{Keys: []string{"a/~"}, Values: []policy.Value{int64(1)}}), "/signals/resource/scores/a~1~0"},
		"a nil object":            {at("payee", (*policy.Object)(nil)), "/signals/resource/payee"},
		"a nil object in a list":  {at("payees", []policy.Value{policy.NewObject(payee), (*policy.Object)(nil)}), "/signals/resource/payees/1"},
		"a null in a list":        {at("payees", []policy.Value{policy.Null{}}), "/signals/resource/payees/0"},
		"four payees":             {at("payees", make([]policy.Value, 4)), "/signals/resource/payees"},
		"no address":              {at("ip", netip.Addr{}), "/signals/resource/ip"},
		"an address with a zone":  {at("ip", netip.MustParseAddr("fe80::1%eth0")), "/signals/resource/ip"},
		"no range":                {at("net", netip.Prefix{}), "/signals/resource/net"},
		"a range with bits":       {at("net", netip.MustParsePrefix("10.0.0.1/8")), "/signals/resource/net"},
		"a mapped range":          {at("net", netip.MustParsePrefix("::ffff:10.0.0.0/104")), "/signals/resource/net"},
		"text that is not UTF-8":  {signal("session", typed(p, "session", "acr", "\xff")), "/signals/session/acr"},
		"a time of year 0":        {signal("session", typed(p, "session", "auth_time", time.Unix(policy.FirstSecond-1, 0))), "/signals/session/auth_time"},
		"a number for a signal":   {signal("session", 5.0), "/signals/session"},
		"a nil resource":          {func(r *policy.Request) { r.Resource = (*policy.Object)(nil) }, "/signals/resource"},
		"a param of another type": {func(r *policy.Request) { r.Params = []policy.Value{"1"} }, "/params/limit"},
		"a type of somebody's":    {signal("device", struct{}{}), "/signals/device"},
	} {
		r := request(p)
		c.change(r)
		d := p.Decide(r)
		if d.Effect != policy.Deny || d.Error == nil || d.Error.Code != policy.InvalidRequest || d.Error.Path != c.path {
			t.Errorf("%s: %+v, %v", name, d, d.Error)
		}
	}
	for name, r := range map[string]*policy.Request{
		"no signals": {Action: "act", Now: epoch},
		"short":      {Action: "act", Now: epoch, Signals: make([]policy.Value, 2), Resource: &policy.Object{Attrs: make([]policy.Value, 1)}},
		"long":       {Action: "act", Now: epoch, Signals: make([]policy.Value, 100), Params: make([]policy.Value, 100)},
	} {
		if d := p.Decide(r); !d.Allowed() { // what is not there is missing
			t.Errorf("%s: %v", name, d.Error)
		}
	}
}

// typed is a signal with one attribute.
func typed(p *Policy, signal, attr string, v policy.Value) policy.Value {
	t := p.Policy().Signal(signal).Type
	o := policy.NewObject(t)
	o.Attrs[t.Slot(attr)] = v
	return o
}
