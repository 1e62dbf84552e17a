// Numbers: products that overflow, and numbers as text, to the last bit.

#include "rt.h"

// rt_mul_u64 is put together of products of 32 bits: one of 128 bits would be a call of a library that is not there.
SMALL i32 rt_mul_u64(u64 a, u64 b) {
	u64 high = (a >> 32) * (u32)b, low = (u64)(u32)a * (u32)b;
	if (a >> 32 && b >> 32) {
		return OVERFLOW;
	}
	high += (u64)(u32)a * (b >> 32); // one of the two is 0
	u64 r = low + (high << 32);
	if (high >> 32 || r < low) {
		return OVERFLOW;
	}
	rt_out[0] = r;
	return OK;
}

SMALL i32 rt_mul_i64(i64 a, i64 b) {
	u64 negative = (u64)(a ^ b) >> 63;
	if (rt_mul_u64(a < 0 ? -(u64)a : (u64)a, b < 0 ? -(u64)b : (u64)b) != OK) {
		return OVERFLOW;
	}
	u64 r = rt_out[0];
	if (r > ((u64)1 << 63) - 1 + (negative && r != 0)) {
		return OVERFLOW;
	}
	rt_out[0] = negative ? -r : r;
	return OK;
}

// put_uint writes v in decimal so that it ends before end, and returns where it starts.
static NOINLINE u8 *put_uint(u8 *end, u64 v) {
	do {
		*--end = (u8)('0' + v % 10);
		v /= 10;
	} while (v != 0);
	return end;
}

static SMALL str number(u64 v, u32 negative) {
	u8 *end = (u8 *)rt_alloc(24) + 24;
	u8 *p = put_uint(end, v);
	if (negative) {
		*--p = '-';
	}
	return STR(p, end - p);
}

str rt_uint_to_str(u64 v) { return number(v, 0); }

str rt_int_to_str(i64 v) { return number(v < 0 ? -(u64)v : (u64)v, v < 0); }

// digits reads a whole string of decimal digits, a number of up to 64 bits.
static SMALL i32 digits(const u8 *p, u32 n) {
	u64 v = 0;
	if (n == 0) {
		return BAD_VALUE;
	}
	for (; n > 0; n--) {
		u32 d = *p++ - (u32)'0';
		if (d > 9 || v > 1844674407370955161 || (v == 1844674407370955161 && d > 5)) {
			return BAD_VALUE;
		}
		v = v * 10 + d;
	}
	rt_out[0] = v;
	return OK;
}

i32 rt_str_to_uint(str s) { return digits(at(s), len(s)); }

SMALL i32 rt_str_to_int(str s) {
	const u8 *p = at(s);
	u32 n = len(s), negative = n > 0 && *p == '-';
	u32 sign = negative || (n > 0 && *p == '+');
	if (digits(p + sign, n - sign) != OK || rt_out[0] > ((u64)1 << 63) - 1 + negative) {
		return BAD_VALUE;
	}
	if (negative) {
		rt_out[0] = -rt_out[0];
	}
	return OK;
}

// rt_str_to_bool takes 1, t, T, true, True, TRUE and 0, f, F, false, False, FALSE.
SMALL i32 rt_str_to_bool(str s) {
	const u8 *p = at(s);
	u32 n = len(s);
	if (n == 1) {
		u32 c = *p | 0x20, is = c == 't' || *p == '1';
		rt_out[0] = is;
		return is || c == 'f' || *p == '0' ? OK : BAD_VALUE;
	}
	if (n != 4 && n != 5) {
		return BAD_VALUE;
	}
	u32 word = load32(p), lower = word & 0x20202020, tail = p[n - 1] & 0x20;
	u32 is = n == 4 && (word | 0x20202020) == 0x65757274;                                  // true
	u32 is_not = n == 5 && (word | 0x20202020) == 0x736c6166 && (p[4] | 0x20) == 'e'; // fals, e
	rt_out[0] = is;
	if (!is && !is_not) {
		return BAD_VALUE;
	}
	return lower == (tail ? 0x20202020 : 0) || (lower == 0x20202000 && tail) ? OK : BAD_VALUE;
}

// The limits are cel-go's: -2^63 itself is refused.
i32 rt_double_to_int(f64 v) {
	if (!(v > -0x1p63 && v < 0x1p63)) {
		return OVERFLOW;
	}
	rt_out[0] = (u64)(i64)v;
	return OK;
}

i32 rt_double_to_uint(f64 v) {
	if (!(v >= 0 && v < 0x1p64)) {
		return OVERFLOW;
	}
	rt_out[0] = (u64)v;
	return OK;
}

// Whole numbers of any size: a count of 32-bit words, then the words, the lowest first, the highest not 0. They lie on the heap while
// a number is converted. 10^1130 has 118 words, and is shifted by less than two.
enum { BIG_WORDS = 128, BIG_BYTES = 4 * (BIG_WORDS + 1) };

// big_mul makes b*m + add of b.
static SMALL void big_mul(u32 *b, u32 m, u32 add) {
	u64 carry = add;
	u32 n = b[0];
	for (u32 i = 1; i <= n; i++) {
		carry += (u64)b[i] * m;
		b[i] = (u32)carry;
		carry >>= 32;
	}
	if (carry != 0) {
		b[0] = ++n;
		b[n] = (u32)carry;
	}
}

// big_scale makes b * step^n of b, by factors of up to `most`, which is step^steps.
static SMALL void big_scale(u32 *b, u32 n, u32 step, u32 most, u32 steps) {
	for (; n >= steps; n -= steps) {
		big_mul(b, most, 0);
	}
	for (; n > 0; n--) {
		big_mul(b, step, 0);
	}
}

static inline void big_pow2(u32 *b, u32 n) { big_scale(b, n, 2, 1u << 31, 31); }
static inline void big_pow10(u32 *b, u32 n) { big_scale(b, n, 10, 1000000000, 9); }

static SMALL i32 big_cmp(const u32 *a, const u32 *b) {
	u32 n = a[0];
	if (n != b[0]) {
		return n < b[0] ? -1 : 1;
	}
	for (; n > 0; n--) {
		if (a[n] != b[n]) {
			return a[n] < b[n] ? -1 : 1;
		}
	}
	return 0;
}

// big_sub makes a-b of a, which is not less than b.
static SMALL void big_sub(u32 *a, const u32 *b) {
	u64 borrow = 0;
	u32 n = a[0];
	for (u32 i = 1; i <= n; i++) {
		u64 d = (u64)a[i] - (i <= b[0] ? b[i] : 0) - borrow;
		a[i] = (u32)d;
		borrow = d >> 63;
	}
	while (n > 0 && a[n] == 0) {
		n--;
	}
	a[0] = n;
}

// big_cmp_sum compares a+b with c; sum is room for it.
static SMALL i32 big_cmp_sum(u32 *sum, const u32 *a, const u32 *b, const u32 *c) {
	u64 carry = 0;
	u32 n = a[0] > b[0] ? a[0] : b[0];
	for (u32 i = 1; i <= n; i++) {
		carry += (u64)(i <= a[0] ? a[i] : 0) + (i <= b[0] ? b[i] : 0);
		sum[i] = (u32)carry;
		carry >>= 32;
	}
	if (carry != 0) {
		sum[++n] = (u32)carry;
	}
	sum[0] = n;
	return big_cmp(sum, c);
}

static SMALL u32 *big_new(u64 v) {
	u32 *b = rt_alloc(BIG_BYTES);
	b[1] = (u32)v;
	b[2] = (u32)(v >> 32);
	b[0] = b[2] != 0 ? 2 : b[1] != 0;
	return b;
}

// The digits of a number that is 0.DIGITS * 10^point: point << 8 | how many.
#define DIGITS(n, point) ((point) * 256 + (i32)(n))

// whole_digits are those of a whole number: all but the zeros at its end. What is below 2^53 has no shorter ones.
static SMALL i32 whole_digits(u8 *out, u64 v) {
	u8 *end = out + 20;
	u8 *p = put_uint(end, v);
	u32 n = (u32)(end - p);
	for (u32 i = 0; i < n; i++) {
		out[i] = p[i];
	}
	i32 point = (i32)n;
	while (out[n - 1] == '0') {
		n--;
	}
	return DIGITS(n, point);
}

// shortest_digits are the fewest that are read back as the double mant * 2^e, and of those the nearest: Steele and White's way, with
// exact numbers. r/s is what is left of the double, m/s half of the way to the double below; above it is twice as far if wide.
static SMALL i32 shortest_digits(u8 *out, u64 mant, i32 e, u32 wide) {
	u32 even = (mant & 1) == 0;
	u32 *r = big_new(mant << (1 + wide)), *s = big_new((u64)2 << wide), *m = big_new(1), *high = big_new(0), *sum = big_new(0);
	if (e >= 0) {
		big_pow2(r, (u32)e);
		big_pow2(m, (u32)e);
	} else {
		big_pow2(s, (u32)-e);
	}
	// A power of ten that is not above the double, or hardly: 1233/4096 is log10(2).
	i32 point = ((e + 63 - (i32)__builtin_clzll(mant)) * 1233) >> 12;
	if (point >= 0) {
		big_pow10(s, (u32)point);
	} else {
		big_pow10(r, (u32)-point);
		big_pow10(m, (u32)-point);
	}
	rt_copy(high, m, BIG_BYTES);
	big_mul(high, 1 + wide, 0);
	while (big_cmp_sum(sum, r, high, s) >= (i32)(1 - even)) {
		big_mul(s, 10, 0);
		point++;
	}
	for (u32 n = 0;;) {
		big_mul(r, 10, 0);
		big_mul(m, 10, 0);
		big_mul(high, 10, 0);
		u8 digit = '0';
		while (big_cmp(r, s) >= 0) {
			big_sub(r, s);
			digit++;
		}
		u32 down = big_cmp(r, m) < (i32)even, up = big_cmp_sum(sum, r, high, s) >= (i32)(1 - even);
		if (down && up) {
			i32 c = big_cmp_sum(sum, r, r, s); // the nearest; in the middle the even one
			up = c > 0 || (c == 0 && (digit & 1));
		}
		out[n++] = digit + (u8)up;
		if (down || up) {
			return DIGITS(n, point);
		}
	}
}

// few_digits are the digits of a double that is a number of up to 15 of them, which no other double of as many is: a whole number over a power of ten, both
// doubles, so that one division is exactly rounded. 0: it is none.
static SMALL i32 few_digits(u8 *out, u64 bits) {
	f64 v, power = 1;
	__builtin_memcpy(&v, &bits, 8);
	for (i32 k = 0; k <= 22 && v * power < 1e15; k++, power *= 10) {
		u64 n = (u64)(v * power + 0.5);
		if (n != 0 && (f64)n / power == v) {
			return whole_digits(out, n) - k * 256;
		}
	}
	return 0;
}

// double_digits are the digits of a double that is neither NaN nor infinite, its sign left out. out has room for 20.
static SMALL i32 double_digits(u8 *out, u64 bits) {
	u64 mant = bits & (((u64)1 << 52) - 1);
	i32 e = (i32)(bits >> 52 & 0x7ff);
	u32 wide = mant == 0 && e > 1; // the double below is half as far away
	if (e != 0) {
		mant |= (u64)1 << 52;
	} else {
		e = 1;
	}
	if (mant == 0) {
		return DIGITS(0, 0);
	}
	e -= 1075;
	if (e <= 0 && e > -53 && (mant & (((u64)1 << -e) - 1)) == 0) {
		return whole_digits(out, mant >> -e);
	}
	if (e < 0 && e > -90) {
		i32 few = few_digits(out, bits & ~((u64)1 << 63));
		if (few != 0) {
			return few;
		}
	}
	u32 mark = rt_heap;
	i32 d = shortest_digits(out, mant, e, wide);
	rt_heap = mark;
	return d;
}

static SMALL str special_text(u64 bits) {
	u8 *p = rt_alloc(8);
	u32 nan = (bits & (((u64)1 << 52) - 1)) != 0;
	store32(p, nan ? 0x4e614e : bits >> 63 ? 0x666e492d : 0x666e492b); // NaN, -Inf, +Inf
	return STR(p, nan ? 3 : 4);
}

// format_double writes a double in the fewest digits that are read back as the same. It has an exponent below -4, and from `exponent`
// on; never if that is 0. suffix, if not 0, is put at the end.
static SMALL str format_double(f64 v, i32 exponent, u32 suffix) {
	u64 bits;
	__builtin_memcpy(&bits, &v, 8);
	if ((bits >> 52 & 0x7ff) == 0x7ff) {
		return special_text(bits);
	}
	u8 *p = rt_alloc(64), *digit = p + 40, *start = p;
	i32 d = double_digits(digit, bits);
	i32 n = d & 0xff, point = d >> 8, exp = point - 1;
	if (bits >> 63) {
		*p++ = '-';
	}
	u32 scientific = exponent != 0 && (exp < -4 || exp >= exponent) && n != 0;
	if (scientific) {
		point = 1;
	}
	if (point <= 0) {
		*p++ = '0';
	}
	i32 i = point < 0 ? point : 0; // the place in the digits; zeros before and after them
	for (; i < point || i < n; i++) {
		if (i == point) {
			*p++ = '.';
		}
		*p++ = i >= 0 && i < n ? digit[i] : '0';
	}
	if (scientific) {
		*p++ = 'e';
		*p++ = exp < 0 ? '-' : '+';
		u32 magnitude = (u32)(exp < 0 ? -exp : exp);
		if (magnitude < 10) {
			*p++ = '0';
		}
		u8 *end = start + 64, *from = put_uint(end, magnitude);
		while (from < end) {
			*p++ = *from++;
		}
	}
	if (suffix != 0) {
		*p++ = (u8)suffix;
	}
	return STR(start, p - start);
}

str rt_double_to_str(f64 v) { return format_double(v, 6, 0); }

// nearest is the double nearest to q * 2^(exp-63), whose highest bit is set, and a little more if `more`; of two the even one. It sets
// rt_out.
static SMALL i32 nearest(u64 q, i32 exp, u32 more, u64 sign) {
	u32 drop = 11; // bits that a double has no room for
	u64 bits = 0;
	if (exp < -1022) {
		i32 below = -1022 - exp;
		drop += below > 54 ? 54 : (u32)below;
		exp = -1022;
	}
	if (exp > 1023) {
		return BAD_VALUE;
	}
	if (drop <= 64) { // else it is less than half of the least double
		u64 half = (u64)1 << (drop - 1), rest = q & (half + half - 1);
		if (drop < 64) {
			bits = q >> drop;
		}
		if (rest > half || (rest == half && (more || (bits & 1)))) {
			bits++;
		}
	}
	bits += (u64)(exp + 1022) << 52; // with the highest bit of q, if it is there
	if (bits >> 52 == 0x7ff) {
		return BAD_VALUE;
	}
	rt_out[0] = bits | sign;
	return OK;
}

// quotient is nearest() of a/b * 2^exp, of whole numbers.
static SMALL i32 quotient(u32 *a, u32 *b, i32 exp, u64 sign) {
	// Make them equally long, then a not less than b, which is less than twice as much.
	i32 longer = (i32)(a[0] * 32) - __builtin_clz(a[a[0]]) - (i32)(b[0] * 32) + __builtin_clz(b[b[0]]);
	if (longer > 0) {
		big_pow2(b, (u32)longer);
	} else {
		big_pow2(a, (u32)-longer);
	}
	exp += longer;
	if (big_cmp(a, b) < 0) {
		big_mul(a, 2, 0);
		exp--;
	}
	u64 q = 0;
	for (u32 i = 0; i < 64; i++) {
		q <<= 1;
		if (big_cmp(a, b) >= 0) {
			big_sub(a, b);
			q |= 1;
		}
		big_mul(a, 2, 0);
	}
	return nearest(q, exp, a[0] != 0, sign);
}

// So many digits are read; of those that follow counts only whether they are all 0.
enum { MAX_DIGITS = 800 };

// exactly is nearest() of the number whose digits begin at p, without zeros before them, with their point after `point` of them.
static SMALL i32 exactly(const u8 *p, const u8 *end, i32 point, u64 sign) {
	u32 *a = big_new(0), *b = big_new(1);
	i32 n = 0;
	u32 rest = 0;
	for (; p < end && (*p | 0x20) != 'e'; p++) {
		if (*p == '.' || *p == '_') {
			continue;
		}
		if (n < MAX_DIGITS) {
			big_mul(a, 10, *p - '0');
			n++;
		} else {
			rest |= *p - '0';
		}
	}
	if (rest != 0) {
		big_mul(a, 10, 1);
		n++;
	}
	if (point >= n) {
		big_pow10(a, (u32)(point - n));
	} else {
		big_pow10(b, (u32)(n - point));
	}
	return quotient(a, b, 0, sign);
}

// underscores reports whether each underscore of a number without its sign has a digit on both sides, or the x of 0x before it.
static SMALL u32 underscores(const u8 *p, u32 n, u32 hex) {
	u32 saw = 0; // '_', a digit (1), or neither
	for (u32 i = 0; i < n; i++) {
		u32 c = p[i], lower = c | 0x20;
		u32 digit = c - '0' < 10 || (hex && (i == 1 || lower - 'a' < 6));
		if (c == '_' ? saw != 1 : saw == '_' && !digit) {
			return 0;
		}
		saw = c == '_' ? c : digit;
	}
	return saw != '_';
}

// named reads inf, infinity and nan, in letters of any case. They stand for themselves in rt_out.
static SMALL i32 named(const u8 *p, u32 n, u32 signs, u64 sign) {
	u64 word = 0;
	for (u32 i = 0; i < n && i < 9; i++) {
		u32 c = p[i];
		word = word << 8 | (c - 'A' < 26 ? c | 0x20 : c);
	}
	if (n == 3 && word == 0x6e616e && signs == 0) {
		rt_out[0] = (u64)0x7ff8 << 48;
		return OK;
	}
	if ((n == 3 && word == 0x696e66) || (n == 8 && word == 0x696e66696e697479)) {
		rt_out[0] = (u64)0x7ff << 52 | sign;
		return OK;
	}
	return BAD_VALUE;
}

// by_power is mant * 10^exp where one operation on doubles gives it exactly rounded: 10^22 is the last power of ten that is a double.
static SMALL void by_power(u64 mant, i32 exp, u64 sign) {
	f64 v = (f64)mant, power = 1;
	for (i32 i = exp < 0 ? -exp : exp; i > 0; i--) {
		power *= 10;
	}
	v = exp < 0 ? v / power : v * power;
	u64 bits;
	__builtin_memcpy(&bits, &v, 8);
	rt_out[0] = bits | sign;
}

// rt_str_to_double reads what Go's strconv.ParseFloat reads, its quirks included: hexadecimal, underscores, exponents that are cut.
SMALL i32 rt_str_to_double(str s) {
	const u8 *p = at(s), *end = p + len(s);
	u32 signs = p < end && (*p == '+' || *p == '-');
	u64 sign = signs && *p == '-' ? (u64)1 << 63 : 0;
	p += signs;
	const u8 *start = p, *first = 0; // the first digit that is not 0
	u32 hex = end - p > 2 && *p == '0' && (p[1] | 0x20) == 'x';
	p += 2 * hex;
	u32 base = hex ? 16 : 10, room = hex ? 16 : 19; // digits that 64 bits have room for
	u32 dot = 0, any = 0, more = 0, underscore = 0, e = 0;
	i32 n = 0, kept = 0, point = 0, power = 0;
	u64 mant = 0;
	for (; p < end; p++) {
		u32 c = *p, d = c - '0', letter = (c | 0x20) - 'a';
		if (c == '_') {
			underscore = 1;
			continue;
		}
		if (c == '.' && !dot) {
			dot = 1;
			point += n;
			continue;
		}
		if (d > 9) {
			if (!hex || letter > 5) {
				break;
			}
			d = letter + 10;
		}
		any = 1;
		if (d == 0 && n == 0) {
			point -= (i32)dot; // a zero before all digits: only behind the point it counts
			continue;
		}
		if (n++ == 0) {
			first = p;
		}
		if (kept < (i32)room) {
			mant = mant * base + d;
			kept++;
		} else {
			more |= d;
		}
	}
	if (!any) {
		return named(start, (u32)(end - start), signs, sign);
	}
	if (!dot) {
		point = n;
	}
	if (p < end && (*p | 0x20) == (hex ? 'p' : 'e')) {
		e = 1;
		p++;
		u32 minus = p < end && *p == '-';
		p += minus || (p < end && *p == '+');
		if (p == end || (u32)(*p - '0') > 9) {
			return BAD_VALUE;
		}
		for (; p < end && ((u32)(*p - '0') <= 9 || *p == '_'); p++) {
			if (*p == '_') {
				underscore = 1;
			} else if (power < 10000) {
				power = power * 10 + *p - '0';
			}
		}
		power = minus ? -power : power;
	}
	if (p < end || (hex && !e) || (underscore && !underscores(start, (u32)(end - start), hex))) {
		return BAD_VALUE;
	}
	if (mant == 0) {
		rt_out[0] = sign;
		return OK;
	}
	if (hex) {
		u32 zeros = (u32)__builtin_clzll(mant);
		return nearest(mant << zeros, 4 * (point - kept) + power + 63 - (i32)zeros, more != 0, sign);
	}
	point += power;
	if (more == 0 && mant >> 53 == 0 && point - kept <= 22 && point - kept >= -22) {
		by_power(mant, point - kept, sign);
		return OK;
	}
	if (point > 310) {
		return BAD_VALUE;
	}
	if (point < -330) {
		rt_out[0] = sign;
		return OK;
	}
	u32 mark = rt_heap;
	i32 code = exactly(first, end, point, sign);
	rt_heap = mark;
	return code;
}
