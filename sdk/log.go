package rung

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/codec"
)

// Log writes decisions to a [slog.Logger], one record each:
//
//	decisions := rung.NewLog(slog.New(slog.NewJSONHandler(os.Stdout, nil)), 4096)
//	defer decisions.Close(context.Background())
//	engine, err := rung.Load(os.DirFS("policy"), rung.WithHook(decisions.Hook))
//
// A record has decision_id, duration_ns, engine and engine_version, the policy's name, version and digest, posture, params_digest, the decision and the masked
// request as JSON (decision, input, masked), the signals that were fetched (signals_fetched) and whether the answer was to prompt (prompted). With a
// handler for JSON that is all that is needed to take the decision again. The handler gets the context of the decision, so one that adds trace_id and span_id from
// it does so here too; what else is to be in a record, request_id say, comes of functions that are given to NewLog.
//
// Of a sensitive signal there are no values, see [Event.Request]; and of its provider's errors only that there was one.
//
// No decision waits for it: a goroutine writes, and where it does not keep up records are dropped and counted.
type Log struct {
	to      *slog.Logger
	also    []func(context.Context) []slog.Attr
	records chan record
	done    chan struct{}
	dropped atomic.Uint64
	// closing keeps Hook from sending on a channel that is closed.
	closing sync.RWMutex
	closed  bool
}

type record struct {
	ctx   context.Context
	attrs []slog.Attr
}

// NewLog begins a log with room for so many records that are not written yet. What the functions make of a decision's context is in its record too; they are
// called before the decision is returned.
func NewLog(to *slog.Logger, room int, also ...func(context.Context) []slog.Attr) *Log {
	l := &Log{to: to, also: also, records: make(chan record, max(1, room)), done: make(chan struct{})}
	go l.write()
	return l
}

// Hook notes a decision; it is for [WithHook].
func (l *Log) Hook(e *Event) {
	l.closing.RLock()
	defer l.closing.RUnlock()
	if l.closed || len(l.records) == cap(l.records) { // without the work of making one
		l.dropped.Add(1)
		return
	}
	r := record{context.WithoutCancel(e.Context), attrs(e)}
	for _, more := range l.also {
		r.attrs = append(r.attrs, more(e.Context)...)
	}
	select {
	case l.records <- r:
	default:
		l.dropped.Add(1)
	}
}

// Dropped is how many decisions were not written so far.
func (l *Log) Dropped() uint64 { return l.dropped.Load() }

// Close writes what there is to write, as long as the context lasts. Later decisions are dropped.
func (l *Log) Close(ctx context.Context) error {
	l.closing.Lock()
	if !l.closed {
		l.closed = true
		close(l.records)
	}
	l.closing.Unlock()
	select {
	case <-l.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *Log) write() {
	defer close(l.done)
	for r := range l.records {
		written := false
		quietly(func() {
			l.to.LogAttrs(r.ctx, slog.LevelInfo, "rung.decision", r.attrs...)
			written = true
		})
		if !written {
			l.dropped.Add(1)
		}
	}
}

func attrs(e *Event) []slog.Attr {
	d := e.Decision
	out := []slog.Attr{
		slog.String("decision_id", e.ID()),
		slog.Time("decided_for", e.Time),
		slog.Int64("duration_ns", e.Took.Nanoseconds()),
		slog.String("engine", e.Engine),
		slog.String("engine_version", version()),
		slog.Group("policy", slog.String("name", d.Policy.Name), slog.String("version", d.Policy.Version), slog.String("digest", d.Policy.Digest)),
		slog.String("action", d.Action),
		slog.String("effect", d.Effect.String()),
		slog.Bool("prompted", d.Effect == policy.StepUp),
		slog.Any("decision", json.RawMessage(codec.AppendDecision(nil, d))),
	}
	if d.Posture != "" {
		out = append(out, slog.String("posture", d.Posture))
	}
	if e.Params != "" {
		out = append(out, slog.String("params_digest", e.Params))
	}
	if input, masked := e.Request(); input != nil {
		out = append(out, slog.Any("input", json.RawMessage(input)))
		if masked != nil {
			out = append(out, slog.Any("masked", masked))
		}
	}
	if len(e.Fetched) > 0 {
		out = append(out, slog.Any("signals_fetched", fetches(e)))
	}
	return out
}

// fetchRecord is a Fetch in a log.
type fetchRecord struct {
	Signal   string        `json:"signal"`
	Duration time.Duration `json:"duration_ns"`
	Error    string        `json:"error,omitempty"`
}

func fetches(e *Event) []fetchRecord {
	out := make([]fetchRecord, len(e.Fetched))
	for i, f := range e.Fetched {
		out[i] = fetchRecord{Signal: f.Signal, Duration: f.Took}
		if f.Err == nil {
			continue
		}
		if out[i].Error = f.Err.Error(); e.policy != nil {
			if declared := e.policy.Signal(f.Signal); declared != nil && declared.Sensitive && !isOurs(f.Err) {
				out[i].Error = "(sensitive)" // what failed may say for whom
			}
		}
	}
	return out
}

// isOurs reports whether an error of a fetch is not the provider's.
func isOurs(err error) bool {
	return errors.Is(err, ErrNoProvider) || errors.Is(err, ErrLate) || err == context.DeadlineExceeded || err == context.Canceled //nolint:errorlint // bare, with no words of others around
}

// version is that of this module in the program; "(devel)" in one that is built from a clone.
var version = sync.OnceValue(func() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, m := range append(info.Deps, &info.Main) {
		if m.Path != modulePath {
			continue
		}
		if m.Replace != nil && m.Replace.Version != "" {
			m = m.Replace
		}
		return cmp.Or(m.Version, "(devel)")
	}
	return "unknown"
})

// modulePath is the path of this module.
const modulePath = "github.com/rungpolicy/rung"
