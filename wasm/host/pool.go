package host

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/rungpolicy/rung/wasm/abi"
)

// pool are the instances of a module: at most a fixed number, made when they are needed, each used by one decision at a time.
//
// An instance is kept for the next decision unless something went wrong in it. sync.Pool is not used: it forgets instances without closing them, and
// knows no bound.
type pool struct {
	runtime  wazero.Runtime
	own      bool // the runtime is closed with the pool
	compiled wazero.CompiledModule
	room     int
	pages    int
	meter    meter // of an instance, before its first decision

	// hot is the instance that was used last: the way of a single goroutine takes no lock.
	hot     atomic.Pointer[instance]
	waiting atomic.Int32
	closed  atomic.Bool

	mu    sync.Mutex
	freed sync.Cond
	idle  []*instance
	// total are the instances that there are, in use or not; most is how many there may be.
	total, most int
	finished    sync.Once
}

func defaultInstances() int { return max(4, 2*runtime.GOMAXPROCS(0)) }

func newPool(r wazero.Runtime, own bool, compiled wazero.CompiledModule, most int) *pool {
	p := &pool{runtime: r, own: own, compiled: compiled, most: max(1, most)}
	p.freed.L = &p.mu
	return p
}

var errClosed = errors.New("the policy is closed")

// get takes an instance, and waits for one if all are in use.
func (p *pool) get() (*instance, error) {
	if i := p.hot.Swap(nil); i != nil {
		return i, nil
	}
	i, err := p.getSlow()
	if i != nil || err != nil {
		return i, err
	}
	if i, err = newInstance(p); err != nil {
		p.gone()
		return nil, err
	}
	return i, nil
}

// getSlow returns nil and no error if an instance is to be made.
func (p *pool) getSlow() (*instance, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting.Add(1)
	defer p.waiting.Add(-1)
	for {
		// Who puts an instance into hot looks at waiting afterwards: it is seen here or there.
		if i := p.hot.Swap(nil); i != nil {
			return i, nil
		}
		if n := len(p.idle); n > 0 {
			i := p.idle[n-1]
			p.idle = p.idle[:n-1]
			return i, nil
		}
		if p.closed.Load() {
			return nil, errClosed
		}
		if p.total < p.most {
			p.total++
			return nil, nil
		}
		p.freed.Wait()
	}
}

// put gives an instance back.
func (p *pool) put(i *instance) {
	if !p.hot.CompareAndSwap(nil, i) {
		p.putSlow(i)
	} else if p.waiting.Load() > 0 || p.closed.Load() {
		if i = p.hot.Swap(nil); i != nil {
			p.putSlow(i)
		}
	}
}

func (p *pool) putSlow(i *instance) {
	if p.closed.Load() {
		p.drop(i)
		return
	}
	p.mu.Lock()
	p.idle = append(p.idle, i)
	p.mu.Unlock()
	p.freed.Signal()
	if p.closed.Load() { // meanwhile
		p.dropIdle()
	}
}

// release gives an instance back, or drops it if it is not to be used again.
func (p *pool) release(i *instance) {
	if i.broken || len(i.view) > i.start+kept {
		p.drop(i)
		return
	}
	p.put(i)
}

// kept is how much an instance's memory may have grown if it is to be kept: what is beyond came from a request of unusual size.
const kept = 4 << 20

// drop closes an instance.
func (p *pool) drop(i *instance) {
	// An instance without files and host functions has nothing that closing could fail at.
	_ = i.module.Close(context.Background())
	p.gone()
}

// gone notes that there is one instance less. The last one, once the pool is closed, takes the code along: closing a runtime with a call under way is
// not safe.
func (p *pool) gone() {
	p.mu.Lock()
	p.total--
	last := p.closed.Load() && p.total == 0
	p.mu.Unlock()
	p.freed.Signal()
	if last {
		p.finish()
	}
}

func (p *pool) finish() {
	p.finished.Do(func() {
		ctx := context.Background()
		_ = p.compiled.Close(ctx)
		if p.own {
			_ = p.runtime.Close(ctx)
		}
	})
}

func (p *pool) close() {
	if p.closed.Swap(true) {
		return
	}
	p.mu.Lock()
	none := p.total == 0
	p.mu.Unlock()
	if none {
		p.finish()
	}
	if i := p.hot.Swap(nil); i != nil {
		p.drop(i)
	}
	p.dropIdle()
	p.freed.Broadcast()
}

func (p *pool) dropIdle() {
	p.mu.Lock()
	idle := p.idle
	p.idle = nil
	p.mu.Unlock()
	for _, i := range idle {
		p.drop(i)
	}
}

// instance is an instance of the module, with its functions and its memory at hand.
type instance struct {
	module     api.Module
	begin, ask api.Function
	memory     api.Memory
	// view is the memory, as it was after the last call.
	view []byte
	// start is how much memory there was at first.
	start int
	// The memory for input.
	base, size uint32
	// most is the most memory there may be.
	most uint32
	// broken says that the instance is not to be used again.
	broken bool
	meter  meter
	stack  [2]uint64
	record record
}

func newInstance(p *pool) (*instance, error) {
	// No name, so that there may be several; no function is called at the start.
	module, err := p.runtime.InstantiateModule(context.Background(), p.compiled, wazero.NewModuleConfig().WithName("").WithStartFunctions())
	if err != nil {
		return nil, fmt.Errorf("the module cannot be instantiated: %w", err)
	}
	i := &instance{
		module: module,
		begin:  module.ExportedFunction(abi.ExportBegin), ask: module.ExportedFunction(abi.ExportDecide), memory: module.Memory(),
		most: uint32(min(p.pages*abi.PageSize, 1<<32-1)), meter: p.meter,
	}
	i.meter.reset()
	if i.begin == nil || i.ask == nil || i.memory == nil {
		err = errors.New("the module does not export what it should")
	} else if !i.reserve(p.room) {
		err = errors.New("the module has no room for a request")
	}
	if err != nil {
		_ = module.Close(context.Background())
		return nil, err
	}
	i.start = len(i.view)
	return i, nil
}

// reserve asks for memory for n bytes of input; false if there is not so much.
func (i *instance) reserve(n int) bool {
	if int64(n) > int64(i.most) {
		return false
	}
	i.stack[0] = uint64(n)
	if err := i.begin.CallWithStack(context.Background(), i.stack[:]); err != nil {
		i.broken = true
		return false
	}
	i.base, i.size = uint32(i.stack[0]), uint32(n)
	if !i.look() || i.base == 0 || i.base%8 != 0 || uint64(i.base)+uint64(n) > uint64(len(i.view)) {
		i.broken = i.base != 0
		i.size = 0
		return false
	}
	return true
}

// look takes a view of the memory, which may have moved; false if it is larger than declared.
func (i *instance) look() bool {
	size := i.memory.Size()
	if size > i.most {
		i.broken = true
		return false
	}
	if int(size) != len(i.view) {
		i.view, _ = i.memory.Read(0, size)
	}
	return true
}
