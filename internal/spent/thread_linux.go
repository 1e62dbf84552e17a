package spent

import (
	"syscall"
	"time"
)

// Thread is the processor time that the calling thread has taken. It says something of a goroutine that is locked to it: [runtime.LockOSThread].
func Thread() time.Duration {
	const thread = 1 // RUSAGE_THREAD
	var u syscall.Rusage
	_ = syscall.Getrusage(thread, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
