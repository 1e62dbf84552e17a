package wasm

import (
	"fmt"
	"slices"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/abi"
	"github.com/rungpolicy/rung/wasm/internal/binary"
	"github.com/rungpolicy/rung/wasm/internal/emit"
	"github.com/rungpolicy/rung/wasm/internal/fuel"
	"github.com/rungpolicy/rung/wasm/internal/guest"
	"github.com/rungpolicy/rung/wasm/internal/inline"
	"github.com/rungpolicy/rung/wasm/internal/link"
	"github.com/rungpolicy/rung/wasm/internal/table"
)

// Memory beyond the module's data.
const (
	maxInput = 16 << 20 // what begin grants
	slack    = 16       // bytes behind a text that may be read
	// An arena holds what one condition makes; the checker bounds it under policy.MaxMade. Steps in between, and room taken for lists that turn
	// out shorter, are within this factor.
	arenaFactor = 4
	leastArena  = 1 << 20
	// The tokens of a text, and what they come to.
	jsonMemory = 16 << 20
)

// link makes the module of all parts.
func (c *compiler) link() (*Module, error) {
	object, err := guest.Object()
	if err != nil {
		return nil, fmt.Errorf("wasm: %w", err)
	}
	ladder, err := table.NewLadder(c.plan.Policy, c.methods, c.rules())
	if err != nil {
		return nil, fmt.Errorf("wasm: %w", err)
	}
	in := link.Input{
		Object: object,
		Base:   8, // 0 is no decision
		Data:   append(state(ladder), link.Segment{Name: "rt_ladder", Bytes: ladder.Bytes(), Align: 4, ReadOnly: true}),
		Globals: []link.Global{
			{Name: abi.ExportVersion, Type: binary.I32, Init: abi.Version},
			{Name: "rt_heap", Type: binary.I32, Mutable: true, Addr: link.HeapBase},
			{Name: guest.Touched, Type: binary.I64, Mutable: true},
			{Name: guest.Stands, Type: binary.I32, Mutable: true},
			{Name: guest.Fault, Type: binary.I32, Mutable: true},
			{Name: "rung_rank", Type: binary.I64, Mutable: true},
		},
		Exports: []link.Export{
			{As: abi.ExportVersion, Kind: binary.KindGlobal, Name: abi.ExportVersion},
			{As: abi.ExportBegin, Kind: binary.KindFunc, Name: abi.ExportBegin},
			{As: abi.ExportDecide, Kind: binary.KindFunc, Name: abi.ExportDecide},
		},
		Memory: link.Memory{Export: abi.ExportMemory, Limit: c.memory()},
	}
	c.unit.Begin(maxInput, slack)
	for _, f := range c.unit.Funcs {
		in.Funcs = append(in.Funcs, link.Func{Name: f.Name, Type: f.Type, Body: f.Code})
	}
	for _, d := range append(c.unit.Data, emit.Ranks(c.plan.Policy.Levels)) {
		in.Data = append(in.Data, link.Segment{Name: d.Name, Bytes: d.Bytes, Align: uint32(d.Align), ReadOnly: true, Relocs: d.Addresses})
	}
	m, where, err := link.Link(in)
	if err != nil {
		return nil, fmt.Errorf("wasm: %w", err)
	}
	if c.options.JSON {
		if m, where, err = c.linkJSON(&in, where); err != nil {
			return nil, fmt.Errorf("wasm: %w", err)
		}
	}
	return c.finish(m, where)
}

// linkJSON links once more, with the reader of JSON. What is in the module beside what was in it without is noted as the reader's.
func (c *compiler) linkJSON(in *link.Input, without *link.Map) (*binary.Module, *link.Map, error) {
	data, err := table.NewJSON(c.describe(0, 0))
	if err != nil {
		return nil, nil, err
	}
	head := link.Segment{Name: table.JSONData, Bytes: data.Data, Align: 4, ReadOnly: true}
	for _, a := range data.Addresses {
		head.Relocs = append(head.Relocs, link.Addr{At: a.At, Name: a.Of, Addend: int32(a.Plus)})
	}
	in.Data = append(in.Data, head, link.Segment{Name: table.JSONTexts, Bytes: data.Texts, ReadOnly: true})
	first := len(c.unit.Funcs)
	c.unit.Reads(data.Bytes, data.Ranges)
	for _, f := range c.unit.Funcs[first:] {
		in.Funcs = append(in.Funcs, link.Func{Name: f.Name, Type: f.Type, Body: f.Code})
	}
	in.Exports = append(in.Exports, link.Export{As: abi.ExportDecideJSON, Kind: binary.KindFunc, Name: guest.DecideJSON})
	in.Memory.Limit += jsonMemory
	m, where, err := link.Link(*in)
	if err != nil {
		return nil, nil, err
	}
	c.json = map[string]bool{}
	for _, f := range where.Funcs {
		c.json[f.Name] = true
	}
	for _, d := range where.Data {
		c.json[d.Name] = true
	}
	for _, f := range without.Funcs {
		delete(c.json, f.Name)
	}
	for _, d := range without.Data {
		delete(c.json, d.Name)
	}
	return m, where, nil
}

// state is the room for the state of a decision.
func state(l *table.Ladder) []link.Segment {
	var out []link.Segment
	for _, r := range l.State() {
		s := link.Segment{Name: r.Name, Bytes: r.Bytes(), Align: 8}
		for _, a := range r.Addresses {
			s.Relocs = append(s.Relocs, link.Addr{At: a.At, Name: a.Of, Addend: int32(a.Plus)})
		}
		out = append(out, s)
	}
	return out
}

// memory is how many bytes there may be behind the module's data.
func (c *compiler) memory() uint32 {
	made := uint64(0)
	for i, condition := range c.plan.Conditions {
		if c.used[i] {
			made = max(made, condition.Made)
		}
	}
	return maxInput + leastArena + uint32(min(made, policy.MaxMade))*arenaFactor
}

// finish writes the sections, and the bytes.
func (c *compiler) finish(m *binary.Module, where *link.Map) (*Module, error) {
	limits, dear := inline.Compact, int64(fuel.Dear)
	if c.options.Fast {
		limits, dear = inline.Fast, fuel.Max
	}
	pieces, err := inline.Inline(m, limits)
	if err != nil {
		return nil, fmt.Errorf("wasm: %w", err)
	}
	var others []uint32
	if c.options.JSON {
		others = append(others, exported(m, abi.ExportDecideJSON))
	}
	budget, err := fuel.Insert(m, exported(m, abi.ExportDecide), c.fuel(), abi.MaxFuel, dear, others...)
	if err != nil {
		return nil, fmt.Errorf("wasm: %w", err)
	}
	for i := range where.Funcs {
		where.Funcs[i].Size = 0
	}
	for i, all := range pieces {
		divide(m.Funcs[i].Size(), all, where)
	}
	// What few decisions need most hosts would not give: they are denied.
	m.Memory.Max = max(m.Memory.Min, min(m.Memory.Max, abi.MaxPages))
	described := c.describe(int(m.Memory.Max), budget)
	sections, err := described.Sections()
	if err != nil {
		return nil, fmt.Errorf("wasm: %w", err)
	}
	for _, s := range sections {
		m.Customs = append(m.Customs, binary.Custom{Name: s.Name, Bytes: s.Data})
	}
	out := &Module{Bytes: m.Encode()}
	if out.Sizes, err = c.sizes(out.Bytes, where); err != nil {
		return nil, fmt.Errorf("wasm: %w", err)
	}
	return out, nil
}

// divide says of a function's bytes which functions' they were before some were inlined: as many as they had then, in proportion.
func divide(size int, pieces []inline.Piece, where *link.Map) {
	of := inline.Total(pieces)
	rest := size
	for _, p := range pieces[1:] {
		n := min(rest, (size*p.Bytes+of/2)/max(of, 1))
		where.Funcs[p.Func].Size += n
		rest -= n
	}
	where.Funcs[pieces[0].Func].Size += rest
}

// exported is the index of an exported function.
func exported(m *binary.Module, name string) uint32 {
	return m.Exports[slices.IndexFunc(m.Exports, func(e binary.Export) bool { return e.Name == name })].Index
}

// fuel is how much the loops of a decision may spend: what the checker's bound on the cost of conditions allows for, many times over. It is there for what no
// bound foresees, not for what takes long: hosts that have a clock stop that earlier.
func (c *compiler) fuel() int64 {
	const base, each, parts = 1 << 24, 1 << 20, 1 << 36
	var cost uint64
	for i, condition := range c.plan.Conditions {
		if c.used[i] {
			cost += min(condition.Cost, policy.DefaultMaxCost)
		}
	}
	fuel := base + each*int64(min(cost, abi.MaxFuel/each))
	if c.unit.Compares { // all parts of two values are counted, and compared
		fuel += parts
	}
	return fuel
}
