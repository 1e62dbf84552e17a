package rungotel_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/rungpolicy/rung/policy"
	rung "github.com/rungpolicy/rung/sdk"
	"github.com/rungpolicy/rung/sdk/rungotel"
)

var files = fstest.MapFS{"p.rung.hcl": {Data: []byte(`
policy "shop" {
  language = 1
  version  = "7"
}
signal "score" {
  type = double
  lazy = true
}
signal "health" {
  type      = string
  sensitive = true
}
action "pay" {
  level    = "none"
  resource = object({ amount = double })
  step_up "large" {
    when  = "resource.amount > 100.0 && score < 0.5 || health == 'canary'"
    level = "aal2"
  }
}
`)}}

// told is all that OpenTelemetry has come to hear: the events of the span, and each point of each metric as a line.
type told struct {
	engine *rung.Engine
	spans  *tracetest.InMemoryExporter
	tracer *trace.TracerProvider
	reader *metric.ManualReader
}

func listen(t *testing.T, opts ...rung.Option) *told {
	t.Helper()
	spans, reader := tracetest.NewInMemoryExporter(), metric.NewManualReader()
	hook, err := rungotel.New(rungotel.WithMeterProvider(metric.NewMeterProvider(metric.WithReader(reader))))
	if err != nil {
		t.Fatal(err)
	}
	e, err := rung.Load(files, append(opts, rung.WithHook(hook))...)
	if err != nil {
		t.Fatal(err)
	}
	return &told{e, spans, trace.NewTracerProvider(trace.WithSyncer(spans)), reader}
}

// decide decides within a span, and returns its events.
func (x *told) decide(t *testing.T, request string) []trace.Event {
	t.Helper()
	x.spans.Reset()
	ctx, span := x.tracer.Tracer("test").Start(t.Context(), "request")
	x.engine.DecideJSONContext(ctx, []byte(request))
	span.End()
	return x.spans.GetSpans()[0].Events
}

func (x *told) points(t *testing.T) map[string]string {
	t.Helper()
	var all metricdata.ResourceMetrics
	if err := x.reader.Collect(context.Background(), &all); err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, s := range all.ScopeMetrics {
		if s.Scope.Name != rungotel.Scope {
			t.Errorf("scope %s", s.Scope.Name)
		}
		for _, m := range s.Metrics {
			switch data := m.Data.(type) {
			case metricdata.Sum[int64]:
				for _, p := range data.DataPoints {
					out[m.Name+" "+set(p.Attributes)] = fmt.Sprint(p.Value, m.Unit)
				}
			case metricdata.Histogram[float64]:
				for _, p := range data.DataPoints {
					out[m.Name+" "+set(p.Attributes)] = fmt.Sprintf("%d%s %t", p.Count, m.Unit, p.Sum > 0)
				}
			default:
				t.Errorf("%s is a %T", m.Name, data)
			}
		}
	}
	return out
}

func set(s attribute.Set) string { return s.Encoded(attribute.DefaultEncoder()) }

func TestStepUp(t *testing.T) {
	t.Parallel()
	x := listen(t, rung.WithProvider("score", time.Minute, func(context.Context, *rung.Lookup) (any, error) { return 0.25, nil }))
	events := x.decide(t, `{"action": "pay", "signals": {"resource": {"amount": 500}, "health": "canary-1", "subject": {"id": "canary-2"}}}`)
	if len(events) != 1 || events[0].Name != "rung.decision" {
		t.Fatalf("%v", events)
	}
	got := map[string]string{}
	for _, a := range events[0].Attributes {
		got[string(a.Key)] = a.Value.String()
	}
	if len(got["rung.decision.id"]) != 36 || got["rung.policy.digest"] != x.engine.Policy().Digest {
		t.Errorf("%v", got)
	}
	for name, want := range map[string]string{
		"rung.action": "pay", "rung.effect": "step_up", "rung.level": "aal2", "rung.rule.name": `["pay/large"]`, "rung.posture": "normal", "rung.engine": "native",
		"rung.policy.name": "shop", "rung.policy.version": "7", "rung.signals": `["score"]`,
	} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
	points := x.points(t)
	for name, want := range map[string]string{
		"rung.decisions rung.action=pay,rung.effect=step_up":         "1{decision}",
		"rung.prompts rung.action=pay,rung.level=aal2":               "1{prompt}",
		"rung.decision.duration rung.action=pay,rung.effect=step_up": "1s true",
		"rung.signal.duration rung.signal=score":                     "1s true",
	} {
		if points[name] != want {
			t.Errorf("%s: %q, want %q of %v", name, points[name], want, points)
		}
	}
	if all := fmt.Sprint(events, points); strings.Contains(all, "canary") || strings.Contains(all, "0.25") {
		t.Errorf("something of the request is told: %s", all)
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	x := listen(t, rung.WithProvider("score", time.Minute, func(context.Context, *rung.Lookup) (any, error) { return nil, errors.New("canary: down") }))
	x.decide(t, `{"action": "pay", "signals": {"resource": {"amount": 500}, "health": "well"}}`)
	unknown := x.decide(t, `{"action": "canary-3"}`)
	x.decide(t, `{`)
	x.engine.Decide(&rung.Request{Action: "canary-4"}) // without a context
	late := listen(t, rung.WithProvider("score", time.Millisecond, func(ctx context.Context, _ *rung.Lookup) (any, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}))
	late.decide(t, `{"action": "pay", "signals": {"resource": {"amount": 500}, "health": "well"}}`)
	points := x.points(t)
	for name, want := range map[string]string{
		"rung.signal.duration error.type=_OTHER,rung.signal=score":                                            "1s true",
		"rung.indeterminate error.type=no_such_attribute,rung.rule.name=pay/large":                            "1{condition}",
		"rung.decisions error.type=unknown_action,rung.action=_OTHER,rung.effect=deny":                        "2{decision}",
		"rung.decisions error.type=" + string(policy.InvalidRequest) + ",rung.action=_OTHER,rung.effect=deny": "1{decision}",
	} {
		if points[name] != want {
			t.Errorf("%s: %q, want %q of %v", name, points[name], want, points)
		}
	}
	if all := fmt.Sprint(unknown, points); strings.Contains(all, "canary") {
		t.Errorf("what the caller says is told: %s", all)
	}
	if got := late.points(t)["rung.signal.duration error.type=timeout,rung.signal=score"]; got == "" {
		t.Errorf("no late provider: %v", late.points(t))
	}
	if none := listen(t); none.decide(t, `{"action": "pay", "signals": {"resource": {"amount": 500}}}`) == nil ||
		none.points(t)["rung.signal.duration error.type=no_provider,rung.signal=score"] == "" {
		t.Errorf("nobody provides it: %v", none.points(t))
	}
}

// TestGlobal: without options the global providers are told, which do nothing unless they are set.
func TestGlobal(t *testing.T) {
	t.Parallel()
	hook, err := rungotel.New()
	if err != nil {
		t.Fatal(err)
	}
	e, err := rung.Load(files, rung.WithHook(hook))
	if err != nil {
		t.Fatal(err)
	}
	if d := e.DecideJSON([]byte(`{"action": "pay", "signals": {"resource": {"amount": 5}, "health": "well"}}`)); d.Effect != rung.Allow {
		t.Error(d.Effect)
	}
}

func Example() {
	reader := metric.NewManualReader() // in a service, an exporter's
	hook, err := rungotel.New(rungotel.WithMeterProvider(metric.NewMeterProvider(metric.WithReader(reader))))
	if err != nil {
		log.Fatal(err)
	}
	engine, err := rung.Load(files, rung.WithHook(hook)) // os.DirFS("policy") in a program
	if err != nil {
		log.Fatal(err)
	}
	engine.DecideJSONContext(context.Background(), []byte(`{"action": "pay", "signals": {"resource": {"amount": 5}, "health": "well"}}`))

	var collected metricdata.ResourceMetrics
	if err := reader.Collect(context.Background(), &collected); err != nil {
		log.Fatal(err)
	}
	decisions := collected.ScopeMetrics[0].Metrics[0]
	fmt.Println(decisions.Name, decisions.Data.(metricdata.Sum[int64]).DataPoints[0].Value)
	// Output: rung.decisions 1
}
