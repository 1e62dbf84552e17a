// Text that grows, and numbers in the forms of `format`.

#include "rt.h"

// rt_str_grow puts a text behind another one that ends where free memory begins, or nearly: what lies in between is given up, the second text
// too, which may lie there. One that would be longer than text may be is a text of one byte more than that, of which there is none.
SMALL str rt_str_grow(str text, str s) {
	u64 n = (u64)len(text) + len(s);
	if (n > MAX_MADE_BYTES) {
		rt_heap = (ADDR(at(text)) + 7) & ~7u;
		return STR(at(text), MAX_MADE_BYTES + 1);
	}
#ifdef __wasm__
	u8 *end = PTR(u8, ADDR(at(text)) + len(text));
	rt_heap = ADDR(end);
	rt_alloc(len(s));
	rt_copy(end, at(s), len(s)); // to lower addresses, so that the two may overlap
	rt_heap = (ADDR(end) + len(s) + 7) & ~7u;
	return STR(at(text), n);
#else
	u8 *p = rt_alloc((u32)n);
	rt_copy(p, at(text), len(text));
	rt_copy(p + len(text), at(s), len(s));
	return STR(p, n);
#endif
}

// finished gives back what lies behind a text.
static inline str finished(const u8 *start, const u8 *end) {
#ifdef __wasm__
	rt_heap = (ADDR(end) + 7) & ~7u;
#endif
	return STR(start, end - start);
}

static SMALL u8 *put_word(u8 *p, u64 word) {
	for (; word != 0; word >>= 8) {
		*p++ = (u8)word;
	}
	return p;
}

// not_finite writes NaN, Infinity or -Infinity; 0: the double is a number.
static SMALL u8 *not_finite(u8 *p, u64 bits) {
	if ((bits >> 52 & 0x7ff) != 0x7ff) {
		return 0;
	}
	if (bits << 12 != 0) {
		return put_word(p, 0x4e614e);
	}
	if (bits >> 63) {
		*p++ = '-';
	}
	return put_word(p, 0x7974696e69666e49);
}

// put_decimal writes digits, n of them, with the point behind `point` of them and so many decimals.
static SMALL u8 *put_decimal(u8 *p, const u8 *digit, i32 n, i32 point, i32 decimals) {
	i32 i = point > 0 ? 0 : point - 1, end = point + decimals;
	for (; i < end; i++) {
		if (i == point) {
			*p++ = '.';
		}
		*p++ = i >= 0 && i < n ? digit[i] : '0';
	}
	return p;
}

static inline u64 bits_of(f64 v) {
	u64 bits;
	__builtin_memcpy(&bits, &v, 8);
	return bits;
}

// rt_double_plain writes a double in the fewest digits that are read back as it, without an exponent.
SMALL str rt_double_plain(f64 v) {
	u64 bits = bits_of(v);
	u8 *start = rt_alloc(400), *p = start, *digit = start + 376, *end = not_finite(p, bits);
	if (end == 0) {
		i32 d = double_digits(digit, bits), n = d & 0xff, point = d >> 8;
		if (bits >> 63) {
			*p++ = '-';
		}
		end = put_decimal(p, digit, n, point, n > point ? n - point : 0);
	}
	return finished(start, end);
}

enum { MAX_PLACES = 420 };

// round_up adds one to the last of some digits. It is not 0 where there is a new digit before them.
static SMALL u32 round_up(u8 *digit, i32 n) {
	for (; n > 0; n--) {
		if (digit[n - 1] != '9') {
			digit[n - 1]++;
			return 0;
		}
		digit[n - 1] = '0';
	}
	return 1;
}

// rounded_digits are n digits of a double, or, if fixed, those up to the n-th behind the point: the nearest, of two the even one. DIGITS is too
// narrow for them: it returns the point, and leaves in rt_out how many there are.
static SMALL i32 rounded_digits(u8 *digit, u64 bits, i32 n, u32 fixed) {
	u64 mant = bits & (((u64)1 << 52) - 1);
	i32 e = (i32)(bits >> 52 & 0x7ff), point = 1;
	if (e != 0) {
		mant |= (u64)1 << 52;
	} else {
		e = 1;
	}
	e -= 1075;
	if (mant == 0) {
		rt_out[0] = (u64)(n + fixed);
		rt_fill(digit, '0', (u32)n + fixed);
		return point;
	}
	u32 mark = rt_heap;
	u32 *r = big_new(mant), *s = big_new(1), *sum = big_new(0);
	big_pow2(e >= 0 ? r : s, (u32)(e >= 0 ? e : -e));
	point = ((e + 63 - (i32)__builtin_clzll(mant)) * 1233) >> 12; // as in shortest_digits
	big_pow10(point >= 0 ? s : r, (u32)(point >= 0 ? point : -point));
	while (big_cmp(r, s) >= 0) {
		big_mul(s, 10, 0);
		point++;
	}
	i32 count = fixed ? n + point : n;
	for (i32 i = 0; i < count; i++) {
		big_mul(r, 10, 0);
		digit[i] = '0';
		while (big_cmp(r, s) >= 0) {
			big_sub(r, s);
			digit[i]++;
		}
	}
	i32 c = count < 0 ? -1 : big_cmp_sum(sum, r, r, s);
	count = count < 0 ? 0 : count;
	if (c > 0 || (c == 0 && count > 0 && (digit[count - 1] & 1))) {
		if (round_up(digit, count)) { // all were 9, and are 0
			digit[count] = '0';
			digit[0] = '1';
			count += (i32)fixed;
			point++;
		}
	}
	rt_heap = mark;
	rt_out[0] = (u64)count;
	return point;
}

// rt_double_rounded writes a double with so many decimals, as Go's %f, or if scientific %e.
SMALL str rt_double_rounded(f64 v, u32 decimals, u32 scientific) {
	u64 bits = bits_of(v);
	u8 *start = rt_alloc(2 * MAX_PLACES), *p = start, *digit = start + MAX_PLACES, *end = not_finite(p, bits);
	if (end == 0) {
		i32 point = rounded_digits(digit, bits & ~((u64)1 << 63), (i32)(decimals + scientific), !scientific), n = (i32)rt_out[0];
		if (bits >> 63) {
			*p++ = '-';
		}
		end = put_decimal(p, digit, n, scientific ? 1 : point, (i32)decimals);
		if (scientific) {
			i32 exp = point - 1;
			*end++ = 'e';
			*end++ = exp < 0 ? '-' : '+';
			u32 magnitude = (u32)(exp < 0 ? -exp : exp);
			if (magnitude >= 100) {
				*end++ = (u8)('0' + magnitude / 100);
			}
			*end++ = (u8)('0' + magnitude / 10 % 10);
			*end++ = (u8)('0' + magnitude % 10);
		}
	}
	return finished(start, end);
}

static inline u8 hex_digit(u32 d, u32 upper) { return (u8)(d < 10 ? '0' + d : (upper ? 'A' : 'a') - 10 + d); }

// rt_uint_base writes a number in a base of 1 << shift.
SMALL str rt_uint_base(u64 v, u32 shift, u32 upper) {
	u8 *end = (u8 *)rt_alloc(72) + 72, *p = end;
	do {
		*--p = hex_digit((u32)v & ((1u << shift) - 1), upper);
		v >>= shift;
	} while (v != 0);
	return STR(p, end - p);
}

SMALL str rt_int_base(i64 v, u32 shift, u32 upper) {
	str s = rt_uint_base(v < 0 ? -(u64)v : (u64)v, shift, upper);
	if (v >= 0) {
		return s;
	}
	u8 *p = PTR(u8, s) - 1; // there is room for a sign
	*p = '-';
	return STR(p, len(s) + 1);
}

// rt_str_hex writes bytes, two digits each. Of too many it is a text that is too long, as in rt_str_grow.
SMALL str rt_str_hex(str s, u32 upper) {
	u32 n = len(s);
	if (n > MAX_MADE_BYTES / 2) {
		return STR(at(s), MAX_MADE_BYTES + 1);
	}
	u8 *out = rt_alloc(2 * n);
	for (u32 i = 0; i < n; i++) {
		out[2 * i] = hex_digit(at(s)[i] >> 4, upper);
		out[2 * i + 1] = hex_digit(at(s)[i] & 15, upper);
	}
	return STR(out, 2 * n);
}
