// The guest's tables and decisions as a native program under sanitizers: it reads calls from its standard input and writes results. Memory
// is a piece of the lowest 4 GiB, of which only what the caller has put there may be read.

#include <sanitizer/asan_interface.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "../../guest/src/rt.h"
#include "../../guest/src/memory.c"
#include "../../guest/src/text.c"
#include "../../guest/src/evidence.c"
#include "../../guest/src/decide.c"
#include "../../guest/src/rollout.c"
#include "../../guest/src/set.c"
#include "../../guest/src/dfa.c"

enum { BASE = 0x10000000, SIZE = 64 << 20 };

u32 rt_heap, rt_stands, rt_fault;
u64 rt_touched;
struct places places;

void *rt_alloc(u32 n) {
	(void)n;
	abort(); // nothing here takes memory
}

static void get(void *p, size_t n) {
	if (n && fread(p, n, 1, stdin) != 1)
		exit(0);
}

static u32 get32(void) {
	u32 v;
	get(&v, 4);
	return v;
}

static u64 get64(void) {
	u64 v;
	get(&v, 8);
	return v;
}

static void put32(u32 v) { fwrite(&v, 4, 1, stdout); }

// Names with what they stand for, as the compiler's own functions would know them.
struct names {
	u32 n;
	str name[200];
	i32 value[200];
} acrs, words;

static i32 look(const struct names *t, str s, i32 none) {
	for (u32 i = 0; i < t->n; i++)
		if (rt_str_eq(t->name[i], s))
			return t->value[i];
	return none;
}

u32 rt_acr(str s) { return look(&acrs, s, 0); }
i32 rt_method(str s) { return look(&words, s, -1); }

static void get_names(struct names *t) {
	t->n = get32();
	for (u32 i = 0; i < t->n; i++) {
		t->name[i] = get64();
		t->value[i] = get32();
	}
}

// A rule as compiled code has it in its instructions, and what its condition comes to.
struct row {
	u32 kind; // DENY, STEP_UP; NEED: on trial
	u32 let_in;
	u32 rule, level;
	i64 limit;
	u64 max_age, methods;
	u32 rollout, fault; // fault of `by`
	str by;
	u32 result, pad;
	u64 touched;
} rows[300];

static i32 met(const struct row *w) {
	if (w->methods)
		return rt_meets(w->level, w->limit, w->methods);
	return rt_state.ages[w->level - 1] <= w->limit;
}

// verdict is the glue that compiled code has around a rule's condition. It returns whether there is something to say.
static i32 verdict(const struct row *w, u32 *result) {
	i32 in = 1;
	u32 by = 0;
	if (w->rollout) {
		by = w->fault;
		in = by ? !(w->rule & RULE_SKIP) : rt_rolled(PTR(const u64, w->rollout), w->by);
	}
	*result = in ? w->result : 0;
	rt_touched = w->touched;
	if (!(*result | by))
		return 0;
	rt_fault = by;
	return 1;
}

static void step(const struct row *w, u32 result) {
	if (w->methods || w->rollout)
		rt_step(result, w->rule, w->max_age, w->methods);
	else
		rt_step_plain(result, w->rule, w->max_age);
}

// ask is what an action's code does in a round.
static void ask(u32 n, i32 again) {
	u32 result;
	if (!again)
		for (struct row *w = rows; w < rows + n; w++)
			if (w->kind == DENY && w->let_in && verdict(w, &result))
				rt_deny(result, w->rule);
	if (!again && rt_stands)
		return;
	for (struct row *w = rows; w < rows + n; w++)
		if (w->kind == STEP_UP && w->let_in && met(w) == again && verdict(w, &result))
			step(w, result);
}

static void decide(const struct record *r, u32 n) {
	u32 result, again = 0;
	rt_evidence(r);
	do
		ask(n, (i32)again);
	while (rt_stands && (again = rt_settle(r)));
	if (rt_state.effect == NEED)
		return;
	for (struct row *w = rows; w < rows + n; w++)
		if (w->kind == NEED && w->let_in && (!LEVEL(w->rule) || !met(w)) && verdict(w, &result))
			rt_trial(result, w->rule);
}

static void put_decision(u32 words) {
	fwrite(&rt_state, 80, 1, stdout);
	fwrite(PTR(void, rt_state.reasons), 4, words, stdout);
	fwrite(PTR(void, rt_state.shadow), 4, words, stdout);
	fwrite(PTR(void, rt_state.waiting), 4, words, stdout);
	fwrite(PTR(void, rt_state.groups), 8, rt_state.groups_n, stdout);
	fwrite(PTR(void, rt_state.faults), 8, rt_state.faults_n, stdout);
}

int main(void) {
	void *base = mmap((void *)BASE, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE | MAP_NORESERVE, -1, 0);
	if (base != (void *)BASE)
		return 1;
	ASAN_POISON_MEMORY_REGION(base, SIZE);
	for (;;) {
		u32 op = get32(), a, b;
		switch (op) {
		case 'M': // memory
			a = get32();
			b = get32();
			ASAN_UNPOISON_MEMORY_REGION(PTR(void, a), b);
			get(PTR(void, a), b);
			break;
		case 'F': // forget from an address on
			a = get32();
			b = get32();
			ASAN_POISON_MEMORY_REGION(PTR(void, a), b);
			break;
		case 'N':
			get_names(&acrs);
			get_names(&words);
			break;
		case 'W':
			places.ladder = PTR(const struct ladder, get32());
			places.faults = PTR(struct fault, get32());
			places.pending = PTR(struct pending, get32());
			places.groups = PTR(u64, get32());
			places.sets = PTR(u32, get32());
			places.state = PTR(struct decision, get32());
			break;
		case 'D':
			a = get32();
			b = get32();
			get(rows, b * sizeof *rows);
			decide(PTR(const struct record, a), b);
			put_decision(rt_ladder.words);
			break;
		case 'H': // rollout
			a = get32();
			put32(rt_rolled(PTR(const u64, a), get64()));
			break;
		case 'S':
			a = get32();
			put32(rt_in_strs(PTR(const u32, a), get64()));
			break;
		case 'I':
			a = get32();
			put32(rt_in_ints(PTR(const u64, a), get64()));
			break;
		case 'T': {
			a = get32();
			u64 seconds = get64();
			put32(rt_in_times(PTR(const u32, a), seconds, get64()));
			break;
		}
		case 'A':
			a = get32();
			put32(rt_in_ips(PTR(const u32, a), PTR(const u8, get32())));
			break;
		case 'X':
			a = get32();
			put32(rt_dfa(PTR(const u8, a), get64()));
			break;
		case 'E': // what has been asked is answered
			fflush(stdout);
			break;
		default:
			return 2;
		}
	}
}
