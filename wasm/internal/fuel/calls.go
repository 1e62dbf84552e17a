package fuel

import "github.com/rungpolicy/rung/wasm/internal/binary"

// order returns the functions, those that are called before those that call them, and how deep calls nest. It fails where a function calls itself, through
// others too, and where a body cannot be read.
func order(m *binary.Module) (sorted []int, depth int, err error) {
	g := &graph{module: m, state: make([]int, len(m.Funcs)), depths: make([]int, len(m.Funcs))}
	for fn := range m.Funcs {
		if err := g.visit(fn); err != nil {
			return nil, 0, err
		}
		depth = max(depth, g.depths[fn])
	}
	return g.sorted, depth, nil
}

// graph is a walk through the calls, with a stack of its own: a module may nest them as deep as it has functions.
type graph struct {
	module *binary.Module
	state  []int // 0: not seen, 1: on the way, 2: done
	depths []int
	sorted []int
	stack  []visit
}

// visit is a function on the way, and the calls of it that are to be looked into.
type visit struct {
	fn    int
	calls []call
}

type call struct{ at, fn int }

func (g *graph) visit(fn int) error {
	if g.state[fn] != 0 {
		return nil
	}
	if err := g.push(fn); err != nil {
		return err
	}
	for len(g.stack) > 0 {
		top := &g.stack[len(g.stack)-1]
		if len(top.calls) == 0 {
			g.pop()
			continue
		}
		c := top.calls[0]
		top.calls = top.calls[1:]
		switch g.state[c.fn] {
		case 0:
			if err := g.push(c.fn); err != nil {
				return err
			}
		case 1:
			return at(g.module, top.fn, c.at, "a call of function %d, which has called this one", c.fn)
		case 2:
			g.depths[top.fn] = max(g.depths[top.fn], g.depths[c.fn]+1)
		}
	}
	return nil
}

// push goes into a function. It is called as long as its calls are on the stack: all stacks together hold a call once.
func (g *graph) push(fn int) error {
	g.state[fn] = 1
	v := visit{fn: fn}
	for in, err := range binary.Instrs(g.module.Funcs[fn].Code) {
		if err != nil {
			return inBody(g.module, fn, 0, err)
		}
		if in.Op != binary.OpCall {
			continue
		}
		if int(in.Index) >= len(g.state) {
			return at(g.module, fn, in.At, "a call of function %d, of %d", in.Index, len(g.state))
		}
		v.calls = append(v.calls, call{in.At, int(in.Index)})
	}
	g.stack = append(g.stack, v)
	return nil
}

func (g *graph) pop() {
	fn := g.stack[len(g.stack)-1].fn
	g.stack = g.stack[:len(g.stack)-1]
	g.state[fn] = 2
	g.sorted = append(g.sorted, fn)
	if len(g.stack) > 0 {
		above := g.stack[len(g.stack)-1].fn
		g.depths[above] = max(g.depths[above], g.depths[fn]+1)
	}
}
