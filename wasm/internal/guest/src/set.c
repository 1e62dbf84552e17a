// Whether a value is among constants. Package table writes the tables; all are sorted, what they are sorted by is theirs.

#include "decide.h"

// The strings of a table lie by length: {u32 lengths; {u32 length, count, place}…; bytes}. Those of a length stand one after another, in order
// of their words, little-endian, of which the last overlaps; those of less than eight bytes by the number that they make.

// key is the first word of a string of n bytes, of which at least eight may be read if `padded`.
static u64 key(const u8 *p, u32 n) {
	u64 k = 0;
	if (n >= 8)
		return load64(p);
	while (n > 0)
		k = k << 8 | p[--n];
	return k;
}

// rest compares what follows the first word.
static i32 rest(const u8 *a, const u8 *b, u32 n) {
	for (u32 i = 8; i < n; i += 8) {
		u32 j = i + 8 > n ? n - 8 : i;
		u64 x = load64(a + j), y = load64(b + j);
		if (x != y)
			return x < y ? -1 : 1;
	}
	return 0;
}

// rt_in_strs looks a string up.
i32 rt_in_strs(const u32 *table, str s) {
	u32 n = len(s), low = 0, high = table[0];
	const u32 *e;
	while (low < high) {
		u32 middle = (low + high) / 2;
		if (table[1 + 3 * middle] < n)
			low = middle + 1;
		else
			high = middle;
	}
	e = table + 1 + 3 * low;
	if (low == table[0] || e[0] != n)
		return 0;
	const u8 *entries = (const u8 *)table + e[2];
	u64 k = key(at(s), n);
	for (low = 0, high = e[1]; low < high;) {
		u32 middle = (low + high) / 2;
		const u8 *p = entries + middle * n;
		u64 x = key(p, n);
		i32 order = x < k ? -1 : x > k ? 1 : rest(p, at(s), n);
		if (order == 0)
			return 1;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return 0;
}

// rt_in_ints looks up 64 bits: integers, durations, the bits of doubles. The table is {u64 count; i64…}.
i32 rt_in_ints(const u64 *table, i64 v) {
	u32 low = 0, high = (u32)*table;
	const i64 *entries = (const i64 *)table + 1;
	while (low < high) {
		u32 middle = (low + high) / 2;
		if (entries[middle] == v)
			return 1;
		if (entries[middle] < v)
			low = middle + 1;
		else
			high = middle;
	}
	return 0;
}

// rt_in_times looks up a timestamp, whatever its offset. The table is {u32 count; {u32 low, high, nanos}…}.
i32 rt_in_times(const u32 *table, i64 seconds, u64 nz) {
	u32 low = 0, high = *table;
	while (low < high) {
		u32 middle = (low + high) / 2;
		const u32 *e = table + 1 + 3 * middle;
		i64 s = (i64)load64(e);
		if (s == seconds && e[2] == (u32)nz)
			return 1;
		if (s < seconds || (s == seconds && e[2] < (u32)nz))
			low = middle + 1;
		else
			high = middle;
	}
	return 0;
}

// The table of addresses is {u32 count, count6; u32 first[]; u32 first6[][4], the highest word first; u8 free[]; u8 free6[]}: ranges that do not
// overlap, by their first address, and how many of its last bits are free. A family has its own, as addresses of IPv6 that map IPv4 are not of
// IPv4.

// rt_in_ips reports whether an address lies in one of the ranges.
SMALL i32 rt_in_ips(const u32 *table, const u8 *ip) {
	u32 six = ip[0] != 4, low = 0, high = table[six], words = six ? 4 : 1;
	const u32 *first = table + 2;
	const u8 *bits = (const u8 *)(first + table[0] + 4 * table[1]);
	if (six)
		first += table[0], bits += table[0];
	while (low < high) {
		u32 middle = (low + high) / 2, left = words, a, b;
		const u32 *f = first + middle * words;
		do { // to the first word that differs
			a = __builtin_bswap32(load32(ip + 20 - 4 * left));
			b = *f++;
		} while (a == b && --left);
		if (a == b || 32 * left - (u32)__builtin_clz(a ^ b) <= bits[middle])
			return 1;
		if (b < a)
			low = middle + 1;
		else
			high = middle;
	}
	return 0;
}

// rt_in_ip4s is rt_in_ips of a table that has ranges of IPv4 alone.
SMALL i32 rt_in_ip4s(const u32 *table, const u8 *ip) {
	const u32 *first = table + 2;
	u32 low = 0, high = *table, a = __builtin_bswap32(load32(ip + 16));
	if (ip[0] != 4)
		return 0;
	while (low < high) {
		u32 middle = (low + high) / 2;
		if (first[middle] <= a)
			low = middle + 1;
		else
			high = middle;
	}
	return low && (u64)(a ^ first[low - 1]) >> ((const u8 *)(first + *table))[low - 1] == 0;
}
