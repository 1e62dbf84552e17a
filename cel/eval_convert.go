package cel

import (
	"time"
	"unicode/utf8"

	"cel.dev/cel-go/common/functions"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/rungpolicy/rung/policy"
)

// instead puts what differs from cel-go's conversions in their place. The name of a function stands for the one that looks at its operands.
func (t *functionTable) instead() {
	for _, name := range []string{"double", "string_to_double"} {
		t.wrap(name, exactDouble)
	}
	for _, name := range []string{"timestamp", "string_to_timestamp"} {
		t.wrap(name, fixedOffset)
	}
	for _, name := range []string{"format", "string_format"} {
		t.wrapFormat(name)
	}
	t.ordered()
}

// wrapFormat holds what is formatted to be text, as `string` does: bytes may be printed that are none.
func (t *functionTable) wrapFormat(name string) {
	o := t.overloads[name]
	if o == nil || o.Function == nil {
		return
	}
	own := *o
	own.Function = func(args ...ref.Val) ref.Val {
		v := o.Function(args...)
		if s, ok := v.(types.String); ok && !utf8.ValidString(string(s)) {
			return types.NewErr("invalid UTF-8 in what is formatted")
		}
		return v
	}
	t.overloads[name] = &own
}

func (t *functionTable) wrap(name string, around func(functions.UnaryOp) functions.UnaryOp) {
	if o := t.overloads[name]; o != nil && o.Unary != nil {
		own := *o
		own.Unary = around(o.Unary)
		t.overloads[name] = &own
	}
}

// exactDouble reads numbers of many digits, too, as the nearest double.
func exactDouble(convert functions.UnaryOp) functions.UnaryOp {
	return func(v ref.Val) ref.Val {
		s, ok := v.(types.String)
		if !ok {
			return convert(v)
		}
		f, err := policy.ParseDouble(string(s))
		if err != nil {
			return types.NewErr("type conversion error from 'string' to 'double'")
		}
		return types.Double(f)
	}
}

// fixedOffset gives a timestamp the offset that was written: where the machine's zone has the same at that time, package time takes the zone, whose
// offset is another half a year later.
func fixedOffset(convert functions.UnaryOp) functions.UnaryOp {
	return func(v ref.Val) ref.Val {
		result := convert(v)
		t, ok := result.(types.Timestamp)
		if !ok || t.Location() == time.UTC {
			return result
		}
		_, offset := t.Zone()
		return types.Timestamp{Time: t.In(time.FixedZone("", offset))}
	}
}
