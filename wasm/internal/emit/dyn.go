package emit

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/abi"
	"github.com/rungpolicy/rung/wasm/internal/binary"
	"github.com/rungpolicy/rung/wasm/internal/ir"
	"github.com/rungpolicy/rung/wasm/internal/link"
)

// This file is about values of type any. On the stack they are two parts, an i32, the tag (abi.Tag), and an i64: the value, or where it lies.

// dyn emits what makes values of type any, and takes them apart.
func (f *fn) dyn(n *ir.Node) {
	switch n.Op {
	case ir.Box:
		f.emit(n.Args[0])
		f.box(n.Args[0].Type)
	case ir.Unbox:
		f.unboxed(n)
	case ir.IsKind:
		v := f.keep(n.Args[0])
		f.isKind(v[0], abi.Tag(n.N))
	case ir.TypeOf:
		f.typeOf(n.Args[0])
	case ir.IsZero:
		f.emit(n.Args[0])
		f.Call("rt_dyn_zero")
	case ir.Checked:
		f.emit(n.Args[0])
		f.get(f.vars[n.Vars[0]].locals)
		f.Call("rt_dyn_is_key")
		f.Op(binary.OpI32Eqz)
		f.failIf(abi.InvalidArgument, n.Place)
	case ir.DynSelect:
		f.selects(n)
	case ir.DynHas:
		f.hasNames(n)
	case ir.DynGet:
		f.lookup(n, "rt_dyn_get")
	case ir.DynOpt:
		f.lookup(n, "rt_dyn_opt")
	case ir.DynIn:
		f.lookup(n, "rt_dyn_in")
	case ir.DynHasValue:
		f.lookup(n, "rt_dyn_has_value")
	default: // ir.Dispatch
		f.dispatch(n)
	}
}

// box makes any of the value on the stack, of a type that has a tag.
func (f *fn) box(t *policy.Type) {
	tag, ok := abi.TagOf(t)
	if !ok {
		f.fail("no tag for %s", t)
	}
	if t.Kind == policy.KindAny {
		return
	}
	value := f.locals(t)
	f.set(value)
	f.I32Const(int32(tag))
	f.payload(t, value)
}

// payload puts on the stack what stands behind the tag of a value: the value itself, or where it lies, if it takes more than 64 bits.
func (f *fn) payload(t *policy.Type, value []uint32) {
	switch shape := Shape(t); {
	case len(shape) > 1:
		f.makes = true
		at := f.Local(binary.I32)
		f.I32Const(int32(abi.SizeOf(t)))
		f.Call("rt_alloc")
		f.LocalSet(at)
		f.store(t, at, 0, value)
		f.LocalGet(at)
		f.Op(binary.OpI64ExtendI32U)
	case shape[0] == binary.F64:
		f.LocalGet(value[0])
		f.Op(binary.OpI64ReinterpretF64)
	case shape[0] == binary.I32:
		f.LocalGet(value[0])
		f.Op(binary.OpI64ExtendI32U)
	default:
		f.LocalGet(value[0])
	}
}

// unpack puts the value of a type on the stack that stands behind its tag in a local.
func (f *fn) unpack(t *policy.Type, payload uint32) {
	switch shape := Shape(t); {
	case len(shape) > 1:
		at := f.Local(binary.I32)
		f.LocalGet(payload)
		f.Op(binary.OpI32WrapI64)
		f.LocalSet(at)
		f.load(t, at, 0)
	case shape[0] == binary.F64:
		f.LocalGet(payload)
		f.Op(binary.OpF64ReinterpretI64)
	case shape[0] == binary.I32:
		f.LocalGet(payload)
		f.Op(binary.OpI32WrapI64)
	default:
		f.LocalGet(payload)
	}
}

// isKind puts on the stack whether the tag in a local is of a kind.
func (f *fn) isKind(tag uint32, kind abi.Tag) {
	f.LocalGet(tag)
	switch kind {
	case abi.TagList, abi.TagMap, abi.TagOptional:
		f.I32Const(15)
		f.Op(binary.OpI32And)
	}
	f.I32Const(int32(kind))
	f.Op(binary.OpI32Eq)
}

// unboxed takes a value of type any as of another.
func (f *fn) unboxed(n *ir.Node) {
	v, t := f.keep(n.Args[0]), n.Type
	if t.Kind == policy.KindOptional {
		f.get(v)
		f.Call("rt_dyn_unwrap")
		f.failIf(n.N, n.Place)
		f.result(t)
		return
	}
	if n.N != 0 {
		tag, _ := abi.TagOf(t)
		f.isKind(v[0], tag&15)
		f.Op(binary.OpI32Eqz)
		f.failIf(n.N, n.Place)
	}
	if t.Kind == policy.KindList {
		f.makes = true
		f.get(v)
		f.Call("rt_dyn_list")
		return
	}
	f.unpack(t, v[1])
}

// typeOf puts the type of a value on the stack.
func (f *fn) typeOf(n *ir.Node) {
	f.emit(n)
	if n.Type.Kind != policy.KindAny {
		tag, _ := abi.TagOf(n.Type)
		f.set(f.locals(n.Type))
		f.I32Const(int32(tag & 15))
		return
	}
	f.Op(binary.OpDrop)
	f.I32Const(15)
	f.Op(binary.OpI32And)
}

// names puts a list of names on the stack.
func (f *fn) names(n *ir.Node) {
	d := Data{Align: 8}
	key := "names"
	for _, name := range n.Names {
		key += "\x00" + name
		if name != "" {
			d.Addresses = append(d.Addresses, link.Addr{At: len(d.Bytes), Name: f.table([]byte(name), 1)})
		}
		d.Bytes = appendU64(d.Bytes, uint64(len(name))<<32)
	}
	d.Name = f.data[key]
	if d.Name == "" {
		d.Name = f.dataName(nil)
		f.data[key] = d.Name
		f.Data = append(f.Data, d)
	}
	f.I64Addr(d.Name, uint32(len(n.Names)))
}

func (f *fn) selects(n *ir.Node) {
	f.makes = true
	f.emit(n.Args[0])
	f.names(n)
	f.I32Const(int32(n.N))
	if n.Type.Kind == policy.KindOptional {
		f.Call("rt_dyn_select_opt")
	} else {
		f.Call("rt_dyn_select")
	}
	f.checked(n.Place)
	f.result(n.Type)
}

// hasNames is has() of a chain: what goes wrong on the way makes it false.
func (f *fn) hasNames(n *ir.Node) {
	f.emit(n.Args[0])
	v := f.locals(policy.Any)
	f.set(v)
	f.If(binary.I32)
	f.get(v)
	f.names(n)
	f.I32Const(0)
	f.Call("rt_dyn_select_opt")
	f.Op(binary.OpI32Eqz)
	f.result(policy.Bool)
	f.Op(binary.OpI32And)
	f.Else()
	f.I32Const(0)
	f.End()
}

// lookup calls a function of two operands of type any.
func (f *fn) lookup(n *ir.Node, name string) {
	f.makes = true
	f.Compares = f.Compares || n.Op == ir.DynIn || n.Op == ir.DynHasValue
	f.operands(n.Args)
	f.Call(name)
	f.checked(n.Place)
	f.result(n.Type)
}

// boxConstant puts a constant on the stack as any.
func (f *fn) boxConstant(v policy.Value) {
	t := natural(v)
	if t == nil {
		f.Unit.fail("no code for a constant of type any")
		f.zero(Shape(policy.Any))
		return
	}
	f.constant(t, v)
	f.box(t)
}

// natural is the type that a value of type any has.
func natural(v policy.Value) *policy.Type {
	switch v.(type) {
	case policy.Null:
		return policy.NullType
	case bool:
		return policy.Bool
	case int64:
		return policy.Int
	case uint64:
		return policy.Uint
	case float64:
		return policy.Double
	case string:
		return policy.String
	case []byte:
		return policy.Bytes
	case time.Time:
		return policy.Timestamp
	case time.Duration:
		return policy.Duration
	case netip.Addr:
		return policy.IP
	case netip.Prefix:
		return policy.CIDR
	case []policy.Value:
		return policy.ListOf(policy.Any)
	case *policy.Map:
		return policy.MapOf(policy.Any)
	}
	return nil
}

// equalAny puts on the stack whether two values are equal of which one is of type any at least. What has no parts is compared in place: where
// one of them has none, the other is not gone into.
func (f *fn) equalAny(n *ir.Node) {
	x, y := n.Args[0], n.Args[1]
	if x.Type.Kind == policy.KindAny && y.Type.Kind == policy.KindAny {
		f.makes, f.Compares = true, true
		f.operands(n.Args)
		f.Call("rt_dyn_eq")
		if n.Fails {
			f.checked(n.Place)
		} else {
			f.Op(binary.OpDrop)
		}
		f.result(policy.Bool)
		return
	}
	kept := f.keepAll(n.Args)
	v, w, t := kept[0], kept[1], y.Type
	if t.Kind == policy.KindAny {
		v, w, t = kept[1], kept[0], x.Type
	}
	f.isValue(v, t, w)
}

// isValue puts on the stack whether a value of type any is one of another type that has no parts.
func (f *fn) isValue(v []uint32, t *policy.Type, w []uint32) {
	tag, _ := abi.TagOf(t)
	f.isKind(v[0], tag)
	if t.Kind == policy.KindNull {
		return
	}
	f.If(binary.I32)
	own := f.locals(t)
	f.unpack(t, v[1])
	f.set(own)
	f.equalLocals(t, own, w)
	f.Else()
	switch t.Kind {
	case policy.KindInt, policy.KindUint, policy.KindDouble:
		f.isNumber(v, t, w[0])
	default:
		f.I32Const(0)
	}
	f.End()
}

// isNumber puts on the stack whether a value of type any is a number of another type than w, and equal to it: an integer is rounded to the nearest double.
func (f *fn) isNumber(v []uint32, t *policy.Type, w uint32) {
	asDouble := func(kind policy.Kind, local uint32) {
		f.LocalGet(local)
		if kind == policy.KindInt {
			f.Op(binary.OpF64ConvertI64S)
		} else {
			f.Op(binary.OpF64ConvertI64U)
		}
	}
	compare := func(tag abi.Tag, same func(), otherwise func()) {
		f.isKind(v[0], tag)
		f.If(binary.I32)
		same()
		f.Else()
		otherwise()
		f.End()
	}
	no := func() { f.I32Const(0) }
	if t.Kind == policy.KindDouble {
		with := func(kind policy.Kind) func() {
			return func() {
				asDouble(kind, v[1])
				f.LocalGet(w)
				f.Op(binary.OpF64Eq)
			}
		}
		compare(abi.TagInt, with(policy.KindInt), func() { compare(abi.TagUint, with(policy.KindUint), no) })
		return
	}
	other := abi.TagUint
	if t.Kind == policy.KindUint {
		other = abi.TagInt
	}
	compare(abi.TagDouble, func() {
		f.unpack(policy.Double, v[1])
		asDouble(t.Kind, w)
		f.Op(binary.OpF64Eq)
	}, func() {
		compare(other, func() { // equal bits, and not beyond what both can be
			f.LocalGet(v[1])
			f.LocalGet(w)
			f.Op(binary.OpI64Eq)
			f.LocalGet(w)
			f.I64Const(0)
			f.Op(binary.OpI64GeS)
			f.Op(binary.OpI32And)
		}, no)
	})
}

// orderAny is `<` and its like of two values of type any.
func (f *fn) orderAny(n *ir.Node) {
	f.operands(n.Args)
	f.Call("rt_dyn_cmp")
	order := f.Local(binary.I32)
	if n.Fails {
		f.LocalTee(order)
		f.I32Const(abi.NoSuchOverload)
		f.Op(binary.OpI32Eq)
		f.failIf(abi.NoSuchOverload, n.Place)
		f.LocalGet(order)
	}
	switch n.Op { // it is 2 where one of them is NaN
	case ir.Lt:
		f.I32Const(0)
		f.Op(binary.OpI32LtS)
	case ir.Le:
		f.I32Const(0)
		f.Op(binary.OpI32LeS)
	case ir.Gt:
		f.I32Const(1)
		f.Op(binary.OpI32Eq)
	default: // ir.Ge
		f.I32Const(2)
		f.Op(binary.OpI32LtU)
	}
}

// sizeOfAny is size() of any.
func (f *fn) sizeOfAny(n *ir.Node) {
	f.emit(n.Args[0])
	f.Call("rt_dyn_size")
	size := f.Local(binary.I64)
	f.LocalTee(size)
	f.I64Const(0)
	f.Op(binary.OpI64LtS)
	f.failIf(abi.NoSuchOverload, n.Place)
	f.LocalGet(size)
}

// crossable leaves where elements of lists have too many parts for each to be compared with each.
func (f *fn) crossable(n *ir.Node, kept [][]uint32) {
	f.Compares = true
	last := len(kept) - 1
	for _, i := range []int{0, last} {
		f.get(kept[i])
		f.box(n.Args[i].Type)
	}
	f.Call("rt_dyn_cross")
	f.checked(n.Place)
}

// dispatch calls the function of a call by the kinds of its operands. It returns a code, and what the call comes to.
func (f *fn) dispatch(n *ir.Node) {
	f.makes = true
	name := f.Unit.dispatcher(n)
	f.operands(n.Args)
	f.Call(name)
	out := f.locals(n.Type)
	f.set(out)
	f.checked(n.Place)
	f.get(out)
}

// dispatcher is the name of the function of a dispatch, which is added if it is not there yet.
func (u *Unit) dispatcher(n *ir.Node) string {
	key := "dispatch " + n.CasesText()
	if name, ok := u.data[key]; ok {
		return name
	}
	name := fmt.Sprintf("dyn.%s.%d", n.Func, len(u.made))
	u.data[key], u.made[name] = name, true
	t := binary.FuncType{Results: append([]binary.ValType{binary.I32}, Shape(n.Type)...)}
	var params [][]uint32
	for _, a := range n.Args {
		var locals []uint32
		for _, p := range Shape(a.Type) {
			locals = append(locals, uint32(len(t.Params)))
			t.Params = append(t.Params, p)
		}
		params = append(params, locals)
	}
	f := &fn{Unit: u, Code: binary.NewCode(len(t.Params)), vars: map[int]*variable{}}
	f.err = f.Local(binary.I32)
	f.catch = f.Block()
	for i := range n.Cases {
		f.oneCase(n, &n.Cases[i], params)
	}
	f.I32Const(abi.NoSuchOverload)
	f.LocalSet(f.err)
	f.End()
	f.LocalGet(f.err)
	f.zero(Shape(n.Type))
	u.Funcs = append(u.Funcs, Func{Name: name, Type: t, Code: f.Code})
	return name
}

// oneCase returns what a case comes to, if the operands are of its kinds.
func (f *fn) oneCase(n *ir.Node, c *ir.Case, params [][]uint32) {
	tests := 0
	for i, tag := range c.Tags {
		if tag == abi.TagAny {
			continue
		}
		f.isKind(params[i][0], tag)
		if tests++; tests > 1 {
			f.Op(binary.OpI32And)
		}
	}
	f.If()
	for i, tag := range c.Tags {
		v := &variable{locals: params[i]}
		f.vars[c.Vars[i]] = v
		if tag == abi.TagAny {
			continue
		}
		v.locals = f.locals(c.Types[i])
		f.operand(c.Types[i], params[i])
		f.set(v.locals)
	}
	f.emit(c.Body)
	out := f.locals(n.Type)
	f.set(out)
	f.I32Const(0)
	f.get(out)
	f.Op(binary.OpReturn)
	f.End()
}

// operand puts a value of type any on the stack as of the type that a function wants, whose kind it has.
func (f *fn) operand(t *policy.Type, value []uint32) {
	switch {
	case t.Kind != policy.KindList:
		f.unpack(t, value[1])
	case t.Elem.Kind == policy.KindString:
		f.get(value)
		f.Call("rt_dyn_texts")
		f.checked(0)
		f.result(t)
	default:
		f.get(value)
		f.Call("rt_dyn_list")
	}
}

// walkAny goes through a list or map of type any.
func (f *fn) walkAny(n *ir.Node, from []uint32) *walk {
	count, i := f.Local(binary.I32), f.Local(binary.I32)
	f.get(from)
	f.Call("rt_dyn_count")
	f.LocalTee(count)
	f.I32Const(0)
	f.Op(binary.OpI32LtS)
	f.failIf(abi.NoSuchOverload, n.Place)
	w := &walk{f: f, size: func() { f.LocalGet(count) }}
	vars := make([]*variable, len(n.Vars))
	for k, v := range n.Vars {
		vars[k] = &variable{locals: f.locals(policy.Any)}
		f.vars[v] = vars[k]
	}
	nth := func(name string, to *variable) {
		f.get(from)
		f.LocalGet(i)
		f.Call(name)
		f.result(policy.Any)
		f.set(to.locals)
	}
	w.loop = func(body func()) {
		f.I32Const(0)
		f.LocalSet(i)
		done := f.Block()
		again := f.Loop()
		f.LocalGet(i)
		f.LocalGet(count)
		f.Op(binary.OpI32Eq)
		f.BrIf(done)
		if len(vars) == 1 {
			nth("rt_dyn_nth", vars[0])
		} else {
			f.isKind(from[0], abi.TagList)
			f.If()
			f.I32Const(int32(abi.TagInt))
			f.LocalGet(i)
			f.Op(binary.OpI64ExtendI32U)
			f.set(vars[0].locals)
			nth("rt_dyn_nth", vars[1])
			f.Else()
			nth("rt_dyn_nth", vars[0])
			nth("rt_dyn_nth_value", vars[1])
			f.End()
		}
		f.loops++
		body()
		f.loops--
		f.increment(i)
		f.Br(again)
		f.End()
		f.End()
	}
	return w
}
