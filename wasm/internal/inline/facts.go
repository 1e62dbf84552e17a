package inline

import "github.com/rungpolicy/rung/wasm/internal/binary"

// facts are what a place that calls has to know of a body.
type facts struct {
	// exits says that it is left otherwise than at its end.
	exits bool
	// reads says how often it reads each parameter, and writes whether it writes it.
	reads  []int
	writes []bool
	// zero says which locals may be read before they are written.
	zero []bool
}

func factsOf(b *body) (facts, error) {
	n := len(b.locals)
	w := &watch{facts: facts{reads: make([]int, n), writes: make([]bool, n), zero: make([]bool, n)}, home: make([]int, n), open: []bool{true}, blocks: []int{0}}
	for l := range w.home {
		w.home[l] = nowhere
	}
	for in, err := range binary.Instrs(b.code) {
		if err != nil {
			return facts{}, err
		}
		w.step(&in)
	}
	return w.facts, nil
}

// watch follows which locals have been written for sure. One that is first written in a block is so until the block ends: who gets behind the place in that
// block has come over it.
type watch struct {
	facts
	home   []int  // of each local, the block in which it is first written
	open   []bool // of each block, the function being the first
	blocks []int  // those around
}

const nowhere = -1

func (w *watch) step(in *binary.Instr) {
	switch in.Op {
	case binary.OpBlock, binary.OpLoop, binary.OpIf:
		w.enter()
	case binary.OpElse:
		w.leave()
		w.enter()
	case binary.OpEnd:
		w.leave()
	case binary.OpReturn:
		w.exits = true
	case binary.OpBr, binary.OpBrIf:
		w.exits = w.exits || int(in.Index) == in.Depth
	case binary.OpBrTable:
		for _, label := range in.Labels {
			w.exits = w.exits || int(label) == in.Depth
		}
	case binary.OpLocalGet:
		w.reads[in.Index]++
		w.local(in.Index, false)
	case binary.OpLocalSet, binary.OpLocalTee:
		w.writes[in.Index] = true
		w.local(in.Index, true)
	}
}

func (w *watch) enter() {
	w.blocks = append(w.blocks, len(w.open))
	w.open = append(w.open, true)
}

func (w *watch) leave() {
	last := len(w.blocks) - 1
	w.open[w.blocks[last]] = false
	w.blocks = w.blocks[:last]
}

func (w *watch) local(l uint32, write bool) {
	switch home := w.home[l]; {
	case home == nowhere && write:
		w.home[l] = w.blocks[len(w.blocks)-1]
	case home == nowhere || !w.open[home]:
		w.zero[l] = true
	}
}
