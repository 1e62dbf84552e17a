package cel

import (
	"fmt"
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

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

// A list may hold one list many times over, and so on down: a few names bound inside each other make a value of which a comparison would
// never see the end. Past these bounds, which no list of a request reaches unless it is nested, a comparison is the error `limit`.
const (
	maxParts       = 1 << 17 // of a value that is compared, each part counted as often as it is there
	maxComparisons = 1 << 22 // of parts, in a function that compares each element with each
	maxShown       = 10_000  // parts of a value in a trace
	maxMessage     = 300     // bytes of a message
)

// parts counts the parts of a value on from n, up to just past most.
func parts(v ref.Val, n, most int) int {
	n++
	switch v := v.(type) {
	case traits.Mapper:
		for it := v.Iterator(); it.HasNext() == types.True && n <= most; {
			k := it.Next()
			n = parts(v.Get(k), n+1, most)
		}
	case traits.Lister:
		for it := v.Iterator(); it.HasNext() == types.True && n <= most; {
			n = parts(it.Next(), n, most)
		}
	case *types.Optional:
		if v.HasValue() {
			n = parts(v.GetValue(), n, most)
		}
	}
	return n
}

func composite(v ref.Val) bool {
	switch v.(type) {
	case traits.Mapper, traits.Lister, *types.Optional:
		return true
	}
	return false
}

func (s *site) tooManyParts() *fault {
	return s.fault(policy.Limit, "values of too many parts are compared")
}

// comparable reports, as a fault, that comparing two values would take too long. It takes no longer than the smaller of the two.
func (s *site) comparable(a, b ref.Val) *fault {
	if !composite(a) || !composite(b) {
		return nil
	}
	x, isSizer := a.(traits.Sizer)
	if y, ok := b.(traits.Sizer); ok && isSizer && sizeOf(x) > sizeOf(y) {
		a, b = b, a
	}
	if parts(a, 0, maxParts) > maxParts && parts(b, 0, maxParts) > maxParts {
		return s.tooManyParts()
	}
	return nil
}

// searchable is comparable of a value and each element of a list.
func (s *site) searchable(v, list ref.Val) *fault {
	if composite(v) && parts(list, 0, maxParts) > maxParts {
		return s.tooManyParts()
	}
	return nil
}

// comparesEach reports whether a function compares each element of one operand with each of another, or of itself.
func comparesEach(function string) bool {
	return isOneOf(function, "sets.contains", "sets.equivalent", "sets.intersects", "hasAll", "hasAny", "hasExactly", "hasOnly", "distinct")
}

// crossable is comparable of each element of the first operand and each of the last. Where elements have no parts the checker's
// bound on the cost is enough.
func (s *site) crossable(args []ref.Val) *fault {
	a, ok := args[0].(traits.Lister)
	b, isList := args[len(args)-1].(traits.Lister)
	if !ok || !isList {
		return nil
	}
	nested := false
	for it := a.Iterator(); it.HasNext() == types.True && !nested; {
		nested = composite(it.Next())
	}
	if most := min(maxParts, maxComparisons/max(1, sizeOf(a))); nested && parts(b, 0, most) > most {
		return s.tooManyParts()
	}
	return nil
}

// label is a key or index in a message: never long.
func label(v ref.Val) string {
	if composite(v) {
		return v.Type().TypeName()
	}
	return types.Format(v)
}

// shorten cuts a message where it gets too long.
func shorten(msg string) string {
	if len(msg) <= maxMessage {
		return msg
	}
	return strings.ToValidUTF8(msg[:maxMessage], "") + "…"
}
