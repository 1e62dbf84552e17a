package cel

import (
	"strings"

	"cel.dev/cel-go/common/operators"

	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
)

// What the values of a condition take in memory: an element of a list, an entry of a map, a value that is boxed.
const (
	elemBytes  = 16
	entryBytes = 32
)

// extent bounds a value: the bytes of a string, or the elements of a list or map and what each of those is.
type extent struct {
	n         uint64
	elem, key *extent
}

var scalar = &extent{n: elemBytes}

// maker walks a condition and bounds the bytes that it makes.
type maker struct {
	policy  *policy.Policy
	locals  []*extent
	extents map[expr.Expr]*extent // of every node
}

// made bounds the bytes that a tree makes, under the sizes of a request, and every value in it.
func made(p *policy.Policy, root expr.Expr, slots int) (uint64, map[expr.Expr]*extent) {
	m := &maker{policy: p, locals: make([]*extent, slots+1), extents: make(map[expr.Expr]*extent)}
	_, bytes := m.expr(root)
	return bytes, m.extents
}

// extentOf bounds a value of a type in a request.
func extentOf(t *policy.Type, text uint64) *extent {
	switch t.Kind {
	case policy.KindString, policy.KindBytes:
		return &extent{n: text}
	case policy.KindAny:
		return &extent{n: max(text, policy.MaxAnyEntries), elem: &extent{n: text}, key: &extent{n: text}}
	case policy.KindList:
		return &extent{n: uint64(limitOf(t)), elem: extentOf(t.Elem, min(text, shareOf(t.Max)))}
	case policy.KindMap:
		share := shareOf(t.Max)
		return &extent{n: uint64(limitOf(t)), elem: extentOf(t.Elem, min(text, share)), key: &extent{n: share}}
	case policy.KindOptional:
		return extentOf(t.Elem, text)
	}
	return scalar
}

// unknownExtent bounds what a condition has made, of which nothing but the type is known.
func unknownExtent(t *policy.Type) *extent {
	switch t.Kind {
	case policy.KindString, policy.KindBytes:
		return &extent{n: policy.MaxMadeBytes}
	case policy.KindAny:
		return &extent{n: policy.MaxMadeBytes, elem: &extent{n: policy.MaxMadeBytes}, key: &extent{n: policy.MaxMadeBytes}}
	case policy.KindList, policy.KindMap:
		e := &extent{n: policy.MaxMadeElements, elem: unknownExtent(t.Elem), key: scalar}
		if t.Key != nil {
			e.key = unknownExtent(t.Key)
		}
		return e
	case policy.KindOptional:
		return unknownExtent(t.Elem)
	}
	return scalar
}

func (e *extent) element() *extent {
	if e.elem != nil {
		return e.elem
	}
	return scalar
}

func (e *extent) keys() *extent {
	if e.key != nil {
		return e.key
	}
	return scalar
}

// joinExtents bounds what may be either.
func joinExtents(a, b *extent) *extent {
	if a == nil {
		return b
	}
	if b == nil || a == b {
		return a
	}
	j := &extent{n: max(a.n, b.n)}
	if a.elem != nil || b.elem != nil {
		j.elem = joinExtents(a.elem, b.elem)
	}
	if a.key != nil || b.key != nil {
		j.key = joinExtents(a.key, b.key)
	}
	return j
}

// expr bounds a node's value, and the bytes that it and all below it make.
func (m *maker) expr(e expr.Expr) (*extent, uint64) {
	x, bytes := m.bound(e)
	m.extents[e] = x
	return x, bytes
}

func (m *maker) bound(e expr.Expr) (*extent, uint64) {
	switch e := e.(type) {
	case *expr.Const:
		return constExtent(e.Value), 0
	case *expr.Signal:
		return extentOf(e.Type, policy.MaxStringBytes), 0
	case *expr.Param:
		return extentOf(e.Type, policy.MaxStringBytes), 0
	case *expr.List:
		l := m.policy.Lists[e.Index]
		return &extent{n: uint64(len(l.Values)), elem: &extent{n: listSize(l, true)}}, 0
	case *expr.Local:
		if x := m.locals[e.Slot]; x != nil {
			return x, 0
		}
		return unknownExtent(e.Type), 0
	case *expr.Select:
		return m.selection(e)
	case *expr.Index:
		of, a := m.expr(e.Of)
		_, b := m.expr(e.Key)
		return of.element(), addCapped(a, b)
	case *expr.Cond:
		_, bytes := m.expr(e.If)
		x, a := m.expr(e.Then)
		y, b := m.expr(e.Else)
		return joinExtents(x, y), addCapped(bytes, max(a, b))
	case *expr.OrElse:
		x, a := m.expr(e.Of)
		y, b := m.expr(e.Other)
		return joinExtents(x, y), addCapped(a, b)
	case *expr.Bind:
		init, a := m.expr(e.Init)
		m.locals[e.Var.Slot] = init
		x, b := m.expr(e.Body)
		return x, addCapped(a, b)
	case *expr.OptMap:
		of, a := m.expr(e.Of)
		m.locals[e.Var.Slot] = of
		x, b := m.expr(e.Body)
		return x, addCapped(a, addCapped(b, elemBytes))
	case *expr.Fold:
		return m.fold(e)
	case *expr.Call:
		return m.call(e)
	default: // Has, Logic, MakeList, MakeMap, SessionLevel, TypeConst
		return m.literal(e)
	}
}

// literal is a list or map that is written out, or an operator of bools.
func (m *maker) literal(e expr.Expr) (*extent, uint64) {
	var elem *extent
	var bytes uint64
	for _, c := range expr.Children(e) {
		x, b := m.expr(c)
		elem, bytes = joinExtents(elem, x), addCapped(bytes, b)
	}
	switch e := e.(type) {
	case *expr.MakeList:
		n := uint64(len(e.Elems))
		return &extent{n: n, elem: elem}, addCapped(bytes, n*elemBytes)
	case *expr.MakeMap:
		n := uint64(len(e.Keys))
		return &extent{n: n, elem: elem, key: elem}, addCapped(bytes, n*entryBytes)
	default:
		return scalar, bytes
	}
}

func constExtent(v policy.Value) *extent {
	switch v := v.(type) {
	case string:
		return &extent{n: uint64(len(v))}
	case []byte:
		return &extent{n: uint64(len(v))}
	}
	return scalar
}

// selection bounds an attribute by its type where it stands in the request as it came, a map's entry by the map.
func (m *maker) selection(e *expr.Select) (*extent, uint64) {
	of, bytes := m.expr(e.Of)
	switch {
	case e.Slot >= 0:
		text := uint64(policy.MaxStringBytes)
		if of != scalar && of.elem == nil {
			text = of.n // the attribute of an element
		}
		return extentOf(e.Type, text), bytes
	case e.Of.Node().Type.Kind == policy.KindAny:
		return of, bytes
	}
	return of.element(), bytes
}

func (m *maker) fold(e *expr.Fold) (*extent, uint64) {
	over, bytes := m.expr(e.Range)
	t := e.Range.Node().Type
	first, second := over.element(), over.element()
	if t.Kind == policy.KindMap || t.Kind == policy.KindAny {
		if first = over.key; first == nil {
			first = scalar
		}
	}
	if t.Kind == policy.KindList && len(e.Vars) == 2 {
		first = scalar
	}
	if t.Kind == policy.KindAny && len(e.Vars) == 1 {
		first = joinExtents(first, second)
	}
	for i, v := range e.Vars {
		m.locals[v.Slot] = [2]*extent{first, second}[i]
	}
	n := min(over.n, policy.MaxEntries)
	if e.Filter != nil {
		_, b := m.expr(e.Filter)
		bytes = addCapped(bytes, mulCapped(n, b))
	}
	body, b := m.expr(e.Body)
	bytes = addCapped(bytes, mulCapped(n, b))
	switch e.Macro {
	case expr.All, expr.Exists, expr.ExistsOne:
		return scalar, bytes
	case expr.Filter:
		// In a map what passes are the keys.
		return &extent{n: n, elem: first}, addCapped(bytes, n*elemBytes)
	case expr.TransformMap:
		return &extent{n: n, elem: body, key: first}, addCapped(bytes, n*entryBytes)
	case expr.TransformMapEntry:
		entry := body.element()
		return &extent{n: n, elem: entry, key: entry}, addCapped(bytes, n*entryBytes)
	case expr.Map, expr.TransformList:
	}
	return &extent{n: n, elem: body}, addCapped(bytes, n*elemBytes)
}

// call bounds what a function makes of its operands.
func (m *maker) call(e *expr.Call) (*extent, uint64) {
	args := make([]*extent, len(e.Args))
	var bytes, all uint64
	for i, a := range e.Args {
		x, b := m.expr(a)
		args[i] = x
		bytes, all = addCapped(bytes, b), addCapped(all, x.n)
	}
	x := callExtent(e, args, all)
	return x, addCapped(bytes, footprint(e.Type, x))
}

// footprint is the bytes that a function's result takes.
func footprint(t *policy.Type, x *extent) uint64 {
	switch t.Kind {
	case policy.KindString, policy.KindBytes:
		return x.n
	case policy.KindList:
		if t.Elem.Kind == policy.KindString && x.elem != nil && x.elem.n*x.n < policy.MaxMadeBytes {
			return addCapped(mulCapped(x.n, elemBytes), x.n*x.elem.n)
		}
		return mulCapped(x.n, elemBytes)
	case policy.KindMap:
		return mulCapped(x.n, entryBytes)
	case policy.KindOptional:
		return footprint(t.Elem, x)
	case policy.KindBool, policy.KindInt, policy.KindUint, policy.KindDouble, policy.KindTimestamp, policy.KindDuration, policy.KindIP, policy.KindCIDR, policy.KindNull, policy.KindType:
		return 0
	}
	return min(x.n, policy.MaxMadeBytes)
}

// pieces bounds the list of what a text of n bytes is cut into. Like the strings of a request's list, the pieces count as
// their part of the whole.
func pieces(n uint64) *extent {
	const piece = 16
	return &extent{n: min(n+1, policy.MaxMadeElements), elem: &extent{n: min(n, piece)}}
}

func callExtent(e *expr.Call, args []*extent, all uint64) *extent {
	first := scalar
	if len(args) > 0 {
		first = args[0]
	}
	kind := e.Type.Kind
	text := kind == policy.KindString || kind == policy.KindBytes
	capped := func(n uint64) *extent { return &extent{n: min(n, policy.MaxMadeBytes)} }
	switch e.Function {
	case operators.Add:
		switch {
		case text:
			return capped(all)
		case kind == policy.KindList && len(args) == 2:
			return &extent{n: min(all, policy.MaxMadeElements), elem: joinExtents(args[0].elem, args[1].elem)}
		}
	case "lowerAscii", "upperAscii", "trim", "substring", "slice", "sort", "reverse", "distinct", "@sortByAssociatedKeys", "dyn",
		"optional.of", "optional.ofNonZeroValue", "value", "masked", "base64.decode", "base64.decodeUrl":
		return first
	case "first", "last":
		return first.element()
	case "charAt":
		return capped(4)
	case "strings.quote":
		return capped(4*first.n + 2)
	case "base64.encode", "base64.encodeUrl":
		return capped(4*(first.n/3+1) + 4)
	case "string", "bytes":
		if e.Args[0].Node().Type.Kind == policy.KindString || e.Args[0].Node().Type.Kind == policy.KindBytes || e.Args[0].Node().Type.Kind == policy.KindAny {
			return capped(max(first.n, 64))
		}
		return capped(64)
	case "join":
		return capped(mulCapped(first.n, addCapped(first.element().n, all-first.n)))
	case "split", "regex.extractAll":
		return pieces(first.n)
	case "replace":
		if len(args) >= 3 {
			return capped(addCapped(first.n, mulCapped(first.n+1, args[2].n)))
		}
	case "regex.extract":
		return first
	case "lists.range":
		if c, ok := e.Args[0].(*expr.Const); ok {
			if n, ok := c.Value.(int64); ok {
				return &extent{n: uint64(min(max(n, 0), policy.MaxMadeElements)), elem: scalar}
			}
		}
	case "optional.unwrap", "unwrapOpt":
		return first
	case "flatten":
		if len(args) == 1 && first.elem != nil {
			return &extent{n: min(mulCapped(first.n, max(first.elem.n, 1)), policy.MaxMadeElements), elem: first.elem.element()}
		}
	}
	if strings.HasPrefix(e.Function, "math.") {
		return scalar
	}
	return unknownExtent(e.Type)
}
