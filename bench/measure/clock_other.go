//go:build !unix

package measure

import "time"

// Clock says what times are of.
const Clock = "wall time"

// cpuTime is the time that has passed: processor time is not to be had in a portable way.
func cpuTime() time.Duration { return time.Duration(time.Now().UnixNano()) }
