// Base64, as Go's encoding/base64 has it.

#include "rt.h"

// sextet is the value of a letter of the alphabet, whose last two are c62 and c63; more than 63: it is none.
static SMALL u32 sextet(u32 c, u32 url) {
	if (c - 'A' < 26) {
		return c - 'A';
	}
	if (c - 'a' < 26) {
		return c - 'a' + 26;
	}
	if (c - '0' < 10) {
		return c - '0' + 52;
	}
	return c == (url ? '-' : '+') ? 62 : c == (url ? '_' : '/') ? 63 : 64;
}

// decode takes text with padding or without. Line ends may stand anywhere; bits that no byte needs do not count.
static SMALL i32 decode(str s, u32 url) {
	const u8 *p = at(s), *end = p + len(s);
	u8 *start = rt_alloc(len(s) / 4 * 3 + 3), *out = start;
	u32 bits = 0, n = 0, pads = 0;
	for (; p < end; p++) {
		u32 c = *p;
		if (c == '\r' || c == '\n') {
			continue;
		}
		if (c == '=') {
			pads++;
			continue;
		}
		u32 v = sextet(c, url);
		if (v > 63 || pads > 0) {
			return BAD_VALUE;
		}
		bits = bits << 6 | v;
		if (n % 4 != 0) {
			*out++ = (u8)(bits >> (6 - n % 4 * 2));
		}
		n++;
	}
	if (n % 4 == 1 || (pads > 0 && (n % 4 < 2 || pads != 4 - n % 4))) {
		return BAD_VALUE;
	}
	rt_out[0] = STR(start, out - start);
	return OK;
}

i32 rt_base64_decode(str s) { return decode(s, 0); }

i32 rt_base64_decode_url(str s) { return decode(s, 1); }

// letter is the letter of a value.
static SMALL u32 letter(u32 v, u32 url) {
	v &= 63;
	return v < 26 ? 'A' + v : v < 52 ? 'a' + v - 26 : v < 62 ? '0' + v - 52 : v == 62 ? (url ? '-' : '+') : (url ? '_' : '/');
}

static SMALL i32 encode(str b, u32 url) {
	const u8 *p = at(b);
	u32 n = len(b), size = (n + 2) / 3 * 4;
	if (size > MAX_MADE_BYTES) {
		return LIMIT;
	}
	u8 *out = rt_alloc(size);
	rt_out[0] = STR(out, size);
	for (u32 i = 0; i < n; i += 3) {
		u32 left = n - i, v = (u32)p[i] << 16 | (left > 1 ? (u32)p[i + 1] << 8 : 0) | (left > 2 ? p[i + 2] : 0);
		*out++ = (u8)letter(v >> 18, url);
		*out++ = (u8)letter(v >> 12, url);
		*out++ = left > 1 ? (u8)letter(v >> 6, url) : '=';
		*out++ = left > 2 ? (u8)letter(v, url) : '=';
	}
	return OK;
}

i32 rt_base64_encode(str b) { return encode(b, 0); }

i32 rt_base64_encode_url(str b) { return encode(b, 1); }
