package policy_test

import (
	"testing"

	"github.com/rungpolicy/rung/policy"
)

func TestIsCleanPath(t *testing.T) {
	t.Parallel()
	for p, want := range map[string]bool{
		"/": true, "/a": true, "/a/": true, "/a/b": true, "/{x}/a.b": true, "/..a/...": true,
		"": false, "a": false, "//": false, "//a": false, "/a//b": false, "/a//": false, "/.": false, "/a/./b": false, "/..": false, "/a/../b": false, "/a/..": false,
	} {
		if got := policy.IsCleanPath(p); got != want {
			t.Errorf("%s: %v", p, got)
		}
	}
}
