package rung_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/rungpolicy/rung/diag"
	"github.com/rungpolicy/rung/policy"
	rung "github.com/rungpolicy/rung/sdk"
)

// numbered is a policy whose answers say which it is: it denies by the rule of its number, and above a param's limit only.
func numbered(n int) string {
	return fmt.Sprintf(`
policy "p" {
  language = 1
  version  = "%d"
}
param "limit" {
  type    = double
  default = 100.0
}
posture "elevated" { rank = 1 }
posture "critical" { rank = 2 }
action "pay" {
  level    = "none"
  resource = object({ amount = double })
  deny "rule %d" { when = "resource.amount > param.limit" }
}
`, n, n)
}

func write(t *testing.T, dir, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "p.rung.hcl"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func version(e *rung.Engine) string {
	return e.DecideJSON([]byte(`{"action": "pay", "signals": {"resource": {"amount": 500}}}`)).Policy.Version
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, numbered(1))
	var told []rung.Reload
	e, err := rung.Open(t.Context(), rung.Folder(dir), rung.WithReload(func(r rung.Reload) { told = append(told, r) }))
	if err != nil {
		t.Fatal(err)
	}
	refresh := func(changed bool, refused string) {
		t.Helper()
		got, err := e.Refresh(t.Context())
		if got != changed || (err == nil) != (refused == "") || err != nil && !strings.Contains(err.Error(), refused) {
			t.Fatalf("changed: %v, %v", got, err)
		}
		if s := e.Status(); !errors.Is(s.Refused, err) && fmt.Sprint(s.Refused) != fmt.Sprint(err) {
			t.Errorf("%+v, %v", s, err)
		}
	}
	refresh(false, "")
	write(t, dir, numbered(2))
	refresh(true, "")
	refresh(false, "")
	if v := version(e); v != "2" || len(told) != 1 || told[0].Policy.Version != "2" {
		t.Errorf("version %s, %+v", v, told)
	}

	// Mistakes: the last good policy stays, and the reason is there, told once.
	write(t, dir, numbered(3)+"oops")
	refresh(false, "an attribute or a block belongs here")
	refresh(false, "an attribute or a block belongs here")
	if list := diag.List(nil); version(e) != "2" || len(told) != 2 || !errors.As(told[1].Err, &list) || told[1].Policy.Version != "2" {
		t.Errorf("%+v", told)
	}
	write(t, dir, numbered(2))
	refresh(true, "")
	if err := os.Remove(filepath.Join(dir, "p.rung.hcl")); err != nil {
		t.Fatal(err)
	}
	refresh(false, "no *.rung.hcl file here")
	if s := e.Status(); version(e) != "2" || s.Taken != 3 || s.Policy.Version != "2" || s.RefusedAt.IsZero() {
		t.Errorf("%+v", s)
	}
	write(t, dir, numbered(4))
	refresh(true, "")

	// What the host has set and bound is to fit.
	if err := e.Set("elevated", map[string]any{"limit": 50}); err != nil {
		t.Fatal(err)
	}
	b := bind[struct{ Resource struct{ Amount float64 } }](t, e)
	write(t, dir, strings.Replace(numbered(5), `posture "elevated" { rank = 1 }`, "", 1))
	refresh(false, "declares no posture `elevated`")
	write(t, dir, strings.Replace(numbered(5), `"double`, "", 1)+`param "more" {
  type = bool
  default = false
}`)
	refresh(true, "")
	write(t, dir, strings.NewReplacer("amount = double", "amount = string", "resource.amount > param.limit", "resource.amount == 'x'").Replace(numbered(6)))
	refresh(false, "does not fit the policy")
	write(t, dir, strings.NewReplacer("double", "int", "100.0", "100").Replace(numbered(6)))
	refresh(false, "`limit` to double, and the policy has int")
	var r struct{ Resource struct{ Amount float64 } }
	r.Resource.Amount = 70
	if d := b.Decide("pay", &r); d.Effect != rung.Deny || d.Policy.Version != "5" || d.Posture != "elevated" {
		t.Errorf("%+v", d)
	}
	write(t, dir, numbered(7))
	refresh(true, "")
	if d := b.Decide("pay", &r); d.Effect != rung.Deny || d.Reasons[0].Rule != "pay/rule 7" {
		t.Errorf("%+v", d)
	}
	runtime.KeepAlive(b)
}

func TestSettings(t *testing.T) {
	t.Parallel()
	for _, using := range []rung.Using{rung.Native, rung.Wasm} {
		e, err := rung.Load(policyOf(numbered(1)), rung.WithParams(map[string]any{"limit": 10}), rung.WithEngine(using))
		if err != nil {
			t.Fatal(err)
		}
		b := bind[struct{ Resource struct{ Amount float64 } }](t, e)
		var r struct{ Resource struct{ Amount float64 } }
		r.Resource.Amount = 50
		is := func(want rung.Decision) {
			t.Helper()
			for _, d := range []*rung.Decision{b.Decide("pay", &r), e.DecideJSON([]byte(`{"action": "pay", "signals": {"resource": {"amount": 50}}}`))} {
				if d.Effect != want.Effect || d.Posture != want.Posture || d.Error != nil {
					t.Errorf("%+v, want %+v", d, want)
				}
			}
		}
		is(rung.Decision{Effect: rung.Deny, Posture: "normal"})
		if err := e.SetPosture("elevated"); err != nil {
			t.Fatal(err)
		}
		is(rung.Decision{Effect: rung.Deny, Posture: "elevated"})
		if err := e.SetParams(nil); err != nil || e.Posture() != "elevated" {
			t.Fatal(err)
		}
		is(rung.Decision{Effect: rung.Allow, Posture: "elevated"})
		for _, wrong := range []map[string]any{{"limit": "x"}, {"limit": nil}, {"limti": 1}, {"limit": (*float64)(nil)}, {"limit": -1, "x": 1}} {
			if err := e.Set("critical", wrong); err == nil {
				t.Errorf("%v is taken", wrong)
			}
		}
		if e.SetPosture("panic") == nil || e.Set("panic", nil) == nil {
			t.Error("an unknown posture is taken")
		}
		is(rung.Decision{Effect: rung.Allow, Posture: "elevated"})
		if err := e.Set("", map[string]any{"limit": 49.5}); err != nil {
			t.Fatal(err)
		}
		is(rung.Decision{Effect: rung.Deny, Posture: "normal"})
	}
	if _, err := rung.Load(policyOf(numbered(1)), rung.WithParams(map[string]any{"limit": true})); err == nil {
		t.Error("a param of the wrong type is taken")
	}
}

// TestWatch: what a source has is taken at the interval, whatever went wrong before, and until the context is done.
func TestWatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int64
		e, err := rung.Open(t.Context(), func(ctx context.Context) (fs.FS, error) {
			switch i := asked.Add(1); i {
			case 2:
				return nil, errors.New("offline")
			case 3:
				panic("of the host's")
			default:
				return rung.File([]byte(numbered(int(i))))(ctx)
			}
		}, rung.WithReload(func(rung.Reload) { panic("of the host's") }))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		go e.Watch(ctx, time.Minute)
		for i, want := range []string{"1", "1", "1", "4", "5"} {
			if got := version(e); got != want {
				t.Errorf("after %d minutes: version %s, want %s; %+v", i, got, want, e.Status())
			}
			time.Sleep(time.Minute)
			synctest.Wait()
		}
		cancel()
		synctest.Wait()
		if time.Sleep(time.Hour); asked.Load() != 6 {
			t.Errorf("asked %d times", asked.Load())
		}
	})
}

// everyAnswer has 8 goroutines decide while policy, posture and params change, and holds each answer against the one snapshot it can be of: the
// version says the policy, and version, posture and limit go together as they were set.
func everyAnswer(t *testing.T, name string, using rung.Using, lasting time.Duration, every time.Duration) {
	t.Helper()
	began := time.Now()
	const versions = 8
	postures := []string{"normal", "elevated", "critical"}
	checked := make([]*rung.Checked, versions)
	for i := range checked {
		c, err := rung.Check(policyOf(numbered(i)))
		if err != nil {
			t.Fatal(err)
		}
		checked[i] = c
	}
	e, err := checked[0].Engine(rung.WithEngine(using), rung.WithParams(map[string]any{"limit": 1000.0}))
	if err != nil {
		t.Fatal(err)
	}
	type request struct{ Resource struct{ Amount float64 } }
	b := bind[request](t, e)
	limits := map[string]float64{"normal": 1000, "elevated": 100, "critical": 10}
	stop := make(chan struct{})
	var decided, wrong, sets, swaps atomic.Int64
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			var r request
			for i := g; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				if i%32 == 0 {
					time.Sleep(time.Millisecond) // leave some of the processor to the changes
				}
				r.Resource.Amount = []float64{5, 50, 500, 5000}[i%4]
				var d *rung.Decision
				switch i % 3 {
				case 0:
					d = b.Decide("pay", &r)
				case 1:
					d = e.DecideJSON(fmt.Appendf(nil, `{"action": "pay", "signals": {"resource": {"amount": %v}}}`, r.Resource.Amount))
				default:
					d = b.DecideContext(t.Context(), "pay", &r)
				}
				want := rung.Allow
				if r.Resource.Amount > limits[d.Posture] {
					want = rung.Deny
				}
				right := d.Error == nil && d.Effect == want && (want == rung.Allow || d.Reasons[0].Rule == "pay/rule "+d.Policy.Version)
				if decided.Add(1); !right && wrong.Add(1) == 1 {
					t.Errorf("%v: %+v", r, d)
				}
			}
		})
	}
	end := time.Now().Add(lasting)
	var changes sync.WaitGroup
	changing := func(count *atomic.Int64, change func(n int) error) {
		changes.Go(func() {
			tick := time.NewTicker(every)
			defer tick.Stop()
			for ; time.Now().Before(end) || count.Load() < 3 || decided.Load() == 0; <-tick.C { // a module takes long to compile, under the race detector
				if err := change(int(count.Add(1))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	changing(&sets, func(n int) error {
		posture := postures[n%3]
		return e.Set(posture, map[string]any{"limit": limits[posture]})
	})
	changing(&swaps, func(n int) error { return e.Swap(checked[n%versions]) })
	changes.Wait()
	close(stop)
	all.Wait()
	detector := ""
	if raceDetector {
		detector = ", race detector"
	}
	said := fmt.Sprintf("%s: %d decisions, %d settings, %d policies in %v, %d wrong%s", name, decided.Load(), sets.Load(), swaps.Load(), time.Since(began).Round(time.Second), wrong.Load(), detector)
	t.Log(said)
	if decided.Load() == 0 || sets.Load() < 3 || swaps.Load() < 3 || wrong.Load() > 0 {
		t.Error(said)
	}
	runtime.KeepAlive(b)
}

// lasting is how long decisions and changes go on; RUNG_SOAK says longer.
func lasting(t *testing.T) time.Duration {
	t.Helper()
	if s := os.Getenv("RUNG_SOAK"); s != "" {
		d, err := time.ParseDuration(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	return time.Second
}

func TestEveryAnswerIsOfOneSnapshot(t *testing.T) { //nolint:paralleltest // both processors are needed
	t.Run("native", func(t *testing.T) { everyAnswer(t, "native", rung.Native, lasting(t), 10*time.Millisecond) })
	t.Run("wasm", func(t *testing.T) { everyAnswer(t, "wasm", rung.Wasm, lasting(t), 10*time.Millisecond) })
}

// TestReloadsHoldNothing: reloads leave no goroutine, no descriptor and no memory behind.
func TestReloadsHoldNothing(t *testing.T) { //nolint:paralleltest // it counts goroutines
	for name, c := range map[string]struct {
		using rung.Using
		most  int
	}{"native": {rung.Native, 10_000}, "wasm": {rung.Wasm, 10_000}} {
		t.Run(name, func(t *testing.T) {
			n := c.most
			if os.Getenv("RUNG_SOAK") == "" {
				n /= 50
			}
			reloads(t, name, c.using, n)
		})
	}
}

func reloads(t *testing.T, name string, using rung.Using, n int) {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, numbered(0))
	e, err := rung.Open(t.Context(), rung.Folder(dir), rung.WithEngine(using))
	if err != nil {
		t.Fatal(err)
	}
	b := bind[struct{ Resource struct{ Amount float64 } }](t, e)
	var r struct{ Resource struct{ Amount float64 } }
	reload := func(i int) {
		write(t, dir, numbered(i))
		if changed, err := e.Refresh(t.Context()); !changed || err != nil {
			t.Fatal(i, err)
		}
		if d := b.Decide("pay", &r); !d.Allowed() || d.Policy.Version != fmt.Sprint(i) {
			t.Fatalf("%+v", d)
		}
	}
	for i := range n / 10 {
		reload(i + 1)
	}
	before := holding(t)
	for i := range n {
		reload(n + i)
	}
	after := holding(t)
	for deadline := time.Now().Add(30 * time.Second); after.isMore(before) && time.Now().Before(deadline); after = holding(t) { // cleanups wait for a processor
	}
	t.Logf("%s: %d reloads: %+v, then %+v", name, n, before, after)
	if after.isMore(before) {
		t.Errorf("%d reloads: %+v, then %+v", n, before, after)
	}
	runtime.KeepAlive(b)
}

type held struct {
	goroutines, descriptors int
	heap, resident          int
}

// isMore reports whether it is more than before, but for what comes and goes.
func (h held) isMore(before held) bool {
	return h.goroutines > before.goroutines || h.descriptors > before.descriptors || h.resident > before.resident+24<<20 || h.heap > before.heap+2<<20
}

// holding is what the process holds.
func holding(t *testing.T) held {
	t.Helper()
	for range 4 { // cleanups run after a collection, and what they free goes with the next
		debug.FreeOSMemory() // which collects, and does not leave it to the background to return what is free
		time.Sleep(10 * time.Millisecond)
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	h := held{goroutines: runtime.NumGoroutine(), heap: int(m.HeapAlloc)}
	if open, err := os.ReadDir("/proc/self/fd"); err == nil {
		h.descriptors = len(open)
	}
	if text, err := os.ReadFile("/proc/self/statm"); err == nil {
		var size, resident int
		if _, err := fmt.Sscan(string(text), &size, &resident); err == nil {
			h.resident = resident * os.Getpagesize()
		}
	}
	return h
}

func TestSources(t *testing.T) {
	t.Parallel()
	e, err := rung.Open(t.Context(), rung.File([]byte(numbered(1))))
	if err != nil {
		t.Fatal(err)
	}
	if changed, err := e.Refresh(t.Context()); changed || err != nil || version(e) != "1" {
		t.Error(changed, err)
	}
	for name, source := range map[string]rung.Source{
		"nothing":   nil,
		"no folder": rung.Folder("none"),
		"no policy": func(context.Context) (fs.FS, error) { return nil, nil },
		"no files":  func(context.Context) (fs.FS, error) { return fstest.MapFS{}, nil },
		"panic":     func(context.Context) (fs.FS, error) { panic("of the host's") },
		"panic within": func(context.Context) (fs.FS, error) {
			return (*fstest.MapFS)(nil), nil
		},
	} {
		if e, err := rung.Open(t.Context(), source); err == nil || e != nil {
			t.Errorf("%s: %v, %v", name, e, err)
		}
	}
	if _, err := rung.Load(nil); err == nil {
		t.Error("no file system is taken")
	}
	c, err := rung.Check(policyOf(numbered(1)))
	if err != nil {
		t.Fatal(err)
	}
	e, err = c.Engine()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Refresh(t.Context()); err == nil {
		t.Error("an engine without a source refreshes")
	}
	if e.Swap(nil) == nil || e.SetPosture("") != nil || e.Policy() == (*policy.Policy)(nil) {
		t.Error("nothing is taken for a policy")
	}
}
