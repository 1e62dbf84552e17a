package cel

import (
	"strings"

	celgo "cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// growth is what a function makes of the size of its operands' types.
type growth struct {
	fixed   int  // the size of a result whose type the operands do not say
	generic bool // they say it
	wraps   int  // and the result is of so many nodes more
}

// size bounds the nodes of the result's type, where those of the largest operand are known.
func (g growth) size(operand int) int {
	if g.generic {
		return max(g.fixed, operand+g.wraps)
	}
	return g.fixed
}

// growths are those of all functions, by name.
type growths map[string]growth

func newGrowths(env *celgo.Env) growths {
	all := make(growths)
	for name, f := range env.Functions() {
		g := growth{fixed: 1}
		for _, o := range f.OverloadDecls() {
			if params := parameters(o.ResultType()); len(params) > 0 {
				g.generic = true
				g.wraps = max(g.wraps, wraps(o.ResultType(), o.ArgTypes(), params))
			}
			g.fixed = max(g.fixed, typeNodes(o.ResultType()))
		}
		all[name] = g
	}
	all[operators.Conditional] = growth{fixed: 1, generic: true}
	return all
}

// of is the growth of a call. What is no function of the library, or an error, counts as one that wraps its operand.
func (all growths) of(n *node) growth {
	name := strings.TrimPrefix(n.name, ".")
	if n.kind == nodeMethod {
		if prefix, ok := dotted(n.kids[0]); ok {
			if g, ok := all[prefix+"."+name]; ok {
				return g
			}
		}
	}
	if g, ok := all[name]; ok {
		return g
	}
	if n.name == operators.Has {
		return growth{fixed: 1}
	}
	return growth{fixed: 1, generic: true, wraps: 1}
}

// wraps is how many nodes of a result stand above a type parameter, more than do in any operand that has it.
func wraps(result *types.Type, args []*types.Type, params map[string]int) int {
	most := 0
	for p, depth := range params {
		least := depth
		for _, a := range args {
			if d, ok := parameters(a)[p]; ok {
				least = min(least, d)
			}
		}
		most = max(most, depth-least)
	}
	if len(params) > 1 {
		most += typeNodes(result) // a map, say: the sizes of several operands add up
	}
	return most
}

// parameters are the type parameters of a type, and how deep each stands in it.
func parameters(t *types.Type) map[string]int {
	found := make(map[string]int)
	var look func(t *types.Type, depth int)
	look = func(t *types.Type, depth int) {
		if t.Kind() == types.TypeParamKind {
			found[t.TypeName()] = max(found[t.TypeName()], depth)
		}
		for _, p := range t.Parameters() {
			look(p, depth+1)
		}
	}
	look(t, 0)
	return found
}

func typeNodes(t *types.Type) int {
	n := 1
	for _, p := range t.Parameters() {
		n += typeNodes(p)
	}
	return n
}
