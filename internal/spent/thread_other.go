//go:build !linux

package spent

import "time"

var start = time.Now()

// Thread is the time on the clock: that of a thread is not told everywhere.
func Thread() time.Duration { return time.Since(start) }
