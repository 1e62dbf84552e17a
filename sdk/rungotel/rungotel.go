// Package rungotel tells OpenTelemetry of decisions: an event on the span of the request, and metrics.
//
//	hook, err := rungotel.New() // of the global meter provider
//	if err != nil {
//		return err
//	}
//	engine, err := rung.Load(os.DirFS("policy"), rung.WithHook(hook))
//
// Decisions of DecideContext put an event `rung.decision` on the span that is in their context; those of Decide have no context, and are counted alone. There are
// no semantic conventions of OpenTelemetry for authorization yet; the names here are like those of its conventions for feature flags:
//
//	rung.decision, an event        rung.decision.id, rung.action, rung.effect, rung.level, rung.rule.name (those that made the effect), rung.posture,
//	                               rung.engine, rung.policy.name, rung.policy.version, rung.policy.digest, rung.signals (that were fetched), error.type
//	rung.decisions, a counter      by rung.action, rung.effect and error.type
//	rung.decision.duration, in s   by rung.action and rung.effect; providers included
//	rung.prompts, a counter        by rung.action and rung.level: of step_up decisions
//	rung.indeterminate, a counter  by rung.rule.name and error.type: of conditions that erred
//	rung.signal.duration, in s     by rung.signal and error.type: of providers
//
// Neither holds anything of a request: no subject, no address, no value of a signal. An action that the policy does not declare comes from the caller, who could
// name a million; it is counted as "_OTHER".
//
// It is a module of its own, so that who does not use it does not have OpenTelemetry in his go.sum.
package rungotel

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/rungpolicy/rung/policy"
	rung "github.com/rungpolicy/rung/sdk"
)

// Scope is the name of the instrumentation scope.
const Scope = "github.com/rungpolicy/rung/sdk/rungotel"

// other stands for what the policy does not declare: the word of OpenTelemetry's conventions.
const other = "_OTHER"

// Option changes what a hook tells to whom.
type Option func(*options)

type options struct{ meters metric.MeterProvider }

// WithMeterProvider sets where the metrics go. The default is the global one, as it is when New is called.
func WithMeterProvider(p metric.MeterProvider) Option { return func(o *options) { o.meters = p } }

// New returns a hook for [rung.WithHook]. It may be given to several engines, and is safe for concurrent use. The error is the meter provider's.
func New(opts ...Option) (func(*rung.Event), error) {
	o := options{meters: otel.GetMeterProvider()}
	for _, set := range opts {
		set(&o)
	}
	i, err := newInstruments(o.meters.Meter(Scope))
	if err != nil {
		return nil, err
	}
	return func(e *rung.Event) {
		i.count(e)
		if span := trace.SpanFromContext(e.Context); span.IsRecording() {
			span.AddEvent("rung.decision", trace.WithAttributes(attributes(e)...))
		}
	}, nil
}

type instruments struct {
	decisions, prompts, indeterminate metric.Int64Counter
	duration, signals                 metric.Float64Histogram
}

// Decisions take microseconds, providers milliseconds.
var (
	decisionBounds = metric.WithExplicitBucketBoundaries(1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 1e-3, 1e-2, 0.1, 1)
	signalBounds   = metric.WithExplicitBucketBoundaries(1e-4, 5e-4, 1e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 0.5, 1, 5)
)

func newInstruments(m metric.Meter) (*instruments, error) {
	var i instruments
	var errs [5]error
	i.decisions, errs[0] = m.Int64Counter("rung.decisions", metric.WithUnit("{decision}"), metric.WithDescription("Decisions that were taken"))
	i.prompts, errs[1] = m.Int64Counter("rung.prompts", metric.WithUnit("{prompt}"), metric.WithDescription("Decisions that ask for another authentication"))
	i.indeterminate, errs[2] = m.Int64Counter("rung.indeterminate", metric.WithUnit("{condition}"), metric.WithDescription("Conditions that erred, so that their rules applied, or were skipped"))
	i.duration, errs[3] = m.Float64Histogram("rung.decision.duration", metric.WithUnit("s"), metric.WithDescription("How long decisions took, providers included"), decisionBounds)
	i.signals, errs[4] = m.Float64Histogram("rung.signal.duration", metric.WithUnit("s"), metric.WithDescription("How long providers took for lazy signals"), signalBounds)
	return &i, errors.Join(errs[:]...)
}

// count counts a decision. The context is for exemplars; that it may be done does not matter.
func (i *instruments) count(e *rung.Event) {
	ctx, d := context.WithoutCancel(e.Context), e.Decision
	by := []attribute.KeyValue{attribute.String("rung.action", action(d)), attribute.String("rung.effect", d.Effect.String())}
	i.duration.Record(ctx, e.Took.Seconds(), metric.WithAttributes(by...))
	if d.Error != nil {
		by = append(by, attribute.String("error.type", string(d.Error.Code)))
	}
	i.decisions.Add(ctx, 1, metric.WithAttributes(by...))
	if d.Effect == policy.StepUp && d.Requirement != nil {
		i.prompts.Add(ctx, 1, metric.WithAttributes(by[0], attribute.String("rung.level", d.Requirement.Level)))
	}
	for _, x := range d.Indeterminate {
		i.indeterminate.Add(ctx, 1, metric.WithAttributes(attribute.String("rung.rule.name", x.Rule), attribute.String("error.type", string(x.Code))))
	}
	for _, f := range e.Fetched {
		by := []attribute.KeyValue{attribute.String("rung.signal", f.Signal)}
		if f.Err != nil {
			by = append(by, attribute.String("error.type", failure(f.Err)))
		}
		i.signals.Record(ctx, f.Took.Seconds(), metric.WithAttributes(by...))
	}
}

// action is the name of a declared action.
func action(d *rung.Decision) string {
	if d.Action == "" || d.Error != nil && d.Error.Code == policy.UnknownAction {
		return other
	}
	return d.Action
}

// failure is why a provider has no signal, in one of few words.
func failure(err error) string {
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, rung.ErrLate):
		return "timeout"
	case errors.Is(err, context.Canceled):
		return "canceled"
	case errors.Is(err, rung.ErrNoProvider):
		return "no_provider"
	}
	return other
}

func attributes(e *rung.Event) []attribute.KeyValue {
	d := e.Decision
	out := []attribute.KeyValue{
		attribute.String("rung.decision.id", e.ID()),
		attribute.String("rung.action", action(d)),
		attribute.String("rung.effect", d.Effect.String()),
		attribute.String("rung.engine", e.Engine),
		attribute.String("rung.policy.name", d.Policy.Name),
		attribute.String("rung.policy.digest", d.Policy.Digest),
	}
	text := func(name, value string) {
		if value != "" {
			out = append(out, attribute.String(name, value))
		}
	}
	text("rung.policy.version", d.Policy.Version)
	text("rung.posture", d.Posture)
	if d.Requirement != nil {
		text("rung.level", d.Requirement.Level)
	}
	if d.Error != nil {
		text("error.type", string(d.Error.Code))
	}
	texts := func(name string, values []string) {
		if len(values) > 0 {
			out = append(out, attribute.StringSlice(name, values))
		}
	}
	var rules, signals []string
	for _, r := range d.Reasons {
		rules = append(rules, r.Rule)
	}
	for _, f := range e.Fetched {
		signals = append(signals, f.Signal)
	}
	texts("rung.rule.name", rules)
	texts("rung.signals", signals)
	return out
}
