package host

import (
	"encoding/binary"
	"slices"
	"testing"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/abi"
	wasm "github.com/rungpolicy/rung/wasm/internal/binary"
	"github.com/rungpolicy/rung/wasm/internal/fuel"
)

// The modules of these tests are made by hand: they take any request, and answer with bytes that stand in them.

// about is a module of one action, `act`, with rules of all sorts, and attributes of all types.
func about() *abi.Module {
	attr := func(name string, t *policy.Type) policy.Attr { return policy.Attr{Name: name, Type: t} }
	payee := policy.ObjectOf("", attr("known", policy.Bool), attr("name", policy.String), attr("net", policy.CIDR))
	resource := policy.ObjectOf("resource",
		attr("amount", policy.Double), attr("blob", policy.Bytes), attr("count", policy.Int), attr("extra", policy.Any), attr("extras", policy.MapOf(policy.Any)), attr("ip", policy.IP),
		attr("net", policy.CIDR), attr("payee", payee), attr("payees", policy.ListOfMax(payee, 3)),
		attr("scores", policy.MapOf(policy.ListOf(policy.Int))), attr("size", policy.Uint), attr("wait", policy.Duration))
	m := &abi.Module{
		Meta: abi.Meta{ABI: abi.Version, Fuel: 1, Language: 1, Pages: 64, Name: "test", Version: "1", Digest: "sha256:00"},
		Schema: abi.Schema{
			Lazy:     []string{"reputation", "risk"},
			Params:   []abi.Param{{Name: "limit", Type: policy.Int}, {Name: "names", Type: policy.ListOf(policy.String)}},
			Postures: []abi.Posture{{Name: "elevated", Rank: 7}},
			Words:    2,
		},
		Outputs: abi.Outputs{
			Actions: [][]int{{0, 1, 2, 3, 4}},
			Levels:  []abi.Level{{Name: "low", Rank: 1, ACRValues: []string{"l", "h"}}, {Name: "high", Rank: 5, ACRValues: []string{"h"}}},
			Methods: []string{"hwk", "otp", "pin"},
			Rules: []abi.Rule{
				{ID: "a deny", Effect: policy.Deny, Message: "No."},
				{ID: "b step", Effect: policy.StepUp, Level: "high", MaxAge: policy.Seconds{Set: true, N: 300}, Methods: []string{"hwk", "otp"}},
				{ID: "c step", Effect: policy.StepUp, Level: "low", Methods: []string{"pin"}},
				{ID: "d trial", Effect: policy.StepUp, Level: "low", Shadow: true},
				{ID: "e trial", Effect: policy.Deny, Shadow: true},
			},
		},
		Debug: &abi.Debug{Places: []string{"", "a.rung.hcl:1:2"}},
	}
	for _, s := range policy.StandardSignals() {
		m.Schema.Signals = append(m.Schema.Signals, abi.Signal{Name: s.Name, Type: s.Type})
	}
	m.Schema.Signals = slices.Insert(m.Schema.Signals, 3, abi.Signal{Name: "reputation", Type: policy.Double}, abi.Signal{Name: "risk", Type: policy.ListOf(policy.Timestamp)})
	slots := append([]abi.Slot{
		{Path: []string{"params", "limit"}, Type: policy.Int},
		{Path: []string{"params", "names"}, Type: policy.ListOf(policy.String)},
		{Path: []string{"resource"}, Type: resource, Presence: true},
		{Path: []string{"signals", "device"}, Presence: true},
		{Path: []string{"signals", "device", "trusted"}, Type: policy.Bool},
		{Path: []string{"signals", "network", "ip"}, Type: policy.IP},
		{Path: []string{"signals", "reputation"}, Type: policy.Double},
		{Path: []string{"signals", "risk"}, Type: policy.ListOf(policy.Timestamp)},
		{Path: []string{"signals", "subject"}, Presence: true},
		{Path: []string{"signals", "subject", "tenure"}, Type: policy.Duration},
	}, m.Schema.EvidenceSlots()...)
	for _, a := range resource.Attrs {
		slots = append(slots, abi.Slot{Path: []string{"resource", a.Name}, Type: a.Type})
	}
	slices.SortFunc(slots, func(a, b abi.Slot) int { return slices.Compare(a.Path, b.Path) })
	m.Schema.Actions = []abi.Action{{Name: "act", Resource: resource, Slots: slots}}
	place(m, &m.Schema.Actions[0])
	return m
}

// place gives the slots of an action their bits, the last of them beyond the first word, and their places.
func place(m *abi.Module, a *abi.Action) {
	bit, offset := abi.FirstBit+9, abi.SlotsOffset(m.Schema.Words)
	for i := range a.Slots {
		s := &a.Slots[i]
		if s.Type == nil {
			s.Type = m.Schema.Signals[m.Schema.Signal(s.Path[1])].Type
		}
		if slices.ContainsFunc(m.Schema.EvidenceSlots(), func(e abi.Slot) bool { return slices.Equal(e.Path, s.Path) }) {
			continue
		}
		s.Bit = bit
		bit++
		if !s.Presence {
			s.Offset = (offset + abi.AlignOf(s.Type) - 1) / abi.AlignOf(s.Type) * abi.AlignOf(s.Type)
			offset = s.Offset + abi.SizeOf(s.Type)
		}
	}
	a.Size = (offset + 7) &^ 7
}

// Where a module of these tests has its memory for input, and its answer.
const (
	inputAt  = 4096
	resultAt = 1024
)

// build makes a module that says that of itself. Its begin takes what it is asked for at inputAt, if there is so much; decide is its function decide.
func build(t testing.TB, m *abi.Module, answer []byte, decide *wasm.Code) []byte {
	t.Helper()
	// At 0 stands what would allow, for whoever takes 0 for an address.
	before := append(head(), make([]byte, resultAt-abi.ResultSize)...)
	out := &wasm.Module{
		Memory:  &wasm.Memory{Min: 1, Max: uint32(m.Meta.Pages)},
		Globals: []wasm.Global{{Type: wasm.I32, Init: abi.Version}},
		Data:    []wasm.Data{{Bytes: append(before, answer...)}},
		Exports: []wasm.Export{
			{Name: abi.ExportMemory, Kind: wasm.KindMemory},
			{Name: abi.ExportVersion, Kind: wasm.KindGlobal},
			{Name: abi.ExportBegin, Kind: wasm.KindFunc, Index: 0},
			{Name: abi.ExportDecide, Kind: wasm.KindFunc, Index: 1},
		},
	}
	i32 := []wasm.ValType{wasm.I32}
	add(t, out, wasm.FuncType{Params: i32, Results: i32}, begin())
	add(t, out, wasm.FuncType{Params: []wasm.ValType{wasm.I32, wasm.I32}, Results: i32}, decide)
	if slices.ContainsFunc(decide.Relocs(), func(r wasm.Reloc) bool { return r.Kind == wasm.RelocFunc }) {
		add(t, out, wasm.FuncType{Params: []wasm.ValType{wasm.I32, wasm.I32}, Results: i32}, answers(0))
	}
	var err error
	if m.Meta.Fuel, err = fuel.Insert(out, 1, 1000, abi.MaxFuel, fuel.Dear); err != nil {
		t.Fatal(err)
	}
	sections, err := m.Sections()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sections {
		out.Customs = append(out.Customs, wasm.Custom{Name: s.Name, Bytes: s.Data})
	}
	return out.Encode()
}

func add(t testing.TB, m *wasm.Module, typ wasm.FuncType, c *wasm.Code) {
	t.Helper()
	f, err := c.Func(func(r wasm.Reloc) (int64, error) {
		if r.Kind == wasm.RelocFunc {
			return 2, nil // the third, by whatever name
		}
		return int64(m.Type(r.Type)), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	f.Type = m.Type(typ)
	m.Funcs = append(m.Funcs, f)
}

// begin is `len => grow the memory to inputAt+len; inputAt, or 0 if it cannot`.
func begin() *wasm.Code {
	c := wasm.NewCode(1)
	missing := c.Local(wasm.I32)
	c.LocalGet(0)
	c.I32Const(inputAt + abi.PageSize - 1)
	c.Op(wasm.OpI32Add)
	c.I32Const(16)
	c.Op(wasm.OpI32ShrU)
	c.Op(wasm.OpMemorySize)
	c.Op(wasm.OpI32Sub)
	c.LocalSet(missing)
	c.LocalGet(missing)
	c.I32Const(0)
	c.Op(wasm.OpI32GtS)
	c.If()
	c.LocalGet(missing)
	c.Op(wasm.OpMemoryGrow)
	c.I32Const(-1)
	c.Op(wasm.OpI32Eq)
	c.If()
	c.I32Const(0)
	c.Op(wasm.OpReturn)
	c.End()
	c.End()
	c.I32Const(inputAt)
	return c
}

// answers is a decide that returns an address.
func answers(at int32) *wasm.Code {
	c := wasm.NewCode(2)
	c.I32Const(at)
	return c
}

// open opens a module that answers with these bytes.
func open(t testing.TB, m *abi.Module, answer []byte, opts ...Option) *Policy {
	t.Helper()
	return openCode(t, build(t, m, answer, answers(resultAt)), opts...)
}

func openCode(t testing.TB, module []byte, opts ...Option) *Policy {
	t.Helper()
	p, err := Open(t.Context(), module, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// head is an answer that allows, with changes: offset and value in turn, the values of the width that the place has.
func head(changes ...uint64) []byte {
	b := make([]byte, abi.ResultSize, 256)
	binary.LittleEndian.PutUint32(b[abi.ResultEffect:], uint32(policy.Allow))
	for _, at := range []int{abi.ResultMaxAge, abi.ResultAge} {
		binary.LittleEndian.PutUint64(b[at:], 1<<64-1)
	}
	for _, at := range []int{abi.ResultReasonSet, abi.ResultShadowSet, abi.ResultWaitingSet, abi.ResultGroupList, abi.ResultFaultList} {
		binary.LittleEndian.PutUint32(b[at:], resultAt+abi.ResultSize)
	}
	for i := 0; i < len(changes); i += 2 {
		switch at := int(changes[i]); at {
		case abi.ResultMaxAge, abi.ResultAge, abi.ResultNeed:
			binary.LittleEndian.PutUint64(b[at:], changes[i+1])
		default:
			binary.LittleEndian.PutUint32(b[at:], uint32(changes[i+1]))
		}
	}
	return b
}

// request asks for act, with nothing given.
func request(p *Policy) *policy.Request {
	return &policy.Request{Action: "act", Signals: make([]policy.Value, len(p.Policy().Signals)), Now: epoch}
}
