// The library `strings`. Places in a text count code points; texts are valid UTF-8.

#include "rt.h"

// width is the number of bytes of the code point that begins with c.
static inline u32 width(u32 c) { return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4; }

#define BEYOND (~0u)

// skip is where a text goes on, in bytes, after so many code points; BEYOND where it has not as many.
static SMALL u32 skip(str s, i64 count) {
	const u8 *p = at(s);
	u32 n = len(s), i = 0;
	if ((u64)count > n) { // a negative one too
		return BEYOND;
	}
	u32 left = (u32)count;
	while (left >= 8 && n - i >= 8 && (load64(p + i) & 0x8080808080808080) == 0) {
		i += 8;
		left -= 8;
	}
	for (; left > 0; left--) {
		if (i >= n) {
			return BEYOND;
		}
		i += width(p[i]);
	}
	return i < n ? i : n;
}

static inline i32 set_str(str s) {
	rt_out[0] = s;
	return OK;
}

static inline str after(str s, u32 from) { return STR(at(s) + from, len(s) - from); }

SMALL i32 rt_str_char_at(str s, i64 i) {
	u32 from = skip(s, i);
	if (from == BEYOND) {
		return INDEX_OUT_OF_BOUNDS;
	}
	return set_str(STR(at(s) + from, from == len(s) ? 0 : width(at(s)[from])));
}

i32 rt_str_from(str s, i64 start) {
	u32 from = skip(s, start);
	return from == BEYOND ? INDEX_OUT_OF_BOUNDS : set_str(after(s, from));
}

SMALL i32 rt_str_substring(str s, i64 start, i64 end) {
	if (start > end) {
		return INVALID_ARGUMENT;
	}
	if (rt_str_from(s, start) != OK) {
		return INDEX_OUT_OF_BOUNDS;
	}
	str tail = rt_out[0];
	u32 n = skip(tail, end - start);
	return n == BEYOND ? INDEX_OUT_OF_BOUNDS : set_str(STR(at(tail), n));
}

static inline i32 set_int(i64 v) {
	rt_out[0] = (u64)v;
	return OK;
}

// ends is what a search for the empty text comes to: where it begins, at most at the end.
static SMALL i32 ends(str s, i64 from) {
	i64 n = rt_str_size(s);
	return set_int(from < n ? from : n);
}

// rt_str_index is the place of part in s from a place on; -1 if it is not there.
SMALL i32 rt_str_index(str s, str part, i64 from) {
	if (from < 0) {
		return INDEX_OUT_OF_BOUNDS;
	}
	if (len(part) == 0) {
		return ends(s, from);
	}
	u32 start = skip(s, from);
	i32 i = start == BEYOND ? -1 : len(part) <= 8 ? scan(s, part, start) : rt_find(s, part, start);
	return set_int(i < 0 ? -1 : from + rt_str_size(STR(at(s) + start, (u32)i - start)));
}

// last_at is the last place of part in s, in bytes; -1: nowhere.
static SMALL i32 last_at(str s, str part) {
	u32 n = len(part);
	const u8 *p = at(s), *q = at(part);
	if (n > 8) {
		return find(s, part, 0, 1);
	}
	for (i32 i = (i32)(len(s) - n); i >= 0; i--) {
		u32 k = 0;
		while (k < n && p[(u32)i + k] == q[k]) {
			k++;
		}
		if (k == n) {
			return i;
		}
	}
	return -1;
}

// rt_str_last_index is the last place of part in s that is not behind a place.
SMALL i32 rt_str_last_index(str s, str part, i64 from) {
	if (from < 0) {
		return INDEX_OUT_OF_BOUNDS;
	}
	if (len(part) == 0) {
		return ends(s, from);
	}
	u32 last = skip(s, from); // part begins here at the latest
	if (last >= len(s)) {
		return set_int(-1);
	}
	u32 n = len(s) - last < len(part) ? len(s) : last + len(part);
	i32 i = last_at(STR(at(s), n), part);
	return set_int(i < 0 ? -1 : rt_str_size(STR(at(s), i)));
}

// rt_str_last is rt_str_last_index from the end.
SMALL i64 rt_str_last(str s, str part) {
	i32 i = len(part) == 0 ? (i32)len(s) : last_at(s, part);
	return i < 0 ? -1 : rt_str_size(STR(at(s), i));
}

// recased is a text whose ASCII letters from `from` on, 26 of them, have the other case.
static SMALL str recased(str s, u64 from) {
	const u64 ones = 0x0101010101010101;
	u32 n = len(s), i = 0;
	const u8 *p = at(s);
	u8 *out = rt_alloc(n);
	for (; n - i >= 8; i += 8) {
		// The highest bit of each byte: whether it is one of the letters.
		u64 v = load64(p + i), low = v & 0x7f * ones;
		u64 is = (low + (0x80 - from) * ones) & ~(low + (0x80 - 26 - from) * ones) & ~v & 0x80 * ones;
		store64(out + i, v ^ is >> 2);
	}
	for (; i < n; i++) {
		out[i] = (u8)(p[i] ^ (p[i] - from < 26) << 5);
	}
	return STR(out, n);
}

str rt_str_lower(str s) { return recased(s, 'A'); }

str rt_str_upper(str s) { return recased(s, 'a'); }

// is_space reports whether a code point is white space, as Unicode has it.
static SMALL u32 is_space(u32 c) {
	return c == ' ' || c - '\t' < 5 || c == 0x85 || c == 0xa0 || c == 0x1680 || c - 0x2000 < 11 || c - 0x2028 < 2 || c == 0x202f || c == 0x205f ||
	       c == 0x3000;
}

static SMALL u32 is_space_at(const u8 *p, const u8 *end) { return is_space(rt_rune(p, (u32)(end - p)) & 0xffffff); }

// rt_str_trim is a text without the white space at its ends.
SMALL str rt_str_trim(str s) {
	const u8 *p = at(s), *end = p + len(s);
	while (p < end && is_space_at(p, end)) {
		p += width(*p);
	}
	while (p < end) {
		const u8 *last = end - 1;
		while (last > p && (*last & 0xc0) == 0x80) {
			last--;
		}
		if (!is_space_at(last, end)) {
			break;
		}
		end = last;
	}
	return STR(p, end - p);
}

// rt_str_reverse has the code points from the last to the first.
SMALL str rt_str_reverse(str s) {
	u32 n = len(s);
	const u8 *p = at(s);
	u8 *out = rt_alloc(n);
	for (u32 i = 0; i < n;) {
		u32 w = width(p[i]);
		w = w < n - i ? w : n - i;
		for (u32 k = 0; k < w; k++) {
			out[n - i - w + k] = p[i + k];
		}
		i += w;
	}
	return STR(out, n);
}

// places_of notes where part is in s, one behind the other, most of them at most, all if most is negative; the empty text is behind each code point.
// It returns how many there are; they lie where free memory began, and are given back with it.
static SMALL u32 places_of(str s, str part, i64 most) {
	u32 size = len(part), count = 0, from = 0;
	u32 *out = rt_alloc(4 * (len(s) / (size == 0 ? 1 : size) + 1));
	if (size > 8) {
		for (; most < 0 || count < most; count++) {
			i32 i = rt_find(s, part, from);
			if (i < 0) {
				break;
			}
			out[count] = (u32)i;
			from = (u32)i + size;
		}
		return count;
	}
	for (; (most < 0 || count < most) && from < len(s); count++) {
		i32 i = size == 0 ? (i32)(from + width(at(s)[from])) : scan(s, part, from);
		if (i < 0) {
			break;
		}
		out[count] = (u32)i;
		from = (u32)i + size;
	}
	return count;
}

static SMALL u8 *put_bytes(u8 *out, const u8 *p, u32 n) {
	rt_copy(out, p, n);
	return out + n;
}

// rt_str_replace puts a text in the place of the first n of another, of all if n is negative. The empty text is before and behind each code point.
SMALL i32 rt_str_replace(str s, str old, str by, i64 n) {
	u32 first = len(old) == 0 && n != 0; // before all else
	u32 mark = rt_heap, count = places_of(s, old, n - (n > 0 ? first : 0));
	const u32 *place = PTR(const u32, mark);
	u64 times = (u64)count + first, size = (u64)len(s) + times * len(by) - times * len(old);
	if (size > MAX_MADE_BYTES) {
		return LIMIT;
	}
	if (times == 0) {
		return set_str(s);
	}
	u8 *start = rt_alloc((u32)size), *out = start;
	if (first) {
		out = put_bytes(out, at(by), len(by));
	}
	u32 from = 0;
	for (u32 i = 0; i < count; i++) {
		u32 to = place[i];
		out = put_bytes(out, at(s) + from, to - from);
		out = put_bytes(out, at(by), len(by));
		from = to + len(old);
	}
	put_bytes(out, at(s) + from, len(s) - from);
	return set_str(STR(start, size));
}

// rt_str_split is the list of the parts between separators: n of them at most, the last one with what is left, all if n is negative. Where the
// separator is empty the parts are the code points.
SMALL i32 rt_str_split(str s, str by, i64 n) {
	u32 empty = len(by) == 0, mark = rt_heap, count = 0;
	if (n == 0 || (empty && len(s) == 0)) {
		return set_str(0);
	}
	count = places_of(s, by, n - (n > 0));
	const u32 *place = PTR(const u32, mark);
	count += !empty || count == 0 || place[count - 1] != len(s); // what is behind the last one
	if (count > MAX_MADE_ELEMENTS) {
		return LIMIT;
	}
	str *list = rt_alloc(8 * count);
	u32 from = 0;
	for (u32 i = 0; i < count; i++) {
		u32 to = i + 1 < count ? place[i] : len(s);
		list[i] = STR(at(s) + from, to - from);
		from = to + len(by);
	}
	return set_str(STR(list, count));
}

// rt_str_join puts texts one behind the other, with another in between.
SMALL i32 rt_str_join(u64 list, str by) {
	const str *e = PTR(const str, list);
	u32 n = (u32)(list >> 32);
	u64 size = n == 0 ? 0 : (u64)(n - 1) * len(by);
	for (u32 i = 0; i < n && size <= MAX_MADE_BYTES; i++) {
		size += len(e[i]);
	}
	if (size > MAX_MADE_BYTES) {
		return LIMIT;
	}
	u8 *start = rt_alloc((u32)size), *out = start;
	for (u32 i = 0; i < n; i++) {
		if (i > 0) {
			out = put_bytes(out, at(by), len(by));
		}
		out = put_bytes(out, at(e[i]), len(e[i]));
	}
	return set_str(STR(start, size));
}

// escape is the letter that stands for a character in a quoted text; 0: the character itself.
static SMALL u32 escape(u32 c) {
	const u64 letters = (u64)'a' | (u64)'b' << 8 | (u64)'t' << 16 | (u64)'n' << 24 | (u64)'v' << 32 | (u64)'f' << 40 | (u64)'r' << 48;
	return c - 7 < 7 ? (u32)(letters >> (8 * (c - 7))) & 0xff : c == '\\' || c == '"' ? c : 0;
}

// rt_str_quote is a text as a literal.
SMALL i32 rt_str_quote(str s) {
	const u8 *p = at(s);
	u32 n = len(s), size = n + 2;
	for (u32 i = 0; i < n; i++) {
		size += escape(p[i]) != 0;
	}
	if (size > MAX_MADE_BYTES) {
		return LIMIT;
	}
	u8 *out = rt_alloc(size);
	rt_out[0] = STR(out, size);
	*out++ = '"';
	for (u32 i = 0; i < n; i++) {
		u32 c = escape(p[i]);
		if (c != 0) {
			*out++ = '\\';
		}
		*out++ = c != 0 ? (u8)c : p[i];
	}
	*out = '"';
	return OK;
}
