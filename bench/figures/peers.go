package main

import (
	"fmt"
	"time"

	bench "github.com/rungpolicy/rung/bench/measure"
)

// measured is what bench promises of a decision, measured twice.
func measured(s *setting) (first, second *bench.Bars, err error) {
	bench.Calm()
	for len(s.bars) < 2 {
		b, err := bench.MeasureBars(bench.Plan{Rounds: rounds, Slice: 20 * time.Millisecond})
		if err != nil {
			return nil, nil, err
		}
		s.bars = append(s.bars, b)
	}
	return s.bars[0], s.bars[1], nil
}

// sameDecisions runs the test that asks a thousand questions of each mix, on each policy, of every engine.
func sameDecisions(s *setting) (string, bool, error) {
	o, err := goTest(s, "TestSameDecisions", "-run", "^TestSameDecisions$", "-count=1", "./bench/engines")
	if err != nil {
		return "", false, err
	}
	return fmt.Sprintf("%d policies, 3,000 questions on each, %d failed", o.passed, o.failed), o.passed > 0 && o.failed+o.skipped == 0, nil
}

func fromStruct(s *setting) (string, bool, error) {
	b, _, err := measured(s)
	if err != nil {
		return "", false, err
	}
	return fmt.Sprintf("%.2f (%.2f–%.2f), of %s", b.Struct.Value, b.Struct.Low, b.Struct.High, b.Fastest), b.Struct.Value <= bench.MostStruct, nil
}

func allocations(s *setting) (string, bool, error) {
	b, _, err := measured(s)
	if err != nil {
		return "", false, err
	}
	return fmt.Sprintf("%+.1f", b.Allocs), b.Allocs <= bench.MostAllocs, nil
}

func fromJSON(s *setting) (string, bool, error) {
	b, _, err := measured(s)
	if err != nil {
		return "", false, err
	}
	return fmt.Sprintf("%.2f (%.2f–%.2f)", b.JSON.Value, b.JSON.Low, b.JSON.High), b.JSON.Value <= bench.MostJSON, nil
}

// runsAgree is the noise: how far two runs lie apart.
func runsAgree(s *setting) (string, bool, error) {
	a, b, err := measured(s)
	if err != nil {
		return "", false, err
	}
	worst := max(apart(a.Struct, b.Struct), apart(a.JSON, b.JSON))
	return fmt.Sprintf("%.2f", worst), worst <= bench.MostApart, nil
}

func apart(a, b bench.Ratio) float64 { return max(a.Value/b.Value, b.Value/a.Value) }
