package cel

import (
	"math"
	"math/bits"
	"strconv"
	"strings"
	"sync"

	celgo "cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"github.com/rungpolicy/rung/policy"
)

// estimator tells cel-go's cost model the sizes that docs/language.md sets: "Sizes at run time".
type estimator struct {
	env *Env
}

var _ cost.Estimator = (*estimator)(nil)

// EstimateSize bounds a value: of a request by its type, of what a condition makes by the limits of the run.
func (s *estimator) EstimateSize(n cost.AstNode) *cost.SizeEstimate {
	most := s.byPath(n.Path())
	if most == 0 {
		most = madeSize(n.Type())
	}
	if c := n.ComputedSize(); c != nil {
		if c.Max <= most || most == 0 {
			return nil
		}
		return &cost.SizeEstimate{Min: min(c.Min, most), Max: most, Elem: c.Elem, Key: c.Key}
	}
	if most == 0 {
		return nil
	}
	return &cost.SizeEstimate{Min: 0, Max: most}
}

// madeSize bounds what a condition makes, by its type alone; 0 where sizes do not matter.
func madeSize(t *types.Type) uint64 {
	switch t.Kind() {
	case types.StringKind, types.BytesKind, types.DynKind:
		return policy.MaxMadeBytes
	case types.ListKind, types.MapKind:
		return policy.MaxMadeElements
	}
	return 0
}

// byPath bounds a part of the request, or a list of the policy; 0 if the path is neither.
func (s *estimator) byPath(path []string) uint64 {
	if len(path) == 0 {
		return 0
	}
	p := s.env.policy
	space, name, _ := strings.Cut(path[0], ".")
	switch {
	case space == "list" && name != "":
		if i := listIndex(p, name); i >= 0 {
			return listSize(p.Lists[i], path[1:])
		}
	case space == "param" && name != "":
		if i := p.ParamIndex(name); i >= 0 {
			return requestSize(p.Params[i].Type, path[1:], policy.MaxStringBytes)
		}
	case strings.HasPrefix(path[0], resourcePrefix):
		i, _ := strconv.Atoi(strings.TrimPrefix(path[0], resourcePrefix))
		return requestSize(s.env.types.resources[i], path[1:], policy.MaxStringBytes)
	}
	if i := p.SignalIndex(path[0]); i >= 0 {
		return requestSize(p.Signals[i].Type, path[1:], policy.MaxStringBytes)
	}
	return 0
}

// listSize is the exact size of a policy's list, or of its longest entry.
func listSize(l *policy.List, path []string) uint64 {
	if len(path) == 0 {
		return uint64(len(l.Values))
	}
	longest := 1
	for _, v := range l.Values {
		if s, ok := v.(string); ok {
			longest = max(longest, len(s))
		}
	}
	return uint64(longest)
}

// requestSize bounds what stands at a path below a type. Strings in a list or map share the request's 1 MiB, so that one of them counts as its
// part, at most 64 KiB.
func requestSize(t *policy.Type, path []string, text uint64) uint64 {
	for _, step := range path {
		switch {
		case t.Kind == policy.KindObject:
			i := t.Slot(step)
			if i < 0 {
				return 0
			}
			t = t.Attrs[i].Type
		case t.Kind == policy.KindAny:
			// Whatever it is, it is no larger.
		case t.Kind == policy.KindMap && step == "@keys":
			text = shareOf(t.Max)
			t = t.Key
		case t.Kind == policy.KindList || t.Kind == policy.KindMap:
			text = min(text, shareOf(t.Max))
			t = t.Elem
		default:
			return 0
		}
	}
	switch t.Kind {
	case policy.KindString, policy.KindBytes:
		return text
	case policy.KindAny:
		return max(text, policy.MaxAnyEntries)
	case policy.KindList, policy.KindMap:
		return uint64(limitOf(t))
	}
	return 1
}

func limitOf(t *policy.Type) int {
	if t.Max > 0 {
		return t.Max
	}
	return policy.DefaultMax
}

// shareOf is the bytes that each of n strings has of a request.
func shareOf(n int) uint64 {
	if n < 1 {
		n = policy.DefaultMax
	}
	return uint64(min(policy.MaxStringBytes, policy.MaxRequestBytes/n))
}

// EstimateCallCost knows that looking into a policy's list takes a search, whatever its length.
func (s *estimator) EstimateCallCost(function, overload string, _ *cost.AstNode, args []cost.AstNode) *cost.CallEstimate {
	switch {
	case overload == inAddresses, function == operators.In && len(args) == 2 && isPolicyList(args[1].Path()):
		n := s.byPath(args[1].Path())
		steps := uint64(bits.Len64(n)) + 1
		each := uint64(1)
		if overload != inAddresses {
			each += s.byPath(append(args[1].Path(), "@items")) / 10
		}
		return &cost.CallEstimate{CostEstimate: cost.CostEstimate{Min: 1, Max: steps * each}}
	case function == hasSignal:
		return &cost.CallEstimate{CostEstimate: cost.FixedCostEstimate(1)}
	}
	return nil
}

func isPolicyList(path []string) bool {
	return len(path) == 1 && strings.HasPrefix(path[0], "list.")
}

// costOf is the worst case of a checked tree, in cel-go's cost units.
func (e *Env) costOf(checked *ast.AST, holder *celgo.Ast) uint64 {
	// cel-go's environment knows what its libraries' functions cost, and takes a tree in this wrapping alone.
	*holder.NativeRep() = *checked
	c, err := e.lib.env.EstimateCost(holder, &estimator{e})
	if err != nil {
		return math.MaxUint64
	}
	return c.Max
}

// holders are wrappings for costOf.
func newHolders(env *celgo.Env) *sync.Pool {
	return &sync.Pool{New: func() any {
		a, issues := env.Parse("true")
		if issues.Err() != nil {
			panic("cel: `true` does not parse")
		}
		return a
	}}
}

// addCapped adds without running over.
func addCapped(a, b uint64) uint64 {
	if sum, carry := bits.Add64(a, b, 0); carry == 0 {
		return sum
	}
	return math.MaxUint64
}

// mulCapped multiplies without running over.
func mulCapped(a, b uint64) uint64 {
	if hi, lo := bits.Mul64(a, b); hi == 0 {
		return lo
	}
	return math.MaxUint64
}
