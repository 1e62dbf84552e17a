package measure

import (
	"errors"
	"math"
	"testing"
	"time"
)

func TestRatio(t *testing.T) {
	t.Parallel()
	a := &Series{Rounds: []float64{40, 10, 20, 30, 1000}}
	b := &Series{Rounds: []float64{20, 10, 10, 10, 10}}
	if got := a.Time(); got != 20 {
		t.Errorf("the lower quartile is %v", got)
	}
	if r := a.To(b); r.Value != 2 || r.Low != 2 || r.High != 3 {
		t.Errorf("the ratio is %+v", r)
	}
	if got := quantile([]float64{1, 2}, 0.25); got != 1.25 {
		t.Errorf("between two: %v", got)
	}
	if Fastest(a, b) != b {
		t.Error("the slower one is the fastest")
	}
}

func TestBars(t *testing.T) {
	t.Parallel()
	of := func(ns ...float64) *Series { return &Series{Name: "x", Rounds: ns, Allocs: ns[0]} }
	b := BarsOf(of(20, 20), of(10, 10), of(60, 60), of(100, 100))
	if b.Struct.Value != 2 || b.Allocs != 10 || math.Abs(b.JSON.Value-0.4) > 1e-9 || math.Abs(b.JSON.High-0.4) > 1e-9 {
		t.Errorf("%+v", b)
	}
}

// TestRounds: subjects run in turn, and one that fails ends it. What is compared is work, by the time of the processor: a test cannot know when it gets that.
func TestRounds(t *testing.T) {
	t.Parallel()
	p := Plan{Rounds: 3, Slice: time.Millisecond}
	sum := 0
	adding := func(n int) func(int) error {
		return func(int) error {
			for i := range n {
				sum += i ^ sum
			}
			return nil
		}
	}
	s, err := Rounds(p, Subject{Name: "short", Run: adding(10_000)}, Subject{Name: "long", Run: adding(1_000_000)}, Subject{Name: "by the clock", Run: adding(10_000), Wall: true})
	if err != nil {
		t.Fatal(err)
	}
	if r := s[1].To(s[0]); len(s[0].Rounds) != 3 || r.Value < 10 {
		t.Errorf("%+v, %+v: %+v", s[0], s[1], r)
	}
	if len(s[2].Rounds) != 3 || s[2].Time() <= 0 {
		t.Errorf("%+v", s[2])
	}
	broken := errors.New("broken")
	if _, err := Rounds(p, Subject{Name: "broken", Run: func(int) error { return broken }}); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}
