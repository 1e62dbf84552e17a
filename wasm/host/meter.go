package host

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/rungpolicy/rung/internal/spent"
	"github.com/rungpolicy/rung/wasm/internal/fuel"
)

// Fuel is granted in pieces, and time looked at in between: so it is time that bounds a decision, and not how long its instructions would take at worst, which
// is a hundred times as long. A decision is through with the first piece nearly always, and no clock is read then.
type pieces struct {
	first, next int64
	// slowest is how long a unit of fuel takes at worst: BenchmarkHostile.
	slowest time.Duration
	// most is the most time, unless there is an option.
	most time.Duration
}

var (
	compiled    = pieces{first: 1 << 23, next: 1 << 20, slowest: 2 * time.Nanosecond, most: DefaultMaxTime}
	interpreted = pieces{first: 1 << 20, next: 1 << 16, slowest: 200 * time.Nanosecond, most: 20 * DefaultMaxTime}
)

// DefaultMaxTime is the most processor time that a decision may take. In the interpreter, which takes so much longer for the same, it is twenty times as much.
const DefaultMaxTime = 200 * time.Millisecond

// WithMaxTime sets the most processor time that a decision may take; where the system does not tell the time of a thread, it is time on the clock. What takes
// longer is denied with engine_error.
func WithMaxTime(d time.Duration) Option { return func(o *options) { o.time = d } }

func (o *options) pieces() *pieces {
	if o.interpreter {
		return &interpreted
	}
	return &compiled
}

// meter is an instance's, before its first decision. What has run when the clock is looked at for the first time, and what runs without looking at it, is taken for
// slow.
func (o *options) meter(r *fuel.Report) meter {
	p := o.pieces()
	most := o.time
	if most == 0 {
		most = p.most
	}
	return meter{
		Context: background, limit: most - time.Duration(p.first+p.next+r.Straight)*p.slowest,
		piece: p.next, total: max(0, r.Filled-p.first),
	}
}

// meter is what a decision has spent. It is the context of the calls of an instance.
type meter struct {
	context.Context
	limit time.Duration
	piece int64
	// total is how much fuel a decision has behind the first piece, and left what is left of it.
	total, left int64
	// running says that the clock is looked at: it was began then.
	running bool
	began   time.Duration
}

type meterKey struct{}

// Value implements context.Context.
func (m *meter) Value(key any) any {
	if key == (meterKey{}) {
		return m
	}
	return m.Context.Value(key)
}

var (
	errFuel = errors.New("it takes more fuel than it has")
	errTime = errors.New("it takes too long")
)

// ask grants a piece of fuel, or panics: wazero makes an error of that, and the instance is not used again.
func (m *meter) ask(has int64) int64 {
	switch {
	case !m.running:
		// The clock is the thread's.
		runtime.LockOSThread()
		m.running, m.began = true, spent.Thread()
	case spent.Thread()-m.began > m.limit:
		panic(errTime)
	}
	n := min(max(m.piece, -has), m.left)
	if has+n < 0 {
		panic(errFuel)
	}
	m.left -= n
	return has + n
}

// reset is called behind a decision.
func (m *meter) reset() {
	m.left = m.total
	if m.running {
		m.running = false
		runtime.UnlockOSThread()
	}
}

// meters makes sure that the function that modules ask for fuel is in a runtime, which may have it from another module.
func meters(ctx context.Context, r wazero.Runtime) error {
	if r.Module(fuel.MeterModule) != nil {
		return nil
	}
	ask := func(ctx context.Context, stack []uint64) {
		m, ok := ctx.Value(meterKey{}).(*meter)
		if !ok {
			panic(errFuel) // no decision
		}
		stack[0] = api.EncodeI64(m.ask(int64(stack[0])))
	}
	number := []api.ValueType{api.ValueTypeI64}
	_, err := r.NewHostModuleBuilder(fuel.MeterModule).NewFunctionBuilder().WithGoFunction(api.GoFunc(ask), number, number).Export(fuel.MeterFunction).Instantiate(ctx)
	if err != nil && r.Module(fuel.MeterModule) == nil {
		return fmt.Errorf("the function that grants fuel: %w", err)
	}
	return nil
}
