//go:build unix

package measure

import (
	"syscall"
	"time"
)

// Clock says what times are of.
const Clock = "processor time, that of the garbage collector's threads included"

// cpuTime is the processor time that this process has taken: what else the machine does is not in it.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // it takes no argument that could be wrong
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
