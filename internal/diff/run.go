package diff

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Shares count what pairs come to.
type Shares struct {
	Policies, Pairs, Erred, Pending, Denied int
}

func (s *Shares) count(native string) {
	s.Pairs++
	if strings.Contains(native, `"indeterminate":`) || strings.Contains(native, `"code":`) {
		s.Erred++
	}
	if strings.HasPrefix(native, `{"effect":"need"`) || strings.Contains(native, `"pending":true`) {
		s.Pending++
	}
	if !strings.HasPrefix(native, `{"effect":"allow"`) {
		s.Denied++
	}
}

func (s *Shares) add(t Shares) {
	s.Policies += t.Policies
	s.Pairs += t.Pairs
	s.Erred += t.Erred
	s.Pending += t.Pending
	s.Denied += t.Denied
}

// Part is a count as a part of all pairs, in per cent.
func (s *Shares) Part(n int) float64 { return 100 * float64(n) / float64(max(s.Pairs, 1)) }

// String writes the shares.
func (s *Shares) String() string {
	return fmt.Sprintf("%d pairs of %d policies: %.1f %% reach an error, %.1f %% are pending, %.1f %% do not allow",
		s.Pairs, s.Policies, s.Part(s.Erred), s.Part(s.Pending), s.Part(s.Denied))
}

// Options say what a run tries.
type Options struct {
	// From is the first seed. Each seed is a policy and Each requests; seeds follow one another until there are Pairs.
	From        uint64
	Pairs, Each int
	Workers     int
	// Folder is that of this package, where the host for Node lies.
	Folder string
	// Most is how many differences end the run; 0: one.
	Most int
	// Whole leaves differences as they are found.
	Whole bool
	// Progress is called now and then with the shares so far.
	Progress func(Shares, int)
}

// Report is what a run came to. It depends on the options alone, not on the number of workers, unless there are differences.
type Report struct {
	Shares
	Refused Refusals
	// V8 says that Node ran.
	V8 bool
	// Differences are ordered by seed, and shrunk.
	Differences []*Difference
}

// run is one under way.
type run struct {
	Options
	mu     sync.Mutex
	report Report
	err    error
	next   uint64
	done   bool
}

// Run holds the engines against each other. An error says that the run itself went wrong.
func Run(o Options) (*Report, error) {
	r := &run{Options: o, report: Report{Refused: Refusals{}}, next: o.From}
	r.Most = max(r.Most, 1)
	var wg sync.WaitGroup
	for range max(o.Workers, 1) {
		wg.Go(func() {
			if err := r.work(); err != nil {
				r.fail(err)
			}
		})
	}
	wg.Wait()
	slices.SortFunc(r.report.Differences, func(a, b *Difference) int { return int(a.Seed) - int(b.Seed) })
	return &r.report, r.err
}

func (r *run) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done, r.err = true, errors.Join(r.err, err)
}

// seed is the next seed to try; false if there is nothing left to do.
func (r *run) seed() (uint64, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	policies := uint64((r.Pairs + r.Each - 1) / r.Each)
	if r.done || r.next >= r.From+policies {
		return 0, false
	}
	r.next++
	return r.next - 1, true
}

func (r *run) work() (err error) {
	c := &Comparer{Refused: Refusals{}}
	switch node, err := StartNode(r.Folder); {
	case errors.Is(err, ErrNoNode):
	case err != nil:
		return err
	default:
		c.Node = node
		defer func() { err = errors.Join(err, node.Close()) }()
	}
	for {
		seed, ok := r.seed()
		if !ok {
			return nil
		}
		d, err := c.Try(seed, r.Each)
		if err != nil {
			return err
		}
		if d != nil && !r.Whole {
			d = c.Shrink(d)
		}
		r.take(c, d)
	}
}

// take adds what a worker has found.
func (r *run) take(c *Comparer, d *Difference) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.report.V8 = c.Node != nil
	r.report.add(c.Shares)
	for what, n := range c.Refused {
		r.report.Refused[what] += n
	}
	c.Shares, c.Refused = Shares{}, Refusals{}
	if d != nil {
		r.report.Differences = append(r.report.Differences, d)
		r.done = r.done || len(r.report.Differences) >= r.Most
	}
	if r.Progress != nil {
		r.Progress(r.report.Shares, len(r.report.Differences))
	}
}
