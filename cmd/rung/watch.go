package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
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
	var lists []string
	var seen stamps
	var last error
	for {
		if now := stampsOf(dir, lists); !maps.Equal(now, seen) {
			if isTerminal(a.out) {
				fmt.Fprint(a.out, "\x1b[H\x1b[2J\x1b[3J") // a clean screen
			}
			var s *rungtest.Suite
			if s, last = a.testOnce(ctx, dir, o); s != nil {
				lists = listsOf(s)
			}
			seen = stampsOf(dir, lists)
			seen.readAt(now, s)
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

// listsOf are the files of a policy that do not lie in its folder itself.
func listsOf(s *rungtest.Suite) []string {
	var names []string
	for _, f := range s.Sources {
		if below(f.Name) {
			names = append(names, f.Name)
		}
	}
	return names
}

// below reports whether a file lies in a folder of the policy's folder.
func below(name string) bool { return strings.Contains(name, "/") }

// stamps are size and time of files, by name.
type stamps map[string]string

// stampsOf are those of the files in a folder, and of lists below it. They are never nil.
func stampsOf(dir string, lists []string) stamps {
	out := stamps{}
	note := func(name string, info fs.FileInfo, err error) {
		if err == nil && !info.IsDir() {
			out[name] = fmt.Sprint(info.Size(), info.ModTime().UnixNano())
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		out[""] = err.Error()
	}
	for _, e := range entries {
		info, err := e.Info()
		note(e.Name(), info, err)
	}
	for _, name := range lists {
		info, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name)))
		note(name, info, err)
	}
	return out
}

// readAt puts the stamps of files that a run has read to what they were before it, so that what was saved while it ran is a change. Others stay as they are: the run
// may have written them. The suite is nil if it could not be read.
func (after stamps) readAt(before stamps, s *rungtest.Suite) {
	names := slices.AppendSeq(slices.Collect(maps.Keys(before)), maps.Keys(after))
	for _, name := range names {
		if !strings.HasSuffix(name, ".rung.hcl") && !strings.HasSuffix(name, ".rungtest.hcl") && (s == nil || s.Source(name) == nil) {
			continue
		}
		if was, ok := before[name]; ok {
			after[name] = was
		} else if !below(name) { // it is new; a list that is read for the first time is not
			delete(after, name)
		}
	}
}
