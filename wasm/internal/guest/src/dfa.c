// Whether a regular expression is found in a text, by an automaton that package table makes. It steps over code points, invalid bytes being
// U+FFFD one by one, as in Go's regexp.

#include "decide.h"

// The table. States 0 and 1 are ends: not found whatever follows, and found. They have no row.
struct automaton {
	u16 start;
	u16 final; // a text that ends in this state, or in one above, matches
	u16 classes, ranges;
	u8 low, span; // the ASCII characters that are not of class 0 lie among these
	u8 wide, zero; // states are numbers of two bytes
	// code point<<8 | class: a range above ASCII begins, as far as the next one. Then the classes of ASCII, span of them made even, and for each
	// state from 2 and each class the state that follows.
	u32 range[];
};

// rt_class is the class of a code point above ASCII.
NOINLINE u32 rt_class(const u32 *range, u32 n, u32 rune) {
	u32 low = 0, high = n, wanted = rune << 8 | 0xff;
	while (low < high) {
		u32 middle = (low + high) / 2;
		if (range[middle] <= wanted)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? range[low - 1] & 0xff : 0;
}

// follows is the state after a character of a class.
static inline u32 follows(const u8 *next, u32 wide, u32 row) { return wide ? ((const u16 *)next)[row] : next[row]; }

// rt_dfa reports whether the text has a match anywhere.
i32 rt_dfa(const u8 *table, str s) {
	const struct automaton *t = (const struct automaton *)table;
	const u8 *map = (const u8 *)(t->range + t->ranges), *next = map + (t->span + 1u) / 2 * 2;
	const u8 *p = at(s), *end = p + len(s);
	u32 state = t->start, classes = t->classes, span = t->span, low = t->low, wide = t->wide;
	next -= (2 * classes) << wide; // where the row of state 0 would be
#define STEP(c) state = follows(next, wide, state *classes + ((c) - low < span ? map[(c) - low] : 0))
	while (state > 1 && p < end) {
		u32 c = *p;
		if (end - p >= 4 && (load32(p) & 0x80808080) == 0) { // most text
			STEP(c);
			if (state > 1)
				STEP(p[1]);
			if (state > 1)
				STEP(p[2]);
			if (state > 1)
				STEP(p[3]);
			p += 4;
		} else if (c < 0x80) {
			p++;
			STEP(c);
		} else {
			c = rt_rune(p, (u32)(end - p));
			p += c >> 24;
			state = follows(next, wide, state * classes + rt_class(t->range, t->ranges, c & 0xffffff));
		}
	}
#undef STEP
	return state > 1 ? state >= t->final : (i32)state;
}
