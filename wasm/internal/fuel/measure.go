package fuel

import (
	"slices"

	"github.com/rungpolicy/rung/wasm/internal/binary"
)

// Function is what a walk through a function's body finds out.
type Function struct {
	// Cost is that of the body without its loops, and with all that it calls.
	Cost int64
	// Loops and Calls are how many there are in it.
	Loops, Calls int
	// Nesting is how deep blocks nest.
	Nesting int
	// Blocks is how many pieces without a way in or out it falls into, about.
	Blocks int
	// Joins is how many values arrive from several places, at most: where ways meet, each local that was set on the way may be one.
	Joins int
}

// loop is a loop of a body: where the code behind its opcode begins, what a round costs, and what its sequence charges.
type loop struct {
	at     int
	cost   int64
	charge int64
}

// measurer walks a body and follows all ways through it at once. Ways only lead forward, but for those that go round a loop; so the most that can have
// been spent at a place is known when the walk comes there.
type measurer struct {
	*job
	fn   int
	code []byte
	skip int // bytes of the function before code

	out     Function
	loops   []loop // in the order of their opcodes
	blocks  []block
	regions []region
	sets    int      // locals set so far
	open    *reading // a sequence that is being read
	edits   []edit
}

// job is what the walks through all bodies share.
type job struct {
	module *binary.Module
	// entries are called from outside, and not from inside.
	entries []uint32
	// funcs has those that have been walked through: all that a function calls comes before it.
	funcs []Function
	// edits are what Meter changes in each function; nil where nobody asks.
	edits [][]edit
	// dearest is the most that a round of a loop is charged.
	dearest int64
	// fuel is the global, and without says that there are no sequences yet.
	fuel    uint32
	without bool
	// charges says that there are loops whose charge a function takes.
	charges bool
	// charger is the body of that function, once it was asked for.
	charger []byte
}

// region is a loop, or at the bottom the function, that the walk is in.
type region struct {
	loop int   // index in out.loops; -1: the function
	now  int64 // the most that can have been spent in this round; -1: no way leads here
	most int64
}

// block is a block that the walk is in.
type block struct {
	op     binary.Op
	region int
	// before is what had been spent at the condition of an if without else, and arrived the most of all branches to the end. -1: no way.
	before, arrived int64
	sets            int // locals set before it, less the values that it takes and leaves: these are moved like locals
}

// measure walks the body of a function, behind its first bytes. The positions of loops count from there.
func (j *job) measure(fn, skip int) ([]loop, error) {
	if j.isCharger(uint32(fn)) {
		return nil, nil
	}
	w := measurer{job: j, fn: fn, code: j.module.Funcs[fn].Code[skip:], skip: skip}
	w.regions = append(w.regions, region{loop: -1})
	for in, err := range binary.Instrs(w.code) {
		if err != nil {
			return nil, inBody(j.module, fn, skip, err)
		}
		if err := w.instr(&in); err != nil {
			return nil, err
		}
	}
	w.out.Cost = w.regions[0].most
	j.funcs[fn] = w.out
	if j.edits != nil {
		j.edits[fn] = w.edits
	}
	return w.loops, nil
}

// fail makes an error of a place in the code.
func (w *measurer) fail(offset int, format string, args ...any) error {
	return at(w.module, w.fn, w.skip+offset, format, args...)
}

// inBody places an error of package binary.
func inBody(m *binary.Module, fn, skip int, err error) error {
	if e, ok := err.(*binary.Error); ok { //nolint:errorlint // as Instrs makes it
		return at(m, fn, skip+e.At, "%s", e.What)
	}
	return err
}

func (w *measurer) instr(in *binary.Instr) error {
	if w.open != nil {
		return w.sequence(in)
	}
	if in.Op == binary.OpGlobalSet && !w.without && in.Index == w.fuel {
		return w.fail(in.At, "a second place writes the fuel")
	}
	if in.Op == binary.OpMemoryCopy || in.Op == binary.OpMemoryFill {
		return w.fail(in.At, "%v: how long it takes is not known", in.Op)
	}
	w.spend(price(in.Op))
	switch in.Op {
	case binary.OpCall:
		return w.call(in)
	case binary.OpBlock, binary.OpIf, binary.OpLoop:
		return w.begin(in)
	case binary.OpElse:
		b := &w.blocks[len(w.blocks)-1]
		b.arrived = max(b.arrived, w.region().now)
		w.region().now, b.before = b.before, -1
	case binary.OpEnd:
		w.end()
	case binary.OpLocalSet, binary.OpLocalTee:
		w.sets++
	default:
		w.branch(in)
	}
	return nil
}

func (w *measurer) region() *region { return &w.regions[len(w.regions)-1] }

// spend adds to what this round has cost.
func (w *measurer) spend(n int64) {
	if r := w.region(); r.now >= 0 {
		r.now = add(r.now, n)
		r.most = max(r.most, r.now)
	}
}

// spendMost adds to what a round costs, whichever way it takes.
func (w *measurer) spendMost(n int64) {
	r := w.region()
	r.most = add(r.most, n)
}

func (w *measurer) call(in *binary.Instr) error {
	if slices.Contains(w.entries, in.Index) {
		return w.fail(in.At, "a call of the function that fills up the fuel")
	}
	if w.isCharger(in.Index) {
		return w.fail(in.At, "a call of the function that takes fuel, and no loop that begins")
	}
	w.out.Calls++
	w.spend(w.funcs[in.Index].Cost)
	w.edits = append(w.edits, edit{begin: w.skip + in.At, end: w.skip + in.At + in.Size, function: in.Index})
	return nil
}

// begin opens a block; that of a loop is a region of its own.
func (w *measurer) begin(in *binary.Instr) error {
	values, ok := w.values(in.Block)
	if !ok {
		return w.fail(in.At, "a block of type %d, of %d", in.Block, len(w.module.Types))
	}
	b := block{op: in.Op, region: len(w.regions) - 1, before: -1, arrived: -1, sets: w.sets - values}
	if in.Op == binary.OpIf {
		b.before = w.region().now
	}
	w.blocks = append(w.blocks, b)
	w.out.Nesting = max(w.out.Nesting, len(w.blocks))
	w.out.Blocks += pieces(in.Op)
	if in.Op != binary.OpLoop {
		return nil
	}
	w.regions = append(w.regions, region{loop: len(w.loops)})
	w.out.Loops++
	w.loops = append(w.loops, loop{at: in.At + in.Size})
	if !w.without {
		w.open = &reading{}
	}
	return nil
}

// values is how many values a block takes and leaves; false if it has no type.
func (w *measurer) values(t binary.BlockType) (int, bool) {
	if t == binary.EmptyBlock {
		return 0, true
	}
	if t < 0 {
		return 1, true
	}
	if int64(t) >= int64(len(w.module.Types)) {
		return 0, false
	}
	of := w.module.Types[t]
	return len(of.Params) + len(of.Results), true
}

// pieces is how many pieces of code a block makes; those of a loop's sequence are among them.
func pieces(op binary.Op) int {
	switch op {
	case binary.OpIf:
		return 3
	case binary.OpLoop:
		return 5
	}
	return 1
}

func (w *measurer) end() {
	if len(w.blocks) == 0 {
		return // the function's
	}
	b := w.blocks[len(w.blocks)-1]
	w.blocks = w.blocks[:len(w.blocks)-1]
	if b.op == binary.OpLoop {
		w.endLoop(&b)
		return
	}
	r := w.region()
	r.now = max(r.now, b.before, b.arrived)
	w.spend(w.joins(&b))
}

// joins counts the locals that are set inside of a block: where ways meet at its end, or at the head of a loop, what they hold is moved to where it is expected.
func (w *measurer) joins(b *block) int64 {
	n := w.sets - b.sets
	w.out.Joins += n
	return int64(n)
}

// endLoop closes a region. What runs behind the loop goes on from what had been spent before it.
func (w *measurer) endLoop(b *block) {
	w.spendMost(w.joins(b))
	r := *w.region()
	l := &w.loops[r.loop]
	l.cost = r.most
	w.dearest = max(w.dearest, l.cost, l.charge)
	w.regions = w.regions[:len(w.regions)-1]
	if r.now < 0 {
		w.region().now = -1
	}
}

// branch follows an instruction that leads elsewhere.
func (w *measurer) branch(in *binary.Instr) {
	switch in.Op {
	case binary.OpBr:
		w.arrive(in.Index)
	case binary.OpBrIf:
		w.out.Blocks++
		w.arrive(in.Index)
		return
	case binary.OpBrTable:
		w.out.Blocks += len(in.Labels) / 2
		for _, label := range in.Labels {
			w.arrive(label)
		}
	case binary.OpReturn, binary.OpUnreachable:
	default:
		return
	}
	w.region().now = -1
}

// arrive notes a way to a label. Around a loop it begins a new round, which the loop's sequence charges.
func (w *measurer) arrive(label uint32) {
	if int(label) >= len(w.blocks) {
		return // the function's end
	}
	b := &w.blocks[len(w.blocks)-1-int(label)]
	if b.op != binary.OpLoop {
		b.arrived = max(b.arrived, w.regions[b.region].now)
	}
}

// sequence reads the instructions behind a loop, which are to be the sequence and cost nothing.
func (w *measurer) sequence(in *binary.Instr) error {
	if !w.open.step(w.code, w.job, in) {
		return w.fail(w.open.begin, "a loop that does not begin by taking fuel")
	}
	if w.open.done(in) {
		w.loops[w.region().loop].charge = w.open.charge
		w.edits = append(w.edits, edit{begin: w.skip + w.open.begin, end: w.skip + w.open.end, sequence: w.open})
		w.open = nil
	}
	return nil
}
