package codec

import (
	"encoding/base64"
	"math"
	"net/netip"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/rungpolicy/rung/policy"
)

// AppendValue appends a value as a request writes it: integers beyond 2^53 as strings, timestamps in RFC 3339, durations in seconds
// ("90s"), bytes in base64. A double that is no number is the string "NaN", "Infinity" or "-Infinity". What is missing is null.
//
// An object's attributes have their names from its type, see [AppendTyped]: without one they are written as a list of what is in
// its slots.
func AppendValue(dst []byte, v policy.Value) []byte { return AppendTyped(dst, nil, v) }

// AppendTyped is [AppendValue] for a value of type t, with the names of objects' attributes. Attributes that are missing are left
// out.
func AppendTyped(dst []byte, t *policy.Type, v policy.Value) []byte {
	w := writer{b: dst}
	w.value(t, v)
	return w.b
}

// writer writes JSON. Commas come by themselves.
type writer struct {
	b []byte
	// comma says that something stands before the next element or member.
	comma bool
}

// entry begins an element, a member or a member's value.
func (w *writer) entry() {
	if w.comma {
		w.b = append(w.b, ',')
	}
	w.comma = true
}

func (w *writer) open(bracket byte) {
	w.entry()
	w.b = append(w.b, bracket)
	w.comma = false
}

func (w *writer) close(bracket byte) {
	w.b = append(w.b, bracket)
	w.comma = true
}

func (w *writer) name(s string) {
	w.string(s)
	w.b = append(w.b, ':')
	w.comma = false
}

func (w *writer) word(s string) {
	w.entry()
	w.b = append(w.b, s...)
}

// value writes a value. The type is nil where it is not known, and then that of the parts is not known either.
func (w *writer) value(t *policy.Type, v policy.Value) {
	switch v := policy.Plain(v).(type) {
	case bool:
		w.word(strconv.FormatBool(v))
	case int64:
		w.whole(strconv.FormatInt(v, 10), -maxWhole <= v && v <= maxWhole)
	case uint64:
		w.whole(strconv.FormatUint(v, 10), v <= maxWhole)
	case float64:
		w.double(v)
	case string:
		w.string(v)
	case []byte:
		w.string(base64.StdEncoding.EncodeToString(v))
	case time.Time:
		w.string(v.UTC().Format("2006-01-02T15:04:05.999999999Z07:00"))
	case time.Duration:
		w.string(seconds(v))
	case netip.Addr:
		w.string(v.String())
	case netip.Prefix:
		w.string(v.String())
	case []policy.Value:
		w.open('[')
		for _, e := range v {
			w.value(elem(t), e)
		}
		w.close(']')
	case *policy.Map:
		w.open('{')
		for i, key := range v.Keys {
			w.name(key)
			w.value(elem(t), v.Values[i])
		}
		w.close('}')
	case *policy.Object:
		w.object(t, v)
	default: // nil and Null; there are no others
		w.word("null")
	}
}

func elem(t *policy.Type) *policy.Type {
	if t == nil {
		return nil
	}
	return t.Elem
}

func (w *writer) object(t *policy.Type, o *policy.Object) {
	if t == nil || len(t.Attrs) != len(o.Attrs) {
		w.value(nil, o.Attrs)
		return
	}
	w.open('{')
	for i, v := range o.Attrs {
		if v != nil {
			w.name(t.Attrs[i].Name)
			w.value(t.Attrs[i].Type, v)
		}
	}
	w.close('}')
}

// whole writes an integer, as a string if readers would round it.
func (w *writer) whole(digits string, exact bool) {
	if exact {
		w.word(digits)
		return
	}
	w.string(digits)
}

// double writes the shortest number that reads back as f.
func (w *writer) double(f float64) {
	switch {
	case math.IsNaN(f):
		w.string("NaN")
	case math.IsInf(f, 1):
		w.string("Infinity")
	case math.IsInf(f, -1):
		w.string("-Infinity")
	default:
		w.entry()
		format := byte('f')
		// As JavaScript does: an exponent where the plain form would be a long row of zeros.
		if abs := math.Abs(f); abs != 0 && abs < 1e-6 || abs >= 1e21 {
			format = 'e'
		}
		w.b = strconv.AppendFloat(w.b, f, format, -1, 64)
	}
}

// seconds is a duration in seconds, exactly: "90s", "-0.25s".
func seconds(d time.Duration) string {
	b := make([]byte, 0, len("-9223372036.854775808s"))
	n := uint64(d)
	if d < 0 {
		b = append(b, '-')
		n = -n
	}
	b = strconv.AppendUint(b, n/1e9, 10)
	if frac := n % 1e9; frac != 0 {
		b = append(b, '.')
		for unit := uint64(1e8); frac != 0; unit /= 10 {
			b = append(b, byte('0'+frac/unit))
			frac %= unit
		}
	}
	return string(append(b, 's'))
}

// string writes a string: valid UTF-8 always, what is not so as U+FFFD. Only quotes, backslashes and control characters are
// escaped.
func (w *writer) string(s string) {
	w.entry()
	w.b = append(w.b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				w.b = append(append(w.b, s[start:i]...), "\uFFFD"...)
				start = i + n
			}
			i += n
		case c < ' ' || c == '"' || c == '\\':
			w.b = append(w.b, s[start:i]...)
			w.escape(c)
			i++
			start = i
		default:
			i++
		}
	}
	w.b = append(append(w.b, s[start:]...), '"')
}

func (w *writer) escape(c byte) {
	const hex = "0123456789abcdef"
	switch c {
	case '\b':
		c = 'b'
	case '\f':
		c = 'f'
	case '\n':
		c = 'n'
	case '\r':
		c = 'r'
	case '\t':
		c = 't'
	case '"', '\\':
	default:
		w.b = append(w.b, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xF])
		return
	}
	w.b = append(w.b, '\\', c)
}
