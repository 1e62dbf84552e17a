package spent

import (
	"testing"
	"time"
)

// TestSleep: sleep does not count.
func TestSleep(t *testing.T) {
	t.Parallel()
	if took := By(func() { time.Sleep(time.Second) }); took > 500*time.Millisecond {
		t.Errorf("a second of sleep took %v", took)
	}
}
