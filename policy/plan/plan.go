// Package plan puts a policy in order and decides requests by it.
package plan

import (
	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/policy"
)

// Plan is a policy, resolved and in the order of deciding. It is immutable and safe for concurrent use.
type Plan struct {
	Policy *policy.Policy
	// Conditions are the distinct conditions; rules refer to them by index.
	Conditions []*expr.Condition
}
