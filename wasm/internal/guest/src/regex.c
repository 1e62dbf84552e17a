// Regular expressions as programs, for what an automaton (dfa.c) does not say: where a match is, and its groups. All ways through the program are followed at
// once, in the order in which they are preferred (Pike's machine), so that it takes time linear in a text. Matches are those of Go's regexp.

#include "rt.h"

// A program is constant data, as package table makes it: little-endian, aligned to 4.
struct program {
	u16 start, count; // of instructions
	u16 ranges;
	u8 low, span; // as in an automaton: where the ASCII characters that are not of class 0 lie
	u8 caps;      // places that are noted: two for the match and for each group
	u8 anchored;  // a match begins where the text begins
	u8 asserts;   // there are assertions
	u8 set_bytes; // of a set of classes
	u8 zero[4];
	// u32 range[ranges]; struct instr[count]; u8 ascii[span, made even]; u8 sets[]
	u32 range[];
};

struct instr {
	u8 op, flags; // flags of an assertion
	u16 out;
	u16 arg; // the other way of an ALT, the place of a CAP less one, the set of a READ, as a multiple of set_bytes
	u16 zero;
};

enum { READ, ALT, CAP, ASSERT, MATCH, FAIL };

// Flags of assertions, as package syntax numbers them.
enum { BEGIN_LINE = 1, END_LINE = 2, BEGIN_TEXT = 4, END_TEXT = 8, BOUNDARY = 16, NO_BOUNDARY = 32 };

// A finder is a program as an automaton: a state is a list of threads, and a transition says what becomes of the places that they have noted. Package table makes it.
struct finder {
	u16 end, classes; // a state is the place of its row; the rows end at end, and the last class is the text's end
	u16 ranges;
	u8 low, span, caps; // as in a program
	u8 asserts;
	u8 zero[4];
	u16 threads;  // of a state, at most; a program has 0 here
	u16 start[4]; // the state to begin with, by what stands before: another character, a newline, one of a word, nothing
	// u32 range[ranges]; u8 ascii[span, made even]; u16 row[][classes]: the next state; 0 is the last one, which has no row, and from end on it is a record, counted by two bytes
	u32 range[];
};

// A machine runs a program or a finder. Its threads are the places in the program where a way has come to, each with the places in the text that it has noted.
struct machine {
	const struct program *t;
	const struct finder *finder; // or 0
	const struct instr *code;
	const u8 *ascii, *sets;
	str text;
	u32 *mark; // of each instruction, the round in which it was looked at
	u32 round;
	u32 *stack;
	u32 *now, *next; // lists of threads: of each its instruction, and what it has noted; a finder's has what it has noted alone
	u32 words;       // of a thread
	u32 count;       // threads in next
	u32 *cap;        // what the thread that is being added has noted: where the match begins, then of each group where it begins and ends
	u32 match[];     // what the match has noted
};

#define NOWHERE (~0u)
#define EDGE 0xffffffffu // no code point: the text begins or ends
#define RESTORE 0x80000000u

static SMALL struct machine *machine_new(const u8 *table, str text) {
	const struct program *t = (const struct program *)table;
	const struct finder *f = (const struct finder *)table;
	u32 n = f->threads ? 0 : t->count, words = t->caps > 0 ? t->caps : 1, list = n; // where a match ends is known when it does
	if (f->threads) {
		list = f->threads;
		words--;
	}
	struct machine *m = rt_alloc(sizeof(struct machine) + 4 * 20 + 4 * (n + (4 * n + 4) + 2 * words * list + words));
	u32 *room = m->match + 20;
	m->t = t;
	m->finder = f->threads ? f : 0;
	m->code = (const struct instr *)(t->range + t->ranges);
	m->ascii = (const u8 *)(m->code + n);
	m->sets = m->ascii + (t->span + 1u) / 2 * 2;
	m->text = text;
	m->words = words;
	m->round = 0;
	m->mark = room;
	rt_fill(m->mark, 0, 4 * n);
	m->stack = room += n;
	m->now = room += 4 * n + 4;
	m->next = room += words * list;
	m->cap = room + words * list;
	return m;
}

static inline u32 is_word(u32 c) { return (c | 0x20) - 'a' < 26 || c - '0' < 10 || c == '_'; }

// holds are the assertions that hold between two code points.
static SMALL u32 holds(u32 before, u32 after) {
	u32 f = is_word(before) != is_word(after) ? BOUNDARY : NO_BOUNDARY;
	f |= before == EDGE ? BEGIN_TEXT | BEGIN_LINE : before == '\n' ? BEGIN_LINE : 0;
	return f | (after == EDGE ? END_TEXT | END_LINE : after == '\n' ? END_LINE : 0);
}

// follow adds the threads that an instruction leads to without reading, the preferred ones first.
static NOINLINE void follow(struct machine *m, u32 pc, u32 place, u32 flags) {
	u32 *top = m->stack, *bottom = top, *mark = m->mark, round = m->round, words = m->words;
	const struct instr *code = m->code;
	for (;;) {
		const struct instr *in = code + pc;
		u32 op = in->op, seen = mark[pc] == round;
		mark[pc] = round;
		if (seen) {
			op = FAIL;
		}
		if (op == ALT) {
			*top++ = in->arg;
			pc = in->out;
			continue;
		}
		if (op == CAP) {
			*top++ = m->cap[in->arg];
			*top++ = in->arg | RESTORE;
			m->cap[in->arg] = place;
			pc = in->out;
			continue;
		}
		if (op == ASSERT && (in->flags & ~flags) == 0) {
			pc = in->out;
			continue;
		}
		if (op == READ || op == MATCH) {
			u32 *thread = m->next + m->count++ * words;
			*thread = pc;
			const u32 *cap = m->cap;
#pragma clang loop unroll(disable) vectorize(disable)
			for (u32 i = 1; i < words; i++) {
				*++thread = *cap++;
			}
		}
		for (;;) { // back to the way that was left last
			if (top == bottom) {
				return;
			}
			pc = *--top;
			if ((pc & RESTORE) == 0) {
				break;
			}
			m->cap[pc & ~RESTORE] = *--top;
		}
	}
}

// rune_at is the code point at a place, its length << 24; EDGE at the end.
static inline u32 rune_at(str s, u32 place) {
	if (place >= len(s)) {
		return EDGE;
	}
	u32 c = at(s)[place];
	return c < 0x80 ? c | 1u << 24 : rt_rune(at(s) + place, len(s) - place);
}

// before_place is the code point before a place; EDGE at the beginning.
static SMALL u32 before_place(str s, u32 place) {
	if (place == 0) {
		return EDGE;
	}
	u32 from = place - 1;
	while (from > 0 && place - from < 4 && (at(s)[from] & 0xc0) == 0x80) {
		from--;
	}
	u32 c = rt_rune(at(s) + from, place - from);
	return from + (c >> 24) == place ? c & 0xffffff : 0xfffd;
}

static inline u32 code_point(u32 c) { return c == EDGE ? EDGE : c & 0xffffff; }

// step runs the threads over a code point. It is not 0 if one of them matches before it; those that are less preferred are given up then.
static NOINLINE u32 step(struct machine *m, u32 count, u32 c, u32 place, u32 flags) {
	const struct program *t = m->t;
	u32 rune = code_point(c), end = place + (c >> 24), class = 0, words = m->words;
	if (c != EDGE) {
		class = rune >= 0x80 ? rt_class(t->range, t->ranges, rune) : rune - t->low < t->span ? m->ascii[rune - t->low] : 0;
	}
	const u32 *thread = m->now;
	for (; count > 0; count--, thread += words) {
		const struct instr *in = m->code + *thread;
		if (in->op == MATCH) {
#pragma clang loop unroll(disable) vectorize(disable)
			for (u32 i = 0; i + 1 < words; i++) {
					m->match[i == 0 ? 0 : i + 1] = thread[i + 1];
			}
			m->match[1] = place;
			return 1;
		}
		if (c == EDGE || (m->sets[in->arg * t->set_bytes + class / 8] >> class % 8 & 1) == 0) {
			continue;
		}
#pragma clang loop unroll(disable) vectorize(disable)
		for (u32 i = 0; i + 1 < words; i++) {
			m->cap[i] = thread[i + 1];
		}
		follow(m, in->out, end, flags);
	}
	return 0;
}

// noting writes what a thread has noted, which is so much of what one before it had and then a few times the place; from is where that is said.
static SMALL const u8 *noting(const struct machine *m, u32 *to, const u8 *from, u32 place) {
	u32 words = m->words, fresh = *from == 0xff;
	const u32 *had = m->now + *from * words;
#pragma clang loop unroll(disable) vectorize(disable)
	for (u32 i = 0; i < words; i++) {
		to[i] = fresh ? NOWHERE : had[i];
	}
	if (fresh) {
		to[0] = place;
	}
	u32 n = *++from;
	for (from++; n > 0; n--) {
		to[*from++] = place;
	}
	return from;
}

// move does it for the threads of a state; across, to other places.
static SMALL void move(struct machine *m, const u8 *from, u32 n, u32 place) {
	u32 across = n & 0x80, *to = across ? m->next : m->now;
	for (n &= 0x7f; n > 0; n--) {
		u32 thread = *from++;
		from = noting(m, to + thread * m->words, from, place);
	}
	if (across) {
		m->next = m->now;
		m->now = to;
	}
}

// matched_at keeps what a match has noted, which is put off until the thread that has it changes: longer matches follow most often.
static SMALL void matched_at(struct machine *m, const u8 *noted, u32 end) {
	if (noted) {
		noting(m, m->match + 1, noted, end);
		m->match[0] = m->match[1];
		m->match[1] = end;
	}
}

// run_finder is search by a finder.
static NOINLINE u32 run_finder(struct machine *m, u32 place) {
	const struct finder *t = m->finder;
	const u8 *p = at(m->text), *map = (const u8 *)(t->range + t->ranges), *noted = 0;
	u32 n = len(m->text), low = t->low, span = t->span, classes = t->classes, rows = t->end, end = 0, matched = 0;
	const u16 *next = (const u16 *)(map + (span + 1) / 2 * 2) - classes; // where the row of state 0 would be
	const u8 *records = (const u8 *)(next + rows);
	u32 before = t->asserts ? before_place(m->text, place) : 0;
	u32 state = t->start[before == EDGE ? 3 : is_word(before) ? 2 : before == '\n'];
	if (!t->asserts) {
		state = t->start[0];
	}
	while (state) {
		u32 to;
#define STEP(i)                                                           \
	to = p[place + i] - low;                                              \
	to = next[state + (to < span ? map[to] : 0)];                         \
	if (to - 1 >= rows - 1) {                                             \
		place += i;                                                       \
		break;                                                            \
	}                                                                     \
	state = to
		while (place + 4 <= n && (load32(p + place) & 0x80808080) == 0) { // most text, where nothing is noted
			STEP(0);
			STEP(1);
			STEP(2);
			STEP(3);
			place += 4;
		}
#undef STEP
		u32 class = classes - 1, step = 1;
		if (place < n) {
			u32 c = p[place];
			if (c < 0x80) {
				c -= low;
				class = c < span ? map[c] : 0;
			} else {
				c = rt_rune(p + place, n - place);
				step = c >> 24;
				class = rt_class(t->range, t->ranges, c & 0xffffff);
			}
		}
		state = next[state + class];
		if (state >= rows) {
			const u8 *record = records + 2 * (state - rows);
			state = record[0] | record[1] << 8;
			u32 size = record[2], moves = record[3];
			record += 4;
			if (size) {
				noted = record;
				end = place;
				matched = 1;
			}
			if (moves) {
				matched_at(m, noted, end);
				noted = 0;
				move(m, record + size, moves, place);
			}
		}
		place += step;
	}
	matched_at(m, noted, end);
	return matched;
}

// search finds the first match that begins at a place or behind it. What it has noted is in m->match.
static SMALL u32 search(struct machine *m, u32 place) {
	if (m->finder) {
		return run_finder(m, place);
	}
	str s = m->text;
	const struct program *t = m->t;
	u32 matched = 0, before = t->asserts ? before_place(s, place) : 0, first = place;
	u32 c = rune_at(s, place), flags = t->asserts ? holds(before, code_point(c)) : 0;
	m->round++;
	m->count = 0;
	for (;;) {
		if (!matched && !(t->anchored && place > 0)) {
#pragma clang loop unroll(disable) vectorize(disable)
			for (u32 i = 0; i < m->words; i++) {
				m->cap[i] = NOWHERE;
			}
			m->cap[0] = place; // there is room for it even where nothing is noted
			follow(m, t->start, place, flags);
		}
		u32 count = m->count, *threads = m->next;
		if (count == 0 && (matched || (t->anchored && place >= first))) {
			break;
		}
		m->next = m->now;
		m->now = threads;
		m->count = 0;
		m->round++;
		u32 after = c == EDGE ? EDGE : rune_at(s, place + (c >> 24));
		flags = t->asserts ? holds(code_point(c), code_point(after)) : 0;
		matched |= step(m, count, c, place, flags);
		if (c == EDGE) {
			break;
		}
		place += c >> 24;
		c = after;
		if (matched && t->caps == 0) {
			break;
		}
	}
	return matched;
}

// rt_regex_matches reports whether a program, which notes nothing, matches anywhere in a text.
i32 rt_regex_matches(const u8 *table, str s) {
	u32 mark = rt_heap;
	u32 matched = search(machine_new(table, s), 0);
	rt_heap = mark;
	return (i32)matched;
}

// rt_regex_groups is what comes of a pattern that has more than one group where only one may be.
i32 rt_regex_groups(str s) {
	(void)s;
	return INVALID_ARGUMENT;
}

// held is what the last group holds, the match itself if there is none: empty if the group took no part.
static SMALL str held(const struct machine *m) {
	const u32 *last = m->match + m->t->caps - 2;
	return STR(at(m->text) + last[0], last[1] - last[0]);
}

// rt_regex_extract is an optional of the first match, or of what its group holds, unless that is empty.
SMALL i32 rt_regex_extract(const u8 *table, str s) {
	u32 mark = rt_heap;
	struct machine *m = machine_new(table, s);
	u32 there = search(m, 0);
	if (there) {
		rt_out[1] = held(m);
		there = m->t->caps == 2 || len(rt_out[1]) != 0;
	}
	rt_out[0] = there;
	rt_heap = mark;
	return OK;
}

// So many characters may be read again by a call.
enum { MAX_REREAD = 1 << 22 };

// again finds the next match behind the last, from a place on, and returns where to go on from; NOWHERE: there is none. An empty match where
// one has just ended is passed over. m->match[1] is where the last one ended.
static SMALL u32 again(struct machine *m, u32 place) {
	u32 last = place == 0 ? NOWHERE : m->match[1];
	for (;;) {
		if (place > len(m->text) || !search(m, place)) {
			return NOWHERE;
		}
		u32 repeated = m->match[1] == place && m->match[0] == last;
		last = m->match[1];
		if (place < last) {
			place = last;
		} else {
			u32 c = rune_at(m->text, place);
			place += c == EDGE ? 1 : c >> 24;
		}
		if (!repeated) {
			return place;
		}
	}
}

// rereads are the characters that may be read again behind a match.
static inline u32 rereads(const struct machine *m, u32 reach) {
	u32 behind = len(m->text) - m->match[1];
	return behind < reach ? behind : reach;
}

// rt_regex_extract_all is the list of all matches, or of what the group of each holds, unless that is empty.
SMALL i32 rt_regex_extract_all(const u8 *table, str s, u32 reach) {
	u32 room = len(s) < MAX_MADE_ELEMENTS ? len(s) + 1 : MAX_MADE_ELEMENTS, count = 0, read = 0;
	str *list = rt_alloc(8 * room);
	u32 mark = rt_heap;
	struct machine *m = machine_new(table, s);
	for (u32 place = 0; (place = again(m, place)) != NOWHERE;) {
		read += rereads(m, reach);
		if (read > MAX_REREAD) {
			return LIMIT;
		}
		str one = held(m);
		if (m->t->caps > 2 && len(one) == 0) {
			continue;
		}
		if (count == MAX_MADE_ELEMENTS) {
			return LIMIT;
		}
		list[count++] = one;
	}
	rt_heap = mark;
	rt_out[0] = STR(list, count);
	return OK;
}

// is_replacement reports whether a replacement is right, for a pattern of so many groups: a backslash is followed by a group's number or another one.
static SMALL u32 is_replacement(str by, u32 groups) {
	const u8 *p = at(by), *end = p + len(by);
	for (; p < end; p++) {
		if (*p == '\\') {
			p++;
			if (p == end || (*p != '\\' && (u32)(*p - '0') > (groups < 9 ? groups : 9))) {
				return 0;
			}
		}
	}
	return 1;
}

// put_replacement puts a replacement behind a text that grows.
static SMALL str put_replacement(const struct machine *m, str text, str by) {
	const u8 *p = at(by), *end = p + len(by), *from = p;
	for (; p < end; p++) {
		if (*p != '\\') {
			continue;
		}
		text = rt_str_grow(text, STR(from, p - from));
		p++;
		from = p;
		if (*p != '\\') {
			const u32 *group = m->match + 2 * (*p - '0');
			text = rt_str_grow(text, STR(at(m->text) + group[0], group[1] - group[0]));
			from++;
		}
	}
	return rt_str_grow(text, STR(from, end - from));
}

// rt_regex_replace puts a text in the place of the first n matches, of all if n is negative. In it \1 stands for what the first group holds.
SMALL i32 rt_regex_replace(const u8 *table, str s, str by, i64 n, u32 reach, u32 groups) {
	if (n == 0) {
		rt_out[0] = s;
		return OK;
	}
	u32 fits = is_replacement(by, groups), last = 0, read = 0;
	struct machine *m = machine_new(table, s);
	str text = STR(rt_alloc(0), 0);
	for (u32 place = 0; (place = again(m, place)) != NOWHERE;) {
		if (!fits) {
			return INVALID_ARGUMENT;
		}
		read += rereads(m, reach);
		if (read > MAX_REREAD) {
			return LIMIT;
		}
		text = rt_str_grow(text, STR(at(s) + last, m->match[0] - last));
		text = put_replacement(m, text, by);
		last = m->match[1];
		if (len(text) > MAX_MADE_BYTES) {
			return LIMIT;
		}
		if (--n == 0) {
			break;
		}
	}
	text = rt_str_grow(text, STR(at(s) + last, len(s) - last));
	rt_out[0] = text;
	return len(text) > MAX_MADE_BYTES ? LIMIT : OK;
}
