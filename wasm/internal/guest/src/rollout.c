// Whether a subject is in a rollout.

#include "decide.h"

enum { BUCKETS = 10000 };

static inline u64 rotate(u64 x, u32 n) { return x << n | x >> (64 - n); }

// rounds mixes the state of SipHash.
static SMALL void rounds(u64 *s, u32 n) {
	u64 a = s[0], b = s[1], c = s[2], d = s[3];
	do {
		a += b, b = rotate(b, 13) ^ a, a = rotate(a, 32);
		c += d, d = rotate(d, 16) ^ c;
		a += d, d = rotate(d, 21) ^ a;
		c += b, b = rotate(b, 17) ^ c, c = rotate(c, 32);
	} while (--n);
	s[0] = a, s[1] = b, s[2] = c, s[3] = d;
}

// rt_rolled hashes `by` by SipHash-2-4 with a key of zeros. What comes before it, the policy's and the rule's names, is hashed already: a
// rollout is the four words of the state, the bytes left over, and, in one word, how many bytes that is in all and the buckets that are in.
SMALL i32 rt_rolled(const u64 *rollout, str by) {
	u64 *s = rt_out, word = rollout[4];
	u32 total = (u32)rollout[5], filled;
	const u8 *p = at(by), *end = p + len(by);
	for (u32 i = 0; i < 4; i++)
		s[i] = rollout[i];
	do {
		filled = total % 8;
		for (; filled < 8 && p < end; filled++, total++)
			word |= (u64)*p++ << 8 * filled;
		if (filled < 8)
			word |= (u64)total << 56;
		s[3] ^= word;
		rounds(s, 2);
		s[0] ^= word;
		word = 0;
	} while (filled == 8);
	s[2] ^= 0xff;
	rounds(s, 4);
	return (s[0] ^ s[1] ^ s[2] ^ s[3]) % BUCKETS < rollout[5] >> 32;
}
