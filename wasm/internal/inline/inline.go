package inline

import (
	"fmt"
	"iter"
	"slices"

	"github.com/rungpolicy/rung/wasm/internal/binary"
)

// small is how many bytes a body has that is always copied to all places that call it.
const small = 20

// Limits bound what is inlined, in bytes of code.
type Limits struct {
	// Copies is how much larger a module may become by copies of one function.
	Copies int
	// Into bounds a body that others are copied into, but for small ones.
	Into int
}

var (
	// Compact keeps modules small, and quick to compile: wazero takes four times as long to compile a function of twice the size, and hosts refuse modules that would take too long.
	Compact = Limits{Into: 2 << 10}
	// Fast is for engines that compile a function in proportion to its size, and when it was called many times.
	Fast = Limits{Copies: 500, Into: 16 << 10}
)

// Piece is a part of a function's code: so many bytes of what was a function of that index.
type Piece struct {
	Func  uint32
	Bytes int
}

// Inline inlines, within limits, in a module without imports, and removes functions that nothing calls and that are not exported. It returns, for each function that is left, what its code is made of,
// beginning with what was in it before.
func Inline(m *binary.Module, l Limits) ([][]Piece, error) {
	p := &pass{module: m, Limits: l, bodies: make([]*body, len(m.Funcs)), exported: make([]bool, len(m.Funcs)), sites: make([]int, len(m.Funcs))}
	for _, e := range m.Exports {
		if e.Kind == binary.KindFunc {
			p.exported[e.Index] = true
		}
	}
	if err := p.count(); err != nil {
		return nil, fmt.Errorf("inline: %w", err)
	}
	for fn := range m.Funcs {
		if err := p.visit(uint32(fn)); err != nil {
			return nil, fmt.Errorf("inline: function %d: %w", fn, err)
		}
	}
	return p.finish()
}

// pass is one run over a module.
type pass struct {
	Limits
	module   *binary.Module
	bodies   []*body // nil: not yet
	exported []bool
	sites    []int // how many calls of each function there are
}

// body is a function with others in it.
type body struct {
	params int
	block  binary.BlockType // of a block that leaves what it returns
	locals []binary.ValType // with the parameters
	code   []byte
	pieces []Piece
	facts
}

// count says where functions are called.
func (p *pass) count() error {
	for fn := range p.module.Funcs {
		for in, err := range binary.Instrs(p.module.Funcs[fn].Code) {
			if err != nil {
				return err
			}
			if in.Op != binary.OpCall {
				continue
			}
			if int(in.Index) >= len(p.sites) {
				return fmt.Errorf("function %d calls function %d, of %d", fn, in.Index, len(p.sites))
			}
			p.sites[in.Index]++
		}
	}
	return nil
}

// visit makes the body of a function, after those that it calls.
func (p *pass) visit(fn uint32) error {
	if p.bodies[fn] != nil {
		if p.bodies[fn].code == nil {
			return fmt.Errorf("a function that calls itself")
		}
		return nil
	}
	f := &p.module.Funcs[fn]
	t := p.module.Types[f.Type]
	b := &body{params: len(t.Params), block: p.blockType(t.Results), locals: slices.Clone(t.Params)}
	for _, run := range f.Locals {
		b.locals = append(b.locals, slices.Repeat([]binary.ValType{run.Type}, int(run.Count))...)
	}
	p.bodies[fn] = b
	for in, err := range binary.Instrs(f.Code) {
		if err != nil {
			return err
		}
		if in.Op == binary.OpCall {
			if err := p.visit(in.Index); err != nil {
				return err
			}
		}
	}
	w := &writer{pass: p, body: b}
	if err := w.copy(f.Code); err != nil {
		return err
	}
	b.code = w.code
	b.pieces = append([]Piece{{fn, len(b.code) - Total(w.pieces)}}, w.pieces...)
	var err error
	b.facts, err = factsOf(b)
	return err
}

// Total is how many bytes pieces have together.
func Total(pieces []Piece) int {
	n := 0
	for _, p := range pieces {
		n += p.Bytes
	}
	return n
}

// inlines reports whether a function is copied to a place that calls it, in a body that has so many bytes.
func (p *pass) inlines(fn uint32, size int) bool {
	n := len(p.bodies[fn].code)
	copies := n * (p.sites[fn] - 1)
	if p.exported[fn] {
		copies += n
	}
	return n <= small || copies <= p.Copies && n+size <= p.Into
}

// finish writes the functions that are left.
func (p *pass) finish() ([][]Piece, error) {
	left := p.reached()
	to := make([]uint32, len(p.bodies))
	for i, fn := range left {
		to[fn] = uint32(i)
	}
	types := p.module.Types
	p.module.Types = nil // but for those that are used
	funcs := make([]binary.Func, len(left))
	pieces := make([][]Piece, len(left))
	for i, fn := range left {
		b := p.bodies[fn]
		of := p.module.Type(types[p.module.Funcs[fn].Type])
		f, err := binary.PackLocals(b.params, b.locals[b.params:], p.renumber(b.code, to, types))
		if err != nil {
			return nil, fmt.Errorf("inline: %w", err)
		}
		f.Type = of
		funcs[i] = f
		pieces[i] = b.pieces
	}
	p.module.Funcs = funcs
	for i, e := range p.module.Exports {
		if e.Kind == binary.KindFunc {
			p.module.Exports[i].Index = to[e.Index]
		}
	}
	return pieces, nil
}

// reached are the functions that exports need, in their order.
func (p *pass) reached() []uint32 {
	seen := slices.Clone(p.exported)
	for again := true; again; {
		again = false
		for fn, b := range p.bodies {
			if !seen[fn] {
				continue
			}
			for in := range read(b.code) {
				if in.Op == binary.OpCall && !seen[in.Index] {
					seen[in.Index], again = true, true
				}
			}
		}
	}
	var left []uint32
	for fn := range seen {
		if seen[fn] {
			left = append(left, uint32(fn))
		}
	}
	return left
}

// renumber is a body with the indices that functions and types have from now on.
func (p *pass) renumber(code []byte, to []uint32, types []binary.FuncType) []byte {
	out := make([]byte, 0, len(code))
	for in := range read(code) {
		info, _ := in.Op.Info()
		switch {
		case in.Op == binary.OpCall:
			out = binary.AppendU32(append(out, byte(binary.OpCall)), to[in.Index])
		case info.Imm == binary.ImmBlock && in.Block >= 0:
			out = binary.AppendS64(append(out, code[in.At]), int64(p.module.Type(types[in.Block])))
		default:
			out = append(out, code[in.At:in.At+in.Size]...)
		}
	}
	return out
}

// blockType is the type of a block that takes nothing and leaves values of these types.
func (p *pass) blockType(results []binary.ValType) binary.BlockType {
	switch len(results) {
	case 0:
		return binary.EmptyBlock
	case 1:
		return binary.BlockType(results[0]) - 0x80
	default:
		return binary.BlockType(p.module.Type(binary.FuncType{Results: results}))
	}
}

// read are the instructions of a body that has been read without errors.
func read(code []byte) iter.Seq[binary.Instr] {
	return func(yield func(binary.Instr) bool) {
		for in, err := range binary.Instrs(code) {
			if err != nil || !yield(in) {
				return
			}
		}
	}
}
