// Package measure times the engines. Everything that is compared is timed in rounds, all subjects in turn, so that what else the machine
// does weighs on all alike; the figure is the lower quartile over the rounds, which is what a subject takes when little disturbs it.
package measure

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"time"
)

// Subject is something to time: Run answers the i-th question. What is timed is [Clock], or with Wall the time that passes.
type Subject struct {
	Name string
	Run  func(i int) error
	Wall bool
}

// Plan is how long to look.
type Plan struct {
	Rounds int
	Slice  time.Duration // of each subject in each round
}

// Series are the times of a subject, a round each, and what it allocates.
type Series struct {
	Name   string
	Rounds []float64 // nanoseconds
	Allocs float64
	Bytes  float64
}

// Time is the lower quartile of the rounds, in nanoseconds.
func (s *Series) Time() float64 { return quantile(s.Rounds, 0.25) }

// Ratio is a subject's time over another's, with the quartiles of the ratios of single rounds.
type Ratio struct{ Value, Low, High float64 }

// To is the ratio of s to o, which was timed in the same rounds.
func (s *Series) To(o *Series) Ratio {
	each := make([]float64, len(s.Rounds))
	for i := range each {
		each[i] = s.Rounds[i] / o.Rounds[i]
	}
	return Ratio{Value: s.Time() / o.Time(), Low: quantile(each, 0.25), High: quantile(each, 0.75)}
}

func quantile(times []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(times))
	at := q * float64(len(sorted)-1)
	i := int(at)
	if i+1 == len(sorted) {
		return sorted[i]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}

// Calm has the garbage collected as rarely as in a program with some data of its own. In one as small as this, it would be collected every few
// milliseconds, and how long that takes depends on what else the machine does.
func Calm() { debug.SetGCPercent(400) }

// Rounds times subjects in turn. The first error ends it: an engine that fails is not fast.
func Rounds(p Plan, subjects ...Subject) ([]*Series, error) {
	out := make([]*Series, len(subjects))
	batches := make([]int, len(subjects))
	next := make([]int, len(subjects))
	for i, s := range subjects {
		out[i] = &Series{Name: s.Name}
		var err error
		if batches[i], err = warm(s); err != nil {
			return nil, fmt.Errorf("%s: %w", s.Name, err)
		}
		if out[i].Allocs, out[i].Bytes, err = allocations(s); err != nil {
			return nil, fmt.Errorf("%s: %w", s.Name, err)
		}
	}
	for range p.Rounds {
		for i, s := range subjects {
			runtime.GC()
			t, err := slice(s, p.Slice, batches[i], &next[i])
			if err != nil {
				return nil, fmt.Errorf("%s: %w", s.Name, err)
			}
			out[i].Rounds = append(out[i].Rounds, t)
		}
	}
	return out, nil
}

// slice runs a subject for a while and returns the nanoseconds that one run takes.
func slice(s Subject, d time.Duration, batch int, next *int) (float64, error) {
	n, start, before := 0, time.Now(), cpuTime()
	for {
		for range batch {
			if err := s.Run(*next); err != nil {
				return 0, err
			}
			*next++
		}
		n += batch
		took := time.Since(start)
		if took < d {
			continue
		}
		if !s.Wall {
			took = cpuTime() - before
		}
		return float64(took.Nanoseconds()) / float64(n), nil
	}
}

// warm runs a subject for a moment and says how many runs take about a fifth of a millisecond, so that reading the clock costs nothing.
func warm(s Subject) (int, error) {
	next := 0
	t, err := slice(s, 2*time.Millisecond, 1, &next)
	return max(1, int(200_000/max(1, t))), err
}

// allocations are those of one run, on the mean of all questions, or of as many as there is time for: the least of some attempts, as pools are
// emptied by the collector, and then filled again. Reading the figures allocates, too: as much as is seen where nothing runs is not the subject's.
func allocations(s Subject) (allocs, bytes float64, err error) {
	_, noAllocs, noBytes, err := taken(s, 0)
	less := func(a, b uint64, n int) float64 { return max(0, float64(a)-float64(b)) / float64(n) }
	for try := 0; try < 5 && err == nil; try++ {
		n, allAllocs, allBytes, failed := taken(s, 2*Questions)
		if a := less(allAllocs, noAllocs, n); try == 0 || a < allocs {
			allocs, bytes = a, less(allBytes, noBytes, n)
		}
		err = failed
	}
	return allocs, bytes, err
}

// taken is what at most some runs allocate, and what it takes to know it; n is how many there were.
func taken(s Subject, most int) (n int, allocs, bytes uint64, err error) {
	var before, after runtime.MemStats
	runtime.GC()
	start := time.Now()
	runtime.ReadMemStats(&before)
	for n < most && (n%16 != 0 || time.Since(start) < 100*time.Millisecond) {
		if err := s.Run(n); err != nil {
			return n, 0, 0, err
		}
		n++
	}
	runtime.ReadMemStats(&after)
	return n, after.Mallocs - before.Mallocs, after.TotalAlloc - before.TotalAlloc, nil
}
