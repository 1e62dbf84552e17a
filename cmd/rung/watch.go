package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"github.com/rungpolicy/rung/sdk/rungtest"
)

// lookEvery is how often --watch looks for changes. It asks for the size and time of some files, and not the operating system to be told: that
// works the same everywhere, on folders that are mounted over a network or into a container too, and costs nothing for so few files.
const lookEvery = 200 * time.Millisecond

// watch runs the tests whenever a file has changed, until it is interrupted.
func (a *app) watch(ctx context.Context, dir string, o *testOptions) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	return a.watching(ctx, dir, o, tick.C)
}

// watching is watch with a clock of the caller's. The error is that of the last run.
func (a *app) watching(ctx context.Context, dir string, o *testOptions, tick <-chan time.Time) error {
	var files []string
	var last error
	for seen := ""; ; {
		if now := fingerprint(dir, files); now != seen {
			if isTerminal(a.out) {
				fmt.Fprint(a.out, "\x1b[H\x1b[2J\x1b[3J") // a clean screen
			}
			var s *rungtest.Suite
			if s, last = a.testOnce(ctx, dir, o); s != nil {
				files = filesOf(s)
			}
			seen = fingerprint(dir, files)
			if errors.As(last, new(usageError)) {
				return last
			}
			if last != nil && !errors.Is(last, errBad) && ctx.Err() == nil {
				fmt.Fprintf(a.err, "rung: %v\n", last)
			}
			fmt.Fprintln(a.err, "watching; interrupt ends it")
		}
		select {
		case <-ctx.Done():
			return last
		case <-tick:
		}
	}
}

// filesOf are the files of a policy that do not lie in its folder itself: lists.
func filesOf(s *rungtest.Suite) []string {
	var names []string
	for _, f := range s.Sources {
		if strings.Contains(f.Name, "/") {
			names = append(names, f.Name)
		}
	}
	return names
}

// fingerprint changes when a file in the folder does, or one of the others, by name, size and time. It is never empty.
func fingerprint(dir string, others []string) string {
	var b strings.Builder
	entries, err := os.ReadDir(dir)
	fmt.Fprintln(&b, len(entries), err)
	for _, e := range entries {
		if info, err := e.Info(); err == nil && !e.IsDir() {
			fmt.Fprintln(&b, e.Name(), info.Size(), info.ModTime().UnixNano())
		}
	}
	for _, name := range others {
		if info, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name))); err == nil {
			fmt.Fprintln(&b, name, info.Size(), info.ModTime().UnixNano())
		}
	}
	return b.String()
}
