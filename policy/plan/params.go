package plan

import (
	"cmp"
	"slices"
	"time"

	"github.com/rungpolicy/rung/policy"
)

// posture is a position of the dial, with the overlays that are in force there.
type posture struct {
	name string
	rank int64
	// params are the values in force while the host sets none.
	params []policy.Value
	// overlays are those of this posture and of the lower ones, lowest first.
	overlays []map[string]policy.Value
	declared []*policy.Param
}

// newPostures returns normal and the declared ones, by rank.
func newPostures(p *policy.Policy) []posture {
	defaults := make([]policy.Value, len(p.Params))
	for i, param := range p.Params {
		defaults[i] = param.Default
	}
	out := []posture{{name: "normal", params: defaults, declared: p.Params}}
	for _, declared := range p.Postures {
		below := out[len(out)-1]
		next := posture{name: declared.Name, rank: int64(declared.Rank), declared: p.Params}
		next.overlays = append(append(next.overlays, below.overlays...), declared.Params)
		next.params = next.overlaid(defaults)
		out = append(out, next)
	}
	return out
}

// posture finds a posture by name, "" being normal; nil if it is not declared.
func (pl *Plan) posture(name string) *posture {
	if name == "" {
		return &pl.postures[0]
	}
	for i := range pl.postures {
		if pl.postures[i].name == name {
			return &pl.postures[i]
		}
	}
	return nil
}

// inForce returns the value of every param, given the host's: nil, or beyond the end, where it sets none.
func (p *posture) inForce(host []policy.Value) []policy.Value {
	if !slices.ContainsFunc(host, func(v policy.Value) bool { return v != nil }) {
		return p.params
	}
	base := make([]policy.Value, len(p.declared))
	for i, param := range p.declared {
		base[i] = param.Default
		if i < len(host) && host[i] != nil {
			base[i] = host[i]
		}
	}
	return p.overlaid(base)
}

// overlaid applies the overlays: to numbers and durations the strictest value counts, for other types the highest overlay replaces.
func (p *posture) overlaid(base []policy.Value) []policy.Value {
	out := slices.Clone(base)
	for _, overlay := range p.overlays {
		for i, param := range p.declared {
			if v, ok := overlay[param.Name]; ok && replaces(param.Stricter, v, out[i]) {
				out[i] = v
			}
		}
	}
	return out
}

// replaces reports whether an overlay's value takes the place of another.
func replaces(s policy.Stricter, v, other policy.Value) bool {
	if s == policy.StricterLower {
		return compare(v, other) < 0
	}
	if s == policy.StricterHigher {
		return compare(v, other) > 0
	}
	return true
}

// compare orders two values of one type that has an order; others are equal.
func compare(a, b policy.Value) int {
	switch a := a.(type) {
	case int64:
		return ordered(a, b)
	case uint64:
		return ordered(a, b)
	case float64:
		return ordered(a, b)
	case time.Duration:
		return ordered(a, b)
	}
	return 0
}

func ordered[T cmp.Ordered](a T, b policy.Value) int {
	if b, ok := b.(T); ok {
		return cmp.Compare(a, b)
	}
	return 0
}
