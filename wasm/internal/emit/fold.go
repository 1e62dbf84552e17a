package emit

import (
	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/abi"
	"github.com/rungpolicy/rung/wasm/internal/binary"
	"github.com/rungpolicy/rung/wasm/internal/ir"
)

// walk goes through the range of a macro and sets its variables for body, which falls through to the next element. Size puts on the stack
// how many elements there are.
type walk struct {
	f    *fn
	size func()
	loop func(body func())
}

// walkOf evaluates the range of a macro.
func (f *fn) walkOf(n *ir.Node) *walk {
	t := n.Args[0].Type
	value := f.keep(n.Args[0])
	if t.Kind == policy.KindAny {
		return f.walkAny(n, value)
	}
	from := value[0]
	if t.Kind == policy.KindMap {
		return f.walkMap(n, t, from)
	}
	w := &walk{f: f, size: func() { f.count(from) }}
	elem := &variable{locals: f.locals(t.Elem)}
	f.vars[n.Vars[len(n.Vars)-1]] = elem
	it := f.iterate(t, from)
	if len(n.Vars) == 1 {
		w.loop = func(body func()) {
			it.loop(func() {
				f.load(t.Elem, it.at, 0)
				f.set(elem.locals)
				body()
			})
		}
		return w
	}
	index := &variable{locals: []uint32{f.Local(binary.I64)}}
	f.vars[n.Vars[0]] = index
	w.loop = func(body func()) {
		f.I64Const(-1)
		f.LocalSet(index.locals[0])
		it.loop(func() {
			f.LocalGet(index.locals[0])
			f.I64Const(1)
			f.Op(binary.OpI64Add)
			f.LocalSet(index.locals[0])
			f.load(t.Elem, it.at, 0)
			f.set(elem.locals)
			body()
		})
	}
	return w
}

func (f *fn) walkMap(n *ir.Node, t *policy.Type, from uint32) *walk {
	key := &variable{locals: f.locals(t.Key)}
	f.vars[n.Vars[0]] = key
	e := f.iterateMap(t, from)
	w := &walk{f: f, size: func() {
		f.LocalGet(from)
		f.Mem(binary.OpI32Load, abi.MapCount)
	}}
	var value *variable
	if len(n.Vars) == 2 {
		value = &variable{locals: f.locals(t.Elem)}
		f.vars[n.Vars[1]] = value
	}
	w.loop = func(body func()) {
		e.loop(func() {
			f.loadKey(t.Key, e.keys.at)
			f.set(key.locals)
			if value != nil {
				f.load(t.Elem, e.value, 0)
				f.set(value.locals)
			}
			body()
		})
	}
	return w
}

// quantify emits all and exists: chains of && and of || over elements.
func (f *fn) quantify(n *ir.Node) {
	exists, body := n.Op == ir.FoldExists, n.Args[1]
	w := f.walkOf(n)
	outer := f.catch
	saved := f.saveTouched(body.Pends)
	var t tally
	if body.Strays() {
		t = f.newTally(body.Pends)
	}
	done := f.Block(binary.I32)
	absorb := func() {
		saved.restore()
		f.I32Const(flag(exists))
		f.Br(done)
	}
	w.loop(func() {
		if !body.Strays() {
			f.emit(body)
			if !exists {
				f.Op(binary.OpI32Eqz)
			}
			f.If()
			absorb()
			f.End()
			return
		}
		next := f.Block()
		f.catch = f.Block()
		f.emit(body)
		if exists {
			f.Op(binary.OpI32Eqz)
		}
		f.BrIf(next)
		absorb()
		f.End()
		f.catch = outer
		t.logic(false, body.Pends)
		f.End()
	})
	if body.Strays() {
		f.LocalGet(t.local)
		f.If()
		f.rethrow(t.local)
		f.End()
	}
	f.I32Const(flag(!exists))
	f.End()
}

// fold emits the macros that go through all elements whatever comes: exists_one, filter, map and the transforms.
func (f *fn) fold(n *ir.Node) {
	body := n.Args[1]
	var filter *ir.Node
	if len(n.Args) == 3 {
		filter = n.Args[2]
	}
	pends := body.Pends || filter != nil && filter.Pends
	w := f.walkOf(n)
	saved := f.saveTouched(pends)
	t := f.newTally(pends)
	t.never = !n.Strays()
	var m maker
	switch n.Op {
	case ir.FoldOne:
		m = f.counting()
	case ir.FoldFilter:
		m = f.collecting(n, w, f.vars[n.Vars[0]].locals)
	case ir.FoldMap:
		m = f.collecting(n, w, nil)
	default:
		m = f.mapping(n, w)
	}
	done := f.Block()
	w.loop(func() {
		next := f.Block()
		if n.Op == ir.FoldOne || n.Op == ir.FoldFilter {
			f.predicate(body, next, t)
			m.add(t, next)
		} else {
			f.computed(body, filter, m, t, next, done)
		}
		f.End()
	})
	f.End()
	m.end(t, saved)
}

// predicate goes on where a predicate holds, else to next; of several errors in predicates the last counts.
func (f *fn) predicate(p *ir.Node, next binary.Label, t tally) {
	if !p.Strays() {
		f.emit(p)
		f.Op(binary.OpI32Eqz)
		f.BrIf(next)
		return
	}
	f.attempt(func() {
		f.emit(p)
		f.Op(binary.OpI32Eqz)
		f.BrIf(next)
	}, func() {
		t.last()
		f.Br(next)
	})
}

// computed evaluates what a map or transform computes of an element and adds it. Once there is an error nothing more is computed: without a filter
// the macro ends, with one the filters that follow are still asked, since an error in the last of them counts.
func (f *fn) computed(body, filter *ir.Node, m maker, t tally, next, done binary.Label) {
	if filter != nil {
		f.predicate(filter, next, t)
	}
	f.LocalGet(t.local)
	f.I32Const(abi.Pending)
	f.Op(binary.OpI32GtU)
	if filter != nil {
		f.BrIf(next)
	} else {
		f.BrIf(done)
	}
	value := f.locals(body.Type)
	if body.Strays() {
		f.attempt(func() {
			f.emit(body)
			f.set(value)
		}, func() {
			m.before(t)
			t.first()
			f.Br(next)
		})
	} else {
		f.emit(body)
		f.set(value)
	}
	m.take(value)
	m.add(t, next)
}

// maker makes the result of a fold.
type maker interface {
	// take says in which locals the computed value is.
	take(value []uint32)
	// add takes the current element in; one too many is an error, after which it goes to next.
	add(t tally, next binary.Label)
	// before is called where an element has failed, before that is noted.
	before(t tally)
	// end puts the result on the stack, or leaves with what was collected.
	end(t tally, saved touched)
}

// counter is the maker of exists_one.
type counter struct {
	f *fn
	n uint32
}

func (f *fn) counting() maker {
	c := &counter{f: f, n: f.Local(binary.I32)}
	f.I32Const(0)
	f.LocalSet(c.n)
	return c
}

func (c *counter) take([]uint32) {}
func (c *counter) before(tally)  {}

func (c *counter) add(tally, binary.Label) { c.f.increment(c.n) }

func (f *fn) increment(n uint32) {
	f.LocalGet(n)
	f.I32Const(1)
	f.Op(binary.OpI32Add)
	f.LocalSet(n)
}

func (c *counter) end(t tally, saved touched) {
	t.settle(saved)
	c.f.LocalGet(c.n)
	c.f.I32Const(1)
	c.f.Op(binary.OpI32Eq)
}

// collector is the maker of lists.
type collector struct {
	f        *fn
	elem     *policy.Type
	place    int
	n        uint32
	list, at uint32
	value    []uint32
}

// collecting takes memory for as many elements as the range has.
func (f *fn) collecting(n *ir.Node, w *walk, value []uint32) maker {
	f.makes = true
	c := &collector{f: f, elem: n.Type.Elem, place: n.Place, n: f.Local(binary.I32), list: f.Local(binary.I32), at: f.Local(binary.I32), value: value}
	w.size()
	f.I32Const(policy.MaxMadeElements)
	least(f)
	f.I32Const(int32(abi.Stride(c.elem)))
	f.Op(binary.OpI32Mul)
	f.Call("rt_alloc")
	f.LocalTee(c.list)
	f.LocalSet(c.at)
	f.I32Const(0)
	f.LocalSet(c.n)
	return c
}

// least leaves the smaller of two unsigned numbers on the stack.
func least(f *fn) {
	a, b := f.Local(binary.I32), f.Local(binary.I32)
	f.LocalSet(b)
	f.LocalTee(a)
	f.LocalGet(b)
	f.LocalGet(a)
	f.LocalGet(b)
	f.Op(binary.OpI32LtU)
	f.Op(binary.OpSelect)
}

func (c *collector) take(value []uint32) { c.value = value }
func (c *collector) before(tally)        {}

func (c *collector) add(t tally, next binary.Label) {
	f := c.f
	f.LocalGet(c.n)
	f.I32Const(policy.MaxMadeElements)
	f.Op(binary.OpI32Eq)
	f.If()
	f.I32Const(int32(abi.Limit | c.place<<8))
	f.LocalSet(f.err)
	t.first()
	f.Br(next)
	f.End()
	f.store(c.elem, c.at, 0, c.value)
	f.LocalGet(c.at)
	f.I32Const(int32(abi.Stride(c.elem)))
	f.Op(binary.OpI32Add)
	f.LocalSet(c.at)
	f.increment(c.n)
}

func (c *collector) end(t tally, saved touched) {
	t.settle(saved)
	c.f.pack(c.list, func() { c.f.LocalGet(c.n) })
}

// mapper is the maker of maps, whose keys must differ.
type mapper struct {
	f     *fn
	b     *builder
	place int
	key   []uint32 // of transformMap
	body  *policy.Type
	value []uint32
}

func (f *fn) mapping(n *ir.Node, w *walk) maker {
	m := &mapper{f: f, place: n.Place, body: n.Args[1].Type}
	each := int32(1)
	if n.Op == ir.FoldEntry {
		each = int32(max(1, len(n.Args[1].Args)/2))
	} else {
		m.key = f.vars[n.Vars[0]].locals
	}
	if m.body.Kind == policy.KindAny && n.Op == ir.FoldEntry {
		m.b = f.newBuilder(n.Type, func() { f.I32Const(leastEntries) }, false)
		m.b.grows()
		return m
	}
	m.b = f.newBuilder(n.Type, func() {
		w.size()
		f.I32Const(each)
		f.Op(binary.OpI32Mul)
	}, false)
	return m
}

func (m *mapper) take(value []uint32) { m.value = value }

// before: a key that came twice before the element that failed counts more than that.
func (m *mapper) before(t tally) {
	f := m.f
	f.ifErr(f.err, func() {
		own := f.Local(binary.I32)
		f.LocalGet(f.err)
		f.LocalSet(own)
		f.repeated(m)
		f.LocalGet(f.err)
		f.LocalGet(own)
		f.LocalGet(f.err)
		f.Op(binary.OpSelect)
		f.LocalSet(f.err)
	})
}

// repeated sets err to the error of the entries so far, or to 0.
func (f *fn) repeated(m *mapper) {
	code := f.Local(binary.I32)
	m.b.seal(true)
	f.LocalTee(code)
	f.I32Const(int32(m.place << 8))
	f.Op(binary.OpI32Or)
	f.I32Const(0)
	f.LocalGet(code)
	f.Op(binary.OpSelect)
	f.LocalSet(f.err)
}

func (m *mapper) add(t2 tally, next binary.Label) {
	f := m.f
	if m.key != nil {
		m.b.put(m.key, m.value)
		return
	}
	if m.body.Kind == policy.KindAny {
		m.addAny(t2, next)
		return
	}
	t := m.b.t
	e := f.iterateMap(m.body, m.value[0])
	key, value := f.locals(t.Key), f.locals(t.Elem)
	e.loop(func() {
		f.loadKey(t.Key, e.keys.at)
		f.set(key)
		f.load(t.Elem, e.value, 0)
		f.set(value)
		m.b.put(key, value)
	})
}

// end: entries are looked at once all are there; an error that was noted before stands, but pending gives way.
func (m *mapper) end(t tally, saved touched) {
	f := m.f
	f.repeated(m)
	f.LocalGet(f.err)
	f.If()
	t.first()
	f.End()
	t.settle(saved)
	f.result(m.b.t)
}
