package guest_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rungpolicy/rung/internal/zone"
	"github.com/rungpolicy/rung/wasm/internal/guest"
	"github.com/rungpolicy/rung/wasm/internal/table"
)

// The range of timestamps: the years 1 to 9999.
const (
	firstSecond = -62135596800
	lastSecond  = 253402300799
)

// nz is what is left of a timestamp without its seconds: nanoseconds, and the offset in minutes.
func nz(t time.Time) uint64 {
	_, offset := t.Zone()
	return uint64(t.Nanosecond()) | uint64(uint32(int32(offset/60)))<<32
}

func timestamp(t time.Time) result {
	if t.Unix() < firstSecond || t.Unix() > lastSecond {
		return result{returned: overflow}
	}
	return result{out: []uint64{uint64(t.Unix()), nz(t)}}
}

// rfc3339 is cel-go's pattern of what a timestamp may look like. Of these time.Parse takes those that are one.
var rfc3339 = regexp.MustCompile(
	`^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$`)

func parseTimestampCall(s string) call {
	want := result{returned: badValue}
	if t, err := time.Parse(time.RFC3339, s); err == nil && rfc3339.MatchString(s) {
		want = timestamp(t)
	}
	return call{"rt_ts_parse", []any{s}, want}
}

// moment is a random time in a random offset, of the years 1 to 9999 in UTC.
func moment(r *rand.Rand) time.Time {
	sec := firstSecond + r.Int64N(lastSecond-firstSecond+1)
	switch r.IntN(6) {
	case 0:
		sec = time.Date(1+r.IntN(9999), time.Month(1+r.IntN(12)), 1, 0, 0, r.IntN(3)-1, 0, time.UTC).Unix()
	case 1:
		sec = firstSecond + r.Int64N(100_000)
	case 2:
		sec = lastSecond - r.Int64N(100_000)
	case 3:
		sec = int64(r.Uint32())
	}
	nanos := []int64{0, 0, 1, 999_999_999, 100_000_000, r.Int64N(1e9), r.Int64N(1000) * 1e6}[r.IntN(7)]
	offset := 0
	if r.IntN(2) == 0 {
		offset = r.IntN(2*1440-1) - 1439
	}
	return time.Unix(max(firstSecond, min(lastSecond, sec)), nanos).In(time.FixedZone("", offset*60))
}

func TestParseTimestamp(t *testing.T) {
	t.Parallel()
	r := newRand()
	var calls []call
	for _, s := range []string{
		"", "2026-11-24T00:00:00Z", "2026-11-24t00:00:00Z", "2026-11-24T00:00:00z", "2026-11-24 00:00:00Z", "2026-11-24T00:00:00",
		"2026-11-24T24:00:00Z", "2026-11-24T23:59:60Z", "2026-11-24T23:60:00Z", "2026-02-29T00:00:00Z", "2024-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2000-02-29T00:00:00Z",
		"2026-04-31T00:00:00Z", "2026-00-01T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z",
		"0000-01-01T00:00:00Z", "0000-02-29T00:00:00Z", "0000-02-30T00:00:00Z", "0000-12-31T23:59:59-00:01", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59-00:01",
		"9999-12-31T23:59:59+23:59", "2026-11-24T00:00:00+24:00", "2026-11-24T00:00:00+00:60", "2026-11-24T00:00:00-00:00", "2026-11-24T00:00:00+0000", "2026-11-24T00:00:00+00",
		"2026-11-24T00:00:00.Z", "2026-11-24T00:00:00.", "2026-11-24T00:00:00.1234567891Z", "2026-11-24T00:00:00." + strings.Repeat("9", 100) + "Z", "2026-11-24T00:00:00,5Z", "2026-11-24T00:00:00.5.5Z",
		"2026-11-24T00:00:00ZZ", "2026-11-24T00:00:00Z ", "+026-11-24T00:00:00Z", "2026-1-24T00:00:000Z",
	} {
		calls = append(calls, parseTimestampCall(s))
	}
	for range 150_000 {
		calls = append(calls, parseTimestampCall(timestampText(r)))
	}
	run(t, calls)
}

// timestampText is a text that is mostly a timestamp.
func timestampText(r *rand.Rand) string {
	s := moment(r).Format([]string{time.RFC3339, time.RFC3339Nano, "2006-01-02T15:04:05.000Z07:00"}[r.IntN(3)])
	if r.IntN(4) == 0 {
		s = fmt.Sprintf("%04d-%02d-%02dT%02d:%02d:%02d", r.IntN(10000), r.IntN(14), r.IntN(33), r.IntN(26), r.IntN(62), r.IntN(62)) + "Z"
	}
	if r.IntN(2) == 0 {
		s = mutate(r, s, "0123456789-:.+TZtz ")
	}
	return s
}

func TestTimestampText(t *testing.T) {
	t.Parallel()
	r := newRand()
	var calls []call
	for range 100_000 {
		m := moment(r)
		calls = append(calls, call{"rt_ts_to_str", []any{uint64(m.Unix()), nz(m)}, made(m.Format(time.RFC3339Nano))})
	}
	run(t, calls)
}

// duration is a random duration, of any size, at times near one that matters.
func duration(r *rand.Rand) time.Duration {
	d := time.Duration(r.Uint64()) >> r.IntN(64)
	switch r.IntN(5) {
	case 0:
		d = []time.Duration{math.MaxInt64, math.MinInt64, math.MinInt64 + 1, 0, 1, -1, 1e9, -1e9, 9223372036e9, -9223372036e9}[r.IntN(10)]
	case 1:
		d = time.Duration(r.Int64N(9e9)) * time.Second / time.Duration(1+r.IntN(9))
	case 2:
		d = d/time.Hour*time.Hour - time.Duration(r.IntN(3))
	}
	return d
}

// sum is what cel-go makes of a timestamp and a duration: the seconds and nanoseconds are added each, so nothing overflows.
func sum(m time.Time, d time.Duration) result {
	sec, nanos := m.Unix()+int64(d/time.Second), int64(m.Nanosecond())+int64(d%time.Second)
	return timestamp(time.Unix(sec, nanos).In(m.Location()))
}

func TestTimestampArithmetic(t *testing.T) {
	t.Parallel()
	r := newRand()
	var calls []call
	for range 60_000 {
		m, n, d := moment(r), moment(r), duration(r)
		if r.IntN(2) == 0 {
			n = m.Add(d / time.Duration(1+r.IntN(3)))
		}
		if n.Unix() < firstSecond || n.Unix() > lastSecond {
			n = m
		}
		sec, rest, sec2, rest2 := uint64(m.Unix()), nz(m), uint64(n.Unix()), nz(n)
		minus := result{returned: overflow}
		if d != math.MinInt64 {
			minus = sum(m, -d)
		}
		// As in cel-go, the seconds alone may not be too many.
		diff := result{returned: overflow}
		if s := m.Unix() - n.Unix(); s <= 9223372036 && s >= -9223372036 {
			diff = added(s*1e9, int64(m.Nanosecond()-n.Nanosecond()))
		}
		calls = append(calls,
			call{"rt_ts_add", []any{sec, rest, uint64(d)}, sum(m, d)},
			call{"rt_ts_sub_dur", []any{sec, rest, uint64(d)}, minus},
			call{"rt_ts_diff", []any{sec, rest, sec2, rest2}, diff},
			call{"rt_ts_cmp", []any{sec, rest, sec2, rest2}, result{returned: uint64(m.Compare(n))}},
			call{"rt_ts_cmp", []any{sec, rest, sec, nz(m.UTC())}, result{}},
			call{"rt_ts_from_int", []any{uint64(d)}, timestamp(time.Unix(int64(d), 0).UTC())},
			call{"rt_ts_from_int", []any{sec}, timestamp(time.Unix(m.Unix(), 0).UTC())})
	}
	for _, sec := range []int64{firstSecond, firstSecond - 1, lastSecond, lastSecond + 1, math.MaxInt64, math.MinInt64, 0} {
		want := result{returned: overflow}
		if sec >= firstSecond && sec <= lastSecond {
			want = result{out: []uint64{uint64(sec), 0}}
		}
		calls = append(calls, call{"rt_ts_from_int", []any{uint64(sec)}, want})
	}
	run(t, calls)
}

// added is a sum of integers, unless it overflows.
func added(a, b int64) result {
	if c := a + b; (c > a) == (b > 0) {
		return result{out: []uint64{uint64(c)}}
	}
	return result{returned: overflow}
}

func parseDurationCall(s string) call {
	d, err := time.ParseDuration(s)
	return call{"rt_dur_parse", []any{s}, value(codeOf(err), uint64(d))}
}

func TestDurations(t *testing.T) {
	t.Parallel()
	r := newRand()
	var calls []call
	for _, s := range []string{
		"", "0", "+0", "-0", "+", "-", "00", "0s", ".s", "1.s", ".5s", "1", "1x", "1µs", "1μs", "1us", "1\xb5s", "1h1h", "1h-1s", "1h 1s", "-9223372036854775808ns",
		"9223372036854775808ns", "9223372036854775807ns", "-9223372036854775809ns", "2562047h47m16.854775807s", "2562047h47m16.854775808s", "-2562047h47m16.854775808s", "-2562047h47m16.854775809s",
		"9223372036854775808h", "0.9223372036854775808s", "0.9223372036854775807s", "0.92233720368547758070000000001s", "0.3333333333333333333h", "1.0000000000000000000000000001h", "0.000000000001ns",
		"9223372036854775.808us", "9223372036854775.807us", "1e3s", "Infs", "1S", "1M", "1d", "1ss", "1ms1", "1h.5m", "1..5s", "0.100000000000000000000h", "0.830103483285477580700h",
	} {
		calls = append(calls, parseDurationCall(s))
	}
	for range 120_000 {
		calls = append(calls, parseDurationCall(durationText(r)))
	}
	for range 60_000 {
		d, e := duration(r), duration(r)
		minus := result{returned: overflow}
		if c := d - e; (c < d) == (e > 0) {
			minus = result{out: []uint64{uint64(c)}}
		}
		calls = append(calls,
			call{"rt_dur_to_str", []any{uint64(d)}, made(strconv.FormatFloat(d.Seconds(), 'f', -1, 64) + "s")},
			call{"rt_dur_add", []any{uint64(d), uint64(e)}, added(int64(d), int64(e))},
			call{"rt_dur_sub", []any{uint64(d), uint64(e)}, minus},
			call{"rt_dur_get", []any{uint64(guest.GetHours), uint64(d)}, result{returned: uint64(int64(d.Hours()))}},
			call{"rt_dur_get", []any{uint64(guest.GetMinutes), uint64(d)}, result{returned: uint64(int64(d.Minutes()))}},
			call{"rt_dur_get", []any{uint64(guest.GetSeconds), uint64(d)}, result{returned: uint64(int64(d.Seconds()))}},
			call{"rt_dur_get", []any{uint64(guest.GetMilliseconds), uint64(d)}, result{returned: uint64(d.Milliseconds())}})
	}
	run(t, calls)
}

// durationText is a text that is mostly a duration.
func durationText(r *rand.Rand) string {
	s := duration(r).String()
	if r.IntN(2) == 0 {
		s = fmt.Sprintf("%d.%d%s", number(r)>>r.IntN(64), number(r)>>r.IntN(64), []string{"h", "m", "s", "ms", "us", "µs", "μs", "ns"}[r.IntN(8)])
	}
	if r.IntN(2) == 0 {
		s = mutate(r, s, "0123456789.-+hmnsuµ ")
	}
	return s
}

// getters read what rt_ts_get reads, in the order of its numbers.
var getters = []func(time.Time) int{
	time.Time.Year,
	func(t time.Time) int { return int(t.Month()) - 1 },
	time.Time.Day,
	func(t time.Time) int { return t.Day() - 1 },
	func(t time.Time) int { return int(t.Weekday()) },
	func(t time.Time) int { return t.YearDay() - 1 },
	time.Time.Hour,
	time.Time.Minute,
	time.Time.Second,
	func(t time.Time) int { return t.Nanosecond() / 1e6 },
}

func getCall(which int, m time.Time, data []byte, loc *time.Location) call {
	var z any = data
	if data == nil {
		z = uint64(0) // UTC
	}
	return call{"rt_ts_get", []any{uint64(which), uint64(m.Unix()), nz(m), z}, result{returned: uint64(getters[which](m.In(loc)))}}
}

func TestGetters(t *testing.T) {
	t.Parallel()
	r := newRand()
	var calls []call
	for range 20_000 {
		m := moment(r)
		name := fmt.Sprintf("%s%02d:%02d", []string{"", "+", "-"}[r.IntN(3)], r.IntN(24), r.IntN(60))
		data, err := table.Zone(name)
		if err != nil {
			t.Fatal(err)
		}
		seconds, _ := zone.Offset(name)
		for which := range getters {
			calls = append(calls, getCall(which, m, nil, time.UTC), getCall(which, m, data, time.FixedZone("", seconds)))
		}
	}
	run(t, calls)
}

// TestZones asks every zone of the time around each of its transitions, of the years that follow the last, and of any time at all.
func TestZones(t *testing.T) {
	t.Parallel()
	r := newRand()
	var calls []call
	total, most := 0, 0
	names := zone.Names()
	slices.Sort(names)
	seen := make(map[string]bool) // many names are links
	for _, name := range names {
		data, err := table.Zone(name)
		if err != nil {
			t.Fatal(err)
		}
		total += len(data)
		most = max(most, len(data))
		if seen[string(data)] {
			continue
		}
		seen[string(data)] = true
		loc, err := zone.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		add := func(m time.Time) {
			calls = append(calls, getCall(guest.GetHours, m, data, loc), getCall(r.IntN(len(getters)), m, data, loc))
		}
		for m := time.Unix(firstSecond, 0); ; {
			_, end := m.In(loc).ZoneBounds()
			if end.IsZero() || end.Year() > 2110 {
				break
			}
			before := m
			add(end.Add(-time.Second))
			add(end)
			if m = end; !m.After(before) { // the end of a leap year is one day late for ZoneBounds
				m = before.AddDate(0, 0, 2)
			}
		}
		for range 5 {
			year := 2037 + r.IntN(7900)
			for _, m := range []time.Time{time.Date(year, 1, 1, 0, 0, 0, 0, loc), time.Date(year, 7, 1, 0, 0, 0, 0, loc), time.Date(year, 12, 31, 23, 59, 59, 0, loc)} {
				_, end := m.ZoneBounds()
				add(m)
				if !end.IsZero() {
					add(end.Add(-time.Second))
					add(end)
				}
			}
			add(moment(r))
		}
	}
	t.Logf("%d zones, %d of them different: %d bytes on average, %d at most", len(names), len(seen), total/len(names), most)
	run(t, calls)
}

// TestComputedZones reads offsets at run time.
func TestComputedZones(t *testing.T) {
	t.Parallel()
	r := newRand()
	m := instantiate(t, compiler())
	for i := range 50_000 {
		name := fmt.Sprintf("%s%02d:%02d", []string{"", "+", "-"}[r.IntN(3)], r.IntN(26), r.IntN(62))
		switch {
		case i < 14:
			name = []string{"", "UTC", "utc", "Local", "Europe/Zurich", ":", "1:", ":1", "-00:30", "+0:+5", "01:-0", "--1:00", "000000000001:000005", "1:2:3"}[i]
		case i%2 == 0:
			name = mutate(r, name, "0123456789+-: ")
		}
		m.heap.Set(m.start)
		code := m.raw(t, "rt_zone_parse", uint64(len(name))<<32|uint64(m.put(name)))
		seconds, err := 0, error(nil)
		if name != "" && name != "UTC" {
			seconds, err = zone.Offset(name)
			if !strings.Contains(name, ":") {
				err = strconv.ErrSyntax
			}
		}
		if code != codeOf(err) {
			t.Fatalf("%q is read with code %d, want %v", name, code, err)
		}
		if err != nil {
			continue
		}
		now := moment(r)
		got := m.raw(t, "rt_ts_get", guest.GetMinutes, uint64(now.Unix()), nz(now), m.word(m.out))
		if want := now.In(time.FixedZone("", seconds)).Minute(); int(got) != want {
			t.Fatalf("%q: minute %d, want %d", name, got, want)
		}
	}
}
