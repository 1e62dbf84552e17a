// Package emit writes WebAssembly for package ir's trees, and for the decision around them.
//
// The target is a stack machine whose control is structured: there is no jump, only leaving a block. That suits conditions well. A node leaves its
// value on the stack, in one to three parts ([Shape]); what it has computed before is simply dropped when control leaves the block that it stands in. So an
// error costs nothing until it happens:
//
//	block $fail                  everything that can fail leaves this block…
//	  … code | place<<8          …with what happened in the local err
//	  local.set err
//	  test
//	  br_if $fail
//	  …
//	  return                     the condition's value: 0 or 1
//	end
//	local.get err
//
// Whoever can go on without an operand puts a block of its own around it: the sides of && and ||, elements of macros, what is bound by cel.bind. A pending
// operand leaves in the same way as an error, err being 2; which signals it has touched is in the global rt_touched. What came to a value or an error
// leaves rt_touched as it was: each node restores it where it drops a pending operand. Strict operands after a pending one
// are still evaluated, since an error in them counts more ([fn.sequence]).
//
// Values in memory are never changed, so parts of the record are used where they lie. What a condition makes lies in an arena (rt_alloc), which is emptied after
// each condition.
package emit

import (
	"fmt"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/abi"
	"github.com/rungpolicy/rung/wasm/internal/binary"
	"github.com/rungpolicy/rung/wasm/internal/ir"
	"github.com/rungpolicy/rung/wasm/internal/link"
)

// Names that the code and the guest share.
const (
	globalTouched = "rt_touched" // i64: the lazy signals that the last condition touched, if it is pending
	globalHeap    = "rt_heap"    // i32: where the arena's free memory begins
	globalRank    = "rung_rank"  // i64: the rank of the session's level
	dataOut       = "rt_out"     // results of checked guest functions
)

// Names by which the parts of a module are told from each other.
const (
	ActionPrefix    = "action."    // and the action's name
	TrialPrefix     = "trial."     // likewise: its rules on trial
	ConditionPrefix = "condition." // and the condition's index
	ByPrefix        = "by."        // and that of a rollout's `by`
	InnerSuffix     = ".inner"     // of what takes memory: the function without the suffix gives it back
	ListPrefix      = "list."      // and the list's name, and a number
)

// Func is a function of the module, not yet linked.
type Func struct {
	Name string
	Type binary.FuncType
	Code *binary.Code
}

// Data is constant data of the module.
type Data struct {
	Name  string
	Bytes []byte
	Align int
	// Addresses are where in it addresses of other data stand.
	Addresses []link.Addr
}

// Unit is the code under construction.
type Unit struct {
	Funcs []Func
	Data  []Data
	// UsesRank says that a condition reads the session's level.
	UsesRank bool
	// Compares says that values of any type are compared, which may have many parts.
	Compares bool
	// Lists are the names of the policy's lists, by the address of their first value: data made of one is named after it.
	Lists map[*policy.Value]string
	// Spans say where the code of rules stands, in functions that hold several.
	Spans []Span

	data  map[string]string // names of data, by its alignment and bytes
	named int               // data that has a name by number
	// stills are the names of data that is a constant map or object.
	stills map[stillKey]string
	made   map[string]bool // functions
	// common are the sub-conditions that have a function of their own, by their key: its name, "" until it is there.
	common map[string]string
	err    error
}

// Span is a rule's part of a function.
type Span struct {
	Func, Rule string
	// Bytes are those before linking, of Of in all: a share.
	Bytes, Of int
}

// NewUnit begins one.
func NewUnit() *Unit {
	return &Unit{data: map[string]string{}, stills: map[stillKey]string{}, made: map[string]bool{}, common: map[string]string{}}
}

// Err is the first thing that could not be emitted: a mistake of this package, or of lower.
func (u *Unit) Err() error { return u.err }

func (u *Unit) fail(format string, args ...any) {
	if u.err == nil {
		u.err = fmt.Errorf("emit: "+format, args...)
	}
}

// table adds constant data, once, and returns its name.
func (u *Unit) table(b []byte, align int) string { return u.tableOf(nil, b, align) }

// tableOf is table for data made of values.
func (u *Unit) tableOf(values []policy.Value, b []byte, align int) string {
	key := fmt.Sprint(align, ":") + string(b)
	name, ok := u.data[key]
	if !ok {
		name = u.dataName(values)
		u.data[key] = name
		u.Data = append(u.Data, Data{Name: name, Bytes: b, Align: align})
	}
	return name
}

// dataName is a new name for data made of values.
func (u *Unit) dataName(values []policy.Value) string {
	u.named++
	if len(values) > 0 {
		if list, ok := u.Lists[&values[0]]; ok {
			return fmt.Sprintf("%s%s.%d", ListPrefix, list, u.named)
		}
	}
	return fmt.Sprintf("data.%d", u.named)
}

// fn is a function under construction.
type fn struct {
	*Unit
	*binary.Code
	record uint32
	err    uint32 // the local that holds what went wrong
	// catch is where control goes when something does.
	catch binary.Label
	vars  map[int]*variable
	// makes says that the function takes memory.
	makes bool
	// loops is how many loops the code under construction stands in.
	loops int
}

// variable is where a bound variable is kept.
type variable struct {
	locals []uint32
	// err and touched hold what a cel.bind came to instead, if it may.
	err, touched  uint32
	strays, pends bool
}

// Share gives the sub-conditions that stand in several of the conditions a function of their own.
func (u *Unit) Share(conditions []*ir.Node) {
	c := ir.Common{}
	for _, n := range conditions {
		if n != nil {
			c.Count(n)
		}
	}
	for key, times := range c {
		if times > 1 {
			u.common[key] = ""
		}
	}
}

// Condition adds the function of a condition: record -> 0 false, 1 true, 2 pending, else code | place<<8.
func (u *Unit) Condition(name string, n *ir.Node) {
	t := binary.FuncType{Params: []binary.ValType{binary.I32}, Results: []binary.ValType{binary.I32}}
	f := &fn{Unit: u, Code: binary.NewCode(1), vars: map[int]*variable{}}
	f.err = f.Local(binary.I32)
	f.begin(n)
	u.add(name, t, f.truth(n, f.emit))
}

// begin makes ready for a condition: nothing is touched yet.
func (f *fn) begin(n *ir.Node) {
	if n.Pends {
		f.I64Const(0)
		f.GlobalSet(globalTouched)
	}
}

// truth emits a condition as the whole of a function.
func (f *fn) truth(n *ir.Node, emit func(*ir.Node)) *fn {
	if n.Strays() {
		f.catch = f.Block()
		emit(n)
		f.Op(binary.OpReturn)
		f.End()
		f.LocalGet(f.err)
	} else {
		emit(n)
	}
	return f
}

// Text adds the function of a rollout's `by`: record -> 0 and the text, else code | place<<8 and anything.
func (u *Unit) Text(name string, n *ir.Node) {
	t := binary.FuncType{Params: []binary.ValType{binary.I32}, Results: []binary.ValType{binary.I32, binary.I64}}
	f := &fn{Unit: u, Code: binary.NewCode(1), vars: map[int]*variable{}}
	f.err = f.Local(binary.I32)
	by := f.Local(binary.I64)
	f.catch = f.Block()
	f.emit(n)
	f.LocalSet(by)
	f.I32Const(0)
	f.LocalSet(f.err)
	f.End()
	f.LocalGet(f.err)
	f.LocalGet(by)
	u.add(name, t, f)
}

// add adds a function; one that takes memory behind one that gives it back.
func (u *Unit) add(name string, t binary.FuncType, f *fn) {
	if !f.makes {
		u.Funcs = append(u.Funcs, Func{Name: name, Type: t, Code: f.Code})
		return
	}
	inner := name + InnerSuffix
	u.Funcs = append(u.Funcs, Func{Name: inner, Type: t, Code: f.Code})
	c := binary.NewCode(1)
	heap := c.Local(binary.I32)
	c.GlobalGet(globalHeap)
	c.LocalSet(heap)
	c.LocalGet(0)
	c.Call(inner)
	c.LocalGet(heap)
	c.GlobalSet(globalHeap)
	u.Funcs = append(u.Funcs, Func{Name: name, Type: t, Code: c})
}

// Shape returns the parts that a value of a type has on the stack.
func Shape(t *policy.Type) []binary.ValType {
	switch t.Kind {
	case policy.KindInt, policy.KindUint, policy.KindDuration, policy.KindString, policy.KindBytes, policy.KindList:
		return []binary.ValType{binary.I64}
	case policy.KindDouble:
		return []binary.ValType{binary.F64}
	case policy.KindTimestamp:
		return []binary.ValType{binary.I64, binary.I64}
	case policy.KindAny:
		return []binary.ValType{binary.I32, binary.I64}
	case policy.KindOptional:
		return append([]binary.ValType{binary.I32}, Shape(t.Elem)...)
	}
	return []binary.ValType{binary.I32}
}

// locals returns new locals for a value of a type.
func (f *fn) locals(t *policy.Type) []uint32 {
	shape := Shape(t)
	out := make([]uint32, len(shape))
	for i, v := range shape {
		out[i] = f.Local(v)
	}
	return out
}

// set takes a value off the stack into locals, get puts it back.
func (f *fn) set(locals []uint32) {
	for i := len(locals) - 1; i >= 0; i-- {
		f.LocalSet(locals[i])
	}
}

func (f *fn) get(locals []uint32) {
	for _, l := range locals {
		f.LocalGet(l)
	}
}

// keep evaluates a node into new locals.
func (f *fn) keep(n *ir.Node) []uint32 {
	f.emit(n)
	locals := f.locals(n.Type)
	f.set(locals)
	return locals
}

// zero puts a value of zeros on the stack.
func (f *fn) zero(shape []binary.ValType) {
	for _, t := range shape {
		switch t {
		case binary.I32:
			f.I32Const(0)
		case binary.I64:
			f.I64Const(0)
		default:
			f.F64Const(0)
		}
	}
}

// load puts a value on the stack that lies in memory, at the address in a local and an offset.
func (f *fn) load(t *policy.Type, address uint32, offset int) {
	for i, op := range loads(t) {
		f.LocalGet(address)
		f.Mem(op, uint32(offset+part(t, i)))
	}
}

// part is the offset of the i-th part of a value in memory.
func part(t *policy.Type, i int) int {
	switch {
	case i == 0:
		return 0
	case t.Kind == policy.KindOptional:
		return abi.PayloadOffset(t) + part(t.Elem, i-1)
	}
	return 8 * i // of a timestamp, or any
}

func loads(t *policy.Type) []binary.Op {
	switch t.Kind {
	case policy.KindBool, policy.KindNull:
		return []binary.Op{binary.OpI32Load8U}
	case policy.KindDouble:
		return []binary.Op{binary.OpF64Load}
	case policy.KindTimestamp:
		return []binary.Op{binary.OpI64Load, binary.OpI64Load}
	case policy.KindAny:
		return []binary.Op{binary.OpI32Load, binary.OpI64Load}
	case policy.KindOptional:
		return append([]binary.Op{binary.OpI32Load8U}, loads(t.Elem)...)
	case policy.KindInt, policy.KindUint, policy.KindDuration, policy.KindString, policy.KindBytes, policy.KindList:
		return []binary.Op{binary.OpI64Load}
	}
	return []binary.Op{binary.OpI32Load}
}

var stores = map[binary.Op]binary.Op{
	binary.OpI32Load8U: binary.OpI32Store8, binary.OpI32Load: binary.OpI32Store, binary.OpI64Load: binary.OpI64Store, binary.OpF64Load: binary.OpF64Store,
}

// store writes a value from locals to memory.
func (f *fn) store(t *policy.Type, address uint32, offset int, value []uint32) {
	for i, op := range loads(t) {
		f.LocalGet(address)
		f.LocalGet(value[i])
		f.Mem(stores[op], uint32(offset+part(t, i)))
	}
}
