// Maps that a condition makes: entries are collected as they come, then sorted by their keys.

#include "rt.h"

// ordered is a key that is no string as a number whose order is that of the keys. NaN, which equals no key, is 0, and no other is.
static SMALL u64 ordered(u64 key, u32 kind) {
	u64 top = (u64)1 << 63;
	if (kind == KEY_INT) {
		return key ^ top;
	}
	if (kind != KEY_DOUBLE) {
		return key;
	}
	if ((key & ~top) > (u64)0x7ff << 52) {
		return 0;
	}
	if (key == top) {
		key = 0; // -0 is 0
	}
	return key & top ? ~key : key | top;
}

static SMALL i32 key_cmp(u64 a, u64 b, u32 kind) {
	if (kind == KEY_STR) {
		return rt_str_cmp(a, b);
	}
	a = ordered(a, kind);
	b = ordered(b, kind);
	return (a > b) - (a < b);
}

static inline u32 is_nan(u64 key, u32 kind) { return kind == KEY_DOUBLE && ordered(key, kind) == 0; }

// sort sorts the numbers of keys by the keys, equal ones as they come, and returns where they are then: at or spare.
static SMALL u32 *sort(u32 *list, u32 *spare, u32 n, const u64 *keys, u32 kind) {
	for (u32 width = 1; width < n; width *= 2) {
		u32 out = 0;
		while (out < n) {
			u32 i = out, mid = n - i < width ? n : i + width, j = mid, end = n - j < width ? n : j + width;
			while (out < end) {
				u32 left = j == end || (i < mid && key_cmp(keys[list[i]], keys[list[j]], kind) <= 0);
				spare[out++] = left ? list[i++] : list[j++];
			}
		}
		u32 *t = list;
		list = spare;
		spare = t;
	}
	return list;
}

// rt_map_seal makes a map of entries in the order in which they were written: keys, and values of a stride. Of equal keys the last
// counts, or, with SEAL_UNIQUE, they are an error. present, unless 0, tells of each entry whether it is there: one that is not takes
// earlier ones of its key out.
SMALL i32 rt_map_seal(u32 n, const u64 *keys, const u8 *values, u32 stride, u32 kind, u32 mode, const u8 *present) {
	u32 over = n > MAX_MADE_ELEMENTS;
	if (over) {
		if (mode == SEAL_LAST) {
			return LIMIT;
		}
		n = MAX_MADE_ELEMENTS + 1; // a key that is there already is an error before the limit is
	}
	u32 *map = rt_alloc(12);
	u64 *sorted = rt_alloc(8 * n);
	u8 *to = rt_alloc(stride * n);
	u32 mark = rt_heap, count = 0;
	u32 *list = rt_alloc(4 * n), *spare = rt_alloc(4 * n);
	for (u32 i = 0; i < n; i++) {
		list[i] = i;
	}
	list = sort(list, spare, n, keys, kind);
	for (u32 i = 0; i < n; i++) {
		u32 e = list[i];
		if (i + 1 < n && key_cmp(keys[e], keys[list[i + 1]], kind) == 0 && !is_nan(keys[e], kind)) {
			if (mode == SEAL_UNIQUE) {
				return INVALID_ARGUMENT;
			}
			continue;
		}
		if (present == 0 || present[e]) {
			sorted[count] = keys[e];
			rt_copy(to + count * stride, values + e * stride, stride);
			count++;
		}
	}
	if (over) {
		return LIMIT;
	}
	rt_heap = mark;
	map[0] = count;
	map[1] = ADDR(sorted);
	map[2] = ADDR(to);
	rt_out[0] = ADDR(map);
	return OK;
}

// rt_map_find is the place of a key; -1: it is not there.
SMALL i32 rt_map_find(const u32 *map, u64 key, u32 kind) {
	u32 lo = 0, hi = map[0];
	const u64 *keys = PTR(const u64, map[1]);
	if (is_nan(key, kind)) {
		return -1;
	}
	while (lo < hi) {
		u32 mid = (lo + hi) >> 1;
		i32 c = key_cmp(keys[mid], key, kind);
		if (c == 0) {
			return (i32)mid;
		}
		if (c < 0) {
			lo = mid + 1;
		} else {
			hi = mid;
		}
	}
	return -1;
}
