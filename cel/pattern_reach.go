package cel

import (
	"github.com/rungpolicy/rung/internal/reach"
	"github.com/rungpolicy/rung/policy"
)

// maxReread is the most characters that a call may read again.
const maxReread = 1 << 22

// endless is the reach of what has no bound: no text that a condition makes is longer.
const endless = reach.Endless

// reread is how many characters a call has read again.
type reread int

// charge counts what is read again of a text that goes on for so many bytes behind a match.
func (r *reread) charge(at *site, re *pattern, behind int) *fault {
	*r += reread(min(behind, re.reach))
	if *r > maxReread {
		return at.fault(policy.Limit, "a search that reads the text too many times")
	}
	return nil
}
