package lower

import (
	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/abi"
	"github.com/rungpolicy/rung/wasm/internal/ir"
)

// listFunctions are those of lists, whose elements may be of any type, by name.
func listFunctions() map[string]function {
	return map[string]function{
		"first":           optionalOf(ir.First),
		"last":            optionalOf(ir.Last),
		"optional.unwrap": unwrapped,
		"unwrapOpt":       unwrapped,
		"distinct":        distinct,
		"hasAll":          sets(ir.HasAll),
		"hasOnly":         sets(ir.HasOnly),
		"hasAny":          sets(ir.HasAny),
		"hasExactly":      sets(ir.HasExactly),
		"sets.contains":   sets(ir.HasAll),
		"sets.intersects": sets(ir.HasAny),
		"sets.equivalent": sets(ir.HasExactly),

		"slice":                 strided("rt_list_slice", true),
		"reverse":               strided("rt_list_reverse", false),
		"flatten":               flatten,
		"sort":                  sorted,
		"@sortByAssociatedKeys": sortedBy,
		"math.@max":             extreme(ir.MathMax),
		"math.@min":             extreme(ir.MathMin),
	}
}

// ofAny lowers a function whose operands may be of any type; nil if it is none, or their form is not known.
func (l *lowerer) ofAny(e *expr.Call, args []*ir.Node) *ir.Node {
	if len(args) == 0 {
		return nil
	}
	switch {
	case e.Function == "optional.ofNonZeroValue":
		return nonZero(l, e, args)
	case e.Function == "hasValue" && len(args) == 2 && args[0].Type.Kind == policy.KindOptional:
		return hasValue(l, e, args)
	case args[0].Type.Kind != policy.KindList:
		return nil
	}
	if f, ok := library.lists[e.Function]; ok {
		return f(l, e, args)
	}
	return nil
}

func optionalOf(fn ir.ListFunction) function {
	return func(l *lowerer, e *expr.Call, args []*ir.Node) *ir.Node {
		return ir.New(ir.ListFn, optional(args[0].Type.Elem), l.place(e), ir.Imm{N: int(fn)}, args...)
	}
}

func unwrapped(l *lowerer, e *expr.Call, args []*ir.Node) *ir.Node {
	t := args[0].Type.Elem
	if t.Kind != policy.KindOptional {
		return nil
	}
	return ir.New(ir.ListFn, policy.ListOf(t.Elem), l.place(e), ir.Imm{N: int(ir.Unwrapped)}, args...)
}

func distinct(l *lowerer, e *expr.Call, args []*ir.Node) *ir.Node {
	if composite(args[0].Type.Elem) {
		return nil
	}
	return ir.New(ir.ListFn, args[0].Type, l.place(e), ir.Imm{N: int(ir.Distinct)}, args...)
}

// sets is a function of two lists taken as sets.
func sets(fn ir.ListFunction) function {
	return func(l *lowerer, e *expr.Call, args []*ir.Node) *ir.Node {
		args[0], args[1] = alike(args[0], args[1])
		if t := args[0].Type; !t.Equal(args[1].Type) || composite(t.Elem) {
			return nil
		}
		return ir.New(ir.ListFn, policy.Bool, l.place(e), ir.Imm{N: int(fn)}, args...)
	}
}

// composite reports whether values of a type have parts, which are counted where they are compared.
func composite(t *policy.Type) bool {
	return t.Kind == policy.KindList || t.Kind == policy.KindMap || t.Kind == policy.KindOptional || holdsAny(t)
}

// strided is a function of the guest that takes, behind the operands, how far apart elements stand.
func strided(name string, fails bool) function {
	return func(l *lowerer, e *expr.Call, args []*ir.Node) *ir.Node {
		t := args[0].Type
		return guest(name, t, l.place(e), fails, append(args, wordOf(abi.Stride(t.Elem)))...)
	}
}

func wordOf(n int) *ir.Node { return ir.New(ir.Word, policy.Bool, 0, ir.Imm{N: n}) }

// flatten takes the lists out of a list, one level of them.
func flatten(l *lowerer, e *expr.Call, args []*ir.Node) *ir.Node {
	t := args[0].Type.Elem
	if len(args) != 1 || t.Kind != policy.KindList {
		return nil
	}
	return guest("rt_list_flatten", t, l.place(e), true, args[0], wordOf(abi.Stride(t.Elem)))
}

// orders are the guest's numbers of kinds that have an order.
var orders = map[policy.Kind]int{
	policy.KindString: 0, policy.KindBytes: 0, policy.KindInt: 1, policy.KindDuration: 1, policy.KindUint: 2, policy.KindBool: 3, policy.KindDouble: 4,
	policy.KindTimestamp: 5,
}

func sorted(l *lowerer, e *expr.Call, args []*ir.Node) *ir.Node {
	t := args[0].Type
	kind, ok := orders[t.Elem.Kind]
	if !ok {
		return nil
	}
	return guest("rt_list_sort", t, l.place(e), true, args[0], wordOf(abi.Stride(t.Elem)), wordOf(kind))
}

func sortedBy(l *lowerer, e *expr.Call, args []*ir.Node) *ir.Node {
	t := args[0].Type
	kind, ok := orders[args[1].Type.Elem.Kind]
	if !ok {
		return nil
	}
	return guest("rt_list_sort_by", t, l.place(e), true, args[0], args[1], wordOf(abi.Stride(t.Elem)), wordOf(kind))
}

// extreme is the greatest or least of a list of numbers.
func extreme(fn ir.MathFn) function {
	return func(l *lowerer, e *expr.Call, args []*ir.Node) *ir.Node {
		t := args[0].Type.Elem
		switch t.Kind {
		case policy.KindInt, policy.KindUint, policy.KindDouble:
			return guest("rt_list_extreme", t, l.place(e), true, args[0], wordOf(orders[t.Kind]), wordOf(int(fn-ir.MathMax)))
		}
		return nil
	}
}

// nonZero is an optional of a value, unless that is the zero value of its type.
func nonZero(l *lowerer, e *expr.Call, args []*ir.Node) *ir.Node {
	return ir.New(ir.NonZero, optional(args[0].Type), l.place(e), ir.Imm{}, args...)
}

// hasValue asks an optional whether a value is its.
func hasValue(l *lowerer, e *expr.Call, args []*ir.Node) *ir.Node {
	if args[0].Op == ir.None {
		args[0] = as(args[0], optional(args[1].Type))
	}
	args[1] = as(args[1], args[0].Type.Elem)
	if t := args[0].Type.Elem; !t.Equal(args[1].Type) || composite(t) || t.Kind == policy.KindObject {
		return nil
	}
	return ir.New(ir.OptIs, policy.Bool, l.place(e), ir.Imm{}, args...)
}
