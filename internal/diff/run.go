package diff

import (
	"fmt"
	"strings"
)

// Shares count what pairs come to.
type Shares struct {
	Policies, Pairs, Erred, Pending, Denied int
}

func (s *Shares) count(native string) {
	s.Pairs++
	if strings.Contains(native, `"indeterminate":`) || strings.Contains(native, `"code":`) {
		s.Erred++
	}
	if strings.HasPrefix(native, `{"effect":"need"`) || strings.Contains(native, `"pending":true`) {
		s.Pending++
	}
	if !strings.HasPrefix(native, `{"effect":"allow"`) {
		s.Denied++
	}
}

// String writes the shares.
func (s *Shares) String() string {
	part := func(n int) float64 { return 100 * float64(n) / float64(max(s.Pairs, 1)) }
	return fmt.Sprintf("%d pairs of %d policies: %.1f %% reach an error, %.1f %% are pending, %.1f %% do not allow", s.Pairs, s.Policies, part(s.Erred), part(s.Pending), part(s.Denied))
}
