package traced

import (
	"strings"
	"time"

	"github.com/rungpolicy/rung/policy"
	"github.com/rungpolicy/rung/policy/codec"
)

// Change is a change in words: "resource.amount is at most 1000, not 2500".
func Change(c *policy.Change) string {
	s := c.Attribute + " " + stands(c)
	switch c.How {
	case policy.With, policy.Without, policy.Absent, policy.Not:
		return s
	case policy.Is, policy.AtMost, policy.AtLeast, policy.Below, policy.Above, policy.Present:
	}
	if c.From == nil {
		return s + "; it is missing"
	}
	return s + ", not " + shown(c.From)
}

func stands(c *policy.Change) string {
	_, moment := c.Value.(time.Time)
	switch c.How {
	case policy.Is:
		return "is " + shown(c.Value)
	case policy.Not:
		return "is anything but " + shown(c.Value)
	case policy.AtMost:
		if moment {
			return "is " + shown(c.Value) + " or earlier"
		}
		return "is at most " + shown(c.Value)
	case policy.AtLeast:
		if moment {
			return "is " + shown(c.Value) + " or later"
		}
		return "is at least " + shown(c.Value)
	case policy.Below:
		if moment {
			return "is before " + shown(c.Value)
		}
		return "is less than " + shown(c.Value)
	case policy.Above:
		if moment {
			return "is after " + shown(c.Value)
		}
		return "is more than " + shown(c.Value)
	case policy.With:
		return "has " + elements(c.Value) + " too"
	case policy.Without:
		return "does not have " + elements(c.Value)
	case policy.Present:
		return "is there"
	case policy.Absent:
		return "is not there"
	}
	return string(c.How)
}

// elements are those of a list: `"a", "b"`.
func elements(v policy.Value) string {
	list, ok := v.([]policy.Value)
	if !ok {
		return shown(v)
	}
	var parts []string
	for _, e := range list {
		parts = append(parts, shown(e))
	}
	return Cut(strings.Join(parts, ", "), 60)
}

func shown(v policy.Value) string { return Cut(string(codec.AppendValue(nil, v)), 60) }
