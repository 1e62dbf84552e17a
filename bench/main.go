// Command bench measures how long Rung takes to decide, beside what people would use instead, and writes RESULTS.md and its charts. It
// runs in its own folder, by `make bench`; `make bench-gate` compares a few ratios with those that are checked in.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/rungpolicy/rung/bench/measure"
)

func main() {
	out := flag.String("out", ".", "the folder to write RESULTS.md and charts to")
	rounds := flag.Int("rounds", 21, "rounds of all engines in turn")
	slice := flag.Duration("slice", 20*time.Millisecond, "how long an engine runs in a round")
	largest := flag.Int("largest", 10_000, "the most rules")
	compare := flag.Bool("gate", false, "compare a few ratios with gate.json, and fail where one has worsened by more than a third")
	update := flag.Bool("update-gate", false, "write gate.json")
	memory := flag.String("memory", "", "print the bytes that this `engine` holds with a policy loaded; for the runs of a process of its own")
	flag.Parse()
	measure.Calm()
	plan := measure.Plan{Rounds: *rounds, Slice: *slice}
	run := func() error { return bench(plan, *largest, *out) }
	switch {
	case *memory != "":
		run = func() error { return printHeld(*memory, *largest) }
	case *compare:
		run = func() error { return gate(plan, filepath.Join(*out, "gate.json")) }
	case *update:
		run = func() error { return updateGate(plan, filepath.Join(*out, "gate.json")) }
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// say tells a person who waits what goes on.
func say(format string, args ...any) { fmt.Fprintf(os.Stderr, "… "+format+"\n", args...) }
