package traced_test

import (
	"testing"
	"time"

	"github.com/rungpolicy/rung/internal/traced"
	"github.com/rungpolicy/rung/policy"
)

// TestChange: each way in which an attribute could be otherwise, in words.
func TestChange(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	list := []policy.Value{"a", "b"}
	tests := []struct {
		change policy.Change
		want   string
	}{
		{policy.Change{Attribute: "a.n", How: policy.Is, Value: int64(5), From: int64(6)}, "a.n is 5, not 6"},
		{policy.Change{Attribute: "a.n", How: policy.Is, Value: "x"}, `a.n is "x"; it is missing`},
		{policy.Change{Attribute: "a.n", How: policy.Not, Value: "x", From: "x"}, `a.n is anything but "x"`},
		{policy.Change{Attribute: "a.n", How: policy.AtMost, Value: 1000.0, From: 2500.5}, "a.n is at most 1000, not 2500.5"},
		{policy.Change{Attribute: "a.n", How: policy.AtLeast, Value: int64(1), From: int64(0)}, "a.n is at least 1, not 0"},
		{policy.Change{Attribute: "a.n", How: policy.Below, Value: int64(1), From: int64(1)}, "a.n is less than 1, not 1"},
		{policy.Change{Attribute: "a.n", How: policy.Above, Value: int64(1), From: int64(1)}, "a.n is more than 1, not 1"},
		{policy.Change{Attribute: "now", How: policy.AtMost, Value: noon, From: noon.Add(time.Second)}, `now is "2026-01-01T12:00:00Z" or earlier, not "2026-01-01T12:00:01Z"`},
		{policy.Change{Attribute: "now", How: policy.AtLeast, Value: noon, From: noon}, `now is "2026-01-01T12:00:00Z" or later, not "2026-01-01T12:00:00Z"`},
		{policy.Change{Attribute: "now", How: policy.Below, Value: noon, From: noon}, `now is before "2026-01-01T12:00:00Z", not "2026-01-01T12:00:00Z"`},
		{policy.Change{Attribute: "now", How: policy.Above, Value: noon, From: noon}, `now is after "2026-01-01T12:00:00Z", not "2026-01-01T12:00:00Z"`},
		{policy.Change{Attribute: "a.l", How: policy.With, Value: list, From: list}, `a.l has "a", "b" too`},
		{policy.Change{Attribute: "a.l", How: policy.Without, Value: list, From: list}, `a.l does not have "a", "b"`},
		{policy.Change{Attribute: "a.l", How: policy.Without, Value: "(sensitive)"}, `a.l does not have "(sensitive)"`},
		{policy.Change{Attribute: "a.p", How: policy.Present}, "a.p is there; it is missing"},
		{policy.Change{Attribute: "a.p", How: policy.Absent, From: true}, "a.p is not there"},
		{policy.Change{Attribute: "a.p", How: "otherwise"}, "a.p otherwise; it is missing"},
	}
	for _, tt := range tests {
		if got := traced.Change(&tt.change); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
	}
}
