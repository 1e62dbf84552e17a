package emit

import (
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/internal/binary"
	"github.com/rungpolicy/rung/wasm/internal/ir"
)

// logic emits `a && b && …` and `a || b || …`: an operand that absorbs decides, whatever the others are.
//
// Operands that cannot stray come first: they have no effect but their value, so their order cannot be seen. Where a single one strays, and so
// stands last, what it comes to instead of a value is what the whole comes to.
//
//	block $done (result i32)
//	  plain operand; if; i32.const absorbing; br $done; end
//	  block $next                       for each operand that may stray
//	    block $catch
//	      operand
//	      br_if $next                   neutral: on to the next
//	      i32.const absorbing; br $done
//	    end
//	    tally
//	  end
//	  …
//	  tally? leave with it
//	  i32.const neutral
//	end
func (f *fn) logic(n *ir.Node) {
	or := n.Op == ir.Or
	plain, strays := parted(n.Args)
	if len(strays) <= 1 {
		f.plainLogic(append(plain, strays...), or)
		return
	}
	saved := f.saveTouched(pendsBefore(strays, len(strays)-1))
	t := f.newTally(n.Pends)
	outer := f.catch
	done := f.Block(binary.I32)
	if len(plain) > 0 {
		f.plainLogic(plain, or)
		if !or {
			f.Op(binary.OpI32Eqz)
		}
		f.If()
		f.I32Const(flag(or))
		f.Br(done)
		f.End()
	}
	for i, a := range strays {
		next := f.Block()
		f.catch = f.Block()
		f.emit(a)
		if or {
			f.Op(binary.OpI32Eqz)
		}
		f.BrIf(next)
		if pendsBefore(strays, i) {
			saved.restore()
		}
		f.I32Const(flag(or))
		f.Br(done)
		f.End()
		f.catch = outer
		t.logic(i == 0, a.Pends)
		f.End()
	}
	f.LocalGet(t.local)
	f.If()
	f.rethrow(t.local)
	f.End()
	f.I32Const(flag(!or))
	f.End()
}

// parted separates the operands that always come to a value from those that may stray.
func parted(args []*ir.Node) (plain, strays []*ir.Node) {
	for _, a := range args {
		if a.Strays() {
			strays = append(strays, a)
		} else {
			plain = append(plain, a)
		}
	}
	return plain, strays
}

// pendsBefore reports whether one of the first n may be pending.
func pendsBefore(nodes []*ir.Node, n int) bool {
	for _, a := range nodes[:n] {
		if a.Pends {
			return true
		}
	}
	return false
}

// plainLogic is logic of operands of which none but the last may stray.
func (f *fn) plainLogic(args []*ir.Node, or bool) {
	f.emit(args[0])
	for _, a := range args[1:] {
		if cheap(a) {
			f.emit(a)
			if or {
				f.Op(binary.OpI32Or)
			} else {
				f.Op(binary.OpI32And)
			}
			continue
		}
		f.If(binary.I32)
		if or {
			f.I32Const(1)
			f.Else()
			f.emit(a)
		} else {
			f.emit(a)
			f.Else()
			f.I32Const(0)
		}
		f.End()
	}
}

func flag(b bool) int32 {
	if b {
		return 1
	}
	return 0
}

// bind emits cel.bind: the variable is evaluated here, and what it came to instead of a value is seen where it is read.
func (f *fn) bind(n *ir.Node) {
	init := n.Args[0]
	v := &variable{locals: f.locals(init.Type), strays: init.Strays(), pends: init.Pends}
	f.vars[n.Vars[0]] = v
	if !v.strays {
		f.emit(init)
		f.set(v.locals)
		f.emit(n.Args[1])
		return
	}
	v.err = f.Local(binary.I32)
	saved := f.saveTouched(v.pends)
	if v.pends {
		v.touched = f.Local(binary.I64)
		f.I64Const(0)
		f.GlobalSet(globalTouched)
	}
	f.attempt(func() {
		f.emit(init)
		f.set(v.locals)
		f.I32Const(0)
		f.LocalSet(v.err)
	}, func() {
		f.LocalGet(f.err)
		f.LocalSet(v.err)
	})
	if v.pends {
		f.GlobalGet(globalTouched)
		f.LocalSet(v.touched)
		saved.restore()
	}
	f.emit(n.Args[1])
}

// local reads a variable.
func (f *fn) local(n *ir.Node) {
	v := f.vars[n.Vars[0]]
	if v == nil {
		f.fail("variable %d is not bound", n.Vars[0])
		f.zero(Shape(n.Type))
		return
	}
	if v.strays {
		f.LocalGet(v.err)
		f.If()
		if v.pends {
			f.GlobalGet(globalTouched)
			f.LocalGet(v.touched)
			f.Op(binary.OpI64Or)
			f.GlobalSet(globalTouched)
		}
		f.rethrow(v.err)
		f.End()
	}
	f.get(v.locals)
}

// cond emits `a ? b : c`.
func (f *fn) cond(n *ir.Node) {
	if len(Shape(n.Type)) == 1 && cheap(n.Args[1]) && cheap(n.Args[2]) && !n.Args[0].Strays() {
		f.emit(n.Args[1])
		f.emit(n.Args[2])
		f.emit(n.Args[0])
		f.Op(binary.OpSelect)
		return
	}
	f.emit(n.Args[0])
	f.If(Shape(n.Type)...)
	f.emit(n.Args[1])
	f.Else()
	f.emit(n.Args[2])
	f.End()
}

// cheap reports whether a node is done in so few instructions, without calls and branches, that it is quicker to do them than to find out whether
// they are needed.
func cheap(n *ir.Node) bool { return !n.Strays() && cost(n) <= 8 }

// cost counts instructions, roughly; beyond any bound where there are calls or branches.
func cost(n *ir.Node) int {
	const tooMuch = 1 << 20
	sum := 1
	switch n.Op {
	case ir.Const, ir.Local, ir.Posture, ir.SessionLevel, ir.SlotHas, ir.SlotOpt:
	case ir.Not:
	case ir.And, ir.Or, ir.Eq, ir.Ne, ir.Lt, ir.Le, ir.Gt, ir.Ge:
		if k := n.Args[0].Type.Kind; k == policy.KindString || k == policy.KindBytes || len(Shape(n.Args[0].Type)) > 1 || !direct(n.Args[0].Type) {
			return tooMuch
		}
	case ir.OrValue:
		if n.Args[0].Op != ir.SlotOpt || n.Args[1].Op != ir.Const {
			return tooMuch
		}
	default:
		return tooMuch
	}
	for _, a := range n.Args {
		sum += cost(a)
	}
	return sum
}
