package rung

import (
	"testing"
	"testing/fstest"
	"time"

	"github.com/rungpolicy/rung/policy"
)

// overhead is an engine and a request that is decided in little time.
func overhead(t testing.TB, opts ...Option) (*Engine, *Request) {
	t.Helper()
	at := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	e, err := Load(fstest.MapFS{"a.rung.hcl": {Data: []byte(`policy "p" { language = 1 }
action "pay" {
  level    = "none"
  resource = object({ amount = double })
  deny "large" { when = "resource.amount > 100.0" }
}
`)}}, append(opts, WithClock(func() time.Time { return at }), WithPosture("normal"))...)
	if err != nil {
		t.Fatal(err)
	}
	return e, &Request{Action: "pay", Resource: &policy.Object{Attrs: []policy.Value{5.0}}}
}

// BenchmarkOverhead is what Decide takes beside what the engine takes that decides.
func BenchmarkOverhead(b *testing.B) {
	for _, using := range []struct {
		name string
		by   Using
	}{{"native", Native}, {"wasm", Wasm}} {
		e, r := overhead(b, WithEngine(using.by))
		full := *r
		full.Now, full.Posture = e.options.clock(), "normal"
		s := e.snapshot()
		b.Run(using.name+"/engine", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.loaded.decide(nil, &full)
			}
		})
		b.Run(using.name+"/sdk", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				e.Decide(r)
			}
		})
		b.Run(using.name+"/context", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				e.DecideContext(b.Context(), r)
			}
		})
	}
}

// TestOverheadAllocs: Decide takes no memory beside what the engine takes.
func TestOverheadAllocs(t *testing.T) { //nolint:paralleltest // it counts allocations
	e, r := overhead(t)
	full := *r
	full.Now, full.Posture = e.options.clock(), "normal"
	s := e.snapshot()
	engine := testing.AllocsPerRun(1000, func() { s.plan.Decide(s.native, &full) })
	if sdk := testing.AllocsPerRun(1000, func() { e.Decide(r) }); sdk > engine {
		t.Errorf("%v allocations, of which the engine makes %v", sdk, engine)
	}
}
