// Text: comparison, search, UTF-8.

#include "rt.h"

// rt_str_eq goes eight bytes at a time, the last of which may lie behind both: memory never ends right behind a text.
NOINLINE i32 rt_str_eq(str a, str b) {
	const u8 *p = at(a), *q = at(b);
	u32 n = len(a);
	if (n != len(b))
		return 0;
	for (; n >= 8; n -= 8, p += 8, q += 8)
		if (load64(p) != load64(q))
			return 0;
#ifdef __wasm__
	return !n || (load64(p) ^ load64(q)) << (64 - 8 * n) == 0;
#else
	while (n)
		if (n--, p[n] != q[n])
			return 0;
	return 1;
#endif
}

// rt_str_cmp orders bytewise: -1, 0, 1.
SMALL i32 rt_str_cmp(str a, str b) {
	u32 n = len(a) < len(b) ? len(a) : len(b);
	const u8 *p = at(a), *q = at(b);
	for (; n >= 8 && load64(p) == load64(q); n -= 8) {
		p += 8;
		q += 8;
	}
	for (; n > 0; n--, p++, q++) {
		if (*p != *q) {
			return *p < *q ? -1 : 1;
		}
	}
	return (len(a) > len(b)) - (len(a) < len(b));
}

// rt_list_has reports whether a list has a text.
i32 rt_list_has(u64 list, str s) {
	const str *e = PTR(const str, list), *end = e + (list >> 32);
	for (; e < end; e++) {
		if (len(*e) == len(s) && rt_str_eq(*e, s)) {
			return 1;
		}
	}
	return 0;
}

i32 rt_str_starts(str s, str part) {
	return len(s) >= len(part) && rt_str_eq(STR(at(s), len(part)), part);
}

i32 rt_str_ends(str s, str part) {
	return len(s) >= len(part) && rt_str_eq(STR(at(s) + (len(s) - len(part)), len(part)), part);
}

// suffix finds the greatest suffix of part (in the order of bytes, or in the opposite one): its start << 32 | its period.
static SMALL u64 suffix(const u8 *part, u32 n, u32 opposite) {
	u32 best = 0, j = 1, k = 0, period = 1;
	while (j + k < n) {
		u32 a = part[best + k], b = part[j + k];
		if (a == b) {
			if (++k == period) {
				j += period;
				k = 0;
			}
		} else if ((a > b) != opposite) {
			j += k + 1;
			k = 0;
			period = j - best;
		} else {
			best = j++;
			k = 0;
			period = 1;
		}
	}
	return (u64)best << 32 | period;
}

// find is the Two-Way algorithm of Crochemore and Perrin: linear time whatever the strings are, no memory. It returns the first place of
// part in s from `from` on, or the last one.
static inline __attribute__((always_inline)) i32 find(str s, str part, u32 from, u32 last_one) {
	u32 n = len(part);
	if (from > len(s) || n > len(s) - from) {
		return -1;
	}
	const u8 *p = at(part), *h = at(s) + from, *last = at(s) + (len(s) - n);
	if (n == 0) {
		return (i32)from;
	}
	// part is cut where its period is seen on both sides: the later one of its two greatest suffixes.
	u64 cut = suffix(p, n, 0), other = suffix(p, n, 1);
	if (other >> 32 > cut >> 32) {
		cut = other;
	}
	u32 right = (u32)(cut >> 32), period = (u32)cut;
	u32 periodic = rt_str_eq(STR(p, right), STR(p + period, right));
	if (!periodic) {
		period = (right > n - right ? right : n - right) + 1;
	}
	u32 known = 0; // so many bytes at the start of part are known to be equal
	i32 found = -1;
	while (h <= last) {
		u32 k = right > known ? right : known;
		while (k < n && p[k] == h[k]) {
			k++;
		}
		if (k < n) {
			h += k - right + 1;
			known = 0;
			continue;
		}
		k = right;
		while (k > known && p[k - 1] == h[k - 1]) {
			k--;
		}
		if (k <= known) {
			found = (i32)(h - at(s));
			if (!last_one) {
				return found;
			}
		}
		h += period;
		known = periodic ? n - period : 0;
	}
	return found;
}

SMALL i32 rt_find(str s, str part, u32 from) { return find(s, part, from, 0); }

// scan is rt_find of a part of one to eight bytes: there is nothing to prepare. It looks at eight places at a time for the first byte, and reads beyond
// the end: memory goes on there.
static SMALL i32 scan(str s, str part, u32 from) {
	const u8 *p = at(s), *q = at(part);
	u32 n = len(part), i = from;
	if (n > len(s)) {
		return -1;
	}
	u32 last = len(s) - n;
#ifdef __wasm__
	const u64 ones = 0x0101010101010101;
	u64 first = ones * q[0], wanted = load64(q);
	while (i <= last) {
		u64 x = load64(p + i) ^ first, zero = (x - ones) & ~x & 0x80 * ones;
		if (zero == 0) {
			i += 8;
			continue;
		}
		i += (u32)__builtin_ctzll(zero) / 8;
		if (i <= last && (load64(p + i) ^ wanted) << (64 - 8 * n) == 0) {
			return (i32)i;
		}
		i++;
	}
#else
	for (; i <= last; i++) {
		u32 k = 0;
		while (k < n && p[i + k] == q[k]) {
			k++;
		}
		if (k == n) {
			return (i32)i;
		}
	}
#endif
	return -1;
}

// rt_str_contains looks for the first bytes of part before it goes to greater lengths: mostly they are not there, or part is.
SMALL i32 rt_str_contains(str s, str part) {
	u32 n = len(part), from = 0;
	for (u32 tries = 4; n != 0 && tries > 0; tries--) {
		i32 i = scan(s, STR(at(part), n < 8 ? n : 8), from);
		if (i < 0) {
			return 0;
		}
		from = (u32)i;
		if (n <= 8 || rt_str_starts(STR(at(s) + from, len(s) - from), part)) {
			return 1;
		}
		from++;
	}
	return rt_find(s, part, from) >= 0;
}

// No code point: one byte that is no UTF-8.
#define BAD_RUNE (0xfffdu | 1u << 24)

SMALL u32 rt_rune(const u8 *p, u32 n) {
	u32 c = p[0];
	if (c < 0x80) {
		return c | 1u << 24;
	}
	u32 size = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	if (c < 0xc2 || c > 0xf4 || n < size) {
		return BAD_RUNE;
	}
	u32 r = c & (0x7fu >> size);
	for (u32 i = 1; i < size; i++) {
		if ((p[i] & 0xc0) != 0x80) {
			return BAD_RUNE;
		}
		r = r << 6 | (p[i] & 0x3f);
	}
	if ((size == 3 && (r < 0x800 || (r >= 0xd800 && r < 0xe000))) || (size == 4 && (r < 0x10000 || r > 0x10ffff))) {
		return BAD_RUNE; // overlong, half of a surrogate pair, too large
	}
	return r | size << 24;
}

// ascii is the number of bytes from p on, in steps of 8, that are all ASCII.
static inline u32 ascii(const u8 *p, u32 n) {
	u32 i = 0;
#pragma clang loop unroll(disable)
	while (n - i >= 8 && (load64(p + i) & 0x8080808080808080) == 0) {
		i += 8;
	}
	return i;
}

// rt_str_size counts code points; a byte that is no UTF-8 counts as one.
SMALL i64 rt_str_size(str s) {
	const u8 *p = at(s);
	u32 n = len(s), i = ascii(p, n), count = i;
	for (; i < n; count++) {
		i += rt_rune(p + i, n - i) >> 24;
	}
	return count;
}

SMALL i32 rt_utf8_valid(str s) {
	const u8 *p = at(s);
	u32 n = len(s);
	for (u32 i = ascii(p, n); i < n;) {
		u32 r = rt_rune(p + i, n - i);
		if (r == BAD_RUNE) {
			return 0;
		}
		i += r >> 24;
	}
	return 1;
}

SMALL i32 rt_str_concat(str a, str b) {
	u64 n = (u64)len(a) + len(b);
	if (n > MAX_MADE_BYTES) {
		return LIMIT;
	}
	u8 *p = rt_alloc((u32)n);
	rt_copy(p, at(a), len(a));
	rt_copy(p + len(a), at(b), len(b));
	rt_out[0] = STR(p, n);
	return OK;
}

i32 rt_bytes_concat(str a, str b) { return rt_str_concat(a, b); }

i32 rt_bytes_to_str(str b) {
	if (!rt_utf8_valid(b)) {
		return BAD_VALUE;
	}
	rt_out[0] = b;
	return OK;
}
