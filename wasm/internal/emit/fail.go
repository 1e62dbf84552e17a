package emit

import (
	"github.com/rungpolicy/rung/wasm/abi"
	"github.com/rungpolicy/rung/wasm/internal/binary"
	"github.com/rungpolicy/rung/wasm/internal/ir"
)

// failIf leaves with an error if the i32 on the stack is not 0.
func (f *fn) failIf(code, place int) {
	f.I32Const(int32(code | place<<8))
	f.LocalSet(f.err)
	f.BrIf(f.catch)
}

// pendIf leaves with pending, having touched a lazy signal, if the i32 on the stack is not 0.
func (f *fn) pendIf(lazy int) {
	f.If()
	f.GlobalGet(globalTouched)
	f.I64Const(1 << lazy)
	f.Op(binary.OpI64Or)
	f.GlobalSet(globalTouched)
	f.I32Const(abi.Pending)
	f.LocalSet(f.err)
	f.Br(f.catch)
	f.End()
}

// rethrow leaves with what a local holds.
func (f *fn) rethrow(err uint32) {
	f.LocalGet(err)
	f.LocalSet(f.err)
	f.Br(f.catch)
}

// attempt evaluates something that may stray, with a block of its own to leave: body, then caught where it was left. Body must end by leaving, or by falling out of the whole.
//
//	block $done
//	  block $catch
//	    body
//	    br $done
//	  end
//	  caught
//	end
func (f *fn) attempt(body, caught func()) {
	outer := f.catch
	done := f.Block()
	f.catch = f.Block()
	body()
	f.Br(done)
	f.End()
	f.catch = outer
	caught()
	f.End()
}

// touched saves what signals were touched so far; nothing, where none can be.
type touched struct {
	f     *fn
	local uint32
	on    bool
}

func (f *fn) saveTouched(on bool) touched {
	t := touched{f: f, on: on}
	if on {
		t.local = f.Local(binary.I64)
		f.GlobalGet(globalTouched)
		f.LocalSet(t.local)
	}
	return t
}

func (t touched) restore() {
	if t.on {
		t.f.LocalGet(t.local)
		t.f.GlobalSet(globalTouched)
	}
}

// ifErr runs body where a local holds an error, and not pending.
func (f *fn) ifErr(err uint32, body func()) {
	f.LocalGet(err)
	f.I32Const(abi.Pending)
	f.Op(binary.OpI32GtU)
	f.If()
	body()
	f.End()
}

// sequence evaluates strict operands, each of which sink takes off the stack. The leftmost error is the result; else, where some are
// pending, all of them are: those after a pending one are evaluated all the same.
func (f *fn) sequence(nodes []*ir.Node, sink func(i int)) {
	f.sequenceOf(nodes, func(int) {}, sink)
}

// sequenceOf is sequence, with what is done before each.
func (f *fn) sequenceOf(nodes []*ir.Node, before, sink func(i int)) {
	last := -1 // the last that may stray
	for i, n := range nodes {
		if n.Strays() {
			last = i
		}
	}
	waits := false
	for i, n := range nodes {
		waits = waits || n.Pends && i < last
	}
	if !waits {
		for i, n := range nodes {
			before(i)
			f.emit(n)
			sink(i)
		}
		return
	}
	waiting := f.Local(binary.I32)
	f.clear(waiting)
	saved := f.saveTouched(true)
	outer := f.catch
	for i, n := range nodes {
		before(i)
		if !n.Strays() {
			f.emit(n)
			sink(i)
			continue
		}
		f.attempt(func() {
			f.emit(n)
			sink(i)
		}, func() {
			f.ifErr(f.err, func() {
				saved.restore()
				f.Br(outer)
			})
			f.I32Const(1)
			f.LocalSet(waiting)
		})
	}
	f.LocalGet(waiting)
	f.If()
	f.I32Const(abi.Pending)
	f.LocalSet(f.err)
	f.Br(outer)
	f.End()
}

// operands evaluates strict operands onto the stack.
func (f *fn) operands(nodes []*ir.Node) {
	if !mayWait(nodes) {
		for _, n := range nodes {
			f.emit(n)
		}
		return
	}
	kept := make([][]uint32, len(nodes))
	for i, n := range nodes {
		kept[i] = f.locals(n.Type)
	}
	f.sequence(nodes, func(i int) { f.set(kept[i]) })
	for _, k := range kept {
		f.get(k)
	}
}

// mayWait reports whether one of the operands may be pending while a later one strays.
func mayWait(nodes []*ir.Node) bool {
	pends := false
	for _, n := range nodes {
		if pends && n.Strays() {
			return true
		}
		pends = pends || n.Pends
	}
	return false
}

// keepAll evaluates strict operands into locals.
func (f *fn) keepAll(nodes []*ir.Node) [][]uint32 {
	kept := make([][]uint32, len(nodes))
	for i, n := range nodes {
		kept[i] = f.locals(n.Type)
	}
	f.sequence(nodes, func(i int) { f.set(kept[i]) })
	return kept
}

// tally collects what the parts of a node came to instead of values: 0 nothing, 2 pending, else an error.
type tally struct {
	f     *fn
	local uint32
	pends bool
	// never says that nothing can be collected, and so there may be nowhere to leave to.
	never bool
}

func (f *fn) newTally(pends bool) tally {
	t := tally{f: f, local: f.Local(binary.I32), pends: pends}
	f.clear(t.local)
	return t
}

// clear sets a new local to 0, which it is already where the code runs once.
func (f *fn) clear(local uint32) {
	if f.loops > 0 {
		f.I32Const(0)
		f.LocalSet(local)
	}
}

// logic takes in err as && and || do: pending counts more than any error, the first error more than later ones. First says that nothing can
// have been taken in before, pends that err may be pending.
func (t tally) logic(first, pends bool) {
	f := t.f
	if first {
		f.LocalGet(f.err)
		f.LocalSet(t.local)
		return
	}
	if !pends {
		f.LocalGet(t.local)
		f.LocalGet(f.err)
		f.LocalGet(t.local)
		f.Op(binary.OpSelect)
		f.LocalSet(t.local)
		return
	}
	// if err == 2 || tally == 0 { tally = err }; a tally of 2 stays
	f.LocalGet(f.err)
	f.LocalGet(t.local)
	f.LocalGet(t.local)
	f.Op(binary.OpI32Eqz)
	f.LocalGet(f.err)
	f.I32Const(abi.Pending)
	f.Op(binary.OpI32Eq)
	f.Op(binary.OpI32Or)
	f.Op(binary.OpSelect)
	f.LocalSet(t.local)
}

// first takes in err where errors count more than pending, the first of them.
func (t tally) first() {
	f := t.f
	// if tally == 0 || tally == 2 { tally = err, unless that is 2 and tally too }
	f.LocalGet(f.err)
	f.LocalGet(t.local)
	f.LocalGet(t.local)
	f.I32Const(abi.Pending)
	f.Op(binary.OpI32LeU)
	f.Op(binary.OpSelect)
	f.LocalSet(t.local)
}

// last takes in err where errors count more than pending, the last of them.
func (t tally) last() {
	f := t.f
	// if err > 2 || tally == 0 { tally = err }
	f.LocalGet(f.err)
	f.LocalGet(t.local)
	f.LocalGet(t.local)
	f.Op(binary.OpI32Eqz)
	if t.pends {
		f.LocalGet(f.err)
		f.I32Const(abi.Pending)
		f.Op(binary.OpI32GtU)
		f.Op(binary.OpI32Or)
		f.Op(binary.OpSelect)
	} else {
		f.Op(binary.OpDrop)
		f.Op(binary.OpDrop)
	}
	f.LocalSet(t.local)
}

// settle leaves with what was collected, if anything was. Where that is an error, signals touched by others do not count.
func (t tally) settle(saved touched) {
	f := t.f
	if t.never {
		return
	}
	f.LocalGet(t.local)
	f.If()
	if saved.on {
		f.ifErr(t.local, saved.restore)
	}
	f.rethrow(t.local)
	f.End()
}
