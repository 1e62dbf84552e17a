// Package spent tells how long a thread has kept a processor busy. What else a machine does, and how long it sleeps, does not count.
package spent

import (
	"runtime"
	"time"
)

// By is the processor time that a function takes, as far as it does its work itself and not by other goroutines; on systems that do not tell it, time on the clock.
func By(f func()) time.Duration {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before := Thread()
	f()
	return Thread() - before
}
