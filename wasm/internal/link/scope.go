package link

import (
	"fmt"
)

// scope is what the compiler or the object has, by its names.
type scope struct {
	funcs   map[string]*function
	data    map[string]place
	globals map[string]*global
	// local are the names that the other cannot see.
	local map[string]bool
}

func newScope() scope {
	return scope{map[string]*function{}, map[string]place{}, map[string]*global{}, map[string]bool{}}
}

// place is where data begins: in a segment, at an offset.
type place struct {
	*datum
	offset uint32
}

func (p place) address() uint32 {
	d := p.datum
	if d.same != nil {
		d = d.same
	}
	return d.addr + p.offset
}

// define makes the definitions of both sides known.
func (p *program) define() error {
	scope := p.scopes[compilers]
	for _, f := range p.in.Funcs {
		p.funcs = append(p.funcs, &function{Func: f, of: compilers})
		if err := add(scope.funcs, f.Name, p.funcs[len(p.funcs)-1]); err != nil {
			return err
		}
	}
	scope.data[HeapBase] = place{datum: p.heap}
	for _, s := range p.in.Data {
		p.data = append(p.data, &datum{Segment: s, of: compilers})
		if err := add(scope.data, s.Name, place{datum: p.data[len(p.data)-1]}); err != nil {
			return err
		}
	}
	scope.globals[stackPointer] = p.stack
	for _, g := range p.in.Globals {
		p.globals = append(p.globals, &global{Global: g})
		if err := add(scope.globals, g.Name, p.globals[len(p.globals)-1]); err != nil {
			return err
		}
	}
	p.globals = append(p.globals, p.stack)
	if p.in.Object != nil {
		p.defineObject(p.in.Object)
	}
	return nil
}

func add[T any](scope map[string]T, name string, one T) error {
	if _, ok := scope[name]; ok {
		return fmt.Errorf("%s is defined twice", name)
	}
	scope[name] = one
	return nil
}

func (p *program) defineObject(o *Object) {
	scope := p.scopes[objects]
	funcs, data := make([]*function, len(o.funcs)), make([]*datum, len(o.data))
	for i, f := range o.funcs {
		funcs[i] = &function{Func: f, of: objects}
	}
	for i, s := range o.data {
		data[i] = &datum{Segment: s, of: objects}
	}
	p.funcs, p.data = append(p.funcs, funcs...), append(p.data, data...)
	for _, s := range o.symbols {
		if !s.defined {
			continue
		}
		scope.local[s.name] = s.local
		switch s.kind {
		case symbolFunc:
			scope.funcs[s.name] = funcs[s.index]
		case symbolData:
			scope.data[s.name] = place{data[s.index], s.offset}
		case symbolGlobal, symbolSection:
		}
	}
}

// agree refuses names that both sides define for all to see, and declarations of the object that do not fit the compiler's definitions. What
// the object declares and nobody reaches need not be there.
func (p *program) agree() error {
	if p.in.Object == nil {
		return nil
	}
	mine, others := p.scopes[compilers], p.scopes[objects]
	for _, s := range p.in.Object.symbols {
		_, isFunc := mine.funcs[s.name]
		_, isData := mine.data[s.name]
		if s.defined && !others.local[s.name] && (s.kind == symbolFunc && isFunc || s.kind == symbolData && isData) {
			return fmt.Errorf("%s is defined twice, by the compiler and in the object", s.name)
		}
		if f := mine.funcs[s.name]; s.kind == symbolFunc && !s.defined && f != nil && !f.Type.Equal(p.in.Object.undefined[s.name]) {
			return fmt.Errorf("function %s is %v, and the object declares it as %v", s.name, f.Type, p.in.Object.undefined[s.name])
		}
		if g := mine.globals[s.name]; s.kind == symbolGlobal && g != nil {
			if t := p.in.Object.foreign[s.name]; t.Type != g.Type || t.Mutable != g.Mutable {
				return fmt.Errorf("global %s is of another type than the object declares it", s.name)
			}
		}
	}
	return nil
}

// find looks a name up where it stands and then with the other side.
func find[T any](p *program, from side, what, name string, in func(scope) map[string]T) (T, error) {
	if one, ok := in(p.scopes[from])[name]; ok {
		return one, nil
	}
	other := p.scopes[1-from]
	one, ok := in(other)[name]
	if !ok || other.local[name] {
		return one, fmt.Errorf("there is no %s %s", what, name)
	}
	return one, nil
}

func (p *program) function(from side, name string) (*function, error) {
	return find(p, from, "function", name, func(s scope) map[string]*function { return s.funcs })
}

func (p *program) place(from side, name string) (place, error) {
	return find(p, from, "data", name, func(s scope) map[string]place { return s.data })
}

func (p *program) global(from side, name string) (*global, error) {
	return find(p, from, "global", name, func(s scope) map[string]*global { return s.globals })
}
