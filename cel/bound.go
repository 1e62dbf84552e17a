package cel

import (
	"strconv"

	"github.com/rungpolicy/rung/expr"
)

// Bounds that keep cel-go's checker quick. What it does is linear in a condition but for the types themselves: a type may
// grow by doubling where names are bound, and types not yet known form chains. Its estimate of costs takes three times as
// long for each name bound inside another.
const (
	maxBindings = 10        // variables bound inside each other
	maxTypeSize = 200       // nodes of a type
	maxEmpties  = 1_000     // `[]` and `{}`, whose types are to be found out
	maxAllNodes = 8_000_000 // of all conditions together, lets put in
)

// bound reports what would keep cel-go's checker busy too long, before it sees the tree. It returns false if there is something.
func (b *builder) bound() bool {
	empties, deep := 0, (*node)(nil)
	b.tree.walk(func(n *node) {
		if (n.kind == nodeList || n.kind == nodeMap) && len(n.kids) == 0 {
			empties++
		}
		for _, v := range n.vars {
			if v.slot >= maxBindings && deep == nil {
				deep = n
			}
		}
	})
	switch {
	case deep != nil:
		b.report(deep, deep.start, deep.end, "cel-limit", "more than "+strconv.Itoa(maxBindings)+" variables are bound inside each other", "", "")
	case empties > maxEmpties:
		b.report(b.tree, b.tree.start, b.tree.end, "cel-limit", "the condition has more than "+amount(maxEmpties)+" empty lists and maps", "", "")
	default:
		s := sizer{env: b.env}
		if b.typeSize = s.size(b.tree); s.most <= maxTypeSize {
			return true
		}
		b.report(b.tree, b.tree.start, b.tree.end, "cel-limit", "lists and maps are nested too deep in each other", "", "")
	}
	return false
}

// sizer bounds the nodes of types, without knowing the types. Most is the largest that it has met.
type sizer struct {
	env  *Env
	most int
}

func (s *sizer) size(n *node) int {
	n1 := min(s.typeSize(n), 1<<20)
	s.most = max(s.most, n1)
	return n1
}

func (s *sizer) typeSize(n *node) int {
	switch n.kind {
	case nodeLiteral, nodeMessage:
		return 1
	case nodeIdent:
		if n.bound != nil {
			return n.bound.typeSize
		}
		if l := s.env.lets[trimLet(n.name)]; l != nil {
			return max(1, l.typeSize)
		}
		return 1
	case nodeMethod:
		if len(n.vars) > 0 {
			return s.macro(n)
		}
	}
	keys, values := 0, 0
	for i, k := range n.kids {
		if size := s.size(k); n.kind == nodeMap && i%2 == 0 {
			keys = max(keys, size)
		} else {
			values = max(values, size)
		}
	}
	switch n.kind {
	case nodeSelect, nodeIndex:
		return max(1, values)
	case nodeCall, nodeMethod:
		return s.env.lib.growths.of(n).size(max(1, values))
	}
	return 1 + keys + values
}

func (s *sizer) macro(n *node) int {
	target := s.size(n.kids[0])
	for _, v := range n.vars {
		v.typeSize = target
	}
	rest := n.kids[1+n.form.vars:]
	if n.form.unbound > 0 {
		n.vars[0].typeSize = s.size(rest[0])
		rest = rest[1:]
	}
	body := 1
	for _, k := range rest { // the last is the body
		body = s.size(k)
	}
	switch {
	case n.form.unbound > 0:
		return body
	case n.name == "sortBy", n.form.fold && n.form.macro == expr.Filter:
		return target
	case n.form.fold && (n.form.macro == expr.All || n.form.macro == expr.Exists || n.form.macro == expr.ExistsOne):
		return 1
	case n.form.fold && n.form.macro == expr.TransformMap:
		return 1 + target + body
	}
	return 1 + body
}
