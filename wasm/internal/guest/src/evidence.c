// What a session proves, and how fresh: docs/language.md, "Evidence". A policy's decision begins here, so most sessions, which have one
// authentication, take a path without searches.

#include "decide.h"

static struct authentication authentications[1 + MAX_AUTHENTICATIONS], *last; // last: behind the last
static u32 kept;							      // the session keeps its authentications
static u32 pending_n;							      // of rt_pending
static u64 not_before;							      // its age in whole seconds, all ones: none

// elapsed is the time from one moment to another in halves of a second. Its sign is exact.
static i64 elapsed(const struct moment *from, const struct moment *to) {
	i64 seconds = (i64)(((u64)to->seconds - (u64)from->seconds) << 1);
	return seconds + (to->nanos > from->nanos) - (to->nanos < from->nanos);
}

static inline i64 younger(i64 a, i64 b) { return a < b ? a : b; }
static inline i64 older(i64 a, i64 b) { return a > b ? a : b; }

// methods_of is the set of a list of words. Those that no rule or level names are left out.
u64 methods_of(u64 list) {
	const str *s = PTR(const str, list), *end = s + (list >> 32);
	u64 set = 0;
	for (; s < end; s++) {
		i32 bit = rt_method(*s);
		if (bit >= 0)
			set |= 1ull << bit;
	}
	return set;
}

// add takes an authentication in, unless it is dated more than a minute ahead or before `voided`.
static NOINLINE void add(const struct record *r, const struct moment *voided, u32 given, const struct facts *f) {
	struct authentication *a = last;
	a->level = given & GIVEN_ACR ? rt_acr(f->acr) : 0;
	a->methods = 0;
	if (a->level < rt_ladder.asked && given & GIVEN_AMR)
		a->methods = methods_of(f->amr);
	a->age = UNAGED;
	if (given & GIVEN_TIME) {
		i64 age = elapsed(&f->time, &r->now);
		if (age < -120 || (voided && elapsed(&f->time, voided) > 0))
			return;
		a->age = older(age, 0);
	} else if (voided) {
		return;
	}
	last = a + 1;
}

// freshest is the age of the youngest authentication of a level by its acr that has all of these methods, if there are any.
static SMALL i64 freshest(u32 level, u64 methods) {
	i64 age = UNPROVED;
	for (const struct authentication *a = authentications; a < last; a++)
		if (a->level >= level && !(methods & ~a->methods))
			age = younger(age, a->age);
	return age;
}

// shown is the age at which an amr set is proved: each method at its freshest, but a ceremony is one authentication.
static SMALL i64 shown(u64 set) {
	i64 age = 0;
	while (set) {
		u64 part = set & rt_ladder.ceremony ? set : set & -set;
		age = older(age, freshest(0, part));
		set ^= part;
	}
	return age;
}

// single finds the level that one authentication proves, if there is one.
static inline u32 single(void) {
	const struct authentication *a = authentications;
	u32 level = 0;
	i64 age = UNPROVED;
	if (a < last) {
		level = a->level;
		age = a->age;
		for (const struct amr_set *s = rt_ladder.set; s->level > level; s++)
			if (!(s->methods & ~a->methods))
				level = s->level;
	}
	for (u32 i = 0; i < rt_ladder.levels; i++)
		rt_ages[i] = i < level ? age : UNPROVED;
	return level;
}

// several does so for several together.
static SMALL u32 several(void) {
	const struct amr_set *s = rt_ladder.set;
	u32 level = 0;
	i64 age = UNPROVED;
	for (u32 i = rt_ladder.levels; i > 0; i--) {
		age = younger(age, freshest(i, 0));
		for (; s->level == i; s++)
			age = younger(age, shown(s->methods));
		rt_ages[i - 1] = age;
		if (!level && age != UNPROVED)
			level = i;
	}
	return level;
}

static SMALL void others(const struct record *r, const struct moment *voided) {
	const u32 *o = PTR(const u32, r->authentications);
	u32 n = (u32)(r->authentications >> 32);
	if (n > MAX_AUTHENTICATIONS)
		__builtin_trap();
	for (; n; n--, o++) {
		const struct body *b = PTR(const struct body, *o);
		add(r, voided, b->given, &b->facts);
	}
}

// prepare makes the state anew where a decision has left something in it.
static SMALL void prepare(void) {
	for (u32 i = 0; i < 3 * rt_ladder.words; i++)
		rt_sets[i] = 0;
	rt_state.effect = ALLOW;
	rt_state.shadow_effect = rt_state.level = rt_state.groups_n = rt_state.faults_n = rt_state.dirty = rt_stands = pending_n = 0;
	rt_state.max_age = ~0ull;
	rt_state.need = 0;
}

// rt_evidence begins a decision, and returns the place of the level that is proved, 0: none.
u32 rt_evidence(const struct record *r) {
	const struct moment *voided = 0;
	if (rt_state.dirty)
		prepare();
	not_before = ~0ull;
	if (r->given & GIVEN_NOT_BEFORE) {
		voided = &r->not_before;
		if (elapsed(voided, &r->now) < 0)
			voided = &r->now;
		not_before = (u64)(elapsed(voided, &r->now) >> 1);
	}
	last = authentications;
	add(r, voided, r->given, &r->session);
	kept = r->given & GIVEN_AUTHENTICATIONS;
	if (kept)
		others(r, voided);
	u32 level = last > authentications + 1 ? several() : single();
	rt_state.satisfied = level;
	rt_state.age = -1;
	if (level && rt_ages[level - 1] != UNAGED)
		rt_state.age = rt_ages[level - 1] >> 1;
	return level;
}

// among is the age of the youngest authentication of a level by its acr that has all of these methods, and one of those.
static SMALL i64 among(u32 level, u64 all, u64 some) {
	i64 age = UNPROVED;
	for (; some; some &= some - 1)
		age = younger(age, freshest(level, all | (some & -some)));
	return age;
}

// rt_meets reports whether the session meets a rule that asks for one of some methods. (One that asks for none is met if the age of its level
// is within the limit.)
SMALL i32 rt_meets(u32 level, i64 limit, u64 methods) {
	u64 ceremony = methods & rt_ladder.ceremony, plain = methods & ~rt_ladder.ceremony;
	if (rt_ages[level - 1] > limit)
		return 0;
	i64 age = among(level, 0, methods), method = among(0, 0, plain);
	for (const struct amr_set *s = rt_ladder.set; s->level >= level; s++) {
		age = younger(age, older(shown(s->methods), method));
		age = younger(age, among(0, s->methods, ceremony)); // of the same authentication as the set
	}
	return age <= limit;
}
