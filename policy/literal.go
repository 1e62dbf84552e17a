package policy

import (
	"encoding/base64"
	"errors"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// The text forms of values, as docs/language.md, "The request's JSON", says them. A policy file and a request write them
// alike, so both read them here. The errors are short sentences for people that never repeat the text itself: it may
// belong to a sensitive signal. Only [ParseCIDR] shows a part of it, the range that was probably meant.

// ParseInt reads a 64-bit signed integer as JSON would write it: no sign but '-', no leading zeros, not "-0".
func ParseInt(s string) (int64, error) {
	if err := checkInteger(s); err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, errors.New("beyond the range of int, -9223372036854775808 to 9223372036854775807")
	}
	return n, nil
}

// ParseUint reads a 64-bit unsigned integer as JSON would write it: no sign, no leading zeros.
func ParseUint(s string) (uint64, error) {
	if err := checkInteger(s); err != nil {
		return 0, err
	}
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return 0, errors.New("beyond the range of uint, 0 to 18446744073709551615")
	}
	return n, nil
}

// checkInteger holds text against RFC 8259's `int`, but for "-0": one number has one text.
func checkInteger(s string) error {
	digits := strings.TrimPrefix(s, "-")
	for i := 0; i < len(digits); i++ {
		if !isDigit(digits[i]) {
			return errors.New("not an integer: digits alone, with at most a minus sign before them")
		}
	}
	switch {
	case digits == "":
		return errors.New("not an integer: there are no digits")
	case s == "-0":
		return errors.New("not an integer as JSON writes it: zero has no sign")
	case digits[0] == '0' && len(digits) > 1:
		return errors.New("not an integer as JSON writes it: no leading zeros")
	}
	return nil
}

// The years that a timestamp may lie in, in UTC.
const (
	minYear = 1
	maxYear = 9999
)

var errTimestamp = errors.New("not a timestamp such as 2026-11-20T12:00:00Z or 2026-11-20T13:00:00.5+01:00")

// ParseTimestamp reads an RFC 3339 timestamp with upper-case T and Z, or an offset in place of Z; seconds are 00 to 59, with up to
// nine decimals. The year is 0001 to 9999, as written and in UTC. The result is in UTC.
//
// It is written out because [time.Parse] also takes a decimal comma and more decimals than it keeps.
func ParseTimestamp(s string) (time.Time, error) {
	const form = "0000-00-00T00:00:00"
	if len(s) <= len(form) {
		return time.Time{}, errTimestamp
	}
	for i := range len(form) {
		if form[i] == '0' && !isDigit(s[i]) || form[i] != '0' && form[i] != s[i] {
			return time.Time{}, errTimestamp
		}
	}
	nanos, zone, ok := fraction(s[len(form):])
	if !ok {
		return time.Time{}, errors.New("not a timestamp: after the seconds' point stand one to nine digits")
	}
	offset, err := parseOffset(zone)
	if err != nil {
		return time.Time{}, err
	}
	year, month, day := number(s[0:4]), time.Month(number(s[5:7])), number(s[8:10])
	hour, minute, second := number(s[11:13]), number(s[14:16]), number(s[17:19])
	if hour > 23 || minute > 59 || second > 59 {
		return time.Time{}, errors.New("not a timestamp: no such time of day (hours 00 to 23, minutes and seconds 00 to 59)")
	}
	t := time.Date(year, month, day, hour, minute, second, nanos, time.UTC)
	if t.Month() != month || t.Day() != day { // Date normalises 30 February into March.
		return time.Time{}, errors.New("not a timestamp: no such day in the calendar")
	}
	u := t.Add(-offset)
	if year < minYear || u.Year() < minYear || u.Year() > maxYear {
		return time.Time{}, errors.New("beyond the range of timestamp, the years 0001 to 9999 in UTC")
	}
	return u, nil
}

// fraction reads the decimals of a second, if there are any, and returns what follows them.
func fraction(s string) (nanos int, rest string, ok bool) {
	if s[0] != '.' {
		return 0, s, true
	}
	n := 1
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	if n == 1 || n > 1+9 {
		return 0, "", false
	}
	nanos = number(s[1:n])
	for range 1 + 9 - n {
		nanos *= 10
	}
	return nanos, s[n:], true
}

// parseOffset reads a timestamp's end: Z, or the distance from UTC.
func parseOffset(s string) (time.Duration, error) {
	if s == "Z" {
		return 0, nil
	}
	if len(s) != len("+00:00") || s[0] != '+' && s[0] != '-' || s[3] != ':' ||
		!isDigit(s[1]) || !isDigit(s[2]) || !isDigit(s[4]) || !isDigit(s[5]) {
		return 0, errors.New("not a timestamp: it ends with Z or an offset such as +01:00")
	}
	hours, minutes := number(s[1:3]), number(s[4:6])
	if hours > 23 || minutes > 59 {
		return 0, errors.New("not a timestamp: no such offset (hours 00 to 23, minutes 00 to 59)")
	}
	offset := time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	if s[0] == '-' {
		return -offset, nil
	}
	return offset, nil
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// number is the value of a few digits.
func number(digits string) int {
	n := 0
	for i := range len(digits) {
		n = n*10 + int(digits[i]-'0')
	}
	return n
}

// ParseDuration reads a duration in CEL's form, which is Go's: "90s", "1h30m", "-1.5h", "250ms".
func ParseDuration(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, errors.New("not a duration such as 90s or 1h30m, of up to 292 years")
	}
	return d, nil
}

// ParseBytes reads base64 in the standard alphabet, padded. Bits that no byte needs are zero, and nothing stands between the
// characters, so that equal bytes have equal texts.
func ParseBytes(s string) ([]byte, error) {
	// The decoder skips line ends even where it is strict.
	if strings.ContainsAny(s, "\r\n") {
		return nil, errors.New("not base64: it has line ends")
	}
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil {
		return nil, errors.New("not base64 in the standard alphabet with padding")
	}
	return b, nil
}

var (
	errIP   = errors.New("not an IP address such as 192.0.2.7 or 2001:db8::7, without leading zeros")
	errZone = errors.New("not an IP address alone: it has a zone")
)

// ParseIP reads an IPv4 or IPv6 address without a zone. An IPv4 number has no leading zeros, which some read as octal; the
// groups of IPv6 may, there is one reading. An IPv4-mapped IPv6 address is the IPv4 address.
func ParseIP(s string) (netip.Addr, error) {
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Addr{}, errIP
	}
	if a.Zone() != "" {
		return netip.Addr{}, errZone
	}
	return a.Unmap(), nil
}

// mappedBits is the length of the prefix ::ffff:0:0/96, under which IPv6 maps IPv4.
const mappedBits = 96

// ParseCIDR reads an address range. Bits below the prefix are an error, which suggests the range without them. A range of
// IPv4-mapped addresses is the IPv4 range. A bare address is the range of that address alone, where bare says so.
func ParseCIDR(s string, bare bool) (netip.Prefix, error) {
	if !strings.Contains(s, "/") {
		if !bare {
			return netip.Prefix{}, errors.New("not an address range such as 192.0.2.0/24: there is no prefix length")
		}
		a, err := ParseIP(s)
		if err != nil {
			return netip.Prefix{}, err
		}
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return netip.Prefix{}, errors.New("not an address range such as 192.0.2.0/24 or 2001:db8::/32")
	}
	// A shorter prefix than mappedBits cuts through the ffff of a mapped address, so it fails below.
	if p.Addr().Is4In6() && p.Bits() >= mappedBits {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-mappedBits)
	}
	if m := p.Masked(); m != p {
		return netip.Prefix{}, errors.New("not an address range: bits below the prefix are set; write " + m.String())
	}
	return p, nil
}
