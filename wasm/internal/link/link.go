package link

import (
	"fmt"

	"github.com/rungpolicy/rung/wasm/internal/binary"
)

// Link makes a module, and a map of what is where in it. The same input makes the same module.
//
// It fails where a name has no definition or two, and where an object's function or global is declared with another type than the
// compiler's has. It does not check the types of instructions.
func Link(in Input) (*binary.Module, *Map, error) {
	p := newProgram(in)
	for _, step := range []func() error{p.define, p.agree, p.mark, p.layout, p.makeFuncs, p.makeGlobals, p.makeExports, p.makeMemory, p.makeData} {
		if err := step(); err != nil {
			return nil, nil, fmt.Errorf("link: %w", err)
		}
	}
	p.module.Customs = in.Customs
	return p.module, p.places, nil
}

// program is what a Link works on, step by step.
type program struct {
	in      Input
	funcs   []*function // the compiler's first
	data    []*datum
	globals []*global
	scopes  [2]scope
	// heap is an empty piece of data behind all others.
	heap *datum
	// stack is the global of the object's stack.
	stack *global

	todoFuncs []*function // reached, and not yet looked into
	todoData  []*datum

	module *binary.Module
	places *Map
}

// side is whose a definition is.
type side int

const (
	compilers side = iota
	objects
)

type function struct {
	Func
	of      side
	reached bool
	index   uint32
}

type datum struct {
	Segment
	of      side
	reached bool
	addr    uint32
	// same is an equal one that it became one with, or nil.
	same *datum
}

type global struct {
	Global
	reached bool
	index   uint32
}

func newProgram(in Input) *program {
	p := &program{
		in:     in,
		heap:   &datum{Segment: Segment{Name: HeapBase}},
		stack:  &global{Global: Global{Name: stackPointer, Type: binary.I32, Mutable: true}},
		module: &binary.Module{},
		places: &Map{},
	}
	for i := range p.scopes {
		p.scopes[i] = newScope()
	}
	return p
}

// makeFuncs writes the functions that are reached.
func (p *program) makeFuncs() error {
	next := uint32(0)
	for _, f := range p.funcs {
		if f.reached {
			f.index = next
			next++
		}
	}
	for _, f := range p.funcs {
		if !f.reached {
			continue
		}
		made, err := f.Body.Func(func(r binary.Reloc) (int64, error) { return p.resolve(f.of, r) })
		if err != nil {
			return fmt.Errorf("function %s: %w", f.Name, err)
		}
		made.Type = p.module.Type(f.Type)
		p.module.Funcs = append(p.module.Funcs, made)
		p.places.Funcs = append(p.places.Funcs, FuncPlace{Name: f.Name, Index: f.index, Size: made.Size(), Object: f.of == objects})
	}
	return nil
}

// resolve is the number for a name, after everything that is reached has its place.
func (p *program) resolve(from side, r binary.Reloc) (int64, error) {
	switch r.Kind {
	case binary.RelocFunc:
		f, err := p.function(from, r.Name)
		if err != nil {
			return 0, err
		}
		return int64(f.index), nil
	case binary.RelocGlobal:
		g, err := p.global(from, r.Name)
		if err != nil {
			return 0, err
		}
		return int64(g.index), nil
	case binary.RelocType:
		return int64(p.module.Type(r.Type)), nil
	case binary.RelocOffset, binary.RelocI32, binary.RelocI64:
		return p.address(from, r.Name, r.Addend, r.Kind)
	}
	return 0, fmt.Errorf("a relocation of an unknown kind, %d", r.Kind)
}

// address is that of data, and a number added to it. The offset of a load is not negative and does not wrap.
func (p *program) address(from side, name string, addend int64, kind binary.RelocKind) (int64, error) {
	at, err := p.place(from, name)
	if err != nil {
		return 0, err
	}
	sum := int64(at.address()) + addend
	if kind == binary.RelocOffset && (sum < 0 || sum >= 1<<32) {
		return 0, fmt.Errorf("the address of %s and %d is out of range", name, addend)
	}
	return sum, nil
}

// makeGlobals writes the globals, whose numbers mark has given.
func (p *program) makeGlobals() error {
	for _, g := range p.globals {
		if !g.reached {
			continue
		}
		init := g.Init
		if g.Addr != "" {
			at, err := p.place(compilers, g.Addr)
			if err != nil {
				return fmt.Errorf("global %s: %w", g.Name, err)
			}
			init += uint64(at.address())
		}
		p.module.Globals = append(p.module.Globals, binary.Global{Type: g.Type, Mutable: g.Mutable, Init: init})
	}
	return nil
}

func (p *program) makeExports() error {
	if as := p.in.Memory.Export; as != "" {
		p.module.Exports = append(p.module.Exports, binary.Export{Name: as, Kind: binary.KindMemory})
	}
	for _, e := range p.in.Exports {
		out := binary.Export{Name: e.As, Kind: e.Kind}
		if e.Kind == binary.KindFunc {
			f, err := p.function(compilers, e.Name)
			if err != nil {
				return err
			}
			out.Index = f.index
		} else {
			g, err := p.global(compilers, e.Name)
			if err != nil {
				return err
			}
			out.Index = g.index
		}
		p.module.Exports = append(p.module.Exports, out)
	}
	return nil
}
