package rung

import (
	"context"
	"encoding/json"
	"log/slog"
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
// A record has decision_id, duration_ns, engine, the policy's name, version and digest, posture, params_digest, the decision and the masked request
// as JSON (decision, input, masked), the signals that were fetched (signals_fetched) and whether the answer was to prompt (prompted). With a
// handler for JSON that is all that is needed to take the decision again.
//
// No decision waits for it: a goroutine writes, and where it does not keep up records are dropped and counted.
type Log struct {
	to      *slog.Logger
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

// NewLog begins a log with room for so many records that are not written yet.
func NewLog(to *slog.Logger, room int) *Log {
	l := &Log{to: to, records: make(chan record, max(1, room)), done: make(chan struct{})}
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
	select {
	case l.records <- record{context.WithoutCancel(e.Context), attrs(e)}:
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
		out = append(out, slog.Any("signals_fetched", fetches(e.Fetched)))
	}
	return out
}

// fetchRecord is a Fetch in a log.
type fetchRecord struct {
	Signal   string        `json:"signal"`
	Duration time.Duration `json:"duration_ns"`
	Error    string        `json:"error,omitempty"`
}

func fetches(all []Fetch) []fetchRecord {
	out := make([]fetchRecord, len(all))
	for i, f := range all {
		out[i] = fetchRecord{Signal: f.Signal, Duration: f.Took}
		if f.Err != nil {
			out[i].Error = f.Err.Error()
		}
	}
	return out
}
