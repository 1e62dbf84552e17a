package main

import (
	"fmt"
	"time"

	bench "github.com/rungpolicy/rung/bench/measure"
)

// moduleMeasured is what bench promises of modules, measured once.
func moduleMeasured(s *setting) (*bench.ModuleBars, error) {
	if s.module == nil {
		bench.Calm()
		b, err := bench.MeasureModule(bench.Plan{Rounds: rounds, Slice: 20 * time.Millisecond})
		if err != nil {
			return nil, err
		}
		s.module = b
	}
	return s.module, nil
}

// ofModule is a figure of them.
func ofModule(read func(*bench.ModuleBars) (string, bool)) func(*setting) (string, bool, error) {
	return func(s *setting) (string, bool, error) {
		b, err := moduleMeasured(s)
		if err != nil {
			return "", false, err
		}
		text, holds := read(b)
		return text, holds, nil
	}
}

func spread(r bench.Ratio) string { return fmt.Sprintf("%.2f (%.2f–%.2f)", r.Value, r.Low, r.High) }

func moduleFive(b *bench.ModuleBars) (string, bool) {
	return fmt.Sprintf("%s: %.0f ns, %.0f ns", spread(b.Five), b.Times[0], b.Times[1]), b.Five.Value >= bench.LeastFive
}

func moduleHand(b *bench.ModuleBars) (string, bool) {
	return fmt.Sprintf("%s: %.0f ns, %.0f ns", spread(b.Hand), b.Times[0], b.Times[2]), b.Hand.Value <= bench.MostHand
}

func moduleTwenty(b *bench.ModuleBars) (string, bool) {
	return spread(b.Twenty), b.Twenty.Value >= bench.LeastTwenty
}

func moduleAllocs(b *bench.ModuleBars) (string, bool) {
	return fmt.Sprintf("%.2f", b.Allocs), b.Allocs < 0.01
}

func moduleFlat(b *bench.ModuleBars) (string, bool) {
	return spread(b.Flat), b.Flat.Value >= 0.75 && b.Flat.Value <= 1.25
}

func moduleJSON(b *bench.ModuleBars) (string, bool) {
	return spread(b.JSON), b.JSON.Value <= bench.MostJSON
}
