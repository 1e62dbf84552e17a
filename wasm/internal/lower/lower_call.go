package lower

import (
	"net/netip"
	"slices"
	"time"

	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/internal/ir"
)

// CEL's names of its operators.
const (
	opNot       = "!_"
	opNegate    = "-_"
	opEquals    = "_==_"
	opNotEquals = "_!=_"
	opIn        = "@in"
	opOldIn     = "_in_"
)

// comparisons and arithmetic are the operators that one operation stands for, whatever the types.
var (
	comparisons = map[string]ir.Op{
		opEquals: ir.Eq, opNotEquals: ir.Ne, "_<_": ir.Lt, "_<=_": ir.Le, "_>_": ir.Gt, "_>=_": ir.Ge,
	}
	arithmetic = map[string]ir.Op{"_+_": ir.Add, "_-_": ir.Sub, "_*_": ir.Mul, "_/_": ir.Div, "_%_": ir.Mod}
)

// call lowers a strict call.
func (l *lowerer) call(e *expr.Call) *ir.Node {
	switch e.Function {
	case opIn, opOldIn:
		return l.in(e)
	case "matches":
		return l.matches(e)
	case "optional.none":
		return ir.New(ir.None, e.Type, 0, ir.Imm{})
	case "format":
		return l.format(e)
	case "regex.extract", "regex.extractAll", "regex.replace":
		return l.regex(e)
	}
	args := make([]*ir.Node, len(e.Args))
	for i, a := range e.Args {
		args[i] = l.expr(a)
	}
	if l.refused != nil {
		return args[0]
	}
	if n := l.optionals(e, args); n != nil {
		return n
	}
	if slices.ContainsFunc(args, func(a *ir.Node) bool { return isAny(a.Type) }) {
		if n := l.callOfAny(e, args); n != nil {
			return n
		}
	}
	return l.typedCall(e, args)
}

// callOfAny lowers a call with operands of type any; nil if it is one of types that are known all the same.
func (l *lowerer) callOfAny(e *expr.Call, args []*ir.Node) *ir.Node {
	if _, ok := comparisons[e.Function]; ok && len(args) == 2 {
		return nil
	}
	switch e.Function {
	case "dyn", "type", "size":
		return nil
	case opNot:
		args[0] = l.truth(args[0], e)
		return nil
	}
	return l.dynamic(e, args)
}

// boxed lowers a call whose operands are not of the types that its function wants, but may be at run time.
func (l *lowerer) boxed(e *expr.Call, args []*ir.Node) *ir.Node {
	boxed := make([]*ir.Node, len(args))
	changed := false
	for i, a := range args {
		boxed[i] = a
		if holdsAny(a.Type) && !isAny(a.Type) {
			boxed[i], changed = l.box(a), true
		}
	}
	if !changed {
		return nil
	}
	return l.dynamic(e, boxed)
}

// typedCall lowers a call whose operands' types are known, or do not matter.
func (l *lowerer) typedCall(e *expr.Call, args []*ir.Node) *ir.Node {
	if op, ok := comparisons[e.Function]; ok && len(args) == 2 {
		return l.compare(e, op, args)
	}
	if op, ok := arithmetic[e.Function]; ok && len(args) == 2 {
		return l.arithmetic(e, op, args)
	}
	if n := l.folded(e, args); n != nil {
		return n
	}
	if n := l.simple(e, args); n != nil {
		return n
	}
	if f, ok := library.guest[signature(e.Function, args)]; ok {
		return f(l, e, args)
	}
	if f, ok := library.extensions[signature(e.Function, args)]; ok {
		return f(l, e, args)
	}
	if n := l.ofAny(e, args); n != nil {
		return n
	}
	if n := l.listsOfAny(e, args); n != nil {
		return n
	}
	if n := l.boxed(e, args); n != nil {
		return n
	}
	return l.refuse(e, "%s of these types", e.Function)
}

// compare lowers `a == b`, `a < b` and the like.
func (l *lowerer) compare(e *expr.Call, op ir.Op, args []*ir.Node) *ir.Node {
	args[0], args[1] = alike(args[0], args[1])
	a, b := args[0].Type, args[1].Type
	equality := op == ir.Eq || op == ir.Ne
	switch {
	case holdsObject(a) || holdsObject(b):
		return l.refuse(e, "a comparison of objects")
	case !same(a, b), holdsAny(a), equality && nested(a, 0), !equality && !ordered(a):
		return l.compareAny(op, l.place(e), args[0], args[1])
	}
	return ir.New(op, policy.Bool, l.place(e), ir.Imm{}, args...)
}

// same reports whether two types are the same; all types of types are.
func same(a, b *policy.Type) bool {
	return a.Equal(b) || a.Kind == policy.KindType && b.Kind == policy.KindType
}

// nested reports whether a type is of lists or maps in others: how long it takes to compare them has a limit that is counted in parts.
func nested(t *policy.Type, depth int) bool {
	switch t.Kind {
	case policy.KindList, policy.KindMap:
		return depth > 0 || nested(t.Elem, depth+1)
	case policy.KindOptional:
		return nested(t.Elem, depth)
	}
	return false
}

// holdsObject reports whether there are objects in a type, which nothing compares.
func holdsObject(t *policy.Type) bool {
	for t != nil && t.Kind != policy.KindObject && t.Kind != policy.KindType {
		t = t.Elem
	}
	return t != nil && t.Kind == policy.KindObject
}

func ordered(t *policy.Type) bool {
	switch t.Kind {
	case policy.KindBool, policy.KindInt, policy.KindUint, policy.KindDouble, policy.KindString, policy.KindBytes, policy.KindTimestamp, policy.KindDuration:
		return true
	}
	return false
}

// arithmetic lowers `a + b` and the like.
func (l *lowerer) arithmetic(e *expr.Call, op ir.Op, args []*ir.Node) *ir.Node {
	args[0], args[1] = alike(args[0], args[1])
	a, b, place := args[0].Type, args[1].Type, l.place(e)
	number := a.Kind == policy.KindInt || a.Kind == policy.KindUint || a.Kind == policy.KindDouble
	switch {
	case number && a.Equal(b) && !(op == ir.Mod && a.Kind == policy.KindDouble):
		if op == ir.Mul && a.Kind != policy.KindDouble {
			name := map[policy.Kind]string{policy.KindInt: "rt_mul_i64", policy.KindUint: "rt_mul_u64"}[a.Kind]
			return guest(name, a, place, true, args...)
		}
		return ir.New(op, a, place, ir.Imm{}, args...)
	case op == ir.Add && a.Kind == policy.KindList && b.Kind == policy.KindList:
		if a.Elem.Equal(b.Elem) {
			return ir.New(ir.Join, a, place, ir.Imm{}, args...)
		}
		joined := guest("rt_dyn_join", policy.Any, place, true, l.box(args[0]), l.box(args[1]))
		return ir.New(ir.Unbox, anyList, 0, ir.Imm{}, joined)
	}
	f, ok := library.guest[signature(e.Function, args)]
	if !ok {
		return l.refuse(e, "%s of %s and %s", e.Function, a, b)
	}
	return f(l, e, args)
}

// folded is what a call of a constant comes to, where that is worth knowing: a moment, a span or an address that is written as text.
func (l *lowerer) folded(e *expr.Call, args []*ir.Node) *ir.Node {
	if len(args) != 1 || args[0].Op != ir.Const {
		return nil
	}
	s, ok := args[0].Value.(string)
	switch {
	case ok && e.Function == "duration":
		if d, err := time.ParseDuration(s); err == nil {
			return constant(policy.Duration, d)
		}
	case ok && e.Function == "timestamp" && len(s) > 0 && s[len(s)-1] == 'Z':
		if t, err := policy.ParseTimestamp(s); err == nil {
			return constant(policy.Timestamp, t)
		}
	case ok && e.Function == "cidr":
		if p, err := netip.ParsePrefix(s); err == nil && !p.Addr().Is4In6() {
			return constant(policy.CIDR, p)
		}
	case ok && e.Function == "ip":
		if a, err := netip.ParseAddr(s); err == nil && !a.Is4In6() && a.Zone() == "" {
			return constant(policy.IP, a)
		}
	}
	return nil
}

// simple lowers what needs no function of the guest.
func (l *lowerer) simple(e *expr.Call, args []*ir.Node) *ir.Node {
	place := l.place(e)
	if len(args) == 0 {
		return nil
	}
	t := args[0].Type
	switch {
	case e.Function == opNot:
		return ir.New(ir.Not, policy.Bool, place, ir.Imm{}, args...)
	case e.Function == opNegate:
		return ir.New(ir.Neg, t, place, ir.Imm{}, args...)
	case e.Function == "size" && (t.Kind == policy.KindList || t.Kind == policy.KindMap || t.Kind == policy.KindBytes):
		return ir.New(ir.Size, policy.Int, place, ir.Imm{}, args...)
	case e.Function == "size" && isAny(t):
		return ir.New(ir.Size, policy.Int, place, ir.Imm{}, args...).Fallible(true, false)
	case e.Function == "dyn":
		return l.box(args[0])
	case e.Function == "type":
		return ir.New(ir.TypeOf, typeOfTypes, place, ir.Imm{}, args...)
	}
	if field, ok := fields[e.Function]; ok && (t.Kind == policy.KindTimestamp || t.Kind == policy.KindDuration) {
		return l.getter(e, field, args)
	}
	if c, ok := conversions[signature(e.Function, args)]; ok {
		return ir.New(ir.Convert, e.Type, place, ir.Imm{N: int(c)}, args...)
	}
	return nil
}

// fields are the getters of a timestamp, by the guest's numbers.
var fields = map[string]int{
	"getFullYear": 0, "getMonth": 1, "getDate": 2, "getDayOfMonth": 3, "getDayOfWeek": 4, "getDayOfYear": 5, "getHours": 6, "getMinutes": 7,
	"getSeconds": 8, "getMilliseconds": 9,
}

// getter lowers `t.getHours()` and `t.getHours('Europe/Berlin')`.
func (l *lowerer) getter(e *expr.Call, field int, args []*ir.Node) *ir.Node {
	imm := ir.Imm{N: field}
	if len(args) == 2 {
		name, ok := args[1].Value.(string)
		if args[1].Op != ir.Const || !ok {
			imm.Checked = true
			return ir.New(ir.Getter, policy.Int, l.place(e), imm, args...).Fallible(true, false)
		}
		data, err := l.Zone(name)
		if err != nil {
			return l.refuse(e, "the time zone `%s`", name)
		}
		imm.Data = data
	}
	return ir.New(ir.Getter, policy.Int, l.place(e), imm, args[0])
}

// in lowers `a in b`.
func (l *lowerer) in(e *expr.Call) *ir.Node {
	x, place := l.expr(e.Args[0]), l.place(e)
	if list, ok := e.Args[1].(*expr.List); ok && isAny(x.Type) {
		return l.inValues(e, x, list)
	} else if ok {
		return l.inTable(e, x, l.policy.Lists[list.Index].Values)
	}
	of := l.expr(e.Args[1])
	if l.refused != nil {
		return of
	}
	of = as(of, policy.ListOf(x.Type))
	switch {
	case of.Type.Kind == policy.KindMap && of.Type.Key.Equal(x.Type) && keys(x.Type):
		return ir.New(ir.MapHas, policy.Bool, place, ir.Imm{}, x, of)
	case holdsObject(x.Type) || holdsObject(of.Type):
		return l.refuse(e, "`in` of objects")
	case of.Type.Kind != policy.KindList || !same(of.Type.Elem, x.Type) || holdsAny(x.Type) || partly(x.Type):
		return l.inAny(place, x, of)
	}
	values, fixed := of.Value.([]policy.Value)
	if k := x.Type.Kind; fixed && (k == policy.KindString || k == policy.KindInt || k == policy.KindUint) {
		return l.inTable(e, x, values)
	}
	return ir.New(ir.InList, policy.Bool, place, ir.Imm{}, x, of)
}

// inTable is `x in` values that do not change.
func (l *lowerer) inTable(e *expr.Call, x *ir.Node, values []policy.Value) *ir.Node {
	var table ir.Table
	switch x.Type.Kind {
	case policy.KindString:
		table = ir.Texts
	case policy.KindInt:
		table = ir.Ints
	case policy.KindUint:
		table = ir.Uints
	case policy.KindIP:
		table = ir.Addresses
	default:
		list := constant(policy.ListOf(x.Type), values)
		return ir.New(ir.InList, policy.Bool, l.place(e), ir.Imm{}, x, list)
	}
	return ir.New(ir.InTable, policy.Bool, l.place(e), ir.Imm{N: int(table), Value: values}, x)
}
