package rung

import (
	"errors"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/rungpolicy/rung/policy"
)

// liar is a module that allows everything.
type liar struct{ decider }

func (liar) Decide(*policy.Request) *policy.Decision { return &policy.Decision{Effect: policy.Allow} }

func (liar) DecideInto(d *policy.Decision, _ *policy.Request) {
	*d = policy.Decision{Effect: policy.Allow, Satisfied: d.Satisfied}
}

// lying is an engine of [Both] whose module is a liar.
func lying(t *testing.T, opts ...Option) *Engine {
	t.Helper()
	e, err := Load(fstest.MapFS{"a.rung.hcl": {Data: []byte(`policy "p" { language = 1 }
action "a" {
  level    = "none"
  resource = object({ names = list(string) })
  deny "d" { when = "'x' in resource.names" }
}
`)}}, append(opts, WithEngine(Both))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	c := e.snapshot().other.(*compared)
	c.decider = liar{c.decider}
	return e
}

const lie = `{"action": "a", "signals": {"resource": {"names": ["x"]}}}`

// TestDifference: a difference is told of, with a request that stays as it was, and the answer is the module's.
func TestDifference(t *testing.T) {
	t.Parallel()
	told := make(chan Difference, 11) // one each
	e := lying(t, WithSample(1), WithDifference(func(d Difference) { told <- d }))
	if d := e.DecideJSON([]byte(lie)); !d.Allowed() {
		t.Errorf("%+v", d)
	}
	d := <-told
	for range 10 {
		e.DecideJSON([]byte(`{"action": "a", "signals": {"resource": {"names": ["y", "z"]}}}`)) // in the same memory
	}
	if d.Native.Effect != Deny || d.Wasm.Effect != Allow {
		t.Errorf("%+v, %+v", d.Native, d.Wasm)
	}
	want := &policy.Object{Attrs: []policy.Value{[]policy.Value{"x"}}}
	if diff := cmp.Diff(policy.Value(want), d.Request.Resource); diff != "" {
		t.Error(diff)
	}
}

// TestDifferenceWaits: who is told may take as long as he likes, or panic: no decision waits, and no more are told at once than a few.
func TestDifferenceWaits(t *testing.T) {
	t.Parallel()
	wait, panics := make(chan struct{}), sync.WaitGroup{}
	panics.Add(mostTellers)
	e := lying(t, WithSample(1), WithDifference(func(Difference) {
		defer panics.Done()
		<-wait
		panic("of the host's")
	}))
	for range 100 { // a decision that waits for who is told waits for ever
		e.DecideJSON([]byte(lie))
	}
	if n := e.Differences(); n != 100 {
		t.Errorf("%d differences", n)
	}
	close(wait)
	panics.Wait()
}

// TestSample: of n decisions one is compared, the first in any case.
func TestSample(t *testing.T) {
	t.Parallel()
	e := lying(t, WithSample(10))
	for range 35 {
		e.DecideJSON([]byte(lie))
	}
	if n := e.Differences(); n != 4 {
		t.Errorf("%d differences", n)
	}
}

// TestCopies: a copy shares no memory that may be used again.
func TestCopies(t *testing.T) {
	t.Parallel()
	text, list := "t", []string{"a", "b"}
	r := &policy.Request{
		Action:   "a",
		Signals:  []policy.Value{&text, &list, []byte{1}, nil, policy.Null{}},
		Resource: &policy.Object{Attrs: []policy.Value{policy.NewMap(map[string]policy.Value{"k": []policy.Value{int64(1)}}), 2.5}},
	}
	want := &policy.Request{
		Action:   "a",
		Signals:  []policy.Value{"t", []policy.Value{"a", "b"}, []byte{1}, nil, policy.Null{}},
		Resource: &policy.Object{Attrs: []policy.Value{policy.NewMap(map[string]policy.Value{"k": []policy.Value{int64(1)}}), 2.5}},
	}
	out := copyRequest(r)
	text, list[0] = "u", "c"
	r.Signals[2].([]byte)[0] = 2
	r.Resource.(*policy.Object).Attrs[0].(*policy.Map).Values[0].([]policy.Value)[0] = int64(2)
	r.Resource.(*policy.Object).Attrs[1] = nil
	if diff := cmp.Diff(want, out); diff != "" {
		t.Error(diff)
	}
	d := &policy.Decision{Satisfied: &policy.Satisfied{Level: "one"}}
	kept := copyDecision(d)
	d.Satisfied.Level = "two"
	if kept.Satisfied.Level != "one" {
		t.Errorf("%+v", kept.Satisfied)
	}
}

// TestAnswerInTime: what has come in time counts, also where the process slept until after the time.
func TestAnswerInTime(t *testing.T) {
	t.Parallel()
	for range 100 { // a select would choose
		came := make(chan fetched, 2)
		came <- fetched{0, "x", Fetch{Signal: "a"}}
		r := &Request{Signals: []policy.Value{policy.Null{}, policy.Null{}}}
		all := await(t.Context(), map[int]*provider{0: {signal: "a", limit: 1}, 1: {signal: "b", limit: 1}}, came, r)
		if len(all) != 2 || all[0].Err != nil || r.Signals[0] != "x" || !errors.Is(all[1].Err, ErrLate) {
			t.Fatalf("%+v, %v", all, r.Signals)
		}
	}
}
