// Whether a subject is in a rollout.

#include "decide.h"

enum { BUCKETS = 10000 };

static inline u64 rotate(u64 x, u32 n) { return x << n | x >> (64 - n); }

// rt_rolled hashes `by` by SipHash-2-4 with a key of zeros. What comes before it, the policy's and the rule's names, is hashed already: a
// rollout is the four words of the state, the bytes left over, and, in one word, how many bytes that is in all and the buckets that are in.
SMALL i32 rt_rolled(const u64 *rollout, str by) {
	u64 a = rollout[0], b = rollout[1], c = rollout[2], d = rollout[3], word = rollout[4];
	u32 total = (u32)rollout[5], left = len(by), rounds = 2;
	const u8 *p = at(by);
	for (;;) {
		do {
			if (!left--) {
				word |= (u64)total << 56;
				rounds = 6; // the last four are after this word
				break;
			}
			word |= (u64)*p++ << (8 * total & 63);
		} while (++total & 7);
		d ^= word;
		do {
			if (rounds == 4) {
				a ^= word;
				c ^= 0xff;
			}
			a += b, b = rotate(b, 13) ^ a, a = rotate(a, 32);
			c += d, d = rotate(d, 16) ^ c;
			a += d, d = rotate(d, 21) ^ a;
			c += b, b = rotate(b, 17) ^ c, c = rotate(c, 32);
		} while (--rounds);
		if (!++left)
			break;
		a ^= word;
		word = 0;
		rounds = 2;
		left--;
	}
	return (a ^ b ^ c ^ d) % BUCKETS < rollout[5] >> 32;
}
