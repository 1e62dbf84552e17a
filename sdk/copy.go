package rung

import (
	"slices"

	"github.com/rungpolicy/rung/policy"
)

// copyRequest is a request that shares no memory with the one that it is a copy of, but for texts, which nobody changes.
func copyRequest(r *policy.Request) *policy.Request {
	out := *r
	out.Signals, out.Params = copyValues(r.Signals), copyValues(r.Params)
	out.Resource = copyValue(r.Resource)
	return &out
}

func copyValues(values []policy.Value) []policy.Value {
	out := slices.Clone(values)
	for i := range out {
		out[i] = copyValue(out[i])
	}
	return out
}

func copyValue(v policy.Value) policy.Value {
	switch v := policy.Plain(v).(type) {
	case []byte:
		return slices.Clone(v)
	case []policy.Value:
		return copyValues(v)
	case *policy.Map:
		return &policy.Map{Keys: slices.Clone(v.Keys), Values: copyValues(v.Values)}
	case *policy.Object:
		return &policy.Object{Attrs: copyValues(v.Attrs)}
	default:
		return v
	}
}

// copyDecision is a decision that stays as it is when the other one's memory is used again.
func copyDecision(d *policy.Decision) *policy.Decision {
	out := *d
	if d.Satisfied != nil {
		satisfied := *d.Satisfied
		out.Satisfied = &satisfied
	}
	return &out
}
