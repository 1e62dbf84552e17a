package rung_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/rungpolicy/rung/policy"
	rung "github.com/rungpolicy/rung/sdk"
)

// lazyPolicy needs two signals at once, and a third where one of them says so.
const lazyPolicy = `
policy "p" { language = 1 }
signal "reputation" {
  type = double
  lazy = true
}
signal "fraud" {
  type = object({ score = double, watched = bool })
  lazy = true
}
signal "history" {
  type = list(string)
  lazy = true
}
action "pay" {
  level    = "none"
  resource = object({ amount = double })
  deny "bad address" { when = "resource.amount > 10.0 && reputation < 0.2" }
  deny "fraud"       { when = "resource.amount > 10.0 && (fraud.score > 0.9 || (fraud.watched ? 'stolen' in history : false))" }
}
`

func policyOf(text string) fstest.MapFS { return fstest.MapFS{"p.rung.hcl": {Data: []byte(text)}} }

func pay(e *rung.Engine, amount float64) *rung.Request {
	p := e.Policy()
	signals := make([]policy.Value, len(p.Signals))
	network := policy.NewObject(p.Signal("network").Type)
	network.Attrs[p.Signal("network").Type.Slot("ip")] = netip.MustParseAddr("192.0.2.1")
	signals[p.SignalIndex("network")] = network
	return &rung.Request{Action: "pay", Signals: signals, Resource: &policy.Object{Attrs: []policy.Value{amount}}}
}

type fraud struct {
	Score   float64
	Watched bool
}

type payment struct {
	Network  struct{ IP netip.Addr }
	Resource struct{ Amount float64 }
}

func paying(amount float64) *payment {
	p := new(payment)
	p.Network.IP, p.Resource.Amount = netip.MustParseAddr("192.0.2.1"), amount
	return p
}

func TestProviders(t *testing.T) {
	t.Parallel()
	var reputations, frauds, histories, together atomic.Int32
	both := make(chan struct{})
	meet := func() {
		if together.Add(1) == 2 {
			close(both)
		}
		<-both // neither goes on without the other: they are asked at once
	}
	for _, using := range []rung.Using{rung.Native, rung.Wasm} {
		reputations.Store(0)
		frauds.Store(0)
		histories.Store(0)
		together.Store(0)
		both = make(chan struct{})
		e, err := rung.Load(policyOf(lazyPolicy), rung.WithEngine(using),
			rung.WithProvider("reputation", time.Minute, func(_ context.Context, about *rung.Lookup) (any, error) {
				reputations.Add(1)
				meet()
				if about.Value("network", "ip") != netip.MustParseAddr("192.0.2.1") || about.Value("resource", "amount") != 20.0 || about.Action != "pay" {
					return nil, fmt.Errorf("%v", about.Value("network"))
				}
				return 0.5, nil
			}),
			rung.WithProvider("fraud", time.Minute, func(context.Context, *rung.Lookup) (any, error) {
				frauds.Add(1)
				meet()
				return fraud{Score: 0.1, Watched: true}, nil
			}),
			rung.WithProvider("history", time.Minute, func(_ context.Context, about *rung.Lookup) (any, error) {
				histories.Add(1)
				if about.Value("fraud", "watched") != true {
					return nil, errors.New("the second round knows of the first")
				}
				return []string{"clean"}, nil
			}))
		if err != nil {
			t.Fatal(err)
		}
		b := bind[payment](t, e)
		if d := e.DecideContext(t.Context(), pay(e, 5)); !d.Allowed() || reputations.Load() != 0 {
			t.Errorf("%+v after %d fetches", d, reputations.Load())
		}
		if d := e.DecideContext(t.Context(), pay(e, 20)); !d.Allowed() || d.Indeterminate != nil {
			t.Errorf("%+v", d)
		}
		if r, f, h := reputations.Load(), frauds.Load(), histories.Load(); r != 1 || f != 1 || h != 1 {
			t.Errorf("asked %d, %d and %d times", r, f, h)
		}
		if d := b.DecideContext(t.Context(), "pay", paying(5)); !d.Allowed() || reputations.Load() != 1 {
			t.Errorf("%+v", d)
		}
		together.Store(0)
		both = make(chan struct{})
		if d := b.DecideContext(t.Context(), "pay", paying(20)); !d.Allowed() || histories.Load() != 2 {
			t.Errorf("%+v", d)
		}
		together.Store(0)
		both = make(chan struct{})
		if d := e.DecideJSONContext(t.Context(), []byte(`{"action": "pay", "signals": {"resource": {"amount": 20}, "network": {"ip": "192.0.2.1"}}}`)); !d.Allowed() {
			t.Errorf("%+v", d)
		}
	}
}

// TestProvidersFail: whatever a provider does wrong leaves its signal absent, and the rules that read it apply. Nobody waits longer than the limit.
func TestProvidersFail(t *testing.T) {
	t.Parallel()
	const limit = 20 * time.Millisecond
	for name, by := range map[string]rung.Provider{
		"error": func(context.Context, *rung.Lookup) (any, error) { return 0.9, errors.New("no") },
		"panic": func(context.Context, *rung.Lookup) (any, error) { panic("no") },
		"type":  func(context.Context, *rung.Lookup) (any, error) { return struct{ X int }{}, nil },
		"nil":   func(context.Context, *rung.Lookup) (any, error) { return (*float64)(nil), nil },
		"late": func(ctx context.Context, _ *rung.Lookup) (any, error) {
			<-ctx.Done()
			return 0.9, nil
		},
		"deaf": func(context.Context, *rung.Lookup) (any, error) {
			time.Sleep(time.Hour)
			return 0.9, nil
		},
		"goexit": func(context.Context, *rung.Lookup) (any, error) {
			runtime.Goexit()
			return 0.9, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var event rung.Event
				e, err := rung.Load(policyOf(lazyPolicy), rung.WithProvider("reputation", limit, by),
					rung.WithHook(func(e *rung.Event) { event.Fetched, event.Decision = e.Fetched, e.Decision }))
				if err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				d := e.DecideContext(t.Context(), pay(e, 20))
				if d.Effect != rung.Deny || d.Error != nil || len(d.Reasons) != 2 || d.Indeterminate[0].Code != policy.NoSuchAttribute {
					t.Errorf("%+v", d)
				}
				want := time.Duration(0)
				if name == "late" || name == "deaf" || name == "goexit" {
					want = limit
				}
				if took := time.Since(began); took != want {
					t.Errorf("it took %v, want %v", took, want)
				}
				if n := len(event.Fetched); n != 2 || event.Fetched[0].Signal != "fraud" || (event.Fetched[1].Err == nil) != (name == "nil") || event.Fetched[1].Took != want {
					t.Errorf("%+v", event.Fetched)
				}
				time.Sleep(2 * time.Hour) // until the deaf one is through
			})
		})
	}
}

// TestLimits: each provider has its own time, and what comes within it counts.
func TestLimits(t *testing.T) {
	t.Parallel()
	after := func(d time.Duration, v any) rung.Provider {
		return func(context.Context, *rung.Lookup) (any, error) {
			time.Sleep(d)
			return v, nil
		}
	}
	calm := fraud{Score: 0.1}
	for name, c := range map[string]struct {
		reputation, fraud rung.Provider
		late              string
		took              time.Duration
	}{
		"both in time":         {after(time.Second-1, 0.5), after(time.Minute-1, calm), "", time.Minute - 1},
		"the shorter one late": {after(time.Second+1, 0.5), after(time.Minute-1, calm), "reputation", time.Minute - 1},
		"the longer one late":  {after(time.Second-1, 0.5), after(time.Minute+1, calm), "fraud", time.Minute},
		"both late":            {after(time.Hour, 0.5), after(time.Hour, calm), "fraud reputation", time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var late []string
				e, err := rung.Load(policyOf(lazyPolicy), rung.WithProvider("reputation", time.Second, c.reputation), rung.WithProvider("fraud", time.Minute, c.fraud),
					rung.WithHook(func(e *rung.Event) {
						for _, f := range e.Fetched {
							if f.Err != nil {
								late = append(late, f.Signal)
							}
						}
					}))
				if err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				d := e.DecideContext(t.Context(), pay(e, 20))
				if got := strings.Join(late, " "); got != c.late || d.Allowed() != (c.late == "") || time.Since(began) != c.took {
					t.Errorf("late: %q, want %q; %s after %v, want %v", got, c.late, d.Effect, time.Since(began), c.took)
				}
				time.Sleep(2 * time.Hour)
			})
		})
	}
}

func TestProviderThatDoesNotFit(t *testing.T) {
	t.Parallel()
	fetch := func(context.Context, *rung.Lookup) (any, error) { return nil, nil }
	for _, c := range []struct {
		opts []rung.Option
		want string
	}{
		{[]rung.Option{rung.WithProvider("device", time.Second, fetch)}, "does not declare as lazy"},
		{[]rung.Option{rung.WithProvider("reputatoin", time.Second, fetch), rung.Strict()}, "does not declare"},
		{[]rung.Option{rung.WithProvider("reputatoin", time.Second, fetch)}, ""},
		{[]rung.Option{rung.WithProvider("reputation", 0, fetch)}, "time limit"},
		{[]rung.Option{rung.WithProvider("reputation", time.Second, nil)}, "function"},
	} {
		_, err := rung.Load(policyOf(lazyPolicy), c.opts...)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}

// TestProvidersLeakNothing: ten thousand calls, of all kinds, leave no goroutine of ours; providers that never return leave their own, of which there is
// a bounded number.
func TestProvidersLeakNothing(t *testing.T) { //nolint:paralleltest // it counts goroutines
	calls := 10_000
	if testing.Short() {
		calls = 1000
	}
	hang := make(chan struct{})
	var n, hanging atomic.Int64
	var hangs atomic.Bool
	const flights = 16
	e, err := rung.Load(policyOf(lazyPolicy), rung.WithFlights(flights),
		rung.WithProvider("reputation", 200*time.Microsecond, func(ctx context.Context, _ *rung.Lookup) (any, error) {
			if hangs.Load() {
				hanging.Add(1)
				<-hang
			}
			switch n.Add(1) % 50 {
			case 0:
				<-ctx.Done()
			case 1:
				panic("no")
			case 2:
				return nil, errors.New("no")
			}
			return 0.5, nil
		}))
	if err != nil {
		t.Fatal(err)
	}
	before := runtime.NumGoroutine()
	decide := func() {
		t.Helper()
		if d := e.DecideContext(t.Context(), pay(e, 20)); d.Allowed() || d.Error != nil {
			t.Fatalf("%+v", d) // there is no provider of fraud
		}
	}
	for range calls {
		decide()
	}
	if n.Load() == 0 {
		t.Error("the provider was never asked")
	}
	hangs.Store(true)
	for hanging.Load() < flights { // on a busy machine, time is over before a provider has begun
		decide()
	}
	for range 100 { // without a flight
		decide()
	}
	settle(before + flights)
	if now := runtime.NumGoroutine(); now > before+flights || hanging.Load() != flights {
		t.Errorf("%d goroutines before, %d after, %d of them hang", before, now, hanging.Load())
	}
	close(hang)
	settle(before)
	if now := runtime.NumGoroutine(); now > before {
		t.Errorf("%d goroutines before, %d after", before, now)
	}
}

// settle waits until there are so few goroutines, or gives up.
func settle(n int) {
	for deadline := time.Now().Add(30 * time.Second); runtime.NumGoroutine() > n && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
}

// TestContextDone: who does not wait is denied.
func TestContextDone(t *testing.T) {
	t.Parallel()
	done, cancel := context.WithCancel(t.Context())
	began := make(chan struct{})
	e, err := rung.Load(policyOf(lazyPolicy), rung.WithProvider("reputation", time.Hour, func(ctx context.Context, _ *rung.Lookup) (any, error) {
		close(began)
		<-ctx.Done()
		return 0.9, nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		<-began
		cancel()
	}()
	if d := e.DecideContext(done, pay(e, 20)); d.Allowed() || d.Error == nil {
		t.Errorf("%+v", d)
	}
	if d := e.DecideContext(done, pay(e, 1)); d.Allowed() || d.Error == nil {
		t.Errorf("%+v", d)
	}
	if d := e.DecideJSONContext(done, []byte(`{"action": "pay", "signals": {"resource": {"amount": 1}}}`)); d.Allowed() || d.Error == nil {
		t.Errorf("%+v", d)
	}
	if d := bind[payment](t, e).DecideContext(done, "pay", paying(1)); d.Allowed() || d.Error == nil {
		t.Errorf("%+v", d)
	}
}
