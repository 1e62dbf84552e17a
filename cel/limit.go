package cel

import (
	"fmt"

	"cel.dev/cel-go/common/types/ref"

	"github.com/rungpolicy/rung/cel/ext"
	"github.com/rungpolicy/rung/policy"
)

// charge is the fault of a call that would make more than a condition may make at a time; nil if it would not. It is asked before
// the call: docs/language.md, "Sizes at run time".
func (s *site) charge(makes func([]ref.Val) ext.Made, args []ref.Val) *fault {
	m := makes(args)
	if m.Bytes > policy.MaxMadeBytes {
		return s.fault(policy.Limit, fmt.Sprintf("text of more than %d bytes", policy.MaxMadeBytes))
	}
	return s.chargeElements(m.Elements)
}

// chargeElements is charge of a list or map of n entries.
func (s *site) chargeElements(n int) *fault {
	if n > policy.MaxMadeElements {
		return s.fault(policy.Limit, fmt.Sprintf("a list or map of more than %d entries", policy.MaxMadeElements))
	}
	return nil
}

// chargeBytes is charge of a text of n bytes.
func (s *site) chargeBytes(n int) *fault {
	if n > policy.MaxMadeBytes {
		return s.fault(policy.Limit, fmt.Sprintf("text of more than %d bytes", policy.MaxMadeBytes))
	}
	return nil
}
