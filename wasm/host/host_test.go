package host

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tetratelabs/wazero"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/wasm/abi"
	wasm "github.com/rungpolicy/rung/wasm/internal/binary"
)

var epoch = time.Unix(1_800_000_000, 5).UTC()

func TestAllow(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]Option{"compiler": nil, "interpreter": {WithInterpreter()}} {
		p := open(t, about(), head(abi.ResultSatisfied, 2, abi.ResultAge, 60), opts...)
		want := &policy.Decision{
			Effect: policy.Allow, Action: "act", Posture: "elevated", Policy: policy.Identity{Name: "test", Version: "1", Digest: "sha256:00"},
			Satisfied: &policy.Satisfied{Level: "high", Age: policy.Seconds{Set: true, N: 60}},
		}
		r := request(p)
		r.Posture = "elevated"
		if d := cmp.Diff(want, p.Decide(r)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	p := open(t, about(), head())
	for name, c := range map[string]struct {
		change func(*policy.Request)
		code   policy.ErrorCode
		path   string
	}{
		"no such action":  {func(r *policy.Request) { r.Action = "other" }, policy.UnknownAction, "/action"},
		"no such posture": {func(r *policy.Request) { r.Posture = "other" }, policy.InvalidRequest, "/posture"},
		"a far future":    {func(r *policy.Request) { r.Now = time.Unix(1<<50, 0) }, policy.InvalidRequest, "/now"},
	} {
		r := request(p)
		c.change(r)
		if d := p.Decide(r); d.Effect != policy.Deny || d.Error == nil || d.Error.Code != c.code || d.Error.Path != c.path {
			t.Errorf("%s: %+v, %v", name, d, d.Error)
		}
	}
	for _, d := range []*policy.Decision{p.Decide(nil), (*Policy)(nil).Decide(request(p))} {
		if d.Allowed() || d.Error == nil || d.Error.Code != policy.UnknownAction {
			t.Errorf("%+v", d)
		}
	}
}

// TestDecideInto: whatever a decision's memory held before, it is the same decision, and takes no memory if it is allow.
func TestDecideInto(t *testing.T) {
	p := open(t, about(), head(abi.ResultSatisfied, 1, abi.ResultAge, 5))
	r := request(p)
	d := &policy.Decision{Effect: policy.StepUp, Reasons: []*policy.Reason{{}}, Error: &policy.RequestError{}, Satisfied: &policy.Satisfied{Level: "x"}}
	p.DecideInto(d, r)
	if diff := cmp.Diff(p.Decide(r), d); diff != "" {
		t.Error(diff)
	}
	if n := testing.AllocsPerRun(100, func() { p.DecideInto(d, r) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	p.DecideInto(d, nil)
	if d.Allowed() || d.Satisfied != nil || d.Error == nil {
		t.Errorf("%+v", d)
	}
}

// TestTrap: what goes wrong in a module is a deny, and the next decision has another instance.
func TestTrap(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		code *wasm.Code
		want string
	}{
		"unreachable": {func() *wasm.Code { c := wasm.NewCode(2); c.Op(wasm.OpUnreachable); return c }(), "the module failed"},
		"out of bounds": {func() *wasm.Code {
			c := wasm.NewCode(2)
			c.I32Const(-1)
			c.Mem(wasm.OpI32Load, 0)
			return c
		}(), "the module failed"},
		"no action":         {answers(0), "not a decision"},
		"outside":           {answers(abi.PageSize - abi.ResultSize + 1), "not a decision"},
		"far outside":       {answers(-1), "not a decision"},
		"the end of memory": {answers(abi.PageSize), "not a decision"},
	} {
		p := openCode(t, build(t, about(), head(), c.code))
		for range 3 {
			d := p.Decide(request(p))
			if d.Effect != policy.Deny || d.Error == nil || d.Error.Code != policy.EngineError || !strings.Contains(d.Error.Message, c.want) {
				t.Errorf("%s: %+v, %v", name, d, d.Error)
			}
		}
		p.pool.mu.Lock()
		if p.pool.total != 0 {
			t.Errorf("%s: %d instances are kept", name, p.pool.total)
		}
		p.pool.mu.Unlock()
	}
}

func TestOpenErrors(t *testing.T) {
	t.Parallel()
	good := build(t, about(), head(), answers(resultAt))
	otherPages := about()
	otherPages.Meta.Pages = 2
	two := build(t, otherPages, nil, answers(0))
	tooSmall := about()
	tooSmall.Meta.Pages = 1
	for name, c := range map[string]struct {
		module []byte
		opts   []Option
		want   string
	}{
		"nothing":        {nil, nil, "not a WebAssembly module"},
		"cut":            {good[:len(good)-1], nil, "cannot be used"},
		"no sections":    {changed(t, good, func(f *wasm.File) { f.Customs = nil }), nil, "no section rung.meta"},
		"too long":       {good, []Option{WithLimits(100, 64)}, "more than 100"},
		"too many pages": {good, []Option{WithLimits(1<<20, 63)}, "to 64 pages, more than 63"},
		"other pages":    {[]byte(strings.Replace(string(two), `"pages":2`, `"pages":3`, 1)), nil, "does not have the maximum"},
	} {
		if _, err := Open(t.Context(), c.module, c.opts...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSharedRuntimeAndCache(t *testing.T) {
	t.Parallel()
	cache := wazero.NewCompilationCache()
	defer cache.Close(t.Context())
	r := wazero.NewRuntime(t.Context())
	defer r.Close(t.Context())
	module := build(t, about(), head(), answers(resultAt))
	for range 2 {
		for _, opt := range []Option{WithRuntime(r), WithCache(cache)} {
			p, err := Open(t.Context(), module, opt)
			if err != nil {
				t.Fatal(err)
			}
			if d := p.Decide(request(p)); !d.Allowed() {
				t.Errorf("%+v", d.Error)
			}
			p.Close()
		}
	}
}

func TestClose(t *testing.T) {
	t.Parallel()
	p := open(t, about(), head())
	r := request(p)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 200 {
				if d := p.Decide(r); d.Allowed() == (d.Error != nil) {
					t.Errorf("%+v", d)
				}
			}
		})
	}
	p.Close()
	p.Close()
	wg.Wait()
	if d := p.Decide(r); d.Allowed() || d.Error == nil || d.Error.Code != policy.EngineError {
		t.Errorf("%+v", d)
	}
	if p.pool.total != 0 {
		t.Errorf("%d instances are left", p.pool.total)
	}
}

// TestPool: there are never more instances than allowed, whoever waits gets one, and those that fail make room.
func TestPool(t *testing.T) {
	t.Parallel()
	fails := wasm.NewCode(2) // on a posture
	fails.LocalGet(1)
	fails.Mem(wasm.OpI32Load, abi.RecordPosture)
	fails.If()
	fails.Op(wasm.OpUnreachable)
	fails.End()
	fails.I32Const(resultAt)
	p := openCode(t, build(t, about(), head(), fails), WithInstances(2))
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 300 {
				r := request(p)
				if (g+i)%5 == 0 {
					r.Posture = "elevated"
				}
				if d := p.Decide(r); d.Allowed() == (r.Posture != "") {
					t.Errorf("%+v", d)
				}
			}
		})
	}
	wg.Wait()
	if p.pool.total > 2 {
		t.Errorf("%d instances", p.pool.total)
	}
}
