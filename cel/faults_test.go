package cel

import (
	"strings"
	"testing"

	"github.com/rungpolicy/rung/policy"
)

// TestFaults drives every row of the table of cel-go's errors with an expression, and those of this package.
func TestFaults(t *testing.T) {
	t.Parallel()
	s := probeSetup()
	driven := make(map[int]bool)
	for _, tt := range []struct {
		src  string
		code policy.Code
	}{
		{`dyn(1) + dyn('a') == 1`, policy.NoSuchOverload},
		{`dyn(1) < dyn('a')`, policy.NoSuchOverload},
		{`-dyn('a') == 1`, policy.NoSuchOverload},
		{`dyn(1).matches('a')`, policy.NoSuchOverload},
		{`dyn('a') && true`, policy.NoSuchOverload},
		{`dyn('a') ? true : false`, policy.NoSuchOverload},
		{`dyn(1).exists(e, e == 1)`, policy.NoSuchOverload},
		{`[1].exists(e, dyn(e))`, policy.NoSuchOverload},
		{`[1][dyn('a')] == 1`, policy.NoSuchOverload},
		{`has(dyn([1]).a)`, policy.NoSuchOverload},
		{`dyn([1]).a == 1`, policy.NoSuchOverload},
		{`1 in dyn(1)`, policy.NoSuchOverload},
		{`missing == 1`, policy.NoSuchAttribute},
		{`missing.a == 1`, policy.NoSuchAttribute},
		{`m.zz == 1`, policy.NoSuchKey},
		{`m['zz'] == 1`, policy.NoSuchKey},
		{`x.foo == 1`, policy.NoSuchKey},
		{`{'a': 1}[dyn(b'a')] == 1`, policy.NoSuchKey},
		{`[1][1] == 1`, policy.IndexOutOfBounds},
		{`[1][-1] == 1`, policy.IndexOutOfBounds},
		{`l[3] == 1`, policy.IndexOutOfBounds},
		{`'a'.charAt(2) == ''`, policy.IndexOutOfBounds},
		{`'a'.substring(2) == ''`, policy.IndexOutOfBounds},
		{`'abc'.substring(2, 1) == ''`, policy.InvalidArgument},
		{`'a'.indexOf('a', -1) == 0`, policy.IndexOutOfBounds},
		{`[1].slice(0, 2) == []`, policy.IndexOutOfBounds},
		{`[1].slice(-1, 1) == []`, policy.IndexOutOfBounds},
		{`[1].slice(1, 0) == []`, policy.InvalidArgument},
		{`'%s %s'.format([s]) == ''`, policy.IndexOutOfBounds},
		{`i + 1 == 0`, policy.Overflow},
		{`u + 1u == 0u`, policy.Overflow},
		{`-(-i - 1) == 0`, policy.Overflow},
		{`int(nan) == 0`, policy.Overflow},
		{`uint(-1) == 0u`, policy.Overflow},
		{`math.abs(-i - 1) == 0`, policy.Overflow},
		{`duration('2562047h') + duration('2562047h') == duration('0')`, policy.Overflow},
		{`timestamp('9999-12-31T23:59:59Z') + duration('1s') == ts`, policy.Overflow},
		{`timestamp('9999-12-31T23:59:59Z') - timestamp('0001-01-01T00:00:00Z') == duration('0')`, policy.Overflow},
		{`timestamp(i) == ts`, policy.Overflow},
		{`i / 0 == 0`, policy.DivideByZero},
		{`u % 0u == 0u`, policy.DivideByZero},
		{`int(s) == 0`, policy.BadValue},
		{`bool(s)`, policy.BadValue},
		{`duration(s) == duration('0')`, policy.BadValue},
		{`timestamp(s) == ts`, policy.BadValue},
		{`timestamp('2024-01-01T24:00:' + (s == '' ? '' : '00Z')) == ts`, policy.BadValue},
		{`string(b'\xff') == ''`, policy.BadValue},
		{`ts.getHours(s) == 0`, policy.BadValue},
		{`ts.getHours(s == '' ? '' : '99:00') == 0`, policy.BadValue},
		{`ts.getHours(s == '' ? '' : '00:99') == 0`, policy.BadValue},
		{`ts.getHours(s + ':00') == 0`, policy.BadValue},
		{`base64.decode(s) == b''`, policy.BadValue},
		{`ip(s) == ip('1.1.1.1')`, policy.BadValue},
		{`cidr(s) == cidr('1.1.1.1/32')`, policy.BadValue},
		{`ip(s == '' ? '' : 'fe80::1%eth0') == ip('1.1.1.1')`, policy.BadValue},
		{`ip(s == '' ? '' : '::ffff:1.1.1.1') == ip('1.1.1.1')`, policy.BadValue},
		{`optional.none().value() == 1`, policy.OptionalNone},
		{`[1, 2].transformMapEntry(j, e, {'a': e}) == {}`, policy.InvalidArgument},
		{`[1].transformMapEntry(j, e, {e: e, 1u: e}) == {}`, policy.InvalidArgument},
		{`[1].transformMap(j, e, e) == {} || {dyn(b'a'): 1} == {}`, policy.InvalidArgument},
		{`[1, 2][dyn(0.5)] == 1`, policy.InvalidArgument},
		{`[?dyn(1)] == []`, policy.InvalidArgument},
		{`{?'a': dyn(1)} == {}`, policy.InvalidArgument},
		{`[optional.of(1), dyn(1)].unwrapOpt() == []`, policy.InvalidArgument},
		{`['a', dyn(1)].join() == ''`, policy.InvalidArgument},
		{`[1].flatten(-1) == []`, policy.InvalidArgument},
		{`lists.range(-1) == []`, policy.InvalidArgument},
		{`dyn([1, 'a']).sort() == []`, policy.InvalidArgument},
		{`[0.0 / 0.0, 1.0].sort() == []`, policy.InvalidArgument},
		{`"%s".format([b"\xff"]) == ""`, policy.BadValue},
		{`math.least(dyn([])) == 1`, policy.InvalidArgument},
		{`math.greatest(dyn([])) == 1`, policy.InvalidArgument},
		{`math.greatest(nan, 1.0) == 1.0`, policy.InvalidArgument},
		{`math.bitShiftLeft(1, -1) == 1`, policy.InvalidArgument},
		{`(s + '%z').format([1]) == ''`, policy.InvalidArgument},
		{`(s + '%').format([1]) == ''`, policy.InvalidArgument},
		{`(s + '%.').format([1]) == ''`, policy.InvalidArgument},
		{`(s + '%.999f').format([1.0]) == ''`, policy.InvalidArgument},
		{`(s + '%d').format([dyn('a')]) == ''`, policy.InvalidArgument},
		{`regex.extract(s, '(a)(b)') == optional.none()`, policy.InvalidArgument},
		{`regex.extractAll(s, '(a)(b)') == []`, policy.InvalidArgument},
		{`regex.replace(s, 'l', '\\') == ''`, policy.InvalidArgument},
		{`regex.replace(s, 'l', '\\x') == ''`, policy.InvalidArgument},
		{`regex.replace(s, 'l', '\\1') == ''`, policy.InvalidArgument},
		{`lists.range(65537) == []`, policy.Limit},
	} {
		f, ok := s.value(t, tt.src).(*fault)
		if !ok {
			t.Errorf("%s is no error", tt.src)
			continue
		}
		if f.code != tt.code {
			t.Errorf("%s: %s (%s), want %s", tt.src, f.code, f.msg, tt.code)
		}
		if _, ok := codeOf(f.msg); !ok && !own(f) {
			t.Errorf("%s: no row of the table fits %q", tt.src, f.msg)
		}
		for i, m := range messages() {
			if m.fits(f.msg) {
				driven[i] = true
				break
			}
		}
	}
	for i, m := range messages() {
		if !driven[i] {
			t.Errorf("no expression drives %q", m)
		}
	}
}

// own reports whether an error is of this package, which needs no row.
func own(f *fault) bool {
	return f.code == policy.NoSuchAttribute || f.code == policy.Limit || f.msg == manyGroups || strings.HasSuffix(f.msg, notMapKey)
}

func TestNotKey(t *testing.T) {
	t.Parallel()
	s := probeSetup()
	for src, want := range map[string]string{
		"{ts: 1}":             "a timestamp cannot be a map's key",
		"{ts - ts: 1}":        "a duration cannot be a map's key",
		"{ip('1.1.1.1'): 1}":  "an ip cannot be a map's key",
		"{null: 1}":           "null cannot be a map's key",
		"{b'a': 1}":           "bytes cannot be a map's key",
		"{[1]: 1}":            "a list cannot be a map's key",
		"{int: 1}":            "a type cannot be a map's key",
		"{optional.of(1): 1}": "an optional cannot be a map's key",
	} {
		if f, _ := s.value(t, src+".size() == 1").(*fault); f == nil || f.code != policy.InvalidArgument || f.msg != want {
			t.Errorf("%s: %+v, want %q", src, f, want)
		}
	}
}
