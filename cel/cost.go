package cel

import (
	"math"
	"math/bits"
	"strings"
	"sync"

	celgo "cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
)

// estimator tells cel-go's cost model the sizes that docs/language.md sets: "Sizes at run time".
type estimator struct {
	env     *Env
	nodes   []expr.Expr // ours, by the id of cel-go's
	extents map[expr.Expr]*extent
}

var _ cost.Estimator = (*estimator)(nil)

// EstimateSize bounds a value: a part of the condition as written by what is known of it, what cel-go's macros make beside by its type.
func (s *estimator) EstimateSize(n cost.AstNode) *cost.SizeEstimate {
	if n.Expr() != nil {
		if id := n.Expr().ID(); id > 0 && id < int64(len(s.nodes)) && s.nodes[id] != nil {
			e := s.nodes[id]
			if x := s.extents[e]; x != nil {
				return estimateOf(e.Node().Type, x)
			}
		}
	}
	if n.ComputedSize() != nil {
		return nil
	}
	t := s.env.types.policy(n.Type())
	return estimateOf(t, unknownExtent(t))
}

// estimateOf is an extent in cel-go's form.
func estimateOf(t *policy.Type, x *extent) *cost.SizeEstimate {
	size := &cost.SizeEstimate{Min: 0, Max: x.n}
	switch t.Kind {
	case policy.KindString, policy.KindBytes:
	case policy.KindList:
		size.Elem = estimateOf(t.Elem, x.element())
	case policy.KindMap:
		size.Elem = estimateOf(t.Elem, x.element())
		size.Key = estimateOf(t.Key, x.keys())
	case policy.KindAny:
		if x.elem != nil {
			size.Elem, size.Key = estimateOf(t, &extent{n: x.elem.n}), estimateOf(policy.String, x.keys())
		}
	case policy.KindOptional:
		size.Elem = estimateOf(t.Elem, x)
		size.Min, size.Max = 1, addCapped(1, size.Elem.Max)
	default:
		size.Min, size.Max = 1, 1
	}
	return size
}

// listSize is the exact size of a policy's list, or of its longest entry.
func listSize(l *policy.List, entry bool) uint64 {
	if !entry {
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

func limitOf(t *policy.Type) int {
	if t.Max > 0 {
		return t.Max
	}
	return policy.DefaultMax
}

// shareOf is the bytes that each of n strings has of a request: they share its 1 MiB, and none has more than 64 KiB.
func shareOf(n int) uint64 {
	if n < 1 {
		n = policy.DefaultMax
	}
	return uint64(min(policy.MaxStringBytes, policy.MaxRequestBytes/n))
}

// EstimateCallCost knows that looking into a policy's list takes a search, whatever its length.
func (s *estimator) EstimateCallCost(function, overload string, target *cost.AstNode, args []cost.AstNode) *cost.CallEstimate {
	switch {
	case function == operators.In && len(args) == 2 && isPolicyList(args[1].Path()):
		i := listIndex(s.env.policy, strings.TrimPrefix(args[1].Path()[0], "list."))
		if i < 0 {
			return nil
		}
		l := s.env.policy.Lists[i]
		steps := uint64(bits.Len(uint(len(l.Values)))) + 1
		return &cost.CallEstimate{CostEstimate: cost.Estimate{Min: 1, Max: steps * (1 + listSize(l, true)/10)}}
	case function == hasSignal:
		return &cost.CallEstimate{CostEstimate: cost.FixedCostEstimate(1)}
	}
	if isOneOf(function, operators.Equals, operators.NotEquals) && len(args) == 2 {
		return equalCost(args[0], args[1])
	}
	if n := readText(function, target, args); n != nil {
		return &cost.CallEstimate{CostEstimate: cost.Estimate{Min: 1, Max: 1 + nodeSize(*n)/10}}
	}
	return nil
}

// readText is the operand that a function reads through, where cel-go's model has it cost nothing: a text that is converted or counted, the text of a
// time's zone, a list of numbers. nil if there is none.
func readText(function string, target *cost.AstNode, args []cost.AstNode) *cost.AstNode {
	n := target
	switch {
	case isOneOf(function, "timestamp", "duration", "double", "int", "uint", "bool", "size") && target == nil && len(args) == 1:
		n = &args[0]
	case function == "size" && target != nil:
	case isOneOf(function, "math.@max", "math.@min") && len(args) == 1:
		return &args[0]
	case strings.HasPrefix(function, "get") && target != nil && len(args) == 1:
		n = &args[0]
	default:
		return nil
	}
	if k := (*n).Type().Kind(); k != types.StringKind && k != types.DynKind {
		return nil
	}
	return n
}

// partCost is the cost of comparing a part of a list or map with another, besides that of what it holds.
const partCost = 10

// equalCost is that of comparing two lists or maps, which cel-go's model has cost a tenth of a unit for each element, whatever it is. nil if they are
// none.
func equalCost(a, b cost.AstNode) *cost.CallEstimate {
	if !isComposite(a.Type()) || !isComposite(b.Type()) {
		return nil
	}
	most := min(weight(a.Type(), a.ComputedSize()), weight(b.Type(), b.ComputedSize()))
	return &cost.CallEstimate{CostEstimate: cost.Estimate{Min: 1, Max: addCapped(1, most)}}
}

func isComposite(t *types.Type) bool {
	return t.Kind() == types.ListKind || t.Kind() == types.MapKind
}

// weight bounds what it takes to look at all of a value.
func weight(t *types.Type, size *cost.SizeEstimate) uint64 {
	n, elem, key := uint64(policy.MaxMadeBytes), (*cost.SizeEstimate)(nil), (*cost.SizeEstimate)(nil)
	if size != nil {
		n, elem, key = min(size.Max, n), size.Elem, size.Key
	}
	switch params := t.Parameters(); {
	case t.Kind() == types.ListKind && len(params) == 1:
		return mulCapped(n, weight(params[0], elem))
	case t.Kind() == types.MapKind && len(params) == 2:
		return mulCapped(n, addCapped(weight(params[0], key), weight(params[1], elem)))
	case t.Kind() == types.StringKind || t.Kind() == types.BytesKind || t.Kind() == types.DynKind:
		return partCost + n/10
	}
	return partCost
}

func isPolicyList(path []string) bool {
	return len(path) == 1 && strings.HasPrefix(path[0], "list.")
}

// limitedCosts are the costs of functions whose results our limits keep smaller than cel-go's model thinks: a text that is made has at most 1 MiB, a
// list at most 65,536 elements, and the pieces of a text are together no more than the text.
func (s *estimator) limitedCosts() []cost.Option {
	return []cost.Option{
		cost.OverloadCostEstimate("lists_range", rangeCost),
		cost.OverloadCostEstimate("matches", s.matchesCost),
		cost.OverloadCostEstimate("matches_string", s.matchesCost),
		cost.OverloadCostEstimate("regex_extract_string_string", s.extractCost),
		cost.OverloadCostEstimate("regex_extractAll_string_string", s.extractAllCost),
		cost.OverloadCostEstimate("regex_replace_string_string_string", s.regexReplaceCost),
		cost.OverloadCostEstimate("regex_replace_string_string_string_int", s.regexReplaceCost),
		cost.OverloadCostEstimate("string_replace_string_string", replaceCost),
		cost.OverloadCostEstimate("string_replace_string_string_int", replaceCost),
		cost.OverloadCostEstimate("string_char_at_int", cutCost),
		cost.OverloadCostEstimate("string_format", s.formatCost),
		cost.OverloadCostEstimate("string_split_string", splitCost),
		cost.OverloadCostEstimate("string_split_string_int", splitCost),
		cost.OverloadCostEstimate("string_substring_int", cutCost),
		cost.OverloadCostEstimate("string_substring_int_int", cutCost),
	}
}

// nodeSize is the most that cel-go knows of a node's size.
func nodeSize(n cost.AstNode) uint64 {
	if s := n.ComputedSize(); s != nil {
		return min(s.Max, policy.MaxMadeBytes)
	}
	return policy.MaxMadeBytes
}

func rangeCost(_ cost.Estimator, _ *cost.AstNode, args []cost.AstNode) *cost.CallEstimate {
	n := uint64(policy.MaxMadeElements)
	if len(args) == 1 && args[0].Expr() != nil && args[0].Expr().Kind() == ast.LiteralKind {
		if c, ok := args[0].Expr().AsLiteral().(types.Int); ok {
			n = min(n, uint64(max(c, 0)))
		}
	}
	one := cost.FixedSizeEstimate(1)
	return &cost.CallEstimate{CostEstimate: cost.Estimate{Min: 1, Max: cost.CallCost + cost.ListCreateBaseCost + n}, ResultSize: &cost.SizeEstimate{Max: n, Elem: &one}}
}

// replacedSize bounds a text in which each place, those between its characters too, may be replaced.
func replacedSize(text, by uint64) uint64 {
	return min(addCapped(text, mulCapped(text+1, by)), policy.MaxMadeBytes)
}

func replaceCost(_ cost.Estimator, target *cost.AstNode, args []cost.AstNode) *cost.CallEstimate {
	if target == nil || len(args) < 2 {
		return nil
	}
	size := replacedSize(nodeSize(*target), nodeSize(args[1]))
	return &cost.CallEstimate{
		CostEstimate: cost.Estimate{Min: 1, Max: addCapped(cost.CallCost+2+nodeSize(*target)/10+nodeSize(args[0])/10, size)},
		ResultSize:   &cost.SizeEstimate{Max: size},
	}
}

// searchCost is that of looking for a pattern in a text: the text by a quarter of the pattern. In cel-go's model it is a tenth of that, which other
// functions do in a tenth of the time. A repetition such as `(a{1,30}){1,30}` is short and stands for much, so the pattern counts by the program
// that it makes where that is more.
func (s *estimator) searchCost(text uint64, pattern cost.AstNode) uint64 {
	size := nodeSize(pattern)
	if p, ok := s.patternOf(pattern); ok {
		size = max(p.length, p.size)
	}
	return addCapped(cost.CallCost, mulCapped(1+text, 1+size/4))
}

// searchAllCost is that of looking for all matches: what is behind a match may be read again.
func (s *estimator) searchAllCost(text uint64, pattern cost.AstNode) uint64 {
	reach := uint64(endless)
	if p, ok := s.patternOf(pattern); ok {
		reach = p.reach
	}
	again := mulCapped(text, reach)
	if reach >= text {
		again = mulCapped(text, text) / 2
	}
	return s.searchCost(addCapped(text, min(again, maxReread)), pattern)
}

// patternOf is the pattern that a node is, if that is known.
func (s *estimator) patternOf(n cost.AstNode) (checkedPattern, bool) {
	if id := n.Expr().ID(); id > 0 && id < int64(len(s.nodes)) && s.nodes[id] != nil {
		if p, ok := constString(s.nodes[id]); ok {
			return s.env.pattern(p), true
		}
	}
	return checkedPattern{}, false
}

func (s *estimator) matchesCost(_ cost.Estimator, target *cost.AstNode, args []cost.AstNode) *cost.CallEstimate {
	if target != nil {
		args = append([]cost.AstNode{*target}, args...)
	}
	if len(args) != 2 {
		return nil
	}
	return &cost.CallEstimate{CostEstimate: cost.Estimate{Min: 1, Max: s.searchCost(nodeSize(args[0]), args[1])}}
}

func (s *estimator) extractCost(_ cost.Estimator, _ *cost.AstNode, args []cost.AstNode) *cost.CallEstimate {
	if len(args) != 2 {
		return nil
	}
	text := nodeSize(args[0])
	return &cost.CallEstimate{
		CostEstimate: cost.Estimate{Min: 1, Max: addCapped(1+text, s.searchCost(text, args[1]))},
		ResultSize:   &cost.SizeEstimate{Min: 1, Max: 1 + text, Elem: &cost.SizeEstimate{Max: text}},
	}
}

func (s *estimator) extractAllCost(_ cost.Estimator, _ *cost.AstNode, args []cost.AstNode) *cost.CallEstimate {
	if len(args) != 2 {
		return nil
	}
	text := nodeSize(args[0])
	x := pieces(text)
	return &cost.CallEstimate{
		CostEstimate: cost.Estimate{Min: 1, Max: addCapped(x.n+cost.ListCreateBaseCost, s.searchAllCost(text, args[1]))},
		ResultSize:   &cost.SizeEstimate{Max: x.n, Elem: &cost.SizeEstimate{Max: x.elem.n}},
	}
}

func (s *estimator) regexReplaceCost(_ cost.Estimator, _ *cost.AstNode, args []cost.AstNode) *cost.CallEstimate {
	if len(args) < 3 {
		return nil
	}
	text := nodeSize(args[0])
	size := replacedSize(text, nodeSize(args[2]))
	return &cost.CallEstimate{
		CostEstimate: cost.Estimate{Min: 1, Max: addCapped(size, s.searchAllCost(text, args[1]))},
		ResultSize:   &cost.SizeEstimate{Max: size},
	}
}

// cutCost is that of taking characters of a text: all of it is read, and at most all of it made again.
func cutCost(_ cost.Estimator, target *cost.AstNode, _ []cost.AstNode) *cost.CallEstimate {
	if target == nil {
		return nil
	}
	n := nodeSize(*target)
	return &cost.CallEstimate{CostEstimate: cost.Estimate{Min: 1, Max: cost.CallCost + 1 + n/10 + n}, ResultSize: &cost.SizeEstimate{Max: n}}
}

// formatCost is that of writing values out, which cel-go's model has by the text they are put into alone: as many units as that may write.
func (s *estimator) formatCost(_ cost.Estimator, target *cost.AstNode, args []cost.AstNode) *cost.CallEstimate {
	if target == nil || len(args) != 1 {
		return nil
	}
	n := addCapped(nodeSize(*target), s.shownList(args[0]))
	n = min(n, policy.MaxMadeBytes)
	return &cost.CallEstimate{CostEstimate: cost.Estimate{Min: 1, Max: cost.CallCost + n}, ResultSize: &cost.SizeEstimate{Max: policy.MaxMadeBytes}}
}

// shownList bounds the bytes of a list's elements, written out.
func (s *estimator) shownList(list cost.AstNode) uint64 {
	if list.Expr().Kind() != ast.ListKind {
		return policy.MaxMadeBytes
	}
	n := uint64(0)
	for _, elem := range list.Expr().AsList().Elements() {
		id := elem.ID()
		if id <= 0 || id >= int64(len(s.nodes)) || s.nodes[id] == nil {
			return policy.MaxMadeBytes
		}
		n = addCapped(n, shown(s.nodes[id].Node().Type, s.extents[s.nodes[id]]))
	}
	return n
}

// shown bounds the bytes of a value, written out.
func shown(t *policy.Type, x *extent) uint64 {
	const scalar = 512 // the longest is a double, to 100 places
	switch t.Kind {
	case policy.KindString, policy.KindBytes:
		if x != nil {
			return mulCapped(2, x.n) // in hexadecimal
		}
	case policy.KindList, policy.KindMap, policy.KindAny, policy.KindOptional:
	default:
		return scalar
	}
	return policy.MaxMadeBytes
}

func splitCost(_ cost.Estimator, target *cost.AstNode, _ []cost.AstNode) *cost.CallEstimate {
	if target == nil {
		return nil
	}
	x := pieces(nodeSize(*target))
	return &cost.CallEstimate{
		CostEstimate: cost.Estimate{Min: 1, Max: cost.CallCost + cost.ListCreateBaseCost + nodeSize(*target)/10 + 1 + x.n},
		ResultSize:   &cost.SizeEstimate{Max: x.n, Elem: &cost.SizeEstimate{Max: x.elem.n}},
	}
}

// costOf is the worst case of a checked tree, in cel-go's cost units.
func (e *Env) costOf(checked *ast.AST, nodes []expr.Expr, extents map[expr.Expr]*extent) uint64 {
	// cel-go's environment knows what its libraries' functions cost, and takes a tree in this wrapping alone.
	holder := e.lib.holders.Get().(*celgo.Ast)
	defer e.lib.holders.Put(holder)
	*holder.NativeRep() = *checked
	s := &estimator{e, nodes, extents}
	c, err := e.lib.env.EstimateCost(holder, s, s.limitedCosts()...)
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
