package zone_test

import (
	"testing"
	"time"

	"github.com/rungpolicy/rung/internal/zone"
)

func TestLoad(t *testing.T) {
	t.Parallel()
	winter := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	summer := time.Date(2026, 7, 15, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name           string
		winter, summer int // hours ahead of UTC
	}{
		{"UTC", 0, 0},
		{"Europe/Zurich", 1, 2},
		{"America/New_York", -5, -4},
		{"Asia/Tokyo", 9, 9},
		{"Australia/Sydney", 11, 10},
	} {
		loc, err := zone.Load(tt.name)
		if err != nil {
			t.Errorf("Load(%q): %v", tt.name, err)
			continue
		}
		if _, got := winter.In(loc).Zone(); got != tt.winter*3600 {
			t.Errorf("%s in winter is %ds ahead, want %dh", tt.name, got, tt.winter)
		}
		if _, got := summer.In(loc).Zone(); got != tt.summer*3600 {
			t.Errorf("%s in summer is %ds ahead, want %dh", tt.name, got, tt.summer)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "Local", "local", "utc", "Nope/Zone", "europe/zurich", "../Europe/Zurich", "/etc/localtime", "Europe/"} {
		if loc, err := zone.Load(name); err == nil {
			t.Errorf("Load(%q) = %v, want an error", name, loc)
		}
	}
}

func TestAll(t *testing.T) {
	t.Parallel()
	names := zone.Names()
	if len(names) < 590 {
		t.Errorf("%d zones, want all of them", len(names))
	}
	for _, n := range names {
		if _, err := zone.Load(n); err != nil {
			t.Errorf("Load(%q): %v", n, err)
		}
	}
}
