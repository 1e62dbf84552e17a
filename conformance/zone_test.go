package conformance_test

import (
	"os"
	"os/exec"
	"testing"
	_ "time/tzdata" // a machine need not have zones
)

// TestZones runs the cases of times on machines of other zones: no decision depends on them.
func TestZones(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"Europe/Vienna", "America/New_York", "Asia/Kolkata"} {
		t.Run(zone, func(t *testing.T) {
			t.Parallel()
			//nolint:gosec // it is this test's own binary
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestNative$/^language$/^cel-time", "-test.count=1")
			cmd.Env = append(os.Environ(), "TZ="+zone)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
