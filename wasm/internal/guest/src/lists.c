// The library `lists`: what does not look into elements, and order. An element has `stride` bytes.

#include "rt.h"

#define LIST(p, n) STR(p, n)

static inline i32 set_list(const void *p, u32 n) {
	rt_out[0] = LIST(p, n);
	return OK;
}

// rt_list_slice is the part of a list from one place to another.
SMALL i32 rt_list_slice(u64 list, i64 from, i64 to, u32 stride) {
	if (from < 0 || to < 0) {
		return INDEX_OUT_OF_BOUNDS;
	}
	if (from > to) {
		return INVALID_ARGUMENT;
	}
	if (to > len(list)) {
		return INDEX_OUT_OF_BOUNDS;
	}
	return set_list(at(list) + (u32)from * stride, (u32)(to - from));
}

// rt_list_range is the list of the numbers from 0 up to n.
SMALL i32 rt_list_range(i64 n) {
	if (n < 0) {
		return INVALID_ARGUMENT;
	}
	if (n > MAX_MADE_ELEMENTS) {
		return LIMIT;
	}
	u64 *p = rt_alloc(8 * (u32)n);
	for (u32 i = 0; i < n; i++) {
		p[i] = i;
	}
	return set_list(p, (u32)n);
}

static SMALL void copy_element(u8 *to, const u8 *from, u32 stride) {
	if (stride == 8) {
		store64(to, load64(from));
	} else {
		rt_copy(to, from, stride);
	}
}

// rt_list_reverse has the elements from the last to the first.
SMALL u64 rt_list_reverse(u64 list, u32 stride) {
	u32 n = len(list);
	u8 *start = rt_alloc(n * stride), *out = start + n * stride;
	const u8 *p = at(list);
	for (u32 i = 0; i < n; i++, p += stride) {
		copy_element(out -= stride, p, stride);
	}
	return LIST(start, n);
}

// rt_list_flatten puts the lists in a list one behind the other.
SMALL i32 rt_list_flatten(u64 list, u32 stride) {
	const u64 *e = PTR(const u64, list);
	u32 n = len(list);
	u64 count = 0;
	for (u32 i = 0; i < n && count <= MAX_MADE_ELEMENTS; i++) {
		count += len(e[i]);
	}
	if (count > MAX_MADE_ELEMENTS) {
		return LIMIT;
	}
	u8 *start = rt_alloc((u32)count * stride), *out = start;
	for (u32 i = 0; i < n; i++) {
		u32 bytes = len(e[i]) * stride;
		rt_copy(out, at(e[i]), bytes);
		out += bytes;
	}
	return set_list(start, (u32)count);
}

// widened are keys of one byte as numbers.
static SMALL const u64 *widened(u64 keys) {
	u32 n = len(keys);
	u64 *out = rt_alloc(8 * n);
	for (u32 i = 0; i < n; i++) {
		out[i] = at(keys)[i];
	}
	return out;
}

// parts are the first or second words of keys of two; of the second only its lower half counts.
static SMALL const u64 *parts(u64 keys, u32 second) {
	u32 n = len(keys);
	u64 *out = rt_alloc(8 * n);
	for (u32 i = 0; i < n; i++) {
		u64 v = load64(at(keys) + 16 * i + 8 * second);
		out[i] = second ? (u32)v : v;
	}
	return out;
}

// order_by sorts the numbers of elements by keys of a kind, equal ones as they stand. Both lists are used up.
static inline u32 *order_by(u64 keys, u32 kind, u32 *list, u32 *spare) {
	u32 n = len(keys);
	if (kind == KEY_TIME) { // by nanoseconds, then by seconds
		u32 *sorted = sort(list, spare, n, parts(keys, 1), KEY_UINT);
		return sort(sorted, sorted == list ? spare : list, n, parts(keys, 0), KEY_INT);
	}
	return sort(list, spare, n, kind == KEY_BOOL ? widened(keys) : PTR(const u64, keys), kind);
}

// rt_list_sort_by sorts a list by the keys of its elements. NaN has no place in an order.
SMALL i32 rt_list_sort_by(u64 list, u64 keys, u32 stride, u32 kind) {
	u32 n = len(list);
	if (kind == KEY_DOUBLE) {
		for (u32 i = 0; i < n; i++) {
			if (is_nan(PTR(const u64, keys)[i], kind)) {
				return INVALID_ARGUMENT;
			}
		}
	}
	u8 *out = rt_alloc(n * stride);
	u32 mark = rt_heap;
	u32 *numbers = rt_alloc(4 * n), *spare = rt_alloc(4 * n);
	for (u32 i = 0; i < n; i++) {
		numbers[i] = i;
	}
	const u32 *sorted = order_by(keys, kind, numbers, spare);
	for (u32 i = 0; i < n; i++) {
		copy_element(out + i * stride, at(list) + sorted[i] * stride, stride);
	}
	rt_heap = mark;
	return set_list(out, n);
}

i32 rt_list_sort(u64 list, u32 stride, u32 kind) { return rt_list_sort_by(list, list, stride, kind); }

// rt_list_extreme is the greatest of numbers, or the least; of equal ones the first. It is cel-go's: what is no number has no place among others.
SMALL i32 rt_list_extreme(u64 list, u32 kind, u32 least) {
	const u64 *e = PTR(const u64, list);
	u32 n = len(list);
	if (n == 0) {
		return INVALID_ARGUMENT;
	}
	u64 best = e[0], top = least ? ~(u64)0 : 0;
	for (u32 i = 1; i < n; i++) {
		if (is_nan(best, kind) || is_nan(e[i], kind)) {
			return NO_SUCH_OVERLOAD;
		}
		if ((ordered(e[i], kind) ^ top) > (ordered(best, kind) ^ top)) {
			best = e[i];
		}
	}
	rt_out[0] = best;
	return OK;
}
