package spent

import (
	"testing"
	"time"
)

// TestBy: work counts.
func TestBy(t *testing.T) {
	t.Parallel()
	const most = time.Minute
	sum, began := 0, time.Now()
	took := By(func() {
		for before := Thread(); Thread()-before < 20*time.Millisecond && time.Since(began) < most; {
			for i := range 100_000 {
				sum += i ^ sum
			}
		}
	})
	if took < 20*time.Millisecond {
		t.Errorf("%v of %v", took, time.Since(began))
	}
}
