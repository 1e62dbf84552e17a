package inline_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"pgregory.net/rapid"

	"github.com/rungpolicy/rung/wasm/internal/binary"
	"github.com/rungpolicy/rung/wasm/internal/inline"
)

const (
	i32 = binary.I32
	i64 = binary.I64
)

// asm is a body that is being written.
type asm []byte

func (a *asm) op(op binary.Op) { *a = append(*a, byte(op)) }

func (a *asm) index(op binary.Op, i int) { *a = binary.AppendU32(append(*a, byte(op)), uint32(i)) }

func (a *asm) constant(t binary.ValType, n int64) {
	if t == i32 {
		*a = binary.AppendS64(append(*a, byte(binary.OpI32Const)), int64(int32(n)))
	} else {
		*a = binary.AppendS64(append(*a, byte(binary.OpI64Const)), n)
	}
}

func (a *asm) block(op binary.Op, t binary.BlockType) {
	*a = binary.AppendS64(append(*a, byte(op)), int64(t))
}

// program is a module of functions that call those before them. They always end: loops count down.
type program struct {
	*rapid.T
	*binary.Module
	asm
	locals []binary.ValType // of the function that is being written
	counts []int            // those of them that loops count by, which nobody else writes
	labels []int            // how many values are left by the blocks around; the function's are results, and loops take none
	left   int
}

func (p *program) int(to int, label string) int { return rapid.IntRange(0, to).Draw(p.T, label) }

func (p *program) typ() binary.ValType { return []binary.ValType{i32, i64}[p.int(1, "type")] }

func (p *program) types(most int) []binary.ValType {
	var out []binary.ValType
	for range p.int(most, "types") {
		out = append(out, p.typ())
	}
	return out
}

// value leaves a value of a type.
func (p *program) value(t binary.ValType) {
	p.left--
	choice := p.int(7, "value")
	if p.left < 0 {
		choice = min(choice, 1)
	}
	switch choice {
	case 0:
		p.constant(t, rapid.Int64Range(-200, 200).Draw(p.T, "constant"))
	case 1, 2:
		p.read(t)
	case 3:
		p.value(t)
		p.tee(t)
	case 4:
		p.block(binary.OpBlock, binary.BlockType(t)-0x80)
		p.labels = append(p.labels, 1)
		p.value(t)
		p.value(i32)
		p.index(binary.OpBrIf, 0)
		p.end()
	case 5:
		if !p.call(func(f binary.FuncType) bool { return slices.Equal(f.Results, []binary.ValType{t}) }) {
			p.read(t)
		}
	default:
		p.value(t)
		p.value(t)
		ops := map[binary.ValType][]binary.Op{i32: {binary.OpI32Add, binary.OpI32Sub, binary.OpI32Xor}, i64: {binary.OpI64Add, binary.OpI64Sub, binary.OpI64Xor}}[t]
		p.op(ops[p.int(2, "op")])
	}
}

// ofType are the locals of a type that may be written.
func (p *program) ofType(t binary.ValType) []int {
	var out []int
	for l, have := range p.locals {
		if have == t && !slices.Contains(p.counts, l) {
			out = append(out, l)
		}
	}
	return out
}

func (p *program) read(t binary.ValType) {
	if all := p.ofType(t); len(all) > 0 {
		p.index(binary.OpLocalGet, all[p.int(len(all)-1, "local")])
	} else {
		p.constant(t, 7)
	}
}

func (p *program) tee(t binary.ValType) {
	if all := p.ofType(t); len(all) > 0 {
		p.index(binary.OpLocalTee, all[p.int(len(all)-1, "local")])
	}
}

// call calls a function of a kind, if there is one.
func (p *program) call(fits func(binary.FuncType) bool) bool {
	var all []int
	for fn := range p.Funcs {
		if fits(p.Types[p.Funcs[fn].Type]) {
			all = append(all, fn)
		}
	}
	if len(all) == 0 {
		return false
	}
	fn := all[p.int(len(all)-1, "callee")]
	for _, t := range p.Types[p.Funcs[fn].Type].Params {
		p.value(t)
	}
	p.index(binary.OpCall, fn)
	return true
}

func (p *program) end() {
	p.op(binary.OpEnd)
	p.labels = p.labels[:len(p.labels)-1]
}

// statements leave nothing.
func (p *program) statements() {
	for range p.int(3, "statements") {
		if p.left--; p.left > 0 {
			p.statement()
		}
	}
}

func (p *program) statement() {
	switch p.int(6, "statement") {
	case 0:
		p.value(i32)
		p.block(binary.OpIf, binary.EmptyBlock)
		p.labels = append(p.labels, 0)
		p.statements()
		p.op(binary.OpElse)
		p.statements()
		p.end()
	case 1:
		p.block(binary.OpBlock, binary.EmptyBlock)
		p.labels = append(p.labels, 0)
		p.statements()
		p.leave()
		p.end()
	case 2:
		p.loop()
	case 3:
		results := p.Types[len(p.Types)-1].Results
		p.value(i32)
		p.block(binary.OpIf, binary.EmptyBlock)
		for _, t := range results {
			p.value(t)
		}
		p.op(binary.OpReturn)
		p.op(binary.OpEnd)
	case 4:
		n := len(p.Types)
		if p.call(func(f binary.FuncType) bool { return len(f.Results) != 1 }) {
			fn, _ := lastCall(p.asm)
			for range p.Types[p.Funcs[fn].Type].Results {
				p.op(binary.OpDrop)
			}
		}
		if n != len(p.Types) {
			p.Fatal("a call makes no type")
		}
	default:
		t := p.typ()
		p.value(t)
		p.tee(t)
		p.op(binary.OpDrop)
	}
}

// lastCall is the function that the last instruction calls.
func lastCall(code []byte) (fn int, ok bool) {
	for in, err := range binary.Instrs(append(slices.Clone(code), slices.Repeat([]byte{byte(binary.OpEnd)}, 1000)...)) {
		if err != nil || in.At >= len(code) {
			break
		}
		fn, ok = int(in.Index), in.Op == binary.OpCall
	}
	return fn, ok
}

// leave goes to a block around that leaves nothing, now and then.
func (p *program) leave() {
	var all []int
	for i, n := range p.labels {
		if n == 0 {
			all = append(all, len(p.labels)-1-i)
		}
	}
	p.value(i32)
	p.index(binary.OpBrIf, all[p.int(len(all)-1, "label")])
}

// loop goes round a few times.
func (p *program) loop() {
	if len(p.counts) > 2 {
		return
	}
	p.locals = append(p.locals, i32)
	count := len(p.locals) - 1
	p.counts = append(p.counts, count)
	p.constant(i32, 3)
	p.index(binary.OpLocalSet, count)
	p.block(binary.OpBlock, binary.EmptyBlock)
	p.block(binary.OpLoop, binary.EmptyBlock)
	p.labels = append(p.labels, 0, 2) // nobody but the loop goes to its beginning
	p.index(binary.OpLocalGet, count)
	p.op(binary.OpI32Eqz)
	p.index(binary.OpBrIf, 1)
	p.index(binary.OpLocalGet, count)
	p.constant(i32, 1)
	p.op(binary.OpI32Sub)
	p.index(binary.OpLocalSet, count)
	p.statements()
	p.index(binary.OpBr, 0)
	p.end()
	p.end()
}

// function adds one.
func (p *program) function() {
	typ := binary.FuncType{Params: p.types(3), Results: p.types(2)}
	p.Types = append(p.Types, typ)
	p.asm, p.counts, p.left = nil, nil, 30
	p.labels = []int{max(len(typ.Results), 1)}
	p.locals = append(slices.Clone(typ.Params), p.types(3)...)
	if len(typ.Results) == 0 {
		p.labels = []int{0}
	}
	p.statements()
	for _, t := range typ.Results {
		p.value(t)
	}
	p.op(binary.OpEnd)
	f := binary.Func{Type: uint32(len(p.Types) - 1), Code: p.asm}
	for _, t := range p.locals[len(typ.Params):] {
		f.Locals = append(f.Locals, binary.Locals{Count: 1, Type: t})
	}
	p.Funcs = append(p.Funcs, f)
}

// results are what the last export gives for some arguments.
func results(t *rapid.T, config wazero.RuntimeConfig, m *binary.Module) []uint64 {
	ctx := t.Context()
	r := wazero.NewRuntimeWithConfig(ctx, config.WithCoreFeatures(api.CoreFeaturesV2))
	defer r.Close(ctx)
	instance, err := r.Instantiate(ctx, m.Encode())
	if err != nil {
		t.Fatal(err)
	}
	var all []uint64
	for _, e := range m.Exports {
		f := instance.ExportedFunction(e.Name)
		for _, arg := range []uint64{0, 1, 77} {
			args := slices.Repeat([]uint64{arg}, len(f.Definition().ParamTypes()))
			got, err := f.Call(ctx, args...)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, got...)
		}
	}
	return all
}

// TestSame has modules give the same before and after.
func TestSame(t *testing.T) {
	t.Parallel()
	fewer := 0
	one := func(rt *rapid.T) {
		p := &program{T: rt, Module: &binary.Module{}}
		n := rapid.IntRange(1, 7).Draw(rt, "functions")
		for range n {
			p.function()
		}
		p.Exports = []binary.Export{{Name: "last", Kind: binary.KindFunc, Index: uint32(n - 1)}, {Name: "some", Kind: binary.KindFunc, Index: uint32(p.int(n-1, "export"))}}
		config := wazero.NewRuntimeConfigInterpreter()
		want := results(rt, config, p.Module)
		limits := rapid.SampledFrom([]inline.Limits{inline.Compact, inline.Fast, {Copies: 60, Into: 120}}).Draw(rt, "limits")
		pieces, err := inline.Inline(p.Module, limits)
		if err != nil {
			rt.Fatal(err)
		}
		if got := results(rt, config, p.Module); !slices.Equal(got, want) {
			rt.Fatalf("%v, want %v", got, want)
		}
		if len(pieces) != len(p.Funcs) {
			rt.Fatalf("pieces of %d functions, of %d", len(pieces), len(p.Funcs))
		}
		if len(p.Funcs) < n {
			fewer++
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		for range 20 {
			one(rt)
		}
	})
	if fewer == 0 {
		t.Error("nothing was inlined")
	}
}

// text is a module that was inlined, in the text format.
func text(t *testing.T, m *binary.Module) string {
	t.Helper()
	if _, err := inline.Inline(m, inline.Compact); err != nil {
		t.Fatal(err)
	}
	f, err := binary.Decode(m.Encode())
	if err != nil {
		t.Fatal(err)
	}
	s, err := f.Text(nil)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(s), " ")
}

// pair is a module of an exported function, of one parameter, that calls another one.
func pair(callee binary.Func, typ binary.FuncType, code func(*asm)) *binary.Module {
	var a asm
	code(&a)
	a.op(binary.OpEnd)
	m := &binary.Module{Types: []binary.FuncType{{Params: []binary.ValType{i32}, Results: []binary.ValType{i32}}, typ}}
	callee.Type = 1
	callee.Code = append(callee.Code, byte(binary.OpEnd))
	m.Funcs = []binary.Func{{Type: 0, Code: a}, callee}
	m.Exports = []binary.Export{{Name: "f", Kind: binary.KindFunc, Index: 0}}
	return m
}

// TestArguments: what is there already is read where it is, and what was just set is not set and read.
func TestArguments(t *testing.T) {
	t.Parallel()
	var sub asm
	sub.index(binary.OpLocalGet, 0)
	sub.index(binary.OpLocalGet, 1)
	sub.op(binary.OpI32Sub)
	got := text(t, pair(binary.Func{Code: sub}, binary.FuncType{Params: []binary.ValType{i32, i32}, Results: []binary.ValType{i32}}, func(a *asm) {
		a.index(binary.OpLocalGet, 0)
		a.op(binary.OpI32Eqz)
		a.constant(i32, 5)
		a.index(binary.OpCall, 1)
	}))
	if want := "local.get 0 i32.eqz local.tee 1 i32.const 5 i32.sub"; !strings.Contains(got, want) {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestLoops: a local that is read before it is written is zero each time.
func TestLoops(t *testing.T) {
	t.Parallel()
	var add asm
	add.index(binary.OpLocalGet, 0)
	add.constant(i32, 1)
	add.op(binary.OpI32Add)
	add.index(binary.OpLocalTee, 0)
	callee := binary.Func{Code: add, Locals: []binary.Locals{{Count: 1, Type: i32}}}
	for _, loop := range []bool{false, true} {
		got := text(t, pair(callee, binary.FuncType{Results: []binary.ValType{i32}}, func(a *asm) {
			if loop {
				a.block(binary.OpLoop, binary.BlockType(i32)-0x80)
			}
			a.index(binary.OpCall, 1)
			if loop {
				a.op(binary.OpEnd)
			}
		}))
		if strings.Contains(got, "i32.const 0 local.") != loop || strings.Contains(got, "call") {
			t.Errorf("in a loop: %v: %s", loop, got)
		}
	}
}

// TestLimits: what is called at several places is copied to them as far as its copies take no more room than they may, and bodies do not become larger than they may.
func TestLimits(t *testing.T) {
	t.Parallel()
	var long asm
	long.index(binary.OpLocalGet, 0)
	for range 20 { // 63 bytes with the end
		long.constant(i32, 3)
		long.op(binary.OpI32Add)
	}
	for _, tc := range []struct {
		limits inline.Limits
		sites  int
		left   int
	}{
		{inline.Limits{Into: 1000}, 1, 0},
		{inline.Limits{Into: 1000}, 2, 2},
		{inline.Limits{Copies: 62, Into: 1000}, 2, 2},
		{inline.Limits{Copies: 63, Into: 1000}, 2, 0},
		{inline.Limits{Copies: 63, Into: 1000}, 3, 3},
		{inline.Limits{Copies: 1000, Into: 100}, 4, 3},
	} {
		m := pair(binary.Func{Code: long}, binary.FuncType{Params: []binary.ValType{i32}, Results: []binary.ValType{i32}}, func(a *asm) {
			a.index(binary.OpLocalGet, 0)
			for range tc.sites {
				a.index(binary.OpCall, 1)
			}
		})
		if _, err := inline.Inline(m, tc.limits); err != nil {
			t.Fatal(err)
		}
		left := 0
		for in, err := range binary.Instrs(m.Funcs[0].Code) {
			if err != nil {
				t.Fatal(err)
			}
			if in.Op == binary.OpCall {
				left++
			}
		}
		if left != tc.left {
			t.Errorf("%+v, called at %d places: %d calls are left, want %d", tc.limits, tc.sites, left, tc.left)
		}
	}
}

// TestRefused: recursion, and what is not there.
func TestRefused(t *testing.T) {
	t.Parallel()
	for want, fn := range map[string]int{"calls itself": 0, "of 2": 7} {
		var a asm
		a.index(binary.OpCall, fn)
		m := pair(binary.Func{Code: a}, binary.FuncType{}, func(a *asm) {
			a.index(binary.OpCall, 1)
			a.constant(i32, 0)
		})
		if _, err := inline.Inline(m, inline.Compact); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
