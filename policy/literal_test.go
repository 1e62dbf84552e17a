package policy_test

import (
	"math"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/rungpolicy/rung/policy"
)

func TestParseInt(t *testing.T) {
	t.Parallel()
	good := map[string]int64{
		"0": 0, "5": 5, "-5": -5, "10": 10, "9223372036854775807": math.MaxInt64, "-9223372036854775808": math.MinInt64,
	}
	for s, want := range good {
		if got, err := policy.ParseInt(s); err != nil || got != want {
			t.Errorf("ParseInt(%q) = %d, %v, want %d", s, got, err, want)
		}
	}
	bad := map[string]string{
		"": "no digits", "-": "no digits", "+5": "digits alone", "-0": "no sign", "05": "leading zeros", "-05": "leading zeros", "00": "leading zeros",
		"5.0": "digits alone", "1e3": "digits alone", " 5": "digits alone", "5 ": "digits alone", "1_000": "digits alone", "0x10": "digits alone",
		"--5": "digits alone", "٥": "digits alone", "9223372036854775808": "range of int", "-9223372036854775809": "range of int",
	}
	for s, want := range bad {
		if got, err := policy.ParseInt(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseInt(%q) = %d, %v, want an error with %q", s, got, err, want)
		}
	}
}

func TestParseUint(t *testing.T) {
	t.Parallel()
	good := map[string]uint64{"0": 0, "5": 5, "18446744073709551615": math.MaxUint64}
	for s, want := range good {
		if got, err := policy.ParseUint(s); err != nil || got != want {
			t.Errorf("ParseUint(%q) = %d, %v, want %d", s, got, err, want)
		}
	}
	bad := map[string]string{
		"": "no digits", "+5": "digits alone", "-0": "no sign", "-5": "range of uint", "007": "leading zeros", "18446744073709551616": "range of uint",
	}
	for s, want := range bad {
		if got, err := policy.ParseUint(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseUint(%q) = %d, %v, want an error with %q", s, got, err, want)
		}
	}
}

func TestParseTimestamp(t *testing.T) {
	t.Parallel()
	good := map[string]time.Time{
		"2026-11-20T12:00:00Z":                time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC),
		"2026-11-20T12:00:00.5Z":              time.Date(2026, 11, 20, 12, 0, 0, 500_000_000, time.UTC),
		"2026-11-20T12:00:00.123456789+00:00": time.Date(2026, 11, 20, 12, 0, 0, 123_456_789, time.UTC),
		"2026-11-20T12:00:00.000000001Z":      time.Date(2026, 11, 20, 12, 0, 0, 1, time.UTC),
		"2026-11-20T00:30:00+01:00":           time.Date(2026, 11, 19, 23, 30, 0, 0, time.UTC),
		"2026-11-20T23:30:00-23:59":           time.Date(2026, 11, 21, 23, 29, 0, 0, time.UTC),
		"2026-11-20T12:00:00-00:00":           time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC),
		"2024-02-29T00:00:00Z":                time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC),
		"0001-01-01T00:00:00Z":                {},
		"9999-12-31T23:59:59.999999999Z":      time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC),
		"9999-12-31T23:59:59+00:01":           time.Date(9999, 12, 31, 23, 58, 59, 0, time.UTC),
	}
	for s, want := range good {
		if got, err := policy.ParseTimestamp(s); err != nil || got != want {
			t.Errorf("ParseTimestamp(%q) = %v, %v, want %v", s, got, err, want)
		}
	}
	bad := map[string]string{
		"": "such as", "2026-11-20": "such as", "2026-11-20T12:00:00": "such as", "2026-11-20 12:00:00Z": "such as", "2026-11-20t12:00:00Z": "such as",
		"26-11-20T12:00:00Z": "such as", "+2026-11-20T12:00:00Z": "such as", "2026-1-20T12:00:00Z ": "such as", "2026-11-20T1:00:00Z  ": "such as",
		"2026-11-20T12:00:00z": "ends with Z", "2026-11-20T12:00:00Z ": "ends with Z", "2026-11-20T12:00:00+0100": "ends with Z", "2026-11-20T12:00:00+01": "ends with Z",
		"2026-11-20T12:00:00+1:000": "ends with Z", "2026-11-20T12:00:00*01:00": "ends with Z", "2026-11-20T12:00:00+01:0x": "ends with Z", "2026-11-20T12:00:00+01-00": "ends with Z",
		"2026-11-20T12:00:00+x1:00": "ends with Z", "2026-11-20T12:00:00+0x:00": "ends with Z", "2026-11-20T12:00:00+01:x0": "ends with Z",
		"2026-11-20T12:00:00.5": "ends with Z", "2026-11-20T12:00:00,5Z": "ends with Z",
		"2026-11-20T12:00:00.Z": "nine digits", "2026-11-20T12:00:00.1234567890Z": "nine digits",
		"2026-11-20T24:00:00Z": "time of day", "2026-11-20T12:60:00Z": "time of day", "2026-12-31T23:59:60Z": "time of day",
		"2026-11-20T12:00:00+24:00": "no such offset", "2026-11-20T12:00:00+01:60": "no such offset",
		"2026-02-29T00:00:00Z": "calendar", "2026-13-01T00:00:00Z": "calendar", "2026-00-01T00:00:00Z": "calendar", "2026-01-00T00:00:00Z": "calendar", "2026-01-32T00:00:00Z": "calendar",
		"0000-12-31T23:59:59Z": "years", "0000-12-31T23:59:59-01:00": "years", "0001-01-01T00:00:00+00:01": "years", "9999-12-31T23:59:59-00:01": "years",
	}
	for s, want := range bad {
		if got, err := policy.ParseTimestamp(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseTimestamp(%q) = %v, %v, want an error with %q", s, got, err, want)
		}
	}
}

func TestParseDuration(t *testing.T) {
	t.Parallel()
	good := map[string]time.Duration{
		"90s": 90 * time.Second, "1h30m": 90 * time.Minute, "-1.5h": -90 * time.Minute, "0": 0, "250ms": 250 * time.Millisecond,
		"-9223372036854775808ns": math.MinInt64,
	}
	for s, want := range good {
		if got, err := policy.ParseDuration(s); err != nil || got != want {
			t.Errorf("ParseDuration(%q) = %v, %v, want %v", s, got, err, want)
		}
	}
	for _, s := range []string{"", "90", "1d", "s", "9223372036854775808ns", "1h 30m"} {
		if got, err := policy.ParseDuration(s); err == nil || !strings.Contains(err.Error(), "90s") {
			t.Errorf("ParseDuration(%q) = %v, %v, want an error with an example", s, got, err)
		}
	}
}

func TestParseBytes(t *testing.T) {
	t.Parallel()
	good := map[string]string{"": "", "AA==": "\x00", "+/8=": "\xfb\xff", "YWJj": "abc"}
	for s, want := range good {
		if got, err := policy.ParseBytes(s); err != nil || string(got) != want {
			t.Errorf("ParseBytes(%q) = %q, %v, want %q", s, got, err, want)
		}
	}
	bad := map[string]string{
		"AA": "padding", "AB==": "padding", "-_8=": "padding", "AA==AA==": "padding", " AA==": "padding", "A": "padding", "YWJj\n": "line ends", "YW\rJj": "line ends",
	}
	for s, want := range bad {
		if got, err := policy.ParseBytes(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseBytes(%q) = %q, %v, want an error with %q", s, got, err, want)
		}
	}
}

func TestParseIP(t *testing.T) {
	t.Parallel()
	good := map[string]string{
		"192.0.2.7": "192.0.2.7", "2001:db8::7": "2001:db8::7", "2001:0DB8:0::0007": "2001:db8::7", "::ffff:192.0.2.7": "192.0.2.7", "::ffff:c000:207": "192.0.2.7",
		"::192.0.2.7": "::c000:207",
	}
	for s, want := range good {
		if got, err := policy.ParseIP(s); err != nil || got != netip.MustParseAddr(want) {
			t.Errorf("ParseIP(%q) = %v, %v, want %v", s, got, err, want)
		}
	}
	bad := map[string]string{
		"": "not an IP address", "192.0.2": "not an IP address", "192.0.02.7": "leading zeros", "::ffff:192.0.02.7": "leading zeros", "192.0.2.7/32": "not an IP address",
		"fe80::1%eth0": "zone", "::ffff:192.0.2.7%1": "zone", "[::1]": "not an IP address", " ::1": "not an IP address",
	}
	for s, want := range bad {
		if got, err := policy.ParseIP(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseIP(%q) = %v, %v, want an error with %q", s, got, err, want)
		}
	}
}

func TestParseCIDR(t *testing.T) {
	t.Parallel()
	good := []struct {
		text string
		bare bool
		want string
	}{
		{"192.0.2.0/24", false, "192.0.2.0/24"},
		{"0.0.0.0/0", false, "0.0.0.0/0"},
		{"192.0.2.7/32", true, "192.0.2.7/32"},
		{"2001:db8::/32", false, "2001:db8::/32"},
		{"::/0", false, "::/0"},
		{"::ffff:192.0.2.0/120", false, "192.0.2.0/24"},
		{"::ffff:0.0.0.0/96", false, "0.0.0.0/0"},
		{"192.0.2.7", true, "192.0.2.7/32"},
		{"2001:db8::7", true, "2001:db8::7/128"},
		{"::ffff:192.0.2.7", true, "192.0.2.7/32"},
	}
	for _, c := range good {
		if got, err := policy.ParseCIDR(c.text, c.bare); err != nil || got != netip.MustParsePrefix(c.want) {
			t.Errorf("ParseCIDR(%q, %v) = %v, %v, want %v", c.text, c.bare, got, err, c.want)
		}
	}
	bad := []struct {
		text string
		bare bool
		want string
	}{
		{"", false, "no prefix length"},
		{"192.0.2.7", false, "no prefix length"},
		{"192.0.02.7", true, "not an IP address"},
		{"192.0.2.0/33", false, "such as"},
		{"192.0.2.0/024", false, "such as"},
		{"192.0.2.0/+24", false, "such as"},
		{"192.0.2.0/", true, "such as"},
		{"fe80::%eth0/64", false, "such as"},
		{"192.0.2.7/24", true, "write 192.0.2.0/24"},
		{"2001:db8::7/32", false, "write 2001:db8::/32"},
		{"::ffff:192.0.2.7/120", false, "write 192.0.2.0/24"},
		{"::ffff:0.0.0.0/95", false, "write ::fffe:0:0/95"},
	}
	for _, c := range bad {
		if got, err := policy.ParseCIDR(c.text, c.bare); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("ParseCIDR(%q, %v) = %v, %v, want an error with %q", c.text, c.bare, got, err, c.want)
		}
	}
}
