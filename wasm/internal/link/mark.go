package link

import (
	"fmt"

	"github.com/rungpolicy/rung/wasm/internal/binary"
)

// mark finds what can be reached from the exports, and numbers the globals.
func (p *program) mark() error {
	for _, e := range p.in.Exports {
		if err := p.markExport(e); err != nil {
			return fmt.Errorf("export %s: %w", e.As, err)
		}
	}
	for len(p.todoFuncs)+len(p.todoData) > 0 {
		if err := p.markNext(); err != nil {
			return err
		}
	}
	next := uint32(0)
	for _, g := range p.globals {
		if g.reached {
			g.index = next
			next++
		}
	}
	return nil
}

func (p *program) markExport(e Export) error {
	switch e.Kind {
	case binary.KindFunc:
		return p.reachFunc(compilers, e.Name)
	case binary.KindGlobal:
		return p.reachGlobal(compilers, e.Name)
	default:
		return fmt.Errorf("a %v is not exported by a name", e.Kind)
	}
}

// markNext looks into one that is reached.
func (p *program) markNext() error {
	if n := len(p.todoFuncs); n > 0 {
		f := p.todoFuncs[n-1]
		p.todoFuncs = p.todoFuncs[:n-1]
		for _, r := range f.Body.Relocs() {
			if err := p.reach(f.of, r); err != nil {
				return fmt.Errorf("function %s: %w", f.Name, err)
			}
		}
		return nil
	}
	n := len(p.todoData)
	d := p.todoData[n-1]
	p.todoData = p.todoData[:n-1]
	for _, a := range d.Relocs {
		if err := p.reachData(d.of, a.Name); err != nil {
			return fmt.Errorf("data %s: %w", d.Name, err)
		}
	}
	return nil
}

func (p *program) reach(from side, r binary.Reloc) error {
	switch r.Kind {
	case binary.RelocFunc:
		return p.reachFunc(from, r.Name)
	case binary.RelocGlobal:
		return p.reachGlobal(from, r.Name)
	case binary.RelocOffset, binary.RelocI32, binary.RelocI64:
		return p.reachData(from, r.Name)
	case binary.RelocType:
	}
	return nil
}

func (p *program) reachFunc(from side, name string) error {
	f, err := p.function(from, name)
	if err == nil && !f.reached {
		f.reached = true
		p.todoFuncs = append(p.todoFuncs, f)
	}
	return err
}

func (p *program) reachData(from side, name string) error {
	at, err := p.place(from, name)
	if err == nil && !at.reached {
		at.reached = true
		p.todoData = append(p.todoData, at.datum)
	}
	return err
}

func (p *program) reachGlobal(from side, name string) error {
	g, err := p.global(from, name)
	if err != nil || g.reached {
		return err
	}
	g.reached = true
	if g.Addr == "" {
		return nil
	}
	return p.reachData(compilers, g.Addr)
}
