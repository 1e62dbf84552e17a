//go:build !linux

package host

import "time"

var start = time.Now()

// threadTime is the time on the clock: that of a thread is not told everywhere.
func threadTime() time.Duration { return time.Since(start) }
