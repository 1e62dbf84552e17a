package cel

import (
	"fmt"
	"strings"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/rungpolicy/rung/expr"
	"github.com/rungpolicy/rung/internal/zone"
	"github.com/rungpolicy/rung/policy"
)

// field returns what a getter of a timestamp reads.
func field(getter string) func(time.Time) int {
	switch getter {
	case "getFullYear":
		return time.Time.Year
	case "getMonth":
		return func(t time.Time) int { return int(t.Month()) - 1 }
	case "getDayOfYear":
		return func(t time.Time) int { return t.YearDay() - 1 }
	case "getDayOfMonth":
		return func(t time.Time) int { return t.Day() - 1 }
	case "getDate":
		return time.Time.Day
	case "getDayOfWeek":
		return func(t time.Time) int { return int(t.Weekday()) }
	case "getHours":
		return time.Time.Hour
	case "getMinutes":
		return time.Time.Minute
	case "getSeconds":
		return time.Time.Second
	case "getMilliseconds":
		return func(t time.Time) int { return t.Nanosecond() / 1e6 }
	}
	return nil
}

// planGetter plans a getter of a timestamp with a zone: cel-go's would read the machine's zone files. nil if e is none.
func (p *planner) planGetter(e *expr.Call) run {
	read := field(e.Function)
	if read == nil || len(e.Args) != 2 {
		return nil
	}
	at, ts, name := p.site(e), p.plan(e.Args[0]), p.plan(e.Args[1])
	find := computedZone
	if v, ok := p.constantOf(e.Args[1]); ok {
		s, _ := v.(types.String)
		loc, err := namedZone(string(s))
		find = func(string) (*time.Location, error) { return loc, err }
	}
	return func(f *frame) ref.Val {
		t, z := ts(f), name(f)
		if failed(t) || failed(z) {
			return strict(t, z)
		}
		moment, ok1 := t.(types.Timestamp)
		s, ok2 := z.(types.String)
		if !ok1 || !ok2 {
			return at.noOverload()
		}
		loc, err := find(string(s))
		if err != nil {
			bad := at.fault(policy.BadValue, err.Error())
			if at.sensitive {
				bad.msg = "unknown time zone"
			}
			return bad
		}
		return types.Int(read(moment.In(loc)))
	}
}

// computedZone finds a zone whose name a condition computes: "", "UTC" and offsets. Names must be constants, so that a
// module holds the data of those that it needs.
func computedZone(name string) (*time.Location, error) {
	if name == "" || name == "UTC" {
		return time.UTC, nil
	}
	if !strings.Contains(name, ":") {
		return nil, fmt.Errorf("unknown time zone %s: a name must be a constant", name)
	}
	return offsetZone(name)
}

// namedZone finds a constant zone.
func namedZone(name string) (*time.Location, error) {
	if name == "" || strings.Contains(name, ":") {
		return computedZone(name)
	}
	return zone.Load(name)
}

// offsetZone reads "+01:30" and its like.
func offsetZone(name string) (*time.Location, error) {
	seconds, err := zone.Offset(name)
	if err != nil {
		return nil, err
	}
	return time.FixedZone("", seconds), nil
}
