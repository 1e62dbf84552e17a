package ir

import (
	"fmt"

	"github.com/rungpolicy/rung/policy"
)

// Verify reports the first thing that is wrong with a tree: an operand too many, a type that does not fit, a variable that nothing binds. A tree that does not
// verify is a mistake of package lower, and is found here instead of in the code.
func Verify(n *Node) error { return verify(n, map[int]bool{}) }

func verify(n *Node, bound map[int]bool) error {
	if n == nil || n.Op == Invalid || int(n.Op) >= len(ops) || n.Type == nil {
		return fmt.Errorf("ir: not a node: %+v", n)
	}
	o := &ops[n.Op]
	if len(n.Args) < o.min || o.max != many && len(n.Args) > o.max {
		return n.wrong("%d operands", len(n.Args))
	}
	if err := n.fits(bound); err != nil {
		return err
	}
	fails, pends := o.fails, false
	for i, a := range n.Args {
		in := bound
		if i > 0 && len(n.Vars) > 0 && n.Op != Local && n.Op != Checked {
			in = with(bound, n.Vars)
		}
		if err := verify(a, in); err != nil {
			return err
		}
		fails, pends = fails || a.Fails, pends || a.Pends
	}
	for _, c := range n.Cases {
		if err := verify(c.Body, with(bound, c.Vars)); err != nil {
			return err
		}
	}
	if fails && !n.Fails || pends && !n.Pends {
		return n.wrong("what its operands come to is forgotten")
	}
	return nil
}

func with(bound map[int]bool, vars []int) map[int]bool {
	out := make(map[int]bool, len(bound)+len(vars))
	for v := range bound {
		out[v] = true
	}
	for _, v := range vars {
		out[v] = true
	}
	return out
}

func (n *Node) wrong(format string, args ...any) error {
	return fmt.Errorf("ir: %s: %s in\n%s", n.Op, fmt.Sprintf(format, args...), n)
}

// fits checks the types of a node against its operands'.
func (n *Node) fits(bound map[int]bool) error {
	arg := func(i int) policy.Kind { return n.Args[i].Type.Kind }
	want := func(ok bool) error {
		if ok {
			return nil
		}
		return n.wrong("types do not fit")
	}
	switch n.Op {
	case Local:
		if len(n.Vars) != 1 || !bound[n.Vars[0]] {
			return n.wrong("nothing binds the variable")
		}
	case Read, SlotHas, SlotOpt:
		return want(n.Slot != nil)
	case And, Or:
		for i := range n.Args {
			if arg(i) != policy.KindBool {
				return want(false)
			}
		}
		return want(n.Type.Kind == policy.KindBool)
	case Not:
		return want(arg(0) == policy.KindBool)
	case Cond:
		return want(arg(0) == policy.KindBool && same(n.Args[1].Type, n.Type) && same(n.Args[2].Type, n.Type))
	case Bind:
		return want(len(n.Vars) == 1 && same(n.Type, n.Args[1].Type))
	case None:
		return want(n.Type.Kind == policy.KindOptional)
	case Some:
		return want(n.Type.Kind == policy.KindOptional && same(n.Type.Elem, n.Args[0].Type))
	case HasValue, Unwrap, OptMap, OptFlat, OrElse, OrValue:
		return want(arg(0) == policy.KindOptional)
	}
	return n.fitsParts(arg, want, bound)
}

// fitsParts checks those of the nodes that look into lists, maps and objects, or compare.
func (n *Node) fitsParts(arg func(int) policy.Kind, want func(bool) error, bound map[int]bool) error {
	switch n.Op {
	case Field, FieldHas, FieldOpt:
		return want(arg(0) == policy.KindObject && n.Attr.Slot < len(n.Args[0].Type.Attrs))
	case MapHas:
		return want(arg(1) == policy.KindMap && same(n.Args[1].Type.Key, n.Args[0].Type))
	case MapGet, MapOpt:
		return want(arg(0) == policy.KindMap && same(n.Args[0].Type.Key, n.Args[1].Type))
	case ListGet, ListOpt:
		return want(arg(0) == policy.KindList && arg(1) == policy.KindInt)
	case InList:
		return want(arg(1) == policy.KindList && same(n.Args[0].Type, n.Args[1].Type.Elem))
	case Matches:
		return want(arg(0) == policy.KindString)
	case FoldAll, FoldExists, FoldOne, FoldFilter:
		return want(n.folds() && arg(1) == policy.KindBool)
	case FoldMap, FoldToMap, FoldEntry:
		return want(n.folds())
	case Eq, Ne:
		either := arg(0) == policy.KindAny || arg(1) == policy.KindAny
		return want(n.Type.Kind == policy.KindBool && (either || same(n.Args[0].Type, n.Args[1].Type)))
	case Lt, Le, Gt, Ge:
		return want(n.Type.Kind == policy.KindBool && same(n.Args[0].Type, n.Args[1].Type))
	}
	return n.fitsAny(arg, want, bound)
}

// fitsAny checks those of the nodes whose types are known at run time alone.
func (n *Node) fitsAny(arg func(int) policy.Kind, want func(bool) error, bound map[int]bool) error {
	switch n.Op {
	case Box:
		return want(n.Type.Kind == policy.KindAny)
	case Unbox, IsKind, IsZero:
		return want(arg(0) == policy.KindAny)
	case Checked:
		if len(n.Vars) != 1 || !bound[n.Vars[0]] {
			return n.wrong("nothing binds the key")
		}
		return want(same(n.Type, n.Args[0].Type))
	case DynSelect:
		return want(arg(0) == policy.KindAny && len(n.Names) > 0)
	case DynHas:
		return want(arg(0) == policy.KindOptional && n.Args[0].Type.Elem.Kind == policy.KindAny)
	case DynGet, DynOpt, DynIn, DynHasValue:
		return want(arg(0) == policy.KindAny && arg(1) == policy.KindAny)
	case Dispatch:
		return n.cases()
	}
	return nil
}

// folds reports whether there is something to go through, and a variable or two for it.
func (n *Node) folds() bool {
	k := n.Args[0].Type.Kind
	return (k == policy.KindList || k == policy.KindMap || k == policy.KindAny) && (len(n.Vars) == 1 || len(n.Vars) == 2)
}

// cases holds the cases of a dispatch against its operands.
func (n *Node) cases() error {
	for _, c := range n.Cases {
		if len(c.Tags) != len(n.Args) || len(c.Vars) != len(n.Args) || len(c.Types) != len(n.Args) || !same(c.Body.Type, n.Type) {
			return n.wrong("a case does not fit")
		}
	}
	return nil
}

// same reports whether two types have one form in memory: sizes and names aside.
func same(a, b *policy.Type) bool {
	return a.Equal(b) || a.Kind == policy.KindType && b.Kind == policy.KindType // which are numbers, whatever they are types of
}
