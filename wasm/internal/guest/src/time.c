// Timestamps, durations and zones. A timestamp is seconds since 1970 in UTC, and nz: nanoseconds, with the offset from UTC in minutes
// that it was written with in the high 32 bits.

#include "rt.h"

#define FIRST_SECOND (-62135596800ll) // 0001-01-01T00:00:00Z
#define LAST_SECOND 253402300799ll    // 9999-12-31T23:59:59Z
#define EPOCH_DAY 719468              // days from 0000-03-01 to 1970-01-01; all local times are after the former
#define CYCLE 146097                  // days of 400 years, after which the calendar repeats. January of the year 0 is counted a cycle later.
#define DAY 86400
#define SECOND 1000000000ll

// days_of counts the days from 0000-03-01 to the first of a month, which may be the 13th.
static SMALL u32 days_of(u32 year, u32 month) {
	u32 y = month <= 2 ? year - 1 : year, m = month <= 2 ? month + 9 : month - 3;
	return y * 365 + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5;
}

#define YEAR(date) ((date) >> 9)
#define MONTH(date) ((date) >> 5 & 15)
#define MONTHDAY(date) ((date) & 31)

// date_of is the date of a day since 0000-03-01: year << 9 | month << 5 | day of the month.
static SMALL u32 date_of(u32 days) {
	u32 era = days / 146097, doe = days % 146097;
	u32 yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	u32 doy = doe - (365 * yoe + yoe / 4 - yoe / 100), m = (5 * doy + 2) / 153;
	u32 day = doy - (153 * m + 2) / 5 + 1, month = m < 10 ? m + 3 : m - 9;
	return (yoe + era * 400 + (month <= 2)) << 9 | month << 5 | day;
}

// clock is the local time as seconds since 0000-03-01.
static inline u64 clock(i64 sec, i32 offset) { return (u64)(sec + offset + (i64)EPOCH_DAY * DAY); }

// A zone is constant data, as package table makes it: little-endian, aligned to 4.
struct zone {
	i32 before;           // the offset before the first transition, in seconds east of UTC
	u16 transitions;      // how many
	u16 early;            // so many of them are before 1970
	u16 offsets;          // how many different ones there are
	u16 rule;             // whether a rule holds from the last transition on
	u32 at[];             // the low words of the transitions' seconds since 1970
	// i32 offset[offsets]
	// struct rule, if there is one
	// u8 index[transitions]: of the offset from a transition on
};

// A rule is daylight saving time as POSIX has it: the day (month<<16 | week<<8 | weekday) and the time of each change.
struct rule {
	i32 standard, daylight;
	u32 start;
	i32 start_time;
	u32 end;
	i32 end_time;
};

// change is when a change takes place, in seconds since 0000-03-01 UTC.
static SMALL i64 change(u32 year, u32 day, i32 time, i32 offset) {
	u32 month = day >> 16, first = days_of(year, month), weekday = (first + 3) % 7;
	u32 d = ((day & 255) + 7 - weekday) % 7 + 7 * ((day >> 8 & 255) - 1), n = days_of(year, month + 1) - first;
	while (d >= n) {
		d -= 7;
	}
	return (i64)(first + d) * DAY + time - offset;
}

static SMALL i32 rule_offset(const struct rule *r, i64 sec) {
	u64 t = clock(sec, 0);
	u32 year = YEAR(date_of((u32)(t / DAY)));
	i64 start = change(year, r->start, r->start_time, r->standard), end = change(year, r->end, r->end_time, r->daylight);
	// In the south the year begins in daylight saving time.
	u32 south = end < start;
	u32 inside = south ? (i64)t >= end && (i64)t < start : (i64)t >= start && (i64)t < end;
	return inside != south ? r->daylight : r->standard;
}

// zone_offset is the offset at a moment. No zone is UTC.
static SMALL i32 zone_offset(const struct zone *z, i64 sec) {
	if (z == 0) {
		return 0;
	}
	// Transitions are between 2^32 seconds before 1970 and as many after it; package table sees to it.
	u32 lo = sec < 0 ? 0 : z->early, n = z->transitions, hi = sec < 0 ? z->early : n;
	i64 high = sec >> 32;
	if (high < -1) {
		hi = 0;
	} else if (high > 0) {
		lo = n;
	}
	while (lo < hi) { // the first transition after sec
		u32 mid = (lo + hi) >> 1;
		if (z->at[mid] <= (u32)sec) {
			lo = mid + 1;
		} else {
			hi = mid;
		}
	}
	const i32 *offset = (const i32 *)(z->at + n);
	const struct rule *r = (const struct rule *)(offset + z->offsets);
	if (z->rule && lo == n) {
		return rule_offset(r, sec);
	}
	return lo == 0 ? z->before : offset[((const u8 *)(r + z->rule))[lo - 1]];
}

enum { FULL_YEAR, MONTH_OF_YEAR, DATE, DAY_OF_MONTH, DAY_OF_WEEK, DAY_OF_YEAR, HOURS, MINUTES, SECONDS, MILLISECONDS };

SMALL i64 rt_ts_get(u32 which, i64 sec, i64 nz, const u8 *zone) {
	if (which == MILLISECONDS) {
		return (u32)nz / 1000000;
	}
	u64 t = clock(sec, zone_offset((const struct zone *)zone, sec));
	u32 days = (u32)(t / DAY), s = (u32)(t % DAY);
	if (which >= HOURS) {
		return which == HOURS ? s / 3600 : which == MINUTES ? s / 60 % 60 : s % 60;
	}
	if (which == DAY_OF_WEEK) {
		return (days + 3) % 7;
	}
	u32 date = date_of(days);
	switch (which) {
	case FULL_YEAR:
		return YEAR(date);
	case MONTH_OF_YEAR:
		return MONTH(date) - 1;
	case DATE:
		return MONTHDAY(date);
	case DAY_OF_MONTH:
		return MONTHDAY(date) - 1;
	}
	return days + CYCLE - days_of(YEAR(date) + 400, 1);
}

// decimal is a number of n digits; more than any is 0xffff, if there is something else among them.
static SMALL u32 decimal(const u8 *p, u32 n) {
	u32 v = 0, bad = 0;
	for (; n > 0; n--) {
		u32 d = *p++ - (u32)'0';
		bad |= d > 9;
		v = v * 10 + d;
	}
	return bad ? 0xffff : v;
}

static inline i32 set_ts(i64 sec, u64 nz) {
	if (sec < FIRST_SECOND || sec > LAST_SECOND) {
		return OVERFLOW;
	}
	rt_out[0] = (u64)sec;
	rt_out[1] = nz;
	return OK;
}

i32 rt_ts_from_int(i64 sec) { return set_ts(sec, 0); }

// rt_ts_parse takes RFC 3339 with T and Z in capitals, no leap second, and any number of decimals, of which nine count.
SMALL i32 rt_ts_parse(str s) {
	const u8 *p = at(s), *end = p + len(s);
	if (len(s) < 20) {
		return BAD_VALUE;
	}
	u32 year = decimal(p, 4), month = decimal(p + 5, 2), day = decimal(p + 8, 2);
	u32 hour = decimal(p + 11, 2), minute = decimal(p + 14, 2), second = decimal(p + 17, 2);
	u32 first = days_of(year + 400, month), last = days_of(year + 400, month + 1) - first;
	if (year > 9999 || month - 1 > 11 || day - 1 >= last || hour > 23 || minute > 59 || second > 59 || p[4] != '-' || p[7] != '-' || p[10] != 'T' ||
	    p[13] != ':' || p[16] != ':') {
		return BAD_VALUE;
	}
	i64 sec = ((i64)first + day - 1 - CYCLE - EPOCH_DAY) * DAY + hour * 3600 + minute * 60 + second;
	u32 nanos = 0;
	p += 19;
	if (*p == '.') {
		u32 unit = 1000000000;
		for (p++; p < end && *p - (u32)'0' <= 9; p++) {
			unit /= 10;
			nanos += unit * (*p - (u32)'0');
		}
		if (p[-1] == '.') {
			return BAD_VALUE;
		}
	}
	i32 offset = 0;
	if (end - p == 6 && (*p == '+' || *p == '-') && p[3] == ':') {
		u32 hours = decimal(p + 1, 2), minutes = decimal(p + 4, 2);
		if (hours > 23 || minutes > 59) {
			return BAD_VALUE;
		}
		offset = (i32)(hours * 60 + minutes);
		offset = *p == '-' ? -offset : offset;
	} else if (end - p != 1 || *p != 'Z') {
		return BAD_VALUE;
	}
	return set_ts(sec - offset * 60, nanos | (u64)(u32)offset << 32);
}

// put_two writes two digits and what stands before them.
static SMALL u8 *put_two(u8 *p, u32 before, u32 v) {
	p[0] = (u8)before;
	p[1] = (u8)('0' + v / 10);
	p[2] = (u8)('0' + v % 10);
	return p + 3;
}

// rt_ts_to_str is RFC 3339 with the decimals that are needed, in the offset that the timestamp was written with.
SMALL str rt_ts_to_str(i64 sec, i64 nz) {
	i32 offset = (i32)(nz >> 32);
	u32 nanos = (u32)nz;
	u64 t = clock(sec, offset * 60);
	u32 date = date_of((u32)(t / DAY)), s = (u32)(t % DAY), year = YEAR(date);
	u8 *p = rt_alloc(40), *start = p + (year < 10000);
	p = put_two(p, '0' + year / 10000, year / 100 % 100);
	p = put_two(p, '0', year % 100);
	p[-3] = p[-2]; // the second half of the year follows at once
	p[-2] = p[-1];
	p = put_two(p - 1, '-', MONTH(date));
	p = put_two(p, '-', MONTHDAY(date));
	p = put_two(p, 'T', s / 3600);
	p = put_two(p, ':', s / 60 % 60);
	p = put_two(p, ':', s % 60);
	if (nanos != 0) {
		*p++ = '.';
		for (u32 unit = 100000000; nanos != 0; unit /= 10) {
			*p++ = (u8)('0' + nanos / unit);
			nanos %= unit;
		}
	}
	if (offset == 0) {
		*p++ = 'Z';
	} else {
		u32 minutes = (u32)(offset < 0 ? -offset : offset);
		p = put_two(p, offset < 0 ? '-' : '+', minutes / 60);
		p = put_two(p, ':', minutes % 60);
	}
	return STR(start, p - start);
}

i32 rt_ts_cmp(i64 sec, i64 nz, i64 sec2, i64 nz2) {
	i64 a = sec, b = sec2;
	if (a == b) {
		a = (u32)nz;
		b = (u32)nz2;
	}
	return (a > b) - (a < b);
}

SMALL i32 rt_ts_add(i64 sec, i64 nz, i64 dur) {
	i64 nanos = (u32)nz + dur % SECOND;
	sec += dur / SECOND;
	if (nanos < 0) {
		nanos += SECOND;
		sec--;
	} else if (nanos >= SECOND) {
		nanos -= SECOND;
		sec++;
	}
	return set_ts(sec, (u64)nz >> 32 << 32 | (u64)nanos);
}

i32 rt_ts_sub_dur(i64 sec, i64 nz, i64 dur) {
	if (dur == (i64)((u64)1 << 63)) {
		return OVERFLOW;
	}
	return rt_ts_add(sec, nz, -dur);
}

i32 rt_dur_add(i64 a, i64 b) {
	i64 r = (i64)((u64)a + (u64)b);
	if (((a ^ r) & (b ^ r)) < 0) {
		return OVERFLOW;
	}
	rt_out[0] = (u64)r;
	return OK;
}

i32 rt_dur_sub(i64 a, i64 b) {
	i64 r = (i64)((u64)a - (u64)b);
	if (((a ^ b) & (a ^ r)) < 0) {
		return OVERFLOW;
	}
	rt_out[0] = (u64)r;
	return OK;
}

i32 rt_ts_diff(i64 sec, i64 nz, i64 sec2, i64 nz2) {
	i64 d = sec - sec2;
	if (d > 9223372036 || d < -9223372036) {
		return OVERFLOW;
	}
	return rt_dur_add(d * SECOND, (i64)(u32)nz - (i64)(u32)nz2);
}

// rt_zone_parse makes the zone of a text that a condition computes: empty or UTC, or an offset as cel-go reads it, sign, hours, colon
// and minutes, of any number of digits.
SMALL i32 rt_zone_parse(str s) {
	const u8 *p = at(s);
	u32 n = len(s), i = 0;
	if (n == 0 || (n == 3 && p[0] == 'U' && p[1] == 'T' && p[2] == 'C')) {
		rt_out[0] = 0;
		return OK;
	}
	while (i < n && p[i] != ':') {
		i++;
	}
	if (i == n || rt_str_to_int(STR(p, i)) != OK) {
		return BAD_VALUE;
	}
	i64 hours = (i64)rt_out[0];
	if (rt_str_to_int(STR(p + i + 1, n - i - 1)) != OK) {
		return BAD_VALUE;
	}
	i64 minutes = (i64)rt_out[0];
	if (hours < -23 || hours > 23 || minutes < 0 || minutes > 59) {
		return BAD_VALUE;
	}
	struct zone *z = rt_alloc(sizeof(struct zone));
	z->before = (i32)(hours * 60 + (p[0] == '-' ? -minutes : minutes)) * 60;
	store64(&z->transitions, 0);
	rt_out[0] = ADDR(z);
	return OK;
}

// unit_of is the number of nanoseconds of a unit; 0: there is no such unit.
static SMALL i64 unit_of(const u8 *p, u32 n) {
	u32 c = p[0];
	if (n == 1) {
		return c == 's' ? SECOND : c == 'm' ? 60 * SECOND : c == 'h' ? 3600 * SECOND : 0;
	}
	if (p[n - 1] != 's') {
		return 0;
	}
	if (n == 2) {
		return c == 'n' ? 1 : c == 'u' ? 1000 : c == 'm' ? 1000000 : 0;
	}
	// The micro sign, and the Greek letter.
	return n == 3 && ((c == 0xc2 && p[1] == 0xb5) || (c == 0xce && p[1] == 0xbc)) ? 1000 : 0;
}

#define MAX_DUR ((u64)1 << 63)

// rt_dur_parse is Go's time.ParseDuration: fractions are computed with as doubles, as there.
SMALL i32 rt_dur_parse(str s) {
	const u8 *p = at(s), *end = p + len(s);
	u32 minus = p < end && *p == '-';
	p += minus || (p < end && *p == '+');
	rt_out[0] = 0;
	if (end - p == 1 && *p == '0') {
		return OK;
	}
	if (p == end) {
		return BAD_VALUE;
	}
	u64 sum = 0;
	while (p < end) {
		u64 v = 0, fraction = 0;
		f64 scale = 1;
		u32 any = 0, full = 0;
		for (; p < end && *p - (u32)'0' <= 9; p++) {
			if (v > MAX_DUR / 10) {
				return BAD_VALUE;
			}
			v = v * 10 + (*p - (u32)'0');
			if (v > MAX_DUR) {
				return BAD_VALUE;
			}
			any = 1;
		}
		if (p < end && *p == '.') {
			for (p++; p < end && *p - (u32)'0' <= 9; p++) {
				u64 next = fraction * 10 + (*p - (u32)'0');
				full |= fraction > (MAX_DUR - 1) / 10 || next > MAX_DUR;
				if (!full) {
					fraction = next;
					scale *= 10;
				}
				any = 1;
			}
		}
		const u8 *from = p;
		while (p < end && *p != '.' && *p - (u32)'0' > 9) {
			p++;
		}
		if (!any || p == from) {
			return BAD_VALUE;
		}
		u64 unit = (u64)unit_of(from, (u32)(p - from));
		if (unit == 0 || v > MAX_DUR / unit) {
			return BAD_VALUE;
		}
		v *= unit;
		if (fraction > 0) {
			v += (u64)((f64)fraction * ((f64)unit / scale));
		}
		sum += v; // both are at most 2^63
		if (v > MAX_DUR || sum > MAX_DUR) {
			return BAD_VALUE;
		}
	}
	if (sum == MAX_DUR && !minus) {
		return BAD_VALUE;
	}
	rt_out[0] = minus ? -sum : sum;
	return OK;
}

// in_units is a duration in a unit, as a double, rounded as Go's Duration.Hours and its like round it.
static inline f64 in_units(i64 dur, i64 unit) { return (f64)(dur / unit) + (f64)(dur % unit) / (f64)unit; }

str rt_dur_to_str(i64 dur) { return format_double(in_units(dur, SECOND), 0, 's'); }

SMALL i64 rt_dur_get(u32 which, i64 dur) {
	if (which == MILLISECONDS) {
		return dur / 1000000;
	}
	return (i64)in_units(dur, which == HOURS ? 3600 * SECOND : which == MINUTES ? 60 * SECOND : SECOND);
}
