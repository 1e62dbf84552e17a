// IP addresses and ranges.

#include "rt.h"

enum { FAMILY, BITS, ADDRESS = 4, ADDRESS_BYTES = 20 };

// same_bits compares the first bits of two addresses.
static SMALL i32 same_bits(const u8 *a, const u8 *b, u32 bits) {
	a += ADDRESS;
	b += ADDRESS;
	for (; bits >= 8; bits -= 8) {
		if (*a++ != *b++) {
			return 0;
		}
	}
	return bits == 0 || (*a ^ *b) >> (8 - bits) == 0;
}

i32 rt_ip_eq(const u8 *a, const u8 *b) {
	return a[FAMILY] == b[FAMILY] && load64(a + ADDRESS) == load64(b + ADDRESS) && load64(a + ADDRESS + 8) == load64(b + ADDRESS + 8);
}

SMALL i32 rt_cidr_eq(const u8 *a, const u8 *b) { return a[BITS] == b[BITS] && rt_ip_eq(a, b); }

i32 rt_cidr_contains_ip(const u8 *c, const u8 *ip) { return c[FAMILY] == ip[FAMILY] && same_bits(c, ip, c[BITS]); }

SMALL i32 rt_cidr_contains_cidr(const u8 *c, const u8 *part) { return c[BITS] <= part[BITS] && rt_cidr_contains_ip(c, part); }

// fields reads the four numbers of an IPv4 address: all of a text.
static SMALL u32 fields(const u8 *p, const u8 *end, u8 *out) {
	for (u32 i = 0; i < 4; i++) {
		u32 v = 0, n = 0;
		for (; p < end && *p - (u32)'0' <= 9; p++, n++) {
			if (v > 25 || (n > 0 && v == 0)) {
				return 0; // too large, or a zero in front
			}
			v = v * 10 + (*p - (u32)'0');
		}
		if (n == 0 || v > 255 || (i < 3 && (p == end || *p++ != '.'))) {
			return 0;
		}
		out[i] = (u8)v;
	}
	return p == end;
}

// groups reads an IPv6 address into 16 bytes that are 0.
static SMALL u32 groups(const u8 *p, const u8 *end, u8 *out) {
	u32 gap = 17, i = 0; // where :: stands; nowhere yet
	if (end - p >= 2 && p[0] == ':' && p[1] == ':') {
		gap = 0;
		p += 2;
	}
	while (i < 16 && p < end) {
		const u8 *from = p;
		u32 v = 0;
		for (; p < end; p++) {
			u32 d = *p - (u32)'0', letter = (*p | 0x20) - (u32)'a';
			if (d > 9 && letter > 5) {
				break;
			}
			v = v << 4 | (d > 9 ? letter + 10 : d);
			if (p - from > 3) {
				return 0;
			}
		}
		if (p == from) {
			return 0;
		}
		if (p < end && *p == '.') {
			if ((gap > 16 && i != 12) || i > 12 || !fields(from, end, out + i)) {
				return 0;
			}
			i += 4;
			p = end;
			break;
		}
		out[i++] = (u8)(v >> 8);
		out[i++] = (u8)v;
		if (p == end) {
			break;
		}
		if (*p++ != ':' || p == end) {
			return 0;
		}
		if (*p == ':') {
			if (gap <= 16) {
				return 0;
			}
			gap = i;
			p++;
		}
	}
	if (p < end || (i == 16) == (gap <= 16)) {
		return 0; // too long, or too short; or :: for nothing
	}
	if (gap <= 16) { // move what follows :: to the end
		for (u32 k = 1; k <= i - gap; k++) {
			out[16 - k] = out[i - k];
			out[i - k] = 0;
		}
	}
	return 1;
}

// mapped reports whether an address of 16 bytes is an IPv4 address in IPv6 form.
static SMALL u32 mapped(const u8 *p) { return load64(p) == 0 && load32(p + 8) == 0xffff0000; }

// address reads an address; 0: it is none. Zones are none, and IPv4 addresses in IPv6 form.
static SMALL u8 *address(const u8 *p, u32 n) {
	u8 *ip = rt_alloc(ADDRESS_BYTES), *out = ip + ADDRESS;
	rt_fill(ip, 0, ADDRESS_BYTES);
	u32 i = 0;
	while (i < n && p[i] != '.' && p[i] != ':') {
		i++;
	}
	if (i == n) {
		return 0;
	}
	if (p[i] == '.') {
		ip[FAMILY] = 4;
		store32(out + 8, 0xffff0000);
		return fields(p, p + n, out + 12) ? ip : 0;
	}
	ip[FAMILY] = 6;
	return groups(p, p + n, out) && !mapped(out) ? ip : 0;
}

static inline i32 set_address(const u8 *p) {
	rt_out[0] = ADDR(p);
	return p != 0 ? OK : BAD_VALUE;
}

i32 rt_ip_parse(str s) { return set_address(address(at(s), len(s))); }

SMALL i32 rt_cidr_parse(str s) {
	const u8 *p = at(s);
	u32 n = len(s), slash = n;
	while (slash > 0 && p[slash - 1] != '/') {
		slash--;
	}
	if (slash == 0) {
		return BAD_VALUE;
	}
	u8 *c = address(p, slash - 1);
	u32 digits = n - slash, bits = 0;
	if (c == 0 || digits - 1 > 2 || (digits > 1 && p[slash] == '0')) {
		return BAD_VALUE;
	}
	for (; slash < n; slash++) {
		u32 d = p[slash] - (u32)'0';
		if (d > 9) {
			return BAD_VALUE;
		}
		bits = bits * 10 + d;
	}
	if (c[FAMILY] == 4) {
		bits += 96;
	}
	c[BITS] = (u8)bits;
	return bits <= 128 ? set_address(c) : BAD_VALUE;
}

// Whether a text is an address, or a range; what is read is not kept.
static inline i32 fits(i32 code, u32 mark) {
	rt_heap = mark;
	return code == OK;
}

SMALL i32 rt_is_ip(str s) {
	u32 mark = rt_heap;
	return fits(rt_ip_parse(s), mark);
}

i32 rt_is_cidr(str s) {
	u32 mark = rt_heap;
	return fits(rt_cidr_parse(s), mark);
}

SMALL i32 rt_cidr_contains_ip_str(const u8 *c, str s) {
	i32 code = rt_ip_parse(s);
	if (code == OK) {
		rt_out[0] = (u64)rt_cidr_contains_ip(c, PTR(const u8, rt_out[0]));
	}
	return code;
}

SMALL i32 rt_cidr_contains_cidr_str(const u8 *c, str s) {
	i32 code = rt_cidr_parse(s);
	if (code == OK) {
		rt_out[0] = (u64)rt_cidr_contains_cidr(c, PTR(const u8, rt_out[0]));
	}
	return code;
}

static SMALL u8 *put_fields(u8 *out, const u8 *p) {
	for (u32 i = 0; i < 4; i++) {
		u32 v = p[i];
		if (i > 0) {
			*out++ = '.';
		}
		if (v >= 100) {
			*out++ = (u8)('0' + v / 100);
		}
		if (v >= 10) {
			*out++ = (u8)('0' + v / 10 % 10);
		}
		*out++ = (u8)('0' + v % 10);
	}
	return out;
}

static SMALL u32 group(const u8 *p, u32 i) { return (u32)p[2 * i] << 8 | p[2 * i + 1]; }

static SMALL u8 *put_groups(u8 *out, const u8 *p) {
	u32 from = 8, zeros = 1; // the first of the longest runs of at least two groups that are 0
	for (u32 i = 0; i < 8; i++) {
		u32 n = 0;
		while (i + n < 8 && group(p, i + n) == 0) {
			n++;
		}
		if (n > zeros) {
			from = i;
			zeros = n;
		}
	}
	for (u32 i = 0; i < 8; i++) {
		if (i == from) {
			*out++ = ':';
			i += zeros;
			if (i == 8) {
				*out++ = ':';
				break;
			}
		}
		if (i > 0) {
			*out++ = ':';
		}
		u32 v = group(p, i), shift = v >= 0x1000 ? 16 : v >= 0x100 ? 12 : v >= 0x10 ? 8 : 4;
		while (shift > 0) {
			shift -= 4;
			u32 d = v >> shift & 15;
			*out++ = (u8)(d < 10 ? '0' + d : 'a' - 10 + d);
		}
	}
	return out;
}

static SMALL u8 *put_address(u8 *out, const u8 *ip) {
	return ip[FAMILY] == 4 ? put_fields(out, ip + ADDRESS + 12) : put_groups(out, ip + ADDRESS);
}

str rt_ip_to_str(const u8 *ip) {
	u8 *p = rt_alloc(40);
	return STR(p, put_address(p, ip) - p);
}

i64 rt_ip_family(const u8 *ip) { return ip[FAMILY]; }

i64 rt_cidr_prefix_length(const u8 *c) { return c[FAMILY] == 4 ? c[BITS] - 96 : c[BITS]; }

SMALL str rt_cidr_to_str(const u8 *c) {
	u8 *start = rt_alloc(48), *p = put_address(start, c), *end = start + 48;
	u8 *from = put_uint(end, (u64)rt_cidr_prefix_length(c));
	*p++ = '/';
	while (from < end) {
		*p++ = *from++;
	}
	return STR(start, p - start);
}

// rt_ip_is_canonical reports whether an address is written as rt_ip_to_str writes it.
SMALL i32 rt_ip_is_canonical(str s) {
	const u8 *ip = address(at(s), len(s));
	if (ip == 0) {
		return BAD_VALUE;
	}
	rt_out[0] = (u64)rt_str_eq(s, rt_ip_to_str(ip));
	return OK;
}

enum { IS_UNSPECIFIED, IS_LOOPBACK, IS_LINK_LOCAL_UNICAST, IS_LINK_LOCAL_MULTICAST, IS_GLOBAL_UNICAST };

SMALL i32 rt_ip_is(const u8 *ip, u32 what) {
	const u8 *p = ip + ADDRESS;
	u32 v4 = ip[FAMILY] == 4, a = v4 ? p[12] : p[0], b = v4 ? p[13] : p[1];
	u32 zero = load64(p) == 0 && load32(p + 8) == 0; // an IPv6 address, all but its end
	u32 end = load32(p + 12);
	u32 unspecified = (v4 || zero) && end == 0;
	u32 loopback = v4 ? a == 127 : zero && end == 0x01000000;
	u32 unicast = v4 ? a == 169 && b == 254 : a == 0xfe && b >> 6 == 2;
	u32 multicast = v4 ? a >> 4 == 14 : a == 0xff;
	switch (what) {
	case IS_UNSPECIFIED:
		return (i32)unspecified;
	case IS_LOOPBACK:
		return (i32)loopback;
	case IS_LINK_LOCAL_UNICAST:
		return (i32)unicast;
	case IS_LINK_LOCAL_MULTICAST:
		return v4 ? a == 224 && b == 0 && p[14] == 0 : a == 0xff && (b & 15) == 2;
	}
	return !(unspecified || loopback || unicast || multicast || (v4 && end == 0xffffffff));
}

// masked is a range, or the address of one, of as many bits as are left.
static SMALL u8 *masked(const u8 *c, u32 bits, u32 kept) {
	u8 *p = rt_alloc(ADDRESS_BYTES);
	rt_copy(p, c, ADDRESS_BYTES);
	p[BITS] = (u8)bits;
	for (u32 i = 0; i < 16; i++) {
		u32 from = 8 * i;
		if (from + 8 > kept) {
			p[ADDRESS + i] &= from >= kept ? 0 : (u8)(0xff00 >> (kept - from));
		}
	}
	return p;
}

const u8 *rt_cidr_masked(const u8 *c) { return masked(c, c[BITS], c[BITS]); }

const u8 *rt_cidr_ip(const u8 *c) { return masked(c, 0, 128); }

SMALL i32 rt_cidr_is_mask(const u8 *c) { return rt_ip_eq(c, rt_cidr_masked(c)); }
