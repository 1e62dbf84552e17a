// Command soak feeds mutated policies, requests and modules to Rung until it has seen a million of each, and reports what no input may do:
// bring the process down, take more than 250 ms of processor time, or grow memory past its bound.
//
// The work runs in child processes, because what it looks for cannot always be recovered from (a stack that overflows ends a Go
// process). A child says on its standard output which input it is about to try whenever one is slow, and how far it has come; when it
// dies, its parent knows the input, counts it, and starts another behind it. An input that was slow is tried again alone: the
// machine may have had other things to do, and only what repeats counts.
//
//	go run ./internal/soak -n 1000000
//
// With -pairs it holds the engines against each other instead (package diff): native, and the policy's module on three machines.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	slow     = 250 * time.Millisecond
	memoryMB = 512
)

func main() {
	n := flag.Int("n", 1_000_000, "how many mutated policies, as many requests, and as many modules")
	only := flag.String("kinds", "policy,request,module", "which of them")
	workers := flag.Int("workers", 2, "child processes at a time")
	child := flag.String("child", "", "KIND:FROM:TO, what a child tries")
	engines := flag.Int("pairs", 0, "hold the engines against each other over so many pairs of a policy and a request, and do nothing else")
	from := flag.Uint64("pairs-from", 1, "the first seed of -pairs")
	whole := flag.Bool("whole", false, "show the differences of -pairs as they are found, not made smaller")
	show := flag.String("show", "", "KIND:SEED, print the input of a seed")
	flag.Parse()
	switch {
	case *show != "":
		kind, seed, _ := strings.Cut(*show, ":")
		i, _ := strconv.Atoi(seed)
		fmt.Print(kinds[kind].input(i))
	case *child != "":
		try(*child)
	case *engines > 0:
		if !pairs(*from, *engines, *workers, *whole) {
			os.Exit(1)
		}
	default:
		if !run(*only, *n, *workers) {
			os.Exit(1)
		}
	}
}

// try is the child: it tries its inputs in order, and writes a line where one was slow and every hundredth.
func try(spec string) {
	debug.SetMemoryLimit(memoryMB << 19) // the collector works harder from half of the bound on
	part := strings.Split(spec, ":")
	kind := kinds[part[0]]
	from, _ := strconv.Atoi(part[1])
	to, _ := strconv.Atoi(part[2])
	out := bufio.NewWriter(os.Stdout)
	accepted := 0
	kind.attempt(kind.input(0)) // what is made once is not this input's
	for i := from; i < to; i++ {
		fmt.Fprintf(out, "try %d\n", i)
		if i%100 == 0 || to-from == 1 {
			_ = out.Flush() // a parent that is gone reads nothing
		}
		input := kind.input(i)
		before := processorTime()
		if kind.attempt(input) {
			accepted++
		}
		if d := processorTime() - before; d > slow {
			fmt.Fprintf(out, "slow %d %d\n", i, d.Milliseconds())
		}
	}
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	fmt.Fprintf(out, "done %d %d\n", u.Maxrss/1024, accepted)
	_ = out.Flush() // a parent that is gone reads nothing
}

func processorTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// report is what a run of one kind came to.
type report struct {
	tried, died, slow atomic.Int64
	accepted          atomic.Int64
	peakMB            atomic.Int64
}

// batch is how many inputs a child tries: few enough that a death is found again quickly.
const batch = 5000

func run(only string, n, workers int) bool {
	good := true
	for _, name := range strings.Split(only, ",") {
		var r report
		jobs := make(chan int)
		var wg sync.WaitGroup
		for range workers {
			wg.Go(func() {
				for from := range jobs {
					r.batch(name, from, min(from+batch, n))
				}
			})
		}
		start := time.Now()
		for from := 0; from < n; from += batch {
			jobs <- from
			if terminal() {
				fmt.Fprintf(os.Stderr, "\r%s: %d of %d, %d died, %d slow ", name, r.tried.Load(), n, r.died.Load(), r.slow.Load())
			}
		}
		close(jobs)
		wg.Wait()
		if terminal() {
			fmt.Fprint(os.Stderr, "\r\x1b[K")
		}
		fmt.Printf("soak %s: %d tried, %d accepted, %d died, %d over %v, peak %d MB, %v\n", name, r.tried.Load(), r.accepted.Load(), r.died.Load(), r.slow.Load(), slow,
			r.peakMB.Load(), time.Since(start).Round(time.Second))
		good = good && r.died.Load() == 0 && r.slow.Load() == 0 && r.peakMB.Load() <= memoryMB && r.tried.Load() == int64(n)
	}
	return good
}

// batch tries the inputs from one to another, going on behind one that brings a child down.
func (r *report) batch(kind string, from, to int) {
	for from < to {
		last, slows, ok := r.child(kind, from, to)
		for _, i := range slows {
			if r.slowAlone(kind, i) {
				r.slow.Add(1)
				fmt.Printf("slow: -show %s:%d\n", kind, i)
			}
		}
		if ok {
			r.tried.Add(int64(to - from))
			return
		}
		// The child's last word may be up to a hundred inputs old: find the one that kills it.
		for i := last; i < min(last+101, to); i++ {
			if _, _, ok := r.child(kind, i, i+1); !ok {
				r.died.Add(1)
				fmt.Printf("died: -show %s:%d\n", kind, i)
				last = i
				break
			}
		}
		r.tried.Add(int64(last + 1 - from))
		from = last + 1
	}
}

func (r *report) slowAlone(kind string, i int) bool {
	for range 3 {
		if _, slows, ok := r.child(kind, i, i+1); ok && len(slows) == 0 {
			return false
		}
	}
	return true
}

// child runs one; last is the last input that it is known to have begun.
func (r *report) child(kind string, from, to int) (last int, slows []int, ok bool) {
	cmd := exec.Command(os.Args[0], "-child", fmt.Sprintf("%s:%d:%d", kind, from, to))
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	timer := time.AfterFunc(10*time.Minute, func() { _ = cmd.Process.Kill() }) // a hang is a death
	defer timer.Stop()
	out, err := cmd.Output()
	last = from
	for line := range strings.Lines(string(out)) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		first, second, _ := strings.Cut(rest, " ")
		v, _ := strconv.Atoi(first)
		switch word {
		case "try":
			last = v
		case "slow":
			slows = append(slows, v)
		case "done":
			accepted, _ := strconv.Atoi(second)
			r.accepted.Add(int64(accepted))
			r.peak(int64(v))
			return last, slows, err == nil
		}
	}
	return last, slows, false
}

// peak keeps the most memory that a child has taken.
func (r *report) peak(mb int64) {
	for {
		most := r.peakMB.Load()
		if mb <= most || r.peakMB.CompareAndSwap(most, mb) {
			return
		}
	}
}

func terminal() bool {
	info, err := os.Stderr.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
