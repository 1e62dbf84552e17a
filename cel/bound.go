package cel

import (
	"strconv"

	"github.com/rungpolicy/rung/expr"
)

// Bounds that keep cel-go's checker quick. What it does is linear in a condition but for the types themselves: a type may
// grow by doubling where names are bound, and types not yet known form chains. Its estimate of costs takes three times as
// long for each name bound inside another.
const (
	maxBindings = 10    // variables bound inside each other
	maxTypeSize = 32    // nodes of a type
	maxEmpties  = 1_000 // `[]` and `{}`, whose types are to be found out
)

// Bounds on what a policy takes to check. They grow with its files, so that what is quickly written is quickly checked.
const (
	maxAllNodes  = 8_000_000 // of all conditions together
	someNodes    = 20_000    // that any policy may have
	nodesPerByte = 32        // more for each byte of its files: lets put in, for each type of the resource
	workPerByte  = 2         // that are checked, as cel-go counts them, macros expanded; the others are like one of these
)

// budget is what is left of something that there may be so much of.
type budget struct{ left int }

// newBudget is the budget of a policy of so many bytes; 0 bytes: of one that does not come out of files.
func newBudget(bytes, perByte int) budget {
	if bytes == 0 {
		return budget{maxAllNodes}
	}
	return budget{min(maxAllNodes, someNodes+perByte*bytes)}
}

// spend takes n and reports whether so much was left. Nil has no end.
func (b *budget) spend(n int) bool {
	if b == nil {
		return true
	}
	b.left -= n
	return b.left >= 0
}

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
			b.extra = s.extra
			return true
		}
		b.report(b.tree, b.tree.start, b.tree.end, "cel-limit", "lists and maps are nested too deep in each other", "", "")
	}
	return false
}

// macroParts is how many nodes of its type a macro stands for.
const macroParts = 16

// sizer bounds the nodes of types, without knowing the types. Most is the largest that it has met.
type sizer struct {
	env   *Env
	most  int
	extra int // what large types cost, in nodes: cel-go writes out, for each part of a type, all that is in it
}

func (s *sizer) size(n *node) int {
	n1 := min(s.typeSize(n), 1<<20)
	parts := 1
	if len(n.vars) > 0 {
		parts = macroParts
	}
	s.most, s.extra = max(s.most, n1), s.extra+parts*n1*n1/16
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
	for i, v := range n.vars {
		v.typeSize = max(1, target-1) // what is in it
		if n.name == "sortBy" && i == 0 {
			v.typeSize = target
		}
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
