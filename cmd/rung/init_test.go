package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rungpolicy/rung/sdk/rungtest"
)

// TestInit: whatever init writes is a policy that there is nothing to say about, in canonical form, and whose tests see all of it and pass on both
// engines.
func TestInit(t *testing.T) {
	t.Parallel()
	for _, name := range examples {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "new", name)
			var out, errs strings.Builder
			if status := run([]string{"init", "--from", name, dir}, streams{out: &out, err: &errs}); status != exitGood {
				t.Fatalf("status %d: %s", status, errs.String())
			}
			if status := run([]string{"fmt", "--check", dir}, streams{out: &out, err: &errs}); status != exitGood {
				t.Errorf("not in canonical form: %s", out.String())
			}
			s, err := rungtest.Read(os.DirFS(dir))
			if err != nil {
				t.Fatal(err)
			}
			if found := slices.Concat(s.Diagnostics, s.Policy.Findings(time.Now())); len(found) > 0 {
				t.Error(found)
			}
			r, err := s.Run(context.Background(), rungtest.Options{Engines: []rungtest.Engine{rungtest.Native, rungtest.Wasm}, Coverage: true})
			if err != nil {
				t.Fatal(err)
			}
			if !r.OK() {
				t.Errorf("%d passed, %d failed", r.Passed, r.Failed)
			}
			if gaps := r.Coverage.Gaps(); len(gaps) > 0 {
				t.Errorf("not all of it is tested: %v", gaps)
			}
		})
	}
}
