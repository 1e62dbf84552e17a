package ext

import (
	gomath "math"
	"strconv"
	"strings"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/rungpolicy/rung/policy"
)

// formatMakes is exact. What is wrong, in the text or the operands, is left to the function to say: up to there it counts.
func formatMakes(args []ref.Val) Made {
	s, ok := stringArg(args, 0)
	if !ok || len(args) != 2 {
		return Made{}
	}
	list, ok := args[1].(traits.Lister)
	if !ok {
		return Made{}
	}
	n, arg, most := 0, 0, length(list)
	for s != "" && n <= policy.MaxMadeBytes {
		text, rest, clause := strings.Cut(s, "%")
		n += len(text)
		s = rest
		switch {
		case !clause:
		case strings.HasPrefix(s, "%"):
			n++
			s = s[1:]
		default:
			verb, precision, rest := readClause(s)
			if verb == 0 || arg == most {
				return Made{Bytes: n}
			}
			n += formatted(verb, precision, list.Get(types.Int(arg)))
			arg++
			s = rest
		}
	}
	return Made{Bytes: n}
}

// maxPrecision is the largest that cel-go takes.
const maxPrecision = 100

// readClause reads what stands behind a `%`. The verb is 0 where it is wrong.
func readClause(s string) (verb byte, precision int, rest string) {
	precision = 6
	if after, ok := strings.CutPrefix(s, "."); ok {
		s = strings.TrimLeft(after, "0123456789")
		var err error
		if precision, err = strconv.Atoi(after[:len(after)-len(s)]); err != nil || precision > maxPrecision {
			return 0, 0, ""
		}
	}
	if s == "" {
		return 0, 0, ""
	}
	return s[0], precision, s[1:]
}

// formatted counts the bytes that a clause makes of a value.
func formatted(verb byte, precision int, v ref.Val) int {
	switch verb {
	case 's', 'd':
		return printed(v, 0)
	case 'f', 'e':
		switch v := v.(type) {
		case types.Double:
			return floatSize(float64(v), verb, precision)
		case types.Int:
			return floatSize(float64(v), verb, precision)
		case types.Uint:
			return floatSize(float64(v), verb, precision)
		}
	case 'b':
		return inBase(v, 2)
	case 'o':
		return inBase(v, 8)
	case 'x', 'X':
		switch v := v.(type) {
		case types.String:
			return 2 * len(v)
		case types.Bytes:
			return 2 * len(v)
		}
		return inBase(v, 16)
	}
	return 0
}

// inBase counts the digits of an integer, and its sign.
func inBase(v ref.Val, base int) int {
	var room [65]byte
	switch v := v.(type) {
	case types.Bool:
		return 1
	case types.Int:
		return len(strconv.AppendInt(room[:0], int64(v), base))
	case types.Uint:
		return len(strconv.AppendUint(room[:0], uint64(v), base))
	}
	return 0
}

func floatSize(f float64, verb byte, precision int) int {
	switch {
	case gomath.IsNaN(f):
		return len("NaN")
	case gomath.IsInf(f, 1):
		return len("Infinity")
	case gomath.IsInf(f, -1):
		return len("-Infinity")
	}
	var room [512]byte
	return len(strconv.AppendFloat(room[:0], f, verb, precision, 64))
}

// printed counts the bytes of a value as %s prints it, on from n, up to just past the limit.
func printed(v ref.Val, n int) int {
	if n > policy.MaxMadeBytes {
		return n
	}
	const between = len(", ")
	switch v := v.(type) {
	case traits.Lister:
		n += len("[]") + between*max(0, length(v)-1)
		for it := v.Iterator(); it.HasNext() == types.True && n <= policy.MaxMadeBytes; {
			n = printed(it.Next(), n)
		}
		return n
	case traits.Mapper:
		n += len("{}") + between*max(0, length(v)-1)
		for it := v.Iterator(); it.HasNext() == types.True && n <= policy.MaxMadeBytes; {
			key := it.Next()
			n = printed(v.Get(key), printed(key, n)) + len(": ")
		}
		return n
	}
	return n + printedScalar(v)
}

func printedScalar(v ref.Val) int {
	switch v := v.(type) {
	case types.String:
		return len(v)
	case types.Bytes:
		return len(v)
	case types.Bool:
		return len(strconv.FormatBool(bool(v)))
	case types.Int, types.Uint:
		return inBase(v, 10)
	case types.Double:
		return floatSize(float64(v), 'f', -1)
	case types.Duration:
		return floatSize(v.Seconds(), 'f', -1) + len("s")
	case types.Timestamp:
		return len(v.UTC().Format(time.RFC3339Nano))
	case types.Null:
		return len("null")
	case *types.Type:
		return len(v.TypeName())
	}
	return 0 // nothing prints it
}
