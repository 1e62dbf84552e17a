package lower

import (
	"net/netip"
	"slices"

	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/abi"
	"github.com/rungpolicy/rung/wasm/internal/ir"
)

// This file is about values whose type is known only at run time. What the checker knows of types it forgets wherever a value goes through one of type dyn, so the
// types here are found anew, from below: two that differ where they meet make any, and every construct takes its operands as any where it has no form for their
// types.

// typeOfTypes is the type of types, whatever they are types of.
var typeOfTypes = &policy.Type{Kind: policy.KindType}

// Numbers of codes, for ir.Unbox.
var (
	noOverload = int(abi.NumberOf(policy.NoSuchOverload))
	badCall    = int(abi.NumberOf(policy.InvalidArgument))
)

func isAny(t *policy.Type) bool { return t.Kind == policy.KindAny }

// holdsAny reports whether any stands somewhere in a type.
func holdsAny(t *policy.Type) bool {
	if t == nil {
		return false
	}
	return isAny(t) || t.Kind != policy.KindType && (holdsAny(t.Elem) || holdsAny(t.Key))
}

// box makes any of a value.
func (l *lowerer) box(n *ir.Node) *ir.Node {
	if isAny(n.Type) {
		return n
	}
	if _, ok := abi.TagOf(n.Type); ok {
		return ir.New(ir.Box, policy.Any, 0, ir.Imm{}, n)
	}
	// The type nests deeper than a tag has room for: what is inside is made any first.
	v := variable{n: l.fresh(), typ: n.Type.Elem}
	switch n.Type.Kind {
	case policy.KindList:
		return l.box(ir.New(ir.FoldMap, policy.ListOf(policy.Any), n.Place, ir.Imm{Vars: []int{v.n}}, n, l.box(local(v))))
	case policy.KindOptional:
		return l.box(ir.New(ir.OptMap, optional(policy.Any), 0, ir.Imm{Vars: []int{v.n}}, n, l.box(local(v))))
	case policy.KindMap:
		t := &policy.Type{Kind: policy.KindMap, Key: n.Type.Key, Elem: policy.Any}
		return l.box(ir.New(ir.FoldToMap, t, n.Place, ir.Imm{Vars: []int{l.fresh(), v.n}}, n, l.box(local(v))))
	}
	return n // an object, which the checker lets nobody use so
}

// unbox takes any as of a type; it fails with a code, at e, where it is of another.
func (l *lowerer) unbox(n *ir.Node, t *policy.Type, code int, e expr.Expr) *ir.Node {
	if !isAny(n.Type) {
		return n
	}
	return ir.New(ir.Unbox, t, l.place(e), ir.Imm{N: code}, n)
}

// truth takes a value as a bool.
func (l *lowerer) truth(n *ir.Node, e expr.Expr) *ir.Node {
	return l.unbox(n, policy.Bool, noOverload, e)
}

// maybe takes a value as an optional.
func (l *lowerer) maybe(n *ir.Node, code int, e expr.Expr) *ir.Node {
	return l.unbox(n, optional(policy.Any), code, e)
}

// join is the type that values of both types can be given.
func join(a, b *policy.Type) *policy.Type {
	if a.Equal(b) {
		return a
	}
	if a.Kind == policy.KindOptional && b.Kind == policy.KindOptional {
		return optional(join(a.Elem, b.Elem))
	}
	return policy.Any
}

// to gives a value a type that it can be given: its own, any, or an optional of one.
func (l *lowerer) to(n *ir.Node, t *policy.Type) *ir.Node {
	switch {
	case n.Type.Equal(t):
		return n
	case isAny(t):
		return l.box(n)
	case nothing(n):
		return ir.New(n.Op, t, n.Place, n.Imm)
	case n.Type.Kind == policy.KindOptional && t.Kind == policy.KindOptional:
		v := variable{n: l.fresh(), typ: n.Type.Elem}
		return ir.New(ir.OptMap, t, 0, ir.Imm{Vars: []int{v.n}}, n, l.to(local(v), t.Elem))
	}
	return n
}

// joined gives two nodes one type.
func (l *lowerer) joined(a, b *ir.Node) (*ir.Node, *ir.Node) {
	a, b = alike(a, b)
	t := join(a.Type, b.Type)
	return l.to(a, t), l.to(b, t)
}

// typeConst lowers the name of a type.
func (l *lowerer) typeConst(e *expr.TypeConst) *ir.Node {
	tag, ok := typeTags[e.Name]
	if !ok {
		return l.refuse(e, "the type %s", e.Name)
	}
	return constant(typeOfTypes, ir.TypeTag(tag))
}

// typeTags are the types that have a name, by CEL's names.
var typeTags = map[string]abi.Tag{
	"null_type": abi.TagNull, "bool": abi.TagBool, "int": abi.TagInt, "uint": abi.TagUint, "double": abi.TagDouble, "string": abi.TagString,
	"bytes": abi.TagBytes, "google.protobuf.Timestamp": abi.TagTimestamp, "google.protobuf.Duration": abi.TagDuration, "net.IP": abi.TagIP,
	"net.CIDR": abi.TagCIDR, "list": abi.TagList, "map": abi.TagMap, "optional_type": abi.TagOptional, "type": abi.TagType,
}

// selected lowers a chain of selects from a value of type any, or an optional of one.
func (l *lowerer) selected(of *ir.Node, steps []*expr.Select, place int) *ir.Node {
	imm := ir.Imm{N: len(steps)}
	for i, s := range steps {
		imm.Names = append(imm.Names, s.Name)
		if s.Optional && imm.N == len(steps) {
			imm.N = i
		}
	}
	if of.Type.Kind == policy.KindOptional {
		v := variable{n: l.fresh(), typ: policy.Any}
		imm.N = 0
		inner := ir.New(ir.DynSelect, optional(policy.Any), place, imm, local(v))
		return ir.New(ir.OptFlat, inner.Type, place, ir.Imm{Vars: []int{v.n}}, of, inner)
	}
	t := policy.Any
	if imm.N < len(steps) {
		t = optional(policy.Any)
	}
	return ir.New(ir.DynSelect, t, place, imm, of)
}

// indexed is of[key], or of[?key], where the types do not say how.
func (l *lowerer) indexed(of, key *ir.Node, opt bool, place int) *ir.Node {
	if opt || of.Type.Kind == policy.KindOptional {
		return ir.New(ir.DynOpt, optional(policy.Any), place, ir.Imm{}, l.box(of), l.box(key))
	}
	return ir.New(ir.DynGet, policy.Any, place, ir.Imm{}, l.box(of), l.box(key))
}

// partly reports whether values of a type may have parts, and a comparison take long.
func partly(t *policy.Type) bool {
	switch t.Kind {
	case policy.KindAny, policy.KindList, policy.KindMap, policy.KindOptional:
		return true
	}
	return false
}

// compareAny compares values of types that differ, or are not known.
func (l *lowerer) compareAny(op ir.Op, place int, a, b *ir.Node) *ir.Node {
	if op == ir.Eq || op == ir.Ne {
		limited := partly(a.Type) && partly(b.Type)
		if limited || isAny(a.Type) == isAny(b.Type) { // what has no parts is held against any in place
			a, b = l.box(a), l.box(b)
		}
		return ir.New(op, policy.Bool, place, ir.Imm{}, a, b).Fallible(limited, false)
	}
	numbers := number(a.Type) && number(b.Type)
	return ir.New(op, policy.Bool, place, ir.Imm{}, l.box(a), l.box(b)).Fallible(!numbers, false)
}

func number(t *policy.Type) bool {
	return t.Kind == policy.KindInt || t.Kind == policy.KindUint || t.Kind == policy.KindDouble
}

// inAny lowers `x in of` where the types do not say how.
func (l *lowerer) inAny(place int, x, of *ir.Node) *ir.Node {
	return ir.New(ir.DynIn, policy.Bool, place, ir.Imm{}, l.box(x), l.box(of))
}

// inValues is `x in` values of a type that do not change, of any x: it is looked up if it has that type. A number of another type is searched for.
func (l *lowerer) inValues(e *expr.Call, x *ir.Node, of *expr.List) *ir.Node {
	list := l.policy.Lists[of.Index]
	v := variable{n: l.fresh(), typ: policy.Any}
	kind := func(t *policy.Type) *ir.Node {
		tag, _ := abi.TagOf(t)
		return ir.New(ir.IsKind, policy.Bool, 0, ir.Imm{N: int(tag)}, local(v))
	}
	look := func(t *policy.Type) *ir.Node {
		return l.inTable(e, ir.New(ir.Unbox, t, 0, ir.Imm{}, local(v)), list.Values)
	}
	var body *ir.Node
	switch list.Type.Kind {
	case policy.KindString:
		body = ir.New(ir.Cond, policy.Bool, 0, ir.Imm{}, kind(policy.String), look(policy.String), constant(policy.Bool, false))
	case policy.KindIP, policy.KindCIDR:
		ranges := slices.DeleteFunc(slices.Clone(list.Values), func(v policy.Value) bool { _, ok := v.(netip.Prefix); return !ok })
		other := constant(policy.Bool, false)
		if len(ranges) > 0 {
			all := constant(policy.ListOf(policy.CIDR), ranges)
			as := ir.New(ir.Unbox, policy.CIDR, 0, ir.Imm{}, local(v))
			other = ir.New(ir.Cond, policy.Bool, 0, ir.Imm{}, kind(policy.CIDR), ir.New(ir.InList, policy.Bool, 0, ir.Imm{}, as, all), other)
		}
		body = ir.New(ir.Cond, policy.Bool, 0, ir.Imm{}, kind(policy.IP), look(policy.IP), other)
	case policy.KindInt, policy.KindUint:
		all := l.inAny(l.place(e), local(v), constant(policy.ListOf(list.Type), list.Values))
		body = ir.New(ir.Cond, policy.Bool, 0, ir.Imm{}, kind(list.Type), look(list.Type), all)
	default:
		body = l.inAny(l.place(e), local(v), constant(policy.ListOf(list.Type), list.Values))
	}
	return ir.New(ir.Bind, policy.Bool, 0, ir.Imm{Vars: []int{v.n}}, x, body)
}

// optionals lowers the functions of optionals; nil if a call is of none.
func (l *lowerer) optionals(e *expr.Call, args []*ir.Node) *ir.Node {
	switch e.Function {
	case "optional.of":
		return ir.New(ir.Some, optional(args[0].Type), l.place(e), ir.Imm{}, args...)
	case "optional.ofNonZeroValue":
		if isAny(args[0].Type) {
			return l.nonZeroAny(args[0], l.place(e))
		}
	case "hasValue":
		if len(args) == 1 {
			return ir.New(ir.HasValue, policy.Bool, l.place(e), ir.Imm{}, l.maybe(args[0], noOverload, e))
		}
		if args[0].Type.Kind == policy.KindOptional {
			if n := hasValue(l, e, args); n != nil {
				return n
			}
		}
		return ir.New(ir.DynHasValue, policy.Bool, l.place(e), ir.Imm{}, l.box(args[0]), l.box(args[1]))
	case "value":
		of := l.maybe(args[0], noOverload, e)
		return ir.New(ir.Unwrap, of.Type.Elem, l.place(e), ir.Imm{}, of)
	case "optional.unwrap", "unwrapOpt":
		if t := args[0].Type; isAny(t) || holdsAny(t) {
			return l.unwrappedAny(e, args[0])
		}
	case "first", "last":
		args[0] = l.unbox(args[0], anyList, noOverload, e)
	}
	return nil
}

// nonZeroAny is an optional of any x, none if x is the zero value of its type.
func (l *lowerer) nonZeroAny(x *ir.Node, place int) *ir.Node {
	t := x.Type
	v := variable{n: l.fresh(), typ: t, fails: x.Fails, pends: x.Pends}
	zero := ir.New(ir.IsZero, policy.Bool, place, ir.Imm{}, l.box(local(v)))
	body := ir.New(ir.Cond, optional(t), 0, ir.Imm{}, zero, ir.New(ir.None, optional(t), 0, ir.Imm{}), ir.New(ir.Some, optional(t), 0, ir.Imm{}, local(v)))
	return ir.New(ir.Bind, optional(t), 0, ir.Imm{Vars: []int{v.n}}, x, body)
}

// unwrappedAny is the list of what is there in a list of optionals. Of a list of any the first element is held against the type of the operand before the function is called.
func (l *lowerer) unwrappedAny(e *expr.Call, list *ir.Node) *ir.Node {
	place := l.place(e)
	list = l.unbox(list, anyList, noOverload, e)
	of := variable{n: l.fresh(), typ: list.Type, fails: list.Fails, pends: list.Pends}
	x, first := variable{n: l.fresh(), typ: list.Type.Elem}, variable{n: l.fresh(), typ: list.Type.Elem}
	if !partly(x.typ) { // a list of nothing
		return ir.New(ir.MakeList, list.Type, 0, ir.Imm{})
	}
	opt := l.maybe(local(x), badCall, e)
	there := ir.New(ir.HasValue, policy.Bool, 0, ir.Imm{}, opt)
	value := ir.New(ir.Unwrap, opt.Type.Elem, place, ir.Imm{}, opt)
	out := ir.New(ir.FoldMap, policy.ListOf(value.Type), place, ir.Imm{Vars: []int{x.n}}, local(of), value, there)
	if isAny(x.typ) {
		at := ir.New(ir.ListOpt, optional(x.typ), 0, ir.Imm{}, local(of), constant(policy.Int, int64(0)))
		fits := ir.New(ir.OptMap, optional(optional(policy.Any)), 0, ir.Imm{Vars: []int{first.n}}, at, l.maybe(local(first), noOverload, e))
		out = ir.New(ir.Cond, out.Type, 0, ir.Imm{}, ir.New(ir.HasValue, policy.Bool, 0, ir.Imm{}, fits), out, ir.New(ir.MakeList, out.Type, 0, ir.Imm{}))
	}
	return ir.New(ir.Bind, out.Type, 0, ir.Imm{Vars: []int{of.n}}, list, out)
}
