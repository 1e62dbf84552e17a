package wasm

import (
	"cmp"
	"slices"

	"github.com/rungpolicy/rung/internal/zone"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/abi"
	"github.com/rungpolicy/rung/wasm/internal/lower"
)

// describe is what the module says of itself.
func (c *compiler) describe(pages int, fuel int64) *abi.Module {
	p := c.plan.Policy
	m := &abi.Module{
		Meta: abi.Meta{
			ABI: abi.Version, Compiler: c.options.Compiler, Fuel: fuel, Language: policy.Language, Pages: pages,
			Name: p.Name, Version: p.Version, Digest: p.Digest,
		},
		Schema:  c.schema(),
		Outputs: c.outputs(),
	}
	if c.zones {
		m.Meta.TZData = zone.Version
	}
	if !c.options.Strip {
		m.Debug = &abi.Debug{Places: c.program.Places}
	}
	return m
}

func (c *compiler) schema() abi.Schema {
	p := c.plan.Policy
	s := abi.Schema{Words: c.words}
	for i, a := range c.actions {
		declared := c.steps[i].Action
		s.Actions = append(s.Actions, abi.Action{
			Name: declared.Name, HTTP: declared.HTTP, GRPC: declared.GRPC, Resource: declared.Resource, Size: a.Size, Slots: slots(a),
		})
	}
	for _, sig := range p.Signals {
		s.Signals = append(s.Signals, abi.Signal{Name: sig.Name, Type: sig.Type, Sensitive: sig.Sensitive})
		if sig.Lazy {
			s.Lazy = append(s.Lazy, sig.Name)
		}
	}
	for _, param := range p.Params {
		s.Params = append(s.Params, abi.Param{Name: param.Name, Type: param.Type})
	}
	for _, posture := range p.Postures {
		s.Postures = append(s.Postures, abi.Posture{Name: posture.Name, Rank: posture.Rank})
	}
	return s
}

func slots(a *lower.Action) []abi.Slot {
	var out []abi.Slot
	for _, s := range a.Slots {
		out = append(out, abi.Slot{Path: s.Path, Type: s.Type, Presence: s.Presence, Bit: s.Bit, Offset: s.Offset})
	}
	return out
}

func (c *compiler) outputs() abi.Outputs {
	o := abi.Outputs{Methods: c.methods}
	for i, l := range c.plan.Policy.Levels {
		o.Levels = append(o.Levels, abi.Level{Name: l.Name, Rank: l.Rank, ACRValues: c.plan.ACRValues(i + 1)})
	}
	number := map[string]int{}
	for _, s := range c.steps {
		for _, r := range s.Rules {
			if _, ok := number[r.Reason.Rule]; ok {
				continue
			}
			number[r.Reason.Rule] = 0
			o.Rules = append(o.Rules, abi.Rule{
				ID: r.Reason.Rule, Effect: r.Reason.Effect, Level: r.Reason.Level, MaxAge: r.Reason.MaxAge,
				Methods: r.Reason.Methods, Message: r.Reason.Message, Shadow: r.Shadow,
			})
		}
	}
	slices.SortFunc(o.Rules, func(a, b abi.Rule) int { return cmp.Compare(a.ID, b.ID) })
	for i, r := range o.Rules {
		number[r.ID] = i
	}
	for _, s := range c.steps {
		rules := make([]int, len(s.Rules))
		for i, r := range s.Rules {
			rules[i] = number[r.Reason.Rule]
		}
		o.Actions = append(o.Actions, rules)
	}
	return o
}
