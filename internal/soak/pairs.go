package main

import (
	"fmt"
	"maps"
	"os"
	"runtime/debug"
	"slices"
	"time"

	"github.com/rungpolicy/rung/internal/diff"
)

// requestsEach is how many requests each policy of a run of pairs is asked: to draw, check and compile it takes as long as some hundred of them.
const requestsEach = 250

// garbage is how many per cent the heap may grow before it is swept: policies come and go, and little is kept.
const garbage = 400

// pairs holds the engines against each other over n pairs of a policy and a request, from a seed on.
func pairs(from uint64, n, workers int, whole bool) bool {
	start := time.Now()
	debug.SetGCPercent(garbage)
	o := diff.Options{From: from, Pairs: n, Each: min(n, requestsEach), Workers: workers, Folder: "internal/diff", Most: 10, Whole: whole}
	if whole {
		o.Most = 1
	}
	if terminal() {
		o.Progress = func(s diff.Shares, differences int) {
			fmt.Fprintf(os.Stderr, "\rpairs: %d of %d, %d differ ", s.Pairs, n, differences)
		}
	}
	r, err := diff.Run(o)
	if terminal() {
		fmt.Fprint(os.Stderr, "\r\x1b[K")
	}
	if err != nil {
		fmt.Printf("soak pairs: %v\n", err)
		return false
	}
	for _, d := range r.Differences {
		fmt.Printf("differs: -pairs-from %d -pairs 1\n%s\n", d.Seed, d.Case())
	}
	for _, what := range slices.Sorted(maps.Keys(r.Refused)) {
		fmt.Printf("drawn anew: %d of %s\n", r.Refused[what], what)
	}
	engines := "four engines"
	if !r.V8 {
		engines = "three engines (" + diff.ErrNoNode.Error() + ")"
	}
	fmt.Printf("soak pairs: %d tried, %d differ, %s, %d policies, %.1f %% reach an error, %.1f %% pending, %.1f %% do not allow, %v\n", r.Pairs, len(r.Differences),
		engines, r.Policies, r.Part(r.Erred), r.Part(r.Pending), r.Part(r.Denied), time.Since(start).Round(time.Second))
	return len(r.Differences) == 0 && r.Pairs >= n
}
