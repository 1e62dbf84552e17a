package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/rungpolicy/rung/bench/measure"
)

// worse is how much a ratio may worsen before the gate closes.
const worse = 4.0 / 3

// attempts are how often a figure must look worse, each time anew, to fail: a busy machine is not a slow program.
const attempts = 4

// watched are the ratios of gate.json. A lower one is better.
type watched struct {
	Struct   float64 `json:"struct_to_cel_go"`
	Prepared float64 `json:"prepared_to_cel_go"`
	Few      float64 `json:"prepared_20_rules_to_cel_go"`
	JSON     float64 `json:"json_beyond_struct_to_encoding_json"`
	Growth   float64 `json:"growth_60_to_1000_rules"`
	Load     float64 `json:"load_60_rules_to_cel_go"`
	Allocs   float64 `json:"allocations_beyond_cel_go"`
}

func watch(p measure.Plan) (*watched, error) {
	b, err := measure.MeasureBars(p)
	if err != nil {
		return nil, err
	}
	return &watched{
		Struct: b.Struct.Value, Prepared: b.Prepared.Value, Few: b.Few.Value, JSON: b.JSON.Value, Growth: b.Growth.Value, Load: b.Load.Value,
		Allocs: b.Allocs,
	}, nil
}

type comparison struct {
	name      string
	was, is   float64
	fails     bool
	allocates bool
}

func (w *watched) against(was *watched) []comparison {
	out := []comparison{
		{name: "from a struct / cel-go", was: was.Struct, is: w.Struct},
		{name: "prepared / cel-go", was: was.Prepared, is: w.Prepared},
		{name: "prepared, 20 rules / cel-go", was: was.Few, is: w.Few},
		{name: "JSON beyond a struct / encoding/json", was: was.JSON, is: w.JSON},
		{name: "1,000 rules / 60", was: was.Growth, is: w.Growth},
		{name: "loading 60 rules / cel-go", was: was.Load, is: w.Load},
		{name: "allocations beyond cel-go's", was: was.Allocs, is: w.Allocs, allocates: true},
	}
	for i := range out {
		c := &out[i]
		c.fails = c.is > c.was*worse
		if c.allocates { // a count, and often below zero; refilled pools make up to one
			c.fails = c.is >= c.was+2
		}
	}
	return out
}

// gate compares with what is checked in. What looks worse is measured again before it fails.
func gate(p measure.Plan, file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var was watched
	if err := json.Unmarshal(text, &was); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	failed := map[string]bool{}
	for attempt := 1; ; attempt++ {
		say("measuring, attempt %d", attempt)
		is, err := watch(p)
		if err != nil {
			return err
		}
		again := map[string]bool{}
		for _, c := range is.against(&was) {
			verdict := "holds"
			if c.fails {
				verdict = "WORSE"
				again[c.name] = attempt == 1 || failed[c.name]
			}
			fmt.Printf("%-38s %7.2f, checked in %7.2f  %s\n", c.name, c.is, c.was, verdict)
		}
		failed = map[string]bool{}
		for name, bad := range again {
			if bad {
				failed[name] = true
			}
		}
		if len(failed) == 0 {
			return nil
		}
		if attempt == attempts {
			return fmt.Errorf("%d figures have worsened by more than a third, each time; if that is meant: make bench-gate-update", len(failed))
		}
	}
}

func updateGate(p measure.Plan, file string) error {
	say("measuring")
	w, err := watch(p)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(w, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o644)
}
